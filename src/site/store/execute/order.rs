//! Rows in an order, and pages of them.

use std::cmp::Ordering;

use geosharing_core::Result;
use geosharing_core::query::{OrderBy, Paging, Row, Value};

use super::select::Selected;
use super::table::Table;
use crate::store::RowSink;
use crate::store::bitmap::Bitmap;
use crate::store::geopackage::StoredRow;
use crate::store::image::Column;

/// Hands a page to a sink in the order of row ids; says whether more rows follow.
///
/// Whole stretches of skipped rows are counted, not walked, so that late pages cost what early ones do.
pub(super) fn by_id(
    table: &Table<'_>,
    selected: &Selected<'_>,
    paging: Paging,
    sink: &mut dyn RowSink,
) -> Result<bool> {
    let mut skip = usize::try_from(paging.offset).unwrap_or(usize::MAX);
    let mut left = paging.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let mut from = 0;
    for stored in selected.delta.iter().map(Some).chain([None]) {
        let to =
            stored.map_or(table.oids.len(), |stored| table.oids.partition_point(|oid| *oid < stored.oid));
        if stretch(table, selected.image.as_ref(), from, to, &mut skip, &mut left, sink)? {
            return Ok(true);
        }
        from = from.max(to);
        let Some(stored) = stored else { break };
        if skip > 0 {
            skip -= 1;
        } else if left == 0 {
            return Ok(true);
        } else {
            left -= 1;
            sink.row(&table.delta_row(stored))?;
        }
    }
    Ok(false)
}

/// Hands the selected rows of `from..to` on; `true` when the page is full and a row is left over.
fn stretch(
    table: &Table<'_>,
    rows: Option<&Bitmap>,
    from: usize,
    to: usize,
    skip: &mut usize,
    left: &mut usize,
    sink: &mut dyn RowSink,
) -> Result<bool> {
    if from >= to {
        return Ok(false);
    }
    let there = rows.map_or(to - from, |rows| rows.count_range(from, to));
    if there <= *skip {
        *skip -= there;
        return Ok(false);
    }
    let mut next = rows.map_or(Some(from + *skip), |rows| rows.nth_from(from, *skip));
    let available = there - *skip;
    *skip = 0;
    for _ in 0..available.min(*left) {
        let Some(row) = next else { break };
        sink.row(&table.row(row))?;
        next = rows.map_or(Some(row + 1), |rows| rows.nth_from(row + 1, 0));
    }
    let full = available > *left;
    *left -= available.min(*left);
    Ok(full)
}

/// Whether an order is that of ascending row ids.
pub(super) fn is_by_id(table: &Table<'_>, order_by: &[OrderBy]) -> bool {
    order_by.first().is_none_or(|first| first.field == table.layer.schema.oid && !first.descending)
}

/// A selected row: below the number of rows of the image one of these, above one of the edits.
#[derive(Clone, Copy)]
struct Item {
    key: u64,
    at: u32,
}

