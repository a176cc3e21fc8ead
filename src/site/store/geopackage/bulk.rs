//! Filling a fresh record: nobody sees the file before it is complete, so nothing is journalled.

use std::path::{Path, PathBuf};

use geosharing_core::dataset::FieldType;
use geosharing_core::{Error, Result};
use rusqlite::types::{Null, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Statement, ToSql, params};

use super::schema::{self, quote, rtree_name};
use super::{Record, blob, failed};
use crate::store::cell::{Cell, write_datetime};
use crate::store::image::SpatialOrder;
use crate::store::image::rtree::{Box32, NO_BOX, cover};
use crate::store::layer::{Layer, ServiceDescription};

/// Writes a record from nothing.
#[derive(Debug)]
pub(crate) struct BulkWriter {
    path: PathBuf,
    connection: Connection,
}

/// A value as SQLite holds it.
pub(super) struct Sql<'a>(pub(super) Cell<'a>, pub(super) FieldType);

impl ToSql for Sql<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Cell::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Cell::Int(value) if self.1 == FieldType::Date => {
                let mut text = String::with_capacity(24);
                write_datetime(value, &mut text);
                ToSqlOutput::from(text)
            }
            Cell::Int(value) => ToSqlOutput::Borrowed(ValueRef::Integer(value)),
            Cell::Float(value) => ToSqlOutput::Borrowed(ValueRef::Real(value)),
            Cell::Text(value) => ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes())),
            Cell::Bytes(value) => ToSqlOutput::Borrowed(ValueRef::Blob(value)),
        })
    }
}

/// Inserts rows of one layer.
pub(crate) struct RowWriter<'a> {
    statement: Statement<'a>,
    types: Vec<FieldType>,
    has_geometry: bool,
    srs_id: i32,
    blob: Vec<u8>,
    text: String,
    highest: i64,
}

impl BulkWriter {
    /// Creates the file.
    pub(crate) fn create(path: &Path, record: &str, service: &ServiceDescription) -> Result<Self> {
        let connection = Connection::open(path).map_err(failed)?;
        connection
            .execute_batch(
                "PRAGMA page_size = 8192; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
                 PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -32768; PRAGMA foreign_keys = OFF; BEGIN",
            )
            .map_err(failed)?;
        schema::create(&connection, record, service)?;
        Ok(Self { path: path.to_owned(), connection })
    }

    /// Makes a layer's tables; gives the id of its spatial reference.
    pub(crate) fn layer(&self, layer: &Layer) -> Result<i32> {
        schema::create_layer(&self.connection, layer)
    }

