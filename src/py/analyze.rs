//! Binding of the analyzers.

use std::path::PathBuf;

use geosharing_core::Result as CoreResult;
use geosharing_core::analyze::{Request, Target, catalogue, reason};
use geosharing_core::sddraft::{Document, ServerType};
use pyo3::prelude::*;
use pythonize::{depythonize, pythonize};
use serde_json::{Value, json};

use crate::dataset::PyDatasets;
use crate::error::BindError;
use crate::project::PyProject;

/// Analyzes a map of a project, or tools, a raster or a locator without one; returns `findings` and
/// `not_checked`.
#[pyfunction]
#[pyo3(signature = (project, request))]
pub(crate) fn analyze<'py>(
    py: Python<'py>,
    project: Option<&PyProject>,
    request: &Bound<'py, PyAny>,
) -> Result<Bound<'py, PyAny>, BindError> {
    let request: Request = depythonize(request).map_err(PyErr::from)?;
    let project = project.map(|project| project.project().clone());
    let report = py.detach(move || -> CoreResult<_> {
        let map = project.map(|project| project.map_by_path(&request.map_uri)).transpose()?;
        request.analyze(map.as_ref(), &PyDatasets)
    })?;
    Ok(pythonize(py, &report).map_err(PyErr::from)?)
}

/// Returns the catalogue of analyzers, one dictionary a row, with the reason of those that are not decided.
#[pyfunction]
pub(crate) fn analyzer_catalogue(py: Python<'_>) -> Result<Bound<'_, PyAny>, BindError> {
    let rows: Vec<Value> = catalogue()
        .iter()
        .map(|entry| {
            let mut row = json!(entry);
            if let Some(members) = row.as_object_mut() {
                members.insert("reason".to_owned(), json!(reason(entry.code)));
            }
            row
        })
        .collect();
    Ok(pythonize(py, &rows).map_err(PyErr::from)?)
}

/// Returns what a draft says of its making: `product`, `document`, `cim_path`, `by_reference`, the `server`
/// that it is for (a connection file or an address, or nothing), and its `text`.
#[pyfunction]
pub(crate) fn draft_about(py: Python<'_>, path: PathBuf) -> Result<Bound<'_, PyAny>, BindError> {
    let draft = Document::open(&path)?;
    let resource = draft.resource();
    let connection = draft.staging("ServerConnectionString").unwrap_or_default();
    let address = connection.split(';').find_map(|pair| pair.trim().strip_prefix("SERVERURL="));
    let file = draft.staging("ConnectionFile").filter(|file| !file.trim().is_empty());
    let server =
        file.or_else(|| address.map(str::to_owned)).filter(|_| draft.server_type() != ServerType::Hosted);
    let about = json!({
        "product": Target::of(&draft).product,
        "document": resource.on_premise_path,
        "cim_path": resource.cim_path,
        "by_reference": draft.by_reference(),
        "server": server.unwrap_or_default(),
        "text": draft.to_text(),
    });
    Ok(pythonize(py, &about).map_err(PyErr::from)?)
}

/// Returns what a draft's text makes, in the word of the analyzers.
#[pyfunction]
pub(crate) fn draft_product(py: Python<'_>, text: &str) -> Result<Py<PyAny>, BindError> {
    let target = Target::of(&Document::read(text.as_bytes())?);
    Ok(pythonize(py, &target.product).map_err(PyErr::from)?.unbind())
}
