//! Rasters: which files belong to one, and where they go.

use std::path::{Path, PathBuf};

use crate::package::archive::Entry;
use crate::{Error, Result};

/// The folder of rasters beside the geodatabases.
pub(super) const FOLDER: &str = "raster_data";

/// Lists the files of a raster: its own, and those beside it that carry the same name, such as world
/// files, pyramids, statistics and projections. Grids and geodatabases are folders and come whole.
pub(super) fn files(raster: &Path) -> Result<Vec<PathBuf>> {
    let failed = |error| Error::io("read", raster, error);
    if raster.is_dir() {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(raster).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let is_lock = path.extension().is_some_and(|suffix| suffix.eq_ignore_ascii_case("lock"));
            if path.is_file() && !is_lock {
                found.push(path);
            }
        }
        found.sort_unstable();
        return Ok(found);
    }
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let whole = name(raster);
    let stem = raster.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
    let folder = raster.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut found = vec![raster.to_path_buf()];
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let other = name(&path);
        let beside = other.strip_prefix(&whole).is_some_and(|rest| rest.starts_with('.'))
            || other.strip_prefix(&stem).is_some_and(|rest| SIDECARS.contains(&rest));
        if beside && path.is_file() {
            found.push(path);
        }
    }
    found.sort_unstable();
    Ok(found)
}

const SIDECARS: &[&str] = &[
    ".tfw", ".tifw", ".jgw", ".jpgw", ".pgw", ".pngw", ".wld", ".bpw", ".prj", ".aux", ".aux.xml", ".rrd",
    ".ovr", ".hdr", ".clr", ".stx", ".msk", ".ige", ".rpb", ".imd", ".vat.dbf", ".xml",
];

/// A raster and its place in the package.
#[derive(Clone, Debug)]
pub(super) struct Raster {
    /// What the author has.
    pub(super) path: PathBuf,
    /// Folder in the package, `cd/raster_data`.
    pub(super) folder: String,
    /// Name there, `dem.tif`.
    pub(super) name: String,
}

impl Raster {
    /// Lists its files for the archive; they are read when they are packed, piece by piece.
    pub(super) fn entries(&self) -> Result<Vec<Entry>> {
        let files = files(&self.path)?;
        if self.path.is_dir() {
            let inside = format!("{}/{}", self.folder, self.name);
            return Ok(files
                .into_iter()
                .map(|path| {
                    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                    Entry::file(format!("{inside}/{name}"), path)
                })
                .collect());
        }
        let own = self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let new = Path::new(&self.name).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(files
            .into_iter()
            .map(|path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                // Sidecars follow a raster that had to be renamed.
                let rest = name.get(own.len()..).filter(|_| own != new);
                let name = rest.map_or(name.clone(), |rest| format!("{new}{rest}"));
                Entry::file(format!("{}/{name}", self.folder), path)
            })
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_raster_brings_its_sidecars_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["dem.tif", "dem.tfw", "dem.tif.aux.xml", "dem.tif.ovr", "demo.tif", "dem.shp", "dem.PRJ"]
        {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        let raster = Raster {
            path: folder.path().join("dem.tif"),
            folder: "cd/raster_data".into(),
            name: "dem_1.tif".into(),
        };
        let mut names: Vec<String> = raster.entries().unwrap().into_iter().map(|entry| entry.name).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "cd/raster_data/dem_1.PRJ",
                "cd/raster_data/dem_1.tfw",
                "cd/raster_data/dem_1.tif",
                "cd/raster_data/dem_1.tif.aux.xml",
                "cd/raster_data/dem_1.tif.ovr"
            ]
        );
    }
}
