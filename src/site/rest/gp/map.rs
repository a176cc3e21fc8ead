//! The result map: what a job made, as a map service of its own at `MapServer/jobs/{id}`.

use std::path::Path;
use std::sync::Arc;

use geosharing_core::rest::gp::{Configuration, GpType, Parameter, Task};
use serde_json::{Value, json};

use super::{Call, KIND, jobs};
use crate::error::{Result, SiteError};
use crate::jobs::{Job, Output};
use crate::params::Params;
use crate::publish::{Features, publish_results};
use crate::reply::Reply;
use crate::rest::map::{self, Told};
use crate::state::Context;
use crate::store::HostedStore;

/// Whether a service has a map of its results; jobs are named in its address, so they are needed.
pub(super) fn is_drawn(configuration: &Configuration) -> bool {
    configuration.result_map_server && !configuration.synchronous
}

/// Answers `[folder/]name/MapServer/jobs/{id}` and what is below it; `rest` begins with `jobs`.
pub(in crate::rest) fn route(
    context: &Context,
    params: &Params,
    folder: &str,
    name: &str,
    rest: &[String],
) -> Result<Reply> {
    let missing = || {
        let full = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        SiteError::not_found(format!("Service {full}/MapServer not found"))
    };
    let service = context.services().find(folder, name, KIND).ok_or_else(missing)?;
    let call = Call::open(context, params, &service)?;
    if !is_drawn(call.configuration()) {
        return Err(missing().detail("the tools were published without a result map service"));
    }
    let [_, id, below @ ..] = rest else {
        return Err(SiteError::not_found("Resource or operation not found.").detail("name a job"));
    };
    let job = call.engine.job(&service.item_id, id)?;
    jobs::require_results(&job)?;
    let task = call.task(&job.request.task)?;
    let layers = layers(task, &job);
    if layers.is_empty() {
        return Err(SiteError::not_found("The job has no map.").detail("none of its results are features"));
    }
    let store = store(&call, &job, &layers)?;
    let definition = definition(&call, task);
    map::answer(context, params, told(&call, &job, &definition), store, below)
}

/// Draws a result, where it is one that the result map shows.
pub(super) fn picture(
    call: &Call<'_>,
    task: &Task,
    job: &Job,
    parameter: &Parameter,
) -> Result<Option<Value>> {
    if !is_drawn(call.configuration()) {
        return Ok(None);
    }
    let layers = layers(task, job);
    let layer = (0_u32..).zip(&layers).find(|(_, (one, _))| one.name == parameter.name);
    let Some((layer, _)) = layer else { return Ok(None) };
    let store = store(call, job, &layers)?;
    let definition = definition(call, task);
    map::picture(call.context, call.params, told(call, job, &definition), store, layer).map(Some)
}

/// The results that are layers, in the task's order.
fn layers<'a>(task: &'a Task, job: &'a Job) -> Vec<(&'a Parameter, &'a Output)> {
    let features = task.outputs().filter(|one| one.data_type == GpType::FeatureRecordSetLayer);
    features
        .filter_map(|one| Some((one, job.results.iter().find(|output| output.name == one.name)?)))
        .filter(|(_, output)| !output.file.is_empty() || output.value.is_object())
        .collect()
}

fn store(call: &Call<'_>, job: &Job, layers: &[(&Parameter, &Output)]) -> Result<Arc<HostedStore>> {
    call.engine.result_map(job, |folder| {
        let mut results = Vec::with_capacity(layers.len());
        for (parameter, output) in layers {
            let name = [&parameter.display_name, &parameter.name].into_iter().find(|name| !name.is_empty());
            let features = if output.file.is_empty() {
                Features::Value(&output.value)
            } else {
                Features::File(jobs::own(call, job, &output.file)?)
            };
            results.push((name.cloned().unwrap_or_default(), features));
        }
        Ok(publish_results(call.context.datasets()?, &results, folder)?)
    })
}

fn definition(call: &Call<'_>, task: &Task) -> Value {
    json!({
        "mapName": task.name,
        "serviceDescription": task.description,
        "capabilities": "Map,Query,Data",
        "maxRecordCount": call.configuration().maximum_records.max(1),
    })
}

fn told<'a>(call: &Call<'a>, job: &'a Job, definition: &'a Value) -> Told<'a> {
    Told { name: &call.service.name, item_id: &call.service.item_id, store: Path::new(&job.id), definition }
}
