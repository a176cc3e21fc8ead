//! A query as plain data: what to select, and what to answer about it.

use geo::Geometry;

use super::expr::Expr;
use crate::dataset::Envelope;

/// A bound boolean expression.
pub type Predicate = Expr<usize>;

/// One question about one layer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// Which rows.
    pub selection: Selection,
    /// What about them.
    pub output: Output,
}

/// Which rows; all parts must hold. The default selects every row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    /// The `where` clause and the time filter.
    pub filter: Option<Predicate>,
    /// Row ids; `Some` of an empty list selects nothing.
    pub object_ids: Option<Vec<i64>>,
    /// The spatial filter.
    pub spatial: Option<SpatialFilter>,
}

impl Selection {
    /// Whether every row is selected.
    pub fn is_all(&self) -> bool {
        self.filter.is_none() && self.object_ids.is_none() && self.spatial.is_none()
    }
}

/// How rows must lie to the filter's geometry; the row's geometry is the subject:
/// [`SpatialRelation::Within`] selects rows within the filter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SpatialRelation {
    /// Any point in common.
    Intersects,
    /// Envelopes have a point in common (also `esriSpatialRelIndexIntersects`).
    EnvelopeIntersects,
    /// The row lies within the filter (`esriSpatialRelContains`: the filter contains the row).
    Within,
    /// The row contains the filter (`esriSpatialRelWithin`).
    Contains,
    /// Boundaries meet, interiors do not.
    Touches,
    /// Lines cross.
    Crosses,
    /// Interiors overlap, same dimension.
    Overlaps,
}

/// A spatial filter in the layer's spatial reference.
///
/// `envelope` is for the index; whether a candidate qualifies is decided by
/// [`crate::geometry::matches`].
#[derive(Clone, Debug, PartialEq)]
pub struct SpatialFilter {
    /// The geometry.
    pub geometry: Geometry<f64>,
    /// How rows must lie to it.
    pub relation: SpatialRelation,
    /// Search distance in the units of the layer's spatial reference; 0 for none.
    pub distance: f64,
    /// Envelope of the geometry grown by the distance: rows outside never match.
    pub envelope: Envelope,
    /// Whether the geometry is its envelope, so that points inside match without a further test.
    pub is_envelope: bool,
}

/// What to answer about the selected rows.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// How many there are.
    Count,
    /// Their row ids, in the order asked for.
    Ids(Vec<OrderBy>),
    /// Their extent and number.
    Extent,
    /// Their attributes and geometries.
    Rows(Rows),
    /// Groups of them, with statistics; also distinct values.
    Groups(Groups),
}

impl Default for Output {
    fn default() -> Self {
        Output::Rows(Rows::default())
    }
}

/// A page of rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// Fields to answer, as indexes into the schema.
    pub fields: Vec<usize>,
    /// Whether geometries are wanted.
    pub geometry: bool,
    /// Order; by row id where empty.
    pub order_by: Vec<OrderBy>,
    /// Which page.
    pub paging: Paging,
}

/// Which page.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Paging {
    /// Rows to skip.
    pub offset: u64,
    /// Most rows to give; `None` for all.
    pub limit: Option<u64>,
}

/// One sort key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OrderBy {
    /// Index of the field; for groups, of the output column.
    pub field: usize,
    /// Greatest first.
    pub descending: bool,
}

/// Groups of rows. Output columns are the keys, then the statistics.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Groups {
    /// Fields whose equal values make a group; empty for one group of all rows.
    pub keys: Vec<usize>,
    /// What to compute per group.
    pub statistics: Vec<Statistic>,
    /// Which groups stay; its fields are output columns.
    pub having: Option<Predicate>,
    /// Order of the groups by output columns; by the keys where empty.
    pub order_by: Vec<OrderBy>,
    /// Which page of the groups.
    pub paging: Paging,
}

/// One statistic of a group.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistic {
    /// What to compute.
    pub aggregate: Aggregate,
    /// Over which field; `None` counts rows.
    pub field: Option<usize>,
    /// Name of the output column; empty for columns that only `having` reads.
    pub name: String,
}

/// What a statistic computes. Nulls do not count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Aggregate {
    /// Number of values.
    Count,
    /// Sum.
    Sum,
    /// Least value.
    Min,
    /// Greatest value.
    Max,
    /// Mean.
    Average,
    /// Standard deviation of the sample.
    StandardDeviation,
    /// Variance of the sample.
    Variance,
    /// Percentile.
    Percentile {
        /// Between 0 and 1.
        fraction: f64,
        /// Between the two nearest values; otherwise the nearest value itself.
        continuous: bool,
        /// Counted from the greatest value down.
        descending: bool,
    },
}
