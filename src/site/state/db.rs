//! The site's SQLite database.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::error::{Result, SiteError};

/// One batch per format of the folder; a folder of an older format gets the batches that it lacks.
const FORMATS: &[&str] = &[FIRST, ADMINISTRATION];
const FIRST: &str = "
create table settings (name text primary key, value text not null) strict;
create table users (
    username text primary key collate nocase, password text not null, role text not null,
    full_name text not null, email text not null, disabled integer not null default 0,
    created integer not null, modified integer not null, properties text not null default '{}') strict;
create table tokens (
    hash blob primary key, kind text not null, username text not null, expires integer not null,
    binding text not null, bound_to text not null) strict, without rowid;
create table folders (
    id text primary key, owner text not null collate nocase, title text not null, created integer not null,
    unique (owner, title)) strict;
create table items (
    id text primary key, owner text not null collate nocase, folder text, type text not null,
    title text not null, access text not null, protected integer not null default 0,
    created integer not null, modified integer not null, size integer not null default 0,
    url text, file text, file_name text, content_type text, state text not null default 'ready',
    properties text not null default '{}') strict;
create index items_by_owner on items (owner, folder);
create table groups (
    id text primary key, owner text not null collate nocase, title text not null, access text not null,
    created integer not null, modified integer not null, properties text not null default '{}') strict;
create table group_members (
    group_id text not null references groups (id) on delete cascade, username text not null collate nocase,
    role text not null, primary key (group_id, username)) strict, without rowid;
create table group_items (
    group_id text not null references groups (id) on delete cascade,
    item_id text not null references items (id) on delete cascade,
    primary key (group_id, item_id)) strict, without rowid;
create table relations (
    origin text not null references items (id) on delete cascade,
    destination text not null references items (id) on delete cascade,
    type text not null, primary key (origin, destination, type)) strict, without rowid;
create table resources (
    item_id text not null references items (id) on delete cascade, name text not null,
    file text not null, size integer not null, created integer not null, content_type text not null,
    primary key (item_id, name)) strict, without rowid;
create table services (
    folder text not null collate nocase, name text not null collate nocase, type text not null collate nocase,
    item_id text not null references items (id) on delete cascade, store text not null,
    definition text not null, created integer not null, modified integer not null,
    primary key (folder, name, type)) strict;
create table jobs (
    id text primary key, owner text not null, item_id text not null, kind text not null,
    status text not null, message text not null, created integer not null) strict;
";
/// What the server's administration keeps.
const ADMINISTRATION: &str = "
alter table services add column configuration text not null default '{}';
alter table services add column state text not null default 'STARTED';
create table server_folders (
    name text primary key collate nocase, description text not null, created integer not null) strict;
create table server_uploads (
    id text primary key, owner text not null, name text not null, description text not null,
    size integer not null, committed integer not null, modified integer not null) strict;
create table data_items (
    path text primary key collate nocase, id text not null, type text not null, info text not null,
    created integer not null) strict;
";

/// The one connection through which all is read and written.
#[derive(Debug)]
pub struct Database(Mutex<Connection>);

impl Database {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(std::time::Duration::from_secs(10))?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "trusted_schema", false)?;
        connection.set_prepared_statement_cache_capacity(64);
        let version: i64 = connection.query_row("pragma user_version", [], |row| row.get(0))?;
        let missing = usize::try_from(version).ok().and_then(|version| FORMATS.get(version..));
        let Some(missing) = missing else {
            return Err(SiteError::bad_request(format!(
                "the folder was written by a newer geosharing (format {version}); update geosharing"
            )));
        };
        for (format, batch) in (version + 1..).zip(missing) {
            connection.execute_batch(&format!("begin; {batch} pragma user_version = {format}; commit;"))?;
        }
        Ok(Self(Mutex::new(connection)))
    }

    /// Reads.
    pub fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        work(&self.lock())
    }

    /// Writes in one transaction, which is on disk when this returns and undone when `work` fails.
    pub fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let value = work(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }

    pub(super) fn setting(&self, name: &str, make: impl FnOnce() -> String) -> Result<String> {
        self.write(|t| {
            let found = t
                .query_row("select value from settings where name = ?", [name], |row| row.get(0))
                .optional()?;
            if let Some(value) = found {
                return Ok(value);
            }
            let value = make();
            t.execute("insert into settings values (?, ?)", params![name, value])?;
            Ok(value)
        })
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A panic inside a transaction rolled it back; the connection stays sound.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_the_first_format_keeps_its_services() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("site.sqlite");
        let old = Connection::open(&path).unwrap();
        old.execute_batch(&format!("{FIRST} pragma user_version = 1;")).unwrap();
        old.execute_batch(
            "insert into items (id, owner, type, title, access, created, modified)
                 values ('i', 'ann', 'Feature Service', 'Towns', 'private', 1, 1);
             insert into services values ('Hosted', 'Towns', 'FeatureServer', 'i', 's', '{}', 1, 1);",
        )
        .unwrap();
        drop(old);
        let row = Database::open(&path).unwrap().read(|connection| {
            let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
            Ok(connection.query_row("select name, state from services", [], read)?)
        });
        assert_eq!(row.unwrap(), ("Towns".to_owned(), "STARTED".to_owned()));
    }

    #[test]
    fn a_folder_of_a_later_format_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("site.sqlite");
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
        assert!(Database::open(&path).unwrap_err().message.contains("newer geosharing"));
    }
}
