//! The folders of the server's services.

use rusqlite::{Connection, params};

use crate::error::{Result, SiteError};
use crate::params::shorten;

/// The folder of hosted services, which always exists.
pub const HOSTED: &str = "Hosted";
/// The folder of the server's own tools, which always exists and takes no services.
pub const SYSTEM: &str = "System";
const LONGEST_NAME: usize = 160;

/// A folder of services.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Folder {
    /// Its name, unique in any case.
    pub name: String,
    /// A sentence about it.
    pub description: String,
}

/// Returns every folder by name.
pub fn all(connection: &Connection) -> Result<Vec<Folder>> {
    let mut folders = vec![
        Folder { name: HOSTED.to_owned(), description: "Hosted services".to_owned() },
        Folder { name: SYSTEM.to_owned(), description: "System services".to_owned() },
    ];
    let mut statement = connection.prepare_cached(
        "select name, description from server_folders
         union select distinct folder, '' from services
             where folder <> '' and folder not in (select name from server_folders)",
    )?;
    let made = statement
        .query_map([], |row| Ok(Folder { name: row.get(0)?, description: row.get(1)? }))?
        .collect::<Result<Vec<_>, _>>()?;
    folders.extend(made.into_iter().filter(|folder| !is_own(&folder.name)));
    folders.sort_by_key(|folder| folder.name.to_lowercase());
    Ok(folders)
}

/// Returns a folder as it is spelt here; nothing when there is none. The root is the empty name.
pub fn find(connection: &Connection, name: &str) -> Result<Option<String>> {
    let name = name.trim_matches('/');
    if name.is_empty() {
        return Ok(Some(String::new()));
    }
    let same = |folder: &Folder| folder.name.to_lowercase() == name.to_lowercase();
    Ok(all(connection)?.into_iter().find(same).map(|folder| folder.name))
}

/// Makes a folder.
///
/// # Errors
/// 400 for a name that no folder can have, 409 when there is one of this name.
pub fn create(connection: &Connection, name: &str, description: &str) -> Result<()> {
    let name = check(name)?;
    if find(connection, name)?.is_some() {
        return Err(SiteError::new(409, format!("Folder '{name}' already exists.")));
    }
    connection.execute(
        "insert into server_folders (name, description, created) values (?, ?, ?)",
        params![name, description, super::now()],
    )?;
    Ok(())
}

/// Changes a folder's description.
pub fn describe(connection: &Connection, name: &str, description: &str) -> Result<()> {
    let changed = connection
        .execute("update server_folders set description = ? where name = ?", params![description, name])?;
    if changed == 0 { Err(missing(name)) } else { Ok(()) }
}

/// Forgets a folder that holds no service.
pub fn remove(connection: &Connection, name: &str) -> Result<()> {
    let Some(name) = find(connection, name)?.filter(|name| !name.is_empty()) else {
        return Err(missing(name));
    };
    if is_own(&name) {
        return Err(SiteError::bad_request(format!("Folder '{name}' belongs to the server and stays.")));
    }
    let held: i64 =
        connection.query_row("select count(*) from services where folder = ?", [&name], |row| row.get(0))?;
    if held > 0 {
        return Err(SiteError::new(409, format!("Folder '{name}' is not empty."))
            .detail(format!("it holds {held} services; delete or move them first")));
    }
    connection.execute("delete from server_folders where name = ?", [&name])?;
    Ok(())
}

/// The folder is not there (404).
pub fn missing(name: &str) -> SiteError {
    SiteError::not_found(format!("Folder '{}' does not exist.", shorten(name)))
}

fn is_own(name: &str) -> bool {
    [HOSTED, SYSTEM].iter().any(|own| own.eq_ignore_ascii_case(name))
}

fn check(name: &str) -> Result<&str> {
    let name = name.trim();
    let legal = !name.is_empty()
        && name.chars().count() <= LONGEST_NAME
        && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if legal {
        return Ok(name);
    }
    Err(SiteError::bad_request("Folder name contains invalid characters.").detail(format!(
        "folderName: `{}`; use up to {LONGEST_NAME} letters, digits and underscores",
        shorten(name)
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Context, Settings};

    #[test]
    fn folders_are_made_once_and_go_when_they_are_empty() {
        let place = tempfile::tempdir().unwrap();
        let context = Context::open(Settings::new(place.path(), "secret")).unwrap();
        let outcome = context.database().write(|t| {
            create(t, "Planning", "plans")?;
            assert_eq!(find(t, "/planning/")?.as_deref(), Some("Planning"));
            assert_eq!(create(t, "PLANNING", "").unwrap_err().code, 409);
            for bad in ["", "a/b", "..", "a b", "x\u{0}", "<b>", "Hosted/x", &"n".repeat(161)] {
                assert_eq!(create(t, bad, "").unwrap_err().code, 400, "{bad:?}");
            }
            let names: Vec<_> = all(t)?.into_iter().map(|folder| folder.name).collect();
            assert_eq!(names, ["Hosted", "Planning", "System"]);
            assert_eq!(remove(t, "hosted").unwrap_err().code, 400);
            remove(t, "planning")?;
            assert_eq!(remove(t, "planning").unwrap_err().code, 404);
            Ok(())
        });
        outcome.unwrap();
    }
}
