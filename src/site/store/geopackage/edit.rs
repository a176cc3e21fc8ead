//! Applying edits to the record.

use std::collections::BTreeMap;

use geosharing_core::dataset::FieldType;
use geosharing_core::query::{Change, EditFailure, EditOutcome, EditReply, Edits, OwnedValue, Value};
use geosharing_core::{Error, Result};
use rusqlite::types::ToSqlOutput;
use rusqlite::{ToSql, params_from_iter};

use super::bulk::Sql;
use super::schema::quote;
use super::{Record, StoredRow, blob, failed};
use crate::store::cell::{Cell, Storage, storage_of};
use crate::store::guid::Guids;
use crate::store::layer::Layer;

/// Rows after edits by id, `None` for those that are gone; and the number of the last change.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    pub(crate) reply: EditReply,
    pub(crate) rows: BTreeMap<i64, Option<StoredRow>>,
    pub(crate) change: i64,
}

const ADD_FAILED: i32 = 1000;
const UPDATE_FAILED: i32 = 1004;
const NO_SUCH_ROW: i32 = 1019;
const ROLLED_BACK: i32 = 1003;

fn failure(code: i32, description: impl Into<String>) -> EditOutcome {
    let failure = Some(EditFailure { code, description: description.into() });
    EditOutcome { object_id: -1, global_id: None, failure }
}

/// Converts a value of a request to what a column holds.
fn cell_of(value: &OwnedValue, field_type: FieldType) -> Result<Cell<'_>> {
    let storage = storage_of(field_type);
    let cell = match (value, storage) {
        (Value::Null, _) => Some(Cell::Null),
        (Value::Bool(value), Storage::Int) => Some(Cell::Int(i64::from(*value))),
        (Value::Text(text), Storage::Text) => Some(Cell::Text(text)),
        (Value::Text(text), Storage::Bytes) => Some(Cell::Bytes(text.as_bytes())),
        (value, Storage::Int) => value.as_i64().map(Cell::Int),
        (value, Storage::Float) => value.as_f64().map(Cell::Float),
        _ => None,
    };
    cell.ok_or_else(|| Error::invalid(format!("a value does not fit a field of type {field_type:?}")))
}

impl Record {
    /// Applies the edits of some layers in one transaction and reads back what became of the rows.
    pub(crate) fn apply(&mut self, edits: &[(&Layer, &Edits)], guids: &mut Guids) -> Result<Vec<Applied>> {
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(failed)?;
        let result = self.run_all(edits, guids).and_then(|(applied, undo)| {
            self.connection.execute_batch(if undo { "ROLLBACK" } else { "COMMIT" }).map_err(failed)?;
            let undone = |one: Applied| Applied { reply: rolled_back(one.reply), ..Applied::default() };
            Ok(if undo { applied.into_iter().map(undone).collect() } else { applied })
        });
        if result.is_err() && !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        result
    }

    /// Runs the edits of every layer; says whether one failed that asks for all to be undone.
    fn run_all(&self, edits: &[(&Layer, &Edits)], guids: &mut Guids) -> Result<(Vec<Applied>, bool)> {
        let (mut all, mut undo) = (Vec::with_capacity(edits.len()), false);
        for (layer, edits) in edits {
            let applied = self.run(layer, edits, guids)?;
            let reply = &applied.reply;
            let mut outcomes = reply.adds.iter().chain(&reply.updates).chain(&reply.deletes);
            undo |= edits.rollback_on_failure && outcomes.any(|outcome| outcome.failure.is_some());
            all.push(applied);
        }
        Ok((all, undo))
    }

