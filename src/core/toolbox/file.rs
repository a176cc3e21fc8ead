//! The result file: JSON, one task for each tool that ran.
//!
//! ```json
//! {"format": "geosharing.result", "version": 1, "tasks": [
//!   {"name": "Report", "label": "Report", "description": "…", "summary": "…", "tags": ["…"],
//!    "toolbox": {"kind": "python", "path": "/gis/Parcels.pyt", "alias": "reports", "label": "Parcels"},
//!    "files": ["/gis/helpers.py"],
//!    "parameters": [
//!      {"name": "parcels", "displayName": "Parcels", "direction": "Input", "parameterType": "Required",
//!       "datatype": "GPFeatureLayer", "description": "…", "value": "/gis/lots.gdb/taxlots",
//!       "dataset": {"geometryType": "esriGeometryPolygon", "spatialReference": {"wkid": 2263}, "fields": […]}},
//!      {"name": "age", "direction": "Input", "parameterType": "Optional", "datatype": "GPLong",
//!       "value": "40", "constant": true}],
//!    "environments": {"workspace": "/gis"}, "messages": [[0, 0, "…"]], "status": 4}]}
//! ```
//!
//! Values are texts as tools spell them (`"10 Meters"`, `"a;'b c'"`, `"true"`); values that name data or
//! files are absolute paths. Data is kept by reference: nothing of it is in this file.

use std::io::{Read as _, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// The most bytes of a result file that are read.
pub const MAX_FILE: u64 = 64 << 20;
const FORMAT: &str = "geosharing.result";
const OLE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// The tools that ran.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ResultFile {
    /// Always `geosharing.result`.
    pub format: String,
    /// Always 1.
    pub version: u32,
    /// One for each tool, in the order of the service's tasks.
    pub tasks: Vec<Task>,
}

/// One tool that ran, which becomes one task of a service.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Task {
    /// The name of the tool, and of the task.
    pub name: String,
    /// What dialogs call it.
    pub label: String,
    /// What it does, in its author's words.
    pub description: String,
    /// The summary of its metadata.
    pub summary: String,
    /// The tags of its metadata.
    pub tags: Vec<String>,
    /// Where the tool is.
    pub toolbox: Toolbox,
    /// Code that the toolbox brings from beside itself: linked scripts and imported modules.
    pub files: Vec<String>,
    /// Its parameters with the values of the run, in the tool's order.
    pub parameters: Vec<Parameter>,
    /// The environments of the run that differ from their defaults.
    pub environments: Map<String, Value>,
    /// Severity, code and text of each message.
    pub messages: Vec<(u8, i64, String)>,
    /// 4 succeeded, 5 failed.
    pub status: u8,
    /// What this version does not know.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// What kind of toolbox a tool is in.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ToolboxKind {
    /// A `.pyt` file.
    #[default]
    Python,
    /// An `.atbx` file.
    Archive,
    /// One of arcpy's modules; the path is its name, `analysis`.
    System,
}

/// The toolbox of a tool.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Toolbox {
    /// What kind it is.
    pub kind: ToolboxKind,
    /// The absolute path of the file; for a tool of arcpy the name of its module.
    pub path: String,
    /// The name in Python.
    pub alias: String,
    /// The name in dialogs.
    pub label: String,
}

/// One parameter, with the value of the run.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
#[allow(clippy::struct_excessive_bools, reason = "each flag is a key of the file")]
pub struct Parameter {
    /// The name in Python.
    pub name: String,
    /// The name in dialogs.
    pub display_name: String,
    /// `Input` or `Output`.
    pub direction: String,
    /// `Required`, `Optional` or `Derived`.
    pub parameter_type: String,
    /// The keyword of its type, `GPFeatureLayer`; `GPComposite` for one of several.
    pub datatype: String,
    /// The keywords of a composite.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub datatypes: Vec<String>,
    /// Whether it takes several values.
    #[serde(skip_serializing_if = "is_false")]
    pub multi_value: bool,
    /// The group in dialogs.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// What the author says about it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// A layer file with the symbols of an output.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub symbology: String,
    /// The columns of a value table.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Column>,
    /// Which values it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// The parameters that it depends on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub depends: Vec<String>,
    /// The value of the run as text; nothing without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Whether the value is fixed, so that clients do not see the parameter.
    #[serde(skip_serializing_if = "is_false")]
    pub constant: bool,
    /// The names that clients choose from, each standing for data of its own: `[name, value]`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<(String, String)>,
    /// Whether the value of the run is no default for clients.
    #[serde(skip_serializing_if = "is_false")]
    pub no_default: bool,
    /// Whether clients pass a text, whatever the type is.
    #[serde(skip_serializing_if = "is_false")]
    pub as_text: bool,
    /// What the data behind the value looks like: `geometryType`, `spatialReference`, `fields`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset: Option<Value>,
    /// What this version does not know.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// A column of a value table.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct Column {
    /// The keyword of its type.
    pub datatype: String,
    /// Its heading.
    pub name: String,
    /// The texts it takes; any when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Value>,
}