/// Hands a page to a sink in a given order; says whether more rows follow.
pub(super) fn by_fields(
    table: &Table<'_>,
    selected: &Selected<'_>,
    order_by: &[OrderBy],
    paging: Paging,
    sink: &mut dyn RowSink,
) -> Result<bool> {
    let Some(first) = order_by.first() else { return by_id(table, selected, paging, sink) };
    let (mut items, exact) = keys(table, selected, first);
    let rows = table.oids.len();
    let delta = |at: u32| -> Option<&StoredRow> {
        (at as usize).checked_sub(rows).and_then(|at| selected.delta.get(at).copied())
    };
    let value = |item: &Item, field: usize, other: &Item| -> Ordering {
        let (a, b) = (delta(item.at), delta(other.at));
        let (image_a, image_b) = (table.row(item.at as usize), table.row(other.at as usize));
        let (delta_a, delta_b) = (a.map(|row| table.delta_row(row)), b.map(|row| table.delta_row(row)));
        let left: Value<'_> = delta_a.as_ref().map_or_else(|| image_a.value(field), |row| row.value(field));
        let right: Value<'_> = delta_b.as_ref().map_or_else(|| image_b.value(field), |row| row.value(field));
        left.sort_order(&right)
    };
    let oid = |item: &Item| {
        delta(item.at).map_or_else(|| table.oids.get(item.at as usize).copied(), |row| Some(row.oid))
    };
    let compare = |a: &Item, b: &Item| {
        let mut order = a.key.cmp(&b.key);
        for (at, by) in order_by.iter().enumerate() {
            if order != Ordering::Equal {
                break;
            }
            if at > 0 || !exact {
                order = value(a, by.field, b);
                if by.descending {
                    order = order.reverse();
                }
            }
        }
        order.then_with(|| oid(a).cmp(&oid(b)))
    };
    let offset = usize::try_from(paging.offset).unwrap_or(usize::MAX);
    let limit = paging.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let end = offset.saturating_add(limit);
    let more = items.len() > end;
    if offset >= items.len() {
        return Ok(false);
    }
    if more && end > 0 {
        // Only the page and what comes before it have to be found, and only the page sorted.
        items.select_nth_unstable_by(end - 1, compare);
        items.truncate(end);
    }
    if offset > 0 {
        items.select_nth_unstable_by(offset, compare);
    }
    let Some(page) = items.get_mut(offset..) else { return Ok(false) };
    let page = if limit == 0 { &mut [] } else { page };
    page.sort_unstable_by(compare);
    for item in page {
        match delta(item.at) {
            Some(stored) => sink.row(&table.delta_row(stored))?,
            None => sink.row(&table.row(item.at as usize))?,
        }
    }
    Ok(more)
}

/// Selected rows with a number that sorts like the first field; `true` when equal numbers mean equal
/// values.
fn keys(table: &Table<'_>, selected: &Selected<'_>, by: &OrderBy) -> (Vec<Item>, bool) {
    let flip = if by.descending { u64::MAX } else { 0 };
    let mut items = Vec::with_capacity(selected.count(table));
    let mut exact = true;
    let mut push = |at: usize, key: u64| items.push(Item { key: key ^ flip, at: at as u32 });
    let image = selected.image_rows(table);
    let is_null = |row| table.is_null(by.field, row);
    match table.column(by.field) {
        Some(Column::Int(values)) => {
            image.for_each(|row| push(row, if is_null(row) { 0 } else { int_key(value_at(values, row)) }));
        }
        Some(Column::Float(values)) => {
            image.for_each(|row| push(row, if is_null(row) { 0 } else { float_key(value_at(values, row)) }));
        }
        Some(Column::Dictionary { codes, .. }) if selected.delta.is_empty() => {
            image.for_each(|row| push(row, u64::from(value_at(codes, row).wrapping_add(1))));
        }
        Some(column) => {
            exact = false;
            image.for_each(|row| {
                let text = match column {
                    Column::Plain(values) => values.text(row),
                    Column::Dictionary { codes, values, .. } => values.text(value_at(codes, row) as usize),
                    _ => "",
                };
                push(row, if is_null(row) { 0 } else { text_key(text) });
            });
        }
        None => image.for_each(|row| push(row, int_key(value_at(table.oids, row)))),
    }
    for (at, stored) in selected.delta.iter().enumerate() {
        let key = match table.delta_row(stored).value(by.field) {
            Value::Int(value) | Value::Date(value) => int_key(value),
            Value::Float(value) => float_key(value),
            Value::Text(text) => text_key(&text),
            Value::Bool(_) | Value::Null => 0,
        };
        push(table.oids.len() + at, key);
    }
    (items, exact)
}

fn value_at<T: Copy + Default>(values: &[T], row: usize) -> T {
    values.get(row).copied().unwrap_or_default()
}

/// Sorts like the integer, and after null.
fn int_key(value: i64) -> u64 {
    ((value as u64) ^ (1 << 63)).max(1)
}

/// Sorts like the float, and after null.
fn float_key(value: f64) -> u64 {
    // -0.0 and 0.0 are one value.
    let bits = (value + 0.0).to_bits();
    (if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }).max(1)
}

/// Sorts like the first bytes of a text; texts that share them have to be compared.
fn text_key(text: &str) -> u64 {
    let mut first = [0; 8];
    for (to, from) in first.iter_mut().zip(text.as_bytes()) {
        *to = *from;
    }
    u64::from_be_bytes(first).max(1)
}
