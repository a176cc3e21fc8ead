//! Drafts of tools, and the result files that they name.

use std::path::PathBuf;

use geosharing_core::analyze::GpFacts;
use geosharing_core::draft::{GeoprocessingSharingDraft, ToolSource};
use geosharing_core::sddraft::table::{self, ServiceKind};
use geosharing_core::toolbox::{Parameter, ResultFile, Task, service_parameter};
use pyo3::prelude::*;
use pythonize::{depythonize, pythonize};
use serde_json::Value;

use crate::error::BindError;

/// A web tool or geoprocessing service in the making.
#[pyclass(name = "GeoprocessingDraft", module = "geosharing._native")]
pub(crate) struct PyGeoprocessingDraft {
    draft: GeoprocessingSharingDraft,
}

fn object<'py>(py: Python<'py>, of: &Value) -> Result<Bound<'py, PyAny>, BindError> {
    Ok(pythonize(py, of).map_err(PyErr::from)?)
}

#[pymethods]
impl PyGeoprocessingDraft {
    #[new]
    fn new(name: &str) -> Result<Self, BindError> {
        Ok(Self { draft: GeoprocessingSharingDraft::new(name, ToolSource::default())? })
    }

    /// Says what is shared.
    fn set_source(&mut self, source: &Bound<'_, PyAny>) -> Result<(), BindError> {
        self.draft.source = depythonize(source).map_err(PyErr::from)?;
        Ok(())
    }

    /// Returns a property, or its default.
    fn get<'py>(&self, py: Python<'py>, name: &str) -> Result<Bound<'py, PyAny>, BindError> {
        if name == "serviceType" {
            let word = if self.draft.is_web_tool() { "WEB_TOOL" } else { "GP_SERVICE" };
            return object(py, &word.into());
        }
        object(py, &self.draft.properties.get(name)?)
    }

    /// Sets a property as scripts spell it.
    fn set(&mut self, name: &str, to: &Bound<'_, PyAny>) -> Result<(), BindError> {
        let value = match depythonize(to) {
            Ok(value) => value,
            Err(_) => Value::from(to.str()?.extract::<String>()?),
        };
        Ok(self.draft.properties.set(name, &value)?)
    }

    /// Returns whether a property was set.
    fn is_set(&self, name: &str) -> bool {
        self.draft.properties.is_set(name)
    }

    /// Returns every property with its value.
    fn all<'py>(&self, py: Python<'py>) -> Result<Vec<(&'static str, Bound<'py, PyAny>)>, BindError> {
        table::rows(ServiceKind::Geoprocessing)
            .map(|row| Ok((row.property, self.get(py, row.property)?)))
            .collect()
    }

    /// Returns what there is to say, as dictionaries of findings.
    fn check<'py>(&self, py: Python<'py>, facts: &Bound<'_, PyAny>) -> Result<Bound<'py, PyAny>, BindError> {
        let facts: GpFacts = depythonize(facts).map_err(PyErr::from)?;
        Ok(pythonize(py, &self.draft.check(&facts)?).map_err(PyErr::from)?)
    }

    /// Returns why the draft cannot be written at all.
    fn lacks(&self) -> Option<&'static str> {
        self.draft.lacks()
    }

    /// Writes the draft to a file.
    fn save(&self, py: Python<'_>, path: PathBuf) -> Result<(), BindError> {
        py.detach(|| self.draft.to_document()?.save(&path)).map_err(BindError::from)
    }

    /// Returns the text of the draft.
    fn text(&self) -> Result<String, BindError> {
        Ok(self.draft.to_document()?.to_text())
    }

    fn __copy__(&self) -> Self {
        Self { draft: self.draft.clone() }
    }
}

/// Returns the property that a misspelt name may mean.
#[pyfunction]
pub(crate) fn gp_draft_suggest(name: &str) -> Option<&'static str> {
    table::suggest(ServiceKind::Geoprocessing, name)
}

/// Returns the tasks of a result file.
#[pyfunction]
pub(crate) fn result_read(py: Python<'_>, path: PathBuf) -> Result<Bound<'_, PyAny>, BindError> {
    let file = py.detach(|| ResultFile::open(&path))?;
    Ok(pythonize(py, &file.tasks).map_err(PyErr::from)?)
}

/// Writes tasks to a result file.
#[pyfunction]
pub(crate) fn result_write(py: Python<'_>, path: PathBuf, tasks: &Bound<'_, PyAny>) -> Result<(), BindError> {
    let tasks: Vec<Task> = depythonize(tasks).map_err(PyErr::from)?;
    Ok(py.detach(|| ResultFile::new(tasks).save(&path))?)
}

/// Returns what a parameter is to the clients of a service: its type, and whether a text stands in for it.
#[pyfunction]
pub(crate) fn gp_service_parameter(parameter: &Bound<'_, PyAny>) -> Result<(String, bool), BindError> {
    let parameter: Parameter = depythonize(parameter).map_err(PyErr::from)?;
    let found = service_parameter(&parameter);
    Ok((found.data_type, found.stands_in))
}

/// Returns the text of a numbered message, with its values left out.
#[pyfunction]
pub(crate) fn message_text(number: u32) -> Option<&'static str> {
    geosharing_core::error::CODES.iter().find(|code| code.number == number).map(|code| code.template)
}
