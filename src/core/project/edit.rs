//! Changes of the structure: maps, layers and tables that come, go and move.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

use serde_json::{Map as Members, Value, json};
use sha2::{Digest, Sha256};

use super::store::entry_name;
use super::{FileKind, Map, Project, paths};
use crate::cim::{build, get, items, text};
use crate::{Error, Result};

/// Where a layer goes in the drawing order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Place {
    /// Above all others.
    Top,
    /// Below all others.
    Bottom,
    /// Points above lines above polygons above rasters and basemaps, as Pro arranges.
    Auto,
    /// Above a layer, by its `CIMPATH`.
    Before(String),
    /// Below a layer.
    After(String),
    /// At the top of a group.
    Into(String),
}

impl Project {
    /// Changes the members of one definition.
    pub fn update(
        &self,
        cim_path: &str,
        change: impl FnOnce(&mut Members<String, Value>) -> Result<()>,
    ) -> Result<()> {
        let mut definition = Value::clone(&*self.document(cim_path)?);
        if let Some(members) = definition.as_object_mut() {
            change(members)?;
        }
        self.set_document(cim_path, definition)
    }

    /// Makes a `CIMPATH` that is not taken, from a folder and a name.
    pub(super) fn fresh_path(&self, folder: &str, name: &str, suffix: &str) -> String {
        let stem: String = name
            .to_lowercase()
            .chars()
            .map(|char| if char.is_alphanumeric() { char } else { '_' })
            .take(60)
            .collect();
        let stem = if stem.is_empty() { "item".to_owned() } else { stem };
        let mut number = 1_u32;
        loop {
            let tail = if number == 1 { String::new() } else { number.to_string() };
            let candidate = format!("{folder}/{stem}{tail}.{suffix}");
            if !self.store.is_taken(&candidate) {
                return format!("CIMPATH={candidate}");
            }
            number += 1;
        }
    }

    fn suffix(&self) -> &'static str {
        if self.is_xml() { "xml" } else { "json" }
    }

    /// Adds an empty map and returns it.
    ///
    /// # Errors
    /// [`crate::Kind::Unsupported`] for map and layer files, which hold one map.
    pub fn create_map(&self, name: &str, is_scene: bool) -> Result<Map> {
        self.need_project("create a map in")?;
        let taken: Vec<String> = self.maps()?.into_iter().map(|map| map.name).collect();
        let mut unique = name.to_owned();
        let mut number = 0;
        while taken.contains(&unique) {
            number += 1;
            unique = format!("{name}{number}");
        }
        let folder = folder_name(&unique);
        let path = self.fresh_path(&folder, &folder, self.suffix());
        self.add_map(&unique, &path, build::map(&unique, &path, is_scene))
    }

    fn add_map(&self, name: &str, path: &str, definition: Value) -> Result<Map> {
        self.set_document(path, definition)?;
        self.update(self.root_path(), |root| {
            let list = root.entry("projectItems").or_insert_with(|| json!([]));
            if let Some(list) = list.as_array_mut() {
                list.push(json!({
                    "type": "CIMProjectItem",
                    "iD": identifier(path),
                    "catalogPath": path,
                    "itemType": "Map",
                    "name": name,
                }));
            }
            Ok(())
        })?;
        self.map_by_path(path)
    }

    /// Deletes a map with its layers and tables.
    pub fn delete_map(&self, cim_path: &str) -> Result<()> {
        self.need_project("delete a map of")?;
        let map = self.map_by_path(cim_path)?;
        let (layers, tables) = map.contents()?;
        let paths =
            layers.iter().map(|layer| &layer.cim_path).chain(tables.iter().map(|table| &table.cim_path));
        for path in paths.filter(|path| !path.contains('#')) {
            self.store.remove(path)?;
        }
        self.store.remove(cim_path)?;
        self.update(self.root_path(), |root| {
            for key in ["projectItems", "views"] {
                if let Some(list) = root.get_mut(key).and_then(Value::as_array_mut) {
                    list.retain(|item| {
                        !["catalogPath", "viewableObjectPath"]
                            .iter()
                            .any(|key| text(item, key) == Some(cim_path))
                    });
                }
            }
            Ok(())
        })
    }

    /// Copies every map of another project, map or layer file into this one.
    pub fn import(&self, other: &Self) -> Result<Vec<Map>> {
        other.maps()?.iter().map(|map| self.import_map(map, None)).collect()
    }

    /// Copies one map, under another name if one is given.
    pub fn import_map(&self, map: &Map, name: Option<&str>) -> Result<Map> {
        let new = self.create_map(name.unwrap_or(&map.name), false)?;
        let mut copier = Copier::new(&map.project, self, &new);
        let mut definition = Value::clone(&map.definition);
        copier.references(&mut definition)?;
        if let Some(members) = definition.as_object_mut() {
            members.insert("type".to_owned(), json!("CIMMap"));
            members.insert("name".to_owned(), json!(new.name));
            members.insert("uRI".to_owned(), json!(new.cim_path));
            for key in super::store::DEFINITION_LISTS.iter().chain(&["binaryReferences", "version", "build"])
            {
                members.remove(*key);
            }
        }
        self.set_document(&new.cim_path, definition)?;
        self.map_by_path(&new.cim_path)
    }

    fn need_project(&self, doing: &str) -> Result<()> {
        if self.kind() == FileKind::Project {
            return Ok(());
        }
        Err(Error::unsupported(format!(
            "cannot {doing} `{}`: it is a map or layer file; open a project (.aprx)",
            self.path().display()
        )))
    }
}

