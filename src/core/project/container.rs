//! The zip file that an `.aprx` or `.msd` is: entries by name, read within bounds.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::{Error, Result};

/// Most entries of one project; the largest seen has some hundreds.
const MAX_ENTRIES: usize = 100_000;
/// Most bytes of one CIM document; the largest seen has 3 MB.
pub(super) const MAX_DOCUMENT: u64 = 128 << 20;

/// An open zip archive; entries are unpacked when somebody asks for them.
pub(super) struct Container {
    path: PathBuf,
    archive: ZipArchive<BufReader<File>>,
}

impl Container {
    /// Opens an archive and looks at its names only.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::io("open", path, error))?;
        let archive = ZipArchive::new(BufReader::new(file)).map_err(|error| broken(path, &error))?;
        if archive.len() > MAX_ENTRIES {
            return Err(Error::limit(format!(
                "`{}` has {} entries, more than {MAX_ENTRIES}; it is damaged or hostile",
                path.display(),
                archive.len()
            )));
        }
        for name in archive.file_names_raw() {
            let name = String::from_utf8_lossy(name);
            let normal = name.replace('\\', "/");
            if normal.starts_with('/') || normal.split('/').any(|part| part == "..") || normal.contains('\0')
            {
                return Err(Error::invalid(format!(
                    "`{}` has an entry `{name}` that leads out of the archive; it is damaged or hostile",
                    path.display()
                )));
            }
        }
        Ok(Self { path: path.to_path_buf(), archive })
    }

    /// Lists the entries in the order of the archive.
    pub(super) fn names(&self) -> Vec<String> {
        self.archive.file_names_raw().map(|name| String::from_utf8_lossy(name).into_owned()).collect()
    }

    /// Tells whether there is an entry of exactly this name: `Map/` and `map/` are two folders.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.archive.index_for_name(name).is_some()
    }

    /// Unpacks one entry.
    pub(super) fn read(&mut self, name: &str) -> Result<Vec<u8>> {
        let path = self.path.clone();
        let index = self.archive.index_for_name(name).ok_or_else(|| {
            Error::not_found(format!("`{}` has no entry `{name}`; the project is damaged", path.display()))
        })?;
        let entry = self.archive.by_index(index).map_err(|error| broken(&path, &error))?;
        let size = entry.size();
        let mut bytes = Vec::with_capacity(usize::try_from(size.min(1 << 20)).unwrap_or_default());
        entry.take(MAX_DOCUMENT + 1).read_to_end(&mut bytes).map_err(|error| {
            Error::invalid(format!("entry `{name}` of `{}` is damaged: {error}", path.display()))
                .because(error)
        })?;
        if bytes.len() as u64 > MAX_DOCUMENT || size > MAX_DOCUMENT {
            return Err(Error::limit(format!(
                "entry `{name}` of `{}` unpacks to more than {} MiB; it is damaged or hostile",
                path.display(),
                MAX_DOCUMENT >> 20
            )));
        }
        Ok(bytes)
    }

    /// Gives the archive for raw copies into another one.
    pub(super) fn archive(&mut self) -> &mut ZipArchive<BufReader<File>> {
        &mut self.archive
    }
}

fn broken(path: &Path, error: &ZipError) -> Error {
    Error::invalid(format!(
        "`{}` cannot be read as a project: {error}; it is cut short or damaged, so take it from a backup",
        path.display()
    ))
}
