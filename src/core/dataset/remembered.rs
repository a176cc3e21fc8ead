//! Descriptions that are asked for once.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::{Batches, Copy, Dataset, Datasets, Details, Source};
use crate::Result;

/// [`Datasets`] that describes each source once, for work that looks at the same data several times.
pub struct Remembered<'a> {
    datasets: &'a dyn Datasets,
    described: Mutex<HashMap<Source, Dataset>>,
}

impl<'a> Remembered<'a> {
    /// Wraps a reader; what it described stays as it was.
    pub fn new(datasets: &'a dyn Datasets) -> Self {
        Self { datasets, described: Mutex::default() }
    }
}

impl Datasets for Remembered<'_> {
    fn list(&self, path: &Path) -> Result<Vec<String>> {
        self.datasets.list(path)
    }

    fn describe(&self, source: &Source) -> Result<Dataset> {
        if let Some(known) = self.described.lock().unwrap_or_else(PoisonError::into_inner).get(source) {
            return Ok(known.clone());
        }
        let dataset = self.datasets.describe(source)?;
        let mut described = self.described.lock().unwrap_or_else(PoisonError::into_inner);
        described.insert(source.clone(), dataset.clone());
        Ok(dataset)
    }

    fn details(&self, source: &Source) -> Result<Details> {
        self.datasets.details(source)
    }

    fn read(&self, source: &Source, columns: Option<&[String]>) -> Result<Batches> {
        self.datasets.read(source, columns)
    }

    fn copy_to_geodatabase(&self, copies: &[Copy], geodatabase: &Path) -> Result<()> {
        self.datasets.copy_to_geodatabase(copies, geodatabase)
    }
}
