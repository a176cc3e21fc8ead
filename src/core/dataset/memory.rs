//! An in-memory [`Datasets`] for tests and for data that never was a file.

use std::collections::BTreeMap;
use std::path::Path;

use arrow_array::{RecordBatch, RecordBatchIterator};
use arrow_schema::SchemaRef;

use super::{Batches, Copy, Dataset, Datasets, Details, Source};
use crate::{Error, Result};

/// Datasets by layer name, all of them below any path.
#[derive(Debug, Default)]
pub struct MemoryDatasets {
    tables: BTreeMap<String, (Dataset, SchemaRef, Vec<RecordBatch>)>,
    details: BTreeMap<String, Details>,
}

impl MemoryDatasets {
    /// Adds or replaces a dataset.
    pub fn insert(&mut self, dataset: Dataset, schema: SchemaRef, batches: Vec<RecordBatch>) {
        self.tables.insert(dataset.name.clone(), (dataset, schema, batches));
    }

    /// Says what [`Datasets::details`] answers of a dataset.
    pub fn detail(&mut self, name: impl Into<String>, details: Details) {
        self.details.insert(name.into(), details);
    }

    fn find(&self, source: &Source) -> Result<&(Dataset, SchemaRef, Vec<RecordBatch>)> {
        let name = source.layer.as_deref().unwrap_or_default();
        self.tables.get(name).ok_or_else(|| Error::not_found(format!("no dataset `{name}` in memory")))
    }
}

impl Datasets for MemoryDatasets {
    fn list(&self, _path: &Path) -> Result<Vec<String>> {
        Ok(self.tables.keys().cloned().collect())
    }

    fn describe(&self, source: &Source) -> Result<Dataset> {
        Ok(self.find(source)?.0.clone())
    }

    fn details(&self, source: &Source) -> Result<Details> {
        let name = source.layer.as_deref().unwrap_or_default();
        Ok(self.details.get(name).cloned().unwrap_or_default())
    }

    fn read(&self, source: &Source, _columns: Option<&[String]>) -> Result<Batches> {
        let (_, schema, batches) = self.find(source)?;
        let batches = batches.clone().into_iter().map(Ok);
        Ok(Box::new(RecordBatchIterator::new(batches, SchemaRef::clone(schema))))
    }

    fn copy_to_geodatabase(&self, _copies: &[Copy], _geodatabase: &Path) -> Result<()> {
        Err(Error::unsupported("in-memory datasets have no geodatabase to copy to"))
    }
}
