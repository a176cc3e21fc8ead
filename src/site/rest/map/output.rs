//! Pictures that a client fetches after `export` named them.
//!
//! Whoever knows the name may fetch the picture, as at ArcGIS Server; names cannot be guessed, and
//! pictures go after ten minutes.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use geosharing_core::draw::PictureFormat;

use crate::error::{Result, SiteError};
use crate::reply::Reply;
use crate::state::{Context, identifier};

/// How long a picture is kept.
const KEPT: Duration = Duration::from_mins(10);
/// Most pictures that are kept at one time.
const MOST: usize = 2000;

fn folder(context: &Context) -> PathBuf {
    context.folder().join("tmp").join("output")
}

/// Keeps a picture for a while and returns its name.
pub(super) fn keep(context: &Context, bytes: &[u8], format: PictureFormat) -> Result<String> {
    let folder = folder(context);
    std::fs::create_dir_all(&folder)?;
    sweep(&folder);
    let name = format!("_ags_map{}.{}", identifier(), format.suffix());
    std::fs::write(folder.join(&name), bytes)?;
    Ok(name)
}

/// Removes what is old, and the oldest when there is too much.
fn sweep(folder: &std::path::Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let now = SystemTime::now();
    let mut kept: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in entries.flatten() {
        let made = entry.metadata().and_then(|data| data.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
        if now.duration_since(made).is_ok_and(|age| age > KEPT) {
            let _ = std::fs::remove_file(entry.path());
        } else {
            kept.push((made, entry.path()));
        }
    }
    kept.sort_unstable();
    let surplus = kept.len().saturating_sub(MOST);
    for (_, path) in kept.into_iter().take(surplus) {
        let _ = std::fs::remove_file(path);
    }
}

/// Answers `/rest/directories/arcgisoutput/{name}`.
pub(crate) fn route(context: &Context, name: &str) -> Result<Reply> {
    let missing = || SiteError::not_found("The file is not there any more.");
    let id = name.strip_prefix("_ags_map").and_then(|rest| rest.split_once('.'));
    let Some((id, suffix)) = id else { return Err(missing()) };
    let format = PictureFormat::find(suffix).filter(|format| format.suffix() == suffix);
    let (true, Some(format)) = (crate::state::is_identifier(id), format) else { return Err(missing()) };
    let bytes = std::fs::read(folder(context).join(name)).map_err(|_| missing())?;
    Ok(Reply::Bytes(bytes, format.media_type()))
}
