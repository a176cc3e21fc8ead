//! Items: where they are listed, made, changed, shared and published.

mod add;
mod data;
pub(crate) mod enter;
pub(super) mod fields;
mod folders;
mod item_info;
mod manage;
mod parts;
mod publish;
mod share;

pub(crate) use add::add_keywords;
pub(crate) use enter::{Publication, What, build, item_type, service_path};
pub(crate) use manage::erase;

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::auth::{Caller, may_view};
use crate::error::{Result, SiteError};
use crate::params::Params;
use crate::reply::Reply;
use crate::state::items::{self, Item, Sharing};
use crate::state::{Context, groups, users};

/// Whose content a request works on, and in which folder.
pub(super) struct Home<'a> {
    pub(super) caller: &'a Caller,
    /// The owner's name as the portal writes it.
    pub(super) owner: String,
    /// The folder's id; nothing for the root.
    pub(super) folder: Option<String>,
}

/// Answers `content/...`; `lower` matches, `raw` names.
pub(super) fn route(context: &Context, params: &Params, lower: &[&str], raw: &[String]) -> Result<Reply> {
    let name = |at: usize| raw.get(at).map_or("", String::as_str);
    match lower {
        ["content", "users", _] => folders::list(context, params, &home(context, params, name(2), None)?),
        ["content", "users", _, "items", _] => owned(context, params, name(2), name(4)),
        ["content", "users", _, "items", _, operation @ ..] => {
            on_item(context, params, &home(context, params, name(2), None)?, name(4), operation, raw.get(5..))
        }
        ["content", "users", _, operation] if OPERATIONS.contains(operation) => {
            in_home(context, params, &home(context, params, name(2), None)?, operation)
        }
        ["content", "users", _, _] => {
            folders::list(context, params, &home(context, params, name(2), Some(name(3)))?)
        }
        ["content", "users", _, _, "delete"] => {
            folders::delete(context, params, &home(context, params, name(2), Some(name(3)))?)
        }
        ["content", "users", _, _, "updatefolder"] => {
            folders::rename(context, params, &home(context, params, name(2), Some(name(3)))?)
        }
        ["content", "users", _, _, "items", _] => owned(context, params, name(2), name(5)),
        ["content", "users", _, _, "items", _, operation @ ..] => {
            let home = home(context, params, name(2), Some(name(3)))?;
            on_item(context, params, &home, name(5), operation, raw.get(6..))
        }
        ["content", "users", _, _, operation] if OPERATIONS.contains(operation) => {
            in_home(context, params, &home(context, params, name(2), Some(name(3)))?, operation)
        }
        ["content", "items", _] => {
            let (item, _) = visible_item(context, params, name(2))?;
            Ok(context.database().read(|c| shown(c, context, params, &item))?.into())
        }
        ["content", "items", _, operation @ ("share" | "unshare")] => {
            let (item, _) = visible_item(context, params, name(2))?;
            let home = home(context, params, &item.owner, None)?;
            on_item(context, params, &home, name(2), &[operation], raw.get(3..))
        }
        ["content", "items", _, rest @ ..] => data::route(context, params, name(2), rest, raw.get(3..)),
        ["content", "groups", _] => super::groups::items(context, params, name(2)),
        ["content", "features", "analyze"] => publish::analyze(context, params),
        ["content", "features", "generate"] => {
            Err(SiteError::bad_request("Features cannot be generated here.")
                .detail("add the file as an item and publish it"))
        }
        _ => Err(SiteError::not_found("Unknown resource of the content.")),
    }
}

const OPERATIONS: &[&str] =
    &["additem", "createfolder", "deleteitems", "moveitems", "publish", "shareitems", "unshareitems"];

fn in_home(context: &Context, params: &Params, home: &Home<'_>, operation: &str) -> Result<Reply> {
    params.require_post()?;
    match operation {
        "additem" => add::add(context, params, home),
        "createfolder" => folders::create(context, params, home),
        "deleteitems" => Ok(manage::delete_many(context, params, home)),
        "moveitems" => Ok(manage::move_many(context, params, home)),
        "publish" => publish::start(context, params, home),
        "shareitems" => share::share_many(context, params, home, true),
        _ => share::share_many(context, params, home, false),
    }
}

