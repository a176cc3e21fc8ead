//! Work that goes on after its request was answered.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::params;

use super::db::Database;
use super::now;
use crate::error::Result;

/// How a job stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Job {
    /// Who started it.
    pub owner: String,
    /// The item that it makes or changes.
    pub item_id: String,
    /// `publish`, `commit`, ...
    pub kind: String,
    /// `processing`, `completed` or `failed`.
    pub status: String,
    /// Why it failed, or what it remarked.
    pub message: String,
}

/// Jobs by their id; those that were cut off by the end of the process count as failed.
#[derive(Debug)]
pub struct Jobs {
    jobs: Mutex<HashMap<String, (Job, i64)>>,
    reserved: Arc<Mutex<HashSet<String>>>,
}

/// A name that only one job at a time may work on; free again when this is dropped.
#[derive(Debug)]
pub struct Reservation {
    name: String,
    reserved: Arc<Mutex<HashSet<String>>>,
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.reserved.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}

const KEPT_FOR: i64 = 24 * 3600 * 1000;

impl Jobs {
    pub(super) fn load(database: &Database) -> Result<Self> {
        let map = database.write(|t| {
            t.execute("delete from jobs where created < ?", [now() - KEPT_FOR])?;
            t.execute(
                "update jobs set status = 'failed', message = 'The site was stopped during this job.'
                 where status = 'processing'",
                [],
            )?;
            let mut statement = t.prepare("select * from jobs")?;
            let rows = statement.query_map([], |row| {
                let job = Job {
                    owner: row.get("owner")?,
                    item_id: row.get("item_id")?,
                    kind: row.get("kind")?,
                    status: row.get("status")?,
                    message: row.get("message")?,
                };
                Ok((row.get("id")?, (job, row.get("created")?)))
            })?;
            Ok(rows.collect::<Result<HashMap<_, _>, _>>()?)
        })?;
        Ok(Self { jobs: Mutex::new(map), reserved: Arc::default() })
    }

    /// Reserves a name in any case; nothing when another job has it.
    pub fn reserve(&self, name: &str) -> Option<Reservation> {
        let name = name.to_lowercase();
        let free = self.reserved.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone());
        free.then(|| Reservation { name, reserved: Arc::clone(&self.reserved) })
    }

    /// Enters a job that begins now.
    pub fn begin(&self, database: &Database, id: &str, owner: &str, item_id: &str, kind: &str) -> Result<()> {
        let job = Job {
            owner: owner.to_owned(),
            item_id: item_id.to_owned(),
            kind: kind.to_owned(),
            status: "processing".to_owned(),
            message: String::new(),
        };
        database.write(|t| {
            t.execute(
                "insert into jobs (id, owner, item_id, kind, status, message, created) values (?, ?, ?, ?, ?, '', ?)",
                params![id, owner, item_id, kind, job.status, now()],
            )?;
            Ok(())
        })?;
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), (job, now()));
        Ok(())
    }

    /// Records how a job ended.
    pub fn end(&self, database: &Database, id: &str, status: &str, message: &str) -> Result<()> {
        if let Some((job, _)) = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).get_mut(id) {
            status.clone_into(&mut job.status);
            message.clone_into(&mut job.message);
        }
        database.write(|t| {
            t.execute("update jobs set status = ?, message = ? where id = ?", params![status, message, id])?;
            Ok(())
        })
    }

    /// Returns a job.
    pub fn get(&self, id: &str) -> Option<Job> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).get(id).map(|(job, _)| job.clone())
    }

    /// Returns the youngest job of an item.
    pub fn of_item(&self, item_id: &str) -> Option<Job> {
        let map = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        map.values()
            .filter(|(job, _)| job.item_id == item_id)
            .max_by_key(|(_, at)| *at)
            .map(|(job, _)| job.clone())
    }
}
