//! Groups: made, filled, left and searched.

use serde_json::{Value, json};

use super::content::fields;
use super::search::Page;
use crate::auth::{Caller, Role};
use crate::error::{Result, SiteError};
use crate::params::Params;
use crate::reply::Reply;
use crate::state::groups::{self, Group};
use crate::state::{Context, identifier, items, now, users};

/// Answers `community/createGroup` and `community/groups/...`.
pub(super) fn route(context: &Context, params: &Params, lower: &[&str], raw: &[String]) -> Result<Reply> {
    match (lower, raw) {
        (["community", "creategroup"], _) => create(context, params),
        (["community", "groups"], _) => search(context, params),
        (["community", "groups", _], [_, _, id]) => {
            let (group, role) = visible(context, params, id)?;
            Ok(group.to_json(role.as_deref()).into())
        }
        (["community", "groups", _, "users" | "userlist"], [_, _, id, _]) => members(context, params, id),
        (["community", "groups", _, operation], [_, _, id, _]) => change(context, params, id, operation),
        _ => Err(SiteError::not_found("Unknown resource of the community.")),
    }
}

fn visible(context: &Context, params: &Params, id: &str) -> Result<(Group, Option<String>)> {
    let caller = params.caller()?;
    context.database().read(|connection| {
        let group = groups::find(connection, id)?.ok_or_else(no_group)?;
        if !groups::visible(connection, &group, caller)? {
            return Err(no_group());
        }
        let role = match caller {
            Some(caller) => groups::role(connection, id, &caller.username)?,
            None => None,
        };
        Ok((group, role))
    })
}

fn no_group() -> SiteError {
    SiteError::bad_request("Group does not exist or is inaccessible.").coded("COM_0003")
}

fn create(context: &Context, params: &Params) -> Result<Reply> {
    params.require_post()?;
    let caller = params.require_caller()?;
    caller.require(Role::User)?;
    let mut group = Group {
        id: identifier(),
        owner: caller.username.to_string(),
        title: fields::title(params.require("title")?)?,
        access: "private".to_owned(),
        created: now(),
        modified: now(),
        properties: serde_json::Map::new(),
    };
    apply(&mut group, params)?;
    context.database().write(|t| {
        if groups::all(t)?.iter().any(|g| caller.is(&g.owner) && g.title.eq_ignore_ascii_case(&group.title)) {
            return Err(SiteError::new(409, format!("You already have a group named '{}'.", group.title)));
        }
        groups::put(t, &group)?;
        groups::join(t, &group.id, &caller.username, "owner")
    })?;
    Ok(json!({ "success": true, "group": group.to_json(Some("owner")) }).into())
}

fn apply(group: &mut Group, params: &Params) -> Result<()> {
    if let Some(title) = params.text("title") {
        group.title = fields::title(title)?;
    }
    if let Some(access) = params.text("access") {
        group.access = match access.to_ascii_lowercase().as_str() {
            access @ ("private" | "org" | "public") => access.to_owned(),
            _ => return Err(SiteError::bad_request("'access' must be private, org or public.")),
        };
    }
    for name in ["description", "snippet", "phone"] {
        if let Some(text) = params.get(name) {
            group.properties.insert(name.to_owned(), json!(fields::bounded(text)?));
        }
    }
    if params.get("tags").is_some() {
        group.properties.insert("tags".to_owned(), json!(params.list("tags")));
    }
    group.modified = now();
    Ok(())
}

fn search(context: &Context, params: &Params) -> Result<Reply> {
    let caller = params.caller()?;
    let words = params.text("q").unwrap_or_default().to_lowercase();
    let wanted = |group: &Group| {
        let text = format!("{} {} {}", group.title, group.id, group.owner).to_lowercase();
        words
            .split_whitespace()
            .filter(|word| {
                !["and", "or"].contains(word)
                    && !word.starts_with("accountid:")
                    && !word.starts_with("orgid:")
            })
            .map(|word| word.rsplit(':').next().unwrap_or(word).trim_matches(['"', '*', '(', ')']))
            .all(|word| text.contains(word))
    };
    let found = context.database().read(|connection| {
        let mut found = Vec::new();
        for group in groups::all(connection)? {
            if wanted(&group) && groups::visible(connection, &group, caller)? {
                found.push(group.to_json(None));
            }
        }
        Ok(found)
    })?;
    Ok(Page::of(params)?.reply(&found, params.text("q")).into())
}

