//! `System/PublishingTools`: the tool that turns an uploaded service definition into a service.

use geosharing_core::package::ServiceDefinition;
use geosharing_core::sddraft::Document;
use serde_json::{Value, json};

use super::{Call, create, uploads};
use crate::auth::Role;
use crate::error::{Result, SiteError};
use crate::params::{Params, shorten};
use crate::portal::SERVER_VERSION;
use crate::portal::content::{Publication, What, build, service_path};
use crate::publish;
use crate::reply::Reply;
use crate::state::jobs::{Job, Reservation};
use crate::state::services::{self, ServiceState};
use crate::state::uploads::ServerUpload;
use crate::state::{Context, identifier, is_identifier};

const TASK: &str = "Publish Service Definition";
/// Names of the tool's outputs.
const OUTPUTS: [&str; 3] = ["out_soap_svc_url", "out_rest_svc_url", "out_results"];

/// Answers `System/PublishingTools/GPServer/...`.
pub(super) fn route(context: &Context, params: &Params, path: &[String]) -> Result<Reply> {
    let caller = params.require_caller()?;
    caller.require(Role::Publisher)?;
    let call = Call { context, params, caller };
    let lower: Vec<String> = path.iter().map(|part| part.to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let id = path.get(2).map_or("", String::as_str);
    match lower.as_slice() {
        [] => Ok(json!({
            "currentVersion": SERVER_VERSION,
            "serviceDescription": "Publishes service definitions.",
            "tasks": [TASK],
            "executionType": "esriExecutionTypeAsynchronous",
            "resultMapServerName": "",
            "maximumRecords": 1000,
            "capabilities": "",
        })
        .into()),
        ["jobs", _, ..] => {
            job(&call, path.get(1).map_or("", String::as_str), lower.get(2..).unwrap_or_default())
        }
        [task, ..] if *task != TASK.to_ascii_lowercase() => {
            Err(SiteError::not_found(format!("Task '{}' not found.", shorten(task))))
        }
        [_] => Ok(task().into()),
        [_, "submitjob"] => submit(&call),
        [_, "jobs", _, rest @ ..] => job(&call, id, rest),
        [_, "execute"] => Err(SiteError::bad_request("The task is asynchronous; use submitJob.")),
        _ => Err(SiteError::not_found("Resource or operation not found.")),
    }
}

fn task() -> Value {
    let parameter = |name: &str, direction: &str, needed: &str| {
        json!({
            "name": name, "dataType": "GPString", "displayName": name, "description": "",
            "direction": format!("esriGPParameterDirection{direction}"), "defaultValue": "",
            "parameterType": format!("esriGPParameterType{needed}"), "category": "",
        })
    };
    let mut parameters = vec![
        parameter("in_sdp_id", "Input", "Required"),
        parameter("in_config_overwrite", "Input", "Optional"),
        parameter("in_publish_options", "Input", "Optional"),
    ];
    parameters.extend(OUTPUTS.map(|name| parameter(name, "Output", "Derived")));
    json!({
        "name": TASK, "displayName": TASK, "description": "Publishes an uploaded service definition.",
        "category": "", "helpUrl": "", "executionType": "esriExecutionTypeAsynchronous", "parameters": parameters,
    })
}

/// Everything that the job needs once the request is over.
struct Order {
    id: String,
    upload: ServerUpload,
    publication: Publication,
    kind: &'static str,
    stopped: bool,
    _reservation: Reservation,
}

fn submit(call: &Call<'_>) -> Result<Reply> {
    // Parameters of tools come as they are or as JSON strings.
    let text = |name: &str| {
        let given = call.params.text(name).unwrap_or_default();
        serde_json::from_str::<String>(given).unwrap_or_else(|_| given.to_owned())
    };
    let upload_id = text("in_sdp_id");
    if upload_id.is_empty() {
        return Err(SiteError::missing("in_sdp_id"));
    }
    let upload = uploads::find(call, &upload_id)?;
    let definition = uploads::definition(call, &upload)?;
    let configuration = parsed(&text("in_config_overwrite"), "in_config_overwrite")?;
    let options = parsed(&text("in_publish_options"), "in_publish_options")?;
    let announced = publish::announced(&definition)?;
    let wanted = |path: &str| {
        let told = configuration.as_ref()?.pointer(path)?.as_str()?.trim();
        Some(told.to_owned())
    };
    let folder = wanted("/folderName").unwrap_or(announced.folder);
    let name = wanted("/service/serviceName").filter(|name| !name.is_empty()).unwrap_or(announced.name);
    let name = create::name(&name)?;
    let kind = announced.kind;
    if let Some(other) = wanted("/service/type")
        && !other.eq_ignore_ascii_case(kind)
        // Definitions of hosted layers call themselves map services.
        && kind != "FeatureServer"
    {
        return Err(SiteError::bad_request("Invalid value for parameter 'in_config_overwrite'.")
            .detail(format!("`service.type`: `{}` in place of `{kind}`", shorten(&other))));
    }
    let folder = existing_folder(call, folder.trim_matches('/'))?;
    let old = call.context.services().find(&folder, &name, kind);
    if let Some(old) = &old {
        if !call.caller.controls(&old.sharing().owner) {
            return Err(SiteError::forbidden()
                .detail(format!("service '{}' belongs to somebody else", old.full_name())));
        }
        if !replaces(&definition)? {
            return Err(create::taken(&folder, &name, kind)
                .detail("stage the definition with overwriteExistingService to replace it"));
        }
    }
    let Some(reservation) = call.context.jobs().reserve(&service_path(&folder, &name, kind)) else {
        return Err(SiteError::new(
            409,
            "Another administrative operation is currently accessing the store. Please try again later.",
        ));
    };
    let item = match (&old, wished_item(options.as_ref(), kind)?) {
        (Some(old), _) => old.item_id.clone(),
        (None, Some(id)) => id,
        (None, None) => identifier(),
    };
    let stopped =
        wanted("/service/configuredState").is_some_and(|state| state.eq_ignore_ascii_case("STOPPED"));
    let publication = Publication {
        folder,
        name,
        what: What::Definition { path: call.context.server_upload_file(&upload.id), configuration },
        item,
        old,
        owner: call.caller.username.to_string(),
        portal_folder: None,
        source: None,
    };
    let order = Order {
        id: format!("j{}", identifier()),
        upload,
        publication,
        kind,
        stopped,
        _reservation: reservation,
    };
    let (context, caller) = (call.context, &call.caller.username);
    let item = &order.publication.item;
    context.jobs().begin(context.database(), &order.id, caller, item, "publishServiceDefinition")?;
    let reply = json!({ "jobId": order.id, "jobStatus": "esriJobSubmitted" });
    let context = context.clone();
    std::thread::Builder::new().name("geosharing-publish".to_owned()).spawn(move || run(&context, &order))?;
    Ok(reply.into())
}

fn existing_folder(call: &Call<'_>, folder: &str) -> Result<String> {
    use crate::state::folders;
    match call.context.database().read(|c| folders::find(c, folder))? {
        Some(own) if own == folders::SYSTEM => {
            Err(SiteError::forbidden().detail("the folder 'System' takes no services of others"))
        }
        Some(own) => Ok(own),
        // Made with the service; the name is checked before anything else is.
        None => {
            call.context.database().write(|t| folders::create(t, folder, ""))?;
            Ok(folder.to_owned())
        }
    }
}

fn parsed(text: &str, name: &str) -> Result<Option<Value>> {
    if text.trim().is_empty() || text.trim() == "#" {
        return Ok(None);
    }
    let refuse =
        |why: String| SiteError::bad_request(format!("Invalid value for parameter '{name}'.")).detail(why);
    let value: Value = serde_json::from_str(text).map_err(|error| refuse(format!("not JSON: {error}")))?;
    if value.is_object() { Ok(Some(value)) } else { Err(refuse("an object is expected".to_owned())) }
}

fn replaces(definition: &ServiceDefinition) -> Result<bool> {
    Ok(Document::from_text(definition.manifest()?)?.replaces_existing())
}

/// Returns the id that the caller wants for the service's item.
fn wished_item(options: Option<&Value>, kind: &str) -> Result<Option<String>> {
    let listed = options.and_then(|options| options.pointer("/portalProperties/portalItems")?.as_array());
    let text = |item: &Value, key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let found = listed.into_iter().flatten().find(|item| text(item, "type").eq_ignore_ascii_case(kind));
    let Some(id) = found.map(|item| text(item, "itemID").to_ascii_lowercase()) else { return Ok(None) };
    if is_identifier(&id) {
        return Ok(Some(id));
    }
    Err(SiteError::bad_request("Invalid value for parameter 'in_publish_options'.")
        .detail("`portalProperties.portalItems[].itemID`: 32 hexadecimal digits are expected"))
}

fn run(context: &Context, order: &Order) {
    let work = std::panic::AssertUnwindSafe(|| publish_order(context, order));
    let name = &order.publication.name;
    let outcome = std::panic::catch_unwind(work)
        .unwrap_or_else(|_| Err(SiteError::internal(format!("publishing {name} panicked"))));
    let (status, message) = match outcome {
        Ok(()) => ("completed", String::new()),
        Err(error) => {
            let path = context.server_upload_file(&order.upload.id).display().to_string();
            let mut lines = vec![error.message.into_owned()];
            lines.extend(error.details);
            if !lines.iter().any(|line| line.starts_with("ERROR")) {
                lines.insert(0, "ERROR 001369: Failed to create the service.".to_owned());
            }
            lines.push(format!("Failed to execute ({TASK})."));
            // Callers know the file by its name; where it lies here is nobody's business.
            ("failed", lines.join("\n").replace(&path, &order.upload.name))
        }
    };
    if let Err(error) = context.jobs().end(context.database(), &order.id, status, &message) {
        tracing::error!("job {}: {error}", order.id);
    }
}

fn publish_order(context: &Context, order: &Order) -> Result<()> {
    let made = build(context, &order.publication)?;
    if order.stopped {
        for service in made {
            context.database().write(|t| services::set_state(t, &service, ServiceState::Stopped))?;
            context.services().refresh(context.database(), &service.folder, &service.name, &service.kind)?;
        }
    }
    tracing::debug!(kind = order.kind, "published {}", order.publication.name);
    // As the product does: what was published is no longer needed; after a failure it stays.
    context.drop_server_upload(&order.upload.id)
}

fn job(call: &Call<'_>, id: &str, path: &[&str]) -> Result<Reply> {
    let found = call
        .context
        .jobs()
        .get(id)
        .filter(|job| job.kind == "publishServiceDefinition" && call.caller.controls(&job.owner));
    let job = found.ok_or_else(|| SiteError::not_found(format!("Job '{}' not found.", shorten(id))))?;
    match path {
        [] | ["status"] => Ok(status(id, &job).into()),
        ["messages"] => Ok(json!({ "messages": messages(&job) }).into()),
        ["cancel"] => Err(SiteError::bad_request("The job cannot be cancelled.")
            .detail("publishing is one transaction; wait for its end and delete the service")),
        ["results", name] if job.status == "completed" => result(call, &job, name),
        ["results" | "inputs", _] => Err(SiteError::not_found("The job has no such parameter.")),
        _ => Err(SiteError::not_found("Resource or operation not found.")),
    }
}

fn status(id: &str, job: &Job) -> Value {
    let status = match job.status.as_str() {
        "completed" => "esriJobSucceeded",
        "failed" => "esriJobFailed",
        _ => "esriJobExecuting",
    };
    let mut shown = json!({ "jobId": id, "jobStatus": status, "messages": messages(job), "inputs": {} });
    if job.status == "completed" {
        for name in OUTPUTS {
            shown["results"][name] = json!({ "paramUrl": format!("results/{name}") });
        }
    }
    shown
}

fn messages(job: &Job) -> Vec<Value> {
    let message =
        |kind: &str, text: &str| json!({ "type": format!("esriJobMessageType{kind}"), "description": text });
    match job.status.as_str() {
        "failed" => job.message.lines().map(|line| message("Error", line)).collect(),
        "completed" => vec![message("Informative", &format!("Succeeded ({TASK})."))],
        _ => vec![message("Informative", &format!("Executing ({TASK})..."))],
    }
}

fn result(call: &Call<'_>, job: &Job, name: &str) -> Result<Reply> {
    let service = call.context.services().of_item(&job.item_id).into_iter().next();
    let service = service.ok_or_else(|| SiteError::not_found("The service was deleted since."))?;
    let first = call.params.request().path.split('/').nth(1).unwrap_or("server");
    let root = format!("{}/{first}", call.params.origin());
    let (rest, soap) =
        (format!("{root}/rest/services/{}", service.path()), format!("{root}/services/{}", service.path()));
    let (name, value) = match name {
        "out_soap_svc_url" => (OUTPUTS[0], json!(soap)),
        "out_rest_svc_url" => (OUTPUTS[1], json!(rest)),
        "out_results" => {
            let results = json!({
                "serviceURL": rest, "itemID": service.item_id, "type": service.kind,
                "folderName": service.folder, "serviceName": service.name,
            });
            (OUTPUTS[2], json!(results.to_string()))
        }
        _ => return Err(SiteError::not_found("The job has no such parameter.")),
    };
    Ok(json!({ "paramName": name, "dataType": "GPString", "value": value }).into())
}
