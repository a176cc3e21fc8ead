//! Which rows a selection means.

use std::collections::HashSet;

use geosharing_core::Result;
use geosharing_core::geometry::matches;
use geosharing_core::query::{Row, Selection, SpatialFilter, SpatialRelation};

use super::filter;
use super::table::Table;
use crate::store::bitmap::Bitmap;
use crate::store::geopackage::StoredRow;
use crate::store::wkb;

/// Rows below which a condition is decided row by row instead of over whole columns.
const FEW: usize = 2048;

/// Selected rows: of the image, and among the edits by ascending id.
pub(super) struct Selected<'a> {
    /// `None` for all rows of the image.
    pub(super) image: Option<Bitmap>,
    pub(super) delta: Vec<&'a StoredRow>,
}

impl Selected<'_> {
    pub(super) fn count(&self, table: &Table<'_>) -> usize {
        self.image.as_ref().map_or(table.oids.len(), Bitmap::count) + self.delta.len()
    }

    /// Walks the rows of the image.
    pub(super) fn image_rows<'b>(&'b self, table: &Table<'_>) -> Box<dyn Iterator<Item = usize> + 'b> {
        match &self.image {
            Some(rows) => Box::new(rows.iter()),
            None => Box::new(0..table.oids.len()),
        }
    }
}

/// Finds the selected rows.
pub(super) fn select<'a>(table: &'a Table<'a>, selection: &Selection) -> Result<Selected<'a>> {
    let mut rows: Option<Bitmap> = None;
    if let Some(oids) = &selection.object_ids {
        let mut found = Bitmap::empty(table.oids.len());
        for oid in oids {
            if let Some(row) = table.image.find(*oid) {
                found.insert(row);
            }
        }
        rows = Some(found);
    }
    let mut unsure = None;
    if let Some(spatial) = &selection.spatial {
        let (near, maybe) = candidates(table, spatial);
        match &mut rows {
            Some(rows) => rows.and(&near),
            None => rows = Some(near),
        }
        unsure = Some(maybe);
    }
    if let Some(hidden) = table.delta.hidden() {
        rows.get_or_insert_with(|| Bitmap::full(table.oids.len())).and_not(hidden);
    }
    if let Some(condition) = &selection.filter {
        match rows.take() {
            Some(some) if some.count() < FEW => {
                let mut left = Bitmap::empty(some.len());
                some.iter()
                    .filter(|row| condition.matches(&table.row(*row)))
                    .for_each(|row| left.insert(row));
                rows = Some(left);
            }
            Some(mut some) => {
                some.and(&filter::evaluate(table, condition).yes);
                rows = Some(some);
            }
            None => rows = Some(filter::evaluate(table, condition).yes),
        }
    }
    if let (Some(rows), Some(mut maybe), Some(spatial)) = (&mut rows, unsure, &selection.spatial) {
        // What is left is decided exactly, and only once everything cheaper has had its say.
        maybe.and(rows);
        for row in maybe.iter() {
            if !lies(&table.row(row), table.wkb(row), spatial)? {
                rows.remove(row);
            }
        }
    }
    let mut delta = Vec::new();
    if !table.delta.is_empty() {
        let wanted: Option<HashSet<i64>> =
            selection.object_ids.as_ref().map(|oids| oids.iter().copied().collect());
        for stored in table.delta.live() {
            let row = table.delta_row(stored);
            let chosen = wanted.as_ref().is_none_or(|wanted| wanted.contains(&stored.oid))
                && selection.filter.as_ref().is_none_or(|condition| condition.matches(&row));
            let chosen = chosen
                && match &selection.spatial {
                    Some(spatial) => lies(&row, stored.wkb.as_deref().unwrap_or_default(), spatial)?,
                    None => true,
                };
            if chosen {
                delta.push(&**stored);
            }
        }
    }
    Ok(Selected { image: rows, delta })
}

/// Rows whose box meets the filter's envelope; and those among them that need the exact test.
fn candidates(table: &Table<'_>, spatial: &SpatialFilter) -> (Bitmap, Bitmap) {
    let mut near = Bitmap::empty(table.oids.len());
    let mut maybe = Bitmap::empty(table.oids.len());
    let Some(tree) = table.image.tree() else { return (near, maybe) };
    let envelope = &spatial.envelope;
    let bounds = [envelope.xmin, envelope.ymin, envelope.xmax, envelope.ymax];
    let inside_is_enough = match spatial.relation {
        SpatialRelation::EnvelopeIntersects => true,
        SpatialRelation::Intersects => spatial.is_envelope && spatial.distance == 0.0,
        _ => false,
    };
    tree.search(&bounds, |row, inside| {
        near.insert(row as usize);
        if !(inside && inside_is_enough) {
            maybe.insert(row as usize);
        }
    });
    (near, maybe)
}

/// Decides whether a row lies as a filter asks.
fn lies(row: &dyn Row, bytes: &[u8], spatial: &SpatialFilter) -> Result<bool> {
    if bytes.is_empty() {
        return Ok(false);
    }
    let Some(bounds) = wkb::bounds(bytes)? else { return Ok(false) };
    let envelope = &spatial.envelope;
    let apart = bounds[0] > envelope.xmax
        || bounds[2] < envelope.xmin
        || bounds[1] > envelope.ymax
        || bounds[3] < envelope.ymin;
    if apart {
        return Ok(false);
    }
    if spatial.relation == SpatialRelation::EnvelopeIntersects {
        return Ok(true);
    }
    let inside = bounds[0] >= envelope.xmin
        && bounds[2] <= envelope.xmax
        && bounds[1] >= envelope.ymin
        && bounds[3] <= envelope.ymax;
    if inside
        && spatial.is_envelope
        && spatial.distance == 0.0
        && spatial.relation == SpatialRelation::Intersects
    {
        return Ok(true);
    }
    let Some(shape) = row.shape() else { return Ok(false) };
    Ok(matches(spatial, shape))
}
