//! Edits as plain data, typed and validated before a store sees them.

use super::value::OwnedValue;

/// Edits of one layer, applied in this order: adds, updates, deletes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edits {
    /// New rows.
    pub adds: Vec<NewRow>,
    /// Changes of rows.
    pub updates: Vec<RowChange>,
    /// Row ids to delete.
    pub deletes: Vec<i64>,
    /// Whether one failure undoes everything.
    pub rollback_on_failure: bool,
}

/// A new row; fields that are not named become null or their default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewRow {
    /// Values by field index; no row id. A global id is in here when the caller chose it.
    pub values: Vec<(usize, OwnedValue)>,
    /// ISO WKB in the layer's spatial reference.
    pub geometry: Option<Vec<u8>>,
}

/// What becomes of a geometry.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Change {
    /// It stays.
    #[default]
    Keep,
    /// It goes.
    Clear,
    /// ISO WKB in the layer's spatial reference takes its place.
    Set(Vec<u8>),
}

/// A change of one row; fields that are not named stay.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowChange {
    /// Which row.
    pub object_id: i64,
    /// New values by field index.
    pub values: Vec<(usize, OwnedValue)>,
    /// The geometry.
    pub geometry: Change,
}

/// What became of one edit.
#[derive(Clone, Debug, PartialEq)]
pub struct EditOutcome {
    /// Row id; of a new row, the one that it got; -1 where there is none.
    pub object_id: i64,
    /// The row's global id in braces, where the layer has one.
    pub global_id: Option<String>,
    /// Why it failed; `None` for success.
    pub failure: Option<EditFailure>,
}

/// Why one edit failed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EditFailure {
    /// Esri's code, 1000 and up.
    pub code: i32,
    /// What and why.
    pub description: String,
}

/// What became of the edits of one layer, in the order of the edits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EditReply {
    /// Of [`Edits::adds`].
    pub adds: Vec<EditOutcome>,
    /// Of [`Edits::updates`].
    pub updates: Vec<EditOutcome>,
    /// Of [`Edits::deletes`].
    pub deletes: Vec<EditOutcome>,
}
