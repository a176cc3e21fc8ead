//! Making services of a definition or of data, and entering them with their items.
//!
//! The portal's `publish` and the server's publishing tool both end here. Until the last step, one
//! transaction, nothing of the new services is seen, and those that are overwritten go on serving.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use geosharing_core::package::ServiceDefinition;
use serde_json::{Value, json};

use super::item_info::ItemInfo;
use super::{add, data, fields, manage};
use crate::error::{Result, SiteError};
use crate::publish::{self, DataKind, Made};
use crate::state::items::Item;
use crate::state::services::{self, NewService, Service};
use crate::state::{Context, folders, hex, identifier, items, now, random};

/// What services are made of.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// A service definition.
    Definition {
        /// Where it lies.
        path: PathBuf,
        /// What the caller wants otherwise, in the shape of `serviceconfiguration.json`.
        configuration: Option<Value>,
    },
    /// A file of data.
    Data {
        /// What it is said to be.
        kind: DataKind,
        /// Where it lies.
        path: PathBuf,
        /// What its owner calls it.
        file_name: String,
        /// The request's `publishParameters`.
        parameters: Value,
    },
}

/// One publication: what, as which service, for whom.
#[derive(Clone, Debug)]
pub(crate) struct Publication {
    /// The server's folder; empty for the root.
    pub(crate) folder: String,
    /// The service's name.
    pub(crate) name: String,
    /// What it is made of.
    pub(crate) what: What,
    /// The id of the item that will stand for it; that of the old service when one is overwritten.
    pub(crate) item: String,
    /// The service that is overwritten.
    pub(crate) old: Option<Arc<Service>>,
    /// Who will own the items.
    pub(crate) owner: String,
    /// The folder in the owner's content.
    pub(crate) portal_folder: Option<String>,
    /// The item of the definition or file, where the portal has one.
    pub(crate) source: Option<Item>,
}

/// Returns `Hosted/name/FeatureServer`, without a folder for services of the root.
pub(crate) fn service_path(folder: &str, name: &str, kind: &str) -> String {
    if folder.is_empty() { format!("{name}/{kind}") } else { format!("{folder}/{name}/{kind}") }
}

/// Returns the portal's word for items of a kind of service.
pub(crate) fn item_type(kind: &str) -> &'static str {
    match kind {
        "MapServer" => "Map Service",
        "GPServer" => "Geoprocessing Service",
        "ImageServer" => "Image Service",
        "GeocodeServer" => "Geocoding Service",
        _ => "Feature Service",
    }
}

/// Makes the services and enters them; returns them, the main one first.
///
/// # Errors
/// 001369 or 001370 with the reason; then nothing has changed.
pub(crate) fn build(context: &Context, publication: &Publication) -> Result<Vec<Arc<Service>>> {
    let store = format!("{}-{}", publication.name, hex(&random::<6>()));
    let folder = context.services_folder().join(&store);
    std::fs::create_dir(&folder)?;
    let outcome =
        fill(context, publication, &folder).and_then(|made| enter(context, publication, &store, made));
    let entered = match outcome {
        Ok(entered) => entered,
        Err(error) => {
            context.drop_store(Path::new(&store));
            return Err(error);
        }
    };
    for (folder, name, kind) in &entered.changed {
        context.services().refresh(context.database(), folder, name, kind)?;
    }
    for item in &entered.obsolete {
        manage::erase(context, item)?;
    }
    if let Some(old) = &publication.old {
        context.drop_store(&old.store);
    }
    let all = entered.changed.iter();
    Ok(all.filter_map(|(folder, name, kind)| context.services().find(folder, name, kind)).collect())
}

fn fill(context: &Context, publication: &Publication, folder: &Path) -> Result<Vec<Made>> {
    let datasets = context.datasets()?;
    Ok(match &publication.what {
        What::Definition { path, configuration } => {
            let registered = |path: &Path| publish::is_registered(context, path);
            let order = publish::Order {
                sd: path,
                folder,
                name: &publication.name,
                configuration: configuration.as_ref(),
                registered: &registered,
            };
            publish::publish(datasets, &order)?
        }
        What::Data { kind, path, file_name, parameters } => {
            let upload = publish::Upload { kind: *kind, path, file_name, parameters };
            let definition = publish::publish_data(datasets, &upload, folder, &publication.name)?;
            vec![Made { kind: "FeatureServer", definition }]
        }
    })
}

/// What entering changed.
struct Entered {
    /// Folder, name and kind of each service.
    changed: Vec<(String, String, String)>,
    /// Items of extensions that the old service had and the new one has not.
    obsolete: Vec<String>,
}

