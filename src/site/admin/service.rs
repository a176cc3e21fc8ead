//! One service: its configuration, its state, its item.

use std::sync::Arc;

use serde_json::{Value, json};

use super::catalog::success;
use super::{Call, create, unknown};
use crate::error::{Result, SiteError};
use crate::params::shorten;
use crate::portal::content;
use crate::reply::Reply;
use crate::state::services::{self, Service, ServiceState};
use crate::state::{items, now};

/// Answers `[folder/]name.Type/...`.
pub(super) fn route(
    call: &Call<'_>,
    folder: &str,
    name: &str,
    rest: &[&str],
    raw: Option<&[String]>,
) -> Result<Reply> {
    let service = find(call, folder, name)?;
    match rest {
        [] => Ok(create::shown(&service).into()),
        ["status"] => Ok(status(&service).into()),
        ["statistics"] => Ok(statistics(&service).into()),
        ["iteminfo"] => item_info(call, &service),
        ["iteminfo", "manifest", "manifest.json"] => Ok(manifest(&service).into()),
        [operation] => {
            call.params.require_post()?;
            if !call.caller.controls(&service.sharing().owner) {
                return Err(SiteError::forbidden()
                    .detail(format!("service '{}' belongs to somebody else", service.full_name())));
            }
            match *operation {
                "edit" => create::edit(call, &service),
                "delete" => {
                    for one in family(call, &service) {
                        content::erase(call.context, &one.item_id)?;
                    }
                    Ok(success())
                }
                "start" => switch(call, &service, ServiceState::Started),
                "stop" => switch(call, &service, ServiceState::Stopped),
                _ => Err(unknown(raw.unwrap_or_default())),
            }
        }
        ["iteminfo", "edit"] => {
            call.params.require_post()?;
            edit_item_info(call, &service)
        }
        _ => Err(unknown(raw.unwrap_or_default())),
    }
}

fn find(call: &Call<'_>, folder: &str, name: &str) -> Result<Arc<Service>> {
    let (stem, kind) = name.rsplit_once('.').unwrap_or((name, ""));
    call.context.services().find(folder, stem, kind).ok_or_else(|| {
        let shown = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        SiteError::not_found(format!("Service '{}' does not exist.", shorten(&shown)))
            .detail("name services as `folder/name.MapServer`")
    })
}

fn status(service: &Service) -> Value {
    // What has no data does not answer, whatever it was told to.
    let real = if service.has_data() { service.state } else { ServiceState::Stopped };
    json!({ "configuredState": service.state.name(), "realTimeState": real.name() })
}

fn statistics(service: &Service) -> Value {
    // Requests are not counted here, so the answer says that there is nothing to see.
    json!({
        "summary": {
            "folderName": service.folder, "serviceName": service.name, "type": service.kind,
            "isStatisticsAvailable": false,
        },
        "perMachine": [],
    })
}

fn switch(call: &Call<'_>, service: &Arc<Service>, state: ServiceState) -> Result<Reply> {
    let database = call.context.database();
    let family = family(call, service);
    database.write(|t| family.iter().try_for_each(|one| services::set_state(t, one, state)))?;
    for one in family {
        call.context.services().refresh(database, &one.folder, &one.name, &one.kind)?;
    }
    Ok(success())
}

/// Returns a service and those that are its extensions: they lie in one store under one name.
fn family(call: &Call<'_>, service: &Arc<Service>) -> Vec<Arc<Service>> {
    if !service.has_data() {
        return vec![Arc::clone(service)];
    }
    let same = |one: &Arc<Service>| one.folder == service.folder && one.name == service.name;
    call.context.services().of_store(&service.store).into_iter().filter(same).collect()
}

/// Answers `startServices` and `stopServices`.
pub(super) fn switch_many(call: &Call<'_>, start: bool) -> Result<Reply> {
    let state = if start { ServiceState::Started } else { ServiceState::Stopped };
    let wanted = call.params.json("services")?.ok_or_else(|| SiteError::missing("services"))?;
    let listed = wanted.get("services").and_then(Value::as_array).or_else(|| wanted.as_array());
    let listed = listed.ok_or_else(|| {
        SiteError::bad_request("Invalid value for parameter 'services'.")
            .detail("services: a list is expected")
    })?;
    let mut found = Vec::with_capacity(listed.len());
    for one in listed {
        let text = |key: &str| one.get(key).and_then(Value::as_str).unwrap_or_default();
        let name = format!("{}.{}", text("serviceName"), text("type"));
        let service = find(call, text("folderName").trim_matches('/'), &name)?;
        if !call.caller.controls(&service.sharing().owner) {
            return Err(SiteError::forbidden().detail(service.full_name()));
        }
        found.push(service);
    }
    for service in found {
        switch(call, &service, state)?;
    }
    Ok(success())
}

