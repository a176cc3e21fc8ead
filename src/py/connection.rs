//! Binding of server connection files.

use std::path::PathBuf;

use geosharing_core::Error;
use geosharing_core::connection::{Connection, Key, Mode, Password, root};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::BindError;

/// Reads a connection file; with `unseal` its password too, if we saved it.
#[pyfunction]
#[pyo3(signature = (path, *, unseal = false))]
pub(crate) fn connection_read(py: Python<'_>, path: PathBuf, unseal: bool) -> PyResult<Bound<'_, PyDict>> {
    let read = || {
        let mut connection = Connection::read(&path)?;
        if unseal && matches!(connection.password, Password::Sealed(_)) {
            connection.unseal(&Key::of_user()?)?;
        }
        let root = connection.server_url()?;
        Ok::<_, Error>((connection, root))
    };
    let (connection, root) = py.detach(read).map_err(BindError::Core)?;
    let (state, password) = match connection.password {
        Password::None => ("none", None),
        Password::Clear(text) => ("saved", Some(text)),
        Password::Sealed(_) => ("saved", None),
        Password::Foreign => ("foreign", None),
    };
    let out = PyDict::new(py);
    out.set_item("url", connection.url)?;
    out.set_item("server_url", root)?;
    out.set_item("connection_type", connection.mode.keyword())?;
    out.set_item("username", connection.user)?;
    out.set_item("password", password)?;
    out.set_item("password_state", state)?;
    out.set_item("staging_folder", connection.staging_folder)?;
    Ok(out)
}

/// Writes a connection file; the password is sealed with the user's key.
#[pyfunction]
#[pyo3(signature = (path, url, mode, *, username = None, password = None, staging_folder = None))]
pub(crate) fn connection_write(
    py: Python<'_>,
    path: PathBuf,
    url: String,
    mode: &str,
    username: Option<String>,
    password: Option<String>,
    staging_folder: Option<String>,
) -> PyResult<()> {
    let write = || {
        let mode = Mode::parse(mode).ok_or_else(|| {
            Error::invalid(format!(
                "`{mode}` is no connection type; use USE_GIS_SERVICES, PUBLISH_GIS_SERVICES or \
                 ADMINISTER_GIS_SERVICES"
            ))
        })?;
        root(&url)?;
        let mut connection = Connection::new(&url, mode);
        connection.user = username;
        connection.staging_folder = staging_folder;
        // Without a secret no key is needed, and none is made.
        let key = match password {
            Some(password) => {
                connection.password = Password::Clear(password);
                Key::of_user()?
            }
            None => Key::Bytes([0; 32]),
        };
        connection.write(&path, &key)
    };
    Ok(py.detach(write).map_err(BindError::Core)?)
}

/// Root of a server for any of its addresses.
#[pyfunction]
pub(crate) fn connection_server_root(url: &str) -> PyResult<String> {
    Ok(root(url).map_err(BindError::Core)?)
}
