//! The documents of one project file: read when asked for, changed in memory, written on save.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::container::Container;
use crate::cim::{items, json, text, uri_of, xml};
use crate::{Error, Kind, Result};

/// Which file a project was read from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FileKind {
    /// `.aprx` and `.msd`: a zip file of documents.
    Project,
    /// `.mapx`: one map as JSON.
    Map,
    /// `.lyrx`: layers as JSON.
    Layer,
}

/// The bytes that a document was read from.
#[derive(Clone)]
pub(super) enum Original {
    /// Pro 3.x.
    Json(Arc<str>),
    /// Pro 1.x and 2.x.
    Xml(Arc<str>),
}

/// One definition in memory.
pub(super) struct Document {
    /// What was read; `None` for new definitions.
    pub(super) original: Option<(Original, Arc<Value>)>,
    /// What it is now; `None` once deleted.
    pub(super) now: Option<Arc<Value>>,
}

impl Document {
    /// Tells whether a save has to write it.
    pub(super) fn is_dirty(&self) -> bool {
        match (&self.original, &self.now) {
            (Some((_, before)), Some(now)) => !Arc::ptr_eq(before, now) && before != now,
            (None, None) => false,
            _ => true,
        }
    }
}

/// What is in memory of a project file.
#[derive(Default)]
pub(super) struct State {
    pub(super) container: Option<Container>,
    /// Definitions by entry name, the part of a `CIMPATH=` after the equals sign.
    pub(super) documents: BTreeMap<String, Document>,
    /// Metadata and other blobs that were changed or added, by entry name.
    pub(super) blobs: BTreeMap<String, Option<Vec<u8>>>,
    /// Entry names were added or deleted, so that an index of them would be wrong.
    pub(super) structure_changed: bool,
}

/// The documents of one project file.
pub(super) struct Store {
    pub(super) path: PathBuf,
    pub(super) folder: PathBuf,
    pub(super) kind: FileKind,
    /// Entry name of the project, map or layer document.
    pub(super) root: String,
    /// Version of ArcGIS Pro that wrote it, `3.3.0`.
    pub(super) version: String,
    /// Whether definitions are XML.
    pub(super) is_xml: bool,
    /// Keeps an unpacked project package alive.
    pub(super) unpacked: Option<tempfile::TempDir>,
    state: Mutex<State>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("path", &self.path)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// Strips `CIMPATH=` from a reference.
pub(super) fn entry_name(uri: &str) -> &str {
    match uri.get(..8) {
        Some(head) if head.eq_ignore_ascii_case("CIMPATH=") => uri.get(8..).unwrap_or_default(),
        _ => uri,
    }
}

impl Store {
    /// Opens a zip project.
    pub(super) fn open_project(path: &Path, unpacked: Option<tempfile::TempDir>) -> Result<Self> {
        let mut container = Container::open(path)?;
        let names = container.names();
        let root = names
            .iter()
            .find(|name| name.eq_ignore_ascii_case("GISProject.json"))
            .or_else(|| names.iter().find(|name| name.eq_ignore_ascii_case("GISProject.xml")))
            .cloned()
            .ok_or_else(|| {
                Error::invalid(format!(
                    "`{}` is a zip file without a GISProject entry; give a project that ArcGIS Pro saved",
                    path.display()
                ))
            })?;
        let mut version = String::new();
        if let Some(name) = names.iter().find(|name| name.eq_ignore_ascii_case("DocumentInfo.xml")) {
            let info = decode(container.read(name)?, name)?;
            let info =
                if looks_like_json(&info) { json::parse(&info, name)? } else { xml::parse(&info, name)? };
            text(&info, "version").unwrap_or_default().clone_into(&mut version);
        }
        let is_xml = if version.is_empty() {
            !looks_like_json(&decode(container.read(&root)?, &root)?)
        } else {
            version.starts_with("1.") || version.starts_with("2.")
        };
        Ok(Self {
            path: path.to_path_buf(),
            folder: folder_of(path),
            kind: FileKind::Project,
            root,
            version,
            is_xml,
            unpacked,
            state: Mutex::new(State { container: Some(container), ..State::default() }),
        })
    }

    /// Opens a `.mapx` or `.lyrx`.
    pub(super) fn open_document(path: &Path, bytes: Vec<u8>) -> Result<Self> {
        let shown = path.display().to_string();
        let source = decode(bytes, &shown)?;
        let value = json::parse(&source, &shown)?;
        let kind = if value.get("mapDefinition").is_some() {
            FileKind::Map
        } else if value.get("layerDefinitions").is_some() || value.get("layers").is_some() {
            FileKind::Layer
        } else {
            let found = text(&value, "type").unwrap_or("something else");
            return Err(Error::invalid(format!(
                "`{shown}` is {found}, neither a map (.mapx) nor a layer file (.lyrx)"
            )));
        };
        let version = text(&value, "version")
            .or_else(|| value.get("CIMDocumentInfo").and_then(|info| text(info, "version")))
            .unwrap_or_default()
            .to_owned();
        let mut state = State::default();
        for definition in definitions(&value) {
            if let Some(uri) = uri_of(definition) {
                let value = Arc::new(definition.clone());
                let original = Some((Original::Json(Arc::from("")), Arc::clone(&value)));
                state.documents.insert(entry_name(uri).to_owned(), Document { original, now: Some(value) });
            }
        }
        let value = Arc::new(value);
        state.documents.insert(
            String::new(),
            Document {
                original: Some((Original::Json(Arc::from(source)), Arc::clone(&value))),
                now: Some(value),
            },
        );
        Ok(Self {
            path: path.to_path_buf(),
            folder: folder_of(path),
            kind,
            root: String::new(),
            version,
            is_xml: false,
            unpacked: None,
            state: Mutex::new(state),
        })
    }

