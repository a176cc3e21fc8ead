//! Deleting, moving, protecting and handing over items.

use serde_json::{Value, json};

use super::{Home, folders, own_item};
use crate::auth::Role;
use crate::error::{Result, SiteError};
use crate::params::Params;
use crate::reply::Reply;
use crate::state::{Context, items, now, users};

pub(super) fn protected(title: &str) -> SiteError {
    SiteError::bad_request("Unable to delete item. Delete protection is turned on.")
        .coded("CONT_0048")
        .detail(format!("'{title}'"))
}

/// Answers `delete`: a service's store goes with its item.
pub(super) fn delete(context: &Context, home: &Home<'_>, id: &str) -> Result<Reply> {
    let item = own_item(context, home, id)?;
    if item.protected {
        return Err(protected(&item.title));
    }
    erase(context, id)?;
    Ok(json!({ "success": true, "itemId": id }).into())
}

/// Answers `deleteItems`.
pub(super) fn delete_many(context: &Context, params: &Params, home: &Home<'_>) -> Reply {
    for_each(params, |id| delete(context, home, id)).into()
}

fn for_each(params: &Params, mut work: impl FnMut(&str) -> Result<Reply>) -> Value {
    let results: Vec<Value> = params
        .list("items")
        .into_iter()
        .take(1000)
        .map(|id| match work(id) {
            Ok(_) => json!({ "itemId": id, "success": true }),
            Err(error) => json!({ "itemId": id, "success": false, "error": error.to_json()["error"] }),
        })
        .collect();
    json!({ "results": results })
}

/// Removes an item from the database and then its files.
pub(crate) fn erase(context: &Context, id: &str) -> Result<()> {
    let services = context.services().of_item(id);
    let files = context.database().write(|t| {
        let mut statement = t.prepare(
            "select file from items where id = ?1 and file is not null
             union all select file from resources where item_id = ?1",
        )?;
        let files: Vec<String> = statement.query_map([id], |row| row.get(0))?.collect::<Result<_, _>>()?;
        drop(statement);
        items::remove(t, id)?;
        Ok(files)
    })?;
    for service in services {
        context.services().refresh(context.database(), &service.folder, &service.name, &service.kind)?;
        let others = context.services().of_store(&service.store);
        if others.is_empty() {
            context.drop_store(&service.store);
        } else if service.kind != "FeatureServer" {
            // Extensions go with their service; an extension alone leaves the data to it.
            for other in others.iter().filter(|other| other.item_id != id) {
                erase(context, &other.item_id)?;
            }
        }
    }
    for file in files {
        context.drop_file(&file);
    }
    let _ = std::fs::remove_dir_all(context.parts_folder(id));
    Ok(())
}

/// Answers `move`.
pub(super) fn relocate(context: &Context, params: &Params, home: &Home<'_>, id: &str) -> Result<Reply> {
    let mut item = own_item(context, home, id)?;
    let wanted = params.text("folder").unwrap_or("/");
    let folder = match wanted {
        "/" | "root" | "Root" => None,
        folder => Some(context.database().read(|c| folders::find(c, &item.owner, folder))?),
    };
    item.folder.clone_from(&folder);
    item.modified = now();
    context.database().write(|t| items::put(t, &item))?;
    Ok(json!({ "success": true, "itemId": id, "owner": item.owner, "folder": folder.as_deref().unwrap_or("/") }).into())
}

/// Answers `moveItems`.
pub(super) fn move_many(context: &Context, params: &Params, home: &Home<'_>) -> Reply {
    for_each(params, |id| relocate(context, params, home, id)).into()
}

/// Answers `protect` and `unprotect`.
pub(super) fn protect(context: &Context, home: &Home<'_>, id: &str, protected: bool) -> Result<Reply> {
    let mut item = own_item(context, home, id)?;
    item.protected = protected;
    context.database().write(|t| items::put(t, &item))?;
    Ok(json!({ "success": true, "itemId": id }).into())
}

/// Answers `reassign`: an administrator gives an item to somebody else.
pub(super) fn reassign(context: &Context, params: &Params, home: &Home<'_>, id: &str) -> Result<Reply> {
    home.caller.require(Role::Administrator)?;
    let mut item = own_item(context, home, id)?;
    let target = params.require("targetUsername")?;
    context.database().write(|t| {
        let user = users::find(t, target)?.ok_or_else(|| {
            SiteError::bad_request("User does not exist or is inaccessible.").coded("COM_0018")
        })?;
        item.folder = match params.text("targetFolderName") {
            None | Some("/" | "root" | "Root") => None,
            Some(folder) => Some(folders::find(t, &user.username, folder)?),
        };
        item.owner = user.username;
        item.modified = now();
        items::put(t, &item)
    })?;
    context.services().refresh_sharing(context.database())?;
    Ok(json!({ "success": true, "itemId": id }).into())
}

/// Answers `addRelationship` and `deleteRelationship`.
pub(super) fn relation(
    context: &Context,
    params: &Params,
    home: &Home<'_>,
    operation: &[&str],
) -> Result<Reply> {
    let origin = own_item(context, home, params.require("originItemId")?)?.id;
    let destination = own_item(context, home, params.require("destinationItemId")?)?.id;
    let kind = params.require("relationshipType")?;
    context.database().write(|t| {
        if operation == ["addrelationship"] {
            return items::relate(t, &origin, &destination, kind);
        }
        t.execute(
            "delete from relations where origin = ? and destination = ? and type = ?",
            [&origin, &destination, kind],
        )?;
        Ok(())
    })?;
    Ok(json!({ "success": true }).into())
}

impl Context {
    /// Removes a service's store; only what lies in the folder of services.
    pub(crate) fn drop_store(&self, store: &std::path::Path) {
        let folder = self.services_folder();
        let path = folder.join(store);
        if !path.starts_with(&folder) || path == folder {
            return;
        }
        let _ = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
    }
}
