//! `publish`: a service definition, or a file of data, becomes a hosted service.
//!
//! The work goes on after the reply; `status` tells how it ended. Until the last step, one transaction,
//! nothing of the new service is seen, and a service that is overwritten goes on serving.

use std::path::Path;
use std::sync::Arc;

use geosharing_core::package::ServiceDefinition;
use serde_json::{Value, json};

use super::item_info::ItemInfo;
use super::{Home, add, data, fields, own_item};
use crate::auth::Role;
use crate::error::{Result, SiteError};
use crate::params::{Params, shorten};
use crate::publish::{self, DataKind};
use crate::reply::Reply;
use crate::state::items::Item;
use crate::state::jobs::Reservation;
use crate::state::services::{self, NewService, Service};
use crate::state::{Context, hex, identifier, is_identifier, items, now, random};

const FOLDER: &str = "Hosted";
const KIND: &str = "FeatureServer";
const LONGEST_NAME: usize = 120;

/// Everything that the job needs once the request is over.
struct Job {
    id: String,
    source: Item,
    /// What the source holds where it is no service definition.
    data: Option<DataKind>,
    parameters: Value,
    service_item: String,
    name: String,
    /// The service that is overwritten.
    old: Option<Arc<Service>>,
    owner: String,
    folder: Option<String>,
    _reservation: Reservation,
}

/// Answers `publish`.
pub(super) fn start(context: &Context, params: &Params, home: &Home<'_>) -> Result<Reply> {
    home.caller.require(Role::Publisher)?;
    let file_type = params.require("fileType")?;
    let data = DataKind::of(file_type);
    if data.is_none() && !file_type.eq_ignore_ascii_case("serviceDefinition") {
        return Err(SiteError::bad_request(format!(
            "File type '{}' cannot be published.",
            shorten(file_type)
        ))
        .detail(
            "this site publishes serviceDefinition, csv, geojson, shapefile, fileGeodatabase and geoPackage",
        ));
    }
    let source = source(context, params, home, data)?;
    let overwrite = params.flag("overwrite");
    let parameters = params.json("publishParameters")?.unwrap_or_default();
    let asked = match parameters.get("name").and_then(Value::as_str).map(str::trim) {
        Some(name) if !name.is_empty() => name.to_owned(),
        _ if data.is_some() => plain_name(&source.title),
        _ => own_name(context, &source)?,
    };
    let mut name = service_name(&asked)?;
    let old = if overwrite { overwritten(context, home, &source, &name)? } else { None };
    if let Some(old) = &old {
        name.clone_from(&old.name);
    } else if context.services().find(FOLDER, &name, KIND).is_some() {
        return Ok(taken(&name));
    }
    let service_item = match (&old, params.text("itemIdToCreate")) {
        (Some(old), _) => old.item_id.clone(),
        (None, Some(id)) if is_identifier(id) => id.to_ascii_lowercase(),
        (None, Some(_)) => {
            return Err(SiteError::bad_request("'itemIdToCreate' must be 32 hexadecimal digits."));
        }
        (None, None) => identifier(),
    };
    let Some(reservation) = context.jobs().reserve(&format!("{FOLDER}/{name}/{KIND}")) else {
        return Err(SiteError::new(409, format!("Service '{name}' is being published already.")));
    };
    let job = Job {
        id: identifier(),
        source,
        data,
        parameters,
        service_item,
        name,
        old,
        owner: home.owner.clone(),
        folder: home.folder.clone(),
        _reservation: reservation,
    };
    context.jobs().begin(context.database(), &job.id, &home.caller.username, &job.service_item, "publish")?;
    let url = format!("{}/server/rest/services/{FOLDER}/{}/{KIND}", params.origin(), job.name);
    let reply = json!({
        "services": [{
            "type": "Feature Service",
            "serviceurl": url,
            "size": job.source.size,
            "jobId": job.id,
            "serviceItemId": job.service_item,
            "encodedServiceURL": url,
        }]
    });
    let context = context.clone();
    std::thread::Builder::new().name("geosharing-publish".to_owned()).spawn(move || run(&context, &job))?;
    Ok(reply.into())
}