/// Which values a parameter takes.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct Filter {
    /// `ValueList`, `Range`, `Field`, `File` ...
    #[serde(rename = "type")]
    pub kind: String,
    /// The choices, the two ends of a range, or kinds.
    pub list: Vec<Value>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

impl ResultFile {
    /// Makes a file of some tasks.
    pub fn new(tasks: Vec<Task>) -> Self {
        Self { format: FORMAT.to_owned(), version: 1, tasks }
    }

    /// Reads a result file.
    ///
    /// # Errors
    /// It is missing, is a binary file of ArcMap or ArcGIS Pro, or is no result file.
    pub fn open(path: &Path) -> Result<Self> {
        let failed = |error| Error::io("read result", path, error);
        let mut data = Vec::new();
        std::fs::File::open(path)
            .map_err(failed)?
            .take(MAX_FILE + 1)
            .read_to_end(&mut data)
            .map_err(failed)?;
        if data.len() as u64 > MAX_FILE {
            return Err(Error::limit(format!(
                "`{}` is larger than {MAX_FILE} bytes, which no result file is",
                path.display()
            )));
        }
        Self::from_bytes(&data).map_err(|error| error.context(format_args!("`{}`", path.display())))
    }

    /// Reads the bytes of a result file.
    ///
    /// # Errors
    /// As for [`ResultFile::open`].
    pub fn from_bytes(data: &[u8]) -> Result<Self> {
        if data.starts_with(OLE) {
            return Err(Error::unsupported(
                "the result file is in the binary form of ArcGIS, which has no public description; run the tool \
                 here and pass its Result, or save that with Result.saveToFile",
            ));
        }
        let file: Self = serde_json::from_slice(data)
            .map_err(|error| Error::invalid(format!("it is no result file: {error}")).because(error))?;
        if file.format != FORMAT || file.version != 1 {
            return Err(Error::invalid(format!(
                "it is `{}` version {}, where `{FORMAT}` version 1 is read",
                file.format, file.version
            )));
        }
        Ok(file)
    }

    /// Writes the file: aside first, then renamed.
    ///
    /// # Errors
    /// The folder does not exist or may not be written to.
    pub fn save(&self, path: &Path) -> Result<()> {
        let fail = |error| Error::io("write result", path, error);
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut file = tempfile::Builder::new()
            .prefix(".geosharing-")
            .suffix(".rlt.part")
            .tempfile_in(folder.unwrap_or_else(|| Path::new(".")))
            .map_err(fail)?;
        file.write_all(self.to_text()?.as_bytes()).map_err(fail)?;
        file.persist(path).map_err(|error| fail(error.error))?;
        Ok(())
    }

    /// Returns the file's text.
    ///
    /// # Errors
    /// A fault of ours.
    pub fn to_text(&self) -> Result<String> {
        serde_json::to_string_pretty(self)
            .map_err(|error| Error::internal(format!("cannot write a result as JSON: {error}")))
    }
}

impl Task {
    /// Returns a parameter by its name.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name.eq_ignore_ascii_case(name))
    }

    /// Returns the parameters that clients see: those without a fixed value.
    pub fn visible(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(|parameter| !parameter.constant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_file_is_read_as_it_was_written() {
        let text = r#"{"format":"geosharing.result","version":1,"tasks":[{"name":"Report","later":1,
            "toolbox":{"kind":"system","path":"analysis"},
            "parameters":[{"name":"a","datatype":"GPLong","value":"4","constant":true}]}]}"#;
        let file = ResultFile::from_bytes(text.as_bytes()).unwrap();
        assert_eq!(file.tasks[0].toolbox.kind, ToolboxKind::System);
        assert_eq!(file.tasks[0].visible().count(), 0);
        assert_eq!(file.tasks[0].parameter("A").unwrap().value.as_deref(), Some("4"));
        let again = ResultFile::from_bytes(file.to_text().unwrap().as_bytes()).unwrap();
        assert_eq!(again, file);
        assert_eq!(again.tasks[0].more["later"], 1);
    }

    #[test]
    fn binary_files_of_arcgis_are_refused_with_the_remedy() {
        let error = ResultFile::from_bytes(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1rest").unwrap_err().to_string();
        assert!(error.contains("run the tool here"), "{error}");
        let error = ResultFile::from_bytes(b"{\"format\":\"x\",\"version\":2,\"tasks\":[]}").unwrap_err();
        assert!(error.to_string().contains("`x` version 2"), "{error}");
    }
}
