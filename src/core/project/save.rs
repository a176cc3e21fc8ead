//! Writing projects: changed documents in the style of what was read, everything else byte for byte.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map as Members, Value, json};
use tempfile::NamedTempFile;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::container::Container;
use super::edit::rebase;
use super::store::{DEFINITION_LISTS, Document, Original, entry_name};
use super::{FileKind, Map, Project};
use crate::cim::{items, json as text_of, text, type_of, uri_of};
use crate::{Error, Result};

impl Project {
    /// Writes the changes into the file that was opened; without changes nothing is written.
    ///
    /// # Errors
    /// [`crate::Kind::Unsupported`] for project packages, [`crate::Kind::Io`] and
    /// [`crate::Kind::Denied`] when the folder cannot be written to; the file is then as it was.
    pub fn save(&self) -> Result<()> {
        if self.store.unpacked.is_some() {
            return Err(Error::unsupported(format!(
                "the package `{}` cannot be saved in place; save a copy as .aprx",
                self.path().display()
            )));
        }
        if !self.is_dirty() {
            return Ok(());
        }
        let texts = self.write_to(&self.store.path, None)?;
        self.settle(texts)
    }

    /// Writes a copy with all changes; data paths keep pointing at the same data.
    pub fn save_copy(&self, path: &Path) -> Result<()> {
        let absolute = std::path::absolute(path).map_err(|error| Error::io("find", path, error))?;
        if absolute == std::path::absolute(&self.store.path).unwrap_or_default() {
            return self.save();
        }
        self.write_to(&absolute, absolute.parent()).map(drop)
    }

    /// Writes one map as `.mapx`.
    pub fn export_map(&self, map: &Map, path: &Path) -> Result<()> {
        let absolute = std::path::absolute(path).map_err(|error| Error::io("find", path, error))?;
        let mut document = map.to_mapx()?;
        rebase(&mut document, self.folder(), absolute.parent().unwrap_or(&absolute));
        write_aside(&absolute, |out| out.write_all(text_of::pretty(&document).as_bytes()))
    }

    /// Writes layers, with the members of groups, as `.lyrx`.
    pub fn export_layer(&self, cim_path: &str, path: &Path) -> Result<()> {
        let absolute = std::path::absolute(path).map_err(|error| Error::io("find", path, error))?;
        let definition = self.document(cim_path)?;
        let mut document = json!({
            "type": "CIMLayerDocument",
            "version": self.version_for_documents(),
            "build": 0,
        });
        let is_table = type_of(&definition) == "CIMStandaloneTable";
        if let Some(members) = document.as_object_mut() {
            members.insert(if is_table { "tables" } else { "layers" }.to_owned(), json!([cim_path]));
            let mut parts = Parts::default();
            self.collect(cim_path, &mut parts)?;
            parts.insert_into(members);
        }
        rebase(&mut document, self.folder(), absolute.parent().unwrap_or(&absolute));
        write_aside(&absolute, |out| out.write_all(text_of::pretty(&document).as_bytes()))
    }

    fn version_for_documents(&self) -> &str {
        // Documents of their own are JSON, and only their reader's version matters.
        if self.version().is_empty() { "3.3.0" } else { self.version() }
    }

    fn write_to(&self, path: &Path, folder: Option<&Path>) -> Result<BTreeMap<String, Option<String>>> {
        let mut moved = BTreeMap::new();
        if let Some(folder) = folder.filter(|folder| *folder != self.folder()) {
            for name in self.reachable()? {
                let before = self.document(&name)?;
                let mut value = Value::clone(&before);
                rebase(&mut value, self.folder(), folder);
                if value != *before {
                    moved.insert(name, Arc::new(value));
                }
            }
        }
        match self.kind() {
            FileKind::Project => self.write_archive(path, &moved),
            FileKind::Map | FileKind::Layer => self.write_document(path, &moved),
        }
    }

