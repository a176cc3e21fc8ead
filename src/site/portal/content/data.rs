//! What hangs on an item: its data, thumbnail, metadata, resources, groups and relations.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};

use super::{Home, fields, own_item, shown, visible_item};
use crate::auth::may_view;
use crate::error::{Result, SiteError};
use crate::params::{Params, Upload, plain_name};
use crate::reply::Reply;
use crate::state::items::Item;
use crate::state::{Context, groups, items, now};

const MOST_RESOURCES: i64 = 1000;

/// Answers `content/items/{id}/...`.
pub(super) fn route(
    context: &Context,
    params: &Params,
    id: &str,
    rest: &[&str],
    raw: Option<&[String]>,
) -> Result<Reply> {
    let (item, _) = visible_item(context, params, id)?;
    match rest {
        ["data"] => Ok(data(context, &item)),
        ["groups"] => in_groups(context, params, &item),
        ["relateditems"] => related(context, params, &item),
        ["resources"] => resources(context, &item),
        ["resources" | "info", ..] => {
            let raw = raw.unwrap_or_default();
            let name = match rest.first() {
                Some(&"info") => raw.join("/"),
                _ => raw.get(1..).unwrap_or_default().join("/"),
            };
            resource(context, &item, &name)
        }
        ["comments"] => Ok(json!({ "comments": [] }).into()),
        ["rating"] => Ok(json!({ "rating": null }).into()),
        ["dependencies"] => {
            Ok(json!({ "total": 0, "start": 1, "num": 0, "nextStart": -1, "list": [] }).into())
        }
        ["pkinfo"] => Err(SiteError::no_item()),
        _ => Err(SiteError::not_found("Unknown resource of items.")),
    }
}

fn data(context: &Context, item: &Item) -> Reply {
    let Some(file) = &item.file else {
        // As Portal: an item without data has an empty document.
        return Reply::Bytes(Vec::new(), "application/json");
    };
    let text = item.content_type.as_deref().is_some_and(|kind| kind.starts_with("application/json"));
    Reply::File {
        path: context.item_file(file),
        name: item.file_name.clone().unwrap_or_else(|| item.title.clone()),
        content_type: item.content_type.clone().unwrap_or_else(|| "application/octet-stream".to_owned()),
        attachment: item.file_name.is_some() || !text,
    }
}

fn in_groups(context: &Context, params: &Params, item: &Item) -> Result<Reply> {
    let caller = params.caller()?;
    let (mut admin, mut member, mut other) = (Vec::new(), Vec::new(), Vec::new());
    context.database().read(|connection| {
        for group in groups::of_item(connection, &item.id)? {
            let role = match caller {
                Some(caller) => groups::role(connection, &group.id, &caller.username)?,
                None => None,
            };
            let value = group.to_json(role.as_deref());
            match role.as_deref() {
                Some("owner" | "admin") => admin.push(value),
                Some(_) => member.push(value),
                None if groups::visible(connection, &group, caller)? => other.push(value),
                None => {}
            }
        }
        Ok(())
    })?;
    Ok(json!({ "admin": admin, "member": member, "other": other }).into())
}

fn related(context: &Context, params: &Params, item: &Item) -> Result<Reply> {
    let caller = params.caller()?;
    let forward = !params.text("direction").is_some_and(|way| way.eq_ignore_ascii_case("reverse"));
    let kinds = match (params.list("relationshipTypes"), params.list("relationshipType")) {
        (many, one) if many.is_empty() => one,
        (many, _) => many,
    };
    let kinds = if kinds.is_empty() { vec!["Service2Data"] } else { kinds };
    let mut found: Vec<Value> = Vec::new();
    context.database().read(|connection| {
        for kind in kinds {
            for item in items::related(connection, &item.id, kind, forward)? {
                let visible = items::sharing(connection, &item.id)?.is_some_and(|s| may_view(caller, &s));
                if visible {
                    found.push(shown(connection, context, params, &item)?);
                }
            }
        }
        Ok(())
    })?;
    let page = crate::portal::search::Page::of(params)?;
    let total = found.len();
    Ok(json!({
        "total": total,
        "start": page.start,
        "num": page.num,
        "nextStart": page.next(total),
        "relatedItems": page.slice(&found),
    })
    .into())
}

