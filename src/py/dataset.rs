//! The data port over `geosharing.data`: Python opens, Arrow streams come back without copies.
//!
//! GDAL fills the batches through Arrow's C stream, so Python's lock is held while a dataset is
//! opened and closed and never while rows flow.

use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::BinaryBuilder;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use geosharing_core::dataset::{
    Batches, Copy, Dataset, Datasets, Details, GEOMETRY_COLUMN, OID_COLUMN, Source,
};
use geosharing_core::geometry::{Parts, has_curves, read_wkb, write_wkb};
use geosharing_core::{Error, Kind, Result};
use pyo3::exceptions::{
    PyFileExistsError, PyFileNotFoundError, PyNotImplementedError, PyOSError, PyPermissionError, PyValueError,
};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3_arrow::PyRecordBatchReader;

/// [`Datasets`] over Python's `geosharing.data`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PyDatasets;

impl Datasets for PyDatasets {
    fn list(&self, path: &Path) -> Result<Vec<String>> {
        call(|data| data.call_method1("list_datasets", (path,))?.extract())
    }

    fn describe(&self, source: &Source) -> Result<Dataset> {
        call(|data| {
            let options = PyDict::new(data.py());
            options.set_item("where", &source.filter)?;
            let described = data.call_method("describe", (&*source.path, &source.layer), Some(&options))?;
            Ok(pythonize::depythonize(&described)?)
        })
    }

    fn details(&self, source: &Source) -> Result<Details> {
        call(|data| {
            let told = data.call_method1("details", (&*source.path, &source.layer))?;
            Ok(pythonize::depythonize(&told)?)
        })
    }

    fn read(&self, source: &Source, columns: Option<&[String]>) -> Result<Batches> {
        call(|data| {
            let options = PyDict::new(data.py());
            options.set_item("where", &source.filter)?;
            options.set_item("columns", columns)?;
            let owner = data.call_method("open_arrow", (&*source.path, &source.layer), Some(&options))?;
            let names = Names {
                geometry: owner.getattr("geometry_column")?.extract()?,
                oid: owner.getattr("oid_column")?.extract()?,
            };
            let reader = owner.extract::<PyRecordBatchReader>()?.into_reader()?;
            Ok(Box::new(PyBatches::new(reader, &names, owner.unbind())) as Batches)
        })
    }

    fn copy_to_geodatabase(&self, copies: &[Copy], geodatabase: &Path) -> Result<()> {
        call(|data| {
            let mut list = Vec::with_capacity(copies.len());
            for copy in copies {
                let entry = PyDict::new(data.py());
                entry.set_item("path", copy.source.path.to_string_lossy())?;
                entry.set_item("layer", &copy.source.layer)?;
                entry.set_item("where", &copy.source.filter)?;
                entry.set_item("target", &copy.target)?;
                list.push(entry);
            }
            data.call_method1("copy_to_geodatabase", (list, geodatabase))?;
            Ok(())
        })
    }
}

fn call<T>(run: impl FnOnce(&Bound<'_, PyModule>) -> PyResult<T>) -> Result<T> {
    Python::attach(|py| {
        py.import("geosharing.data").and_then(|data| run(&data)).map_err(|error| translate(py, &error))
    })
}

/// Gives a Python exception the kind that its class stands for.
pub(crate) fn translate(py: Python<'_>, error: &PyErr) -> Error {
    let kind = if error.is_instance_of::<PyFileNotFoundError>(py) {
        Kind::NotFound
    } else if error.is_instance_of::<PyPermissionError>(py) {
        Kind::Denied
    } else if error.is_instance_of::<PyFileExistsError>(py) {
        Kind::Conflict
    } else if error.is_instance_of::<PyNotImplementedError>(py) {
        Kind::Unsupported
    } else if error.is_instance_of::<PyValueError>(py) {
        Kind::InvalidInput
    } else if error.is_instance_of::<PyOSError>(py) {
        Kind::Io
    } else {
        Kind::Internal
    };
    let value = error.value(py);
    let number = value.getattr("code").ok().and_then(|code| code.extract::<u32>().ok());
    let found = Error::new(kind, value.to_string());
    match geosharing_core::error::CODES.iter().find(|code| Some(code.number) == number) {
        Some(code) => found.with_code(*code),
        None => found,
    }
}

#[derive(Debug)]
struct Names {
    geometry: Option<String>,
    oid: String,
}

/// A stream of GDAL's under the port's column names.
struct PyBatches {
    // Dropped before `owner` closes the dataset that it reads.
    reader: Option<Box<dyn RecordBatchReader + Send>>,
    schema: SchemaRef,
    owner: Option<Py<PyAny>>,
}

impl PyBatches {
    fn new(reader: Box<dyn RecordBatchReader + Send>, names: &Names, owner: Py<PyAny>) -> Self {
        let fields = reader.schema().fields().iter().map(|field| renamed(field, names)).collect::<Vec<_>>();
        Self { schema: Arc::new(Schema::new(fields)), reader: Some(reader), owner: Some(owner) }
    }

    fn adapt(&self, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let mut columns: Vec<ArrayRef> = batch.columns().iter().map(codes).collect();
        if let Some((place, _)) = self.schema.column_with_name(GEOMETRY_COLUMN)
            && let Some(column) = columns.get_mut(place)
        {
            straighten(column).map_err(|error| ArrowError::ExternalError(Box::new(error)))?;
        }
        RecordBatch::try_new(SchemaRef::clone(&self.schema), columns)
    }
}

fn renamed(field: &Field, names: &Names) -> Field {
    let name = if Some(field.name()) == names.geometry.as_ref() {
        GEOMETRY_COLUMN
    } else if *field.name() == names.oid {
        OID_COLUMN
    } else {
        field.name()
    };
    let kind = match field.data_type() {
        DataType::Dictionary(key, _) => key.as_ref().clone(),
        other => other.clone(),
    };
    Field::new(name, kind, true)
}

/// GDAL streams a field with a coded value domain as its codes beside a dictionary of their
/// descriptions; the codes are what the field holds.
fn codes(column: &ArrayRef) -> ArrayRef {
    match column.data_type() {
        DataType::Dictionary(_, _) => {
            let keys = column.as_any_dictionary().keys();
            keys.slice(0, keys.len())
        }
        _ => Arc::clone(column),
    }
}

/// Turns arcs into lines, since nothing downstream of the port serves curves.
fn straighten(column: &mut ArrayRef) -> Result<()> {
    let Some(shapes) = column.as_binary_opt::<i32>() else { return Ok(()) };
    if !shapes.iter().flatten().any(has_curves) {
        return Ok(());
    }
    let mut parts = Parts::default();
    let mut straight = BinaryBuilder::with_capacity(shapes.len(), shapes.values().len() * 2);
    for shape in shapes {
        match shape {
            Some(shape) if has_curves(shape) => {
                read_wkb(shape, &mut parts)?;
                straight.append_value(write_wkb(&parts));
            }
            other => straight.append_option(other),
        }
    }
    *column = Arc::new(straight.finish());
    Ok(())
}

impl Iterator for PyBatches {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.reader.as_mut()?.next()?;
        Some(batch.and_then(|batch| self.adapt(&batch)))
    }
}

impl RecordBatchReader for PyBatches {
    fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.schema)
    }
}

impl Drop for PyBatches {
    fn drop(&mut self) {
        self.reader = None;
        let Some(owner) = self.owner.take() else { return };
        Python::attach(|py| {
            if let Err(error) = owner.call_method0(py, "close") {
                error.write_unraisable(py, Some(owner.bind(py)));
            }
        });
    }
}
