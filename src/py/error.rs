//! Turns every crate's error into the Python exception that fits it.

use geosharing_client as client;
use geosharing_core::{Error, Kind};
use pyo3::exceptions::PyRuntimeError;
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
    /// From a portal, or on the way there.
    Client(client::Error),
    /// From Python itself.
    Py(PyErr),
    /// The process was forked after the runtime had started.
    Forked,
}

impl From<Error> for BindError {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

impl From<client::Error> for BindError {
    fn from(error: client::Error) -> Self {
        Self::Client(error)
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
            BindError::Client(error) => portal(&error),
            BindError::Py(error) => error,
            BindError::Forked => PyRuntimeError::new_err(
                "this process was forked after geosharing had started its threads; \
                 start workers with the 'spawn' method",
            ),
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

fn portal(error: &client::Error) -> PyErr {
    let text = error.to_string();
    let details = error.details().to_vec();
    let fields = || {
        (
            text.clone(),
            error.code(),
            error.message_code().map(str::to_owned),
            details.clone(),
            error.url().to_owned(),
        )
    };
    match error.kind() {
        client::Kind::Authentication => python::AuthenticationError::new_err(fields()),
        client::Kind::JobFailed => with_details(python::JobFailedError::new_err((text,)), details),
        client::Kind::JobTimeout => python::JobTimeoutError::new_err((text,)),
        client::Kind::Input => python::InvalidInputError::new_err((text,)),
        client::Kind::File => python::StorageError::new_err((text,)),
        _ => python::PortalError::new_err(fields()),
    }
}

fn with_details(error: PyErr, details: Vec<String>) -> PyErr {
    Python::attach(|py| match error.value(py).setattr("details", details) {
        Ok(()) => error,
        Err(failure) => failure,
    })
}
