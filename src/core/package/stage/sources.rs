//! Reading back where the rows of a service definition's layers are.

use serde_json::Value;

use crate::cim::{get, items, number, text, type_of, uri_of};
use crate::package::ServiceDefinition;
use crate::project::DataConnection;
use crate::{Error, Result};

/// Where the rows of one layer or table of a service definition are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LayerSource {
    /// Id in the service.
    pub id: u32,
    /// Name of the layer.
    pub name: String,
    /// Folder of the geodatabase in the archive, `cd/city.gdb`.
    pub geodatabase: String,
    /// Feature class or table in it.
    pub dataset: String,
    /// Which rows the layer shows; ArcGIS and we copy only these.
    pub definition_query: Option<String>,
}

/// Largest map document that is read.
const MAX_DOCUMENT: u64 = 256 << 20;

/// Reads the map document (`.mapx`) of a service definition, ours or that of ArcGIS Pro.
///
/// # Errors
/// [`crate::Kind::Unsupported`] when it has none, as those of ArcMap.
pub fn layer_sources(package: &ServiceDefinition) -> Result<Vec<LayerSource>> {
    let archive = package.archive();
    let name = archive
        .entries()
        .iter()
        .map(|entry| entry.name.as_str())
        .find(|name| {
            let is_map = std::path::Path::new(name).extension().is_some_and(|end| end.eq_ignore_ascii_case("mapx"));
            is_map && name.matches('/').count() == 1
        })
        .ok_or_else(|| {
            Error::unsupported("the service definition has no map document (.mapx), as those of ArcMap; stage it with ArcGIS Pro")
        })?
        .to_owned();
    let bytes = archive.read_to_vec(&name, MAX_DOCUMENT)?;
    let text = String::from_utf8(bytes)
        .map_err(|error| Error::invalid(format!("`{name}` is not text")).because(error))?;
    let document = crate::cim::json::parse(&text, &name)?;
    let folder = name.split('/').next().unwrap_or_default();
    Ok(read(&document, folder))
}

fn read(document: &Value, folder: &str) -> Vec<LayerSource> {
    let definitions: Vec<&Value> =
        items(document, "layerDefinitions").iter().chain(items(document, "tableDefinitions")).collect();
    let ordered = in_order(document, &definitions);
    let assigned = |definition: &Value| {
        let key =
            if type_of(definition) == "CIMStandaloneTable" { "serviceTableID" } else { "serviceLayerID" };
        number(definition, key).filter(|id| *id >= 0.0).map(|id| id as u32)
    };
    // Ids of the author count only if every member has one; Pro numbers by position otherwise.
    let all = ordered.iter().all(|definition| assigned(definition).is_some());
    let mut out = Vec::new();
    for (position, definition) in ordered.into_iter().enumerate() {
        let table = get(definition, "featureTable").unwrap_or(definition);
        let Some(connection) = get(table, "dataConnection") else { continue };
        let connection = DataConnection::new(connection.clone());
        let Some(database) = connection.workspace_value("DATABASE") else { continue };
        out.push(LayerSource {
            id: assigned(definition).filter(|_| all).unwrap_or(position as u32),
            name: text(definition, "name").unwrap_or_default().to_owned(),
            geodatabase: in_archive(database, folder),
            dataset: connection.dataset().to_owned(),
            definition_query: text(table, "definitionExpression").map(str::to_owned),
        });
    }
    out
}

/// Layers as drawn, groups before their members, then tables.
fn in_order<'a>(document: &'a Value, definitions: &[&'a Value]) -> Vec<&'a Value> {
    let find = |uri: &str| definitions.iter().copied().find(|definition| uri_of(definition) == Some(uri));
    let mut out: Vec<&Value> = Vec::new();
    let mut open: Vec<&Value> = Vec::new();
    let map = get(document, "mapDefinition").unwrap_or(&Value::Null);
    let members = |holder: &'a Value, key: &str| -> Vec<&'a Value> {
        items(holder, key).iter().filter_map(Value::as_str).filter_map(find).collect()
    };
    open.extend(members(map, "layers").into_iter().rev());
    while let Some(next) = open.pop() {
        if out.iter().any(|known| std::ptr::eq(*known, next)) {
            continue;
        }
        out.push(next);
        for key in ["subtypeLayers", "layers"] {
            open.extend(members(next, key).into_iter().rev());
        }
    }
    out.extend(members(map, "standaloneTables"));
    // A document that lists nothing still has definitions.
    if out.is_empty() { definitions.to_vec() } else { out }
}

/// Resolves `..\cd\x.gdb` from the folder of the document.
fn in_archive(database: &str, folder: &str) -> String {
    let mut parts: Vec<&str> = vec![folder];
    for part in database.split(['\\', '/']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}