impl Map {
    /// Adds a new definition as layer or stand-alone table and returns its `CIMPATH`.
    pub fn add_definition(&self, mut definition: Value, place: &Place) -> Result<String> {
        let name = text(&definition, "name").unwrap_or("layer").to_owned();
        let path = self.project.fresh_path(&folder_name(&self.name), &name, self.project.suffix());
        if let Some(members) = definition.as_object_mut() {
            members.insert("uRI".to_owned(), json!(path));
        }
        self.project.set_document(&path, definition)?;
        self.attach(&path, place)?;
        Ok(path)
    }

    /// Copies a layer or table of this or another project, with the members of a group.
    pub fn add_copy(&self, from: &Project, cim_path: &str, place: &Place) -> Result<String> {
        let path = Copier::new(from, &self.project, self).document(cim_path)?;
        self.attach(&path, place)?;
        Ok(path)
    }

    /// Makes an empty group.
    pub fn create_group(&self, name: &str, place: &Place) -> Result<String> {
        self.add_definition(build::group(name), place)
    }

    /// Takes a layer with its members, or a table, out of the map.
    ///
    /// # Errors
    /// [`crate::Kind::NotFound`] when the map has no such layer or table.
    pub fn remove(&self, cim_path: &str) -> Result<()> {
        let (layers, tables) = self.current()?.contents()?;
        let mut gone = vec![cim_path.to_owned()];
        for layer in &layers {
            if layer.parent.as_ref().is_some_and(|parent| gone.contains(parent)) {
                gone.push(layer.cim_path.clone());
            }
        }
        gone.extend(
            tables
                .iter()
                .filter(|table| table.parent.as_ref().is_some_and(|parent| gone.contains(parent)))
                .map(|table| table.cim_path.clone())
                .collect::<Vec<_>>(),
        );
        self.detach(cim_path)?;
        for path in gone {
            if !path.contains('#') {
                self.project.store.remove(&path)?;
            }
        }
        Ok(())
    }

    /// Moves a layer within the map, into and out of groups too.
    pub fn move_layer(&self, cim_path: &str, place: &Place) -> Result<()> {
        if let Place::Before(target) | Place::After(target) | Place::Into(target) = place {
            let mut at = Some(target.clone());
            let layers = self.current()?.layers()?;
            while let Some(path) = at {
                if path == cim_path {
                    return Err(Error::invalid("a layer cannot be moved next to itself or into itself"));
                }
                at =
                    layers.iter().find(|layer| layer.cim_path == path).and_then(|layer| layer.parent.clone());
            }
        }
        self.detach(cim_path)?;
        self.attach(cim_path, place)
    }

    fn current(&self) -> Result<Self> {
        self.project.map_by_path(&self.cim_path)
    }

