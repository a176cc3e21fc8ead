//! Sharing drafts and draft documents.

use std::path::PathBuf;

use geosharing_core::draft::{MapSource, SharingDraft};
use geosharing_core::sddraft::table::{self, ServiceKind};
use geosharing_core::sddraft::{self, Document};
use pyo3::prelude::*;
use pythonize::{depythonize, pythonize};
use serde_json::{Value, json};

use crate::error::BindError;

/// A service in the making; the classes of `geosharing.sharing` are its faces.
#[pyclass(name = "SharingDraft", module = "geosharing._native")]
pub(crate) struct PySharingDraft {
    draft: SharingDraft,
}

fn kind_of(word: &str) -> Result<ServiceKind, BindError> {
    ServiceKind::from_word(word).ok_or_else(|| {
        let known: Vec<String> = ServiceKind::ALL.iter().map(|kind| format!("`{}`", kind.word())).collect();
        let known = known.join(", ");
        geosharing_core::Error::invalid(format!("`{word}` is no kind of service: use one of {known}")).into()
    })
}

fn value(of: &Bound<'_, PyAny>) -> Result<Value, BindError> {
    // A layer where a text is meant: its name.
    match depythonize(of) {
        Ok(value) => Ok(value),
        Err(_) => Ok(Value::from(of.str()?.extract::<String>()?)),
    }
}

fn object<'py>(py: Python<'py>, of: &Value) -> Result<Bound<'py, PyAny>, BindError> {
    Ok(pythonize(py, of).map_err(PyErr::from)?)
}

#[pymethods]
impl PySharingDraft {
    #[new]
    fn new(kind: &str, name: &str) -> Result<Self, BindError> {
        Ok(Self { draft: SharingDraft::of(kind_of(kind)?, name, MapSource::default())? })
    }

    /// Sets what the draft's making decides, such as `serverType`.
    fn fix(&mut self, name: &str, to: &Bound<'_, PyAny>) -> Result<(), BindError> {
        Ok(self.draft.properties.fix(name, &value(to)?)?)
    }

    /// Says what is shared.
    fn set_source(&mut self, source: &Bound<'_, PyAny>) -> Result<(), BindError> {
        self.draft.source = depythonize(source).map_err(PyErr::from)?;
        Ok(())
    }

    /// Returns a property, or its default.
    fn get<'py>(&self, py: Python<'py>, name: &str) -> Result<Bound<'py, PyAny>, BindError> {
        object(py, &self.draft.properties.get(name)?)
    }

    /// Sets a property as scripts spell it.
    fn set(&mut self, name: &str, to: &Bound<'_, PyAny>) -> Result<(), BindError> {
        Ok(self.draft.properties.set(name, &value(to)?)?)
    }

    /// Returns whether a property was set.
    fn is_set(&self, name: &str) -> bool {
        self.draft.properties.is_set(name)
    }

    /// Returns every property with its value.
    fn all<'py>(&self, py: Python<'py>) -> Result<Vec<(&'static str, Bound<'py, PyAny>)>, BindError> {
        self.draft.properties.all().into_iter().map(|(name, value)| Ok((name, object(py, &value)?))).collect()
    }

    /// Returns what there is to say, as dictionaries of findings.
    fn check<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>, BindError> {
        Ok(pythonize(py, &self.draft.check()).map_err(PyErr::from)?)
    }

    /// Returns whether the draft cannot be written for want of a portal or server.
    fn lacks_target(&self) -> bool {
        self.draft.lacks_target()
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

/// Returns the mapping table of one kind of drafts, one dictionary a row.
#[pyfunction]
#[pyo3(signature = (kind = "FEATURE"))]
pub(crate) fn draft_table<'py>(py: Python<'py>, kind: &str) -> Result<Bound<'py, PyAny>, BindError> {
    let row = |row: &table::Row| {
        json!({
            "property": row.property,
            "type": row.value.word(),
            "default": row.default.to_value(),
            "allowed": row.value.words(),
            "read_only": row.read_only,
            "since": row.since,
            "doc": row.doc,
            "xpaths": row.places.iter().map(table::Place::xpath).collect::<Vec<_>>(),
            "service_json": row.service_json,
        })
    };
    object(py, &table::rows(kind_of(kind)?).map(row).collect())
}

/// Returns the property that a misspelt name may mean.
#[pyfunction]
#[pyo3(signature = (name, kind = "FEATURE"))]
pub(crate) fn draft_suggest(name: &str, kind: &str) -> Result<Option<&'static str>, BindError> {
    Ok(table::suggest(kind_of(kind)?, name))
}

/// Shows a draft as an indented tree.
#[pyfunction]
pub(crate) fn sddraft_tree(py: Python<'_>, path: PathBuf) -> Result<String, BindError> {
    py.detach(|| Ok(sddraft::render(&Document::open(&path)?)))
}

/// Compares two drafts: dictionaries with `path`, `property`, `before` and `after`.
#[pyfunction]
pub(crate) fn sddraft_diff(
    py: Python<'_>,
    before: PathBuf,
    after: PathBuf,
) -> Result<Bound<'_, PyAny>, BindError> {
    let changes = py.detach(|| -> Result<_, BindError> {
        Ok(sddraft::diff(&Document::open(&before)?, &Document::open(&after)?))
    })?;
    let change = |change: sddraft::Change| {
        json!({
            "path": change.path, "property": change.property, "before": change.before, "after": change.after,
        })
    };
    object(py, &changes.into_iter().map(change).collect())
}

/// Returns the service configuration that staging makes of a draft.
#[pyfunction]
pub(crate) fn sddraft_service_configuration(
    py: Python<'_>,
    path: PathBuf,
) -> Result<Bound<'_, PyAny>, BindError> {
    let json = py.detach(|| -> Result<_, BindError> {
        Ok(sddraft::to_service_configuration(&Document::open(&path)?))
    })?;
    object(py, &json)
}

/// Reads a draft and writes it again, edited: a list of path and text.
#[pyfunction]
pub(crate) fn sddraft_rewrite(
    py: Python<'_>,
    path: PathBuf,
    out: PathBuf,
    edits: Vec<(String, String)>,
) -> Result<usize, BindError> {
    py.detach(|| {
        let mut document = Document::open(&path)?;
        let count = edits.iter().map(|(place, text)| document.set_text_at(place, text)).sum();
        document.save(&out)?;
        Ok(count)
    })
}
