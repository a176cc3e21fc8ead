//! Where hosted features live.
//!
//! [`FeatureStore`] is what the REST handlers see. [`HostedStore`] is the embedded one: the record is
//! a GeoPackage, and queries are answered from a memory-mapped image of it, merged with the edits
//! since the image was built.

mod bitmap;
mod cell;
mod columns;
mod delta;
mod execute;
mod geopackage;
mod guid;
mod hosted;
mod image;
mod ingest;
mod layer;
#[cfg(test)]
mod tests;
mod wkb;

pub use cell::{Cell, OwnedCell};
pub use hosted::HostedStore;
pub use ingest::{LayerSource, ServiceSource};
pub use layer::{Layer, ServiceDescription};

use std::sync::Arc;

use geosharing_core::Result;
use geosharing_core::dataset::Envelope;
use geosharing_core::query::{EditReply, Edits, Groups, OrderBy, OwnedValue, Row, Rows, Selection};

/// Takes rows one after the other, as they are found.
pub trait RowSink {
    /// Takes one row; an error ends the query.
    fn row(&mut self, row: &dyn Row) -> Result<()>;
}

impl<F: FnMut(&dyn Row) -> Result<()>> RowSink for F {
    fn row(&mut self, row: &dyn Row) -> Result<()> {
        self(row)
    }
}

/// Groups with their statistics, in the order asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupTable {
    /// The keys of each group, then its statistics.
    pub rows: Vec<Vec<OwnedValue>>,
    /// Whether there are more groups after this page.
    pub more: bool,
}

/// The layers and tables of one service: read by many, changed by few.
///
/// Every call sees all edits that were acknowledged before it began. Calls block on disk; async code
/// runs them on a blocking thread.
pub trait FeatureStore: Send + Sync {
    /// Describes the service as it was published.
    fn service(&self) -> Arc<ServiceDescription>;

    /// Returns the layers and tables by ascending id.
    fn layers(&self) -> Vec<Arc<Layer>>;

    /// Finds a layer or table.
    fn layer(&self, id: u32) -> Option<Arc<Layer>> {
        self.layers().into_iter().find(|layer| layer.id == id)
    }

    /// Counts the selected rows.
    fn count(&self, layer: u32, selection: &Selection) -> Result<u64>;

    /// Lists the ids of the selected rows; by id where no order is given.
    fn ids(&self, layer: u32, selection: &Selection, order_by: &[OrderBy]) -> Result<Vec<i64>>;

    /// Returns the extent of the selected rows in the layer's spatial reference, and their number.
    fn extent(&self, layer: u32, selection: &Selection) -> Result<(Option<Envelope>, u64)>;

    /// Hands a page of the selected rows to a sink; says whether more rows follow the page.
    fn rows(&self, layer: u32, selection: &Selection, rows: &Rows, sink: &mut dyn RowSink) -> Result<bool>;

    /// Groups the selected rows and computes statistics; with no statistics, distinct values.
    fn groups(&self, layer: u32, selection: &Selection, groups: &Groups) -> Result<GroupTable>;

    /// Applies edits of any number of layers in one transaction, in their order. When it returns,
    /// they are on disk and seen by every query. A failure in edits that ask to be rolled back undoes
    /// those of all layers.
    fn apply_all(&self, edits: &[(u32, &Edits)]) -> Result<Vec<EditReply>>;

    /// Applies edits of one layer, as [`Self::apply_all`].
    fn apply(&self, layer: u32, edits: &Edits) -> Result<EditReply> {
        Ok(self.apply_all(&[(layer, edits)])?.pop().unwrap_or_default())
    }

    /// Replaces what a layer's REST resource says about itself (`updateDefinition`).
    fn define(&self, layer: u32, definition: serde_json::Value) -> Result<()>;

    /// Number of the last change to rows or definitions; for `ETag`s and caches.
    fn version(&self) -> u64;
}
