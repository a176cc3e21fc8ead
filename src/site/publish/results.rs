//! Feature sets that a job made, as layers of a store.

use std::fs;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use geosharing_core::dataset::{Datasets, Source};
use geosharing_core::{Error, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use super::definition;
use crate::store::{HostedStore, LayerSource, ServiceDescription, ServiceSource};

/// Where a feature set is.
#[derive(Clone, Debug)]
pub(crate) enum Features<'a> {
    /// Here.
    Value(&'a Value),
    /// In a file.
    File(PathBuf),
}

/// Stores feature sets with their names as the layers 0, 1, ... of a folder.
pub(crate) fn publish_results(
    datasets: &dyn Datasets,
    results: &[(String, Features<'_>)],
    folder: &Path,
) -> Result<Arc<HostedStore>> {
    fs::create_dir_all(folder).map_err(|error| Error::io("create", folder, error))?;
    let scratch = tempfile::Builder::new().prefix("data-").tempdir_in(folder);
    let scratch = scratch.map_err(|error| Error::io("write into", folder, error))?;
    let mut layers = Vec::with_capacity(results.len());
    for (id, (name, features)) in (0_u32..).zip(results) {
        layers.push(layer(datasets, id, name, features, scratch.path())?);
    }
    HostedStore::create(folder, &ServiceSource { service: ServiceDescription::default(), layers }, datasets)
}

fn layer(
    datasets: &dyn Datasets,
    id: u32,
    name: &str,
    features: &Features<'_>,
    scratch: &Path,
) -> Result<LayerSource> {
    // By this ending the reader tells feature sets from other text.
    let path = scratch.join(format!("{id}.json"));
    match features {
        Features::Value(value) => {
            fs::write(&path, value.to_string()).map_err(|error| Error::io("write", &path, error))?;
        }
        Features::File(file) => {
            if fs::hard_link(file, &path).is_err() {
                fs::copy(file, &path).map_err(|error| Error::io("copy", file, error))?;
            }
        }
    }
    let source = Source { path, layer: None, filter: None };
    let mut dataset = datasets.describe(&source)?;
    // Readers of feature sets list the row id among the other columns too.
    let oid = dataset.oid_field.clone().unwrap_or_default();
    dataset.fields.retain(|field| !field.name.eq_ignore_ascii_case(&oid));
    let head = head(&source.path)?;
    let described = json!({ "id": id, "name": name, "fields": head.fields });
    definition::layer(&described, &dataset, source)
}

/// What a feature set says of its features.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Head {
    fields: Vec<Value>,
}

/// Reads it without keeping the features.
fn head(path: &Path) -> Result<Head> {
    let file = fs::File::open(path).map_err(|error| Error::io("open", path, error))?;
    serde_json::from_reader(BufReader::new(file))
        .map_err(|error| Error::invalid(format!("a result is no feature set: {error}")))
}
