//! Making and changing services by their description, the createService JSON.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::catalog::success;
use super::{Call, description};
use crate::error::{Result, SiteError};
use crate::params::shorten;
use crate::portal::content::{add_keywords, item_type, service_path};
use crate::reply::Reply;
use crate::state::items::{self, Item};
use crate::state::services::{self, NewService, Service, ServiceState};
use crate::state::{Context, folders, hex, identifier, random};
use crate::store::{HostedStore, ServiceDescription, ServiceSource};

/// The provider that ArcGIS no longer has, and the one that its text recommends.
const OLD_PROVIDER: &str = "ArcObjects";
const LONGEST_NAME: usize = 120;

/// Answers `createService`.
pub(super) fn create(call: &Call<'_>, folder: &str) -> Result<Reply> {
    let order = order(call, folder)?;
    let path = service_path(&order.folder, &order.name, &order.kind);
    let Some(_reservation) = call.context.jobs().reserve(&path) else {
        return Err(SiteError::new(409, format!("Service '{path}' is being published already.")));
    };
    if call.context.services().find(&order.folder, &order.name, &order.kind).is_some() {
        return Err(taken(&order.folder, &order.name, &order.kind));
    }
    let data = data(call, &order)?;
    let mut item = Item::new(identifier(), &call.caller.username, item_type(&order.kind), &order.name);
    item.url = Some(format!("/server/rest/services/{path}"));
    item.properties.insert("name".to_owned(), json!(order.name));
    add_keywords(&mut item);
    let state = order.configuration.get("configuredState").and_then(Value::as_str);
    let state = state.and_then(ServiceState::parse).unwrap_or_default();
    let service = NewService {
        folder: order.folder.clone(),
        name: order.name.clone(),
        kind: order.kind.clone(),
        item_id: item.id.clone(),
        definition: described(data.definition, &order.configuration),
        store: data.store.clone().into(),
        configuration: order.configuration,
        state,
    };
    let database = call.context.database();
    let entered = database.write(|t| {
        items::put(t, &item)?;
        services::put(t, &service)
    });
    if entered.is_err() {
        call.context.drop_store(Path::new(&data.store));
    }
    entered?;
    call.context.services().refresh(database, &order.folder, &order.name, &order.kind)?;
    if call.params.flag("runAsync") {
        let url = format!("{}/server/rest/services/{path}", call.params.origin());
        return Ok(json!({ "status": "success", "serviceUrl": url }).into());
    }
    Ok(success())
}

/// Answers `canCreateService`.
pub(super) fn can_create(call: &Call<'_>, folder: &str) -> Result<Reply> {
    let folder = call.params.text("folderName").unwrap_or(folder).to_owned();
    if call.params.text("service").is_some() {
        let order = order(call, &folder)?;
        if call.context.services().find(&order.folder, &order.name, &order.kind).is_some() {
            return Err(taken(&order.folder, &order.name, &order.kind));
        }
    } else {
        known_kind(call.params.require("serviceType")?)?;
    }
    Ok(success())
}

/// Answers `edit`: the whole configuration anew.
pub(super) fn edit(call: &Call<'_>, service: &Service) -> Result<Reply> {
    let asked = call.params.require("service")?;
    // Whatever else is wrong with it: it is the description of another service.
    let told: Value = serde_json::from_str(asked).unwrap_or_default();
    for (key, own) in [("serviceName", &service.name), ("type", &service.kind)] {
        if let Some(other) = told.get(key).and_then(Value::as_str).filter(|it| !it.eq_ignore_ascii_case(own))
        {
            let message = format!("Failed to edit the service '{}'.", service.full_name());
            return Err(SiteError::bad_request(message).detail(format!(
                "`service.{key}`: it is `{}` and the service's is `{own}`; {key} cannot be edited",
                shorten(other)
            )));
        }
    }
    let configuration = description::read(asked, "edit", &service.full_name())?;
    let text = |key: &str| configuration.get(key).and_then(Value::as_str).unwrap_or_default();
    refuse_old_provider(&configuration)?;
    let definition = described(service.definition.clone(), &configuration);
    let state = ServiceState::parse(text("configuredState")).unwrap_or(service.state);
    let database = call.context.database();
    database.write(|t| {
        services::configure(t, service, &configuration)?;
        services::redefine(t, service, &definition)?;
        services::set_state(t, service, state)
    })?;
    call.context.services().refresh(database, &service.folder, &service.name, &service.kind)?;
    Ok(success())
}

