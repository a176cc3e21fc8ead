//! `execute` and `submitJob`.

use geosharing_core::rest::gp::{MessageLevel, Task};
use serde_json::{Value, json};

use super::{Call, inputs, jobs, page};
use crate::error::{Result, SiteError};
use crate::jobs::{Engine, Job, Status, message_json};
use crate::params::Params;
use crate::reply::{Format, Reply};

/// Runs a task and answers with its results.
pub(super) fn execute(call: &Call<'_>, task: &Task) -> Result<Reply> {
    if !call.configuration().synchronous {
        return Err(other_way("executed at once", "submitJob"));
    }
    if blank_form(call.params) {
        return Ok(Reply::Html(page::task(call, task)));
    }
    let id = Engine::new_id();
    let folder = call.engine.job_folder(&call.service.item_id, &id);
    let request = inputs::read(call, task, &folder).inspect_err(|_| {
        let _ = std::fs::remove_dir_all(&folder);
    })?;
    let job = call.engine.execute(&call.pool, &id, &call.caller, request)?;
    if job.status != Status::Succeeded {
        return Err(failure(&job));
    }
    jobs::results(call, task, &job, &messages(&job, call.configuration().show_messages))
}

/// Takes a job into the queue.
pub(super) fn submit(call: &Call<'_>, task: &Task) -> Result<Reply> {
    if call.configuration().synchronous {
        return Err(other_way("queued", "execute"));
    }
    if blank_form(call.params) {
        return Ok(Reply::Html(page::task(call, task)));
    }
    let id = Engine::new_id();
    let folder = call.engine.job_folder(&call.service.item_id, &id);
    let request = inputs::read(call, task, &folder).inspect_err(|_| {
        let _ = std::fs::remove_dir_all(&folder);
    })?;
    let job = call.engine.submit(&call.pool, id, &call.caller, request)?;
    if call.params.format() == Format::Html {
        let task = page::encoded(&task.name);
        return Ok(Reply::Redirect(format!("{}/{task}/jobs/{}", call.address(), job.id)));
    }
    Ok(json!({ "jobId": job.id, "jobStatus": job.status.name() }).into())
}

/// A person who follows the link to an operation gets its form first.
fn blank_form(params: &Params) -> bool {
    let bare = params.iter().all(|(name, _)| name == "f" || name == "token");
    params.format() == Format::Html && !params.request().post && bare
}

fn other_way(how: &str, operation: &str) -> SiteError {
    SiteError::bad_request("This operation is not supported.")
        .detail(format!("tasks of this service are not {how}; use {operation}"))
}

/// The messages that callers of this service see.
pub(super) fn messages(job: &Job, level: MessageLevel) -> Vec<Value> {
    let shown = job.messages.iter().filter(|(severity, _)| level.shows(*severity));
    shown.map(|(severity, text)| message_json(severity, text)).collect()
}

/// What a caller of `execute` hears of a failed tool: its errors, whatever the level, since nothing else
/// would tell why.
fn failure(job: &Job) -> SiteError {
    let errors = job.messages.iter().filter(|(severity, _)| *severity == 2);
    errors
        .fold(SiteError::bad_request("Unable to complete operation."), |error, (_, text)| error.detail(text))
}
