//! Registered folders and databases.

use serde_json::{Value, json};

use super::{Call, unknown};
use crate::auth::Role;
use crate::error::{Result, SiteError};
use crate::reply::Reply;
use crate::state::data_items::{self, DataItem, ROOTS};

/// Answers `data/...`.
pub(super) fn route(call: &Call<'_>, lower: &[&str], raw: &[String]) -> Result<Reply> {
    match lower {
        [] => Ok(json!({ "resources": ["items", "config"] }).into()),
        ["config"] => Ok(json!({ "datastoreConfig": { "blockDataCopy": false } }).into()),
        ["finditems"] => find(call),
        ["items", rest @ ..] => items(call, rest, raw.get(1..).unwrap_or_default()),
        ["registeritem"] => register(call),
        ["unregisteritem"] => unregister(call),
        ["validatedataitem"] => validate(call),
        ["validatealldataitems"] => validate_all(call),
        _ => Err(unknown(raw)),
    }
}

fn find(call: &Call<'_>) -> Result<Reply> {
    let parent = call.params.text("parentPath").map(|path| path.trim_end_matches('/').to_lowercase());
    let ancestor = call.params.text("ancestorPath").map(|path| path.trim_end_matches('/').to_lowercase());
    let types: Vec<String> = call.params.list("types").into_iter().map(str::to_lowercase).collect();
    let id = call.params.text("id");
    let fits = |item: &DataItem| {
        let path = item.path.to_lowercase();
        let below = path.rsplit_once('/').map_or("", |(parent, _)| parent).to_owned();
        parent.as_ref().is_none_or(|parent| *parent == below)
            && ancestor.as_ref().is_none_or(|ancestor| path.starts_with(&format!("{ancestor}/")))
            && (types.is_empty() || types.contains(&item.kind.to_lowercase()))
            && id.is_none_or(|id| item.id == id)
    };
    let found = call.context.database().read(data_items::all)?;
    let shown: Vec<Value> = found.iter().filter(|item| fits(item)).map(DataItem::to_json).collect();
    Ok(json!({ "items": shown }).into())
}

fn items(call: &Call<'_>, lower: &[&str], raw: &[String]) -> Result<Reply> {
    match lower {
        [] => {
            let roots: Vec<String> = ROOTS.iter().map(|(root, _)| format!("/{root}")).collect();
            Ok(json!({ "rootItems": roots }).into())
        }
        [root] => {
            let (root, _) =
                ROOTS.iter().find(|(own, _)| own.eq_ignore_ascii_case(root)).ok_or_else(|| unknown(raw))?;
            let start = format!("/{root}/");
            let all = call.context.database().read(data_items::all)?;
            let names: Vec<&str> = all.iter().filter_map(|item| item.path.strip_prefix(&start)).collect();
            Ok(json!({ "parentPath": format!("/{root}"), "childItems": names }).into())
        }
        [_, _] => {
            let path = format!("/{}", raw.join("/"));
            Ok(call.context.database().read(|c| data_items::get(c, &path))?.to_json().into())
        }
        _ => Err(unknown(raw)),
    }
}

fn item(call: &Call<'_>) -> Result<DataItem> {
    let value = call.params.json("item")?.ok_or_else(|| SiteError::missing("item"))?;
    DataItem::parse(&value)
}

fn register(call: &Call<'_>) -> Result<Reply> {
    call.params.require_post()?;
    call.caller.require(Role::Publisher)?;
    let item = item(call)?;
    // A folder that nobody can read is of no use to any service; databases are kept for their readers.
    if item.folder().is_some() {
        item.validate()?;
    }
    call.context.database().write(|t| data_items::register(t, &item))?;
    Ok(json!({ "success": true, "status": "success", "item": item.to_json() }).into())
}

fn unregister(call: &Call<'_>) -> Result<Reply> {
    call.params.require_post()?;
    let path = call.params.require("itemPath")?;
    call.context.database().write(|t| data_items::unregister(t, path))?;
    Ok(json!({ "success": true, "status": "success" }).into())
}

fn validate(call: &Call<'_>) -> Result<Reply> {
    let named = if let Some(path) = call.params.text("itemPath") {
        call.context.database().read(|c| data_items::get(c, path))?
    } else {
        let told = item(call)?;
        // Clients send back what they were shown, without the passwords in it.
        call.context.database().read(|c| data_items::get(c, &told.path)).unwrap_or(told)
    };
    named.validate()?;
    Ok(json!({ "status": "success" }).into())
}

fn validate_all(call: &Call<'_>) -> Result<Reply> {
    let all = call.context.database().read(data_items::all)?;
    let broken: Vec<String> =
        all.iter().filter_map(|item| item.validate().err()).map(|error| error.details.join("; ")).collect();
    if broken.is_empty() {
        return Ok(json!({ "status": "success" }).into());
    }
    let mut error = SiteError::new(500, "Some data items are not valid.");
    error.details = broken;
    Err(error)
}
