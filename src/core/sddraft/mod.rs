//! Service definition drafts (`.sddraft`) and the manifests made of them: read, edit, write, compare.
//!
//! [`Document`] keeps what it read: an untouched draft is written byte for byte, whoever wrote it.
//! [`table`] pairs every draft property with its places in the XML and in the service's JSON.

mod configuration;
mod diff;
mod encoding;
mod envelope;
mod manifest;
mod path;
mod properties;
mod spatial;
pub mod table;
mod tree;
mod write;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::io::Write as _;
use std::path::Path;

pub use configuration::{
    to_initial_cache_settings, to_service_configuration, to_service_description, to_tiling_service,
};
pub use diff::{Change, diff, render};
pub use encoding::Encoding;
pub use envelope::{Extension, ItemInfo, Resource, ServerType};
pub use manifest::{DatabaseEntry, DatasetEntry, ManifestExtras, to_manifest};
pub use properties::{PropertySet, XsType};
pub use spatial::Reference;
pub use tree::{MAX_BYTES, MAX_DEPTH, MAX_ELEMENTS, NodeId, Tree};
pub use write::{Markup, number};

use crate::error::{Code, Error, Result};

/// The root element of drafts and manifests.
pub const ROOT: &str = "SVCManifest";

/// A draft or a manifest, kept as it was read.
#[derive(Clone, Debug)]
pub struct Document {
    tree: Tree,
    encoding: Encoding,
}

impl Document {
    /// Reads a file.
    ///
    /// # Errors
    /// The file does not exist (000732), cannot be read, or is no draft; the text names the file.
    pub fn open(path: &Path) -> Result<Self> {
        let length = std::fs::metadata(path).map_err(|error| missing_or_unreadable(path, error))?.len();
        if length > MAX_BYTES as u64 {
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            return Err(tree::too_big(length).context(format!("cannot read draft `{}`", path.display())));
        }
        let bytes = std::fs::read(path).map_err(|error| missing_or_unreadable(path, error))?;
        Self::read(&bytes).map_err(|error| error.context(format!("cannot read draft `{}`", path.display())))
    }

    /// Reads a document from bytes in any of the encodings that scripts leave behind.
    ///
    /// # Errors
    /// The bytes are not XML within the bounds, or the root element is not `SVCManifest`.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        if bytes.starts_with(b"7z\xBC\xAF\x27\x1C") {
            return Err(Error::invalid(
                "it is a service definition (7-Zip), not a draft: pass the `.sddraft` that it was staged from",
            ));
        }
        if bytes.starts_with(b"PK\x03\x04") {
            return Err(Error::invalid("it is a zip archive, not a draft: pass an exported `.sddraft`"));
        }
        if bytes.trim_ascii().is_empty() {
            return Err(Error::invalid("it is empty: export the draft again"));
        }
        let (text, encoding) = encoding::decode(bytes)?;
        let document = Self::from_tree(Tree::parse(text)?)?;
        Ok(Self { encoding, ..document })
    }

    /// Reads a document from text.
    ///
    /// # Errors
    /// As [`Document::read`].
    pub fn from_text(text: String) -> Result<Self> {
        Self::from_tree(Tree::parse(text)?)
    }

    fn from_tree(tree: Tree) -> Result<Self> {
        let root = tree.name(tree.root());
        if root != ROOT {
            let root: String = root.chars().take(60).collect();
            return Err(Error::invalid(format!(
                "its root element is `{root}` and not `{ROOT}`, so it is no service definition draft: pass a \
                 file that exportToSDDraft or a Create...SDDraft function wrote"
            )));
        }
        Ok(Self { tree, encoding: Encoding::default() })
    }

    /// Writes the document in the encoding it was read in.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.encoding.encode(self.tree.to_text())
    }

    /// Writes the document as text.
    pub fn to_text(&self) -> String {
        self.tree.to_text()
    }

    /// Writes a file: aside first, then renamed, so that no half draft is ever seen.
    ///
    /// # Errors
    /// The folder is missing or refuses, or the disk is full; the text names the file.
    pub fn save(&self, path: &Path) -> Result<()> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or_else(|| Path::new("."));
        let fail = |error: std::io::Error| {
            // The error itself names the temporary file, which nobody knows.
            let reason = match error.kind() {
                std::io::ErrorKind::NotFound => "its folder does not exist; create the folder first".into(),
                kind @ (std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem) => {
                    format!("{kind}; choose a folder that you may write to")
                }
                kind @ (std::io::ErrorKind::StorageFull | std::io::ErrorKind::FileTooLarge) => {
                    format!("{kind}; free some space on the disk")
                }
                kind => kind.to_string(),
            };
            let kind = Error::io("write draft", path, std::io::Error::new(error.kind(), "")).kind();
            Error::new(kind, format!("cannot write draft `{}`: {reason}", path.display())).because(error)
        };
        let mut file = tempfile::Builder::new()
            .prefix(".geosharing-")
            .suffix(".sddraft.part")
            .tempfile_in(folder)
            .map_err(fail)?;
        file.write_all(&self.to_bytes()).map_err(fail)?;
        readable_by_others(file.path());
        file.persist(path).map_err(|error| fail(error.error))?;
        Ok(())
    }

    /// Returns how the bytes spell the text.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Returns the tree, to look at elements that have no accessor.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Returns the tree, to edit elements that have no accessor.
    pub fn tree_mut(&mut self) -> &mut Tree {
        &mut self.tree
    }

    /// Returns the first element at `path` from the root, such as `Configurations/SVCConfiguration/Name`.
    pub fn find(&self, path: &str) -> Option<NodeId> {
        self.select(path).into_iter().next()
    }

    /// Returns all elements at `path` from the root.
    pub fn select(&self, path: &str) -> Vec<NodeId> {
        path::select(&self.tree, self.tree.root(), path)
    }

    /// Returns the text of the first element at `path`; nothing when there is none.
    pub fn text_at(&self, path: &str) -> Option<Cow<'_, str>> {
        self.find(path).map(|id| self.tree.text(id))
    }

    /// Sets the text of every element at `path` and returns how many there were.
    pub fn set_text_at(&mut self, path: &str, text: &str) -> usize {
        let found = self.select(path);
        for id in &found {
            self.tree.set_text(*id, text);
        }
        found.len()
    }
}

fn missing_or_unreadable(path: &Path, error: std::io::Error) -> Error {
    if error.kind() == std::io::ErrorKind::NotFound {
        return Error::not_found(format!(
            "Service Definition Draft: Dataset {} does not exist or is not supported",
            path.display()
        ))
        .with_code(Code::DATASET_MISSING)
        .because(error);
    }
    Error::io("read draft", path, error)
}

#[cfg(unix)]
fn readable_by_others(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    // Temporary files are private; a draft is an ordinary file that other accounts may stage.
    let _ = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644));
}

#[cfg(not(unix))]
fn readable_by_others(_path: &Path) {}
