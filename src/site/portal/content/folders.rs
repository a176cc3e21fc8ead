//! A user's folders and what lies in them.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};

use super::{Home, manage, shown};
use crate::error::{Result, SiteError};
use crate::params::Params;
use crate::portal::search::Page;
use crate::reply::Reply;
use crate::state::{Context, identifier, items, now};

const MOST_FOLDERS: i64 = 5000;

/// Finds a folder by its id or its title.
pub(super) fn find(connection: &Connection, owner: &str, folder: &str) -> Result<String> {
    connection
        .prepare_cached(
            "select id from folders where owner = ?1 and (id = ?2 or title = ?2) order by id = ?2 desc",
        )?
        .query_row([owner, folder], |row| row.get(0))
        .optional()?
        .ok_or_else(|| SiteError::bad_request("Folder does not exist or is inaccessible.").coded("CONT_0003"))
}

/// Answers `content/users/{user}[/{folder}]`.
pub(super) fn list(context: &Context, params: &Params, home: &Home<'_>) -> Result<Reply> {
    let page = Page::of(params)?;
    context.database().read(|connection| {
        let all = items::in_folder(connection, &home.owner, home.folder.as_deref())?;
        let total = all.len();
        let mut listed = Vec::new();
        for item in page.slice(&all) {
            listed.push(shown(connection, context, params, item)?);
        }
        let mut reply = json!({
            "username": home.owner,
            "total": total,
            "start": page.start,
            "num": page.num,
            "nextStart": page.next(total),
            "currentFolder": null,
            "items": listed,
        });
        if let Some(folder) = &home.folder {
            reply["currentFolder"] = describe(connection, folder)?;
        }
        reply["folders"] = folders(connection, &home.owner)?.into();
        Ok(reply.into())
    })
}

fn folders(connection: &Connection, owner: &str) -> Result<Vec<Value>> {
    let mut statement = connection.prepare_cached("select id from folders where owner = ? order by title")?;
    let ids: Vec<String> = statement.query_map([owner], |row| row.get(0))?.collect::<Result<_, _>>()?;
    ids.iter().map(|id| describe(connection, id)).collect()
}

fn describe(connection: &Connection, id: &str) -> Result<Value> {
    Ok(connection.prepare_cached("select owner, title, created from folders where id = ?")?.query_row(
        [id],
        |row| {
            Ok(json!({
                "username": row.get::<_, String>(0)?,
                "id": id,
                "title": row.get::<_, String>(1)?,
                "created": row.get::<_, i64>(2)?,
            }))
        },
    )?)
}

/// Answers `createFolder`.
pub(super) fn create(context: &Context, params: &Params, home: &Home<'_>) -> Result<Reply> {
    let title = params.text("title").or_else(|| params.text("folderName"));
    let title = super::fields::title(title.ok_or_else(|| SiteError::missing("title"))?)?;
    if title.contains(['/', '\\']) {
        return Err(
            SiteError::bad_request("Folder title has characters that are not allowed.").detail("/ and \\")
        );
    }
    let id = identifier();
    let folder = context.database().write(|t| {
        let count: i64 =
            t.query_row("select count(*) from folders where owner = ?", [&home.owner], |r| r.get(0))?;
        if count >= MOST_FOLDERS {
            return Err(SiteError::bad_request(format!("a user may have {MOST_FOLDERS} folders")));
        }
        let made = t.execute(
            "insert or ignore into folders (id, owner, title, created) values (?, ?, ?, ?)",
            params![id, home.owner, title, now()],
        )?;
        if made == 0 {
            return Err(
                SiteError::new(409, "Folder title not available.").detail(format!("`{title}` exists"))
            );
        }
        describe(t, &id)
    })?;
    Ok(json!({ "success": true, "folder": folder }).into())
}

/// Answers `{folder}/updateFolder`.
pub(super) fn rename(context: &Context, params: &Params, home: &Home<'_>) -> Result<Reply> {
    params.require_post()?;
    let Some(id) = &home.folder else { return Err(SiteError::missing("folder")) };
    let title = params.text("newTitle").or_else(|| params.text("title"));
    let title = super::fields::title(title.ok_or_else(|| SiteError::missing("newTitle"))?)?;
    let folder = context.database().write(|t| {
        t.execute("update or ignore folders set title = ? where id = ?", [&title, id])?;
        describe(t, id)
    })?;
    Ok(json!({ "success": true, "folder": folder }).into())
}

/// Answers `{folder}/delete`: the items in it go too, unless one is protected.
pub(super) fn delete(context: &Context, params: &Params, home: &Home<'_>) -> Result<Reply> {
    params.require_post()?;
    let Some(id) = &home.folder else {
        return Err(SiteError::bad_request("The root folder cannot be deleted."));
    };
    let all = context.database().read(|c| items::in_folder(c, &home.owner, Some(id)))?;
    if let Some(item) = all.iter().find(|item| item.protected) {
        return Err(manage::protected(&item.title));
    }
    for item in &all {
        manage::erase(context, &item.id)?;
    }
    let described = context.database().write(|t| {
        let described = describe(t, id)?;
        t.execute("delete from folders where id = ?", [id])?;
        Ok(described)
    })?;
    Ok(json!({ "success": true, "folder": described }).into())
}