    fn run(&self, layer: &Layer, edits: &Edits, guids: &mut Guids) -> Result<Applied> {
        let mut applied = Applied::default();
        let srs_id = self.srs_id(layer)?;
        let mut next = self.next_oid(layer)?;
        for row in &edits.adds {
            let mut values: Vec<(usize, OwnedValue)> = row.values.clone();
            values.retain(|(field, _)| *field != layer.schema.oid);
            let mut global_id = None;
            if let Some(field) = layer.schema.global_id {
                let given = values.iter().find(|(at, _)| *at == field).map(|(_, value)| value.clone());
                let id = match given {
                    Some(Value::Text(id)) if !id.is_empty() => id.into_owned(),
                    _ => {
                        let id = guids.make();
                        values.retain(|(at, _)| *at != field);
                        values.push((field, Value::from(id.clone())));
                        id
                    }
                };
                global_id = Some(id);
            }
            match self.add(layer, next, &values, row.geometry.as_deref(), srs_id) {
                Ok(()) => {
                    applied.rows.insert(next, None);
                    applied.reply.adds.push(EditOutcome { object_id: next, global_id, failure: None });
                    next += 1;
                }
                Err(error) => applied.reply.adds.push(failure(ADD_FAILED, error.to_string())),
            }
        }
        for change in &edits.updates {
            let outcome = match self.update(layer, change.object_id, &change.values, &change.geometry, srs_id)
            {
                Ok(true) => {
                    applied.rows.insert(change.object_id, None);
                    EditOutcome { object_id: change.object_id, global_id: None, failure: None }
                }
                Ok(false) => failure(NO_SUCH_ROW, "there is no such row"),
                Err(error) => failure(UPDATE_FAILED, error.to_string()),
            };
            applied.reply.updates.push(EditOutcome { object_id: change.object_id, ..outcome });
        }
        for oid in &edits.deletes {
            let before = if layer.schema.global_id.is_some() { self.row(layer, *oid)? } else { None };
            let sql =
                format!("DELETE FROM {} WHERE {} = ?1", quote(&layer.table), quote(layer.schema.oid_name()));
            let gone = self.connection.prepare_cached(&sql).and_then(|mut delete| delete.execute([oid]));
            let outcome = if gone.map_err(failed)? == 0 {
                failure(NO_SUCH_ROW, "there is no such row")
            } else {
                applied.rows.insert(*oid, None);
                let global_id = before.as_ref().and_then(|row| global_id_of(layer, row));
                EditOutcome { object_id: *oid, global_id, failure: None }
            };
            applied.reply.deletes.push(EditOutcome { object_id: *oid, ..outcome });
        }
        let sql = "UPDATE geosharing_layers SET next_oid = ?2 WHERE layer = ?1";
        self.connection.execute(sql, [i64::from(layer.id), next]).map_err(failed)?;
        let sql = "UPDATE gpkg_contents SET last_change = strftime('%Y-%m-%dT%H:%M:%fZ','now') WHERE table_name = ?1";
        self.connection.execute(sql, [&layer.table]).map_err(failed)?;
        for (oid, row) in &mut applied.rows {
            *row = self.row(layer, *oid)?;
        }
        for outcome in &mut applied.reply.updates {
            if let Some(Some(row)) = applied.rows.get(&outcome.object_id) {
                outcome.global_id = global_id_of(layer, row);
            }
        }
        applied.change = self.last_change()?;
        Ok(applied)
    }

    fn add(
        &self,
        layer: &Layer,
        oid: i64,
        values: &[(usize, OwnedValue)],
        wkb: Option<&[u8]>,
        srs_id: i32,
    ) -> Result<()> {
        let mut names = vec![quote(layer.schema.oid_name())];
        let mut bound: Vec<ToSqlOutput<'_>> = vec![oid.into()];
        let cells = cells_of(layer, values)?;
        for (name, cell) in &cells {
            names.push(name.clone());
            bound.push(cell.to_sql().map_err(failed)?);
        }
        if let (Some(wkb), true) = (wkb, layer.has_geometry()) {
            let mut blob = Vec::new();
            blob::encode(wkb, srs_id, &mut blob)?;
            names.push(quote(layer.geometry_column()));
            bound.push(blob.into());
        }
        let marks = vec!["?"; names.len()].join(", ");
        let sql = format!("INSERT INTO {} ({}) VALUES ({marks})", quote(&layer.table), names.join(", "));
        let mut insert = self.connection.prepare_cached(&sql).map_err(failed)?;
        insert.execute(params_from_iter(bound)).map_err(failed)?;
        Ok(())
    }

