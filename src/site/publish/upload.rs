//! Files of data as people upload them: what may be in them, and how they are opened.
//!
//! GDAL knows a format by a file's content and many formats lead to other files, so a file is looked
//! at before GDAL is, and only members of the kind that was announced are opened.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use geosharing_core::package::{Limits, archive};
use geosharing_core::{Error, Result};
use serde_json::Value;

use super::csv;

/// The files of data that `publish` takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DataKind {
    /// Comma separated values, with coordinates in two columns or without.
    Csv,
    /// A GeoJSON document.
    GeoJson,
    /// Shapefiles in a zip archive.
    Shapefile,
    /// A file geodatabase in a zip archive.
    FileGeodatabase,
    /// A GeoPackage, zipped or not.
    GeoPackage,
}

impl DataKind {
    const ALL: [(Self, &'static str, &'static str); 5] = [
        (Self::Csv, "csv", "CSV"),
        (Self::GeoJson, "geojson", "GeoJson"),
        (Self::Shapefile, "shapefile", "Shapefile"),
        (Self::FileGeodatabase, "fileGeodatabase", "File Geodatabase"),
        (Self::GeoPackage, "geoPackage", "GeoPackage"),
    ];

    /// Finds the kind by the value of the parameter `fileType`.
    pub fn of(file_type: &str) -> Option<Self> {
        let mut all = Self::ALL.iter();
        all.find(|(_, name, _)| name.eq_ignore_ascii_case(file_type.trim())).map(|(kind, ..)| *kind)
    }

    /// Returns the type of the items that hold such files.
    pub fn item_type(self) -> &'static str {
        Self::ALL.iter().find(|(kind, ..)| *kind == self).map_or("", |(.., name)| name)
    }

    fn suffix(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::GeoJson => "geojson",
            Self::Shapefile => "shp",
            Self::FileGeodatabase => "gdb",
            Self::GeoPackage => "gpkg",
        }
    }

    fn zipped(self) -> bool {
        matches!(self, Self::Shapefile | Self::FileGeodatabase | Self::GeoPackage)
    }

    /// Tells whether a file begins as one of this kind does.
    fn begins(self, head: &[u8]) -> bool {
        let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
        match self {
            Self::Csv => !text.is_empty() && !matches!(text.first(), Some(b'<' | b'{' | b'[' | 0)),
            Self::GeoJson => text.first() == Some(&b'{'),
            Self::Shapefile => head.starts_with(&[0, 0, 0x27, 0x0a]),
            Self::FileGeodatabase => true,
            Self::GeoPackage => head.starts_with(b"SQLite format 3\0"),
        }
    }
}

/// Makes an uploaded file readable in `scratch` and returns the containers that are to be published.
pub(super) fn open(
    kind: DataKind,
    file: &Path,
    file_name: &str,
    parameters: &Value,
    scratch: &Path,
) -> Result<Vec<PathBuf>> {
    let head = head(file)?;
    let mut found = if kind.zipped() && head.starts_with(b"PK") {
        members(kind, &archive::unzip(file, scratch, &Limits::default())?)
    } else if matches!(kind, DataKind::Shapefile | DataKind::FileGeodatabase) {
        return Err(Error::invalid(format!("`{file_name}` is no zip archive; zip the {}", kind.item_type())));
    } else {
        let named = scratch.join(format!("{}.{}", stem(file_name), kind.suffix()));
        // The stored file has no suffix, by which GDAL tells text formats apart.
        if fs::hard_link(file, &named).is_err() {
            fs::copy(file, &named).map_err(|error| Error::io("copy", file, error))?;
        }
        vec![named]
    };
    if found.is_empty() {
        return Err(Error::invalid(format!("`{file_name}` holds no .{}", kind.suffix())));
    }
    for path in found.iter().filter(|path| path.is_file()) {
        if !kind.begins(&self::head(path)?) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            return Err(Error::invalid(format!("`{name}` is not what its type, {}, says", kind.item_type())));
        }
    }
    if kind == DataKind::Csv
        && let Some(path) = found.first_mut()
        && let Some(points) = csv::with_points(path, parameters, scratch)?
    {
        *path = points;
    }
    Ok(found)
}

fn head(path: &Path) -> Result<Vec<u8>> {
    let file = fs::File::open(path).map_err(|error| Error::io("open", path, error))?;
    let mut head = Vec::new();
    file.take(64).read_to_end(&mut head).map_err(|error| Error::io("read", path, error))?;
    Ok(head)
}

/// Finds the shapefiles, GeoPackages or geodatabase folders among unpacked files.
fn members(kind: DataKind, files: &[PathBuf]) -> Vec<PathBuf> {
    let is = |path: &Path| path.extension().is_some_and(|end| end.eq_ignore_ascii_case(kind.suffix()));
    let mut found: Vec<PathBuf> = if kind == DataKind::FileGeodatabase {
        files.iter().filter_map(|path| path.parent()).filter(|path| is(path)).map(Path::to_owned).collect()
    } else {
        files.iter().filter(|path| is(path)).cloned().collect()
    };
    found.sort();
    found.dedup();
    found
}

/// Returns a file's name without its ending, fit for a file of any system.
pub(super) fn stem(file_name: &str) -> String {
    let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem);
    let plain: String = stem
        .chars()
        .map(|c| if c.is_alphanumeric() || " _-".contains(c) { c } else { '_' })
        .take(100)
        .collect();
    let plain = plain.trim().to_owned();
    if plain.is_empty() { "data".to_owned() } else { plain }
}
