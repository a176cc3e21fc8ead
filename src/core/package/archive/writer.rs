//! Writing an archive.

use std::path::Path;

use super::{Entry, Profile};
use crate::Result;

/// What does not change the content of an archive.
#[derive(Clone, Debug, Default)]
pub struct WriteOptions {
    /// Threads to pack with; `None` takes every core.
    pub threads: Option<usize>,
}

/// What [`write`] wrote.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Written {
    /// Number of entries.
    pub entries: usize,
    /// Bytes of all entries.
    pub unpacked: u64,
    /// Bytes of the archive.
    pub packed: u64,
}

/// Writes an archive, replacing `out` when all is well.
///
/// Entries are sorted by name, so their order does not matter. `progress` is called on the calling
/// thread with bytes done and bytes in all; returning `false` gives up and removes what was written.
///
/// # Errors
/// Code 001269 when the folder cannot be written to, the disk is full or a source cannot be read;
/// [`crate::Kind::InvalidInput`] for a name that is absolute, has `..`, or comes twice.
pub fn write(
    _out: &Path,
    _entries: Vec<Entry>,
    _profile: Profile,
    _options: &WriteOptions,
    _progress: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<Written> {
    Err(crate::Error::internal("the archive writer is being built"))
}
