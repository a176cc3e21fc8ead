//! From a service definition, or a file of data, to a stored service.
//!
//! Everything happens in a folder that nobody serves from yet; the caller enters the service into its
//! catalogue when this has returned, and removes the folder when it failed.

mod announced;
mod csv;
mod definition;
mod document;
mod gp;
mod map;
mod results;
#[cfg(test)]
mod tests;
mod tiles;
mod upload;

pub use announced::{Announced, announced, is_registered};
pub use csv::suggest;
pub(crate) use results::{Features, publish_results};
pub use upload::DataKind;

use std::path::{Path, PathBuf};

use geosharing_core::dataset::{Datasets, Source};
use geosharing_core::error::Code;
use geosharing_core::package::{Limits, ServiceDefinition};
use geosharing_core::{Error, Result};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::store::{HostedStore, LayerSource, ServiceDescription, ServiceSource};

pub use crate::state::folders::HOSTED;

/// One service over a store; the first of several is the main one, the others its extensions.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// `FeatureServer`, `MapServer`, ...
    pub kind: &'static str,
    /// The definition that its root resource is derived from.
    pub definition: Value,
}

/// What to publish, and where.
#[derive(Clone, Copy)]
pub struct Order<'a> {
    /// The service definition.
    pub sd: &'a Path,
    /// The folder of the new store.
    pub folder: &'a Path,
    /// The service's name, for messages.
    pub name: &'a str,
    /// What the caller wants otherwise, in the shape of `serviceconfiguration.json`.
    pub configuration: Option<&'a Value>,
    /// Tells whether data at a path may be read by reference.
    pub registered: &'a dyn Fn(&Path) -> bool,
}

/// Stores what a service definition holds in a folder, and returns the services that it makes.
///
/// # Errors
/// 001370 when the definition or its data cannot be unpacked, 001369 for everything after that.
pub fn publish(datasets: &dyn Datasets, order: &Order<'_>) -> Result<Vec<Made>> {
    let definition = ServiceDefinition::open(order.sd).map_err(extract)?;
    match announced(&definition)?.kind {
        "FeatureServer" => features(datasets, order, &definition),
        "GPServer" => gp::publish(order, &definition),
        "MapServer" => map::publish(datasets, order, &definition),
        other => Err(failed(
            Error::unsupported(format!("this site does not serve services of type `{other}` yet")),
            order.name,
        )),
    }
}

fn extract(error: Error) -> Error {
    let text = Code::EXTRACT_FAILED.template;
    error.context(text.trim_end_matches('.')).with_code(Code::EXTRACT_FAILED)
}

/// Unpacks the data of a definition beside the store; the folder goes when the handle goes.
fn unpack(order: &Order<'_>, definition: &ServiceDefinition) -> Result<(TempDir, Vec<PathBuf>)> {
    let scratch = tempfile::Builder::new()
        .prefix("data-")
        .tempdir_in(order.folder)
        .map_err(|error| extract(Error::io("unpack into", order.folder, error)))?;
    let geodatabases = definition.extract_data(scratch.path(), &Limits::default()).map_err(extract)?;
    Ok((scratch, geodatabases))
}

fn features(datasets: &dyn Datasets, order: &Order<'_>, definition: &ServiceDefinition) -> Result<Vec<Made>> {
    let (_scratch, geodatabases) = unpack(order, definition)?;
    let definition = read(definition, &geodatabases, datasets)
        .and_then(|source| store(order.folder, &source, datasets))
        .map_err(|error| failed(error, order.name))?;
    Ok(vec![Made { kind: "FeatureServer", definition }])
}

/// A file of data that somebody uploaded, and what was said about it.
#[derive(Clone, Copy, Debug)]
pub struct Upload<'a> {
    /// What it is said to be.
    pub kind: DataKind,
    /// Where it lies.
    pub path: &'a Path,
    /// What its owner calls the file.
    pub file_name: &'a str,
    /// The request's `publishParameters`.
    pub parameters: &'a Value,
}

