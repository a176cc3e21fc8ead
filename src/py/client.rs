//! `_native.Client`: a session at a portal.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use geosharing_client::{Address, Definition, Options, Progress, Repeat, Secret, Session, Sharing, Token};
use geosharing_core::package::ServiceDefinition;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::Value;

use crate::error::BindError;
use crate::runtime::block_on;

/// Progress is told at most this often, since each call takes the GIL.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// One user at one portal.
#[pyclass(frozen, name = "Client", module = "geosharing._native")]
pub(crate) struct PyClient {
    session: Arc<Session>,
}

impl PyClient {
    /// The session, for servers that use its tokens.
    pub(crate) fn session(&self) -> Arc<Session> {
        Arc::clone(&self.session)
    }
}

#[pymethods]
#[allow(clippy::needless_pass_by_value, reason = "arguments from Python are owned")]
impl PyClient {
    #[new]
    #[pyo3(signature = (url, *, verify=true, ca_bundle=None, pinned=None, referer=None, silence=None, repeats=None, pause=None))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments")]
    fn new(
        url: &str,
        verify: bool,
        ca_bundle: Option<PathBuf>,
        pinned: Option<String>,
        referer: Option<String>,
        silence: Option<f64>,
        repeats: Option<u32>,
        pause: Option<f64>,
    ) -> PyResult<Self> {
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
        let address = Address::parse(url).map_err(BindError::from)?;
        let session = Session::new(address, options).map_err(BindError::from)?;
        Ok(Self { session: Arc::new(session) })
    }

    /// The portal's root, with its trailing slash.
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

    /// Forgets token and password.
    fn sign_out(&self, py: Python<'_>) -> PyResult<()> {
        Ok(block_on(py, self.session.sign_out())?)
    }

