//! Where a layer's data is: CIM data connections.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::cim::{get, text, type_of};
use crate::dataset::Source;
use crate::project::paths;
use crate::{Error, Kind, Result};

/// One data connection of a layer or table.
#[derive(Clone, Debug, PartialEq)]
pub struct DataConnection {
    definition: Value,
}

impl DataConnection {
    /// Wraps a CIM data connection object.
    pub fn new(definition: Value) -> Self {
        Self { definition }
    }

    /// Returns the CIM object.
    pub fn definition(&self) -> &Value {
        &self.definition
    }

    /// Returns the CIM type, `CIMStandardDataConnection`.
    pub fn type_name(&self) -> &str {
        type_of(&self.definition)
    }

    /// Returns the workspace factory, `FileGDB`; empty for services that have none.
    pub fn factory(&self) -> &str {
        text(&self.definition, "workspaceFactory").unwrap_or_default()
    }

    /// Returns the name of the dataset in its workspace.
    pub fn dataset(&self) -> &str {
        match get(&self.definition, "dataset") {
            Some(Value::String(name)) => name,
            _ => "",
        }
    }

    /// Returns the feature dataset that the feature class lies in.
    pub fn feature_dataset(&self) -> Option<&str> {
        text(&self.definition, "featureDataset")
    }

    /// Returns what the connection promises, `esriDTFeatureClass`.
    pub fn dataset_type(&self) -> &str {
        text(&self.definition, "datasetType").unwrap_or_default()
    }

    /// Returns the keys and values of the workspace connection string, in their order.
    pub fn workspace(&self) -> Vec<(&str, &str)> {
        let string = text(&self.definition, "workspaceConnectionString").unwrap_or_default();
        if string.trim_start().starts_with('<') {
            return Vec::new();
        }
        string.split(';').filter_map(|pair| pair.split_once('=')).collect()
    }

