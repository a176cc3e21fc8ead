//! Map services: the map document of the definition, with data that it holds or that is registered.

use std::path::{Path, PathBuf};

use geosharing_core::analyze::Severity;
use geosharing_core::dataset::{Datasets, Source};
use geosharing_core::error::Code;
use geosharing_core::package::{Described, Limits, MapWords, ServiceDefinition, describe_map};
use geosharing_core::project::{Map, Project};
use geosharing_core::{Error, Kind, Result};
use serde_json::{Map as Object, Value, json};

use super::{Made, Order, definition, extract, failed, store, tiles};
use crate::store::{ServiceDescription, ServiceSource};

/// Stores the layers of a map, and describes the service that draws them.
pub(super) fn publish(
    datasets: &dyn Datasets,
    order: &Order<'_>,
    sd: &ServiceDefinition,
) -> Result<Vec<Made>> {
    let scratch = tempfile::Builder::new()
        .prefix("data-")
        .tempdir_in(order.folder)
        .map_err(|error| extract(Error::io("unpack into", order.folder, error)))?;
    let is_ours = |name: &str| {
        let lower = name.to_ascii_lowercase();
        lower.starts_with("cd/") || lower.contains(".gdb/") || has_suffix(&lower, "mapx")
    };
    sd.archive().extract_where(is_ours, scratch.path(), &Limits::default()).map_err(extract)?;
    make(datasets, order, sd, scratch.path()).map_err(|error| failed(error, order.name))
}

fn make(
    datasets: &dyn Datasets,
    order: &Order<'_>,
    sd: &ServiceDefinition,
    scratch: &Path,
) -> Result<Vec<Made>> {
    let map = open_map(sd, scratch)?;
    check_places(&map, scratch, order)?;
    let own = sd.configuration()?;
    let settings = Settings(order.configuration.unwrap_or(&own));
    let words = MapWords {
        capabilities: settings.text("/service/capabilities").to_owned(),
        max_record_count: settings.number("maxRecordCount").unwrap_or(2000),
        service_description: settings.text("/service/description").to_owned(),
    };
    let described = describe_map(&map, &words, datasets)?;
    let faults: Vec<&str> = described
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| finding.text.as_str())
        .collect();
    if let Some(first) = faults.first() {
        return Err(Error::invalid(format!("the map cannot be served: {first}")));
    }
    let feature = settings.extension("FeatureServer");
    let (mut features, layers) = definition::split(&described.service);
    if let (Some(extension), Some(object)) = (feature, features.as_object_mut()) {
        let capabilities = extension.get("capabilities").and_then(Value::as_str).unwrap_or("Query");
        object.insert("capabilities".to_owned(), json!(capabilities));
    }
    let mut sources = Vec::new();
    for layer in &layers {
        let id = layer.get("id").and_then(Value::as_u64);
        let found = described.sources.iter().find(|(known, ..)| Some(u64::from(*known)) == id);
        let Some((_, source, dataset)) = found else { continue };
        sources.push(definition::layer(layer, dataset, source.clone())?);
    }
    let service = ServiceDescription { definition: features, item_data: Some(described.item_data.clone()) };
    let source = ServiceSource { service, layers: sources };
    let features = store(order.folder, &source, datasets)?;
    let mut made =
        vec![Made { kind: "MapServer", definition: service_definition(&map, &described, &settings, sd)? }];
    if feature.is_some() {
        made.push(Made { kind: "FeatureServer", definition: features });
    }
    Ok(made)
}

fn has_suffix(name: &str, suffix: &str) -> bool {
    Path::new(name).extension().is_some_and(|own| own.eq_ignore_ascii_case(suffix))
}

fn open_map(sd: &ServiceDefinition, scratch: &Path) -> Result<Map> {
    let entries = sd.archive().entries();
    let document = entries.iter().find(|entry| has_suffix(&entry.name, "mapx")).ok_or_else(|| {
        Error::unsupported(
            "the service definition holds no map document of ArcGIS Pro (.mapx); documents of ArcMap are not read, so \
             import the map in ArcGIS Pro and stage it again",
        )
    })?;
    let project = Project::open(scratch.join(&document.name))?;
    project.maps()?.into_iter().next().ok_or_else(|| Error::invalid("the map document holds no map"))
}