    /// The token in use, renewed if it is about to end.
    fn token<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let token = block_on(py, self.session.token())?.map_err(BindError::from)?;
        token.as_ref().map(|token| describe(py, token)).transpose()
    }

    /// Name of the signed-in user.
    fn username(&self, py: Python<'_>) -> PyResult<String> {
        Ok(block_on(py, self.session.username())?.map_err(BindError::from)?)
    }

    /// Calls a resource below `sharing/rest`.
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

    /// Searches the portal's items.
    #[pyo3(signature = (query, limit=100))]
    fn search<'py>(&self, py: Python<'py>, query: &str, limit: usize) -> PyResult<Bound<'py, PyAny>> {
        let found = block_on(py, self.session.search(query, limit))?.map_err(BindError::from)?;
        Ok(pythonize::pythonize(py, &found)?)
    }

    /// Describes one item.
    fn item<'py>(&self, py: Python<'py>, id: &str) -> PyResult<Bound<'py, PyAny>> {
        let item = block_on(py, self.session.item(id))?.map_err(BindError::from)?;
        Ok(pythonize::pythonize(py, &item)?)
    }

    /// Adds a file as an item and returns its id.
    #[pyo3(signature = (path, fields, *, folder=None, progress=None))]
    fn add_item(
        &self,
        py: Python<'_>,
        path: PathBuf,
        fields: Vec<(String, String)>,
        folder: Option<String>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<String> {
        let progress = progress.map(teller);
        let added = self.session.add_item(&path, &fields, folder.as_deref(), progress);
        Ok(block_on(py, added)?.map_err(BindError::from)?)
    }

    /// Deletes one item.
    fn delete_item(&self, py: Python<'_>, id: &str) -> PyResult<()> {
        Ok(block_on(py, self.session.delete_item(id))?.map_err(BindError::from)?)
    }

    /// Returns the id of a folder, `None` if it is missing and may not be made.
    #[pyo3(signature = (title, *, create=false))]
    fn folder(&self, py: Python<'_>, title: &str, create: bool) -> PyResult<Option<String>> {
        let session = &self.session;
        let found = block_on(py, async {
            if create {
                session.folder(title, true).await.map(|(id, _)| Some(id))
            } else {
                session.find_folder(title).await
            }
        })?;
        Ok(found.map_err(BindError::from)?)
    }

    /// Shares one item; groups by name or id.
    #[pyo3(signature = (id, *, everyone=false, organization=false, groups=Vec::new()))]
    fn share(
        &self,
        py: Python<'_>,
        id: &str,
        everyone: bool,
        organization: bool,
        groups: Vec<String>,
    ) -> PyResult<()> {
        let session = &self.session;
        let shared = block_on(py, async {
            let ids = session.group_ids(&groups).await?;
            session.share(id, &Sharing { everyone, organization, groups }, &ids).await
        })?;
        Ok(shared.map_err(BindError::from)?)
    }

    /// Uploads a service definition and publishes it.
    #[pyo3(signature = (
        path, service_name, *, title="", properties=Vec::new(), folder=None, create_folder=true, overwrite=false,
        sharing=None, item_id=None, timeout=None, progress=None,
    ))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments")]
    fn publish_definition<'py>(
        &self,
        py: Python<'py>,
        path: PathBuf,
        service_name: &str,
        title: &str,
        properties: Vec<(String, String)>,
        folder: Option<String>,
        create_folder: bool,
        overwrite: bool,
        sharing: Option<(bool, bool, Vec<String>)>,
        item_id: Option<String>,
        timeout: Option<f64>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let definition = Definition {
            path,
            service_name: service_name.to_owned(),
            title: title.to_owned(),
            properties,
            folder,
            create_folder,
            overwrite,
            sharing: sharing.map(|(everyone, organization, groups)| Sharing {
                everyone,
                organization,
                groups,
            }),
            item_id,
            patience: timeout.map(seconds).transpose()?,
        };
        let progress = progress.map(teller);
        let published =
            block_on(py, self.session.publish_definition(&definition, progress))?.map_err(BindError::from)?;
        let services: Vec<Value> = published
            .services
            .iter()
            .map(|service| {
                serde_json::json!({ "type": service.kind, "url": service.url, "item_id": service.item_id })
            })
            .collect();
        let described = PyDict::new(py);
        described.set_item("definition_id", published.definition_id)?;
        described.set_item("replaced", published.replaced)?;
        described.set_item("services", pythonize::pythonize(py, &services)?)?;
        Ok(described)
    }
}

/// Reads a service definition's manifest (XML text) and configuration.
#[pyfunction]
#[allow(clippy::needless_pass_by_value, reason = "arguments from Python are owned")]
pub(crate) fn read_service_definition(py: Python<'_>, path: PathBuf) -> PyResult<(String, Bound<'_, PyAny>)> {
    let (manifest, configuration) = py
        .detach(|| {
            let definition = ServiceDefinition::open(&path)?;
            Ok((definition.manifest()?, definition.configuration()?))
        })
        .map_err(|error: geosharing_core::Error| BindError::from(error))?;
    Ok((manifest, pythonize::pythonize(py, &configuration)?))
}

pub(crate) fn describe<'py>(py: Python<'py>, token: &Token) -> PyResult<Bound<'py, PyDict>> {
    let described = PyDict::new(py);
    described.set_item("token", token.token.reveal())?;
    described.set_item("referer", &token.referer)?;
    described.set_item("expires", token.expires)?;
    Ok(described)
}

pub(crate) fn seconds(value: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(value)
        .map_err(|_| pyo3::exceptions::PyValueError::new_err(format!("`{value}` is no number of seconds")))
}

pub(crate) fn teller(callback: Py<PyAny>) -> Progress {
    let last = Mutex::new(None::<Instant>);
    Arc::new(move |done, total| {
        let due = last.lock().is_ok_and(|mut last| {
            let due = done == total || last.is_none_or(|last| last.elapsed() >= TELL_EVERY);
            if due {
                *last = Some(Instant::now());
            }
            due
        });
        if due {
            Python::attach(|py| {
                if let Err(error) = callback.call1(py, (done, total, "")) {
                    error.write_unraisable(py, None);
                }
            });
        }
    })
}
