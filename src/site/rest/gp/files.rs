//! Files that jobs made, below `/rest/directories/arcgisjobs/[folder/]{service}_gpserver/{job}/`.

use std::path::{Path, PathBuf};

use super::{Call, KIND, page};
use crate::auth::{Need, authorize};
use crate::error::{Result, SiteError};
use crate::jobs::{Job, file_below};
use crate::params::Params;
use crate::reply::Reply;
use crate::state::Context;

/// The part of a job's folder that callers can read.
const OPEN: &str = "scratch";
const SUFFIX: &str = "_gpserver";

fn missing() -> SiteError {
    SiteError::not_found("File not found.").detail("results are kept for a few hours after their job")
}

/// Answers a path below `/rest/directories/`.
pub(crate) fn directories(context: &Context, params: &Params, below: &[String]) -> Result<Reply> {
    let path = find(context, params, below)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let content_type = content_type(&path).to_owned();
    Ok(Reply::File { path, name, content_type, attachment: true })
}

/// Finds the file of an address below `/rest/directories/`, if the caller may see its service.
pub(super) fn find(context: &Context, params: &Params, below: &[String]) -> Result<PathBuf> {
    let (folder, full, job, inside) = match below {
        [root, full, job, inside @ ..] if is_jobs(root) && is_service(full) => ("", full, job, inside),
        [root, folder, full, job, inside @ ..] if is_jobs(root) && is_service(full) => {
            (folder.as_str(), full, job, inside)
        }
        _ => return Err(missing()),
    };
    let name = full.get(..full.len() - SUFFIX.len()).unwrap_or_default();
    let service = context.services().get(folder, name, KIND)?;
    authorize(params, &service, Need::View)?;
    let hex = job.strip_prefix('j').unwrap_or_default();
    let is_id = hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_id || inside.first().is_none_or(|first| first != OPEN) {
        return Err(missing());
    }
    let folder = context.geoprocessing().job_folder(&service.item_id, job);
    file_below(&folder, &inside.join("/")).ok_or_else(missing)
}

fn is_jobs(root: &str) -> bool {
    root.eq_ignore_ascii_case("arcgisjobs")
}

fn is_service(part: &str) -> bool {
    part.len() > SUFFIX.len() && part.to_ascii_lowercase().ends_with(SUFFIX)
}

/// Returns the address of a file of a job.
pub(super) fn address(call: &Call<'_>, job: &Job, file: &str) -> Result<String> {
    let folder = call.engine.job_folder(&job.service, &job.id);
    if file.split('/').next() != Some(OPEN) || file_below(&folder, file).is_none() {
        return Err(SiteError::internal(format!(
            "job {} names `{file}`, which is no file of its own",
            job.id
        )));
    }
    let encoded: Vec<String> = file.split('/').map(page::encoded).collect();
    Ok(format!(
        "{}/server/rest/directories/arcgisjobs/{}{SUFFIX}/{}/{}",
        call.params.origin(),
        call.service.full_name().to_lowercase(),
        job.id,
        encoded.join("/")
    ))
}

fn content_type(path: &Path) -> &'static str {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    match extension.as_str() {
        "csv" => "text/csv",
        "txt" | "log" => "text/plain",
        "json" | "geojson" => "application/json",
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "tif" | "tiff" => "image/tiff",
        "xml" => "application/xml",
        _ => "application/octet-stream",
    }
}
