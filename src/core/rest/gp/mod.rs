//! Tasks of geoprocessing services: what they take, what they give, and how both look on the wire.
//!
//! A [`Service`] is what staging writes beside the toolbox (`tasks.json` in the package's document
//! folder) and what the site answers from. It holds one [`Task`] for each tool:
//!
//! ```json
//! {"tasks": [{"name": "Buffer", "displayName": "Buffer", "description": "",
//!   "toolbox": "city.pyt", "tool": "BufferTool",
//!   "parameters": [
//!     {"name": "distance", "displayName": "Distance", "dataType": "GPLinearUnit",
//!      "direction": "input", "parameterType": "required", "toolParameter": "distance",
//!      "defaultValue": {"distance": 5, "units": "esriMiles"}}]}]}
//! ```
//!
//! `toolbox` is relative to the description itself. A parameter with `"constant": true` is hidden
//! from callers and always has its default value.

mod configuration;
mod input;
mod kind;
#[cfg(test)]
mod tests;
mod units;

pub use configuration::{Configuration, MessageLevel};
pub use kind::GpType;
pub use units::{ArealUnit, areal_units, linear_units};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{Error, Result};

/// Most tasks of one service.
const MOST_TASKS: usize = 1000;

/// The tasks of one service.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Service {
    /// The tasks in the order in which they are listed.
    pub tasks: Vec<Task>,
    /// The folder of the data that tools name, relative to the description: `../cd`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub data: String,
    /// Python packages that the tools import and the package does not hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requirements: Vec<String>,
}

/// One tool that callers can run.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Task {
    /// The name in the address.
    pub name: String,
    /// The name for people.
    pub display_name: String,
    /// What it does.
    pub description: String,
    /// The toolset in which it stands.
    pub category: String,
    /// Where its help is.
    pub help_url: String,
    /// The toolbox, relative to the description and with `/`.
    pub toolbox: String,
    /// The tool's name in the toolbox.
    pub tool: String,
    /// The parameters, in the tool's order.
    pub parameters: Vec<Parameter>,
}

/// Whether a parameter goes in or comes out.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Callers give it.
    #[default]
    Input,
    /// Callers get it.
    Output,
}

/// Whether a parameter must be given.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Requirement {
    /// It must be given.
    #[default]
    Required,
    /// It may be left out.
    Optional,
    /// The tool makes it.
    Derived,
}

/// A parameter of a task.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Parameter {
    /// The name in requests and results.
    pub name: String,
    /// The name for people.
    pub display_name: String,
    /// What it means.
    pub description: String,
    /// The group in which dialogs show it.
    pub category: String,
    /// What its values are.
    pub data_type: GpType,
    /// Whether it goes in or comes out.
    pub direction: Direction,
    /// Whether it must be given.
    pub parameter_type: Requirement,
    /// The value when it is left out; for feature sets also their schema.
    pub default_value: Value,
    /// The values that it may have; empty for any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choice_list: Vec<Value>,
    /// What the tool gets for each choice where that is not the choice itself, such as data of the package.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choice_values: Vec<(String, String)>,
    /// The parameter whose fields or schema it follows.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub dependency: String,
    /// The parameter's name in the tool; empty when it is the same.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tool_parameter: String,
    /// Hidden from callers: the default value always holds.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub constant: bool,
    /// What the tool's own output was called in the run that was published.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub output_name: String,
    /// A layer file whose symbols the result has, relative to the description.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub symbology: String,
}

impl Service {
    /// Reads a description and checks what everything after it relies on.
    ///
    /// # Errors
    /// When it is no description, or tasks or parameters share a name or have none.
    pub fn parse(text: &[u8]) -> Result<Self> {
        let service: Self = serde_json::from_slice(text)
            .map_err(|error| Error::invalid(format!("the description of the tasks is malformed: {error}")))?;
        service.check()?;
        Ok(service)
    }

