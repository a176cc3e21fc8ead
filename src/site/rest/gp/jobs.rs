//! Jobs: how they stand, what they were given and what they made.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use geosharing_core::rest::gp::{Parameter, Task};
use serde_json::{Map, Value, json};

use super::{Call, files, inputs, map, page, run};
use crate::error::{Result, SiteError};
use crate::jobs::{Job, Output, Status, file_below};
use crate::outlet::Pieces;
use crate::params::{Params, shorten};
use crate::reply::{Format, Reply};

/// Largest value that is read whole, for callers who want it indented, as a page or as a script.
const LARGEST_WHOLE: u64 = 64 << 20;
const PIECE: usize = 256 << 10;
const CONTENT_TYPE: &str = "application/json;charset=UTF-8";

/// Answers `jobs/{id}` and what is below it.
pub(super) fn route(call: &Call<'_>, task: Option<&Task>, id: &str, rest: &[&str]) -> Result<Reply> {
    let job = call.engine.job(&call.service.item_id, id)?;
    if task.is_some_and(|task| !task.name.eq_ignore_ascii_case(&job.request.task)) {
        return Err(SiteError::bad_request("Invalid or expired job ID."));
    }
    let task = call.task(&job.request.task)?;
    match rest {
        [] => Ok(status(call, task, &job)),
        [one] if one.eq_ignore_ascii_case("status") => Ok(status(call, task, &job)),
        [one] if one.eq_ignore_ascii_case("cancel") => {
            let job = call.engine.cancel(&call.service.item_id, id)?;
            Ok(json!({ "jobId": job.id, "jobStatus": job.status.name() }).into())
        }
        [group, name] if group.eq_ignore_ascii_case("results") => result(call, task, &job, name),
        [group, name] if group.eq_ignore_ascii_case("inputs") => input(call, task, &job, name),
        _ => Err(SiteError::not_found("Resource or operation not found.")),
    }
}

fn status(call: &Call<'_>, task: &Task, job: &Job) -> Reply {
    let urls = |names: &mut dyn Iterator<Item = &str>, group: &str| -> Value {
        let entries = names.map(|name| (name.to_owned(), json!({ "paramUrl": format!("{group}/{name}") })));
        Value::Object(entries.collect::<Map<_, _>>())
    };
    let mut document = json!({ "jobId": job.id, "jobStatus": job.status.name() });
    if job.status == Status::Succeeded {
        document["results"] = urls(&mut job.results.iter().map(|one| one.name.as_str()), "results");
    }
    if job.status.is_final() {
        document["inputs"] = urls(&mut task.inputs().map(|one| one.name.as_str()), "inputs");
    }
    document["messages"] = json!(run::messages(job, call.configuration().show_messages));
    if let Some((text, percent)) = &job.progress {
        let kind = if percent.is_some() { "step" } else { "default" };
        document["progress"] = json!({ "type": kind, "message": text, "percent": percent });
    }
    if call.params.format() == Format::Html {
        return Reply::Html(page::job(call, task, &document));
    }
    document.into()
}

fn parameter<'a>(task: &'a Task, name: &str) -> Result<&'a Parameter> {
    let found = task.parameters.iter().find(|one| !one.constant && one.name.eq_ignore_ascii_case(name));
    found.ok_or_else(|| {
        SiteError::bad_request("Invalid parameter name.").detail(format!(
            "task {} has no parameter `{}`",
            task.name,
            shorten(name)
        ))
    })
}

fn input(call: &Call<'_>, task: &Task, job: &Job, name: &str) -> Result<Reply> {
    let parameter = parameter(task, name)?;
    let mut given = job.request.inputs.iter().enumerate();
    let Some((index, (_, text))) = given.find(|(_, (name, _))| *name == parameter.name) else {
        return Err(SiteError::bad_request("Invalid parameter name.").detail("it is no input"));
    };
    if let Some(text) = text {
        let value: Value = serde_json::from_str(text).map_err(SiteError::internal)?;
        return Ok(shown(parameter, &value).into());
    }
    stream(call.params, parameter, &own(call, job, &inputs::aside(index))?)
}

/// Only jobs that succeeded have results.
pub(super) fn require_results(job: &Job) -> Result<()> {
    if job.status == Status::Succeeded {
        return Ok(());
    }
    Err(SiteError::bad_request("The job has no results.")
        .detail(format!("its status is {}", job.status.name())))
}

fn result(call: &Call<'_>, task: &Task, job: &Job, name: &str) -> Result<Reply> {
    require_results(job)?;
    let parameter = parameter(task, name)?;
    let Some(output) = job.results.iter().find(|one| one.name == parameter.name) else {
        return Err(SiteError::bad_request("Invalid parameter name.").detail("the tool set no such result"));
    };
    let wants_data = call.params.text("returnType").is_some_and(|form| form.eq_ignore_ascii_case("data"));
    if !wants_data && let Some(picture) = map::picture(call, task, job, parameter)? {
        return Ok(shown(parameter, &json!({ "mapImage": picture })).into());
    }
    if output.file.is_empty() {
        return Ok(answer(call, parameter, job, output)?.into());
    }
    stream(call.params, parameter, &own(call, job, &output.file)?)
}