/// Answers `renameService`.
pub(super) fn rename(call: &Call<'_>, folder: &str) -> Result<Reply> {
    let kind = call.params.text("serviceType").or_else(|| call.params.text("type"));
    let kind = kind.ok_or_else(|| SiteError::missing("serviceType"))?;
    let service = find(call, folder, &format!("{}.{kind}", call.params.require("serviceName")?))?;
    if !call.caller.controls(&service.sharing().owner) {
        return Err(SiteError::forbidden());
    }
    let name = create::name(call.params.require("serviceNewName")?)?;
    if call.context.services().find(&service.folder, &name, &service.kind).is_some() {
        return Err(create::taken(&service.folder, &name, &service.kind));
    }
    let mut configuration = service.configuration.clone();
    if let Some(object) = configuration.as_object_mut() {
        object.insert("serviceName".to_owned(), json!(name));
    }
    let database = call.context.database();
    database.write(|t| {
        services::configure(t, &service, &configuration)?;
        t.execute(
            "update services set name = ?1 where folder = ?2 and name = ?3 and type = ?4",
            [&name, &service.folder, &service.name, &service.kind],
        )?;
        if let Some(mut item) = items::find(t, &service.item_id)? {
            item.url = item.url.map(|url| url.replace(&service.path(), &service.path_named(&name)));
            item.modified = now();
            items::put(t, &item)?;
        }
        Ok(())
    })?;
    for name in [&service.name, &name] {
        call.context.services().refresh(database, &service.folder, name, &service.kind)?;
    }
    Ok(success())
}

fn item_info(call: &Call<'_>, service: &Service) -> Result<Reply> {
    let item = call.context.database().read(|c| items::find(c, &service.item_id))?;
    let item = item.ok_or_else(SiteError::no_item)?;
    let text = |key: &str| item.text(key).unwrap_or_default().to_owned();
    Ok(json!({
        "name": service.name,
        "title": item.title,
        "type": item.kind,
        "summary": text("snippet"),
        "snippet": text("snippet"),
        "description": text("description"),
        "tags": item.texts("tags"),
        "thumbnail": text("thumbnail"),
        "accessInformation": text("accessInformation"),
        "licenseInfo": text("licenseInfo"),
        "culture": item.text("culture").unwrap_or("en-us"),
        "guid": item.id,
    })
    .into())
}

fn edit_item_info(call: &Call<'_>, service: &Service) -> Result<Reply> {
    if !call.caller.controls(&service.sharing().owner) {
        return Err(SiteError::forbidden());
    }
    let info = call.params.json("serviceItemInfo")?.ok_or_else(|| SiteError::missing("serviceItemInfo"))?;
    let info = info.as_object().ok_or_else(|| {
        SiteError::bad_request("Invalid value for parameter 'serviceItemInfo'.")
            .detail("an object is expected")
    })?;
    call.context.database().write(|t| {
        let mut item = items::find(t, &service.item_id)?.ok_or_else(SiteError::no_item)?;
        for key in ["description", "accessInformation", "licenseInfo", "culture"] {
            if let Some(Value::String(text)) = info.get(key) {
                item.properties.insert(key.to_owned(), json!(text));
            }
        }
        if let Some(Value::String(text)) = info.get("snippet").or_else(|| info.get("summary")) {
            item.properties.insert("snippet".to_owned(), json!(text));
        }
        if let Some(tags @ Value::Array(_)) = info.get("tags") {
            item.properties.insert("tags".to_owned(), tags.clone());
        }
        if let Some(Value::String(title)) = info.get("title")
            && !title.trim().is_empty()
        {
            title.trim().clone_into(&mut item.title);
        }
        item.modified = now();
        items::put(t, &item)
    })?;
    Ok(success())
}

/// What the service reads, as far as its configuration says it.
fn manifest(service: &Service) -> Value {
    let paths = ["filePath", "path", "toolbox", "locator"];
    let properties = service.configuration.get("properties");
    let resources: Vec<Value> = paths
        .iter()
        .filter_map(|key| properties?.get(key)?.as_str())
        .filter(|path| !path.is_empty())
        .map(|path| json!({ "onPremisePath": path, "clientName": "", "serverPath": path }))
        .collect();
    json!({ "databases": [], "resources": resources })
}
