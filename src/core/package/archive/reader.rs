//! Reading an archive.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::package::Limits;
use crate::{Error, Result};

/// What an archive says of one entry.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EntryInfo {
    /// Name with `/` between folders.
    pub name: String,
    /// Unpacked bytes.
    pub size: u64,
    /// Whether this is a folder.
    pub folder: bool,
}

/// An archive open for reading by name; cheap to keep, usable from several threads.
#[derive(Debug)]
pub struct Reader {
    entries: Vec<EntryInfo>,
}

impl Reader {
    /// Opens an archive within the default [`Limits`].
    ///
    /// # Errors
    /// Names the file and says what is wrong with it: not 7-Zip, cut short, encrypted, hostile.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_within(path, &Limits::default())
    }

    /// Opens an archive within given limits.
    pub fn open_within(_path: &Path, _limits: &Limits) -> Result<Self> {
        Err(Error::internal("the archive reader is being built"))
    }

    /// Lists the entries in the order of the archive.
    pub fn entries(&self) -> &[EntryInfo] {
        &self.entries
    }

    /// Tells whether there is a file of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.name == name && !entry.folder)
    }

    /// Unpacks one file into memory, refusing more than `max` bytes.
    ///
    /// # Errors
    /// [`crate::Kind::NotFound`] when there is no such file, [`crate::Kind::Limit`] when it is larger.
    pub fn read_to_vec(&self, name: &str, _max: u64) -> Result<Vec<u8>> {
        Err(Error::not_found(format!("no `{name}`")))
    }

    /// Unpacks one file into a writer and returns its size.
    pub fn read_to(&self, name: &str, _out: &mut dyn Write) -> Result<u64> {
        Err(Error::not_found(format!("no `{name}`")))
    }

    /// Unpacks every file whose name starts with `prefix` under `dir`, keeping folders, and returns
    /// the paths written. Names that would leave `dir` are refused before anything is written.
    pub fn extract(&self, _prefix: &str, _dir: &Path, _limits: &Limits) -> Result<Vec<PathBuf>> {
        Err(Error::internal("the archive reader is being built"))
    }
}
