//! Large files in parts: `addPart`, `commit`, `cancel`, and the status of what goes on.

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{Home, add, fields, own_item};
use crate::error::{Result, SiteError};
use crate::params::Params;
use crate::reply::Reply;
use crate::state::{Context, is_identifier, items, now};

const MOST_PARTS: u32 = 10_000;
/// How long a question for a job's status waits for its end; the official client sleeps five seconds
/// between questions.
const PATIENCE: Duration = Duration::from_secs(4);

/// Answers `addPart`: keeps one part; the same number again replaces it.
pub(super) fn add_part(context: &Context, params: &Params, home: &Home<'_>, id: &str) -> Result<Reply> {
    let item = own_item(context, home, id)?;
    let number: u32 = params.number("partNum")?.ok_or_else(|| SiteError::missing("partNum"))?;
    if !(1..=MOST_PARTS).contains(&number) {
        return Err(SiteError::bad_request(format!("'partNum' must be between 1 and {MOST_PARTS}.")));
    }
    let file =
        params.file("file").or_else(|| params.files().first()).ok_or_else(|| SiteError::missing("file"))?;
    if let Some(size) = params.number::<u64>("size")?
        && size != file.size
    {
        return Err(SiteError::bad_request(format!("part {number} has {} bytes, not {size}", file.size)));
    }
    let folder = context.parts_folder(&item.id);
    fs::create_dir_all(&folder)?;
    fs::rename(file.path(), folder.join(number.to_string()))?;
    Ok(json!({ "success": true, "id": id }).into())
}

/// Answers `commit`: joins the parts in the order of their numbers.
pub(super) fn commit(context: &Context, params: &Params, home: &Home<'_>, id: &str) -> Result<Reply> {
    let mut item = own_item(context, home, id)?;
    fields::apply(&mut item, params)?;
    let parts = parts(context, id)?;
    if parts.is_empty() {
        if item.state == "ready" && item.file.is_some() {
            return Ok(json!({ "success": true, "id": id, "itemId": id }).into());
        }
        return Err(SiteError::bad_request("No parts were added to this item."));
    }
    if parts.iter().enumerate().any(|(at, (number, _))| *number as usize != at + 1) {
        let numbers: Vec<String> = parts.iter().map(|(number, _)| number.to_string()).collect();
        return Err(
            SiteError::bad_request("Parts are missing.").detail(format!("there are: {}", numbers.join(",")))
        );
    }
    let (joined, size) = join(&parts)?;
    if size > context.limits().file_bytes {
        return Err(SiteError::new(413, "The file is larger than this site takes."));
    }
    let old = item.file.take();
    add::keep_path(context, &mut item, &joined, size)?;
    if item.file_name.is_none() {
        item.file_name = params.text("fileName").map(crate::params::plain_name);
    }
    let name = item.file_name.clone().unwrap_or_default();
    item.content_type = Some(fields::media_type(&name).to_owned());
    add::add_keywords(&mut item);
    "ready".clone_into(&mut item.state);
    item.modified = now();
    context.database().write(|t| items::put(t, &item))?;
    let _ = fs::remove_dir_all(context.parts_folder(id));
    if let Some(old) = old {
        context.drop_file(&old);
    }
    Ok(json!({ "success": true, "id": id, "itemId": id }).into())
}

/// Appends every part to the first; the kernel copies, so no byte passes through our memory.
fn join(parts: &[(u32, PathBuf)]) -> Result<(PathBuf, u64)> {
    let Some(((_, first), rest)) = parts.split_first() else {
        return Err(SiteError::bad_request("No parts were added to this item."));
    };
    let joined = first.with_extension("joined");
    // Renamed first: after a crash halfway the parts are incomplete and say so.
    fs::rename(first, &joined)?;
    // Not opened to append: the kernel does not copy between files then.
    let mut out = File::options().write(true).open(&joined)?;
    std::io::Seek::seek(&mut out, std::io::SeekFrom::End(0))?;
    for (_, part) in rest {
        std::io::copy(&mut File::open(part)?, &mut out)?;
        fs::remove_file(part)?;
    }
    let size = out.metadata()?.len();
    Ok((joined, size))
}

fn parts(context: &Context, id: &str) -> Result<Vec<(u32, PathBuf)>> {
    if !is_identifier(id) {
        return Err(SiteError::no_item());
    }
    let mut parts = Vec::new();
    match fs::read_dir(context.parts_folder(id)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
        Ok(entries) => {
            for entry in entries {
                let path = entry?.path();
                if let Some(number) = path.file_name().and_then(|n| n.to_str()).and_then(|n| n.parse().ok()) {
                    parts.push((number, path));
                }
            }
        }
    }
    parts.sort_unstable();
    Ok(parts)
}

/// Answers `cancel`: forgets the parts, and the item if it never was more than parts.
pub(super) fn cancel(context: &Context, home: &Home<'_>, id: &str) -> Result<Reply> {
    let item = own_item(context, home, id)?;
    let _ = fs::remove_dir_all(context.parts_folder(&item.id));
    if item.state == "partial" {
        context.database().write(|t| items::remove(t, id))?;
    }
    Ok(json!({ "success": true, "id": id }).into())
}

/// Answers `status` of an upload or of a job.
pub(super) fn status(context: &Context, params: &Params, home: &Home<'_>, id: &str) -> Result<Reply> {
    let job = params.text("jobId");
    let began = Instant::now();
    loop {
        let found = match job {
            Some(job) => context.jobs().get(job),
            None => context.jobs().of_item(id),
        };
        let Some(found) = found.filter(|found| home.caller.controls(&found.owner)) else { break };
        if found.status == "processing" && began.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(25));
            continue;
        }
        return Ok(json!({
            "status": found.status,
            "statusMessage": found.message,
            "itemId": found.item_id,
        })
        .into());
    }
    if job.is_some() {
        return Err(SiteError::bad_request("Job does not exist or is inaccessible."));
    }
    let item = own_item(context, home, id)?;
    let status = if item.state == "partial" { "partial" } else { "completed" };
    Ok(json!({ "status": status, "statusMessage": status, "itemId": id }).into())
}