    fn write_archive(
        &self,
        path: &Path,
        moved: &BTreeMap<String, Arc<Value>>,
    ) -> Result<BTreeMap<String, Option<String>>> {
        let like_xml = self.is_xml().then(|| self.version());
        let mut state = self.store.state();
        let mut texts = BTreeMap::new();
        for (name, document) in &state.documents {
            let moved = moved.get(name);
            if moved.is_none() && !document.is_dirty() {
                continue;
            }
            let now = moved.or(document.now.as_ref());
            texts.insert(name.clone(), document.serialise(now, like_xml)?);
        }
        let mut bytes: BTreeMap<&str, Option<&[u8]>> =
            texts.iter().map(|(name, text)| (name.as_str(), text.as_deref().map(str::as_bytes))).collect();
        let state = &mut *state;
        bytes.extend(state.blobs.iter().map(|(name, blob)| (name.as_str(), blob.as_deref())));
        let container = state
            .container
            .as_mut()
            .ok_or_else(|| Error::internal("a project without its archive cannot be saved"))?;
        let is_restructured = state.structure_changed;
        write_aside(path, |out| {
            let mut writer = ZipWriter::new(BufWriter::new(out));
            let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
            let names = container.names();
            for (index, name) in names.iter().enumerate() {
                match bytes.remove(name.as_str()) {
                    Some(Some(bytes)) => {
                        writer.start_file(name.as_str(), options)?;
                        writer.write_all(bytes)?;
                    }
                    Some(None) => {}
                    // Pro rebuilds a missing index of entries, and would trust a stale one.
                    None if is_restructured && matches!(name.as_str(), "Index.json" | "007Index.ind") => {}
                    None => writer.raw_copy_file(container.archive().by_index_raw(index)?)?,
                }
            }
            for (name, bytes) in &bytes {
                if let Some(bytes) = bytes {
                    writer.start_file(*name, options)?;
                    writer.write_all(bytes)?;
                }
            }
            writer.finish()?.flush()
        })?;
        Ok(texts)
    }

    fn write_document(
        &self,
        path: &Path,
        moved: &BTreeMap<String, Arc<Value>>,
    ) -> Result<BTreeMap<String, Option<String>>> {
        let state = self.store.state();
        let root = state.documents.get("").ok_or_else(|| Error::internal("a document without a root"))?;
        let Some((Original::Json(source), before)) = &root.original else {
            return Err(Error::internal("a document without its text"));
        };
        let mut after = Value::clone(moved.get("").or(root.now.as_ref()).unwrap_or(before));
        let current = |name: &str| {
            moved.get(name).or_else(|| state.documents.get(name).and_then(|document| document.now.as_ref()))
        };
        let members = after.as_object_mut().ok_or_else(|| Error::internal("a document without members"))?;
        if let Some(map) = members.get_mut("mapDefinition")
            && let Some(now) = uri_of(map).and_then(|uri| current(entry_name(uri)))
        {
            *map = Value::clone(now);
        }
        let mut known = Vec::new();
        for key in DEFINITION_LISTS {
            if let Some(list) = members.get_mut(key).and_then(Value::as_array_mut) {
                list.retain_mut(|item| {
                    let Some(name) = uri_of(item).map(|uri| entry_name(uri).to_owned()) else { return true };
                    let now = current(&name);
                    if let Some(now) = now {
                        *item = Value::clone(now);
                    }
                    known.push(name);
                    now.is_some()
                });
            }
        }
        for (name, document) in &state.documents {
            let Some(now) = &document.now else { continue };
            if document.original.is_none() && !name.is_empty() && !known.contains(name) {
                let list = members.entry(list_for(now)).or_insert_with(|| json!([]));
                if let Some(list) = list.as_array_mut() {
                    list.push(Value::clone(now));
                }
            }
        }
        for (name, blob) in &state.blobs {
            let Some(blob) = blob else { continue };
            let data = String::from_utf8_lossy(blob).into_owned();
            let list = members.entry("binaryReferences").or_insert_with(|| json!([]));
            let Some(list) = list.as_array_mut() else { continue };
            match list.iter_mut().find(|item| uri_of(item).is_some_and(|uri| entry_name(uri) == name)) {
                Some(item) => item["data"] = json!(data),
                None => list.push(
                    json!({"type": "CIMBinaryReference", "uRI": format!("CIMPATH={name}"), "data": data}),
                ),
            }
        }
        let written = text_of::splice(source, before, &after);
        drop(state);
        write_aside(path, |out| out.write_all(written.as_bytes()))?;
        Ok(BTreeMap::from([(String::new(), Some(written))]))
    }

    /// Makes what was written the state that the next save starts from.
    fn settle(&self, mut texts: BTreeMap<String, Option<String>>) -> Result<()> {
        let mut state = self.store.state();
        let state = &mut *state;
        if self.kind() == FileKind::Project {
            state.container = Some(Container::open(&self.store.path)?);
        } else if let Some(Some(written)) = texts.get("") {
            let value = Arc::new(text_of::parse(written, "the written document")?);
            if let Some(root) = state.documents.get_mut("") {
                root.now = Some(value);
            }
        }
        state.documents.retain(|_, document| document.now.is_some());
        for (name, document) in &mut state.documents {
            let Some(now) = &document.now else { continue };
            match texts.remove(name) {
                Some(Some(text)) => {
                    let is_json = text.trim_start().starts_with('{');
                    let text = Arc::from(text);
                    let original = if is_json { Original::Json(text) } else { Original::Xml(text) };
                    document.original = Some((original, Arc::clone(now)));
                }
                _ => {
                    if let Some((_, before)) = &mut document.original {
                        *before = Arc::clone(now);
                    } else {
                        document.original = Some((Original::Json(Arc::from("")), Arc::clone(now)));
                    }
                }
            }
        }
        state.blobs.clear();
        state.structure_changed = false;
        Ok(())
    }
}