    fn update(
        &self,
        layer: &Layer,
        oid: i64,
        values: &[(usize, OwnedValue)],
        geometry: &Change,
        srs_id: i32,
    ) -> Result<bool> {
        let cells = cells_of(layer, values)?;
        let mut names = Vec::new();
        let mut bound: Vec<ToSqlOutput<'_>> = Vec::new();
        for (name, cell) in &cells {
            names.push(format!("{name} = ?"));
            bound.push(cell.to_sql().map_err(failed)?);
        }
        if layer.has_geometry() && *geometry != Change::Keep {
            names.push(format!("{} = ?", quote(layer.geometry_column())));
            bound.push(match geometry {
                Change::Set(wkb) => {
                    let mut blob = Vec::new();
                    blob::encode(wkb, srs_id, &mut blob)?;
                    blob.into()
                }
                _ => ToSqlOutput::Owned(rusqlite::types::Value::Null),
            });
        }
        let key = quote(layer.schema.oid_name());
        if names.is_empty() {
            // A row that exists is updated with nothing.
            names.push(format!("{key} = {key}"));
        }
        bound.push(oid.into());
        let sql = format!("UPDATE {} SET {} WHERE {key} = ?", quote(&layer.table), names.join(", "));
        let mut update = self.connection.prepare_cached(&sql).map_err(failed)?;
        Ok(update.execute(params_from_iter(bound)).map_err(failed)? > 0)
    }

    fn srs_id(&self, layer: &Layer) -> Result<i32> {
        if !layer.has_geometry() {
            return Ok(0);
        }
        let sql = "SELECT srs_id FROM gpkg_geometry_columns WHERE table_name = ?1";
        self.connection.query_row(sql, [&layer.table], |row| row.get(0)).map_err(failed)
    }

    /// The id that the next row gets: never one that any row ever had.
    fn next_oid(&self, layer: &Layer) -> Result<i64> {
        let sql = format!(
            "SELECT max(next_oid, ifnull((SELECT max({}) + 1 FROM {}), 1)) FROM geosharing_layers WHERE layer = ?1",
            quote(layer.schema.oid_name()),
            quote(&layer.table)
        );
        self.connection.query_row(&sql, [layer.id], |row| row.get(0)).map_err(failed)
    }
}

fn cells_of<'a>(layer: &Layer, values: &'a [(usize, OwnedValue)]) -> Result<Vec<(String, Sql<'a>)>> {
    let mut cells = Vec::with_capacity(values.len());
    for (index, value) in values {
        let field = layer
            .schema
            .field(*index)
            .ok_or_else(|| Error::internal(format!("no field has index {index}")))?;
        if *index != layer.schema.oid {
            cells.push((quote(&field.name), Sql(cell_of(value, field.field_type)?, field.field_type)));
        }
    }
    Ok(cells)
}

/// Reads a row's global id from its cells.
fn global_id_of(layer: &Layer, row: &StoredRow) -> Option<String> {
    let at = layer.columns().position(|index| Some(index) == layer.schema.global_id)?;
    match row.cells.get(at)?.as_cell() {
        Cell::Text(id) => Some(id.to_owned()),
        _ => None,
    }
}

fn rolled_back(mut reply: EditReply) -> EditReply {
    let all = reply.adds.iter_mut().chain(&mut reply.updates).chain(&mut reply.deletes);
    for outcome in all.filter(|outcome| outcome.failure.is_none()) {
        *outcome =
            EditOutcome { object_id: outcome.object_id, ..failure(ROLLED_BACK, "Operation rolled back.") };
    }
    for outcome in &mut reply.adds {
        outcome.object_id = -1;
    }
    reply
}