fn resources(context: &Context, item: &Item) -> Result<Reply> {
    let listed: Vec<Value> = context.database().read(|connection| {
        let mut statement = connection.prepare_cached(
            "select name, size, created from resources where item_id = ? and name not like 'info/%' order by name",
        )?;
        let rows = statement.query_map([&item.id], |row| {
            Ok(json!({
                "resource": row.get::<_, String>(0)?,
                "size": row.get::<_, i64>(1)?,
                "created": row.get::<_, i64>(2)?,
                "access": "inherit",
            }))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    })?;
    let total = listed.len();
    Ok(json!({ "total": total, "start": 1, "num": total, "nextStart": -1, "resources": listed }).into())
}

fn resource(context: &Context, item: &Item, name: &str) -> Result<Reply> {
    let found: Option<(String, String)> = context.database().read(|connection| {
        Ok(connection
            .prepare_cached("select file, content_type from resources where item_id = ? and name = ?")?
            .query_row([item.id.as_str(), name], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?)
    })?;
    let (file, content_type) =
        found.ok_or_else(|| SiteError::not_found("Resource does not exist or is inaccessible."))?;
    let attachment = !content_type.starts_with("image/");
    let last = name.rsplit('/').next().unwrap_or(name).to_owned();
    Ok(Reply::File { path: context.item_file(&file), name: last, content_type, attachment })
}

/// Keeps a file as a resource of an item, replacing one of that name.
pub(super) fn keep_resource(
    context: &Context,
    id: &str,
    name: &str,
    from: &Path,
    content_type: &str,
) -> Result<()> {
    let size = i64::try_from(std::fs::metadata(from)?.len()).unwrap_or(i64::MAX);
    let file = context.keep_file(id, from)?;
    let stored = context.database().write(|t| {
        let old = resource_file(t, id, name)?;
        let count: i64 = t.query_row("select count(*) from resources where item_id = ?", [id], |r| r.get(0))?;
        if count >= MOST_RESOURCES {
            return Err(SiteError::bad_request(format!("an item may have {MOST_RESOURCES} resources")));
        }
        t.execute(
            "insert into resources (item_id, name, file, size, created, content_type) values (?, ?, ?, ?, ?, ?)
             on conflict (item_id, name) do update set file = excluded.file, size = excluded.size,
                 created = excluded.created, content_type = excluded.content_type",
            params![id, name, file, size, now(), content_type],
        )?;
        Ok(old)
    });
    match stored {
        Ok(Some(old)) => context.drop_file(&old),
        Ok(None) => {}
        Err(error) => {
            context.drop_file(&file);
            return Err(error);
        }
    }
    Ok(())
}

/// Keeps bytes as a resource of an item.
pub(super) fn keep_bytes(
    context: &Context,
    id: &str,
    name: &str,
    bytes: &[u8],
    content_type: &str,
) -> Result<()> {
    let path = context.temporary_path("resource");
    std::fs::write(&path, bytes)?;
    keep_resource(context, id, name, &path, content_type)
}

/// Keeps an uploaded picture as the item's thumbnail.
pub(super) fn keep_thumbnail(context: &Context, id: &str, file: &Upload) -> Result<()> {
    let content_type = fields::media_type(&file.file_name);
    if !content_type.starts_with("image/") {
        return Err(SiteError::bad_request("The thumbnail must be a PNG, JPEG or GIF file."));
    }
    let relative = format!("thumbnail/{}", plain_name(&file.file_name));
    keep_resource(context, id, &format!("info/{relative}"), file.path(), content_type)?;
    set_thumbnail(context, id, Some(&relative))
}

/// Names the item's thumbnail.
pub(super) fn set_thumbnail(context: &Context, id: &str, relative: Option<&str>) -> Result<()> {
    context.database().write(|t| {
        let mut item = items::find(t, id)?.ok_or_else(SiteError::no_item)?;
        item.properties.insert("thumbnail".to_owned(), json!(relative));
        items::put(t, &item)
    })
}

/// Answers `deleteThumbnail`.
pub(super) fn delete_thumbnail(context: &Context, home: &Home<'_>, id: &str) -> Result<Reply> {
    let item = own_item(context, home, id)?;
    if let Some(relative) = item.text("thumbnail") {
        remove_resource(context, id, &format!("info/{relative}"))?;
    }
    set_thumbnail(context, id, None)?;
    Ok(json!({ "success": true, "itemId": id }).into())
}

/// Answers `addResources`, `updateResources` and `removeResources`.
pub(super) fn change_resources(
    context: &Context,
    params: &Params,
    home: &Home<'_>,
    id: &str,
    operation: &[&str],
) -> Result<Reply> {
    own_item(context, home, id)?;
    let prefix = params.text("resourcesPrefix").map(clean_prefix).unwrap_or_default();
    if operation == ["removeresources"] {
        remove_resource(context, id, &format!("{prefix}{}", params.require("resource")?))?;
        return Ok(json!({ "success": true }).into());
    }
    let name = |own: &str| {
        format!("{prefix}{}", params.text("fileName").map_or_else(|| plain_name(own), plain_name))
    };
    if let Some(file) = params.files().first() {
        let name = name(&file.file_name);
        keep_resource(context, id, &name, file.path(), fields::media_type(&name))?;
    } else if let Some(text) = params.get("text") {
        let name = name("text.txt");
        keep_bytes(context, id, &name, text.as_bytes(), fields::media_type(&name))?;
    } else {
        return Err(SiteError::missing("file"));
    }
    Ok(json!({ "success": true, "itemId": id, "owner": home.owner, "folder": home.folder }).into())
}

/// Keeps folders below an item's resources, and nothing that climbs out of them.
fn clean_prefix(prefix: &str) -> String {
    let parts: Vec<String> = prefix
        .split(['/', '\\'])
        .filter(|part| !part.is_empty() && !part.starts_with('.'))
        .map(plain_name)
        .collect();
    // `info` is where thumbnails and metadata lie.
    if parts.is_empty() || parts.first().is_some_and(|first| first == "info") {
        return String::new();
    }
    format!("{}/", parts.join("/"))
}

fn remove_resource(context: &Context, id: &str, name: &str) -> Result<()> {
    let file = context.database().write(|t| {
        let file = resource_file(t, id, name)?;
        t.execute("delete from resources where item_id = ? and name = ?", [id, name])?;
        Ok(file)
    })?;
    if let Some(file) = file {
        context.drop_file(&file);
    }
    Ok(())
}

fn resource_file(connection: &Connection, id: &str, name: &str) -> Result<Option<String>> {
    Ok(connection
        .query_row("select file from resources where item_id = ? and name = ?", [id, name], |row| row.get(0))
        .optional()?)
}
