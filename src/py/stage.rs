//! Binding of staging.

use std::path::PathBuf;

use geosharing_core::analyze::ServerFacts;
use geosharing_core::package::{self, StageOptions};
use geosharing_core::{Error, Kind};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pythonize::depythonize;

use crate::archive::parse_profile;
use crate::dataset::PyDatasets;
use crate::error::BindError;

/// Stages a draft and returns `path`, `written` and `findings`; without the GIL but for `progress`,
/// which gets bytes done and bytes in all.
#[pyfunction]
#[allow(clippy::too_many_arguments, reason = "keyword arguments")]
#[pyo3(signature = (draft, out, *, staging_version = 102, profile = "compatible", overwrite = false, server = None, progress = None))]
pub(crate) fn stage<'py>(
    py: Python<'py>,
    draft: PathBuf,
    out: PathBuf,
    staging_version: u32,
    profile: &str,
    overwrite: bool,
    server: Option<&Bound<'py, PyAny>>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let profile = parse_profile(profile).map_err(BindError::Core)?;
    let server: Option<ServerFacts> = server.map(depythonize).transpose()?;
    let options = StageOptions { staging_version, profile, overwrite, threads: None, server };
    let (staged, raised) = py.detach(move || {
        let mut raised = None;
        let staged = package::stage(&draft, &out, &options, &PyDatasets, &mut |done, total| {
            let told = Python::attach(|py| {
                py.check_signals()?;
                progress.as_ref().map_or(Ok(()), |progress| progress.call1(py, (done, total)).map(drop))
            });
            told.map_err(|error| raised = Some(error)).is_ok()
        });
        (staged, raised)
    });
    if let Some(error) = raised {
        return Err(error);
    }
    let staged = staged.map_err(BindError::Core)?;
    let out = PyDict::new(py);
    out.set_item("path", staged.path)?;
    out.set_item("written", staged.written)?;
    let findings = pythonize::pythonize(py, &staged.findings).map_err(|error| {
        BindError::Core(Error::new(Kind::Internal, format!("findings cannot be shown: {error}")))
    })?;
    out.set_item("findings", findings)?;
    Ok(out)
}
