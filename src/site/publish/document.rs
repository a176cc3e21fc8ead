//! Which dataset in the package is whose: the map document says it, by the layers' service ids.

use std::path::PathBuf;

use geosharing_core::dataset::{Datasets, Source};
use geosharing_core::package::ServiceDefinition;
use geosharing_core::{Error, Result};
use serde_json::Value;

/// Most bytes of a map document.
const LARGEST_DOCUMENT: u64 = 256 << 20;

/// Where the rows of a layer are, as the map document has it.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    id: Option<u64>,
    name: String,
    is_table: bool,
    /// `city.gdb`.
    geodatabase: String,
    dataset: String,
}

/// Reads the connections of the package's map document; none when it has no JSON one.
pub(super) fn connections(definition: &ServiceDefinition) -> Result<Vec<Connection>> {
    let entries = definition.archive().entries();
    let documents = entries.iter().filter(|entry| entry.name.to_ascii_lowercase().ends_with(".mapx"));
    let mut found = Vec::new();
    for entry in documents {
        let bytes = definition.archive().read_to_vec(&entry.name, LARGEST_DOCUMENT)?;
        let Ok(document) = serde_json::from_slice::<Value>(&bytes) else { continue };
        for (list, id, is_table) in
            [("layerDefinitions", "serviceLayerID", false), ("tableDefinitions", "serviceTableID", true)]
        {
            let layers = document.get(list).and_then(Value::as_array).into_iter().flatten();
            found.extend(layers.filter_map(|layer| connection(layer, id, is_table)));
        }
    }
    Ok(found)
}

fn connection(layer: &Value, id: &str, is_table: bool) -> Option<Connection> {
    let table = if is_table { layer } else { layer.get("featureTable")? };
    let connection = table.get("dataConnection")?;
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let workspace = text(connection, "workspaceConnectionString")?;
    let path = workspace.split(';').find_map(|part| part.trim().strip_prefix("DATABASE=")).unwrap_or("");
    Some(Connection {
        id: layer.get(id).and_then(Value::as_u64),
        name: text(layer, "name").unwrap_or_default(),
        is_table,
        geodatabase: path.rsplit(['\\', '/']).next().unwrap_or_default().to_ascii_lowercase(),
        dataset: text(connection, "dataset")?,
    })
}

/// Finds the data of a layer: by its id in the map document, by its name there, by the name of a
/// dataset, or because there is only one.
pub(super) fn source_of(
    layer: &Value,
    connections: &[Connection],
    geodatabases: &[PathBuf],
    datasets: &dyn Datasets,
) -> Result<Source> {
    let id = layer.get("id").and_then(Value::as_u64);
    let name = layer.get("name").and_then(Value::as_str).unwrap_or_default();
    let is_table = layer.get("type").and_then(Value::as_str) == Some("Table");
    let of_kind = || connections.iter().filter(|one| one.is_table == is_table);
    let connection = of_kind()
        .find(|one| one.id.is_some() && one.id == id)
        .or_else(|| of_kind().find(|one| one.name == name))
        .or_else(|| connections.iter().find(|one| one.name == name));
    let mut all = Vec::new();
    for path in geodatabases {
        let file = path.file_name().map(|file| file.to_string_lossy().to_ascii_lowercase());
        for dataset in datasets.list(path)? {
            all.push((file.clone().unwrap_or_default(), path, dataset));
        }
    }
    let same = |a: &str, b: &str| plain(a) == plain(b);
    let found = match connection {
        Some(one) => all
            .iter()
            .find(|(file, _, dataset)| *file == one.geodatabase && dataset.eq_ignore_ascii_case(&one.dataset))
            .or_else(|| all.iter().find(|(_, _, dataset)| dataset.eq_ignore_ascii_case(&one.dataset))),
        None => None,
    };
    let found = found.or_else(|| all.iter().find(|(_, _, dataset)| same(dataset, name)));
    let found = found.or_else(|| all.first().filter(|_| all.len() == 1));
    match found {
        Some((_, path, dataset)) => {
            Ok(Source { path: (*path).clone(), layer: Some(dataset.clone()), filter: None })
        }
        None => Err(Error::not_found(format!(
            "the service definition holds no data for layer `{name}`; stage it with its data copied"
        ))),
    }
}

/// A name without what geodatabases replace.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