/// A service that somebody wants.
struct Order {
    folder: String,
    name: String,
    kind: String,
    configuration: Value,
}

fn order(call: &Call<'_>, folder: &str) -> Result<Order> {
    let configuration = description::read(call.params.require("service")?, "create", "")?;
    let text = |key: &str| configuration.get(key).and_then(Value::as_str).unwrap_or_default();
    let name = name(text("serviceName"))?;
    let kind = known_kind(text("type"))?.to_owned();
    refuse_old_provider(&configuration)?;
    let wanted = if folder.is_empty() { call.params.text("folderName").unwrap_or_default() } else { folder };
    let folder = call.context.database().read(|c| folders::find(c, wanted))?;
    let folder = folder.ok_or_else(|| folders::missing(wanted).detail("make it with createFolder first"))?;
    if folder == folders::SYSTEM {
        return Err(SiteError::forbidden().detail("the folder 'System' takes no services of others"));
    }
    Ok(Order { folder, name, kind, configuration })
}

/// Where a new service's rows are.
struct Data {
    /// Below the folder of services; empty where there are none.
    store: String,
    definition: Value,
}

/// Finds the data that a description names: that of a service of this site, or an empty feature service.
fn data(call: &Call<'_>, order: &Order) -> Result<Data> {
    let context = call.context;
    if let Some(source) = named_store(call, order)? {
        let store = new_store(context, &order.name, |target| {
            copy(&context.services_folder().join(&source.store), target)
        })?;
        return Ok(Data { store, definition: source.definition.clone() });
    }
    if order.kind == "FeatureServer" {
        let definition = json!({ "capabilities": "Query" });
        let description = ServiceDescription { definition: definition.clone(), item_data: None };
        let source = ServiceSource { service: description, layers: Vec::new() };
        let store = new_store(context, &order.name, |target| {
            let datasets = geosharing_core::dataset::MemoryDatasets::default();
            Ok(HostedStore::create(target, &source, &datasets).map(drop)?)
        })?;
        return Ok(Data { store, definition });
    }
    Ok(Data { store: String::new(), definition: json!({}) })
}

/// Finds the service of this site whose data a description names by the path that the site shows for it.
fn named_store(call: &Call<'_>, order: &Order) -> Result<Option<std::sync::Arc<Service>>> {
    let properties = order.configuration.get("properties");
    let path = ["filePath", "path", "toolbox"]
        .iter()
        .find_map(|key| properties?.get(key)?.as_str())
        .and_then(|path| path.strip_prefix(STORES));
    let Some(path) = path else { return Ok(None) };
    let store = path.split('/').next().unwrap_or_default();
    let found = call.context.services().all().into_iter().find(|service| {
        service.has_data() && service.store == Path::new(store) && service.kind == order.kind
    });
    let found = found.ok_or_else(|| {
        SiteError::bad_request(format!("Failed to create the service '{}.{}'.", order.name, order.kind))
            .detail(format!(
                "`service.properties.filePath`: no {} of this site has `{}`",
                order.kind,
                shorten(path)
            ))
    })?;
    if !call.caller.controls(&found.sharing().owner) {
        return Err(SiteError::forbidden().detail("the data belongs to somebody else's service"));
    }
    Ok(Some(found))
}

/// Begins the path of data that lies in this site.
const STORES: &str = "/site/services/";

