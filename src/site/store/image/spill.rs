//! Growing arrays that live in unnamed files, so that building an image needs little memory.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use geosharing_core::{Error, Kind, Result};

fn failed(error: std::io::Error) -> Error {
    Error::new(Kind::Io, format!("cannot write the read image: {error}")).because(error)
}

/// Bytes written once, then read back once.
#[derive(Debug)]
pub(super) struct Spill {
    file: BufWriter<File>,
    len: u64,
}

impl Spill {
    /// Makes an empty one in a folder; the file has no name and ends with the process.
    pub(super) fn new(folder: &Path) -> Result<Self> {
        let file = tempfile::tempfile_in(folder).map_err(failed)?;
        Ok(Self { file: BufWriter::with_capacity(1 << 17, file), len: 0 })
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.len += bytes.len() as u64;
        self.file.write_all(bytes).map_err(failed)
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Rewinds for reading.
    pub(super) fn read(self) -> Result<BufReader<File>> {
        let mut file = self.file.into_inner().map_err(|error| failed(error.into_error()))?;
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        Ok(BufReader::with_capacity(1 << 17, file))
    }

    /// Reads everything back as 32-bit numbers.
    pub(super) fn read_u32(self) -> Result<Vec<u32>> {
        let mut all = Vec::with_capacity((self.len / 4) as usize);
        let mut reader = self.read()?;
        let mut chunk = [0; 4];
        while reader.read_exact(&mut chunk).is_ok() {
            all.push(u32::from_ne_bytes(chunk));
        }
        Ok(all)
    }
}
