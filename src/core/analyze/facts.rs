//! What an analysis knows besides a map and its draft; whoever reads toolboxes, rasters, locators or a
//! server fills it in. What is not known stays `None`, and the rules say that they did not look.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::dataset::SpatialReference;
use crate::project::paths;

/// How a tool is made.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GpToolKind {
    /// A script tool of a toolbox file.
    #[default]
    Script,
    /// A tool of a Python toolbox.
    PythonToolbox,
    /// A model.
    Model,
    /// A tool that comes with the product.
    System,
    /// A tool in a DLL.
    Library,
}

/// Data or a path that a tool names.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct GpData {
    /// The path as it is written.
    pub path: String,
    /// Whether it is there; `None` when nobody could look.
    pub exists: Option<bool>,
    /// Whether it is a toolbox.
    pub is_toolbox: bool,
    /// The line of the script; 0 for a value of the run.
    pub line: u32,
}

/// The script of a tool.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct GpScript {
    /// Its file; empty for one inside the toolbox.
    pub path: String,
    /// Whether the file is there.
    pub missing: bool,
    /// Why it does not compile: `line 12: invalid syntax`.
    pub syntax_error: Option<String>,
    /// Modules that it imports and that are neither beside it nor importable here.
    pub unknown_imports: Vec<String>,
    /// Paths in its text; addresses on the web and docstrings are none.
    pub paths: Vec<GpData>,
    /// Tools that it runs, as `management.CopyFeatures`.
    pub tools: Vec<String>,
}

/// One parameter of a tool.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct GpParameter {
    /// Its name.
    pub name: String,
    /// Its data type, `GPFeatureRecordSetLayer`, `DERasterDataset`.
    pub datatype: String,
    /// Whether it is an output.
    pub output: bool,
    /// What the item description says of it; `None` when the tool has no item description.
    pub description: Option<String>,
    /// Its value in the run, if it is data.
    pub value: Option<GpData>,
    /// Whether the value lies in memory.
    pub in_memory: bool,
}

/// One tool of a geoprocessing service.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct GpTool {
    /// Its name, the task's.
    pub name: String,
    /// How it is made.
    pub kind: GpToolKind,
    /// Why it cannot be loaded.
    pub fault: Option<String>,
    /// The summary of its item description; `None` when it has no item description.
    pub summary: Option<String>,
    /// Its script.
    pub script: Option<GpScript>,
    /// Its parameters.
    pub parameters: Vec<GpParameter>,
    /// Whether an expression of a model is VB.
    pub uses_vb: bool,
    /// Whether a variable of a model is a list.
    pub uses_lists: bool,
}

/// What a geoprocessing service is made of.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct GpFacts {
    /// The tools.
    pub tools: Vec<GpTool>,
    /// Whether a result map service shows outputs.
    pub result_map_service: bool,
    /// Paths that the author says are all right although they are not here.
    pub allowed_paths: Vec<String>,
}

/// What a raster is.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct RasterFacts {
    /// Its path.
    pub path: String,
    /// Whether it is there and can be opened.
    pub missing: bool,
    /// Whether it is a mosaic dataset.
    pub is_mosaic: bool,
    /// Columns and rows.
    pub size: Option<(u64, u64)>,
    /// Whether it has overviews.
    pub overviews: Option<bool>,
    /// Its coordinate system; `None` when unknown.
    pub spatial_reference: Option<SpatialReference>,
}

/// What a locator is.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct LocatorFacts {
    /// Its path.
    pub path: String,
    /// Why it cannot be read.
    pub fault: Option<String>,
    /// Locators that a composite one names and that are not there.
    pub missing_members: Vec<String>,
    /// Whether it has a coordinate system; `None` when nobody could look.
    pub has_spatial_reference: Option<bool>,
}

/// One data item that a server has registered.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct DataItem {
    /// `folder`, `egdb`, ...
    pub kind: String,
    /// The folder as the publisher sees it.
    pub client_path: String,
    /// The connection string of a database, without its password.
    pub connection: String,
}

impl DataItem {
    /// Tells whether a file or folder lies in this folder, as it is written or where links lead.
    pub fn holds(&self, path: &Path) -> bool {
        if self.client_path.trim().is_empty() {
            return false;
        }
        let folder = paths::destination(&self.client_path, Path::new("."));
        is_inside(path, &self.client_path)
            || is_inside(path, &folder.to_string_lossy())
            || std::fs::canonicalize(folder)
                .and_then(|folder| Ok(std::fs::canonicalize(path)?.starts_with(folder)))
                .unwrap_or(false)
    }
}

fn is_inside(path: &Path, folder: &str) -> bool {
    // Only Windows finds a file by another case.
    let spelled = |text: &str| {
        let text = text.replace('\\', "/");
        if cfg!(windows) { text.to_lowercase() } else { text }
    };
    let (path, folder) = (spelled(&path.to_string_lossy()), spelled(folder.trim()));
    path.strip_prefix(folder.trim_end_matches('/'))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What is known of the server that the service goes to.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct ServerFacts {
    /// Its address, for messages.
    pub url: String,
    /// The data that it has registered; `None` when it did not say.
    pub data_items: Option<Vec<DataItem>>,
    /// Its roles and licences, `ImageServer`, `NetworkServer`; `None` when it did not say.
    pub roles: Option<Vec<String>>,
}

impl ServerFacts {
    /// Tells whether the server reads a file or folder where it is; `None` when it did not say what it
    /// has registered.
    pub fn holds(&self, path: &Path) -> Option<bool> {
        Some(self.data_items.as_ref()?.iter().any(|item| item.holds(path)))
    }
}
