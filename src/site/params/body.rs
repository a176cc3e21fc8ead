//! Reading bodies: forms into memory up to a limit, files to disk as they come.

use std::io::Write;
use std::path::{Path, PathBuf};

use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::header;
use bytes::Bytes;
use futures_util::StreamExt;
use http_body_util::BodyExt;
use tokio::sync::mpsc;

use super::{Params, TemporaryFile, plain_name};
use crate::error::{Result, SiteError};
use crate::state::Context;

const MOST_PAIRS: usize = 20_000;
/// What a caller without a token may leave on disk before we refuse to go on reading.
const ANONYMOUS_FILE: u64 = 1 << 20;

/// A file of a multipart body, already on disk.
#[derive(Debug)]
pub struct Upload {
    /// The name of the form field.
    pub field: String,
    /// The file's own name, without folders.
    pub file_name: String,
    /// The media type that the client gave.
    pub content_type: Option<String>,
    /// Its size in bytes.
    pub size: u64,
    file: TemporaryFile,
}

impl Upload {
    /// Returns where the file lies until the request is over.
    pub fn path(&self) -> &Path {
        &self.file.0
    }
}

pub(super) fn parse_pairs(text: &[u8], into: &mut Vec<(String, String)>) {
    for (key, value) in form_urlencoded::parse(text).take(MOST_PAIRS) {
        into.push((key.to_ascii_lowercase(), value.into_owned()));
    }
}

pub(super) async fn read(request: Request, context: &Context, params: &mut Params) -> Result<()> {
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_ascii_lowercase();
    if kind.starts_with("multipart/form-data") {
        return multipart(request, context, params).await;
    }
    if !params.request.post {
        return Ok(());
    }
    let limit = context.limits().form_bytes;
    if kind.starts_with("application/x-www-form-urlencoded") || kind.is_empty() {
        parse_pairs(&collect(request, limit).await?, &mut params.values);
    } else if kind.starts_with("application/json") {
        let body = collect(request, limit).await?;
        if let Ok(serde_json::Value::Object(map)) = serde_json::from_slice(&body) {
            for (key, value) in map.into_iter().take(MOST_PAIRS) {
                let value = match value {
                    serde_json::Value::String(text) => text,
                    other => other.to_string(),
                };
                params.values.push((key.to_ascii_lowercase(), value));
            }
        }
    }
    Ok(())
}

async fn collect(request: Request, limit: usize) -> Result<Bytes> {
    match http_body_util::Limited::new(request.into_body(), limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(too_large(limit as u64)),
        Err(error) => Err(SiteError::bad_request(format!("The request's body broke off: {error}"))),
    }
}

async fn multipart(mut request: Request, context: &Context, params: &mut Params) -> Result<()> {
    let limits = context.limits();
    // Our own limits tell files from fields.
    DefaultBodyLimit::disable().apply(&mut request);
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|error| SiteError::bad_request(format!("The multipart body is malformed: {error}")))?;
    let mut room = limits.form_bytes;
    let broken = |error: axum::extract::multipart::MultipartError| {
        SiteError::bad_request(format!("The multipart body broke off: {error}"))
    };
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        if params.values.len() + params.files.len() >= MOST_PAIRS {
            return Err(SiteError::bad_request("The form has too many fields."));
        }
        let name = field.name().unwrap_or_default().to_ascii_lowercase();
        if let Some(file_name) = field.file_name() {
            let file_name = plain_name(file_name);
            let content_type = field.content_type().map(str::to_owned);
            params.identify(context);
            let room = match params.caller {
                Ok(Some(_)) => limits.file_bytes,
                _ => ANONYMOUS_FILE,
            };
            let (file, size) = match spool(context, &mut field, room).await {
                Err(error) if error.code == 413 && room == ANONYMOUS_FILE => {
                    return Err(match params.caller() {
                        Err(bad_token) => bad_token,
                        Ok(_) => SiteError::token_required()
                            .detail("send the token before the file, or in a header"),
                    });
                }
                other => other?,
            };
            params.files.push(Upload { field: name, file_name, content_type, size, file });
            continue;
        }
        let mut value = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(broken)? {
            room = room.checked_sub(chunk.len()).ok_or_else(|| too_large(limits.form_bytes as u64))?;
            value.extend_from_slice(&chunk);
        }
        params.values.push((name, String::from_utf8_lossy(&value).into_owned()));
    }
    Ok(())
}

/// Writes a field to a new file; a thread writes while the network is read, eight chunks ahead at most.
async fn spool(
    context: &Context,
    field: &mut axum::extract::multipart::Field<'_>,
    limit: u64,
) -> Result<(TemporaryFile, u64)> {
    let path: PathBuf = context.temporary_path("upload");
    let guard = TemporaryFile(path.clone());
    let (send, mut receive) = mpsc::channel::<Bytes>(8);
    let writer = tokio::task::spawn_blocking(move || -> std::io::Result<u64> {
        let mut file = std::fs::File::create_new(&path)?;
        let mut size = 0;
        while let Some(chunk) = receive.blocking_recv() {
            file.write_all(&chunk)?;
            size += chunk.len() as u64;
        }
        Ok(size)
    });
    let mut size = 0_u64;
    let mut failure = None;
    while let Some(chunk) = field.next().await {
        match chunk {
            Ok(chunk) => {
                size += chunk.len() as u64;
                if size > limit {
                    failure = Some(too_large(limit));
                    break;
                }
                if send.send(chunk).await.is_err() {
                    break;
                }
            }
            Err(error) => {
                failure = Some(SiteError::bad_request(format!("The upload broke off: {error}")));
                break;
            }
        }
    }
    drop(send);
    let written = writer.await.map_err(SiteError::internal)?;
    match failure {
        Some(error) => Err(error),
        None => Ok((guard, written?)),
    }
}

fn too_large(limit: u64) -> SiteError {
    SiteError::new(413, "The request is larger than this site takes.")
        .detail(format!("the limit is {limit} bytes; send large files in parts (addPart)"))
}
