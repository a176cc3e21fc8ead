//! Who sees an item: everybody, the organisation, groups.

use rusqlite::Connection;
use serde_json::{Value, json};

use super::{Home, own_item};
use crate::auth::Role;
use crate::error::Result;
use crate::params::Params;
use crate::reply::Reply;
use crate::state::{Context, groups, items};

/// Answers `items/{id}/share`.
pub(super) fn share_one(context: &Context, params: &Params, home: &Home<'_>, id: &str) -> Result<Reply> {
    let refused = share(context, params, home, id)?;
    context.services().refresh_sharing(context.database())?;
    Ok(json!({ "itemId": id, "notSharedWith": refused }).into())
}

/// Answers `items/{id}/unshare`: takes the item out of groups.
pub(super) fn unshare_one(context: &Context, params: &Params, home: &Home<'_>, id: &str) -> Result<Reply> {
    let refused = unshare(context, params, home, id)?;
    context.services().refresh_sharing(context.database())?;
    Ok(json!({ "itemId": id, "notUnsharedFrom": refused }).into())
}

/// Answers `shareItems` and `unshareItems`.
pub(super) fn share_many(context: &Context, params: &Params, home: &Home<'_>, add: bool) -> Result<Reply> {
    let results: Vec<Value> = params
        .list("items")
        .into_iter()
        .take(1000)
        .map(|id| {
            let done =
                if add { share(context, params, home, id) } else { unshare(context, params, home, id) };
            match done {
                Ok(refused) => {
                    let key = if add { "notSharedWith" } else { "notUnsharedFrom" };
                    json!({ "itemId": id, "success": true, key: refused })
                }
                Err(error) => json!({ "itemId": id, "success": false, "error": error.to_json()["error"] }),
            }
        })
        .collect();
    context.services().refresh_sharing(context.database())?;
    Ok(json!({ "results": results }).into())
}

/// Sets the access that the request names and adds the item to groups; returns the groups that refused.
fn share(context: &Context, params: &Params, home: &Home<'_>, id: &str) -> Result<Vec<String>> {
    home.caller.require(Role::User)?;
    let mut item = own_item(context, home, id)?;
    let names_access = params.text("everyone").is_some() || params.text("org").is_some();
    let access = if params.flag("everyone") {
        "public"
    } else if params.flag("org") {
        "org"
    } else {
        "private"
    };
    context.database().write(|t| {
        if names_access {
            access.clone_into(&mut item.access);
            items::put(t, &item)?;
        }
        let mut refused = Vec::new();
        for group in params.list("groups") {
            if may_fill(t, home, group)? {
                t.execute(
                    "insert or ignore into group_items (group_id, item_id) values (?, ?)",
                    [group, id],
                )?;
            } else {
                refused.push(group.to_owned());
            }
        }
        Ok(refused)
    })
}

fn unshare(context: &Context, params: &Params, home: &Home<'_>, id: &str) -> Result<Vec<String>> {
    own_item(context, home, id)?;
    context.database().write(|t| {
        let mut refused = Vec::new();
        for group in params.list("groups") {
            if groups::find(t, group)?.is_none() {
                refused.push(group.to_owned());
            }
            t.execute("delete from group_items where group_id = ? and item_id = ?", [group, id])?;
        }
        Ok(refused)
    })
}

fn may_fill(connection: &Connection, home: &Home<'_>, id: &str) -> Result<bool> {
    let Some(group) = groups::find(connection, id)? else { return Ok(false) };
    Ok(home.caller.controls(&group.owner) || groups::role(connection, id, &home.caller.username)?.is_some())
}