/// Makes the services visible: their items, their entries in the catalogue and relations, all at once.
fn enter(context: &Context, publication: &Publication, store: &str, made: Vec<Made>) -> Result<Entered> {
    let sd = match &publication.what {
        What::Definition { path, .. } => Some(ServiceDefinition::open(path)?),
        What::Data { .. } => None,
    };
    let info = sd.as_ref().map(ServiceDefinition::item_info).transpose()?.flatten();
    let info = info.map(|xml| ItemInfo::parse(&xml)).transpose()?.unwrap_or_default();
    let popups = sd.as_ref().map(ServiceDefinition::feature_server_item_data).transpose()?.flatten();
    let configuration = configuration(&publication.what, sd.as_ref())?;
    let siblings = publication.old.as_ref().map(|old| context.services().of_store(&old.store));
    let siblings = siblings.unwrap_or_default();
    let mut prepared: Vec<(Item, Option<String>, NewService)> = Vec::new();
    for (index, one) in made.into_iter().enumerate() {
        let old = siblings.iter().find(|service| service.kind == one.kind);
        let id = match old {
            Some(old) => old.item_id.clone(),
            None if index == 0 => publication.item.clone(),
            None => identifier(),
        };
        let known = match old {
            Some(_) => context.database().read(|c| items::find(c, &id))?,
            None => None,
        };
        let mut item = match known {
            Some(item) => item,
            None => new_item(publication, &info, &id, one.kind)?,
        };
        let path = service_path(&publication.folder, &publication.name, one.kind);
        item.url = Some(format!("/server/rest/services/{path}"));
        item.modified = now();
        item.properties.insert("name".to_owned(), json!(publication.name));
        add::add_keywords(&mut item);
        let old_file = item.file.clone();
        if one.kind == "FeatureServer"
            && let Some(popups) = &popups
        {
            add::keep_text(context, &mut item, &popups.to_string())?;
        }
        let service = NewService {
            folder: publication.folder.clone(),
            name: publication.name.clone(),
            kind: one.kind.to_owned(),
            item_id: item.id.clone(),
            store: store.into(),
            definition: one.definition,
            configuration: if index == 0 { configuration.clone() } else { Value::Null },
            ..NewService::default()
        };
        prepared.push((item, old_file, service));
    }
    let entered = context.database().write(|t| {
        let folder = &publication.folder;
        if !folder.is_empty() && folders::find(t, folder)?.is_none() {
            folders::create(t, folder, "")?;
        }
        for (item, _, service) in &prepared {
            let is_new = !siblings.iter().any(|service| service.item_id == item.id);
            if is_new && items::find(t, &item.id)?.is_some() {
                return Err(SiteError::new(409, "An item with the id of the new service exists already."));
            }
            items::put(t, item)?;
            services::put(t, service)?;
            if let Some(source) = &publication.source {
                items::relate(t, &item.id, &source.id, "Service2Data")?;
            }
        }
        Ok(())
    });
    for (item, old_file, _) in &prepared {
        match (&entered, old_file, &item.file) {
            (Ok(()), Some(old), Some(new)) if old != new => context.drop_file(old),
            (Err(_), old, Some(new)) if old.as_ref() != Some(new) => context.drop_file(new),
            _ => {}
        }
    }
    entered?;
    // The services serve already; a missing picture must not undo that.
    if let Some(sd) = &sd {
        for (item, ..) in &prepared {
            if let Err(error) = pictures(context, sd, &item.id) {
                tracing::warn!("thumbnail of {}: {error}", publication.name);
            }
        }
    }
    let obsolete = siblings
        .iter()
        .filter(|old| !prepared.iter().any(|(item, ..)| item.id == old.item_id))
        .map(|old| old.item_id.clone())
        .collect();
    let changed = prepared.into_iter().map(|(_, _, one)| (one.folder, one.name, one.kind)).collect();
    Ok(Entered { changed, obsolete })
}

/// Returns what the administration shows of the service: what the caller wants, or the definition says.
fn configuration(what: &What, sd: Option<&ServiceDefinition>) -> Result<Value> {
    let whole = match (what, sd) {
        (What::Definition { configuration: Some(wanted), .. }, _) => wanted.clone(),
        (_, Some(sd)) => sd.configuration()?,
        _ => Value::Null,
    };
    Ok(whole.get("service").cloned().unwrap_or(whole))
}

fn new_item(publication: &Publication, info: &ItemInfo, id: &str, kind: &str) -> Result<Item> {
    let title = info.text("title").unwrap_or(&publication.name);
    let mut item = Item::new(id.to_owned(), &publication.owner, item_type(kind), &fields::title(title)?);
    item.folder.clone_from(&publication.portal_folder);
    // Without an item the definition describes itself.
    let fallback = Item::new(identifier(), &publication.owner, "Service Definition", &item.title);
    info.describe(&mut item, publication.source.as_ref().unwrap_or(&fallback));
    Ok(item)
}

fn pictures(context: &Context, sd: &ServiceDefinition, id: &str) -> Result<()> {
    if let Some(png) = sd.thumbnail()? {
        data::keep_bytes(context, id, "info/thumbnail/thumbnail.png", &png, "image/png")?;
        data::set_thumbnail(context, id, Some("thumbnail/thumbnail.png"))?;
    }
    if let Some(xml) = sd.metadata()? {
        data::keep_bytes(context, id, "info/metadata/metadata.xml", xml.as_bytes(), "application/xml")?;
    }
    Ok(())
}
