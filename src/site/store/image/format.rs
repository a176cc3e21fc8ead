//! The layout of an image file: a fixed head, sections, and a directory of them in JSON.
//!
//! Numbers stand in the machine's own byte order, since an image never leaves its machine; a foreign
//! one is not recognised by its magic and gets rebuilt from the record.

use std::fs::File;
use std::io::{BufWriter, Read, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use geosharing_core::{Error, Result};
use serde::{Deserialize, Serialize};

/// Marks the file and its version; written as a number, so that it also tells the byte order.
pub(super) const MAGIC: u64 = u64::from_be_bytes(*b"GSIMAGE1");
/// Bytes before the first section.
pub(super) const HEAD: usize = 64;

/// Where a section stands.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub(super) struct Section {
    pub(super) at: u64,
    pub(super) len: u64,
}

/// Values of variable length: `rows + 1` offsets into a heap.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub(super) struct Heap {
    pub(super) offsets: Section,
    pub(super) bytes: Section,
}

/// How a column's values stand.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(super) enum Encoding {
    /// 64-bit integers.
    Int(Section),
    /// 64-bit floats.
    Float(Section),
    /// Text or bytes, row by row.
    Plain(Heap),
    /// Codes into sorted values, and the rows of each value.
    Dictionary { codes: Section, values: Heap, starts: Section, rows: Section },
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(super) struct Column {
    pub(super) encoding: Encoding,
    /// One bit per row that has no value; empty when all have one.
    pub(super) nulls: Section,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(super) struct Geometry {
    pub(super) wkb: Heap,
    pub(super) leaves: Section,
    pub(super) rows: Section,
    pub(super) upper: Section,
}

/// What an image file holds.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Directory {
    /// Which record this is an image of.
    pub(super) record: String,
    /// Last change of the record that is in the image.
    pub(super) change: i64,
    pub(super) rows: u64,
    pub(super) oids: Section,
    pub(super) columns: Vec<Column>,
    pub(super) geometry: Option<Geometry>,
    /// Bounds of all geometries.
    pub(super) bounds: Option<[f64; 4]>,
}

/// Mixes bytes into a running check sum, eight at a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sum {
    state: [u64; 4],
    len: u64,
}

impl Sum {
    pub(super) fn new() -> Self {
        Self { state: [1, 2, 3, 4], len: 0 }
    }

    /// Adds a piece whose length is a multiple of 32, except for the last.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.len += bytes.len() as u64;
        let mut chunks = bytes.chunks_exact(32);
        for chunk in &mut chunks {
            self.mix(chunk);
        }
        let rest = chunks.remainder();
        if !rest.is_empty() {
            let mut last = [0; 32];
            for (to, from) in last.iter_mut().zip(rest) {
                *to = *from;
            }
            self.mix(&last);
        }
    }

    fn mix(&mut self, chunk: &[u8]) {
        for (lane, bytes) in self.state.iter_mut().zip(chunk.chunks_exact(8)) {
            let word = bytes.try_into().map_or(0, u64::from_ne_bytes);
            *lane = (lane.rotate_left(27) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        }
    }

    pub(super) fn finish(self) -> u64 {
        self.state.iter().fold(self.len, |all, lane| {
            (all.rotate_left(31) ^ lane ^ (lane >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9)
        })
    }
}

/// Writes sections behind each other, aligned, with their check sum.
pub(super) struct Writer<'a> {
    path: &'a Path,
    file: BufWriter<File>,
    at: u64,
    sum: Sum,
    pending: Vec<u8>,
}

impl<'a> Writer<'a> {
    pub(super) fn create(path: &'a Path) -> Result<Self> {
        let failed = |error| Error::io("create the read image", path, error);
        let mut file = BufWriter::with_capacity(1 << 18, File::create(path).map_err(failed)?);
        file.write_all(&[0; HEAD]).map_err(failed)?;
        Ok(Self { path, file, at: HEAD as u64, sum: Sum::new(), pending: Vec::new() })
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.at += bytes.len() as u64;
        self.file.write_all(bytes).map_err(|error| Error::io("write the read image", self.path, error))?;
        self.pending.extend_from_slice(bytes);
        if self.pending.len() >= 1 << 16 {
            let whole = self.pending.len() / 32 * 32;
            self.sum.add(self.pending.get(..whole).unwrap_or_default());
            self.pending.drain(..whole);
        }
        Ok(())
    }

    fn align(&mut self) -> Result<u64> {
        let gap = (64 - self.at % 64) % 64;
        self.put([0; 64].get(..gap as usize).unwrap_or_default())?;
        Ok(self.at)
    }

    pub(super) fn section(&mut self, bytes: &[u8]) -> Result<Section> {
        let at = self.align()?;
        for chunk in bytes.chunks(1 << 16) {
            self.put(chunk)?;
        }
        Ok(Section { at, len: bytes.len() as u64 })
    }

    pub(super) fn stream(&mut self, mut from: impl Read) -> Result<Section> {
        let at = self.align()?;
        let mut buffer = vec![0; 1 << 16];
        loop {
            let got = from
                .read(&mut buffer)
                .map_err(|error| Error::io("read back the read image of", self.path, error))?;
            if got == 0 {
                return Ok(Section { at, len: self.at - at });
            }
            self.put(buffer.get(..got).unwrap_or_default())?;
        }
    }

    /// Writes directory and head; nothing is synced, since a torn image is noticed and rebuilt.
    pub(super) fn finish(mut self, directory: &Directory) -> Result<()> {
        let text = serde_json::to_vec(directory)
            .map_err(|error| Error::internal(format!("cannot write an image directory: {error}")))?;
        let section = self.section(&text)?;
        let pending = std::mem::take(&mut self.pending);
        self.sum.add(&pending);
        let mut head = Vec::with_capacity(HEAD);
        for number in [MAGIC, section.at, section.len, self.sum.finish()] {
            head.extend(number.to_ne_bytes());
        }
        let failed = |error| Error::io("write the read image", self.path, error);
        self.file.flush().map_err(failed)?;
        let mut file = self.file.into_inner().map_err(|error| failed(error.into_error()))?;
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        file.write_all(&head).map_err(failed)
    }
}