    /// Checks names and addresses.
    ///
    /// # Errors
    /// When tasks or parameters share a name or have none, or a toolbox lies outside of the package.
    pub fn check(&self) -> Result<()> {
        if self.tasks.is_empty() || self.tasks.len() > MOST_TASKS {
            return Err(Error::invalid(format!(
                "a geoprocessing service has 1 to {MOST_TASKS} tasks, this one has {}",
                self.tasks.len()
            )));
        }
        unique("task", self.tasks.iter().map(|task| task.name.as_str()))?;
        for task in &self.tasks {
            unique("parameter", task.parameters.iter().map(|parameter| parameter.name.as_str()))
                .map_err(|error| error.context(format!("task `{}`", task.name)))?;
            let outside = task.toolbox.starts_with(['/', '\\'])
                || task.toolbox.contains([':', '\\', '\0'])
                || task.toolbox.split('/').any(|part| part.is_empty() || part == "..");
            if outside || task.tool.is_empty() {
                return Err(Error::invalid(format!(
                    "task `{}` names no tool inside of its package (`{}`, `{}`)",
                    task.name, task.toolbox, task.tool
                )));
            }
        }
        Ok(())
    }

    /// Finds a task by its name, in any case as ArcGIS does.
    pub fn task(&self, name: &str) -> Option<&Task> {
        self.tasks.iter().find(|task| task.name.eq_ignore_ascii_case(name))
    }
}

fn unique<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> Result<()> {
    let mut seen = std::collections::HashSet::new();
    for name in names {
        if name.is_empty() || name.contains(['/', '\\', '\0']) || name.starts_with('.') {
            return Err(Error::invalid(format!("`{name}` is no name for a {what}")));
        }
        if !seen.insert(name.to_lowercase()) {
            return Err(Error::invalid(format!("two {what}s are named `{name}`; rename one")));
        }
    }
    Ok(())
}

impl Task {
    /// Returns the parameters that callers give.
    pub fn inputs(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(|one| one.direction == Direction::Input && !one.constant)
    }

    /// Returns the parameters that callers get.
    pub fn outputs(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(|one| one.direction == Direction::Output)
    }

    /// Returns the task as its resource shows it.
    pub fn to_json(&self, configuration: &Configuration) -> Value {
        let shown = self.parameters.iter().filter(|one| !one.constant || one.direction == Direction::Output);
        json!({
            "name": self.name,
            "displayName": if self.display_name.is_empty() { &self.name } else { &self.display_name },
            "description": self.description,
            "category": self.category,
            "helpUrl": self.help_url,
            "executionType": configuration.execution_type(),
            "parameters": shown.map(Parameter::to_json).collect::<Vec<_>>(),
        })
    }
}

impl Parameter {
    /// Returns the parameter's name in its tool.
    pub fn tool_name(&self) -> &str {
        if self.tool_parameter.is_empty() { &self.name } else { &self.tool_parameter }
    }

    /// Returns the parameter as the task's resource shows it.
    pub fn to_json(&self) -> Value {
        let mut out = Map::new();
        let mut put = |key: &str, value: Value| {
            out.insert(key.to_owned(), value);
        };
        put("name", json!(self.name));
        put("dataType", json!(self.data_type.to_string()));
        put("displayName", json!(if self.display_name.is_empty() { &self.name } else { &self.display_name }));
        put("description", json!(self.description));
        put(
            "direction",
            json!(match self.direction {
                Direction::Input => "esriGPParameterDirectionInput",
                Direction::Output => "esriGPParameterDirectionOutput",
            }),
        );
        put("defaultValue", self.default_value.clone());
        if !self.dependency.is_empty() {
            put("dependency", json!(self.dependency));
        }
        put(
            "parameterType",
            json!(match self.parameter_type {
                Requirement::Required => "esriGPParameterTypeRequired",
                Requirement::Optional => "esriGPParameterTypeOptional",
                Requirement::Derived => "esriGPParameterTypeDerived",
            }),
        );
        put("category", json!(self.category));
        if !self.choice_list.is_empty() {
            put("choiceList", Value::Array(self.choice_list.clone()));
        }
        Value::Object(out)
    }
}
