//! The bytes of an entry, measured before and watched while they are packed.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::codec::{self, SAMPLE};
use super::{Entry, EntrySource};
use crate::{Error, Result};

/// An entry and its size.
pub(super) struct Job {
    pub(super) name: String,
    pub(super) size: u64,
    source: EntrySource,
}

impl Job {
    /// Measures an entry.
    pub(super) fn new(entry: Entry) -> Result<Self> {
        let size = match &entry.source {
            EntrySource::Bytes(bytes) => bytes.len() as u64,
            EntrySource::File(path) => {
                let about = std::fs::metadata(path).map_err(|error| Error::io("read", path, error))?;
                if !about.is_file() {
                    return Err(Error::invalid(format!("`{}` is not a file", path.display())));
                }
                about.len()
            }
        };
        Ok(Self { name: entry.name, size, source: entry.source })
    }

    /// Opens the bytes from an offset on.
    pub(super) fn open(&self, offset: u64) -> Result<Input<'_>> {
        Ok(match &self.source {
            EntrySource::Bytes(bytes) => Input::Bytes(bytes.get(offset as usize..).unwrap_or_default()),
            EntrySource::File(path) => {
                let mut file = File::open(path).map_err(|error| Error::io("read", path, error))?;
                if offset > 0 {
                    file.seek(SeekFrom::Start(offset)).map_err(|error| Error::io("read", path, error))?;
                }
                Input::File(file, path)
            }
        })
    }

    /// Whether packing would save next to nothing, by looking at samples.
    pub(super) fn is_incompressible(&self) -> Result<bool> {
        if self.size < codec::PROBE_FROM {
            return Ok(false);
        }
        let mut sample = Vec::with_capacity(1 << 20);
        for offset in codec::samples(self.size) {
            let from = sample.len();
            sample.resize(from + SAMPLE, 0);
            if let Some(place) = sample.get_mut(from..) {
                self.open(offset)?.fill(place)?;
            }
        }
        Ok(codec::is_incompressible(&sample))
    }

    /// The error of a file that is not as long as it was.
    pub(super) fn changed(&self) -> Error {
        Error::new(
            crate::Kind::Io,
            format!("`{}` changed while it was packed; close what writes to it and try again", self.name),
        )
    }
}

/// Open bytes of an entry.
pub(super) enum Input<'a> {
    Bytes(&'a [u8]),
    File(File, &'a Path),
}

impl Input<'_> {
    /// Reads until the buffer is full or the bytes end.
    pub(super) fn fill(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            let read = match self {
                Self::Bytes(bytes) => bytes.read(rest),
                Self::File(file, _) => file.read(rest),
            };
            match (read, &self) {
                (Ok(0), _) => break,
                (Ok(count), _) => filled += count,
                (Err(error), _) if error.kind() == std::io::ErrorKind::Interrupted => {}
                (Err(error), Self::File(_, path)) => return Err(Error::io("read", path, error)),
                (Err(error), Self::Bytes(_)) => return Err(Error::io("read", Path::new("memory"), error)),
            }
        }
        Ok(filled)
    }
}
