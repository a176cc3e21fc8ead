//! The FeatureServer: service, layers, queries and edits, over any [`FeatureStore`].

mod edits;
pub(super) mod layer;
mod page;
pub(super) mod query;
mod related;
mod service;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use geosharing_core::{Error, Kind};
use serde_json::Value;

use crate::auth::{Need, authorize};
use crate::error::{Result, SiteError};
use crate::params::Params;
use crate::reply::{Format, Reply};
use crate::state::Context;
use crate::store::{FeatureStore, Layer};

pub(super) const KIND: &str = "FeatureServer";

/// One request to one service.
pub struct Call<'a> {
    /// Where the features are.
    pub store: &'a dyn FeatureStore,
    /// The request.
    pub params: &'a Params,
    /// Says whether the caller may do something; the error is what the caller hears.
    pub allow: &'a dyn Fn(Need) -> Result<()>,
    /// Name of the service without its folder.
    pub name: &'a str,
    /// Item that stands for the service.
    pub item_id: &'a str,
    /// The service's definition as it stands in the catalogue, where the administration may have changed it.
    pub definition: &'a Value,
}

impl Call<'_> {
    /// Returns what the administration set since the service was published.
    fn edited(&self, key: &str) -> Option<&Value> {
        let now = self.definition.get(key)?;
        (self.store.service().definition.get(key) != Some(now)).then_some(now)
    }
}

impl std::fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Answers a resource below `/rest/services`: `{folder}/{name}/FeatureServer/…`, all segments decoded.
pub fn route(context: &Context, params: &Params, below: &[String]) -> Result<Reply> {
    serve(context, params, below, Need::View)
}

/// Answers a resource below `/rest/admin/services`, where owners look at services and their layers.
pub fn administer(context: &Context, params: &Params, below: &[String]) -> Result<Reply> {
    let after = below.iter().rev().take_while(|part| !part.eq_ignore_ascii_case(KIND)).collect::<Vec<_>>();
    if let [operation] = after.as_slice()
        && operation.eq_ignore_ascii_case("updateDefinition")
    {
        return update_definition(context, params, below);
    }
    if let Some(operation) = after.iter().find(|part| part.parse::<u32>().is_err()) {
        return Err(SiteError::bad_request("This operation is not supported.").detail(format!(
            "`{}`: definitions are changed by publishing again with overwrite",
            crate::params::shorten(operation)
        )));
    }
    serve(context, params, below, Need::Manage)
}

/// Members of a service's definition that may be changed while it serves.
const CHANGEABLE: &[&str] = &[
    "allowGeometryUpdates",
    "capabilities",
    "copyrightText",
    "description",
    "maxRecordCount",
    "serviceDescription",
];

/// Answers `updateDefinition` of a service.
fn update_definition(context: &Context, params: &Params, below: &[String]) -> Result<Reply> {
    params.require_post()?;
    let at = below.len().saturating_sub(2);
    let (folder, name) = match below.get(..at) {
        Some([name]) => ("", name),
        Some([folder, name]) => (folder.as_str(), name),
        _ => return Err(SiteError::not_found(format!("Service {} not found", below.join("/")))),
    };
    let service = context.services().get(folder, name, KIND)?;
    authorize(params, &service, Need::Manage)?;
    let change = params.json("updateDefinition")?.ok_or_else(|| SiteError::missing("updateDefinition"))?;
    let refuse = |why: String| SiteError::bad_request("Unable to update the definition.").detail(why);
    let change = change.as_object().ok_or_else(|| refuse("an object is expected".to_owned()))?;
    let mut definition = service.definition.clone();
    let Some(object) = definition.as_object_mut() else {
        return Err(SiteError::internal(format!("the definition of {} is no object", service.path())));
    };
    for (key, value) in change {
        let fits = match key.as_str() {
            "maxRecordCount" => value.as_u64().is_some_and(|count| count > 0),
            "allowGeometryUpdates" => value.is_boolean(),
            _ => value.is_string(),
        };
        if !CHANGEABLE.contains(&key.as_str()) || !fits {
            let known = CHANGEABLE.join(", ");
            let key = crate::params::shorten(key);
            return Err(refuse(format!(
                "`{key}` cannot be set to this value here; what can be set: {known}"
            )));
        }
        object.insert(key.clone(), value.clone());
    }
    let database = context.database();
    database.write(|t| crate::state::services::redefine(t, &service, &definition))?;
    context.services().refresh(database, &service.folder, &service.name, KIND)?;
    Ok(serde_json::json!({ "success": true }).into())
}