/// Refuses data that is neither in the definition nor registered, before anything opens it.
fn check_places(map: &Map, scratch: &Path, order: &Order<'_>) -> Result<()> {
    let (layers, tables) = map.contents()?;
    let inside = canonical(scratch);
    let of_layers = layers.iter().filter_map(|layer| layer.source().ok());
    let of_tables = tables.iter().filter_map(|table| table.source().ok());
    for Source { path, .. } in of_layers.chain(of_tables) {
        let place = canonical(&path);
        if !place.starts_with(&inside) && !(order.registered)(&place) {
            return Err(Error::new(
                Kind::Denied,
                format!(
                    "the data at `{}` is neither in the service definition nor in a folder that is registered with the \
                     server; register its folder as a data store item, or stage with copyDataToServer = True",
                    path.display()
                ),
            )
            .with_code(Code::CREATE_FAILED));
        }
    }
    Ok(())
}

fn canonical(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

/// `serviceconfiguration.json`, or what the caller put in its place.
struct Settings<'a>(&'a Value);

impl<'a> Settings<'a> {
    fn text(&self, path: &str) -> &'a str {
        self.0.pointer(path).and_then(Value::as_str).unwrap_or_default()
    }

    fn property(&self, name: &str) -> &'a str {
        self.text(&format!("/service/properties/{name}")).trim()
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.property(name).parse().ok().filter(|number| *number > 0)
    }

    fn scale(&self, name: &str) -> f64 {
        self.property(name)
            .parse()
            .ok()
            .filter(|scale: &f64| scale.is_finite() && *scale > 0.0)
            .unwrap_or(0.0)
    }

    fn is_true(&self, name: &str) -> bool {
        self.property(name).eq_ignore_ascii_case("true")
    }

    /// The configuration of an extension that is switched on.
    fn extension(&self, type_name: &str) -> Option<&'a Value> {
        self.extensions()
            .find(|extension| extension.get("typeName").and_then(Value::as_str) == Some(type_name))
    }

    fn extensions(&self) -> impl Iterator<Item = &'a Value> + use<'a> {
        let list = self.0.pointer("/service/extensions").and_then(Value::as_array).into_iter().flatten();
        list.filter(|extension| match extension.get("enabled") {
            Some(Value::Bool(on)) => *on,
            Some(Value::String(on)) => on.eq_ignore_ascii_case("true"),
            _ => false,
        })
    }
}

/// The extensions of map services that this site serves.
const SERVED: &[&str] = &["FeatureServer", "WMSServer"];

/// The part of the service's root resource that does not change, and the layers without rows.
fn service_definition(
    map: &Map,
    described: &Described,
    settings: &Settings<'_>,
    sd: &ServiceDefinition,
) -> Result<Value> {
    let mut out: Object<String, Value> =
        described.service.get("contents").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut put = |key: &str, value: Value| {
        out.insert(key.to_owned(), value);
    };
    let capabilities = settings.text("/service/capabilities");
    put("mapName", json!(map.name));
    put("capabilities", json!(if capabilities.is_empty() { "Map,Query,Data" } else { capabilities }));
    let side = |name: &str| settings.number(name).unwrap_or(4096).min(8192);
    put("maxImageHeight", json!(side("maxImageHeight")));
    put("maxImageWidth", json!(side("maxImageWidth")));
    let scales = (settings.scale("minScale"), settings.scale("maxScale"));
    let extensions: Vec<&str> = settings
        .extensions()
        .filter_map(|extension| extension.get("typeName")?.as_str())
        .filter(|name| SERVED.contains(name))
        .collect();
    put("supportedExtensions", json!(extensions.join(", ")));
    // Hosted maps are tiles, whatever their configuration says.
    let hosted = super::announced(sd)?.folder == super::HOSTED;
    let tiles = if hosted || settings.is_true("isCached") { tiles::tile_info(sd)? } else { None };
    if tiles.is_some() {
        put("minScale", json!(scales.0));
        put("maxScale", json!(scales.1));
    }
    put("singleFusedMapCache", json!(tiles.is_some()));
    put("tileInfo", tiles.unwrap_or(Value::Null));
    let resources = described.service.get("resources").and_then(Value::as_array);
    let without_rows: Vec<&Value> = resources
        .into_iter()
        .flatten()
        .filter_map(|group| group.get("resources")?.as_array())
        .flatten()
        .filter_map(|one| one.get("contents"))
        .filter(|layer| layer.get("fields").is_none())
        .collect();
    put("groups", json!(without_rows));
    Ok(Value::Object(out))
}
