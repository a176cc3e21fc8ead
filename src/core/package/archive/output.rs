//! The archive file while blocks are put into it, in order.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use super::container::{Block, Container, Method};
use super::source::Job;
use super::watch::Watch;
use crate::{Error, Result};

/// An archive under construction and the file that it will be, for messages.
pub(super) struct Output<'a> {
    container: Container<BufWriter<&'a File>>,
    path: &'a Path,
    buffer: Vec<u8>,
}

impl<'a> Output<'a> {
    pub(super) fn new(file: &'a File, path: &'a Path) -> Result<Self> {
        let container = Container::new(BufWriter::with_capacity(1 << 20, file))
            .map_err(|error| Error::io("write", path, error))?;
        Ok(Self { container, path, buffer: Vec::new() })
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.container.append(bytes).map_err(|error| Error::io("write", self.path, error))
    }

    pub(super) fn end(&mut self, job: &Job, method: Method, packed: u64, crc: u32) {
        self.container.end_block(&job.name, Some(Block { method, packed, unpacked: job.size, crc }));
    }

    /// Puts an entry in as it is.
    pub(super) fn store(
        &mut self,
        job: &Job,
        watch: &Watch,
        progress: &mut dyn FnMut(u64, u64) -> bool,
    ) -> Result<()> {
        if job.size == 0 {
            self.container.end_block(&job.name, None);
            return Ok(());
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.resize(1 << 20, 0);
        let mut input = job.open(0)?;
        let mut crc = crc32fast::Hasher::new();
        let mut size = 0;
        loop {
            let count = input.fill(&mut buffer)?;
            let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else { break };
            crc.update(bytes);
            self.append(bytes)?;
            size += count as u64;
            watch.add(count as u64);
            watch.report(progress)?;
        }
        self.buffer = buffer;
        if size != job.size {
            return Err(job.changed());
        }
        self.end(job, Method::Copy, size, crc.finalize());
        Ok(())
    }

    /// Writes what stands behind the blocks; returns the size of the archive.
    pub(super) fn finish(self) -> Result<u64> {
        self.container.finish().map_err(|error| Error::io("write", self.path, error))
    }
}