    /// Starts inserting rows.
    pub(crate) fn rows(&self, layer: &Layer, srs_id: i32) -> Result<RowWriter<'_>> {
        let mut names = vec![quote(layer.schema.oid_name())];
        if layer.has_geometry() {
            names.push(quote(layer.geometry_column()));
        }
        let fields = layer.columns().filter_map(|index| layer.schema.field(index));
        names.extend(fields.map(|field| quote(&field.name)));
        let marks = vec!["?"; names.len()].join(", ");
        let sql = format!("INSERT INTO {} ({}) VALUES ({marks})", quote(&layer.table), names.join(", "));
        Ok(RowWriter {
            statement: self.connection.prepare(&sql).map_err(failed)?,
            types: layer.columns().map(|index| layer.schema.field_type(index)).collect(),
            has_geometry: layer.has_geometry(),
            srs_id,
            blob: Vec::new(),
            text: String::new(),
            highest: 0,
        })
    }

    /// Ends a layer: its R-tree, extent, triggers, and the id that its next row gets.
    pub(crate) fn end_layer(
        &self,
        layer: &Layer,
        oids: &[i64],
        order: Option<&SpatialOrder>,
        next_oid: i64,
    ) -> Result<()> {
        if let Some(order) = order {
            self.write_tree(&rtree_name(layer), oids, order)?;
            if let Some([xmin, ymin, xmax, ymax]) = order.bounds {
                self.connection
                    .execute(
                        "UPDATE gpkg_contents SET min_x = ?2, min_y = ?3, max_x = ?4, max_y = ?5 WHERE table_name = ?1",
                        params![layer.table, xmin, ymin, xmax, ymax],
                    )
                    .map_err(failed)?;
            }
        }
        self.connection
            .execute(
                "UPDATE geosharing_layers SET next_oid = ?2 WHERE layer = ?1",
                params![layer.id, next_oid],
            )
            .map_err(failed)?;
        schema::create_triggers(&self.connection, layer)
    }

    /// Writes the nodes of an R-tree as SQLite's module would, but packed and in one go.
    ///
    /// Inserting a million rows through the module takes longer than everything else in a publish. The
    /// shadow tables are documented: <https://www.sqlite.org/rtree.html>, section "Roll-your-own".
    fn write_tree(&self, name: &str, oids: &[i64], order: &SpatialOrder) -> Result<()> {
        // What the module chooses for two dimensions on pages of 4 KiB and more: 4 + 51 * 24 bytes.
        const CELLS: usize = 51;
        const NODE: usize = 4 + CELLS * 24;
        if order.rows.is_empty() {
            return Ok(());
        }
        let mut leaf_of = vec![0_i64; oids.len()];
        // Cells of the level at work: what they point to, and its box.
        let mut cells: Vec<(i64, Box32)> = order
            .rows
            .iter()
            .map(|row| {
                let row = *row as usize;
                (oids.get(row).copied().unwrap_or_default(), order.boxes.get(row).copied().unwrap_or(NO_BOX))
            })
            .collect();
        let table = |suffix: &str| quote(&format!("{name}_{suffix}"));
        let sql = format!("INSERT OR REPLACE INTO {} VALUES (?1, ?2)", table("node"));
        let mut insert_node = self.connection.prepare(&sql).map_err(failed)?;
        let sql = format!("INSERT INTO {} VALUES (?1, ?2)", table("parent"));
        let mut insert_parent = self.connection.prepare(&sql).map_err(failed)?;
        let mut next_node = 2_i64;
        let mut depth = 0_u16;
        loop {
            let is_root = cells.len() <= CELLS;
            let mut above = Vec::with_capacity(cells.len() / CELLS + 1);
            for (at, chunk) in cells.chunks(CELLS).enumerate() {
                let node = if is_root { 1 } else { next_node };
                let mut data = Vec::with_capacity(NODE);
                data.extend(if is_root { depth } else { 0 }.to_be_bytes());
                data.extend((chunk.len() as u16).to_be_bytes());
                for (id, [xmin, ymin, xmax, ymax]) in chunk {
                    data.extend(id.to_be_bytes());
                    for value in [xmin, xmax, ymin, ymax] {
                        data.extend(value.to_be_bytes());
                    }
                    if depth > 0 {
                        insert_parent.execute([*id, node]).map_err(failed)?;
                    }
                }
                data.resize(NODE, 0);
                insert_node.execute(params![node, data]).map_err(failed)?;
                if depth == 0 {
                    for row in order.rows.iter().skip(at * CELLS).take(CELLS) {
                        if let Some(slot) = leaf_of.get_mut(*row as usize) {
                            *slot = node;
                        }
                    }
                }
                let boxes: Vec<Box32> = chunk.iter().map(|(_, one)| *one).collect();
                above.push((node, cover(&boxes)));
                next_node += 1;
            }
            if is_root {
                break;
            }
            cells = above;
            depth += 1;
        }
        let sql = format!("INSERT INTO {} VALUES (?1, ?2)", table("rowid"));
        let mut insert_row = self.connection.prepare(&sql).map_err(failed)?;
        for (oid, node) in oids.iter().zip(&leaf_of) {
            if *node != 0 {
                insert_row.raw_bind_parameter(1, oid).map_err(failed)?;
                insert_row.raw_bind_parameter(2, node).map_err(failed)?;
                insert_row.raw_execute().map_err(failed)?;
            }
        }
        Ok(())
    }

    /// Gives the record under construction for reading, to build images of rows that came unsorted.
    pub(crate) fn into_record(self) -> Record {
        Record { connection: self.connection }
    }

    /// Takes back what [`BulkWriter::into_record`] gave.
    pub(crate) fn from_record(record: Record, path: &Path) -> Self {
        Self { path: path.to_owned(), connection: record.connection }
    }

    /// Commits, turns the file into one with a write-ahead log, and has it on disk when it returns.
    pub(crate) fn finish(self) -> Result<()> {
        let path = self.path;
        self.connection
            .execute_batch("COMMIT; PRAGMA journal_mode = WAL; PRAGMA locking_mode = NORMAL;")
            .map_err(failed)?;
        self.connection.close().map_err(|(_, error)| failed(error))?;
        std::fs::File::open(&path)
            .and_then(|file| file.sync_all())
            .map_err(|error| Error::io("have the disk keep", &path, error))
    }
}

impl RowWriter<'_> {
    /// Inserts a row.
    pub(crate) fn push(&mut self, oid: i64, cells: &[Cell<'_>], wkb: Option<&[u8]>) -> Result<()> {
        let statement = &mut self.statement;
        statement.raw_bind_parameter(1, oid).map_err(failed)?;
        let mut at = 2;
        if self.has_geometry {
            match wkb {
                Some(wkb) if !wkb.is_empty() => {
                    blob::encode(wkb, self.srs_id, &mut self.blob)?;
                    statement.raw_bind_parameter(2, &*self.blob).map_err(failed)?;
                }
                _ => statement.raw_bind_parameter(2, Null).map_err(failed)?,
            }
            at = 3;
        }
        for (cell, field_type) in cells.iter().zip(&self.types) {
            match cell {
                Cell::Int(value) if *field_type == FieldType::Date => {
                    self.text.clear();
                    write_datetime(*value, &mut self.text);
                    statement.raw_bind_parameter(at, &*self.text).map_err(failed)?;
                }
                cell => statement.raw_bind_parameter(at, Sql(*cell, *field_type)).map_err(failed)?,
            }
            at += 1;
        }
        statement.raw_execute().map_err(failed)?;
        self.highest = self.highest.max(oid);
        Ok(())
    }

    /// Greatest id that was inserted; 0 when none was.
    pub(crate) fn highest(&self) -> i64 {
        self.highest
    }
}
