//! Registered data: folders and databases that services may read where they are.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Value, json};

use super::{Context, identifier, now};
use crate::error::{Result, SiteError};
use crate::params::shorten;

/// A registered folder or database.
#[derive(Clone, Debug, PartialEq)]
pub struct DataItem {
    /// `/fileShares/name`, `/enterpriseDatabases/name`.
    pub path: String,
    /// An identifier of its own.
    pub id: String,
    /// `folder`, `egdb`, ...
    pub kind: String,
    /// Where it is and how it is shared.
    pub info: Value,
}

impl DataItem {
    /// Reads an item as clients send it.
    ///
    /// # Errors
    /// 400 with the member that is missing or wrong.
    pub fn parse(value: &Value) -> Result<Self> {
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::trim).unwrap_or_default();
        let refuse = |member: &str, why: &str| {
            SiteError::bad_request("The data item is not acceptable.").detail(format!("item.{member}: {why}"))
        };
        let path = text("path").trim_end_matches('/');
        let mut parts = path.strip_prefix('/').unwrap_or_default().split('/');
        let root = parts.next().unwrap_or_default();
        let Some((root, kind)) = ROOTS.iter().find(|(own, _)| own.eq_ignore_ascii_case(root)) else {
            let roots: Vec<String> = ROOTS.iter().map(|(root, _)| format!("/{root}/name")).collect();
            return Err(refuse("path", &format!("`{}` is none of {}", shorten(path), roots.join(", "))));
        };
        let name = parts.next().unwrap_or_default();
        let legal = !name.is_empty()
            && name.chars().count() <= 120
            && !name.chars().any(|c| c.is_control() || "\\<>:\"|?*&%#".contains(c))
            && name.trim_matches('.') == name;
        if !legal || parts.next().is_some() {
            return Err(refuse("path", &format!("`{}` is no name of one data item", shorten(path))));
        }
        let told = text("type");
        let fits = told.is_empty()
            || told.eq_ignore_ascii_case(kind)
            || *kind == "egdb" && told.to_ascii_lowercase().starts_with("egdb");
        if !fits {
            return Err(refuse("type", &format!("`{}` does not fit `/{root}`: use `{kind}`", shorten(told))));
        }
        let info = match value.get("info") {
            Some(info @ Value::Object(_)) => info.clone(),
            None | Some(Value::Null) => json!({}),
            Some(_) => return Err(refuse("info", "it must be an object")),
        };
        let named =
            |key: &str| info.get(key).and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty());
        if *kind == "folder" && !named("path") {
            return Err(refuse("info.path", "a folder needs its path"));
        }
        if *kind == "egdb" && !named("connectionString") {
            return Err(refuse("info.connectionString", "a database needs its connection"));
        }
        Ok(Self { path: format!("/{root}/{name}"), id: identifier(), kind: (*kind).to_owned(), info })
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let info: String = row.get("info")?;
        Ok(Self {
            path: row.get("path")?,
            id: row.get("id")?,
            kind: row.get("type")?,
            info: serde_json::from_str(&info).unwrap_or_default(),
        })
    }

    /// Returns the item as the administration shows it; connection strings hold passwords.
    pub fn to_json(&self) -> Value {
        let mut info = self.info.clone();
        if let Some(Value::String(connection)) = info.get_mut("connectionString") {
            *connection = masked(connection);
        }
        json!({
            "path": self.path,
            "type": self.kind,
            "id": self.id,
            "totalRefCount": 0,
            "clientPath": info.get("clientPath").cloned().unwrap_or(Value::Null),
            "info": info,
        })
    }

    /// Returns the folder, of a folder.
    pub fn folder(&self) -> Option<&Path> {
        let path = self.info.get("path").and_then(Value::as_str)?;
        (self.kind == "folder").then(|| Path::new(path))
    }

    /// Says whether what is registered can be read.
    pub fn validate(&self) -> Result<()> {
        let refuse = |why: String| {
            Err(SiteError::new(500, format!("The data item '{}' is not valid.", self.path)).detail(why))
        };
        match self.folder() {
            Some(folder) if !folder.is_absolute() => {
                refuse(format!("the path `{}` is not absolute on this machine", folder.display()))
            }
            Some(folder) if std::fs::read_dir(folder).is_err() => {
                refuse(format!("the folder `{}` cannot be read here", folder.display()))
            }
            Some(_) => Ok(()),
            None => refuse(format!("this site reads no data of type `{}`", self.kind)),
        }
    }
}

/// The roots of data items, and the type of what stands below them.
pub const ROOTS: &[(&str, &str)] = &[
    ("fileShares", "folder"),
    ("enterpriseDatabases", "egdb"),
    ("cloudStores", "cloudStore"),
    ("bigDataFileShares", "bigDataFileShare"),
    ("nosqlDatabases", "nosql"),
    ("rasterStores", "rasterStore"),
];

