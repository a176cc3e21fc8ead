//! Files for the server: whole, or in parts.

use std::fs::File;
use std::io;
use std::path::PathBuf;

use geosharing_core::package::ServiceDefinition;
use serde_json::{Value, json};

use super::catalog::success;
use super::{Call, unknown};
use crate::error::{Result, SiteError};
use crate::params::{plain_name, shorten};
use crate::reply::Reply;
use crate::state::now;
use crate::state::uploads::{self, ServerUpload};

/// What the server takes, by the end of the file's name.
const EXTENSIONS: &[&str] = &["sd", "soe", "sde", "odc", "csv", "txt", "zshp", "kmz", "zip", "geodatabase"];
const MOST_PARTS: u32 = 10_000;

/// Answers `uploads/...`.
pub(super) fn route(call: &Call<'_>, lower: &[&str], raw: &[String]) -> Result<Reply> {
    match lower {
        [] => list(call),
        ["upload"] => upload(call),
        ["register"] => register(call),
        [_] => Ok(own(call, raw)?.to_json().into()),
        [_, "delete"] => {
            call.params.require_post()?;
            call.context.drop_server_upload(&own(call, raw)?.id)?;
            Ok(success())
        }
        [_, "uploadpart"] => upload_part(call, &own(call, raw)?),
        [_, "parts"] => parts(call, &own(call, raw)?),
        [_, "commit"] => commit(call, own(call, raw)?),
        [_, "serviceconfiguration.json"] => {
            let upload = own(call, raw)?;
            Ok(definition(call, &upload)?.configuration()?.into())
        }
        _ => Err(unknown(raw)),
    }
}

/// Returns an upload that the caller may use.
pub(super) fn find(call: &Call<'_>, id: &str) -> Result<ServerUpload> {
    let upload = call.context.database().read(|c| uploads::get(c, id))?;
    // That somebody else's upload exists is nobody's business.
    if call.caller.controls(&upload.owner) {
        Ok(upload)
    } else {
        Err(SiteError::not_found(format!("Upload item '{}' not found.", shorten(id))))
    }
}

fn own(call: &Call<'_>, raw: &[String]) -> Result<ServerUpload> {
    find(call, raw.first().map_or("", String::as_str))
}

/// Opens a committed upload as a service definition.
pub(super) fn definition(call: &Call<'_>, upload: &ServerUpload) -> Result<ServiceDefinition> {
    if !upload.committed {
        return Err(SiteError::bad_request(format!("Upload item '{}' is not committed.", upload.id)));
    }
    let path = call.context.server_upload_file(&upload.id);
    ServiceDefinition::open(&path).map_err(|error| {
        let mut error = SiteError::from(error);
        error.message = error.message.replace(&path.display().to_string(), &upload.name).into();
        error
    })
}

fn list(call: &Call<'_>) -> Result<Reply> {
    let all = call.context.database().read(uploads::all)?;
    let shown: Vec<Value> =
        all.iter().filter(|upload| call.caller.controls(&upload.owner)).map(ServerUpload::to_json).collect();
    Ok(json!({ "items": shown }).into())
}

fn new(call: &Call<'_>, name: &str) -> Result<ServerUpload> {
    let name = plain_name(name);
    let end = name.rsplit_once('.').map_or("", |(_, end)| end).to_ascii_lowercase();
    if !EXTENSIONS.contains(&end.as_str()) {
        return Err(SiteError::bad_request("The file cannot be uploaded.").detail(format!(
            "itemFile: `{}`: files end with one of {}",
            shorten(&name),
            EXTENSIONS.join(", ")
        )));
    }
    Ok(ServerUpload::new(&call.caller.username, &name, call.params.text("description").unwrap_or_default()))
}

fn upload(call: &Call<'_>) -> Result<Reply> {
    call.params.require_post()?;
    let file = call.params.file("itemFile").or_else(|| call.params.file("packageFile"));
    let file = file.or_else(|| call.params.files().first()).ok_or_else(|| SiteError::missing("itemFile"))?;
    let mut upload = new(call, &file.file_name)?;
    std::fs::create_dir_all(call.context.server_upload_folder(&upload.id))?;
    File::open(file.path())?.sync_data()?;
    std::fs::rename(file.path(), call.context.server_upload_file(&upload.id))?;
    upload.size = file.size as i64;
    upload.committed = true;
    call.context.database().write(|t| uploads::put(t, &upload))?;
    Ok(json!({ "status": "success", "item": upload.to_json() }).into())
}

