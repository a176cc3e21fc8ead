//! `_native.Site`: an embedded site that this process runs.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use geosharing_core::{Error, Kind};
use geosharing_site::auth::Role;
use geosharing_site::jobs::WorkerCommand;
use geosharing_site::state::users::NewUser;
use geosharing_site::state::{Settings, items, users};
use geosharing_site::{Context, Site};
use pyo3::prelude::*;

use crate::dataset::PyDatasets;
use crate::error::BindError;

/// A running site; ends when it is stopped or forgotten.
#[pyclass(frozen, name = "Site", module = "geosharing._native")]
pub(crate) struct PySite {
    site: Mutex<Option<Site>>,
    context: Mutex<Option<Context>>,
    process: u32,
    #[pyo3(get)]
    url: String,
    #[pyo3(get)]
    certificate: PathBuf,
}

#[pymethods]
#[allow(
    clippy::needless_pass_by_value,
    clippy::too_many_arguments,
    reason = "arguments from Python are owned"
)]
impl PySite {
    /// Starts a site; `users` are `(name, password, role)`, `workers` is the command that runs tools, `shared`
    /// says that one process of it takes every job, and `worker_memory` bounds the bytes of each.
    #[new]
    #[pyo3(signature = (
        folder, *, host="127.0.0.1", port=0, name="geosharing", users=Vec::new(), workers=None, shared=false,
        worker_memory=0
    ))]
    fn new(
        py: Python<'_>,
        folder: PathBuf,
        host: &str,
        port: u16,
        name: &str,
        users: Vec<(String, String, String)>,
        workers: Option<Vec<String>>,
        shared: bool,
        worker_memory: u64,
    ) -> PyResult<Self> {
        let mut settings = Settings {
            folder,
            name: name.to_owned(),
            users: Vec::new(),
            limits: geosharing_site::state::Limits::default(),
            datasets: Some(Arc::new(PyDatasets)),
            workers: workers.map(|command| WorkerCommand { command, shared, memory: worker_memory }),
        };
        for (name, password, role) in users {
            settings.users.push(NewUser::new(&name, &password, parse_role(&role)?));
        }
        let site = py.detach(|| Site::start(settings, host, port)).map_err(BindError::from)?;
        Ok(Self {
            url: site.url(),
            certificate: site.certificate_path(),
            context: Mutex::new(Some(site.context().clone())),
            site: Mutex::new(Some(site)),
            process: std::process::id(),
        })
    }

    /// Makes a user, or with `replace` gives an existing one a new password and role.
    #[pyo3(signature = (username, password, role, full_name=None, email=None, replace=false))]
    fn add_user(
        &self,
        py: Python<'_>,
        username: &str,
        password: &str,
        role: &str,
        full_name: Option<String>,
        email: Option<String>,
        replace: bool,
    ) -> PyResult<()> {
        let mut user = NewUser::new(username, password, parse_role(role)?);
        if let Some(full_name) = full_name {
            user.full_name = full_name;
        }
        user.email = email.unwrap_or_default();
        let context = self.context()?;
        let add =
            || if replace { users::replace(&context, &user) } else { users::add(context.database(), &user) };
        Ok(py.detach(add).map_err(|error| BindError::Core(error.into()))?)
    }

    /// Lists every item as `content/items/{id}` shows it to an administrator.
    fn items<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let context = self.context()?;
        let list = py.detach(|| {
            let mut list = Vec::new();
            context.database().read(|connection| {
                items::for_each(connection, |item| {
                    list.push(item.to_json(&self.url, context.portal_id(), &item.access));
                })
            })?;
            Ok(list)
        });
        let list = list.map_err(|error: geosharing_site::SiteError| BindError::Core(error.into()))?;
        Ok(pythonize::pythonize(py, &list)?)
    }

    /// Lists the addresses of the services.
    fn services(&self) -> PyResult<Vec<String>> {
        let context = self.context()?;
        let all = context.services().all();
        Ok(all
            .iter()
            .map(|service| format!("{}/server/rest/services/{}", self.url, service.path()))
            .collect())
    }

    /// Copies the certificate to a file.
    fn export_certificate(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        self.check_process()?;
        let site = self.site.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(site) = site.as_ref() else { return Err(stopped().into()) };
        Ok(py.detach(|| site.export_certificate(&path)).map_err(BindError::from)?)
    }

    /// Stops the site; requests under way have `seconds` to end.
    #[pyo3(signature = (seconds=5.0))]
    fn stop(&self, py: Python<'_>, seconds: f64) -> PyResult<()> {
        self.check_process()?;
        let deadline = Duration::try_from_secs_f64(seconds)
            .map_err(|_| BindError::Core(Error::invalid(format!("`{seconds}` is not a time to wait"))))?;
        // Requests under way may need the GIL to read data.
        py.detach(|| {
            drop(self.context.lock().unwrap_or_else(PoisonError::into_inner).take());
            let site = self.site.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(mut site) = site {
                site.stop(deadline);
            }
        });
        Ok(())
    }
}

impl PySite {
    fn context(&self) -> Result<Context, BindError> {
        self.check_process()?;
        self.context.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(stopped)
    }

    fn check_process(&self) -> Result<(), BindError> {
        if self.process == std::process::id() { Ok(()) } else { Err(BindError::Forked) }
    }
}

impl Drop for PySite {
    fn drop(&mut self) {
        let site = self.site.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        let context = self.context.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if self.process != std::process::id() {
            // The threads live in the parent; waiting for them here would never end.
            std::mem::forget((site, context));
            return;
        }
        drop(context);
        Python::attach(|py| py.detach(|| drop(site)));
    }
}

fn stopped() -> BindError {
    BindError::Core(Error::new(Kind::Conflict, "the site is stopped; start it first"))
}

fn parse_role(role: &str) -> Result<Role, BindError> {
    Role::parse(role).ok_or_else(|| {
        BindError::Core(Error::invalid(format!(
            "there is no role `{role}`; use org_admin, org_publisher, org_user or viewer"
        )))
    })
}