/// Hides the passwords of a connection string.
fn masked(connection: &str) -> String {
    let secret = |part: &str| {
        let key = part.split('=').next().unwrap_or_default().to_ascii_lowercase();
        key.contains("password") || key.contains("secret") || key.contains("token")
    };
    let parts = connection.split(';').map(|part| match part.split_once('=') {
        Some((key, _)) if secret(part) => format!("{key}=********"),
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join(";")
}

/// Returns every item by path.
pub fn all(connection: &Connection) -> Result<Vec<DataItem>> {
    let mut statement = connection.prepare_cached("select * from data_items order by path")?;
    let items = statement.query_map([], DataItem::read)?.collect::<Result<_, _>>()?;
    Ok(items)
}

/// Returns an item; an error (404) when there is none.
pub fn get(connection: &Connection, path: &str) -> Result<DataItem> {
    connection
        .prepare_cached("select * from data_items where path = ?")?
        .query_row([path.trim_end_matches('/')], DataItem::read)
        .optional()?
        .ok_or_else(|| SiteError::not_found(format!("Data item '{}' not found.", shorten(path))))
}

/// Registers an item.
///
/// # Errors
/// 409 when one of this path, or of this place, is registered.
pub fn register(connection: &Connection, item: &DataItem) -> Result<()> {
    for known in all(connection)? {
        if known.path.eq_ignore_ascii_case(&item.path) {
            return Err(SiteError::new(409, "Client database entry is already registered.")
                .detail(format!("the item '{}' exists", known.path)));
        }
        let place = |item: &DataItem| {
            let text = |key: &str| item.info.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            (text("path").trim_end_matches(['/', '\\']).to_owned(), text("connectionString"))
        };
        if known.kind == item.kind && place(&known) == place(item) {
            return Err(SiteError::new(409, "Client database entry is already registered.")
                .detail(format!("the item '{}' has the same place", known.path)));
        }
    }
    connection.execute(
        "insert into data_items (path, id, type, info, created) values (?, ?, ?, ?, ?)",
        params![item.path, item.id, item.kind, item.info.to_string(), now()],
    )?;
    Ok(())
}

/// Forgets an item.
pub fn unregister(connection: &Connection, path: &str) -> Result<()> {
    let item = get(connection, path)?;
    connection.execute("delete from data_items where path = ?", [item.path])?;
    Ok(())
}

impl Context {
    /// Tells whether a file or folder lies in a registered folder, whatever links say.
    pub fn is_registered(&self, path: &Path) -> bool {
        let Ok(path) = path.canonicalize() else { return false };
        // What the site keeps is the site's, wherever a registered folder begins.
        if self.folder().canonicalize().is_ok_and(|own| path.starts_with(own)) {
            return false;
        }
        let items = self.database().read(all).unwrap_or_default();
        items.iter().filter_map(DataItem::folder).any(|folder| {
            folder.is_absolute() && folder.canonicalize().is_ok_and(|folder| path.starts_with(folder))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Settings;

    fn item(path: &str, folder: &str) -> Value {
        json!({ "path": path, "type": "folder", "info": { "path": folder } })
    }

    #[test]
    fn only_what_lies_in_a_registered_folder_is_registered() {
        let place = tempfile::tempdir().unwrap();
        let data = place.path().join("data");
        std::fs::create_dir_all(data.join("a.gdb")).unwrap();
        std::fs::create_dir_all(place.path().join("other")).unwrap();
        let context = Context::open(Settings::new(place.path().join("site"), "secret")).unwrap();
        let item = DataItem::parse(&item("/fileshares/Data", &data.to_string_lossy())).unwrap();
        assert_eq!((item.path.as_str(), item.kind.as_str()), ("/fileShares/Data", "folder"));
        item.validate().unwrap();
        context.database().write(|t| register(t, &item)).unwrap();
        assert!(context.is_registered(&data.join("a.gdb")));
        assert!(!context.is_registered(&data.join("../other")));
        assert!(!context.is_registered(&data.join("missing")));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(place.path().join("other"), data.join("link")).unwrap();
            assert!(!context.is_registered(&data.join("link")));
        }
        assert_eq!(context.database().write(|t| register(t, &item)).unwrap_err().code, 409);
        context.database().write(|t| unregister(t, "/FileShares/data/")).unwrap();
        assert!(!context.is_registered(&data.join("a.gdb")));
    }

    #[test]
    fn the_site_does_not_give_away_its_own_folder() {
        let place = tempfile::tempdir().unwrap();
        let context = Context::open(Settings::new(place.path(), "secret")).unwrap();
        let item = DataItem::parse(&item("/fileShares/all", "/")).unwrap();
        context.database().write(|t| register(t, &item)).unwrap();
        assert!(!context.is_registered(&place.path().join("site.sqlite")));
    }

    #[test]
    fn items_are_refused_with_the_member_that_is_wrong() {
        for (value, member) in [
            (json!({}), "item.path"),
            (item("fileShares/x", "/d"), "item.path"),
            (item("/nowhere/x", "/d"), "item.path"),
            (item("/fileShares/", "/d"), "item.path"),
            (item("/fileShares/a/b", "/d"), "item.path"),
            (item("/fileShares/..", "/d"), "item.path"),
            (item("/fileShares/x", " "), "item.info.path"),
            (item("/enterpriseDatabases/x", "/d"), "item.type"),
            (json!({"path": "/enterpriseDatabases/x", "info": {}}), "item.info.connectionString"),
            (json!({"path": "/fileShares/x", "info": []}), "item.info:"),
        ] {
            let error = DataItem::parse(&value).unwrap_err();
            assert!(error.details[0].starts_with(member), "{value}: {error}");
        }
    }

    #[test]
    fn passwords_of_connections_are_not_shown() {
        let connection = "SERVER=db;USER=gis;PASSWORD=secret;ENCRYPTED_PASSWORD=00aa";
        let item = DataItem::parse(&json!({
            "path": "/enterpriseDatabases/db", "type": "egdb", "info": {"connectionString": connection}
        }));
        let shown = item.unwrap().to_json().to_string();
        assert!(
            shown.contains("USER=gis") && !shown.contains("secret") && !shown.contains("00aa"),
            "{shown}"
        );
    }
}
