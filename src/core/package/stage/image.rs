//! Image services: a raster, or a mosaic dataset, by reference or copied.

use std::path::{Path, PathBuf};

use super::consolidate::has_suffix;
use super::guid::guid;
use super::raster::{FOLDER, Raster};
use super::{Job, stem};
use crate::Result;
use crate::analyze::{Finding, Severity};
use crate::package::archive::Entry;
use crate::project::paths;
use crate::sddraft::{DatabaseEntry, DatasetEntry, ManifestExtras};

/// Makes the files of the archive; none when a finding is an error.
pub(super) fn entries(job: &Job<'_>, findings: &mut Vec<Finding>) -> Result<Vec<Entry>> {
    let draft = job.draft;
    let written = draft.resource().on_premise_path;
    if draft.by_reference() {
        let entry = database(&draft.id(), &written, None);
        return job.settings(extras(vec![entry]));
    }
    let folder = job.path.parent().unwrap_or(Path::new("."));
    let Some((container, name)) = locate(&written, folder) else {
        let text = format!(
            "Image service's data source is inaccessible: `{written}` was not found; create the draft again where the \
             raster is, or register the data and set copy_data_to_server = False"
        );
        findings.push(Finding::new(Severity::Error, 3, text));
        return Ok(Vec::new());
    };
    let raster = Raster {
        name: container.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        folder: format!("{}/{FOLDER}", job.target.data),
        path: container,
    };
    let text = "Data source is not registered with the server and data will be copied to the server";
    findings.push(Finding::new(Severity::Message, 24_011, text).about(stem(&raster.path)));
    let copy = match &name {
        Some(name) => format!("{}\\{name}", raster.name),
        None => raster.name.clone(),
    };
    let entry = database(&draft.id(), &written, Some((job.target.data, &copy)));
    let mut entries = raster.entries()?;
    entries.extend(job.settings(extras(vec![entry]))?);
    Ok(entries)
}

/// Finds the raster's file, or its geodatabase and its name in there.
fn locate(written: &str, folder: &Path) -> Option<(PathBuf, Option<String>)> {
    if let Ok(path) = paths::resolve(written, folder) {
        return Some((path, None));
    }
    let (container, name) = written.rsplit_once(['\\', '/'])?;
    let inside = has_suffix(container, "gdb");
    let path = paths::resolve(container, folder).ok().filter(|path| inside && path.is_dir())?;
    Some((path, Some(name.to_owned())))
}

fn extras(databases: Vec<DatabaseEntry>) -> ManifestExtras {
    let dataset_ids =
        databases.iter().flat_map(|database| &database.datasets).map(|dataset| dataset.id.clone()).collect();
    let copied =
        databases.iter().flat_map(|database| &database.datasets).map(|one| one.in_package_path.clone());
    let in_package_path = copied.into_iter().next().unwrap_or_default();
    ManifestExtras { in_package_path, dataset_ids, databases, ..ManifestExtras::default() }
}

/// Describes the raster's workspace; `copy` is the data folder and the raster's path in it.
fn database(id: &str, written: &str, copy: Option<(&str, &str)>) -> DatabaseEntry {
    let (container, name) = written.rsplit_once(['\\', '/']).unwrap_or(("", written));
    let factory = if has_suffix(container, "sde") {
        "esriDataSourcesGDB.SdeWorkspaceFactory"
    } else if has_suffix(container, "gdb") {
        "esriDataSourcesGDB.FileGDBWorkspaceFactory"
    } else {
        "esriDataSourcesRaster.RasterWorkspaceFactory"
    };
    let in_package = copy.map(|(data, _)| format!("{data}\\{FOLDER}")).unwrap_or_default();
    DatabaseEntry {
        id: guid(&["database", id, container]),
        name: container.rsplit(['\\', '/']).next().unwrap_or_default().to_owned(),
        in_package_path: in_package.clone(),
        on_premise_factory: factory.to_owned(),
        on_premise_connection: format!("DATABASE={container}"),
        in_package_factory: if copy.is_some() { factory.to_owned() } else { String::new() },
        by_reference: copy.is_none(),
        datasets: vec![DatasetEntry {
            id: guid(&["dataset", id, written]),
            name: name.to_owned(),
            on_premise_path: written.to_owned(),
            in_package_path: copy.map(|(_, path)| format!("{in_package}\\{path}")).unwrap_or_default(),
            dataset_type: "esriDTRasterDataset".to_owned(),
        }],
    }
}
