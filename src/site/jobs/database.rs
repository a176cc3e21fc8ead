//! Jobs and uploads on disk, in a database of their own: they come and go quickly, and what a power
//! failure takes of them is run again, so that no write waits for the disk.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::record::{Job, Messages, Status, UploadRecord};
use crate::error::{Result, SiteError};

const VERSION: i64 = 1;
const SCHEMA: &str = "
create table jobs (
    id text primary key, service text not null, owner text not null, request text not null,
    status text not null, messages text not null default '[]', results text not null default '[]',
    submitted integer not null, ended integer not null default 0) strict;
create index jobs_by_status on jobs (status);
create table uploads (
    id text primary key, service text not null, owner text not null, name text not null,
    description text not null, size integer not null, committed integer not null,
    created integer not null) strict;
";

/// The database of jobs.
#[derive(Debug)]
pub(super) struct JobDatabase(Mutex<Connection>);

impl JobDatabase {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(std::time::Duration::from_secs(10))?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "normal")?;
        connection.pragma_update(None, "trusted_schema", false)?;
        let version: i64 = connection.query_row("pragma user_version", [], |row| row.get(0))?;
        match version {
            0 => connection
                .execute_batch(&format!("begin; {SCHEMA} pragma user_version = {VERSION}; commit;"))?,
            VERSION => {}
            newer => {
                return Err(SiteError::bad_request(format!(
                    "the folder's jobs were written by a newer geosharing (format {newer}); update geosharing"
                )));
            }
        }
        Ok(Self(Mutex::new(connection)))
    }

    fn with<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        Ok(work(&self.0.lock().unwrap_or_else(PoisonError::into_inner))?)
    }

    /// Enters a job.
    pub(super) fn enter(&self, job: &Job) -> Result<()> {
        let request = serde_json::to_string(&job.request).map_err(SiteError::internal)?;
        self.with(|connection| {
            connection
                .prepare_cached(
                    "insert into jobs (id, service, owner, request, status, submitted) values (?, ?, ?, ?, ?, ?)",
                )?
                .execute(params![job.id, job.service, job.owner, request, job.status.name(), job.submitted])
        })?;
        Ok(())
    }

    /// Records that a job begins.
    pub(super) fn begin(&self, id: &str) -> Result<()> {
        self.with(|connection| {
            connection
                .prepare_cached("update jobs set status = ? where id = ?")?
                .execute(params![Status::Executing.name(), id])
        })?;
        Ok(())
    }

    /// Records how a job ended.
    pub(super) fn end(&self, job: &Job) -> Result<()> {
        let results = serde_json::to_string(&job.results).map_err(SiteError::internal)?;
        self.with(|connection| {
            connection
                .prepare_cached(
                    "update jobs set status = ?, messages = ?, results = ?, ended = ? where id = ?",
                )?
                .execute(params![job.status.name(), job.messages.to_text(), results, job.ended, job.id])
        })?;
        Ok(())
    }

    /// Returns a job.
    pub(super) fn find(&self, id: &str) -> Result<Option<Job>> {
        self.with(|connection| {
            connection.prepare_cached("select * from jobs where id = ?")?.query_row([id], read).optional()
        })
    }

    /// Returns the jobs with this status, oldest first.
    pub(super) fn with_status(&self, status: Status) -> Result<Vec<Job>> {
        self.with(|connection| {
            let mut statement =
                connection.prepare_cached("select * from jobs where status = ? order by rowid")?;
            statement.query_map([status.name()], read)?.collect()
        })
    }

    /// Forgets jobs that ended before a moment, and those of a service that is gone; returns
    /// `(service, job)` of each.
    pub(super) fn purge(&self, before: i64, service: Option<&str>) -> Result<Vec<(String, String)>> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached(
                "delete from jobs where (ended > 0 and ended < ?1) or service = ?2 returning service, id",
            )?;
            statement.query_map(params![before, service], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        })
    }

    /// Enters an upload, or what changed of it.
    pub(super) fn put_upload(&self, upload: &UploadRecord) -> Result<()> {
        self.with(|connection| {
            connection.execute(
                "insert or replace into uploads values (?, ?, ?, ?, ?, ?, ?, ?)",
                params![
                    upload.id,
                    upload.service,
                    upload.owner,
                    upload.name,
                    upload.description,
                    upload.size as i64,
                    upload.committed,
                    upload.created,
                ],
            )
        })?;
        Ok(())
    }

    /// Returns an upload of a service.
    pub(super) fn upload(&self, service: &str, id: &str) -> Result<Option<UploadRecord>> {
        self.with(|connection| {
            connection
                .prepare_cached("select * from uploads where service = ? and id = ?")?
                .query_row([service, id], read_upload)
                .optional()
        })
    }

    /// Returns the uploads of somebody to a service.
    pub(super) fn uploads_of(&self, service: &str, owner: &str) -> Result<Vec<UploadRecord>> {
        self.with(|connection| {
            let mut statement = connection
                .prepare_cached("select * from uploads where service = ? and owner = ? order by created")?;
            statement.query_map([service, owner], read_upload)?.collect()
        })
    }

    /// Forgets an upload.
    pub(super) fn drop_upload(&self, id: &str) -> Result<()> {
        self.with(|connection| connection.execute("delete from uploads where id = ?", [id]))?;
        Ok(())
    }

    /// Forgets uploads that were begun before a moment, and those of a service that is gone.
    pub(super) fn purge_uploads(&self, before: i64, service: Option<&str>) -> Result<Vec<String>> {
        self.with(|connection| {
            let mut statement = connection
                .prepare_cached("delete from uploads where created < ?1 or service = ?2 returning id")?;
            statement.query_map(params![before, service], |row| row.get(0))?.collect()
        })
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Job> {
    let text = |name: &str| row.get::<_, String>(name);
    Ok(Job {
        id: text("id")?,
        service: text("service")?,
        owner: text("owner")?,
        request: serde_json::from_str(&text("request")?).unwrap_or_default(),
        status: Status::parse(&text("status")?),
        messages: Messages::parse(&text("messages")?),
        results: serde_json::from_str(&text("results")?).unwrap_or_default(),
        progress: None,
        submitted: row.get("submitted")?,
        ended: row.get("ended")?,
    })
}

fn read_upload(row: &Row<'_>) -> rusqlite::Result<UploadRecord> {
    Ok(UploadRecord {
        id: row.get("id")?,
        service: row.get("service")?,
        owner: row.get("owner")?,
        name: row.get("name")?,
        description: row.get("description")?,
        size: row.get::<_, i64>("size")?.max(0) as u64,
        committed: row.get("committed")?,
        created: row.get("created")?,
    })
}