fn new_store(context: &Context, name: &str, fill: impl FnOnce(&Path) -> Result<()>) -> Result<String> {
    let store = format!("{name}-{}", hex(&random::<6>()));
    let target = context.services_folder().join(&store);
    std::fs::create_dir(&target)?;
    match fill(&target) {
        Ok(()) => Ok(store),
        Err(error) => {
            context.drop_store(Path::new(&store));
            Err(error)
        }
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            std::fs::create_dir(&target)?;
            copy(&entry.path(), &target)?;
        } else if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

/// Lets a service answer as its configuration says.
fn described(mut definition: Value, configuration: &Value) -> Value {
    let Some(object) = definition.as_object_mut() else { return definition };
    let text = |of: &Value, key: &str| {
        of.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty()).map(str::to_owned)
    };
    if let Some(capabilities) = text(configuration, "capabilities") {
        object.insert("capabilities".to_owned(), capabilities.into());
    }
    if let Some(description) = text(configuration, "description") {
        object.insert("serviceDescription".to_owned(), description.into());
    }
    let count = configuration
        .get("properties")
        .and_then(|properties| text(properties, "maxRecordCount"))
        .and_then(|count| count.parse::<u64>().ok());
    if let Some(count) = count {
        object.insert("maxRecordCount".to_owned(), count.into());
    }
    definition
}

/// Returns a service's configuration as the administration shows it.
pub(super) fn shown(service: &Service) -> Value {
    let mut shown = service.configuration.as_object().cloned().unwrap_or_default();
    let text = |value: &str| Value::String(value.to_owned());
    shown.insert("serviceName".to_owned(), text(&service.name));
    shown.insert("type".to_owned(), text(&service.kind));
    let definition = |key: &str| service.definition.get(key).cloned();
    let fill = |shown: &mut Map<String, Value>, key: &str, value: Value| {
        shown.entry(key.to_owned()).or_insert(value);
    };
    fill(&mut shown, "description", definition("serviceDescription").unwrap_or_else(|| text("")));
    fill(&mut shown, "capabilities", definition("capabilities").unwrap_or_else(|| text("")));
    for (key, value) in framework() {
        fill(&mut shown, key, value);
    }
    shown.insert("configuredState".to_owned(), text(service.state.name()));
    fill(&mut shown, "properties", json!({}));
    if service.has_data()
        && let Some(properties) = shown.get_mut("properties").and_then(Value::as_object_mut)
    {
        let key = if properties.contains_key("path") { "path" } else { "filePath" };
        let empty = properties.get(key).and_then(Value::as_str).unwrap_or_default().is_empty();
        if empty {
            let path = format!("{STORES}{}", service.store.display());
            properties.insert(key.to_owned(), path.into());
        }
    }
    for (key, value) in
        [("extensions", json!([])), ("frameworkProperties", json!({})), ("datasets", json!([]))]
    {
        fill(&mut shown, key, value);
    }
    Value::Object(shown)
}

