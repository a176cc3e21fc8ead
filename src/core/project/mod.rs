//! Projects of ArcGIS Pro: `.aprx` of all versions, `.mapx`, `.lyrx`, `.ppkx` and `.mpkx`.
//!
//! Documents are read when they are asked for, changed in memory, and written by [`Project::save`];
//! what was not changed is copied byte for byte. ArcMap's `.mxd` and `.lyr` are not read: they are
//! OLE files without a public description.

mod connection;
mod container;
mod edit;
mod layer;
mod map;
mod metadata;
mod package;
pub mod paths;
mod save;
mod store;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

pub use connection::{DataConnection, factory_name, factory_title};
pub use edit::Place;
pub(crate) use edit::relative;
pub use layer::{Layer, LayerKind, Table};
pub use map::{Map, envelope, spatial_reference};
pub use store::FileKind;

use crate::cim::{get, items, text};
use crate::{Error, Result};
use store::Store;

/// An open project; clones share their state.
#[derive(Clone, Debug)]
pub struct Project {
    store: Arc<Store>,
}

impl Project {
    /// Opens a project, map, layer file or project package, whatever its suffix.
    ///
    /// # Errors
    /// [`crate::Kind::NotFound`] for a missing file, [`crate::Kind::InvalidInput`] for a damaged file
    /// or one of another kind, [`crate::Kind::Limit`] for one that would unpack without bound.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let mut file = File::open(path).map_err(|error| Error::io("open", path, error))?;
        if file.metadata().is_ok_and(|data| data.is_dir()) {
            return Err(Error::invalid(format!("`{}` is a folder, not a project", path.display())));
        }
        let mut head = [0_u8; 8];
        let mut length = 0;
        while length < head.len() {
            let Some(rest) = head.get_mut(length..) else { break };
            match file.read(rest).map_err(|error| Error::io("read", path, error))? {
                0 => break,
                count => length += count,
            }
        }
        let head = head.get(..length).unwrap_or_default();
        let store = match head {
            [b'P', b'K', ..] => Store::open_project(path, None)?,
            [b'7', b'z', 0xBC, 0xAF, ..] => package::open(path)?,
            [0xD0, 0xCF, 0x11, 0xE0, ..] => {
                return Err(Error::unsupported(format!(
                    "`{}` is a document of ArcMap; import it in ArcGIS Pro and save the project",
                    path.display()
                )));
            }
            [] => return Err(Error::invalid(format!("`{}` is empty", path.display()))),
            _ => {
                let size = file.metadata().map(|data| data.len()).unwrap_or_default();
                if size > container::MAX_DOCUMENT {
                    return Err(Error::limit(format!(
                        "`{}` has more than {} MiB, too large for a map or layer file",
                        path.display(),
                        container::MAX_DOCUMENT >> 20
                    )));
                }
                let first = head.iter().find(|byte| !b" \t\r\n\xEF\xBB\xBF\xFF\xFE\0".contains(byte));
                if first != Some(&b'{') {
                    return Err(Error::invalid(format!(
                        "`{}` is no project, map or layer file of ArcGIS Pro (.aprx, .mapx, .lyrx, .ppkx)",
                        path.display()
                    )));
                }
                let bytes = std::fs::read(path).map_err(|error| Error::io("read", path, error))?;
                Store::open_document(path, bytes)?
            }
        };
        Ok(Self { store: Arc::new(store) })
    }

    /// Returns the file that was opened.
    pub fn path(&self) -> &Path {
        &self.store.path
    }

    /// Returns the folder that relative connections count from.
    pub fn folder(&self) -> &Path {
        &self.store.folder
    }

    /// Returns the kind of file.
    pub fn kind(&self) -> FileKind {
        self.store.kind
    }

    /// Returns the version of ArcGIS Pro that saved the file, `3.3.0`.
    pub fn version(&self) -> &str {
        &self.store.version
    }

    /// Tells whether the definitions are XML, as Pro 1.x and 2.x write them.
    pub fn is_xml(&self) -> bool {
        self.store.is_xml
    }

    /// Tells whether there are changes that no save has written.
    pub fn is_dirty(&self) -> bool {
        self.store.is_dirty()
    }

    /// Lists the maps in the order of the project; a layer file counts as one map without a path.
    pub fn maps(&self) -> Result<Vec<Map>> {
        match self.kind() {
            FileKind::Project => {
                let root = self.root()?;
                items(&root, "projectItems")
                    .iter()
                    .filter(|item| text(item, "itemType") == Some("Map"))
                    .filter_map(|item| text(item, "catalogPath"))
                    .map(|path| self.map_by_path(path))
                    .collect()
            }
            FileKind::Map => {
                let root = self.root()?;
                let uri = root.get("mapDefinition").and_then(crate::cim::uri_of).ok_or_else(|| {
                    Error::invalid(format!("the map of `{}` has no uRI", self.path().display()))
                })?;
                Ok(vec![self.map_by_path(uri)?])
            }
            FileKind::Layer => Ok(vec![self.map_by_path("")?]),
        }
    }

    /// Returns one map by its `CIMPATH`.
    ///
    /// # Errors
    /// [`crate::Kind::NotFound`] when the project has no such map.
    pub fn map_by_path(&self, cim_path: &str) -> Result<Map> {
        let definition = self.document(cim_path)?;
        let name = match text(&definition, "name") {
            Some(name) => name.to_owned(),
            None => self.path().file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        };
        Ok(Map { name, cim_path: cim_path.to_owned(), definition, project: self.clone() })
    }

    /// Returns the project's own document: CIMGISProject, CIMMapDocument or CIMLayerDocument.
    pub fn root(&self) -> Result<Arc<Value>> {
        self.store.get(&self.store.root)
    }

    /// Returns the reference under which [`Project::document`] gives the project's own document.
    pub fn root_path(&self) -> &str {
        &self.store.root
    }

    /// Returns one definition by its `CIMPATH`.
    pub fn document(&self, cim_path: &str) -> Result<Arc<Value>> {
        self.store.get(cim_path)
    }

    /// Replaces one definition; a save writes it.
    pub fn set_document(&self, cim_path: &str, definition: Value) -> Result<()> {
        if !definition.is_object() {
            return Err(Error::invalid(format!("the definition of `{cim_path}` must be an object")));
        }
        self.store.set(cim_path, definition)
    }

    /// Returns a folder or file that the project names as a default: `defaultGeoDatabase`,
    /// `defaultToolbox`, `defaultFolder`; missing ones as the path where they should be.
    pub fn default_path(&self, key: &str) -> Result<Option<PathBuf>> {
        let root = self.root()?;
        Ok(text(&root, key).map(|name| {
            paths::resolve(name, self.folder())
                .unwrap_or_else(|_| paths::destination(&name.replace('\\', "/"), self.folder()))
        }))
    }

    /// Returns the map that was active when the project was saved.
    pub fn active_map(&self) -> Result<Option<Map>> {
        let root = self.root()?;
        let path = items(&root, "views")
            .iter()
            .filter(|view| crate::cim::type_of(view) == "CIMMapView")
            .find_map(|view| text(view, "viewableObjectPath"))
            .or_else(|| get(&root, "documentInfo").and_then(|info| text(info, "activeMapRepositoryPath")));
        match path {
            Some(path) => self.map_by_path(path).map(Some),
            None => Ok(None),
        }
    }
}