/// Stores the datasets of an uploaded file in a folder.
///
/// # Errors
/// 001369 with the reason.
pub fn publish_data(
    datasets: &dyn Datasets,
    upload: &Upload<'_>,
    folder: &Path,
    name: &str,
) -> Result<Value> {
    let scratch = tempfile::Builder::new().prefix("data-").tempdir_in(folder);
    scratch
        .map_err(|error| Error::io("unpack into", folder, error))
        .and_then(|scratch| {
            let source = from_data(datasets, upload, scratch.path(), name)?;
            store(folder, &source, datasets)
        })
        .map_err(|error| failed(error, name))
}

fn failed(error: Error, name: &str) -> Error {
    let text = Code::CREATE_FAILED.template.trim_end_matches('.');
    error.context(format!("{text}: `{name}`")).with_code(Code::CREATE_FAILED)
}

fn store(folder: &Path, source: &ServiceSource, datasets: &dyn Datasets) -> Result<Value> {
    HostedStore::create(folder, source, datasets)?;
    Ok(source.service.definition.clone())
}

/// Says which data fills which layer of a service definition.
fn read(
    definition: &ServiceDefinition,
    geodatabases: &[std::path::PathBuf],
    datasets: &dyn Datasets,
) -> Result<ServiceSource> {
    let described = definition.feature_server()?.ok_or_else(|| {
        Error::unsupported("the service definition describes no feature layer; stage a feature sharing draft")
    })?;
    let (service, layers) = definition::split(&described);
    let documents = document::connections(definition)?;
    let mut sources = Vec::with_capacity(layers.len());
    for layer in layers {
        let source = document::source_of(&layer, &documents, geodatabases, datasets)?;
        let dataset = datasets.describe(&source)?;
        sources.push(definition::layer(&layer, &dataset, source)?);
    }
    if sources.is_empty() {
        return Err(Error::invalid("the service definition has no layer or table with data"));
    }
    let item_data = definition.feature_server_item_data()?;
    Ok(ServiceSource { service: ServiceDescription { definition: service, item_data }, layers: sources })
}

fn from_data(
    datasets: &dyn Datasets,
    upload: &Upload<'_>,
    scratch: &Path,
    name: &str,
) -> Result<ServiceSource> {
    let parameters = upload.parameters;
    let info = parameters.get("layerInfo").unwrap_or(&Value::Null);
    let text = |of: &Value, key: &str| of.get(key).and_then(Value::as_str).map(str::to_owned);
    let mut found = Vec::new();
    for path in upload::open(upload.kind, upload.path, upload.file_name, parameters, scratch)? {
        for table in datasets.list(&path)? {
            let source = Source { path: path.clone(), layer: Some(table), filter: None };
            let dataset = datasets.describe(&source)?;
            found.push((source, dataset));
        }
    }
    let only = found.len() == 1;
    let mut layers: Vec<LayerSource> = Vec::new();
    for (id, (source, dataset)) in (0_u32..).zip(found) {
        let own = dataset.alias.clone().unwrap_or_else(|| dataset.name.clone());
        let title = text(info, "name").filter(|title| only && !title.is_empty()).unwrap_or(own);
        let mut described = info.as_object().filter(|_| only).cloned().unwrap_or_default();
        // What the data itself says is not for the caller to say otherwise.
        for key in ["type", "geometryType", "extent", "capabilities", "objectIdField"] {
            described.shift_remove(key);
        }
        described.insert("id".to_owned(), id.into());
        described.insert("name".to_owned(), title.into());
        layers.push(definition::layer(&Value::Object(described), &dataset, source)?);
    }
    if layers.is_empty() {
        return Err(Error::invalid(format!("`{}` holds no dataset", upload.file_name)));
    }
    let number = parameters.get("maxRecordCount").and_then(Value::as_u64).filter(|number| *number > 0);
    let definition = json!({
        "serviceDescription": text(parameters, "description").unwrap_or_else(|| name.to_owned()),
        "copyrightText": text(parameters, "copyrightText").unwrap_or_default(),
        "capabilities": text(info, "capabilities").unwrap_or_else(|| "Query".to_owned()),
        "hasStaticData": parameters.get("hasStaticData").and_then(Value::as_bool).unwrap_or(false),
        "maxRecordCount": number.unwrap_or(2000),
    });
    Ok(ServiceSource { service: ServiceDescription { definition, item_data: None }, layers })
}
