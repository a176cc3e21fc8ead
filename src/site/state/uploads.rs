//! Files that publishers sent to the server's administration, until they are published or deleted.

use std::path::PathBuf;

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Value, json};

use super::{Context, identifier, now};
use crate::error::{Result, SiteError};

/// A file, or one that is arriving in parts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ServerUpload {
    /// `i` and 32 hexadecimal digits.
    pub id: String,
    /// Who sent it.
    pub owner: String,
    /// The file's name.
    pub name: String,
    /// A sentence about it.
    pub description: String,
    /// Bytes.
    pub size: i64,
    /// Whether it is complete.
    pub committed: bool,
    /// When it changed last.
    pub modified: i64,
}

impl ServerUpload {
    /// Makes an upload that is not stored yet.
    pub fn new(owner: &str, name: &str, description: &str) -> Self {
        Self {
            id: format!("i{}", identifier()),
            owner: owner.to_owned(),
            name: name.to_owned(),
            description: description.to_owned(),
            size: 0,
            committed: false,
            modified: now(),
        }
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            owner: row.get("owner")?,
            name: row.get("name")?,
            description: row.get("description")?,
            size: row.get("size")?,
            committed: row.get("committed")?,
            modified: row.get("modified")?,
        })
    }

    /// Returns the upload as the administration shows it.
    pub fn to_json(&self) -> Value {
        json!({
            "itemID": self.id,
            "itemName": self.name,
            "description": self.description,
            // Where it lies on the machine is nobody's business.
            "pathOnServer": format!("/uploads/{}/{}", self.id, self.name),
            "lastModifiedDate": self.modified,
            "date": self.modified,
            "committed": self.committed,
        })
    }
}

/// Stores an upload, new or changed.
pub fn put(connection: &Connection, upload: &ServerUpload) -> Result<()> {
    connection.execute(
        "insert into server_uploads (id, owner, name, description, size, committed, modified)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         on conflict (id) do update set size = ?5, committed = ?6, modified = ?7",
        params![
            upload.id,
            upload.owner,
            upload.name,
            upload.description,
            upload.size,
            upload.committed,
            upload.modified
        ],
    )?;
    Ok(())
}

/// Returns an upload; an error (404) when there is none.
pub fn get(connection: &Connection, id: &str) -> Result<ServerUpload> {
    connection
        .prepare_cached("select * from server_uploads where id = ?")?
        .query_row([id], ServerUpload::read)
        .optional()?
        .ok_or_else(|| {
            SiteError::not_found(format!("Upload item '{}' not found.", crate::params::shorten(id)))
        })
}

/// Returns every upload, youngest first.
pub fn all(connection: &Connection) -> Result<Vec<ServerUpload>> {
    let mut statement =
        connection.prepare_cached("select * from server_uploads order by modified desc, id")?;
    let uploads = statement.query_map([], ServerUpload::read)?.collect::<Result<_, _>>()?;
    Ok(uploads)
}

impl Context {
    /// Returns the folder of an upload's file and parts.
    pub fn server_upload_folder(&self, id: &str) -> PathBuf {
        self.folder().join("server-uploads").join(id)
    }

    /// Returns where an upload's file lies.
    pub fn server_upload_file(&self, id: &str) -> PathBuf {
        self.server_upload_folder(id).join("file")
    }

    /// Forgets an upload and removes its file.
    pub fn drop_server_upload(&self, id: &str) -> Result<()> {
        self.database().write(|t| {
            t.execute("delete from server_uploads where id = ?", [id])?;
            Ok(())
        })?;
        let _ = std::fs::remove_dir_all(self.server_upload_folder(id));
        Ok(())
    }
}

/// Removes what a killed site left: folders of uploads that nobody knows.
pub(super) fn sweep(context: &Context) -> Result<()> {
    let known = context.database().read(all)?;
    for folder in std::fs::read_dir(context.folder().join("server-uploads"))?.flatten() {
        let name = folder.file_name();
        if !known.iter().any(|upload| upload.id == name.to_string_lossy()) {
            let _ = std::fs::remove_dir_all(folder.path());
        }
    }
    Ok(())
}