    /// Returns one value of the workspace connection string.
    pub fn workspace_value(&self, key: &str) -> Option<&str> {
        self.workspace().into_iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value)
    }

    /// Returns the URL of a service that the layer shows.
    pub fn url(&self) -> Option<String> {
        if let Some(url) = self.workspace_value("URL") {
            let dataset = self.dataset();
            let separator = if dataset.is_empty() || url.ends_with('/') { "" } else { "/" };
            return Some(format!("{url}{separator}{dataset}"));
        }
        let direct = text(&self.definition, "url").filter(|url| url.contains("://"));
        let vector = text(&self.definition, "uRI").filter(|url| url.contains("://"));
        let server = get(&self.definition, "serverConnection").and_then(|server| text(server, "url"));
        direct.or(vector).or(server).map(str::to_owned)
    }

    /// Tells whether the data comes from a service instead of files.
    pub fn is_service(&self) -> bool {
        self.url().is_some()
            || matches!(self.factory(), "FeatureService" | "StreamService" | "WFS")
            || matches!(
                self.type_name(),
                "CIMAGSServiceConnection"
                    | "CIMVectorTileDataConnection"
                    | "CIMWMSServiceConnection"
                    | "CIMWMTSServiceConnection"
                    | "CIMWFSServiceConnection"
                    | "CIMWCSServiceConnection"
                    | "CIMKMLDataConnection"
                    | "CIMSceneDataConnection"
            )
    }

    /// Returns the innermost table of a join, or itself.
    #[must_use]
    pub fn base(&self) -> Self {
        let mut definition = &self.definition;
        let mut depth = 0;
        while let ("CIMRelQueryTableDataConnection", Some(source)) =
            (type_of(definition), get(definition, "sourceTable"))
        {
            definition = source;
            depth += 1;
            if depth > 16 {
                break;
            }
        }
        Self { definition: definition.clone() }
    }

    /// Finds the data on this machine.
    ///
    /// # Errors
    /// [`Kind::NotFound`] with both spellings of a missing container, [`Kind::Unsupported`] for
    /// services, databases and connections that are no plain dataset.
    pub fn resolve(&self, project_dir: &Path) -> Result<Source> {
        if let Some(url) = self.url() {
            return Err(Error::unsupported(format!(
                "the layer shows the service `{url}`, which is referenced and has no data to copy"
            )));
        }
        match self.type_name() {
            "CIMStandardDataConnection" | "CIMFeatureDatasetDataConnection" => {
                self.resolve_plain(project_dir)
            }
            "CIMRelQueryTableDataConnection" => Err(Error::unsupported(format!(
                "the layer joins `{}` to another table; export the join to a feature class first",
                self.base().dataset()
            ))),
            "CIMSqlQueryDataConnection" => Err(Error::unsupported(format!(
                "the layer is a query layer (`{}`); export it to a feature class first",
                self.dataset()
            ))),
            "" => Err(Error::invalid("the layer has no data connection")),
            other => Err(Error::unsupported(format!(
                "data connections of type `{other}` cannot be read; export the layer to a feature class first"
            ))),
        }
    }

    fn resolve_plain(&self, project_dir: &Path) -> Result<Source> {
        let dataset = self.dataset();
        let container = || -> Result<PathBuf> {
            let database = self
                .workspace_value("DATABASE")
                .ok_or_else(|| Error::invalid(format!("the connection of `{dataset}` names no DATABASE")))?;
            paths::resolve(database, project_dir)
        };
        let layer = |name: &str| (!name.is_empty()).then(|| name.to_owned());
        match self.factory() {
            "FileGDB" | "Sql" | "SQLite" => {
                let name = dataset.strip_prefix("main.").unwrap_or(dataset).trim_matches('"');
                Ok(Source { path: container()?, layer: layer(name), filter: None })
            }
            "Excel" => {
                let name = dataset.trim_matches('\'').trim_end_matches('_').trim_end_matches('$');
                Ok(Source { path: container()?, layer: layer(name), filter: None })
            }
            "Shapefile" => file_in(&container()?, dataset, &["shp", "dbf"]).map(|path| Source {
                path,
                layer: None,
                filter: None,
            }),
            "DelimitedTextFile" => file_in(&container()?, dataset, &["csv", "txt", "tab"])
                .map(|path| Source { path, layer: None, filter: None }),
            "Custom" => file_in(&container()?, dataset, &["geojson", "json", "fgb"]).map(|path| Source {
                path,
                layer: None,
                filter: None,
            }),
            "InMemoryDB" => Ok(Source { path: PathBuf::from("memory"), layer: layer(dataset), filter: None }),
            "Raster" => {
                let folder = container()?;
                if folder.extension().is_some_and(|suffix| suffix.eq_ignore_ascii_case("gdb")) {
                    return Ok(Source { path: folder, layer: layer(dataset), filter: None });
                }
                file_in(&folder, dataset, &["tif", "img"]).map(|path| Source {
                    path,
                    layer: None,
                    filter: None,
                })
            }
            "SDE" => Err(Error::unsupported(format!(
                "`{dataset}` lies in an enterprise geodatabase (`{}`), which cannot be read here; copy it to a file geodatabase",
                self.redacted()
            ))),
            other => Err(Error::unsupported(format!(
                "`{dataset}` has the workspace type `{other}`, which cannot be read; copy it to a file geodatabase"
            ))),
        }
    }

    /// Returns the connection string without passwords, for messages.
    pub fn redacted(&self) -> String {
        self.workspace()
            .iter()
            .filter(|(key, _)| !key.to_ascii_uppercase().contains("PASSWORD"))
            .map(|(key, value)| format!("{key}={value}"))
            .collect::<Vec<_>>()
            .join(";")
    }

    /// Returns the path or URL that arcpy shows as `dataSource`, whether or not it exists.
    pub fn data_source(&self, project_dir: &Path) -> Option<String> {
        if let Some(url) = self.url() {
            return Some(url);
        }
        let base = self.base();
        if base.factory() == "SDE" {
            return Some(format!("{},Dataset={}", base.redacted().replace(';', ","), base.dataset()));
        }
        let database = base.workspace_value("DATABASE")?;
        let mut path = paths::resolve(database, project_dir)
            .unwrap_or_else(|_| paths::destination(&database.replace('\\', "/"), project_dir));
        if let Some(dataset) = base.feature_dataset() {
            path.push(dataset);
        }
        let name = base.dataset();
        let plain = match base.factory() {
            "Shapefile" if Path::new(name).extension().is_none() => format!("{name}.shp"),
            _ => name.to_owned(),
        };
        if !plain.is_empty() {
            path.push(plain);
        }
        Some(path.to_string_lossy().into_owned())
    }

    /// Returns arcpy's `connectionProperties` dictionary.
    pub fn properties(&self, project_dir: &Path) -> Value {
        if self.type_name() == "CIMRelQueryTableDataConnection" {
            let side = |key: &str| {
                get(&self.definition, key)
                    .map_or(Value::Null, |side| Self::new(side.clone()).properties(project_dir))
            };
            return json!({
                "source": side("sourceTable"),
                "destination": side("destinationTable"),
                "primary_key": text(&self.definition, "primaryKey"),
                "foreign_key": text(&self.definition, "foreignKey"),
                "cardinality": text(&self.definition, "cardinality"),
                "join_type": text(&self.definition, "joinType"),
            });
        }
        let mut info = serde_json::Map::new();
        for (key, value) in self.workspace() {
            if key.to_ascii_uppercase().contains("PASSWORD") {
                continue;
            }
            let shown = if key.eq_ignore_ascii_case("DATABASE") && self.factory() != "SDE" {
                paths::resolve(value, project_dir)
                    .map_or_else(|_| value.to_owned(), |path| path.to_string_lossy().into_owned())
            } else {
                value.to_owned()
            };
            info.insert(key.to_ascii_lowercase(), Value::String(shown));
        }
        if info.is_empty()
            && let Some(url) = self.url()
        {
            info.insert("url".into(), Value::String(url));
        }
        let mut out = serde_json::Map::new();
        out.insert("dataset".into(), json!(self.dataset()));
        out.insert("workspace_factory".into(), json!(factory_title(self.factory())));
        out.insert("connection_info".into(), Value::Object(info));
        if let Some(name) = self.feature_dataset() {
            out.insert("feature_dataset".into(), json!(name));
        }
        Value::Object(out)
    }

    /// Tells whether the data can be found; services count as found, since nothing asks them.
    pub fn is_broken(&self, project_dir: &Path) -> bool {
        if self.is_service() || matches!(self.factory(), "SDE" | "InMemoryDB") {
            return false;
        }
        match self.base().resolve(project_dir) {
            Ok(source) => !source.path.exists(),
            Err(error) => matches!(error.kind(), Kind::NotFound | Kind::InvalidInput | Kind::Denied),
        }
    }
}

