//! `uploads`: files for the inputs of tasks, whole or in parts.

use serde_json::{Value, json};

use super::Call;
use crate::error::{Result, SiteError};
use crate::jobs::{UploadRecord, too_large};
use crate::params::Upload;
use crate::reply::Reply;

/// Answers `uploads` and what is below it.
pub(super) fn route(call: &Call<'_>, rest: &[&str]) -> Result<Reply> {
    if !call.configuration().uploads {
        return Err(SiteError::bad_request("This operation is not supported.")
            .detail("the service does not have the capability 'Uploads'"));
    }
    let service = call.service.item_id.as_str();
    let find = |id: &str| call.engine.upload(service, &call.caller, id);
    let lower: Vec<String> = rest.iter().map(|part| part.to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    match (lower.as_slice(), rest) {
        ([], _) => {
            // Whoever has no name shares it with all others who have none.
            let list = if call.caller.is_empty() {
                Vec::new()
            } else {
                call.engine.uploads(service, &call.caller)?
            };
            let items: Vec<Value> = list.iter().map(|upload| item(call, upload)).collect();
            Ok(json!({ "uploads": items }).into())
        }
        (["info"], _) => Ok(json!({ "maxUploadFileSize": call.configuration().largest_upload >> 20 }).into()),
        (["upload"], _) => {
            call.params.require_post()?;
            let file = file(call)?;
            let name = call.params.text("itemName").unwrap_or(&file.file_name);
            let mut upload = register(call, name)?;
            call.engine.fill_upload(&mut upload, file.path(), file.size)?;
            Ok(done(call, &upload))
        }
        (["register"], _) => {
            call.params.require_post()?;
            let upload = register(call, call.params.require("itemName")?)?;
            Ok(done(call, &upload))
        }
        ([_], [id]) => Ok(item(call, &find(id)?).into()),
        ([_, "parts"], [id, _]) => {
            let parts = call.engine.parts(&find(id)?)?;
            let parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
            Ok(json!({ "parts": parts }).into())
        }
        ([_, operation], [id, _]) => {
            call.params.require_post()?;
            change(call, &mut find(id)?, operation)
        }
        _ => Err(SiteError::not_found("Resource or operation not found.")),
    }
}

fn change(call: &Call<'_>, upload: &mut UploadRecord, operation: &str) -> Result<Reply> {
    match operation {
        "uploadpart" => {
            let number = call.params.number("partId")?.or(call.params.number("partNum")?);
            let number: u32 = number.ok_or_else(|| SiteError::missing("partId"))?;
            call.engine.add_part(upload, number, file(call)?.path())?;
            Ok(json!({ "success": true, "partId": number.to_string() }).into())
        }
        "commit" => {
            expect_parts(call, upload)?;
            call.engine.commit_upload(upload, call.configuration().largest_upload)?;
            Ok(done(call, upload))
        }
        "delete" => {
            call.engine.remove_upload(upload)?;
            Ok(json!({ "success": true }).into())
        }
        _ => Err(SiteError::not_found("Resource or operation not found.")),
    }
}

fn file<'a>(call: &'a Call<'_>) -> Result<&'a Upload> {
    let params = call.params;
    let named = params.file("file").or_else(|| params.file("itemFile")).or_else(|| params.file("partFile"));
    let file = named.or_else(|| params.files().first()).ok_or_else(|| SiteError::missing("file"))?;
    let largest = call.configuration().largest_upload;
    if largest > 0 && file.size > largest { Err(too_large(largest)) } else { Ok(file) }
}

fn register(call: &Call<'_>, name: &str) -> Result<UploadRecord> {
    let description = call.params.text("description").unwrap_or_default();
    call.engine.register_upload(&call.service.item_id, &call.caller, name, description)
}

/// Compares the parts that the caller lists with those that are here.
fn expect_parts(call: &Call<'_>, upload: &UploadRecord) -> Result<()> {
    if upload.committed {
        return Ok(());
    }
    let here = call.engine.parts(upload)?;
    let listed = call.params.list("parts");
    let listed = listed.into_iter().map(|part| part.trim_matches(['[', ']', '"', ' ']));
    let missing: Vec<&str> = listed
        .filter(|part| !part.is_empty() && !part.parse().is_ok_and(|number| here.contains(&number)))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(SiteError::bad_request("Parts are missing.").detail(missing.join(", ")))
}

fn item(call: &Call<'_>, upload: &UploadRecord) -> Value {
    json!({
        "itemID": upload.id,
        "itemName": upload.name,
        "description": upload.description,
        "date": upload.created,
        "committed": upload.committed,
        "serviceName": call.service.path(),
    })
}

fn done(call: &Call<'_>, upload: &UploadRecord) -> Reply {
    json!({ "success": true, "item": item(call, upload) }).into()
}