    fn list_key(&self, cim_path: &str) -> Result<&'static str> {
        let definition = self.project.document(cim_path)?;
        let is_table = crate::cim::type_of(&definition) == "CIMStandaloneTable";
        let is_file = self.project.kind() == FileKind::Layer;
        Ok(match (is_table, is_file) {
            (true, true) => "tables",
            (true, false) => "standaloneTables",
            _ => "layers",
        })
    }

    fn attach(&self, cim_path: &str, place: &Place) -> Result<()> {
        let key = self.list_key(cim_path)?;
        let map = self.current()?;
        let holder = match place {
            Place::Into(group) => group.clone(),
            Place::Before(layer) | Place::After(layer) => {
                map.layer(layer)?.parent.unwrap_or_else(|| self.cim_path.clone())
            }
            _ => self.cim_path.clone(),
        };
        let holder_definition = self.project.document(&holder)?;
        let siblings: Vec<&str> = items(&holder_definition, key).iter().filter_map(Value::as_str).collect();
        let index = match place {
            Place::Top | Place::Into(_) => 0,
            Place::Bottom => siblings.len(),
            Place::Before(layer) => siblings.iter().position(|path| path == layer).unwrap_or(0),
            Place::After(layer) => {
                siblings.iter().position(|path| path == layer).map_or(siblings.len(), |at| at + 1)
            }
            Place::Auto => {
                let rank = self.rank(cim_path);
                siblings.iter().position(|path| self.rank(path) >= rank).unwrap_or(siblings.len())
            }
        };
        let key = if holder == self.cim_path || key == "layers" { key } else { "standaloneTables" };
        self.project.update(&holder, |members| {
            let list = members.entry(key).or_insert_with(|| json!([]));
            if let Some(list) = list.as_array_mut() {
                list.insert(index.min(list.len()), json!(cim_path));
            }
            Ok(())
        })
    }

    fn detach(&self, cim_path: &str) -> Result<()> {
        let key = self.list_key(cim_path)?;
        let map = self.current()?;
        let mut holders = vec![self.cim_path.clone()];
        holders.extend(
            map.layers()?
                .into_iter()
                .filter(|layer| !layer.cim_path.contains('#'))
                .map(|layer| layer.cim_path),
        );
        for holder in holders {
            let definition = self.project.document(&holder)?;
            for key in [key, "standaloneTables"] {
                if items(&definition, key).iter().any(|path| path.as_str() == Some(cim_path)) {
                    return self.project.update(&holder, |members| {
                        if let Some(list) = members.get_mut(key).and_then(Value::as_array_mut) {
                            list.retain(|path| path.as_str() != Some(cim_path));
                        }
                        Ok(())
                    });
                }
            }
        }
        Err(Error::not_found(format!("the map `{}` has no layer or table `{cim_path}`", self.name)))
    }

    /// Points lie above lines, lines above polygons, those above rasters, and basemaps lie last.
    fn rank(&self, cim_path: &str) -> u8 {
        let Ok(definition) = self.project.document(cim_path) else { return 2 };
        if text(&definition, "layerType").is_some_and(|kind| kind.starts_with("BasemapBackground")) {
            return 9;
        }
        match build::geometry_of(&definition) {
            _ if crate::cim::type_of(&definition) == "CIMGroupLayer" => 0,
            Some("point") => 0,
            Some("line") => 1,
            Some("polygon") => 2,
            _ if super::LayerKind::of(crate::cim::type_of(&definition)).is_web() => 4,
            _ => 3,
        }
    }
}

/// Copies definitions from one project into another, under new paths.
struct Copier<'a> {
    from: &'a Project,
    to: &'a Project,
    folder: String,
    done: HashMap<String, String>,
}

impl<'a> Copier<'a> {
    fn new(from: &'a Project, to: &'a Project, map: &Map) -> Self {
        Self { from, to, folder: folder_name(&map.name), done: HashMap::new() }
    }

    fn document(&mut self, path: &str) -> Result<String> {
        if let Some(new) = self.done.get(path) {
            return Ok(new.clone());
        }
        let mut definition = Value::clone(&*self.from.document(path)?);
        let name = text(&definition, "name").unwrap_or("layer").to_owned();
        let new = self.to.fresh_path(&self.folder, &name, self.to.suffix());
        self.done.insert(path.to_owned(), new.clone());
        // Holds the place, so that no member takes the same path.
        self.to.set_document(&new, json!({}))?;
        self.references(&mut definition)?;
        if let Some(members) = definition.as_object_mut() {
            members.insert("uRI".to_owned(), json!(new));
        }
        rebase(&mut definition, self.from.folder(), self.to.folder());
        self.to.set_document(&new, definition)?;
        Ok(new)
    }

