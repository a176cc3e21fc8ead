//! The record of a service: one GeoPackage that GDAL opens as it stands.

mod blob;
mod bulk;
mod edit;
mod read;
mod schema;

pub(crate) use bulk::BulkWriter;

use std::path::Path;

use geosharing_core::{Error, Kind, Result};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::cell::OwnedCell;
use super::layer::{Layer, ServiceDescription};

/// An open record.
#[derive(Debug)]
pub(crate) struct Record {
    connection: Connection,
}

/// One row with its values in the order of the image's columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct StoredRow {
    pub(crate) oid: i64,
    pub(crate) cells: Vec<OwnedCell>,
    pub(crate) wkb: Option<Vec<u8>>,
}

/// Says what SQLite refused, and what to do where that is clear.
fn failed(error: rusqlite::Error) -> Error {
    let (kind, advice) = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => (Kind::Io, "; free space on the site's disk"),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            (Kind::Conflict, "; another program has the GeoPackage open for writing, close it")
        }
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            (Kind::Denied, "; make the site's folder writable")
        }
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            (Kind::InvalidInput, "; the file is damaged, publish the service again")
        }
        Some(ErrorCode::ConstraintViolation) => (Kind::InvalidInput, ""),
        _ => (Kind::Io, ""),
    };
    Error::new(kind, format!("the feature store cannot go on: {error}{advice}")).because(error)
}

impl Record {
    /// Opens a record for reading and editing.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 10000;
                 PRAGMA foreign_keys = ON;",
            )
            .map_err(failed)?;
        blob::register(&connection).map_err(failed)?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Self { connection })
    }

    /// Reads the record's own name, the service and its layers.
    pub(crate) fn load(&self) -> Result<(String, ServiceDescription, Vec<Layer>)> {
        schema::load(&self.connection)
    }

    /// Replaces what a layer says about itself.
    pub(crate) fn define(&self, layer: u32, definition: &serde_json::Value) -> Result<()> {
        let sql = "UPDATE geosharing_layers SET definition = ?2 WHERE layer = ?1";
        self.connection.execute(sql, rusqlite::params![layer, definition.to_string()]).map_err(failed)?;
        Ok(())
    }
}
