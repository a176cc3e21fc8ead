//! The properties of drafts, one file for each kind of draft, in the order of Esri's class pages.

mod feature;
mod geoprocessing;

use super::Row;

/// The rows of every kind.
const ROWS: &[&[Row]] = &[feature::ROWS, geoprocessing::ROWS];

/// Returns every row.
pub(super) fn all() -> impl Iterator<Item = &'static Row> {
    ROWS.iter().copied().flatten()
}