/// The names by which arcpy calls workspace factories.
const FACTORIES: &[(&str, &str)] = &[
    ("FileGDB", "File Geodatabase"),
    ("SDE", "SDE"),
    ("Shapefile", "Shape File"),
    ("Raster", "Raster"),
    ("DelimitedTextFile", "Text File"),
    ("Excel", "Excel"),
    ("Access", "Access"),
    ("FeatureService", "FeatureService"),
    ("Sql", "SQLite"),
];

/// Returns arcpy's name of a workspace factory.
pub fn factory_title(factory: &str) -> &str {
    FACTORIES.iter().find(|(cim, _)| *cim == factory).map_or(factory, |(_, title)| title)
}

/// Returns the CIM name of a workspace factory that a script spells in arcpy's way.
pub fn factory_name(title: &str) -> &str {
    FACTORIES.iter().find(|(_, shown)| shown.eq_ignore_ascii_case(title)).map_or(title, |(cim, _)| cim)
}

fn file_in(folder: &Path, name: &str, suffixes: &[&str]) -> Result<PathBuf> {
    if folder.is_file() {
        return Ok(folder.to_path_buf());
    }
    let exact = paths::resolve(name, folder);
    if let Ok(path) = &exact
        && path.is_file()
        && !(suffixes.contains(&"shp") && path.extension().is_none())
    {
        return exact;
    }
    suffixes
        .iter()
        .find_map(|suffix| paths::resolve(&format!("{name}.{suffix}"), folder).ok())
        .map_or(exact, Ok)
}
