//! `publish`: a service definition, or a file of data, becomes a hosted service.
//!
//! The work goes on after the reply; `status` tells how it ended. Until the last step, one transaction,
//! nothing of the new service is seen, and a service that is overwritten goes on serving.

use std::sync::Arc;

use geosharing_core::package::ServiceDefinition;
use serde_json::{Value, json};

use super::enter::{self, Publication, What};
use super::{Home, add, fields, own_item};
use crate::auth::Role;
use crate::error::{Result, SiteError};
use crate::params::{Params, shorten};
use crate::publish::{self, DataKind};
use crate::reply::Reply;
use crate::state::items::Item;
use crate::state::jobs::Reservation;
use crate::state::services::Service;
use crate::state::{Context, identifier, is_identifier, items};

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
    /// Folder and kind of the service.
    target: (String, &'static str),
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
    let (mut folder, kind) = if data.is_some() {
        (publish::HOSTED.to_owned(), "FeatureServer")
    } else {
        let announced = publish::announced(&ServiceDefinition::open(&data_path(context, &source)?)?)?;
        (announced.folder, announced.kind)
    };
    let place = (folder.as_str(), kind);
    let old = if overwrite { overwritten(context, home, &source, &name, place)? } else { None };
    if let Some(old) = &old {
        name.clone_from(&old.name);
        folder.clone_from(&old.folder);
    } else if context.services().find(&folder, &name, kind).is_some() {
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
    let Some(reservation) = context.jobs().reserve(&format!("{folder}/{name}/{kind}")) else {
        return Err(SiteError::new(409, format!("Service '{name}' is being published already.")));
    };
    let job = Job {
        id: identifier(),
        source,
        data,
        parameters,
        service_item,
        name,
        target: (folder, kind),
        old,
        owner: home.owner.clone(),
        folder: home.folder.clone(),
        _reservation: reservation,
    };
    context.jobs().begin(context.database(), &job.id, &home.caller.username, &job.service_item, "publish")?;
    let path = enter::service_path(&job.target.0, &job.name, kind);
    let url = format!("{}/server/rest/services/{path}", params.origin());
    let reply = json!({
        "services": [{
            "type": enter::item_type(kind),
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
    (folder, kind): (&str, &str),
) -> Result<Option<Arc<Service>>> {
    let related = context.database().read(|c| items::related(c, &source.id, "Service2Data", false))?;
    let of_source = related.iter().find_map(|item| {
        context.services().of_item(&item.id).into_iter().find(|service| service.kind == kind)
    });
    let found = of_source.or_else(|| context.services().find(folder, name, kind));
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
    let work = std::panic::AssertUnwindSafe(|| enter::build(context, &publication(context, job)?));
    let outcome = std::panic::catch_unwind(work)
        .unwrap_or_else(|_| Err(SiteError::internal(format!("publishing {} panicked", job.name))));
    let (status, message) = match outcome {
        Ok(_) => ("completed", String::new()),
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

fn publication(context: &Context, job: &Job) -> Result<Publication> {
    let path = data_path(context, &job.source)?;
    let what = match job.data {
        None => What::Definition { path, configuration: None },
        Some(kind) => What::Data {
            kind,
            path,
            file_name: job.source.file_name.clone().unwrap_or_else(|| job.source.title.clone()),
            parameters: job.parameters.clone(),
        },
    };
    Ok(Publication {
        folder: job.target.0.clone(),
        name: job.name.clone(),
        what,
        item: job.service_item.clone(),
        old: job.old.clone(),
        owner: job.owner.clone(),
        portal_folder: job.folder.clone(),
        source: Some(job.source.clone()),
    })
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