fn register(call: &Call<'_>) -> Result<Reply> {
    call.params.require_post()?;
    let upload = new(call, call.params.require("itemName")?)?;
    std::fs::create_dir_all(call.context.server_upload_folder(&upload.id))?;
    call.context.database().write(|t| uploads::put(t, &upload))?;
    Ok(json!({ "status": "success", "item": upload.to_json() }).into())
}

fn part_path(call: &Call<'_>, upload: &ServerUpload, number: u32) -> PathBuf {
    call.context.server_upload_folder(&upload.id).join(format!("part-{number:05}"))
}

fn upload_part(call: &Call<'_>, upload: &ServerUpload) -> Result<Reply> {
    call.params.require_post()?;
    if upload.committed {
        return Err(SiteError::bad_request(format!("Upload item '{}' is committed already.", upload.id)));
    }
    let number = match call.params.number::<u32>("partNumber")? {
        Some(number) => Some(number),
        None => call.params.number::<u32>("partId")?,
    };
    let number = number.filter(|number| (1..=MOST_PARTS).contains(number)).ok_or_else(|| {
        SiteError::bad_request("Invalid value for parameter 'partNumber'.")
            .detail(format!("a number from 1 to {MOST_PARTS} is expected"))
    })?;
    let file = call.params.file("partFile").or_else(|| call.params.files().first());
    let file = file.ok_or_else(|| SiteError::missing("partFile"))?;
    // Renamed in place, so that a part which is sent again replaces the first.
    std::fs::rename(file.path(), part_path(call, upload, number))?;
    Ok(json!({ "status": "success", "partNumber": number }).into())
}

fn numbers(call: &Call<'_>, upload: &ServerUpload) -> Result<Vec<u32>> {
    let mut numbers: Vec<u32> = std::fs::read_dir(call.context.server_upload_folder(&upload.id))?
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.strip_prefix("part-")?.parse().ok())
        .collect();
    numbers.sort_unstable();
    Ok(numbers)
}

fn parts(call: &Call<'_>, upload: &ServerUpload) -> Result<Reply> {
    let mut shown = Vec::new();
    for number in numbers(call, upload)? {
        let size = std::fs::metadata(part_path(call, upload, number))?.len();
        shown.push(json!({ "partNumber": number, "size": size }));
    }
    Ok(json!({ "parts": shown }).into())
}

fn commit(call: &Call<'_>, mut upload: ServerUpload) -> Result<Reply> {
    call.params.require_post()?;
    if upload.committed {
        return Ok(json!({ "status": "success", "item": upload.to_json() }).into());
    }
    let sent = numbers(call, &upload)?;
    let wanted: Vec<u32> = match call.params.list("parts").as_slice() {
        [] => sent.clone(),
        listed => listed
            .iter()
            .map(|number| number.parse().ok().filter(|number| sent.contains(number)))
            .collect::<Option<_>>()
            .ok_or_else(|| {
                SiteError::bad_request("Invalid value for parameter 'parts'.")
                    .detail(format!("parts {sent:?} were sent"))
            })?,
    };
    if wanted.is_empty() {
        return Err(SiteError::bad_request(format!("Upload item '{}' has no parts.", upload.id)));
    }
    let target = call.context.server_upload_file(&upload.id);
    let aside = target.with_extension("new");
    let mut whole = File::create(&aside)?;
    let mut size = 0;
    for number in wanted {
        size += io::copy(&mut File::open(part_path(call, &upload, number))?, &mut whole)?;
    }
    whole.sync_data()?;
    drop(whole);
    std::fs::rename(&aside, &target)?;
    for number in sent {
        let _ = std::fs::remove_file(part_path(call, &upload, number));
    }
    upload.size = size as i64;
    upload.committed = true;
    upload.modified = now();
    call.context.database().write(|t| uploads::put(t, &upload))?;
    Ok(json!({ "status": "success", "item": upload.to_json() }).into())
}
