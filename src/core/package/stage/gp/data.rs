//! Data that tools name: what is copied, and where it is in the package.

use std::path::{Path, PathBuf};

use crate::dataset::{Copy, Datasets, Source};
use crate::package::archive::Entry;
use crate::project::paths;
use crate::sddraft::{DatabaseEntry, DatasetEntry};
use crate::{Error, Result};

use super::super::{guid, raster};
use super::{code, file_name};

/// The data of a package.
pub(super) struct Collection {
    /// Nothing is copied: tools find their data where it is.
    pub(super) by_reference: bool,
    /// Folder in the package.
    folder: &'static str,
    geodatabases: Vec<Geodatabase>,
    files: Vec<(PathBuf, String)>,
}

struct Geodatabase {
    path: PathBuf,
    name: String,
    copies: Vec<Copy>,
}

impl Collection {
    pub(super) fn new(by_reference: bool, folder: &'static str) -> Self {
        Self { by_reference, folder, geodatabases: Vec::new(), files: Vec::new() }
    }

    /// Takes what a path names into the package; returns its place below the folder of data, or nothing
    /// where the path names no data.
    pub(super) fn place(&mut self, text: &str, datasets: &dyn Datasets) -> Result<Option<String>> {
        let path = paths::destination(text, Path::new("."));
        if let Some((container, inside)) = split_container(&path) {
            if !container.exists() {
                return Ok(None);
            }
            return self.dataset(&container, inside.as_deref(), datasets);
        }
        if !path.is_file() || code::is_code(&path) {
            return Ok(None);
        }
        if let Some((_, name)) = self.files.iter().find(|(known, _)| *known == path) {
            return Ok(Some(name.clone()));
        }
        let own = file_name(&path);
        let number = self.files.len();
        let taken = self.files.iter().any(|(_, name)| name.eq_ignore_ascii_case(&own));
        let place = if taken { format!("files{number}/{own}") } else { own };
        self.files.push((path, place.clone()));
        Ok(Some(place))
    }

    fn dataset(
        &mut self,
        container: &Path,
        inside: Option<&str>,
        datasets: &dyn Datasets,
    ) -> Result<Option<String>> {
        let listed = datasets.list(container)?;
        let wanted: Vec<String> = match inside {
            None => listed,
            Some(inside) => {
                // A feature dataset in between has no counterpart in the copy.
                let last = inside.rsplit('/').next().unwrap_or(inside);
                match listed.into_iter().find(|name| name.eq_ignore_ascii_case(last)) {
                    Some(name) => vec![name],
                    None => return Ok(None),
                }
            }
        };
        let known = self.geodatabases.iter().position(|one| one.path == container);
        let index = known.unwrap_or_else(|| self.open(container));
        let Some(geodatabase) = self.geodatabases.get_mut(index) else { return Ok(None) };
        for name in &wanted {
            if geodatabase.copies.iter().any(|copy| copy.target == *name) {
                continue;
            }
            let source = Source { path: container.to_path_buf(), layer: Some(name.clone()), filter: None };
            geodatabase.copies.push(Copy { source, target: name.clone() });
        }
        Ok(Some(match (inside, wanted.first()) {
            (Some(_), Some(name)) => format!("{}/{name}", geodatabase.name),
            _ => geodatabase.name.clone(),
        }))
    }

    /// Begins the copy of a container, under a name that no other has.
    fn open(&mut self, container: &Path) -> usize {
        let stem = container.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let plain = format!("{stem}.gdb");
        let taken = self.geodatabases.iter().any(|one| one.name.eq_ignore_ascii_case(&plain));
        let name = if taken { format!("{stem}_{}.gdb", self.geodatabases.len()) } else { plain };
        self.geodatabases.push(Geodatabase { path: container.to_path_buf(), name, copies: Vec::new() });
        self.geodatabases.len() - 1
    }

    /// Copies the data and returns the files of the package.
    pub(super) fn run(&self, scratch: &Path, datasets: &dyn Datasets) -> Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for geodatabase in self.geodatabases.iter().filter(|one| !one.copies.is_empty()) {
            let target = scratch.join(&geodatabase.name);
            datasets.copy_to_geodatabase(&geodatabase.copies, &target)?;
            let mut names: Vec<PathBuf> = Vec::new();
            for entry in std::fs::read_dir(&target).map_err(|error| Error::io("read", &target, error))? {
                names.push(entry.map_err(|error| Error::io("read", &target, error))?.path());
            }
            names.sort_unstable();
            for path in names.into_iter().filter(|path| path.is_file()) {
                entries.push(Entry::file(
                    format!("{}/{}/{}", self.folder, geodatabase.name, file_name(&path)),
                    path,
                ));
            }
        }
        for (path, place) in &self.files {
            let beside = place.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
            for file in files_of(path)? {
                let name = format!("{}/{beside}{}", self.folder, file_name(&file));
                if !entries.iter().any(|entry: &Entry| entry.name == name) {
                    entries.push(Entry::file(name, file));
                }
            }
        }
        Ok(entries)
    }

    /// The geodatabases as the manifest lists them.
    pub(super) fn databases(&self) -> Vec<DatabaseEntry> {
        let entry = |geodatabase: &Geodatabase| {
            let path = geodatabase.path.display().to_string();
            let place = format!("{}\\{}", self.folder, geodatabase.name);
            let factory = "esriDataSourcesGDB.FileGDBWorkspaceFactory".to_owned();
            DatabaseEntry {
                id: guid::guid(&["database", &path]),
                name: geodatabase.name.clone(),
                in_package_path: place.clone(),
                on_premise_factory: factory.clone(),
                on_premise_connection: format!("DATABASE={path}"),
                in_package_factory: factory,
                by_reference: false,
                datasets: geodatabase
                    .copies
                    .iter()
                    .map(|copy| DatasetEntry {
                        id: guid::guid(&["dataset", &path, &copy.target]),
                        name: copy.target.clone(),
                        on_premise_path: format!("{path}/{}", copy.target),
                        in_package_path: format!("{place}\\{}", copy.target),
                        dataset_type: "esriDTFeatureClass".to_owned(),
                    })
                    .collect(),
            }
        };
        self.geodatabases.iter().filter(|one| !one.copies.is_empty()).map(entry).collect()
    }
}

/// A file with what belongs to it: all files of its stem for shapefiles, sidecars for rasters.
fn files_of(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.extension().is_some_and(|suffix| suffix.eq_ignore_ascii_case("shp")) {
        return raster::files(path);
    }
    let home = path.parent().unwrap_or(Path::new("."));
    let failed = |error| Error::io("read", home, error);
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
    let mut found = Vec::new();
    for entry in std::fs::read_dir(home).map_err(failed)? {
        let other = entry.map_err(failed)?.path();
        let same = file_name(&other).to_lowercase().split('.').next() == Some(stem.as_str());
        if same && other.is_file() && !code::is_code(&other) {
            found.push(other);
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Splits `/gis/a.gdb/roads` into the geodatabase and what is inside.
fn split_container(path: &Path) -> Option<(PathBuf, Option<String>)> {
    let is_container = |part: &Path| {
        part.extension()
            .is_some_and(|suffix| suffix.eq_ignore_ascii_case("gdb") || suffix.eq_ignore_ascii_case("gpkg"))
    };
    let container = path.ancestors().find(|part| is_container(part))?;
    let inside = path.strip_prefix(container).ok()?;
    let inside =
        inside.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
    Some((container.to_path_buf(), (!inside.is_empty()).then_some(inside)))
}