    /// Copies what a definition refers to and renames the references.
    fn references(&mut self, definition: &mut Value) -> Result<()> {
        let Some(members) = definition.as_object_mut() else { return Ok(()) };
        for (key, member) in members.iter_mut() {
            match member {
                Value::Array(list)
                    if matches!(key.as_str(), "layers" | "standaloneTables" | "subtypeLayers" | "tables") =>
                {
                    for item in list.iter_mut() {
                        if let Some(path) = item.as_str().filter(|path| path.starts_with("CIMPATH=")) {
                            *item = json!(self.document(path)?);
                        }
                    }
                }
                Value::String(path)
                    if key == "groundElevationSurfaceLayer" && path.starts_with("CIMPATH=") =>
                {
                    *path = self.document(path)?;
                }
                Value::String(path) if key == "metadataURI" => {
                    if let Some(bytes) = self.from.store.blob(path)? {
                        let new = self.to.fresh_path("Metadata", &identifier(path), "xml");
                        self.to.store.set_blob(&new, bytes)?;
                        *path = new;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Makes an identifier of 32 hexadecimal digits from a name.
pub(super) fn identifier(name: &str) -> String {
    let digest = Sha256::digest(name.as_bytes());
    let digits = digest.iter().take(16).flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
}

fn folder_name(map: &str) -> String {
    let name: String = map
        .to_lowercase()
        .chars()
        .map(|char| if char.is_alphanumeric() { char } else { '_' })
        .take(60)
        .collect();
    if name.is_empty() { "map".to_owned() } else { name }
}

/// Rewrites relative data paths for a document that moves to another folder.
pub(super) fn rebase(value: &mut Value, from: &Path, to: &Path) {
    if from == to {
        return;
    }
    match value {
        Value::Object(members) => {
            for (key, member) in members.iter_mut() {
                match member {
                    Value::String(string)
                        if key == "workspaceConnectionString" && !string.starts_with('<') =>
                    {
                        *string = rebase_connection(string, from, to);
                    }
                    Value::String(string)
                        if matches!(
                            key.as_str(),
                            "defaultGeoDatabase" | "defaultToolbox" | "defaultFolder"
                        ) =>
                    {
                        *string = rebase_path(string, from, to);
                    }
                    Value::Object(_) | Value::Array(_) => rebase(member, from, to),
                    _ => {}
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|item| rebase(item, from, to)),
        _ => {}
    }
}

fn rebase_connection(string: &str, from: &Path, to: &Path) -> String {
    if string.to_ascii_uppercase().contains("SERVER=") {
        return string.to_owned();
    }
    string
        .split(';')
        .map(|pair| match pair.split_once('=') {
            Some((key, value)) if key.eq_ignore_ascii_case("DATABASE") => {
                format!("{key}={}", rebase_path(value, from, to))
            }
            _ => pair.to_owned(),
        })
        .collect::<Vec<_>>()
        .join(";")
}

fn rebase_path(value: &str, from: &Path, to: &Path) -> String {
    if paths::is_windows_absolute(value) || Path::new(value).is_absolute() || value.contains("://") {
        return value.to_owned();
    }
    match paths::resolve(value, from) {
        Ok(path) => relative(&path, to),
        Err(_) => relative(&paths::destination(&value.replace('\\', "/"), from), to),
    }
}

/// Writes a path as projects do: relative to their folder, with backslashes.
pub(crate) fn relative(path: &Path, folder: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
    let normal = |path: &Path| -> Vec<String> {
        let mut out = PathBuf::new();
        for component in path.components() {
            match component {
                Component::CurDir => {}
                Component::ParentDir => {
                    out.pop();
                }
                other => out.push(other),
            }
        }
        out.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect()
    };
    let (path, folder) = (normal(&path), normal(&folder));
    let shared = path.iter().zip(&folder).take_while(|(left, right)| left == right).count();
    if shared == 0 {
        return path.join("\\");
    }
    let up = folder.len() - shared;
    let mut parts: Vec<&str> = if up == 0 { vec!["."] } else { vec![".."; up] };
    parts.extend(path.iter().skip(shared).map(String::as_str));
    parts.join("\\")
}

impl Project {
    /// Lists the `CIMPATH`s of everything that maps show, so that a save elsewhere can rewrite them.
    pub(super) fn reachable(&self) -> Result<Vec<String>> {
        let mut out = vec![self.root_path().to_owned()];
        for map in self.maps()? {
            out.push(entry_name(&map.cim_path).to_owned());
            let (layers, tables) = map.contents()?;
            let layers = layers.into_iter().chain(map.surfaces().unwrap_or_default());
            let paths =
                layers.map(|layer| layer.cim_path).chain(tables.into_iter().map(|table| table.cim_path));
            out.extend(paths.filter(|path| !path.contains('#')).map(|path| entry_name(&path).to_owned()));
            if let Some(Value::String(ground)) = get(&map.definition, "groundElevationSurfaceLayer") {
                out.push(entry_name(ground).to_owned());
            }
        }
        out.sort();
        out.dedup();
        Ok(out)
    }
}
