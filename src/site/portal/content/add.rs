//! `addItem` and `update`.

use std::io::Write;
use std::path::Path;

use serde_json::json;

use super::{Home, data, fields, own_item};
use crate::auth::Role;
use crate::error::{Result, SiteError};
use crate::params::{Params, Upload, plain_name};
use crate::reply::Reply;
use crate::state::items::Item;
use crate::state::{Context, identifier, is_identifier, items, now};

const MOST_ITEMS: i64 = 100_000;

/// Answers `addItem`.
pub(super) fn add(context: &Context, params: &Params, home: &Home<'_>) -> Result<Reply> {
    home.caller.require(Role::User)?;
    let in_parts = params.flag("multipart");
    let file = params.file("file");
    let file_name = match file {
        Some(file) => Some(file.file_name.clone()),
        None => params.text("fileName").map(plain_name),
    };
    let file_name = params.text("fileName").map(plain_name).or(file_name);
    let kind = params
        .text("type")
        .or_else(|| fields::type_of_file(file_name.as_deref()?))
        .ok_or_else(|| SiteError::missing("type"))?;
    let title = params.text("title").or_else(|| stem(file_name.as_deref()?)).unwrap_or(kind);
    let id = match params.text("itemIdToCreate") {
        Some(id) if is_identifier(id) => id.to_ascii_lowercase(),
        Some(_) => return Err(SiteError::bad_request("'itemIdToCreate' must be 32 hexadecimal digits.")),
        None => identifier(),
    };
    let mut item = Item::new(id, &home.owner, kind, title);
    item.folder.clone_from(&home.folder);
    item.properties.insert("tags".to_owned(), json!([]));
    fields::apply(&mut item, params)?;
    add_keywords(&mut item);
    if let Some(earlier) =
        file_name.as_deref().map(|name| same_file(context, home, name, &item.kind)).transpose()?.flatten()
    {
        if params.flag("overwrite") {
            return update(context, params, home, &earlier);
        }
        return Err(SiteError::new(409, "Item with this filename already exists.").coded("CONT_0008"));
    }
    item.file_name = file_name;
    if in_parts && file.is_none() {
        "partial".clone_into(&mut item.state);
    }
    let thumbnail = params.file("thumbnail");
    keep_data(context, params, &mut item)?;
    store_new(context, &item)?;
    if let Some(thumbnail) = thumbnail {
        data::keep_thumbnail(context, &item.id, thumbnail)?;
    }
    Ok(json!({ "success": true, "id": item.id, "folder": home.folder }).into())
}

fn store_new(context: &Context, item: &Item) -> Result<()> {
    let stored = context.database().write(|t| {
        let count: i64 =
            t.query_row("select count(*) from items where owner = ?", [&item.owner], |r| r.get(0))?;
        if count >= MOST_ITEMS {
            return Err(SiteError::bad_request(format!("a user may have {MOST_ITEMS} items")));
        }
        if items::find(t, &item.id)?.is_some() {
            return Err(SiteError::new(409, "An item with this id exists already."));
        }
        items::put(t, item)
    });
    if stored.is_err()
        && let Some(file) = &item.file
    {
        context.drop_file(file);
    }
    stored
}

/// Returns the owner's item that was made of a file of this name.
fn same_file(context: &Context, home: &Home<'_>, name: &str, kind: &str) -> Result<Option<String>> {
    context.database().read(|connection| {
        let mut statement = connection.prepare_cached(
            "select id from items where owner = ? and lower(file_name) = lower(?) and type = ? and state = 'ready'",
        )?;
        let mut rows = statement.query([home.owner.as_str(), name, kind])?;
        Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
    })
}

/// Answers `update`: fields, data, thumbnail and metadata that the request has; the rest stays.
pub(super) fn update(context: &Context, params: &Params, home: &Home<'_>, id: &str) -> Result<Reply> {
    let mut item = own_item(context, home, id)?;
    if let Some(kind) = params.text("type")
        && !item.kind.eq_ignore_ascii_case(kind)
        && !context.services().of_item(id).is_empty()
    {
        return Err(SiteError::bad_request("The type of a service's item cannot be changed."));
    }
    let url = item.url.clone();
    fields::apply(&mut item, params)?;
    if !context.services().of_item(id).is_empty() {
        item.url = url;
    }
    if params.flag("clearEmptyFields") {
        for name in ["snippet", "description", "accessInformation", "licenseInfo"] {
            if params.get(name).is_some_and(str::is_empty) {
                item.properties.remove(name);
            }
        }
    }
    let old_file = item.file.clone();
    if let Some(file) = params.file("file") {
        item.file_name = Some(params.text("fileName").map_or_else(|| file.file_name.clone(), plain_name));
    }
    keep_data(context, params, &mut item)?;
    item.modified = now();
    context.database().write(|t| items::put(t, &item))?;
    if let Some(old) = old_file
        && item.file.as_deref() != Some(old.as_str())
    {
        context.drop_file(&old);
    }
    if let Some(thumbnail) = params.file("thumbnail").or_else(|| params.file("filename")) {
        data::keep_thumbnail(context, id, thumbnail)?;
    }
    if let Some(metadata) = params.file("metadata") {
        data::keep_resource(context, id, "info/metadata/metadata.xml", metadata.path(), "application/xml")?;
    }
    Ok(json!({ "success": true, "id": id }).into())
}

/// Moves the request's file or text into the item.
fn keep_data(context: &Context, params: &Params, item: &mut Item) -> Result<()> {
    if let Some(file) = params.file("file") {
        keep_upload(context, item, file)?;
    } else if let Some(text) = params.get("text").filter(|text| !text.is_empty()) {
        keep_text(context, item, text)?;
    }
    Ok(())
}

/// Makes a text the item's data.
pub(super) fn keep_text(context: &Context, item: &mut Item, text: &str) -> Result<()> {
    let path = context.temporary_path("text");
    let mut file = std::fs::File::create_new(&path)?;
    file.write_all(text.as_bytes())?;
    drop(file);
    keep_path(context, item, &path, text.len() as u64)?;
    let json = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    item.content_type = Some(if json { "application/json" } else { "text/plain;charset=utf-8" }.to_owned());
    Ok(())
}

fn keep_upload(context: &Context, item: &mut Item, file: &Upload) -> Result<()> {
    keep_path(context, item, file.path(), file.size)?;
    let name = item.file_name.as_deref().unwrap_or(&file.file_name);
    item.content_type = Some(fields::media_type(name).to_owned());
    Ok(())
}

/// Makes a finished file the item's data.
pub(super) fn keep_path(context: &Context, item: &mut Item, path: &Path, size: u64) -> Result<()> {
    item.file = Some(context.keep_file(&item.id, path)?);
    item.size = i64::try_from(size).unwrap_or(i64::MAX);
    Ok(())
}

/// Adds the keywords that Portal derives from the type.
pub(crate) fn add_keywords(item: &mut Item) {
    let mut keywords: Vec<String> = item.texts("typeKeywords").into_iter().map(str::to_owned).collect();
    for keyword in fields::keywords_of_type(&item.kind) {
        if !keywords.iter().any(|k| k == keyword) {
            keywords.push((*keyword).to_owned());
        }
    }
    if let Some(name) = &item.file_name {
        keywords.retain(|k| k != name);
        keywords.push(name.clone());
    }
    item.properties.insert("typeKeywords".to_owned(), json!(keywords));
}

fn stem(name: &str) -> Option<&str> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    (!stem.is_empty()).then_some(stem)
}