/// Definitions and metadata of a document of its own.
#[derive(Default)]
struct Parts {
    lists: BTreeMap<&'static str, Vec<Value>>,
    seen: Vec<String>,
}

impl Parts {
    fn insert_into(self, members: &mut Members<String, Value>) {
        for key in DEFINITION_LISTS.iter().chain(&["binaryReferences"]) {
            if let Some(list) = self.lists.get(key) {
                members.insert((*key).to_owned(), json!(list));
            }
        }
    }
}

impl Project {
    /// Gathers a definition, what lies inside it, and its metadata.
    fn collect(&self, cim_path: &str, parts: &mut Parts) -> Result<()> {
        if parts.seen.iter().any(|seen| seen == cim_path) {
            return Ok(());
        }
        parts.seen.push(cim_path.to_owned());
        let definition = self.document(cim_path)?;
        parts.lists.entry(list_for(&definition)).or_default().push(Value::clone(&definition));
        self.collect_inside(&definition, parts)
    }

    fn collect_inside(&self, definition: &Value, parts: &mut Parts) -> Result<()> {
        if let Some(uri) = text(definition, "metadataURI")
            && let Some(data) = self.metadata_of(definition)?
        {
            let reference = json!({"type": "CIMBinaryReference", "uRI": uri, "data": data});
            parts.lists.entry("binaryReferences").or_default().push(reference);
        }
        for (key, member) in definition.as_object().into_iter().flatten() {
            let paths: Vec<&str> = match member {
                Value::String(path) if key != "uRI" && key != "metadataURI" => vec![path],
                Value::Array(_) => items(definition, key).iter().filter_map(Value::as_str).collect(),
                _ => continue,
            };
            for path in paths.into_iter().filter(|path| path.starts_with("CIMPATH=")) {
                // References to styles, thumbnails and selections lead to no definition.
                if self.document(path).is_ok() {
                    self.collect(path, parts)?;
                }
            }
        }
        Ok(())
    }
}

impl Map {
    /// Returns the map as a CIMMapDocument, the content of a `.mapx`.
    pub fn to_mapx(&self) -> Result<Value> {
        let mut document = json!({
            "type": "CIMMapDocument",
            "version": self.project.version_for_documents(),
            "build": 0,
            "mapDefinition": &*self.project.document(&self.cim_path)?,
        });
        if let Some(members) = document.as_object_mut() {
            let mut parts = Parts::default();
            self.project.collect_inside(&self.definition, &mut parts)?;
            parts.insert_into(members);
        }
        Ok(document)
    }
}

/// Names the list of a document that holds such a definition.
fn list_for(definition: &Value) -> &'static str {
    match type_of(definition) {
        "CIMStandaloneTable" => "tableDefinitions",
        "CIMElevationSurfaceLayer" => "elevationSurfaceLayerDefinitions",
        _ => "layerDefinitions",
    }
}

impl Document {
    /// Writes a state of the definition in the style of its original.
    pub(super) fn serialise(
        &self,
        now: Option<&Arc<Value>>,
        like_xml: Option<&str>,
    ) -> Result<Option<String>> {
        let Some(now) = now else { return Ok(None) };
        Ok(Some(match &self.original {
            Some((Original::Json(text), before)) => text_of::splice(text, before, now),
            Some((Original::Xml(text), before)) => crate::cim::xml::merge(text, before, now)?,
            None => match like_xml {
                Some(version) => crate::cim::xml::write(now, version)?,
                None => text_of::compact(now),
            },
        }))
    }
}

/// Writes a file beside its place and renames it when all is well.
fn write_aside(path: &Path, write: impl FnOnce(&mut std::fs::File) -> std::io::Result<()>) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    let mut file = NamedTempFile::with_prefix_in(".geosharing-", folder)
        .map_err(|error| Error::io("write into", folder, error))?;
    write(file.as_file_mut()).map_err(|error| Error::io("write", path, error))?;
    // Temporary files are private; a project keeps the rights that it had.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path).map_or(0o644, |data| data.permissions().mode());
        let _ = file.as_file().set_permissions(std::fs::Permissions::from_mode(mode));
    }
    file.persist(path).map_err(|error| Error::io("replace", path, error.error))?;
    Ok(())
}
