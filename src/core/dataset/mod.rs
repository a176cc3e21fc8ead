//! What a data source is, and the port through which data is read.
//!
//! GDAL reads geodatabases better than we ever would, so the reading itself is done by whoever
//! implements [`Datasets`]; documents and the site only see schemas and Arrow batches.

mod memory;
mod remembered;
mod schema;

pub use memory::MemoryDatasets;
pub use remembered::Remembered;
pub use schema::{
    Dataset, Details, Domain, DomainValue, Envelope, Field, FieldType, GeometryType, Registration,
    SpatialReference, Subtype, Subtypes,
};

use std::path::{Path, PathBuf};

use arrow_array::RecordBatchReader;

use crate::Result;

/// Name of the column that carries geometries as WKB in every batch.
pub const GEOMETRY_COLUMN: &str = "wkb_geometry";
/// Name of the `Int64` column that carries the source's row ids in every batch.
pub const OID_COLUMN: &str = "OGC_FID";

/// One table or feature class: a container and the name inside it.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Source {
    /// File or folder: `x.gdb`, `roads.shp`, `a.gpkg`, `b.geojson`, `c.csv`, or `memory`.
    pub path: PathBuf,
    /// Feature class or table in a container with several; `None` for single files.
    pub layer: Option<String>,
    /// Definition query in the syntax of the source, without the word `WHERE`.
    pub filter: Option<String>,
}

/// What to copy where when a service definition consolidates its data.
#[derive(Clone, Debug)]
pub struct Copy {
    /// What is copied, with its definition query.
    pub source: Source,
    /// Name of the feature class or table in the target geodatabase.
    pub target: String,
}

/// A stream of Arrow batches.
pub type Batches = Box<dyn RecordBatchReader + Send>;

/// Reads data: the one way from files to documents and to the site.
///
/// Batches hold the columns of [`Dataset::fields`] by name, [`OID_COLUMN`] and, when the dataset
/// has a geometry, [`GEOMETRY_COLUMN`]. Implementations stream: none holds a whole dataset.
pub trait Datasets: Send + Sync {
    /// Lists the feature classes and tables of a container, in its own order.
    fn list(&self, path: &Path) -> Result<Vec<String>>;

    /// Describes one dataset.
    fn describe(&self, source: &Source) -> Result<Dataset>;

    /// Looks at what only some questions need: indexes, registration, overviews. What a format does
    /// not tell stays unknown.
    fn details(&self, source: &Source) -> Result<Details> {
        let _ = source;
        Ok(Details::default())
    }

    /// Streams one dataset; `columns` of `None` means all.
    fn read(&self, source: &Source, columns: Option<&[String]>) -> Result<Batches>;

    /// Copies datasets into a new file geodatabase, with aliases, domains and spatial indexes.
    fn copy_to_geodatabase(&self, copies: &[Copy], geodatabase: &Path) -> Result<()>;
}
