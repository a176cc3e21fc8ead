//! From a tool that ran to the task that clients see.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{Stage, file_name};
use crate::Result;
use crate::package::archive::Entry;
use crate::rest::gp::{self, Direction, GpType, Requirement};
use crate::toolbox::{Parameter, Task, service_parameter};

/// Describes a task, and takes the data of its constants and choices into the package.
pub(super) fn describe(stage: &mut Stage<'_>, task: &Task, toolbox: String) -> Result<gp::Task> {
    let mut parameters = Vec::new();
    for parameter in &task.parameters {
        parameters.push(describe_parameter(stage, parameter)?);
    }
    let description = if task.description.is_empty() { &task.summary } else { &task.description };
    Ok(gp::Task {
        name: task.name.clone(),
        display_name: if task.label.is_empty() { task.name.clone() } else { task.label.clone() },
        description: description.clone(),
        category: String::new(),
        help_url: String::new(),
        toolbox,
        tool: task.name.clone(),
        parameters,
    })
}

fn describe_parameter(stage: &mut Stage<'_>, parameter: &Parameter) -> Result<gp::Parameter> {
    let seen = service_parameter(parameter);
    let data_type: GpType = seen.data_type.parse()?;
    let output = parameter.direction.eq_ignore_ascii_case("output");
    let text = parameter.value.as_deref().unwrap_or_default();
    let mut out = gp::Parameter {
        name: parameter.name.clone(),
        display_name: parameter.display_name.clone(),
        description: parameter.description.clone(),
        category: parameter.category.clone(),
        direction: if output { Direction::Output } else { Direction::Input },
        parameter_type: match parameter.parameter_type.to_ascii_lowercase().as_str() {
            "optional" => Requirement::Optional,
            "derived" => Requirement::Derived,
            _ => Requirement::Required,
        },
        dependency: parameter.depends.first().cloned().unwrap_or_default(),
        constant: parameter.constant,
        data_type,
        ..gp::Parameter::default()
    };
    if output {
        out.output_name = base_name(text);
        out.symbology = symbology(stage, parameter);
        out.default_value = schema(parameter, &out.data_type);
        // What the server names is not for clients to name.
        return Ok(out);
    }
    for (name, value) in &parameter.choices {
        out.choice_list.push(json!(name));
        if let Some(place) = packaged(stage, value)? {
            out.choice_values.push((name.clone(), place));
        } else {
            out.choice_values.push((name.clone(), value.clone()));
        }
    }
    let listed =
        parameter.filter.as_ref().filter(|filter| filter.kind == "ValueList" && !out.data_type.is_data());
    if let Some(filter) = listed.filter(|_| parameter.choices.is_empty()) {
        out.choice_list.clone_from(&filter.list);
    }
    if parameter.constant {
        out.default_value = match packaged(stage, text)? {
            Some(place) => json!({ "package": place }),
            None if text.is_empty() => Value::Null,
            None => json!(text),
        };
    } else if out.data_type.is_data() {
        out.default_value = schema(parameter, &out.data_type);
    } else if !text.is_empty() && !parameter.no_default && !seen.stands_in {
        let chosen = parameter.choices.iter().find(|(_, value)| value == text).map(|(name, _)| name.as_str());
        // A default that is not in its own list, or of another type, is left out: the client says it.
        out.default_value = out
            .read(Some(chosen.unwrap_or(text)))
            .ok()
            .and_then(|json| serde_json::from_str(&json).ok())
            .unwrap_or_default();
    }
    Ok(out)
}

/// Takes data that a value names into the package; returns its path from the document's folder.
fn packaged(stage: &mut Stage<'_>, text: &str) -> Result<Option<String>> {
    if stage.data.by_reference || !super::looks_like_path(text) || !PathBuf::from(text).is_absolute() {
        return Ok(None);
    }
    let (document, data) = (stage.job.target.folder, stage.job.target.data);
    let place = stage.data.place(text, stage.job.datasets)?;
    Ok(place.map(|place| if document == data { place } else { format!("../{data}/{place}") }))
}

/// What features or rows look like: an empty set with type, system and fields.
fn schema(parameter: &Parameter, data_type: &GpType) -> Value {
    let rows = matches!(data_type, GpType::FeatureRecordSetLayer | GpType::RecordSet);
    let Some(dataset) = parameter.dataset.as_ref().filter(|_| rows) else { return Value::Null };
    let mut out = json!({ "displayFieldName": "" });
    for key in ["geometryType", "spatialReference", "fields"] {
        if let Some(value) = dataset.get(key).filter(|value| !value.is_null()) {
            out[key] = value.clone();
        }
    }
    out["features"] = json!([]);
    out["exceededTransferLimit"] = json!(false);
    out
}

/// Takes the layer file of an output into the package.
fn symbology(stage: &mut Stage<'_>, parameter: &Parameter) -> String {
    let path = PathBuf::from(&parameter.symbology);
    if parameter.symbology.is_empty() || !path.is_file() {
        return String::new();
    }
    let name = file_name(&path);
    let entry = format!("{}/{name}", stage.job.target.folder);
    stage.add(Entry::file(entry, path));
    name
}

fn base_name(text: &str) -> String {
    let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
    if last.contains(';') { String::new() } else { last.to_owned() }
}
