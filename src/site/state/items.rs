//! Items: what the portal lists, and the files that belong to them.

use std::collections::HashSet;
use std::path::PathBuf;

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Map, Value, json};

use super::{Context, now};
use crate::error::{Result, SiteError};

/// Who owns something and who may see it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Sharing {
    /// The owner.
    pub owner: String,
    /// `private`, `org` or `public`.
    pub access: String,
    /// Users who see it because a group of theirs has it.
    pub members: Vec<String>,
}

/// An item of the portal.
#[derive(Clone, Debug)]
pub struct Item {
    /// 32 hexadecimal digits.
    pub id: String,
    /// The owner's name.
    pub owner: String,
    /// The id of the owner's folder; nothing for the root.
    pub folder: Option<String>,
    /// `Service Definition`, `Feature Service`, ...
    pub kind: String,
    /// The title.
    pub title: String,
    /// `private`, `org` or `public`.
    pub access: String,
    /// May not be deleted.
    pub protected: bool,
    /// When it was made.
    pub created: i64,
    /// When it was last changed.
    pub modified: i64,
    /// Bytes of its file.
    pub size: i64,
    /// The service's address below the site's root, or a foreign address.
    pub url: Option<String>,
    /// The file's path below the items folder.
    pub file: Option<String>,
    /// The file's name as it was uploaded.
    pub file_name: Option<String>,
    /// The file's media type.
    pub content_type: Option<String>,
    /// `ready`, or `partial` while parts are being uploaded.
    pub state: String,
    /// Everything else: tags, snippet, extent, ...
    pub properties: Map<String, Value>,
}

impl Item {
    /// Makes an item that is not stored yet.
    pub fn new(id: String, owner: &str, kind: &str, title: &str) -> Self {
        Self {
            id,
            owner: owner.to_owned(),
            folder: None,
            kind: kind.to_owned(),
            title: title.to_owned(),
            access: "private".to_owned(),
            protected: false,
            created: now(),
            modified: now(),
            size: 0,
            url: None,
            file: None,
            file_name: None,
            content_type: None,
            state: "ready".to_owned(),
            properties: Map::new(),
        }
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let properties: String = row.get("properties")?;
        Ok(Self {
            id: row.get("id")?,
            owner: row.get("owner")?,
            folder: row.get("folder")?,
            kind: row.get("type")?,
            title: row.get("title")?,
            access: row.get("access")?,
            protected: row.get("protected")?,
            created: row.get("created")?,
            modified: row.get("modified")?,
            size: row.get("size")?,
            url: row.get("url")?,
            file: row.get("file")?,
            file_name: row.get("file_name")?,
            content_type: row.get("content_type")?,
            state: row.get("state")?,
            properties: serde_json::from_str(&properties).unwrap_or_default(),
        })
    }

    /// Returns a list of texts among the properties.
    pub fn texts(&self, name: &str) -> Vec<&str> {
        let list = self.properties.get(name).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// Returns a text among the properties.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.properties.get(name)?.as_str()
    }

    /// Returns the item's address as the caller of this site sees it.
    pub fn absolute_url(&self, origin: &str) -> Option<String> {
        let url = self.url.as_deref()?;
        Some(if url.starts_with('/') { format!("{origin}{url}") } else { url.to_owned() })
    }

    /// Returns the item as `content/items/{id}` shows it.
    pub fn to_json(&self, origin: &str, portal_id: &str, access: &str) -> Value {
        let get = |name: &str| self.properties.get(name).cloned().unwrap_or(Value::Null);
        let list = |name: &str| self.properties.get(name).cloned().unwrap_or_else(|| json!([]));
        json!({
            "id": self.id,
            "owner": self.owner,
            "orgId": portal_id,
            "created": self.created,
            "modified": self.modified,
            "guid": null,
            "name": self.file_name.as_deref().or_else(|| self.text("name")),
            "title": self.title,
            "type": self.kind,
            "typeKeywords": list("typeKeywords"),
            "description": get("description"),
            "tags": list("tags"),
            "snippet": get("snippet"),
            "thumbnail": get("thumbnail"),
            "documentation": get("documentation"),
            "extent": list("extent"),
            "categories": list("categories"),
            "spatialReference": get("spatialReference"),
            "accessInformation": get("accessInformation"),
            "licenseInfo": get("licenseInfo"),
            "culture": self.text("culture").unwrap_or("en-us"),
            "properties": get("properties"),
            "advancedSettings": null,
            "url": self.absolute_url(origin),
            "proxyFilter": null,
            "access": access,
            "size": if self.file.is_some() { self.size } else { -1 },
            "subInfo": 0,
            "appCategories": [],
            "industries": [],
            "languages": [],
            "largeThumbnail": null,
            "banner": null,
            "screenshots": [],
            "listed": false,
            "ownerFolder": self.folder,
            "protected": self.protected,
            "numComments": 0,
            "numRatings": 0,
            "avgRating": 0,
            "numViews": 0,
            "scoreCompleteness": 0,
            "groupDesignations": null,
            "contentOrigin": "self",
            "lastViewed": -1,
        })
    }
}

/// Returns an item.
pub fn find(connection: &Connection, id: &str) -> Result<Option<Item>> {
    Ok(connection
        .prepare_cached("select * from items where id = ?")?
        .query_row([id], Item::read)
        .optional()?)
}

/// Returns the items in a folder of a user, youngest first; `None` is the root.
pub fn in_folder(connection: &Connection, owner: &str, folder: Option<&str>) -> Result<Vec<Item>> {
    let mut statement = connection
        .prepare_cached("select * from items where owner = ? and folder is ? order by modified desc, id")?;
    let items = statement.query_map(params![owner, folder], Item::read)?.collect::<Result<_, _>>()?;
    Ok(items)
}

