//! Folders and lists of services, and which path leads to which service.

use serde_json::{Value, json};

use super::{Call, create, service, unknown};
use crate::auth::Role;
use crate::error::{Result, SiteError};
use crate::reply::Reply;
use crate::state::folders;

/// Operations that stand where a folder's or a service's name could stand.
const OPERATIONS: &[&str] = &[
    "cancreateservice",
    "createfolder",
    "createservice",
    "deletefolder",
    "editfolder",
    "exists",
    "renameservice",
    "startservices",
    "stopservices",
];

/// Answers `services/...`.
pub(super) fn route(call: &Call<'_>, lower: &[&str], raw: &[String]) -> Result<Reply> {
    let name = |at: usize| raw.get(at).map_or("", String::as_str);
    match lower {
        [] => list(call, ""),
        ["types", rest @ ..] => create::types(rest),
        [operation] if OPERATIONS.contains(operation) => operate(call, "", operation),
        [folder, operation] if OPERATIONS.contains(operation) && !folder.contains('.') => {
            operate(call, name(0), operation)
        }
        [one] if !one.contains('.') => list(call, name(0)),
        [one, rest @ ..] if one.contains('.') => service::route(call, "", name(0), rest, raw.get(1..)),
        [_, _, rest @ ..] => service::route(call, name(0), name(1), rest, raw.get(2..)),
        _ => Err(unknown(raw)),
    }
}

fn operate(call: &Call<'_>, folder: &str, operation: &str) -> Result<Reply> {
    if operation == "exists" {
        return exists(call);
    }
    call.params.require_post()?;
    match operation {
        "createservice" => create::create(call, folder),
        "cancreateservice" => create::can_create(call, folder),
        "createfolder" => create_folder(call),
        "deletefolder" => {
            let name = if folder.is_empty() { call.params.require("folderName")? } else { folder };
            call.context.database().write(|t| folders::remove(t, name))?;
            Ok(success())
        }
        "editfolder" => {
            let description = call.params.text("description").unwrap_or_default();
            call.context.database().write(|t| folders::describe(t, folder, description))?;
            Ok(success())
        }
        "renameservice" => service::rename(call, folder),
        "startservices" | "stopservices" => service::switch_many(call, operation == "startservices"),
        _ => Err(SiteError::not_found("Resource or operation not found.")),
    }
}

/// `{"status":"success"}`.
pub(super) fn success() -> Reply {
    json!({ "status": "success" }).into()
}

fn list(call: &Call<'_>, wanted: &str) -> Result<Reply> {
    let all = call.context.database().read(folders::all)?;
    let folder = match wanted.trim_matches('/') {
        "" => None,
        name => Some(
            all.iter()
                .find(|folder| folder.name.eq_ignore_ascii_case(name))
                .ok_or_else(|| folders::missing(name))?,
        ),
    };
    let name = folder.map_or("", |folder| folder.name.as_str());
    let shown = if name.is_empty() { "/" } else { name };
    let mut services: Vec<Value> = Vec::new();
    for service in call.context.services().all() {
        if service.folder.eq_ignore_ascii_case(name) {
            let description = service.configuration.get("description").and_then(Value::as_str);
            services.push(json!({
                "folderName": shown,
                "serviceName": service.name,
                "type": service.kind,
                "description": description.unwrap_or_default(),
            }));
        }
    }
    if name == folders::SYSTEM {
        services.push(json!({
            "folderName": name, "serviceName": "PublishingTools", "type": "GPServer",
            "description": "Publishes service definitions",
        }));
    }
    let detail = |folder: &folders::Folder| {
        json!({
            "folderName": folder.name, "description": folder.description, "webEncrypted": false,
            "isDefault": false,
        })
    };
    let (names, details): (Vec<&str>, Vec<Value>) = if folder.is_none() {
        all.iter().map(|folder| (folder.name.as_str(), detail(folder))).unzip()
    } else {
        (Vec::new(), Vec::new())
    };
    Ok(json!({
        "folderName": shown,
        "description": folder.map_or("Root", |folder| &folder.description),
        "webEncrypted": false,
        "isDefault": folder.is_none(),
        "folders": names,
        "foldersDetail": details,
        "services": services,
    })
    .into())
}

fn exists(call: &Call<'_>) -> Result<Reply> {
    let wanted = call.params.text("folderName").unwrap_or_default().trim_matches('/');
    let folder = call.context.database().read(|c| folders::find(c, wanted))?;
    let found = match (call.params.text("serviceName"), call.params.text("type")) {
        (None, _) => folder.is_some(),
        (Some(name), Some(kind)) => {
            folder.is_some_and(|folder| call.context.services().find(&folder, name, kind).is_some())
        }
        (Some(_), None) => return Err(SiteError::missing("type")),
    };
    Ok(json!({ "exists": found }).into())
}

fn create_folder(call: &Call<'_>) -> Result<Reply> {
    call.caller.require(Role::Publisher)?;
    let name = call.params.require("folderName")?;
    let description = call.params.text("description").unwrap_or_default();
    call.context.database().write(|t| folders::create(t, name, description))?;
    Ok(success())
}
