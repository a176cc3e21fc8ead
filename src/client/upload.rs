//! Files to items: small ones in one request, others in parts, never whole in memory.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use reqwest::{Body, multipart};
use serde_json::Value;
use tokio::sync::mpsc;

use crate::session::Field;
use crate::{Error, Kind, Repeat, Result, Session};

/// Told how many bytes are sent, and of how many.
pub type Progress = Arc<dyn Fn(u64, u64) + Send + Sync>;

/// Up to here one request holds item and file.
const SMALL: u64 = 10 << 20;
/// Portals want at least 5 MB a part, and at most 10,000 parts.
const PART: u64 = 32 << 20;
const MAX_PARTS: u64 = 10_000;
/// Parts in flight at a time; each holds `QUEUE` + 2 chunks.
const ABREAST: usize = 2;
const CHUNK: usize = 512 << 10;
const QUEUE: usize = 2;

/// The file of an upload, with its length at the start.
#[derive(Clone, Debug)]
pub(crate) struct Source<'a> {
    path: &'a Path,
    name: String,
    length: u64,
}

impl<'a> Source<'a> {
    pub(crate) fn open(path: &'a Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::file("read", path, &error))?;
        let metadata = file.metadata().map_err(|error| Error::file("read", path, &error))?;
        if !metadata.is_file() || metadata.len() == 0 {
            let message = format!("`{}` is not a file with something in it", path.display());
            return Err(Error::new(Kind::File, message));
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // Scripts join Windows paths; the portal wants the last part.
        let name = name.rsplit('\\').next().unwrap_or_default().to_owned();
        Ok(Self { path, name, length: metadata.len() })
    }

    /// Gives the name under which the portal keeps the file.
    #[must_use]
    pub(crate) fn named(mut self, name: String) -> Self {
        self.name = name;
        self
    }
}

struct Meter {
    done: AtomicU64,
    total: u64,
    progress: Option<Progress>,
}

impl Meter {
    fn add(&self, bytes: u64) {
        let done = self.done.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if let Some(progress) = &self.progress {
            progress(done.min(self.total), self.total);
        }
    }

