//! From a request's parameters to what a worker gets.
//!
//! A worker gets each value as `{"json": value}`, or as `{"file": path}` where the JSON is large, or as
//! `{"data": path, "name": name}` where the caller names an upload or a file of this site, or as
//! `{"list": [...]}` of these. So no text of a caller is ever taken for a path.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use geosharing_core::rest::gp::{GpType, Parameter, Task};
use serde_json::{Map, Value, json};

use super::{Call, files};
use crate::auth::Caller;
use crate::error::{Result, SiteError};
use crate::jobs::Request;
use crate::params::{Params, shorten};
use crate::reply::Reply;

/// JSON beyond this goes to the worker as a file.
const INLINE: usize = 64 << 10;
const ENVIRONMENT: [&str; 8] = [
    "env:outSR",
    "env:processSR",
    "env:extent",
    "env:outputCoordinateSystem",
    "returnZ",
    "returnM",
    "returnTrueCurves",
    "returnFeatureCollection",
];

/// Where a job keeps a large value of an input, below its folder.
pub(super) fn aside(index: usize) -> String {
    format!("inputs/{index}.json")
}

/// Reads the inputs of a task. Large values are written below `folder`.
///
/// # Errors
/// 400 with every parameter that is not acceptable, by name and with arcpy's number.
pub(super) fn read(call: &Call<'_>, task: &Task, folder: &Path) -> Result<Request> {
    let mut inputs = Vec::new();
    let mut values = String::from("{");
    let mut refused = Vec::new();
    for (index, parameter) in task.inputs().enumerate() {
        let sent = call.params.get(&parameter.name).or_else(|| call.params.get(&by_label(parameter)));
        let text = match parameter.read(sent) {
            Ok(text) => text,
            Err(error) => {
                refused.push(match error.code() {
                    Some(code) => format!("ERROR {:06}: {error}", code.number),
                    None => error.to_string(),
                });
                continue;
            }
        };
        if values.len() > 1 {
            values.push(',');
        }
        let _ = write!(values, "{}:", json!(parameter.name));
        let large = text.len() > INLINE;
        if large {
            let path = folder.join(aside(index));
            std::fs::create_dir_all(folder.join("inputs"))?;
            std::fs::write(&path, &text)?;
            values.push_str(&json!({ "file": path }).to_string());
        } else {
            given(call, parameter, &text, &mut values)?;
        }
        inputs.push((parameter.name.clone(), (!large).then_some(text)));
    }
    if !refused.is_empty() {
        let mut error = SiteError::bad_request("Unable to complete operation.")
            .detail("Failed to execute. Parameters are not valid.");
        for line in refused {
            error = error.detail(line);
        }
        return Err(error.detail(format!("Failed to execute ({}).", task.name)));
    }
    values.push('}');
    Ok(Request { task: task.name.clone(), inputs, values, environment: environment(call.params) })
}

/// The name that services of other makers give to the parameter: its label, joined with underscores.
fn by_label(parameter: &Parameter) -> String {
    parameter.display_name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect()
}

fn environment(params: &Params) -> String {
    let mut found = Map::new();
    for name in ENVIRONMENT {
        if let Some(value) = params.text(name) {
            found.insert(name.trim_start_matches("env:").to_owned(), json!(value));
        }
    }
    // Newer clients put the same into one JSON parameter.
    if let Ok(Some(Value::Object(context))) = params.json("context") {
        for (name, value) in context {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            found.entry(name).or_insert_with(|| json!(text));
        }
    }
    Value::Object(found).to_string()
}

/// Writes a value as the worker gets it.
fn given(call: &Call<'_>, parameter: &Parameter, text: &str, out: &mut String) -> Result<()> {
    if parameter.data_type.is_data() {
        let value: Value = serde_json::from_str(text).map_err(SiteError::internal)?;
        if let Some(found) = data(call, parameter, &parameter.data_type, &value)? {
            out.push_str(&found.to_string());
            return Ok(());
        }
    }
    let _ = write!(out, "{{\"json\":{text}}}");
    Ok(())
}

