//! Turns every crate's error into the Python exception that fits it.

use geosharing_core::{Error, Kind};
use pyo3::exceptions::{PyKeyboardInterrupt, PyRuntimeError};
use pyo3::prelude::*;

mod python {
    pyo3::import_exception!(geosharing.exceptions, AuthenticationError);
    pyo3::import_exception!(geosharing.exceptions, DeniedError);
    pyo3::import_exception!(geosharing.exceptions, ExistsError);
    pyo3::import_exception!(geosharing.exceptions, InvalidInputError);
    pyo3::import_exception!(geosharing.exceptions, JobFailedError);
    pyo3::import_exception!(geosharing.exceptions, JobTimeoutError);
    pyo3::import_exception!(geosharing.exceptions, LimitError);
    pyo3::import_exception!(geosharing.exceptions, MissingError);
    pyo3::import_exception!(geosharing.exceptions, NotSupportedError);
    pyo3::import_exception!(geosharing.exceptions, PortalError);
    pyo3::import_exception!(geosharing.exceptions, SharingError);
    pyo3::import_exception!(geosharing.exceptions, StorageError);
}

/// Whatever a binding can meet; the orphan rule forbids `From<core::Error> for PyErr`.
#[derive(Debug)]
pub(crate) enum BindError {
    /// From the documents or the site.
    Core(Error),
    /// From Python itself.
    Py(PyErr),
    /// The process was forked after the runtime had started.
    Forked,
    /// Ctrl-C.
    Interrupted,
}

impl From<Error> for BindError {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

impl From<PyErr> for BindError {
    fn from(error: PyErr) -> Self {
        Self::Py(error)
    }
}

impl From<BindError> for PyErr {
    fn from(error: BindError) -> Self {
        match error {
            BindError::Core(error) => core(&error),
            BindError::Py(error) => error,
            BindError::Forked => PyRuntimeError::new_err(
                "this process was forked after geosharing had started its threads; \
                 start workers with the 'spawn' method",
            ),
            BindError::Interrupted => PyKeyboardInterrupt::new_err(()),
        }
    }
}

fn core(error: &Error) -> PyErr {
    let args = (error.to_string(), error.code().map(|code| code.number));
    match error.kind() {
        Kind::InvalidInput => python::InvalidInputError::new_err(args),
        Kind::NotFound => python::MissingError::new_err(args),
        Kind::Denied => python::DeniedError::new_err(args),
        Kind::Conflict => python::ExistsError::new_err(args),
        Kind::Unsupported => python::NotSupportedError::new_err(args),
        Kind::Limit => python::LimitError::new_err(args),
        Kind::Io => python::StorageError::new_err(args),
        Kind::Remote => python::PortalError::new_err(args),
        _ => python::SharingError::new_err(args),
    }
}