    /// Locks the documents; a panic elsewhere leaves them as they were.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a definition, reading and parsing it the first time.
    pub(super) fn get(&self, uri: &str) -> Result<Arc<Value>> {
        let name = entry_name(uri);
        let mut state = self.state();
        if let Some(document) = state.documents.get(name) {
            return document.now.clone().ok_or_else(|| self.missing(name));
        }
        let container = state.container.as_mut().ok_or_else(|| self.missing(name))?;
        if !container.contains(name) {
            return Err(self.missing(name));
        }
        let source = decode(container.read(name)?, name)?;
        // Projects that Pro 3 migrated keep `.xml` names for JSON, so the content decides.
        let (original, value) = if looks_like_json(&source) {
            let value = json::parse(&source, name)?;
            (Original::Json(Arc::from(source)), value)
        } else {
            let value = xml::parse(&source, name)?;
            (Original::Xml(Arc::from(source)), value)
        };
        let value = Arc::new(value);
        state.documents.insert(
            name.to_owned(),
            Document { original: Some((original, Arc::clone(&value))), now: Some(Arc::clone(&value)) },
        );
        Ok(value)
    }

    /// Replaces or adds a definition.
    pub(super) fn set(&self, uri: &str, value: Value) -> Result<()> {
        let name = entry_name(uri);
        // Reads what is there first, so that a save can keep its untouched parts.
        let exists = match self.get(name) {
            Ok(_) => true,
            Err(error) if error.kind() == Kind::NotFound => false,
            Err(error) => return Err(error),
        };
        let mut state = self.state();
        let value = Some(Arc::new(value));
        if let Some(document) = state.documents.get_mut(name) {
            document.now = value;
        } else {
            state.documents.insert(name.to_owned(), Document { original: None, now: value });
        }
        state.structure_changed |= !exists;
        Ok(())
    }

    /// Deletes a definition.
    pub(super) fn remove(&self, uri: &str) -> Result<()> {
        self.get(uri)?;
        let mut state = self.state();
        if let Some(document) = state.documents.get_mut(entry_name(uri)) {
            document.now = None;
        }
        state.structure_changed = true;
        Ok(())
    }

    /// Returns the text of a metadata entry.
    pub(super) fn blob(&self, uri: &str) -> Result<Option<Vec<u8>>> {
        let name = entry_name(uri);
        let mut state = self.state();
        if let Some(blob) = state.blobs.get(name) {
            return Ok(blob.clone());
        }
        if let Some(container) = state.container.as_mut() {
            return if container.contains(name) { container.read(name).map(Some) } else { Ok(None) };
        }
        let root = state.documents.get("").and_then(|root| root.now.clone());
        Ok(root.and_then(|root| {
            items(&root, "binaryReferences")
                .iter()
                .find(|reference| uri_of(reference).is_some_and(|uri| entry_name(uri) == name))
                .and_then(|reference| text(reference, "data"))
                .map(|data| data.as_bytes().to_vec())
        }))
    }

    /// Replaces or adds a metadata entry.
    pub(super) fn set_blob(&self, uri: &str, bytes: Vec<u8>) -> Result<()> {
        let exists = self.blob(uri)?.is_some();
        let mut state = self.state();
        state.blobs.insert(entry_name(uri).to_owned(), Some(bytes));
        state.structure_changed |= !exists;
        Ok(())
    }

    /// Tells whether a name is taken, without regard to case, since Windows tools unpack projects.
    pub(super) fn is_taken(&self, name: &str) -> bool {
        let state = self.state();
        let wanted = name.to_lowercase();
        state.documents.keys().chain(state.blobs.keys()).any(|key| key.to_lowercase() == wanted)
            || state
                .container
                .as_ref()
                .is_some_and(|container| container.names().iter().any(|key| key.to_lowercase() == wanted))
    }

    /// Tells whether a save would write anything.
    pub(super) fn is_dirty(&self) -> bool {
        let state = self.state();
        !state.blobs.is_empty() || state.documents.values().any(Document::is_dirty)
    }

    fn missing(&self, name: &str) -> Error {
        Error::not_found(format!("`{}` has no definition `CIMPATH={name}`", self.path.display()))
    }
}

/// The lists of a map or layer document that hold definitions.
pub(super) const DEFINITION_LISTS: [&str; 3] =
    ["layerDefinitions", "tableDefinitions", "elevationSurfaceLayerDefinitions"];

fn definitions(root: &Value) -> impl Iterator<Item = &Value> {
    DEFINITION_LISTS.iter().flat_map(|list| items(root, list)).chain(root.get("mapDefinition"))
}

fn folder_of(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    absolute.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

fn looks_like_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

/// Decodes a document: UTF-8 with or without a mark, or UTF-16 with one.
pub(super) fn decode(bytes: Vec<u8>, name: &str) -> Result<String> {
    let wide = |pair: fn([u8; 2]) -> u16| {
        let units = bytes.get(2..).unwrap_or_default().chunks_exact(2);
        String::from_utf16(&units.map(|unit| pair([unit[0], unit[1]])).collect::<Vec<_>>()).ok()
    };
    let decoded = match bytes.as_slice() {
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        [0xFF, 0xFE, ..] => wide(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => wide(u16::from_be_bytes),
        _ => String::from_utf8(bytes).ok(),
    };
    decoded.ok_or_else(|| Error::invalid(format!("`{name}` is not text in UTF-8 or UTF-16; it is damaged")))
}
