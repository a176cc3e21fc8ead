//! Descriptions of services.

use std::path::PathBuf;

use geosharing_core::sddraft::{Document, table};
use geosharing_core::service::{Section, ServiceDescription};
use pyo3::prelude::*;
use pythonize::{depythonize, pythonize};
use serde_json::{Value, json};

use crate::error::BindError;

fn object<'py>(py: Python<'py>, of: &Value) -> Result<Bound<'py, PyAny>, BindError> {
    Ok(pythonize(py, of).map_err(PyErr::from)?)
}

fn section<'a>(name: &str, extension: Option<&'a str>) -> Section<'a> {
    match (name, extension) {
        ("properties", Some(extension)) => Section::ExtensionProperties(extension),
        (_, Some(extension)) => Section::Extension(extension),
        ("properties", None) => Section::Properties,
        ("frameworkProperties", None) => Section::Framework,
        _ => Section::Service,
    }
}

/// A service's description; `geosharing.services.ServiceDescription` is its face.
#[pyclass(name = "ServiceDescription", module = "geosharing._native")]
pub(crate) struct PyServiceDescription {
    inner: ServiceDescription,
}

#[pymethods]
impl PyServiceDescription {
    #[new]
    fn new(name: &str, type_name: &str) -> Self {
        Self { inner: ServiceDescription::new(name, type_name) }
    }

    /// Reads the JSON of a service, or of a service with its folder and draft.
    #[staticmethod]
    fn from_json(py: Python<'_>, text: &str) -> Result<Self, BindError> {
        py.detach(|| Ok(Self { inner: ServiceDescription::from_json(text)? }))
    }

    /// Reads the description out of a draft.
    #[staticmethod]
    fn from_sddraft(py: Python<'_>, path: PathBuf) -> Result<Self, BindError> {
        py.detach(|| Ok(Self { inner: ServiceDescription::from_sddraft(&Document::open(&path)?) }))
    }

    /// Returns the service as servers write it.
    fn to_json<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>, BindError> {
        object(py, &self.inner.to_json())
    }

    /// Returns the service with its folder and draft.
    fn to_envelope<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>, BindError> {
        object(py, &self.inner.to_envelope())
    }

    /// Returns what the draft says about its portal item.
    fn item_info<'py>(&self, py: Python<'py>) -> Result<Option<Bound<'py, PyAny>>, BindError> {
        self.inner.item_info().map(|found| object(py, &found)).transpose()
    }

    /// Writes the draft to a file.
    fn save(&self, py: Python<'_>, path: PathBuf) -> Result<(), BindError> {
        py.detach(|| self.inner.to_sddraft()?.save(&path)).map_err(BindError::from)
    }

    /// Returns the text of the draft.
    fn draft_text(&self, py: Python<'_>) -> Result<String, BindError> {
        py.detach(|| Ok(self.inner.to_sddraft()?.to_text()))
    }

    /// Returns what is wrong, as dictionaries with `path`, `text` and `warning`.
    fn validate<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>, BindError> {
        let faults = self
            .inner
            .validate()
            .into_iter()
            .map(|fault| json!({ "path": fault.path, "text": fault.text, "warning": fault.warning }));
        object(py, &faults.collect())
    }

    /// Raises when servers would refuse the description.
    fn check(&self) -> Result<(), BindError> {
        Ok(self.inner.check()?)
    }

    #[getter]
    fn folder(&self) -> Option<&str> {
        self.inner.folder()
    }

    #[setter]
    fn set_folder(&mut self, folder: Option<&str>) {
        self.inner.set_folder(folder);
    }

    /// Returns the types of the extensions.
    fn extensions(&self) -> Vec<String> {
        self.inner.extension_names()
    }

    fn remove_extension(&mut self, name: &str) -> bool {
        self.inner.remove_extension(name)
    }

    /// Returns the names that a section says something about.
    #[pyo3(signature = (of, extension=None))]
    fn names(&self, of: &str, extension: Option<&str>) -> Vec<String> {
        self.inner.names(section(of, extension))
    }

    /// Returns the names that a section may have.
    #[pyo3(signature = (of, extension=None))]
    fn known(&self, of: &str, extension: Option<&str>) -> Vec<String> {
        let kind = if extension.is_some() { String::new() } else { self.inner.type_name() };
        let keys = section(of, extension).keys(&kind);
        keys.into_iter().filter_map(|key| key.json.as_deref().map(str::to_owned)).collect()
    }

    /// Returns a value: whether it is said, and the value or the documented default.
    #[pyo3(signature = (of, name, extension=None))]
    fn get<'py>(
        &self,
        py: Python<'py>,
        of: &str,
        name: &str,
        extension: Option<&str>,
    ) -> Result<(bool, Bound<'py, PyAny>), BindError> {
        let of = section(of, extension);
        if let Some(value) = self.inner.get(of, name) {
            return Ok((true, object(py, &value)?));
        }
        let usual = ServiceDescription::default_of(of, name).unwrap_or(Value::Null);
        Ok((false, object(py, &usual)?))
    }

    /// Sets a value; `any` takes names that no table knows.
    #[pyo3(signature = (of, name, to, extension=None, any=false))]
    fn set(
        &mut self,
        of: &str,
        name: &str,
        to: &Bound<'_, PyAny>,
        extension: Option<&str>,
        any: bool,
    ) -> Result<(), BindError> {
        let value: Value = depythonize(to).map_err(PyErr::from)?;
        let of = section(of, extension);
        if any && of.key(name).is_none() {
            return Ok(self.inner.set_unchecked(of, name, &value)?);
        }
        Ok(self.inner.set(of, name, &value)?)
    }

    #[pyo3(signature = (of, name, extension=None))]
    fn remove(&mut self, of: &str, name: &str, extension: Option<&str>) -> bool {
        self.inner.remove(section(of, extension), name)
    }

    /// Returns the name that a misspelt one may mean.
    #[pyo3(signature = (of, name, extension=None))]
    fn suggest(&self, of: &str, name: &str, extension: Option<&str>) -> Option<String> {
        self.inner.suggest(section(of, extension), name)
    }

    /// Compares two descriptions: dictionaries with `path`, `before` and `after`.
    fn diff<'py>(&self, py: Python<'py>, other: &Self) -> Result<Bound<'py, PyAny>, BindError> {
        let found = self
            .inner
            .diff(&other.inner)
            .into_iter()
            .map(|found| json!({ "path": found.path, "before": found.before, "after": found.after }));
        object(py, &found.collect())
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.inner == other.inner
    }

    fn __copy__(&self) -> Self {
        Self { inner: self.inner.clone() }
    }
}

/// Returns the table of keys, extensions and types of services.
#[pyfunction]
pub(crate) fn service_table(py: Python<'_>) -> Result<Bound<'_, PyAny>, BindError> {
    object(py, &table::documentation())
}
