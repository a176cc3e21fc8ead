//! Project packages: `.ppkx` and `.mpkx` are 7-Zip archives with a project and its data.

use std::path::Path;

use super::store::Store;
use crate::package::Limits;
use crate::package::archive::Reader;
use crate::{Error, Result};

/// Unpacks a package into a folder of its own and opens the newest document inside.
pub(super) fn open(path: &Path) -> Result<Store> {
    let reader = Reader::open(path)?;
    // `p30/` holds the document for Pro 3, `p20/` the one for Pro 2, `p12/` the one for Pro 1.2.
    let name = reader
        .entries()
        .iter()
        .filter(|entry| !entry.folder)
        .filter_map(|entry| {
            let (folder, file) = entry.name.split_once('/')?;
            let version: u32 = folder.strip_prefix('p')?.parse().ok()?;
            let suffix = Path::new(file).extension()?.to_str()?.to_ascii_lowercase();
            let rank = ["lyrx", "mapx", "aprx"].iter().position(|known| *known == suffix)?;
            Some((version, rank, entry.name.clone()))
        })
        .max()
        .map(|(_, _, name)| name)
        .ok_or_else(|| {
            Error::invalid(format!(
                "`{}` is a 7-Zip archive without a project; give a project package (.ppkx, .mpkx)",
                path.display()
            ))
        })?;
    let folder = tempfile::Builder::new()
        .prefix("geosharing-package-")
        .tempdir()
        .map_err(|error| Error::io("make a folder in", &std::env::temp_dir(), error))?;
    reader.extract("", folder.path(), &Limits::default())?;
    let inner = folder.path().join(&name);
    let mut store = if name.ends_with("aprx") {
        Store::open_project(&inner, None)?
    } else {
        let bytes = std::fs::read(&inner).map_err(|error| Error::io("read", &inner, error))?;
        Store::open_document(&inner, bytes)?
    };
    path.clone_into(&mut store.path);
    store.unpacked = Some(folder);
    Ok(store)
}