/// Calls `each` with every item that is complete.
pub fn for_each(connection: &Connection, mut each: impl FnMut(Item)) -> Result<()> {
    let mut statement = connection.prepare_cached("select * from items where state = 'ready'")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        each(Item::read(row)?);
    }
    Ok(())
}

/// Stores an item, new or changed.
pub fn put(connection: &Connection, item: &Item) -> Result<()> {
    connection.execute(
        "insert into items (id, owner, folder, type, title, access, protected, created, modified, size, url, file,
             file_name, content_type, state, properties)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
         on conflict (id) do update set owner = ?2, folder = ?3, type = ?4, title = ?5, access = ?6, protected = ?7,
             modified = ?9, size = ?10, url = ?11, file = ?12, file_name = ?13, content_type = ?14, state = ?15,
             properties = ?16",
        params![
            item.id,
            item.owner,
            item.folder,
            item.kind,
            item.title,
            item.access,
            item.protected,
            item.created,
            item.modified,
            item.size,
            item.url,
            item.file,
            item.file_name,
            item.content_type,
            item.state,
            Value::Object(item.properties.clone()).to_string(),
        ],
    )?;
    Ok(())
}

/// Forgets an item with its relations, resources and services; its files are removed by the caller.
pub fn remove(connection: &Connection, id: &str) -> Result<()> {
    connection.execute("delete from items where id = ?", [id])?;
    Ok(())
}

/// Returns who owns an item and who sees it.
pub fn sharing(connection: &Connection, id: &str) -> Result<Option<Sharing>> {
    let found = connection
        .prepare_cached("select owner, access from items where id = ?")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((owner, access)) = found else { return Ok(None) };
    let mut statement = connection.prepare_cached(
        "select distinct m.username from group_items g join group_members m on m.group_id = g.group_id
         where g.item_id = ?",
    )?;
    let members = statement.query_map([id], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(Some(Sharing { owner, access, members }))
}

/// Relates two items, such as a service and its definition (`Service2Data`).
pub fn relate(connection: &Connection, origin: &str, destination: &str, kind: &str) -> Result<()> {
    connection.execute(
        "insert or ignore into relations (origin, destination, type) values (?, ?, ?)",
        params![origin, destination, kind],
    )?;
    Ok(())
}

/// Returns the items at the other end of an item's relations of one type.
pub fn related(connection: &Connection, id: &str, kind: &str, forward: bool) -> Result<Vec<Item>> {
    let sql = if forward {
        "select i.* from relations r join items i on i.id = r.destination where r.origin = ? and r.type = ?"
    } else {
        "select i.* from relations r join items i on i.id = r.origin where r.destination = ? and r.type = ?"
    };
    let mut statement = connection.prepare_cached(sql)?;
    let items = statement.query_map([id, kind], Item::read)?.collect::<Result<_, _>>()?;
    Ok(items)
}

impl Context {
    /// Returns where an item keeps a file.
    pub fn item_file(&self, relative: &str) -> PathBuf {
        self.folder().join("items").join(relative)
    }

    /// Returns where the parts of an item's upload lie.
    pub fn parts_folder(&self, id: &str) -> PathBuf {
        self.folder().join("uploads").join(id)
    }

    /// Moves a finished file into the folder of items and returns its path below it.
    ///
    /// The name is new each time, so that the old file stays whole until the database points to the new one.
    pub fn keep_file(&self, id: &str, from: &std::path::Path) -> Result<String> {
        if !super::is_identifier(id) {
            return Err(SiteError::no_item());
        }
        let relative = format!("{id}/{}", super::hex(&super::random::<8>()));
        let path = self.item_file(&relative);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::File::open(from)?.sync_data()?;
        std::fs::rename(from, &path)?;
        Ok(relative)
    }

    /// Removes a file of an item.
    pub fn drop_file(&self, relative: &str) {
        let path = self.item_file(relative);
        let _ = std::fs::remove_file(&path);
        if let Some(parent) = path.parent() {
            let _ = std::fs::remove_dir(parent);
        }
    }
}

/// Removes what a killed site left: files that no item has, and parts of uploads that are gone.
pub(super) fn sweep(context: &Context) -> Result<()> {
    let (files, partial, stores) = context.database().read(|connection| {
        let texts = |sql: &str| -> Result<HashSet<String>> {
            let mut statement = connection.prepare(sql)?;
            let texts = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
            Ok(texts)
        };
        Ok((
            texts("select file from items where file is not null union all select file from resources")?,
            texts("select id from items where state = 'partial'")?,
            texts("select store from services")?,
        ))
    })?;
    for folder in std::fs::read_dir(context.item_file(""))?.flatten() {
        let id = folder.file_name();
        for file in std::fs::read_dir(folder.path()).into_iter().flatten().flatten() {
            let relative = format!("{}/{}", id.to_string_lossy(), file.file_name().to_string_lossy());
            if !files.contains(&relative) {
                context.drop_file(&relative);
            }
        }
    }
    for folder in std::fs::read_dir(context.folder().join("uploads"))?.flatten() {
        if !partial.contains(folder.file_name().to_string_lossy().as_ref()) {
            let _ = std::fs::remove_dir_all(folder.path());
        }
    }
    for store in std::fs::read_dir(context.services_folder())?.flatten() {
        if !stores.contains(store.file_name().to_string_lossy().as_ref()) {
            let _ = std::fs::remove_dir_all(store.path());
        }
    }
    Ok(())
}