/// The framework's properties with the documented defaults.
fn framework() -> [(&'static str, Value); 14] {
    [
        ("provider", json!("ArcObjects11")),
        ("clusterName", json!("default")),
        ("minInstancesPerNode", json!(1)),
        ("maxInstancesPerNode", json!(2)),
        ("instancesPerContainer", json!(1)),
        ("maxWaitTime", json!(60)),
        ("maxStartupTime", json!(300)),
        ("maxIdleTime", json!(1800)),
        ("maxUsageTime", json!(600)),
        ("loadBalancing", json!("ROUND_ROBIN")),
        ("isolationLevel", json!("HIGH")),
        ("recycleInterval", json!(24)),
        ("private", json!(false)),
        ("isDefault", json!(false)),
    ]
}

fn refuse_old_provider(configuration: &Value) -> Result<()> {
    let text = |key: &str| configuration.get(key).and_then(Value::as_str).unwrap_or_default();
    if !text("provider").eq_ignore_ascii_case(OLD_PROVIDER) {
        return Ok(());
    }
    Err(SiteError::new(
        500,
        format!(
            "Failed to create the service '{}.{}'. This service cannot be created because the ArcObjects \
             provider is no longer supported. Starting at version 11.0, you must use the ArcObjects11 provider.",
            shorten(text("serviceName")),
            text("type")
        ),
    ))
}

/// Checks a service's name.
pub(super) fn name(name: &str) -> Result<String> {
    let legal = !name.is_empty()
        && name.chars().count() <= LONGEST_NAME
        && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if legal {
        return Ok(name.to_owned());
    }
    Err(SiteError::bad_request("Service name contains invalid characters.").detail(format!(
        "`service.serviceName`: `{}`; use up to {LONGEST_NAME} letters, digits and underscores",
        shorten(name)
    )))
}

/// The name is another service's (409).
pub(super) fn taken(folder: &str, name: &str, kind: &str) -> SiteError {
    let place = if folder.is_empty() { String::new() } else { format!(" in folder '{folder}'") };
    SiteError::new(409, format!("Service '{name}.{kind}' already exists{place}."))
        .detail("edit it, or delete it first")
}

fn known_kind(kind: &str) -> Result<&'static str> {
    KINDS.iter().map(|(name, _)| *name).find(|name| name.eq_ignore_ascii_case(kind)).ok_or_else(|| {
        let names: Vec<&str> = KINDS.iter().map(|(name, _)| *name).collect();
        SiteError::bad_request("The service type is not known.").detail(format!(
            "`service.type`: `{}` is none of {}",
            shorten(kind),
            names.join(", ")
        ))
    })
}

/// The types of services, and those of their extensions.
const KINDS: &[(&str, &[&str])] = &[
    (
        "MapServer",
        &[
            "FeatureServer",
            "KmlServer",
            "LRServer",
            "MobileServer",
            "NAServer",
            "OGCFeatureServer",
            "ParcelFabricServer",
            "SchematicsServer",
            "ValidationServer",
            "VersionManagementServer",
            "WCSServer",
            "WFSServer",
            "WMSServer",
        ],
    ),
    ("FeatureServer", &[]),
    ("GPServer", &["WPSServer"]),
    ("GeoDataServer", &["WCSServer", "WFSServer"]),
    ("GeocodeServer", &[]),
    ("GeometryServer", &[]),
    ("GlobeServer", &["KmlServer"]),
    ("ImageServer", &["JPIPServer", "WCSServer", "WMSServer"]),
    ("SceneServer", &[]),
    ("VectorTileServer", &[]),
];

/// Answers `types` and what stands below it.
pub(super) fn types(path: &[&str]) -> Result<Reply> {
    let kind = |(name, extensions): &(&str, &[&str])| {
        json!({
            "Name": name, "DisplayName": name, "Provider": "ArcObjects11", "Properties": {}, "Info": {},
            "Extensions": extensions,
        })
    };
    let mut extensions: Vec<&str> = KINDS.iter().flat_map(|(_, list)| list.iter().copied()).collect();
    extensions.sort_unstable();
    extensions.dedup();
    let extension = |name: &&str| {
        let parents: Vec<&str> =
            KINDS.iter().filter(|(_, list)| list.contains(name)).map(|(kind, _)| *kind).collect();
        json!({ "Name": name, "DisplayName": name, "ParentTypes": parents, "Properties": {}, "Info": {} })
    };
    Ok(match path {
        [] => json!({ "types": KINDS.iter().map(kind).collect::<Vec<_>>(), "resources": ["extensions", "providers"] }),
        ["extensions"] => json!({ "extensions": extensions.iter().map(extension).collect::<Vec<_>>() }),
        ["providers"] => json!({ "providers": [{ "name": "ArcObjects11" }, { "name": "DMaps" }, { "name": "SDS" }] }),
        ["extensions", wanted] => {
            let found = extensions.iter().find(|name| name.eq_ignore_ascii_case(wanted));
            extension(found.ok_or_else(|| SiteError::not_found("The extension type is not known."))?)
        }
        [wanted] => {
            let found = KINDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            kind(found.ok_or_else(|| SiteError::not_found("The service type is not known."))?)
        }
        _ => return Err(SiteError::not_found("Resource or operation not found.")),
    }
    .into())
}