/// Finds a file of a job.
pub(super) fn own(call: &Call<'_>, job: &Job, file: &str) -> Result<PathBuf> {
    file_below(&call.engine.job_folder(&job.service, &job.id), file)
        .ok_or_else(|| SiteError::internal(format!("job {} has lost its file `{file}`", job.id)))
}

fn shown(parameter: &Parameter, value: &Value) -> Value {
    json!({ "paramName": parameter.name, "dataType": parameter.data_type.to_string(), "value": value })
}

/// A small value, or the address of a file.
fn answer(call: &Call<'_>, parameter: &Parameter, job: &Job, output: &Output) -> Result<Value> {
    if output.data.is_empty() {
        return Ok(shown(parameter, &output.value));
    }
    let mut value = json!({ "url": files::address(call, job, &output.data)? });
    // Rasters say what they are.
    if let Some(format) = output.value.as_str().filter(|format| !format.is_empty()) {
        value["format"] = json!(format);
    }
    Ok(shown(parameter, &value))
}

fn head_of(parameter: &Parameter) -> Vec<u8> {
    let name = json!(parameter.name);
    format!("{{\"paramName\":{name},\"dataType\":\"{}\",\"value\":", parameter.data_type).into_bytes()
}

/// The way out for JSON in pieces, unless the caller wants another form.
fn outlet(params: &Params) -> Option<Pieces> {
    let plain = matches!(params.format(), Format::Json | Format::Other) && params.callback().is_none();
    if plain { params.outlet().open(CONTENT_TYPE) } else { None }
}

/// Sends a value that lies in a file.
fn stream(params: &Params, parameter: &Parameter, path: &Path) -> Result<Reply> {
    let Some(pieces) = outlet(params) else {
        let value: Value = serde_json::from_slice(&whole(path)?).map_err(SiteError::internal)?;
        return Ok(shown(parameter, &value).into());
    };
    let send = || {
        pieces.send(head_of(parameter))?;
        pump(path, &pieces)?;
        pieces.send(b"}".to_vec())
    };
    let sent: std::io::Result<()> = send();
    Ok(gone(sent.and_then(|()| pieces.end())))
}

/// Answers `execute`: every result, in the task's order.
pub(super) fn results(call: &Call<'_>, task: &Task, job: &Job, messages: &[Value]) -> Result<Reply> {
    let found: Vec<(&Parameter, &Output)> = task
        .outputs()
        .filter_map(|one| Some((one, job.results.iter().find(|output| output.name == one.name)?)))
        .collect();
    let large = found.iter().any(|(_, output)| !output.file.is_empty());
    let pieces = if large { outlet(call.params) } else { None };
    let reply = if let Some(pieces) = pieces {
        let sent = send_all(call, job, &found, messages, &pieces);
        gone(sent.and_then(|()| pieces.end()))
    } else {
        let mut list = Vec::new();
        for (parameter, output) in found {
            list.push(if output.file.is_empty() {
                answer(call, parameter, job, output)?
            } else {
                let bytes = whole(&own(call, job, &output.file)?)?;
                shown(parameter, &serde_json::from_slice(&bytes).map_err(SiteError::internal)?)
            });
        }
        json!({ "results": list, "messages": messages }).into()
    };
    // The values went into an answer that nobody can ask for again; what has an address stays.
    if large && job.results.iter().all(|one| one.data.is_empty()) {
        let _ = std::fs::remove_dir_all(call.engine.job_folder(&job.service, &job.id));
    }
    Ok(reply)
}

fn send_all(
    call: &Call<'_>,
    job: &Job,
    found: &[(&Parameter, &Output)],
    messages: &[Value],
    pieces: &Pieces,
) -> std::io::Result<()> {
    pieces.send(b"{\"results\":[".to_vec())?;
    for (index, (parameter, output)) in found.iter().enumerate() {
        if index > 0 {
            pieces.send(b",".to_vec())?;
        }
        if output.file.is_empty() {
            let value = answer(call, parameter, job, output).map_err(std::io::Error::other)?;
            pieces.send(value.to_string().into_bytes())?;
        } else {
            pieces.send(head_of(parameter))?;
            pump(&own(call, job, &output.file).map_err(std::io::Error::other)?, pieces)?;
            pieces.send(b"}".to_vec())?;
        }
    }
    pieces.send(format!("],\"messages\":{}}}", json!(messages)).into_bytes())
}

fn pump(path: &Path, pieces: &Pieces) -> std::io::Result<()> {
    let mut file = std::fs::File::open(path)?;
    loop {
        let mut piece = vec![0; PIECE];
        let length = file.read(&mut piece)?;
        if length == 0 {
            return Ok(());
        }
        piece.truncate(length);
        pieces.send(piece)?;
    }
}

/// A client that went away needs no answer; a file that fails cuts the connection.
fn gone(sent: std::io::Result<()>) -> Reply {
    if let Err(error) = sent {
        tracing::debug!("a result was not sent to its end: {error}");
    }
    Reply::Sent
}

fn whole(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(LARGEST_WHOLE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST_WHOLE {
        return Err(SiteError::new(413, "The value is too large for this form; ask for f=json."));
    }
    Ok(bytes)
}