fn serve(context: &Context, params: &Params, below: &[String], need: Need) -> Result<Reply> {
    let at = below.iter().position(|part| part.eq_ignore_ascii_case(KIND)).unwrap_or_default();
    let (folder, name) = match below.get(..at) {
        Some([name]) => ("", name),
        Some([folder, name]) => (folder.as_str(), name),
        _ => return Err(SiteError::not_found(format!("Service {} not found", below.join("/")))),
    };
    let service = context.services().get(folder, name, KIND)?;
    let allow = |need: Need| authorize(params, &service, need);
    allow(need)?;
    service.require_data()?;
    let store = super::store_of(context, &service)?;
    let call = Call {
        store: &*store,
        params,
        allow: &allow,
        name: &service.name,
        item_id: &service.item_id,
        definition: &service.definition,
    };
    answer(&call, below.get(at + 1..).unwrap_or_default())
}

/// Answers a resource below `…/FeatureServer`; `path` holds the decoded segments after it.
pub fn answer(call: &Call<'_>, path: &[String]) -> Result<Reply> {
    (call.allow)(Need::View)?;
    if call.params.format() == Format::Other {
        let wanted = call.params.text("f").unwrap_or_default();
        return Err(SiteError::bad_request("Output format not supported.").detail(format!(
            "`f={}` is not one of json, pjson, geojson, html",
            crate::params::shorten(wanted)
        )));
    }
    let mut parts = path.iter().map(String::as_str);
    match (parts.next(), parts.next(), parts.next()) {
        (None, ..) => service::describe(call),
        (Some(first), None, None) => match Name::of(first) {
            Name::Layers => service::layers(call),
            Name::Query => query::service(call),
            Name::ApplyEdits => edits::service(call),
            Name::Other => layer::describe(call, find(call, first)?.as_ref()),
            _ => Err(unknown(first)),
        },
        (Some(id), Some(operation), None) => {
            let layer = find(call, id)?;
            match Name::of(operation) {
                Name::Query => query::layer(call, &layer),
                Name::QueryRelated => related::query(call, &layer),
                Name::ApplyEdits => edits::apply(call, &layer),
                Name::Add => edits::add(call, &layer),
                Name::Update => edits::update(call, &layer),
                Name::Delete => edits::delete(call, &layer),
                Name::ValidateSql => Ok(query::validate(call, &layer)),
                Name::Layers => Err(unknown(operation)),
                Name::Other => query::feature(call, &layer, operation),
            }
        }
        (_, _, Some(last)) => Err(unknown(last)),
    }
}

/// The names below a service, which clients spell in any case.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Name {
    Layers,
    Query,
    QueryRelated,
    ApplyEdits,
    Add,
    Update,
    Delete,
    ValidateSql,
    Other,
}

impl Name {
    fn of(segment: &str) -> Self {
        match segment.to_ascii_lowercase().as_str() {
            "layers" => Self::Layers,
            "query" => Self::Query,
            "queryrelatedrecords" => Self::QueryRelated,
            "applyedits" => Self::ApplyEdits,
            "addfeatures" => Self::Add,
            "updatefeatures" => Self::Update,
            "deletefeatures" => Self::Delete,
            "validatesql" => Self::ValidateSql,
            _ => Self::Other,
        }
    }
}

pub(super) fn unknown(name: &str) -> SiteError {
    SiteError::bad_request("Invalid URL")
        .detail(format!("there is no resource `{}`", crate::params::shorten(name)))
}

pub(super) fn find(call: &Call<'_>, id: &str) -> Result<Arc<Layer>> {
    let layer = id.parse().ok().and_then(|id| call.store.layer(id));
    layer.ok_or_else(|| {
        SiteError::not_found(format!("Layer or table {} not found", crate::params::shorten(id)))
    })
}

/// Turns a refusal of parameters into Esri's shape: a general sentence, the particulars as details.
pub(super) fn refusal(message: &'static str) -> impl Fn(Error) -> SiteError {
    move |error| match error.kind() {
        Kind::InvalidInput | Kind::Unsupported | Kind::Limit => {
            let mut refusal = SiteError::bad_request(message);
            refusal.details = error.to_string().lines().map(str::to_owned).collect();
            refusal
        }
        _ => error.into(),
    }
}

/// Sends JSON that is written already, in the form that the caller asked for.
fn raw(params: &Params, json: Vec<u8>, content_type: &'static str) -> Result<Reply> {
    if params.format() == Format::Pjson {
        let value: serde_json::Value = serde_json::from_slice(&json).map_err(SiteError::internal)?;
        return Ok(Reply::Json(value));
    }
    let Some(callback) = params.callback() else { return Ok(Reply::Bytes(json, content_type)) };
    let text = String::from_utf8_lossy(&json).replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
    Ok(Reply::Bytes(format!("/**/{callback}({text});").into_bytes(), "text/javascript;charset=utf-8"))
}
