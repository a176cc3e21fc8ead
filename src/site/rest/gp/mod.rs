//! The GPServer: services of tools, their tasks, jobs and uploads.

mod files;
mod inputs;
mod jobs;
mod map;
mod page;
mod run;
mod uploads;

pub(crate) use files::directories;
pub(super) use map::route as result_map;

use std::sync::Arc;

use geosharing_core::rest::gp::{Configuration, Task};
use serde_json::{Value, json};

use crate::auth::{Need, authorize};
use crate::error::{Result, SiteError};
use crate::jobs::{Engine, Pool};
use crate::params::{Params, shorten};
use crate::portal::SERVER_VERSION;
use crate::reply::{Format, Reply};
use crate::rest::route as route_below;
use crate::state::Context;
use crate::state::services::Service;

const KIND: &str = "GPServer";

/// One request to one service.
struct Call<'a> {
    context: &'a Context,
    params: &'a Params,
    service: &'a Service,
    engine: &'a Arc<Engine>,
    pool: Arc<Pool>,
    /// Who asks; empty for anybody.
    caller: String,
}

impl<'a> Call<'a> {
    /// Lets the caller in, and finds the service's tasks.
    fn open(context: &'a Context, params: &'a Params, service: &'a Service) -> Result<Self> {
        authorize(params, service, Need::View)?;
        service.require_started()?;
        let engine = context.geoprocessing();
        let pool = engine.pool(context, service)?;
        let caller = params.caller()?.map(|caller| caller.username.to_string()).unwrap_or_default();
        Ok(Self { context, params, service, engine, pool, caller })
    }
}

impl Call<'_> {
    fn configuration(&self) -> &Configuration {
        &self.pool.configuration
    }

    fn task(&self, name: &str) -> Result<&Task> {
        self.pool.tasks.task(name).ok_or_else(|| {
            SiteError::not_found("Task not found.").detail(format!(
                "service {} has no task `{}`",
                self.service.full_name(),
                shorten(name)
            ))
        })
    }

    /// `http://host/server/rest/services/.../GPServer`.
    fn address(&self) -> String {
        format!("{}/server/rest/services/{}", self.params.origin(), self.service.path())
    }
}

/// Answers a resource below `/rest/services`: `[folder/]name/GPServer/...`, all segments decoded.
pub(super) fn route(context: &Context, params: &Params, below: &[String]) -> Result<Reply> {
    let at = below.iter().position(|part| part.eq_ignore_ascii_case(KIND)).unwrap_or_default();
    let (folder, name) = match below.get(..at) {
        Some([name]) => ("", name),
        Some([folder, name]) => (folder.as_str(), name),
        _ => return Err(SiteError::not_found(format!("Service {} not found", below.join("/")))),
    };
    let service = context.services().get(folder, name, KIND)?;
    let call = Call::open(context, params, &service)?;
    let rest: Vec<&str> = below.get(at + 1..).unwrap_or_default().iter().map(String::as_str).collect();
    let lower: Vec<String> = rest.iter().map(|part| part.to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    match (lower.as_slice(), rest.as_slice()) {
        ([], _) => Ok(root(&call)),
        (["uploads", ..], [_, rest @ ..]) if call.pool.tasks.task("uploads").is_none() => {
            uploads::route(&call, rest)
        }
        // Some clients ask for a job without naming its task.
        (["jobs", ..], [_, id, rest @ ..]) => jobs::route(&call, None, id, rest),
        (_, [task]) => {
            let task = call.task(task)?;
            Ok(describe(&call, task))
        }
        ([_, "execute"], [task, _]) => run::execute(&call, call.task(task)?),
        ([_, "submitjob"], [task, _]) => run::submit(&call, call.task(task)?),
        ([_, "jobs", ..], [task, _, id, rest @ ..]) => jobs::route(&call, Some(call.task(task)?), id, rest),
        _ => Err(SiteError::not_found("Resource or operation not found.")
            .detail(format!("`{}`", shorten(&rest.join("/"))))),
    }
}

fn root(call: &Call<'_>) -> Reply {
    let configuration = call.configuration();
    let definition = &call.service.definition;
    let text = |key: &str| definition.get(key).and_then(Value::as_str).unwrap_or_default();
    let mut document = json!({
        "currentVersion": SERVER_VERSION,
        "cimVersion": "3.3.0",
        "serviceDescription": text("serviceDescription"),
        "tasks": call.pool.tasks.tasks.iter().map(|task| task.name.as_str()).collect::<Vec<_>>(),
        "executionType": configuration.execution_type(),
        "resultMapServerName": if map::is_drawn(configuration) { call.service.full_name() } else { String::new() },
        "maximumRecords": configuration.maximum_records,
        "capabilities": if configuration.uploads { "Uploads" } else { "" },
    });
    if configuration.uploads && configuration.largest_upload > 0 {
        document["maximumUploadSize"] = json!(configuration.largest_upload >> 20);
    }
    if call.params.format() == Format::Html {
        return Reply::Html(page::root(call, &document));
    }
    document.into()
}

fn describe(call: &Call<'_>, task: &Task) -> Reply {
    if call.params.format() == Format::Html {
        return Reply::Html(page::task(call, task));
    }
    task.to_json(call.configuration()).into()
}
