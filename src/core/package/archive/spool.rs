//! Where packed blocks wait for their turn: memory while it is small, else a file that has no name.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::{Error, Result};

/// Bytes of finished blocks that all threads together keep in memory.
const HELD: u64 = 16 << 20;
/// Bytes of one block that are kept in memory while it grows.
const GROWING: usize = 1 << 20;

/// What the spools of one archive share.
pub(super) struct Waiting {
    folder: PathBuf,
    held: AtomicU64,
}

impl Waiting {
    /// Waits in memory and in this folder.
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), held: AtomicU64::new(0) }
    }
}

/// One thread's place for the block that it packs.
pub(super) struct Spool<'a> {
    waiting: &'a Waiting,
    growing: Vec<u8>,
    file: Option<Arc<Mutex<File>>>,
    /// Where the growing block begins in the file, and where the file ends.
    begin: u64,
    end: u64,
}

/// A finished block.
pub(super) enum Body {
    Memory(Vec<u8>),
    File { file: Arc<Mutex<File>>, begin: u64, size: u64 },
}

impl<'a> Spool<'a> {
    pub(super) fn new(waiting: &'a Waiting) -> Self {
        Self { waiting, growing: Vec::new(), file: None, begin: 0, end: 0 }
    }

    /// Bytes of the growing block.
    pub(super) fn size(&self) -> u64 {
        self.end - self.begin + self.growing.len() as u64
    }

    /// Forgets the growing block.
    pub(super) fn discard(&mut self) {
        self.growing.clear();
        self.end = self.begin;
    }

    /// Ends the growing block.
    pub(super) fn finish(&mut self) -> Result<Body> {
        let size = self.size();
        if self.end == self.begin {
            let held = self.waiting.held.fetch_add(size, Ordering::Relaxed) + size;
            if held <= HELD {
                return Ok(Body::Memory(std::mem::take(&mut self.growing)));
            }
            self.waiting.held.fetch_sub(size, Ordering::Relaxed);
        }
        self.spill().map_err(|error| Error::io("write beside", &self.waiting.folder, error))?;
        let file = self.file.clone().ok_or_else(|| Error::internal("a packed block has no file"))?;
        let begin = std::mem::replace(&mut self.begin, self.end);
        Ok(Body::File { file, begin, size })
    }

    fn spill(&mut self) -> std::io::Result<()> {
        let file = match &self.file {
            Some(file) => file,
            None => self.file.insert(Arc::new(Mutex::new(tempfile::tempfile_in(&self.waiting.folder)?))),
        };
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.end))?;
        file.write_all(&self.growing)?;
        self.end += self.growing.len() as u64;
        self.growing.clear();
        Ok(())
    }
}

impl Write for &mut Spool<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.growing.extend_from_slice(bytes);
        if self.growing.len() >= GROWING {
            self.spill()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Body {
    pub(super) fn size(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File { size, .. } => *size,
        }
    }

    /// Hands the bytes over piece by piece and gives their memory back.
    pub(super) fn drain(self, waiting: &Waiting, mut to: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        match self {
            Self::Memory(bytes) => {
                to(&bytes)?;
                waiting.held.fetch_sub(bytes.len() as u64, Ordering::Relaxed);
            }
            Self::File { file, begin, size } => {
                let mut buffer = vec![0; size.min(1 << 20) as usize];
                let mut at = begin;
                let end = begin + size;
                while at < end {
                    let count = ((end - at) as usize).min(buffer.len());
                    let Some(piece) = buffer.get_mut(..count) else { break };
                    let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                    file.seek(SeekFrom::Start(at))
                        .and_then(|_| file.read_exact(piece))
                        .map_err(|error| Error::io("read beside", &waiting.folder, error))?;
                    drop(file);
                    to(piece)?;
                    at += count as u64;
                }
            }
        }
        Ok(())
    }
}
