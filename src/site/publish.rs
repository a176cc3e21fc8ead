//! From a service definition, or a file of data, to a stored service.
//!
//! Everything happens in a folder that nobody serves from yet; the caller enters the service into its
//! catalogue when this has returned, and removes the folder when it failed.

mod definition;
mod document;
#[cfg(test)]
mod tests;

use std::path::Path;

use geosharing_core::dataset::{Datasets, Source};
use geosharing_core::error::Code;
use geosharing_core::package::{Limits, ServiceDefinition};
use geosharing_core::{Error, Result};
use serde_json::{Value, json};

use crate::store::{HostedStore, LayerSource, ServiceDescription, ServiceSource};

/// Stores what a service definition holds in a folder, and returns the service's description.
///
/// # Errors
/// 001370 when the definition or its data cannot be unpacked, 001369 for everything after that.
pub fn publish(datasets: &dyn Datasets, sd: &Path, folder: &Path, name: &str) -> Result<Value> {
    let extract = |error: Error| {
        let text = Code::EXTRACT_FAILED.template;
        error.context(text.trim_end_matches('.')).with_code(Code::EXTRACT_FAILED)
    };
    let definition = ServiceDefinition::open(sd).map_err(extract)?;
    let scratch = tempfile::Builder::new()
        .prefix("data-")
        .tempdir_in(folder)
        .map_err(|error| extract(Error::io("unpack into", folder, error)))?;
    let geodatabases = definition.extract_data(scratch.path(), &Limits::default()).map_err(extract)?;
    read(&definition, &geodatabases, datasets)
        .and_then(|source| store(folder, &source, datasets))
        .map_err(|error| failed(error, name))
}

/// Stores the datasets of a file in a folder: a geodatabase, a shapefile, a GeoPackage, CSV or GeoJSON.
///
/// # Errors
/// 001369 with the reason.
pub fn publish_data(datasets: &dyn Datasets, data: &Path, folder: &Path, name: &str) -> Result<Value> {
    from_data(datasets, data, name)
        .and_then(|source| store(folder, &source, datasets))
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

fn from_data(datasets: &dyn Datasets, data: &Path, name: &str) -> Result<ServiceSource> {
    let mut layers: Vec<LayerSource> = Vec::new();
    for (id, table) in (0..).zip(datasets.list(data)?) {
        let source = Source { path: data.to_owned(), layer: Some(table), filter: None };
        let dataset = datasets.describe(&source)?;
        let title = dataset.alias.clone().unwrap_or_else(|| dataset.name.clone());
        layers.push(definition::layer(&json!({ "id": id, "name": title }), &dataset, source)?);
    }
    if layers.is_empty() {
        return Err(Error::invalid(format!("`{}` holds no dataset", data.display())));
    }
    let definition = json!({ "serviceDescription": name, "capabilities": "Query", "maxRecordCount": 2000 });
    Ok(ServiceSource { service: ServiceDescription { definition, item_data: None }, layers })
}
