//! The 7-Zip container that `.sd`, `.ppkx` and `.mpkx` files are.
//!
//! Written as ArcGIS writes it: one block per file, so that files can be read one by one and
//! packed side by side; entries sorted by name; no folder entries; fixed times. Read: whatever
//! `sevenz-rust2` reads of unencrypted archives, within [`super::Limits`].

mod codec;
mod container;
mod deflate;
mod names;
mod output;
mod pieces;
mod precheck;
mod reader;
mod source;
mod spool;
#[cfg(test)]
mod tests;
mod unzip;
mod watch;
mod whole;
mod writer;

pub use reader::{EntryInfo, Reader};
pub use unzip::unzip;
pub use writer::{WriteOptions, Written, write};

use std::path::PathBuf;

/// One file to put into an archive.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Name in the archive: relative, `/` between folders.
    pub name: String,
    /// Where the bytes come from.
    pub source: EntrySource,
}

impl Entry {
    /// Names a file of the disk as an entry.
    pub fn file(name: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self { name: name.into(), source: EntrySource::File(path.into()) }
    }

    /// Names bytes in memory as an entry.
    pub fn bytes(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), source: EntrySource::Bytes(bytes.into()) }
    }
}

/// Where the bytes of an [`Entry`] come from.
#[derive(Clone, Debug)]
pub enum EntrySource {
    /// A file, streamed while it is packed.
    File(PathBuf),
    /// Bytes that stand in memory already.
    Bytes(Vec<u8>),
}

/// How files are packed. All three are valid 7-Zip; ArcGIS itself writes the first.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Profile {
    /// LZMA, as ArcGIS packs.
    #[default]
    Compatible,
    /// Deflate: several times quicker, somewhat larger.
    Fast,
    /// As they are.
    Store,
}
