//! `_native.Server`: a session at an ArcGIS Server.

use std::path::PathBuf;
use std::sync::Arc;

use geosharing_client::{Address, Options, Repeat, Secret, ServerDefinition, Session};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::client::{PyClient, describe, seconds, teller};
use crate::error::BindError;
use crate::runtime::block_on;

/// One user at one server, stand-alone or through its portal.
#[pyclass(frozen, name = "Server", module = "geosharing._native")]
pub(crate) struct PyServer {
    session: Arc<Session>,
}

#[pymethods]
impl PyServer {
    #[new]
    #[pyo3(signature = (url, *, portal=None, verify=true, ca_bundle=None, pinned=None, referer=None, silence=None, repeats=None, pause=None))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments")]
    fn new(
        url: &str,
        portal: Option<&PyClient>,
        verify: bool,
        ca_bundle: Option<PathBuf>,
        pinned: Option<String>,
        referer: Option<String>,
        silence: Option<f64>,
        repeats: Option<u32>,
        pause: Option<f64>,
    ) -> PyResult<Self> {
        let address = Address::parse_server(url).map_err(BindError::from)?;
        let session = if let Some(portal) = portal {
            Session::federated(address, portal.session())
        } else {
            let mut options = Options { verify, ca_bundle, pinned, ..Options::default() };
            if let Some(referer) = referer {
                options.referer = referer;
            }
            if let Some(silence) = silence {
                options.silence = seconds(silence)?;
                options.connect_timeout = options.connect_timeout.min(options.silence);
            }
            if let Some(repeats) = repeats {
                options.repeats = repeats;
            }
            if let Some(pause) = pause {
                options.pause = seconds(pause)?;
            }
            Session::new(address, options)
        };
        Ok(Self { session: Arc::new(session.map_err(BindError::from)?) })
    }

    /// The server's root, with its trailing slash.
    fn url(&self, py: Python<'_>) -> PyResult<String> {
        Ok(block_on(py, async { self.session.address().await.root().to_owned() })?)
    }

    /// Signs in and returns the token as `{token, expires, referer}`.
    fn sign_in<'py>(&self, py: Python<'py>, username: &str, password: &str) -> PyResult<Bound<'py, PyDict>> {
        let password = Secret::new(password);
        let token = block_on(py, self.session.sign_in(username, password))?.map_err(BindError::from)?;
        describe(py, &token)
    }

    /// Uses a token from elsewhere.
    #[pyo3(signature = (token, expires=None))]
    fn use_token(&self, py: Python<'_>, token: &str, expires: Option<i64>) -> PyResult<()> {
        Ok(block_on(py, self.session.use_token(Secret::new(token), expires))?)
    }

    /// Calls a resource below the server's root.
    #[pyo3(signature = (path, fields, *, repeat=true))]
    fn call<'py>(
        &self,
        py: Python<'py>,
        path: &str,
        fields: Vec<(String, String)>,
        repeat: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let repeat = if repeat { Repeat::Safe } else { Repeat::Careful };
        let borrowed: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let reply = block_on(py, self.session.call(path, &borrowed, repeat))?.map_err(BindError::from)?;
        Ok(pythonize::pythonize(py, &reply)?)
    }

    /// Address of a service in the administration, each part encoded.
    #[staticmethod]
    fn service_path(folder: &str, name: &str, kind: &str) -> String {
        Session::service_path(folder, name, kind)
    }

    /// Uploads a service definition and publishes it with the server's own tool.
    #[pyo3(signature = (
        path, *, service_name=None, folder=None, create_folder=true, stopped=false, item_ids=Vec::new(),
        timeout=None, progress=None,
    ))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments")]
    fn publish_definition<'py>(
        &self,
        py: Python<'py>,
        path: PathBuf,
        service_name: Option<String>,
        folder: Option<String>,
        create_folder: bool,
        stopped: bool,
        item_ids: Vec<(String, String)>,
        timeout: Option<f64>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let definition = ServerDefinition {
            path,
            service_name,
            folder,
            create_folder,
            stopped,
            item_ids,
            patience: timeout.map(seconds).transpose()?,
        };
        let progress = progress.map(teller);
        let published =
            block_on(py, self.session.publish_on_server(&definition, progress))?.map_err(BindError::from)?;
        let described = PyDict::new(py);
        described.set_item("type", published.kind)?;
        described.set_item("url", published.url)?;
        described.set_item("soap_url", published.soap_url)?;
        described.set_item("item_id", published.item_id)?;
        Ok(described)
    }
}
