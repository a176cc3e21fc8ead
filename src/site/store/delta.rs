//! Edits since the image was built.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::bitmap::Bitmap;
use super::geopackage::StoredRow;
use super::image::Image;

/// Rows that differ from the image: new and changed ones, and the image's rows that no longer count.
#[derive(Clone, Debug, Default)]
pub(crate) struct Delta {
    /// New and changed rows by id; `None` for deleted ones.
    rows: BTreeMap<i64, Option<Arc<StoredRow>>>,
    /// Rows of the image that were changed or deleted.
    hidden: Option<Bitmap>,
    /// How many those are.
    hidden_count: usize,
}

impl Delta {
    /// Takes a row as it is now; `None` when it is gone.
    pub(crate) fn set(&mut self, image: &Image, oid: i64, row: Option<StoredRow>) {
        self.rows.insert(oid, row.map(Arc::new));
        if let Some(at) = image.find(oid) {
            let hidden = self.hidden.get_or_insert_with(|| Bitmap::empty(image.rows()));
            if !hidden.contains(at) {
                hidden.insert(at);
                self.hidden_count += 1;
            }
        }
    }

    /// How many rows differ.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Rows of the image that do not count.
    pub(crate) fn hidden(&self) -> Option<&Bitmap> {
        self.hidden.as_ref()
    }

    pub(crate) fn hidden_count(&self) -> usize {
        self.hidden_count
    }

    /// New and changed rows by id.
    pub(crate) fn live(&self) -> impl Iterator<Item = &Arc<StoredRow>> + '_ {
        self.rows.values().flatten()
    }
}