/// Finds the file or the rows that a value names by upload or address; nothing when it names none.
fn data(call: &Call<'_>, parameter: &Parameter, kind: &GpType, value: &Value) -> Result<Option<Value>> {
    if let (GpType::MultiValue(inner), Value::Array(list)) = (kind, value) {
        let mut found = Vec::with_capacity(list.len());
        for one in list {
            found.push(data(call, parameter, inner, one)?.unwrap_or_else(|| json!({ "json": one })));
        }
        return Ok(Some(json!({ "list": found })));
    }
    let text = |name: &str| value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    if let Some(id) = text("itemID").or_else(|| text("itemId")) {
        let upload = call.engine.upload(&call.service.item_id, &call.caller, id)?;
        let path = call.engine.uploaded_file(&upload)?;
        return Ok(Some(json!({ "data": path, "name": upload.name })));
    }
    let Some(url) = text("url") else { return Ok(None) };
    if let Some(path) = own_file(call, url)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        return Ok(Some(json!({ "data": path, "name": name })));
    }
    if matches!(kind, GpType::FeatureRecordSetLayer | GpType::RecordSet)
        && let Some(rows) = own_layer(call, url, value)?
    {
        return Ok(Some(json!({ "json": rows })));
    }
    let remedy = if call.configuration().uploads {
        "upload the file and pass {\"itemID\": ...}, or pass the features themselves"
    } else {
        "pass the features themselves, or let the publisher add the capability Uploads"
    };
    Err(SiteError::bad_request("Unable to complete operation.").detail(format!(
        "{}: this site fetches nothing from `{}`; {remedy}",
        parameter.name,
        shorten(url)
    )))
}

/// The segments after `/server` or `/arcgis` of an address of this site.
fn own_path(call: &Call<'_>, url: &str) -> Option<Vec<String>> {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"))?;
    let (host, path) = rest.split_once('/')?;
    let origin = call.params.origin();
    let own = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"))?;
    if !host.eq_ignore_ascii_case(own) {
        return None;
    }
    let mut segments = crate::app::segments(path.split(['?', '#']).next().unwrap_or_default());
    let first = segments.first()?.to_ascii_lowercase();
    if first != "server" && first != "arcgis" {
        return None;
    }
    segments.remove(0);
    Some(segments)
}

/// A file that an earlier job of this site made.
fn own_file(call: &Call<'_>, url: &str) -> Result<Option<PathBuf>> {
    let segments = own_path(call, url).unwrap_or_default();
    match segments.as_slice() {
        [rest, tree, below @ ..]
            if rest.eq_ignore_ascii_case("rest") && tree.eq_ignore_ascii_case("directories") =>
        {
            files::find(call.context, call.params, below).map(Some)
        }
        _ => Ok(None),
    }
}

/// The rows of a layer of this site, as the caller may see them.
fn own_layer(call: &Call<'_>, url: &str, value: &Value) -> Result<Option<Value>> {
    let segments = own_path(call, url).unwrap_or_default();
    let is_layer = segments.last().is_some_and(|last| last.parse::<u32>().is_ok());
    if !is_layer || segments.len() < 5 {
        return Ok(None);
    }
    let mut path = segments.get(2..).unwrap_or_default().to_vec();
    path.push("query".to_owned());
    let filter = value.get("filter").or_else(|| value.get("where")).and_then(Value::as_str).unwrap_or("1=1");
    let asked = [("where", filter), ("outFields", "*"), ("returnGeometry", "true"), ("f", "json")];
    let mut query = Params::of(&asked);
    if let Some(caller) = call.params.caller()? {
        query = query.by(Caller::clone(caller));
    }
    let rows = match super::route_below(call.context, &query, &path)? {
        Reply::Json(rows) => rows,
        Reply::Bytes(bytes, _) => serde_json::from_slice(&bytes).map_err(SiteError::internal)?,
        _ => return Err(SiteError::internal("a layer answered in another form")),
    };
    if rows.get("exceededTransferLimit").and_then(Value::as_bool) == Some(true) {
        return Err(SiteError::bad_request("Unable to complete operation.").detail(format!(
            "`{}` has more rows than it hands out at once; pass the features themselves, or a filter",
            shorten(url)
        )));
    }
    Ok(Some(rows))
}
