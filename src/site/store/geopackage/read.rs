//! Reading rows of the record: for images that are built again, and for edits that just happened.

use geosharing_core::Result;
use geosharing_core::dataset::FieldType;
use rusqlite::Row;
use rusqlite::types::ValueRef;

use super::schema::quote;
use super::{Record, StoredRow, blob, failed};
use crate::store::cell::{Cell, OwnedCell, read_datetime};
use crate::store::layer::Layer;

fn select(layer: &Layer) -> String {
    let schema = &layer.schema;
    let mut list = vec![quote(schema.oid_name())];
    list.extend(layer.columns().filter_map(|index| schema.field(index)).map(|field| quote(&field.name)));
    if layer.has_geometry() {
        list.push(quote(layer.geometry_column()));
    }
    format!("SELECT {} FROM {}", list.join(", "), quote(&layer.table))
}

fn cell_of(value: ValueRef<'_>, field_type: FieldType) -> Cell<'_> {
    let is_float = matches!(field_type, FieldType::Single | FieldType::Double);
    match value {
        ValueRef::Integer(value) if is_float => Cell::Float(value as f64),
        ValueRef::Integer(value) => Cell::Int(value),
        ValueRef::Real(value) if is_float => Cell::Float(value),
        ValueRef::Real(value) => Cell::Int(value as i64),
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(text) if field_type == FieldType::Date => read_datetime(text).map_or(Cell::Null, Cell::Int),
            Ok(text) => Cell::Text(text),
            Err(_) => Cell::Null,
        },
        ValueRef::Blob(bytes) => Cell::Bytes(bytes),
        ValueRef::Null => Cell::Null,
    }
}

fn types_of(layer: &Layer) -> Vec<FieldType> {
    layer.columns().map(|index| layer.schema.field_type(index)).collect()
}

/// Gives the cells and the WKB of a selected row.
fn with_row<T>(
    layer: &Layer,
    types: &[FieldType],
    row: &Row<'_>,
    take: impl FnOnce(i64, &[Cell<'_>], Option<&[u8]>) -> Result<T>,
) -> Result<T> {
    let oid = row.get(0).map_err(failed)?;
    let mut cells = Vec::with_capacity(types.len());
    for (at, field_type) in types.iter().enumerate() {
        cells.push(cell_of(row.get_ref(at + 1).map_err(failed)?, *field_type));
    }
    let wkb = match layer.has_geometry().then(|| row.get_ref(types.len() + 1)) {
        Some(Ok(ValueRef::Blob(bytes))) => Some(blob::decode(bytes)?),
        _ => None,
    };
    take(oid, &cells, wkb)
}

impl Record {
    /// Walks all rows of a layer by their ids, as of one moment; also says which change came last.
    pub(crate) fn walk(
        &self,
        layer: &Layer,
        take: impl FnMut(i64, &[Cell<'_>], Option<&[u8]>) -> Result<()>,
    ) -> Result<i64> {
        let _moment = self.connection.unchecked_transaction().map_err(failed)?;
        let change = self.last_change()?;
        self.walk_open(layer, take)?;
        Ok(change)
    }

    /// Walks all rows of a layer by their ids inside a transaction that is open already.
    pub(crate) fn walk_open(
        &self,
        layer: &Layer,
        mut take: impl FnMut(i64, &[Cell<'_>], Option<&[u8]>) -> Result<()>,
    ) -> Result<()> {
        let types = types_of(layer);
        let sql = format!("{} ORDER BY {}", select(layer), quote(layer.schema.oid_name()));
        let mut statement = self.connection.prepare(&sql).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            with_row(layer, &types, row, &mut take)?;
        }
        Ok(())
    }

    /// Number of the last change of any layer; 0 when nothing changed since the publish.
    pub(crate) fn last_change(&self) -> Result<i64> {
        let sql = "SELECT ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'geosharing_changes'), 0)";
        self.connection.query_row(sql, [], |row| row.get(0)).map_err(failed)
    }

    /// Reads one row.
    pub(crate) fn row(&self, layer: &Layer, oid: i64) -> Result<Option<StoredRow>> {
        let sql = format!("{} WHERE {} = ?1", select(layer), quote(layer.schema.oid_name()));
        let mut statement = self.connection.prepare_cached(&sql).map_err(failed)?;
        let mut rows = statement.query([oid]).map_err(failed)?;
        let Some(row) = rows.next().map_err(failed)? else { return Ok(None) };
        with_row(layer, &types_of(layer), row, |oid, cells, wkb| {
            let cells: Vec<OwnedCell> = cells.iter().map(|cell| cell.own()).collect();
            Ok(Some(StoredRow { oid, cells, wkb: wkb.map(<[u8]>::to_vec) }))
        })
    }

    /// Lists the ids that changed after an image was made; `None` when the list was cut since.
    pub(crate) fn changed_since(&self, layer: u32, change: i64) -> Result<Option<Vec<i64>>> {
        let sql = "SELECT ifnull((SELECT CAST(value AS INTEGER) FROM geosharing_service WHERE key = ?1), 0)";
        let key = format!("cut:{layer}");
        let cut: i64 = self.connection.query_row(sql, [key], |row| row.get(0)).map_err(failed)?;
        if change < cut {
            return Ok(None);
        }
        let sql = "SELECT DISTINCT oid FROM geosharing_changes WHERE layer = ?1 AND change > ?2 ORDER BY oid";
        let mut statement = self.connection.prepare(sql).map_err(failed)?;
        let rows = statement.query_map([i64::from(layer), change], |row| row.get(0)).map_err(failed)?;
        rows.collect::<rusqlite::Result<Vec<i64>>>().map(Some).map_err(failed)
    }

    /// Forgets changes that a layer's image has.
    pub(crate) fn cut_changes(&self, layer: u32, change: i64) -> Result<()> {
        let transaction = self.connection.unchecked_transaction().map_err(failed)?;
        let sql = "DELETE FROM geosharing_changes WHERE layer = ?1 AND change <= ?2";
        transaction.execute(sql, [i64::from(layer), change]).map_err(failed)?;
        let sql = "INSERT OR REPLACE INTO geosharing_service VALUES (?1, ?2)";
        transaction.execute(sql, [format!("cut:{layer}"), change.to_string()]).map_err(failed)?;
        transaction.commit().map_err(failed)
    }
}
