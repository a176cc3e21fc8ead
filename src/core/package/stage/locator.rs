//! Geocode services: a locator, by reference or copied.

use std::path::{Path, PathBuf};

use super::consolidate::has_suffix;
use super::{Job, stem};
use crate::analyze::{Finding, Severity};
use crate::package::archive::Entry;
use crate::project::paths;
use crate::sddraft::ManifestExtras;
use crate::{Error, Result};

/// Makes the files of the archive; none when a finding is an error.
pub(super) fn entries(job: &Job<'_>, findings: &mut Vec<Finding>) -> Result<Vec<Entry>> {
    let draft = job.draft;
    let written = draft.resource().on_premise_path;
    if draft.by_reference() {
        return job.settings(ManifestExtras::default());
    }
    let folder = job.path.parent().unwrap_or(Path::new("."));
    let with_suffix = format!("{written}.loc");
    let found = [written.as_str(), &with_suffix].iter().find_map(|name| {
        let path = paths::resolve(name, folder).ok()?;
        path.is_file().then_some(path)
    });
    let Some(locator) = found else {
        let text = format!(
            "Locator is inaccessible: `{written}` was not found; create the draft again where the locator is, or \
             register its folder and set copy_data_to_server = False"
        );
        findings.push(Finding::new(Severity::Error, 3, text));
        return Ok(Vec::new());
    };
    let mut entries = Vec::new();
    for path in files(&locator)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        entries.push(Entry::file(format!("{}/{name}", job.target.folder), path));
    }
    let name = locator.file_name().unwrap_or_default().to_string_lossy();
    entries.extend(job.settings(ManifestExtras {
        in_package_path: format!("{}\\{name}", job.target.folder),
        ..ManifestExtras::default()
    })?);
    Ok(entries)
}

/// Lists the files of a locator: those with its name before the first dot, `x.loc`, `x.loz`, `x.loc.xml`.
fn files(locator: &Path) -> Result<Vec<PathBuf>> {
    let folder = locator.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |error| Error::io("read", folder, error);
    let own = format!("{}.lo", stem(locator).to_lowercase());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        if path.is_file() && name.starts_with(&own) && !has_suffix(&name, "lock") {
            found.push(path);
        }
    }
    found.sort_unstable();
    Ok(found)
}