fn source(context: &Context, params: &Params, home: &Home<'_>, data: Option<DataKind>) -> Result<Item> {
    if let Some(id) = params.text("itemId") {
        let item = own_item(context, home, id)?;
        if item.state != "ready" || item.file.is_none() {
            return Err(SiteError::bad_request("The item has no file to publish.")
                .detail("add the file and commit its parts first"));
        }
        return Ok(item);
    }
    let file = params.file("file").ok_or_else(|| SiteError::missing("itemId"))?;
    let title = file.file_name.rsplit_once('.').map_or(file.file_name.as_str(), |(stem, _)| stem);
    let kind = data.map_or("Service Definition", DataKind::item_type);
    let mut item = Item::new(identifier(), &home.owner, kind, &fields::title(title)?);
    item.folder.clone_from(&home.folder);
    item.file_name = Some(file.file_name.clone());
    item.content_type = Some("application/octet-stream".to_owned());
    add::add_keywords(&mut item);
    add::keep_path(context, &mut item, file.path(), file.size)?;
    context.database().write(|t| items::put(t, &item))?;
    Ok(item)
}

/// Answers `analyze`: how a file of data would best be published.
pub(super) fn analyze(context: &Context, params: &Params) -> Result<Reply> {
    params.require_post()?;
    let caller = params.require_caller()?;
    let file_type = params.text("fileType").unwrap_or("csv");
    if DataKind::of(file_type) != Some(DataKind::Csv) {
        return Err(SiteError::bad_request("This file cannot be analyzed.")
            .detail("only csv is analyzed; other files say themselves what they hold"));
    }
    let (path, name) = if let Some(id) = params.text("itemId") {
        let (item, sharing) = super::visible_item(context, params, id)?;
        if !caller.controls(&sharing.owner) {
            return Err(SiteError::forbidden());
        }
        (data_path(context, &item)?, plain_name(&item.title))
    } else {
        let file = params.file("file").ok_or_else(|| SiteError::missing("itemId"))?;
        let stem = file.file_name.rsplit_once('.').map_or(file.file_name.as_str(), |(stem, _)| stem);
        (file.path().to_owned(), plain_name(stem))
    };
    let suggested = publish::suggest(&path, &name)?;
    Ok(json!({ "fileUrl": null, "publishParameters": suggested, "records": [] }).into())
}

/// Returns the name that the service definition gives to its service.
fn own_name(context: &Context, source: &Item) -> Result<String> {
    let definition = ServiceDefinition::open(&data_path(context, source)?)?;
    let configuration = definition.configuration()?;
    let name = configuration.pointer("/service/serviceName").and_then(Value::as_str).unwrap_or_default();
    Ok(if name.is_empty() { source.title.clone() } else { name.to_owned() })
}

/// Makes a title into a service's name, since titles of data are seldom meant as one.
fn plain_name(title: &str) -> String {
    title.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).take(LONGEST_NAME).collect()
}

fn data_path(context: &Context, item: &Item) -> Result<std::path::PathBuf> {
    item.file.as_deref().map(|file| context.item_file(file)).ok_or_else(SiteError::no_item)
}

/// Checks a service's name; blanks become underscores, since published scripts use them.
pub(super) fn service_name(asked: &str) -> Result<String> {
    let name: String = asked.trim().chars().map(|c| if c == ' ' { '_' } else { c }).collect();
    let legal = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if !legal {
        return Err(SiteError::bad_request("Service name contains invalid characters.")
            .detail(format!("`{}`: use letters, digits and underscores", shorten(asked))));
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(SiteError::bad_request(format!(
            "Service name is longer than {LONGEST_NAME} characters."
        )));
    }
    Ok(name)
}

/// Finds the service that was made of this service definition, or the caller's service of this name.
fn overwritten(
    context: &Context,
    home: &Home<'_>,
    source: &Item,
    name: &str,
) -> Result<Option<Arc<Service>>> {
    let related = context.database().read(|c| items::related(c, &source.id, "Service2Data", false))?;
    let of_source = related.iter().find_map(|item| {
        context.services().of_item(&item.id).into_iter().find(|service| service.kind == KIND)
    });
    let found = of_source.or_else(|| context.services().find(FOLDER, name, KIND));
    if let Some(service) = &found
        && !home.caller.controls(&service.sharing().owner)
    {
        return Err(SiteError::forbidden().detail(format!(
            "service '{}' belongs to somebody else; publish under another name",
            service.name
        )));
    }
    Ok(found)
}

fn taken(name: &str) -> Reply {
    let error =
        json!({ "code": 409, "message": format!("Service name '{name}' is already taken"), "details": [] });
    json!({ "services": [{ "success": false, "error": error }] }).into()
}