fn members(context: &Context, params: &Params, id: &str) -> Result<Reply> {
    let (group, _) = visible(context, params, id)?;
    params.require_caller()?;
    let all = context.database().read(|c| groups::members(c, &group.id))?;
    let names = |role: &str| -> Vec<&str> {
        all.iter().filter(|(_, r)| r == role).map(|(name, _)| name.as_str()).collect()
    };
    let users: Vec<Value> =
        all.iter().map(|(name, role)| json!({ "username": name, "memberType": role })).collect();
    Ok(json!({
        "owner": group.owner,
        "admins": names("admin"),
        "users": names("member"),
        "userList": users,
        "total": users.len(),
        "start": 1,
        "num": users.len(),
        "nextStart": -1,
    })
    .into())
}

fn change(context: &Context, params: &Params, id: &str, operation: &str) -> Result<Reply> {
    params.require_post()?;
    let caller = params.require_caller()?;
    let (mut group, role) = visible(context, params, id)?;
    let manages = caller.controls(&group.owner) || role.as_deref() == Some("admin");
    let reply = match operation {
        "leave" => {
            if caller.is(&group.owner) {
                return Err(SiteError::bad_request("The owner cannot leave the group."));
            }
            drop_members(context, &group, &[&caller.username])?;
            json!({ "success": true, "groupId": id })
        }
        _ if !manages => return Err(SiteError::forbidden()),
        "update" => {
            apply(&mut group, params)?;
            context.database().write(|t| groups::put(t, &group))?;
            json!({ "success": true, "groupId": id })
        }
        "delete" => {
            require_owner(caller, &group)?;
            context.database().write(|t| {
                t.execute("delete from groups where id = ?", [id])?;
                Ok(())
            })?;
            json!({ "success": true, "groupId": id })
        }
        "addusers" | "invite" => {
            json!({ "notAdded": add_members(context, params, &group)?, "success": true })
        }
        "removeusers" => {
            let names = params.list("users");
            let names: Vec<&str> =
                names.into_iter().filter(|name| !name.eq_ignore_ascii_case(&group.owner)).collect();
            drop_members(context, &group, &names)?;
            json!({ "notRemoved": [] })
        }
        _ => return Err(SiteError::not_found("Unknown operation on groups.")),
    };
    context.services().refresh_sharing(context.database())?;
    Ok(reply.into())
}

fn require_owner(caller: &Caller, group: &Group) -> Result<()> {
    if caller.controls(&group.owner) { Ok(()) } else { Err(SiteError::forbidden()) }
}

fn add_members(context: &Context, params: &Params, group: &Group) -> Result<Vec<String>> {
    let mut refused = Vec::new();
    context.database().write(|t| {
        for (list, role) in [(params.list("users"), "member"), (params.list("admins"), "admin")] {
            for name in list {
                match users::find(t, name)? {
                    Some(user) if !user.username.eq_ignore_ascii_case(&group.owner) => {
                        groups::join(t, &group.id, &user.username, role)?;
                    }
                    Some(_) => {}
                    None => refused.push(name.to_owned()),
                }
            }
        }
        Ok(())
    })?;
    Ok(refused)
}

fn drop_members(context: &Context, group: &Group, names: &[&str]) -> Result<()> {
    context.database().write(|t| {
        for name in names {
            t.execute("delete from group_members where group_id = ? and username = ?", [&group.id, *name])?;
        }
        Ok(())
    })
}

/// Answers `content/groups/{id}`: the items that a group holds and the caller may see.
pub(super) fn items(context: &Context, params: &Params, id: &str) -> Result<Reply> {
    let (group, _) = visible(context, params, id)?;
    let caller = params.caller()?;
    let found = context.database().read(|connection| {
        let mut statement =
            connection.prepare_cached("select item_id from group_items where group_id = ?")?;
        let ids: Vec<String> =
            statement.query_map([&group.id], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let mut found = Vec::new();
        for id in ids {
            if let (Some(item), Some(sharing)) =
                (items::find(connection, &id)?, items::sharing(connection, &id)?)
                && crate::auth::may_view(caller, &sharing)
            {
                found.push(super::content::shown(connection, context, params, &item)?);
            }
        }
        Ok(found)
    })?;
    let page = Page::of(params)?;
    let mut reply = page.reply(&found, None);
    if let Some(map) = reply.as_object_mut()
        && let Some(results) = map.remove("results")
    {
        map.insert("items".to_owned(), results);
    }
    Ok(reply.into())
}