    fn take_back(&self, bytes: u64) {
        self.done.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// Posts an item with its file to `path` (`.../addItem` or `.../update`), and returns the item's id.
///
/// `known` is the id when the item exists; a new item that cannot be completed is deleted again.
pub(crate) async fn send_item(
    session: &Session,
    path: &str,
    known: Option<&str>,
    fields: &[Field],
    source: &Source<'_>,
    owner: &str,
    progress: Option<Progress>,
) -> Result<String> {
    let meter = Arc::new(Meter { done: AtomicU64::new(0), total: source.length, progress });
    if source.length <= SMALL {
        let reply =
            post_file(session, path, fields, source, 0, source.length, &meter, Repeat::Careful).await?;
        return item_id(&reply, known);
    }
    let mut opening: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    opening.push(("multipart", "true"));
    opening.push(("fileName", &source.name));
    let repeat = if known.is_some() { Repeat::Safe } else { Repeat::Careful };
    let reply = session.call(path, &opening, repeat).await?;
    let id = item_id(&reply, known)?;
    let item = format!("{owner}/items/{id}");
    let sent = send_parts(session, &item, source, &meter).await;
    let done = match sent {
        Ok(()) => commit(session, &item, &id, fields).await,
        failed => failed,
    };
    if let Err(error) = done {
        // The failure is what matters; cleaning up may fail as well on a dead portal.
        let _ = session.call(&format!("{item}/cancel"), &[], Repeat::Safe).await;
        if known.is_none() {
            let _ = session.call(&format!("{item}/delete"), &[], Repeat::Safe).await;
        }
        return Err(error);
    }
    Ok(id)
}

async fn send_parts(session: &Session, item: &str, source: &Source<'_>, meter: &Arc<Meter>) -> Result<()> {
    let size = PART.max(source.length.div_ceil(MAX_PARTS));
    let parts = source.length.div_ceil(size);
    futures_util::stream::iter(0..parts)
        .map(|index| async move {
            let start = index * size;
            let length = size.min(source.length - start);
            let path = format!("{item}/addPart?partNum={}", index + 1);
            let fields = [("partNum".to_owned(), (index + 1).to_string())];
            // The same number overwrites, so a part may be sent again.
            post_file(session, &path, &fields, source, start, length, meter, Repeat::Safe).await.map(drop)
        })
        .buffer_unordered(ABREAST)
        .try_collect::<()>()
        .await
}

async fn commit(session: &Session, item: &str, id: &str, fields: &[Field]) -> Result<()> {
    let mut form: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    form.push(("id", id));
    form.push(("async", "true"));
    session.call(&format!("{item}/commit"), &form, Repeat::Careful).await?;
    crate::content::wait(session, item, &[], crate::content::PATIENCE).await
}

#[allow(clippy::too_many_arguments, reason = "one request, spelt out")]
async fn post_file(
    session: &Session,
    path: &str,
    fields: &[Field],
    source: &Source<'_>,
    start: u64,
    length: u64,
    meter: &Arc<Meter>,
    repeat: Repeat,
) -> Result<Value> {
    post_part(session, path, fields, ("file", source), (start, length), meter, repeat).await
}

/// Posts a form whose last field, of this name, is a piece of a file.
async fn post_part(
    session: &Session,
    path: &str,
    fields: &[Field],
    (field, source): (&'static str, &Source<'_>),
    (start, length): (u64, u64),
    meter: &Arc<Meter>,
    repeat: Repeat,
) -> Result<Value> {
    let attempt = Mutex::new(None::<Arc<AtomicU64>>);
    session
        .with_token(path, repeat, |client, url, token| {
            let sent = Arc::new(AtomicU64::new(0));
            if let Ok(mut before) = attempt.lock()
                && let Some(before) = before.replace(Arc::clone(&sent))
            {
                meter.take_back(before.load(Ordering::Relaxed));
            }
            // The token first, so that a portal can judge it before the file arrives.
            let mut form = multipart::Form::new().text("f", "json");
            if let Some(token) = token {
                form = form.text("token", token.token.reveal().to_owned());
            }
            for (name, value) in fields {
                form = form.text(name.clone(), value.clone());
            }
            let body = stream(source.path, start, length, Arc::clone(meter), sent)?;
            let part = multipart::Part::stream_with_length(body, length).file_name(source.name.clone());
            Ok(client.post(url).multipart(form.part(field, part)))
        })
        .await
}

/// Sends a file to a server's `admin/uploads` and returns the upload's id; an upload that breaks off is deleted.
pub(crate) async fn send_upload(
    session: &Session,
    source: &Source<'_>,
    description: &str,
    progress: Option<Progress>,
) -> Result<String> {
    let meter = &Arc::new(Meter { done: AtomicU64::new(0), total: source.length, progress });
    let id_of = |reply: &Value| {
        let id = reply.pointer("/item/itemID").and_then(Value::as_str).unwrap_or_default();
        if !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Ok(id.to_owned());
        }
        let message =
            "the server's answer names no upload; check that it is an ArcGIS Server's administration";
        Err(Error::new(Kind::Unreachable, message))
    };
    if source.length <= PART {
        let fields = [("description".to_owned(), description.to_owned())];
        let whole = (0, source.length);
        let path = "admin/uploads/upload";
        let reply =
            post_part(session, path, &fields, ("itemFile", source), whole, meter, Repeat::Careful).await?;
        return id_of(&reply);
    }
    let opening = [("itemName", source.name.as_str()), ("description", description)];
    let id = id_of(&session.call("admin/uploads/register", &opening, Repeat::Careful).await?)?;
    let item = format!("admin/uploads/{id}");
    let size = PART.max(source.length.div_ceil(MAX_PARTS));
    let parts = source.length.div_ceil(size);
    let sent = futures_util::stream::iter(0..parts)
        .map(|index| {
            let path = format!("{item}/uploadPart");
            async move {
                let start = index * size;
                let number = (index + 1).to_string();
                // Servers of several versions want it under one of these names.
                let fields = [("partNumber".to_owned(), number.clone()), ("partId".to_owned(), number)];
                let piece = (start, size.min(source.length - start));
                post_part(session, &path, &fields, ("partFile", source), piece, meter, Repeat::Safe)
                    .await
                    .map(drop)
            }
        })
        .buffer_unordered(ABREAST)
        .try_collect::<()>()
        .await;
    let done = match sent {
        Ok(()) => session.call(&format!("{item}/commit"), &[], Repeat::Careful).await.map(drop),
        failed => failed,
    };
    if let Err(error) = done {
        // The failure is what matters; cleaning up may fail as well on a dead server.
        let _ = session.call(&format!("{item}/delete"), &[], Repeat::Safe).await;
        return Err(error);
    }
    Ok(id)
}

fn item_id(reply: &Value, known: Option<&str>) -> Result<String> {
    let id = reply.get("id").or_else(|| reply.get("itemId")).and_then(Value::as_str).or(known);
    match id {
        Some(id) if !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            Ok(id.to_owned())
        }
        _ => {
            Err(Error::new(Kind::Unreachable, "the portal's answer names no item; check that it is a portal"))
        }
    }
}

/// Buffers that are read into, sent, and used again.
#[derive(Debug, Default)]
struct Pool(Mutex<Vec<Vec<u8>>>);

struct Pooled {
    buffer: Vec<u8>,
    filled: usize,
    pool: Arc<Pool>,
}

impl AsRef<[u8]> for Pooled {
    fn as_ref(&self) -> &[u8] {
        self.buffer.get(..self.filled).unwrap_or_default()
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        if let Ok(mut free) = self.pool.0.lock() {
            free.push(std::mem::take(&mut self.buffer));
        }
    }
}

/// Streams `length` bytes of a file from `start`, read on a thread of their own.
fn stream(path: &Path, start: u64, length: u64, meter: Arc<Meter>, sent: Arc<AtomicU64>) -> Result<Body> {
    let mut file = File::open(path).map_err(|error| Error::file("read", path, &error))?;
    file.seek(SeekFrom::Start(start)).map_err(|error| Error::file("read", path, &error))?;
    let (sender, receiver) = mpsc::channel::<std::io::Result<Bytes>>(QUEUE);
    tokio::task::spawn_blocking(move || {
        let pool = Arc::new(Pool::default());
        let mut left = length;
        while left > 0 {
            let free = pool.0.lock().ok().and_then(|mut free| free.pop());
            let mut buffer = free.unwrap_or_else(|| vec![0; CHUNK]);
            let wanted = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
            let chunk = match buffer.get_mut(..wanted).map(|slice| file.read_exact(slice)) {
                Some(Ok(())) => {
                    left -= wanted as u64;
                    Ok(Bytes::from_owner(Pooled { buffer, filled: wanted, pool: Arc::clone(&pool) }))
                }
                Some(Err(error)) => Err(error),
                None => Err(std::io::ErrorKind::UnexpectedEof.into()),
            };
            let failed = chunk.is_err();
            if sender.blocking_send(chunk).is_err() || failed {
                break;
            }
        }
    });
    let chunks = futures_util::stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|chunk| (chunk, receiver))
    })
    .inspect_ok(move |chunk| {
        let bytes = chunk.len() as u64;
        sent.fetch_add(bytes, Ordering::Relaxed);
        meter.add(bytes);
    });
    Ok(Body::wrap_stream(chunks))
}