fn run(context: &Context, job: &Job) {
    let work = std::panic::AssertUnwindSafe(|| build(context, job));
    let outcome = std::panic::catch_unwind(work)
        .unwrap_or_else(|_| Err(SiteError::internal(format!("publishing {} panicked", job.name))));
    let (status, message) = match outcome {
        Ok(()) => ("completed", String::new()),
        Err(error) => {
            let mut message = error.message.into_owned();
            for detail in &error.details {
                message.push(' ');
                message.push_str(detail);
            }
            // Callers know the file by its name; where it lies here is nobody's business.
            if let (Ok(path), Some(name)) = (data_path(context, &job.source), &job.source.file_name) {
                message = message.replace(&path.display().to_string(), name);
            }
            ("failed", message)
        }
    };
    if let Err(error) = context.jobs().end(context.database(), &job.id, status, &message) {
        tracing::error!("job {}: {error}", job.id);
    }
}

fn build(context: &Context, job: &Job) -> Result<()> {
    let store = format!("{}-{}", job.name, hex(&random::<6>()));
    let folder = context.services_folder().join(&store);
    std::fs::create_dir(&folder)?;
    let outcome = fill(context, job, &folder).and_then(|definition| enter(context, job, &store, definition));
    if outcome.is_err() {
        context.drop_store(Path::new(&store));
        return outcome;
    }
    context.services().refresh(context.database(), FOLDER, &job.name, KIND)?;
    if let Some(old) = &job.old {
        context.drop_store(&old.store);
    }
    Ok(())
}

fn fill(context: &Context, job: &Job, folder: &Path) -> Result<Value> {
    let path = data_path(context, &job.source)?;
    let Some(kind) = job.data else {
        return Ok(publish::publish(context.datasets()?, &path, folder, &job.name)?);
    };
    let file_name = job.source.file_name.as_deref().unwrap_or(&job.source.title);
    let upload = publish::Upload { kind, path: &path, file_name, parameters: &job.parameters };
    Ok(publish::publish_data(context.datasets()?, &upload, folder, &job.name)?)
}

/// Makes the service visible: its item, its entry in the catalogue and their relation, all at once.
fn enter(context: &Context, job: &Job, store: &str, definition: Value) -> Result<()> {
    let sd = match job.data {
        None => Some(ServiceDefinition::open(&data_path(context, &job.source)?)?),
        Some(_) => None,
    };
    let info = sd.as_ref().map(ServiceDefinition::item_info).transpose()?.flatten();
    let info = info.map(|xml| ItemInfo::parse(&xml)).transpose()?.unwrap_or_default();
    let mut item = if let Some(old) = &job.old {
        context.database().read(|c| items::find(c, &old.item_id))?.ok_or_else(SiteError::no_item)?
    } else {
        let title = info.text("title").unwrap_or(&job.name);
        let mut item =
            Item::new(job.service_item.clone(), &job.owner, "Feature Service", &fields::title(title)?);
        item.folder.clone_from(&job.folder);
        info.describe(&mut item, &job.source);
        item
    };
    item.url = Some(format!("/server/rest/services/{FOLDER}/{}/{KIND}", job.name));
    item.modified = now();
    item.properties.insert("name".to_owned(), json!(job.name));
    add::add_keywords(&mut item);
    let service = NewService {
        folder: FOLDER.to_owned(),
        name: job.name.clone(),
        kind: KIND.to_owned(),
        item_id: item.id.clone(),
        store: store.into(),
        definition,
        ..NewService::default()
    };
    let old_file = item.file.clone();
    if let Some(popups) = sd.as_ref().map(ServiceDefinition::feature_server_item_data).transpose()?.flatten()
    {
        add::keep_text(context, &mut item, &popups.to_string())?;
    }
    let entered = context.database().write(|t| {
        if job.old.is_none() && items::find(t, &item.id)?.is_some() {
            return Err(SiteError::new(409, "An item with the id of the new service exists already."));
        }
        items::put(t, &item)?;
        services::put(t, &service)?;
        items::relate(t, &item.id, &job.source.id, "Service2Data")
    });
    match (&entered, &old_file, &item.file) {
        (Ok(()), Some(old), Some(new)) if old != new => context.drop_file(old),
        (Err(_), old, Some(new)) if old.as_ref() != Some(new) => context.drop_file(new),
        _ => {}
    }
    entered?;
    // The service serves already; a missing picture must not undo that.
    if let Some(sd) = &sd
        && let Err(error) = pictures(context, sd, &item.id)
    {
        tracing::warn!("thumbnail of {}: {error}", job.name);
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_fit_or_refused() {
        assert_eq!(service_name(" My roads ").unwrap(), "My_roads");
        assert_eq!(service_name("Straße_1").unwrap(), "Straße_1");
        for bad in ["", "a/b", "../x", "a.b", "a-b", "x\ny", &"n".repeat(121)] {
            assert!(service_name(bad).is_err(), "{bad}");
        }
    }
}