fn on_item(
    context: &Context,
    params: &Params,
    home: &Home<'_>,
    id: &str,
    operation: &[&str],
    raw: Option<&[String]>,
) -> Result<Reply> {
    if operation == ["status"] {
        return parts::status(context, params, home, id);
    }
    params.require_post()?;
    match operation {
        ["addpart"] => parts::add_part(context, params, home, id),
        ["commit"] => parts::commit(context, params, home, id),
        ["cancel"] => parts::cancel(context, home, id),
        ["update" | "updatethumbnail"] => add::update(context, params, home, id),
        ["delete"] => manage::delete(context, home, id),
        ["move"] => manage::relocate(context, params, home, id),
        ["protect"] => manage::protect(context, home, id, true),
        ["unprotect"] => manage::protect(context, home, id, false),
        ["reassign"] => manage::reassign(context, params, home, id),
        ["share"] => share::share_one(context, params, home, id),
        ["unshare"] => share::unshare_one(context, params, home, id),
        ["addrelationship" | "deleterelationship"] => manage::relation(context, params, home, operation),
        ["addresources" | "updateresources" | "removeresources"] => {
            data::change_resources(context, params, home, id, operation)
        }
        ["deletethumbnail"] => data::delete_thumbnail(context, home, id),
        _ => {
            Err(SiteError::not_found("Unknown operation on items.").detail(raw.unwrap_or_default().join("/")))
        }
    }
}

/// Checks that the caller may work on a user's content.
fn home<'a>(context: &Context, params: &'a Params, user: &str, folder: Option<&str>) -> Result<Home<'a>> {
    let caller = params.require_caller()?;
    if !caller.controls(user) {
        return Err(SiteError::forbidden());
    }
    context.database().read(|connection| {
        let owner = users::find(connection, user)?
            .ok_or_else(|| {
                SiteError::bad_request("User does not exist or is inaccessible.").coded("COM_0018")
            })?
            .username;
        let folder = match folder {
            None | Some("/" | "root" | "Root") => None,
            Some(folder) => Some(folders::find(connection, &owner, folder)?),
        };
        Ok(Home { caller, owner, folder })
    })
}

/// Returns an item that the caller may see.
pub(crate) fn visible_item(context: &Context, params: &Params, id: &str) -> Result<(Item, Sharing)> {
    let caller = params.caller()?;
    let (item, sharing) = context.database().read(|connection| {
        let item = items::find(connection, id)?.ok_or_else(SiteError::no_item)?;
        let sharing = items::sharing(connection, id)?.ok_or_else(SiteError::no_item)?;
        Ok((item, sharing))
    })?;
    if may_view(caller, &sharing) {
        return Ok((item, sharing));
    }
    if caller.is_none() {
        // Portal answers strangers with 499 so that their clients sign in.
        return Err(SiteError::token_required());
    }
    Err(SiteError::no_item())
}

/// Returns an item of this home.
pub(super) fn own_item(context: &Context, home: &Home<'_>, id: &str) -> Result<Item> {
    let item = context.database().read(|c| items::find(c, id))?.ok_or_else(SiteError::no_item)?;
    if !item.owner.eq_ignore_ascii_case(&home.owner) && !home.caller.is_administrator() {
        return Err(SiteError::no_item());
    }
    Ok(item)
}

/// Returns an item's JSON with what the caller's address and its groups add.
pub(super) fn shown(
    connection: &Connection,
    context: &Context,
    params: &Params,
    item: &Item,
) -> Result<Value> {
    let in_groups = item.access == "private" && !groups::of_item(connection, &item.id)?.is_empty();
    let access = if in_groups { "shared" } else { &item.access };
    let mut value = item.to_json(params.origin(), context.portal_id(), access);
    if let Ok(Some(caller)) = params.caller() {
        let control = if caller.controls(&item.owner) { "admin" } else { "view" };
        value["itemControl"] = json!(control);
    }
    Ok(value)
}

fn owned(context: &Context, params: &Params, user: &str, id: &str) -> Result<Reply> {
    let home = home(context, params, user, None)?;
    let item = own_item(context, &home, id)?;
    context.database().read(|connection| {
        let groups: Vec<String> =
            groups::of_item(connection, id)?.into_iter().map(|group| group.id).collect();
        let item = shown(connection, context, params, &item)?;
        Ok(json!({ "sharing": { "access": item["access"], "groups": groups }, "item": item }).into())
    })
}
