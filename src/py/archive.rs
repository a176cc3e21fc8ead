//! Packing a folder into a 7-Zip archive, and looking into one.
#![allow(clippy::needless_pass_by_value, reason = "arguments from Python are owned")]

use std::path::{Path, PathBuf};

use geosharing_core::package::Limits;
use geosharing_core::package::archive::{Entry, Profile, Reader, WriteOptions, write};
use geosharing_core::{Error, Result};
use pyo3::prelude::*;

use crate::error::BindError;

/// Pack a folder as service definitions are packed.
///
/// `profile` is `compatible` (LZMA, what ArcGIS writes), `fast` (Deflate) or `store`. `progress` is
/// called with bytes done and bytes in all; returning `False` gives up. Returns the archive's size.
#[pyfunction]
#[pyo3(signature = (folder, out, profile = "compatible", *, threads = None, progress = None))]
pub(crate) fn archive_folder(
    py: Python<'_>,
    folder: PathBuf,
    out: PathBuf,
    profile: &str,
    threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> Result<u64, BindError> {
    let profile = parse_profile(profile)?;
    let mut raised = None;
    let written = py.detach(|| {
        let entries = folder_entries(&folder)?;
        write(&out, entries, profile, &WriteOptions { threads }, &mut |done, total| {
            let Some(progress) = &progress else { return true };
            let answer = Python::attach(|py| {
                let answer = progress.call1(py, (done, total))?;
                Ok::<_, PyErr>(answer.is_none(py) || answer.is_truthy(py)?)
            });
            answer.unwrap_or_else(|error| {
                raised = Some(error);
                false
            })
        })
    });
    match raised {
        Some(error) => Err(error.into()),
        None => Ok(written?.packed),
    }
}

/// List the files of a 7-Zip archive (`.sd`, `.ppkx`, `.mpkx`) with their unpacked sizes.
#[pyfunction]
pub(crate) fn archive_list(py: Python<'_>, path: PathBuf) -> Result<Vec<(String, u64)>, BindError> {
    let entries = py.detach(|| Reader::open(&path).map(|reader| reader.entries().to_vec()))?;
    Ok(entries.into_iter().filter(|entry| !entry.folder).map(|entry| (entry.name, entry.size)).collect())
}

/// Unpack one file of a 7-Zip archive, refusing more than `max` bytes.
#[pyfunction]
#[pyo3(signature = (path, name, max = 1 << 30))]
pub(crate) fn archive_read(
    py: Python<'_>,
    path: PathBuf,
    name: &str,
    max: u64,
) -> Result<Vec<u8>, BindError> {
    Ok(py.detach(|| Reader::open(&path)?.read_to_vec(name, max))?)
}

/// Unpack the files of a 7-Zip archive whose names start with `prefix` below a folder.
#[pyfunction]
#[pyo3(signature = (path, folder, prefix = ""))]
pub(crate) fn archive_extract(
    py: Python<'_>,
    path: PathBuf,
    folder: PathBuf,
    prefix: &str,
) -> Result<Vec<PathBuf>, BindError> {
    Ok(py.detach(|| Reader::open(&path)?.extract(prefix, &folder, &Limits::default()))?)
}

/// Reads a profile's name.
pub(crate) fn parse_profile(name: &str) -> Result<Profile> {
    match name {
        "compatible" => Ok(Profile::Compatible),
        "fast" => Ok(Profile::Fast),
        "store" => Ok(Profile::Store),
        other => Err(Error::invalid(format!(
            "`{other}` is no packing profile; choose `compatible`, `fast` or `store`"
        ))),
    }
}

/// Names every file below a folder.
fn folder_entries(folder: &Path) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut folders = vec![(folder.to_owned(), String::new())];
    while let Some((at, prefix)) = folders.pop() {
        let failed = |error| Error::io("list", &at, error);
        for found in std::fs::read_dir(&at).map_err(failed)? {
            let found = found.map_err(failed)?;
            let name = found.file_name().into_string().map_err(|name| {
                Error::invalid(format!("the name `{}` in `{}` is not Unicode", name.display(), at.display()))
            })?;
            let path = found.path();
            if path.is_dir() {
                folders.push((path, format!("{prefix}{name}/")));
            } else {
                entries.push(Entry::file(format!("{prefix}{name}"), path));
            }
        }
    }
    Ok(entries)
}
