//! The bytes of a 7-Zip container around packed blocks: signature, streams, files.
//!
//! The format is the one of `7zFormat.txt` in 7-Zip's sources; the comments name its properties.

use std::io::{Seek, SeekFrom, Write};

use super::codec;

/// Bytes in front of the first block.
pub(super) const SIGNATURE_HEADER: u64 = 32;
pub(super) const SIGNATURE: [u8; 6] = [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C];
/// ArcGIS Pro 2.8 and later write 0.4, which all 7-Zip since 9.20 read.
const VERSION: [u8; 2] = [0, 4];
/// 1980-01-01 as a Windows time: unchanged input gives an unchanged archive.
const FIXED_TIME: u64 = 119_600_064_000_000_000;
/// The Windows attribute `A`.
const ATTRIBUTE_ARCHIVE: u32 = 0x20;

const K_END: u8 = 0x00;
const K_HEADER: u8 = 0x01;
const K_MAIN_STREAMS: u8 = 0x04;
const K_FILES: u8 = 0x05;
pub(super) const K_PACK: u8 = 0x06;
pub(super) const K_UNPACK: u8 = 0x07;
const K_SUB_STREAMS: u8 = 0x08;
pub(super) const K_SIZE: u8 = 0x09;
pub(super) const K_CRC: u8 = 0x0A;
pub(super) const K_FOLDER: u8 = 0x0B;
pub(super) const K_UNPACK_SIZES: u8 = 0x0C;
const K_EMPTY_STREAM: u8 = 0x0E;
const K_EMPTY_FILE: u8 = 0x0F;
const K_NAMES: u8 = 0x11;
const K_MODIFIED: u8 = 0x14;
const K_ATTRIBUTES: u8 = 0x15;
pub(super) const K_ENCODED_HEADER: u8 = 0x17;

/// The one coder of a block.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Method {
    Copy,
    Deflate,
    Lzma { dictionary: u32 },
}

impl Method {
    fn describe(self, header: &mut Vec<u8>) {
        match self {
            Self::Copy => header.extend([0x01, 0x00]),
            Self::Deflate => header.extend([0x03, 0x04, 0x01, 0x08]),
            Self::Lzma { dictionary } => {
                header.extend([0x23, 0x03, 0x01, 0x01, 0x05, codec::LZMA_PROPERTIES]);
                header.extend(dictionary.to_le_bytes());
            }
        }
    }
}

/// One packed file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub(super) method: Method,
    pub(super) packed: u64,
    pub(super) unpacked: u64,
    pub(super) crc: u32,
}

/// An archive that grows: blocks are appended, the header comes last.
pub(super) struct Container<W> {
    out: W,
    packed: u64,
    files: Vec<(String, Option<Block>)>,
}

impl<W: Write + Seek> Container<W> {
    /// Begins an archive; the signature is filled in by [`Self::finish`].
    pub(super) fn new(mut out: W) -> std::io::Result<Self> {
        out.write_all(&[0; SIGNATURE_HEADER as usize])?;
        Ok(Self { out, packed: 0, files: Vec::new() })
    }

    /// Appends packed bytes of the block that [`Self::end_block`] will describe.
    pub(super) fn append(&mut self, packed: &[u8]) -> std::io::Result<()> {
        self.out.write_all(packed)?;
        self.packed += packed.len() as u64;
        Ok(())
    }

    /// Names the block that was appended last, or a file without bytes.
    pub(super) fn end_block(&mut self, name: &str, block: Option<Block>) {
        self.files.push((name.to_owned(), block));
    }

    /// Writes the header and the signature; returns the size of the archive.
    pub(super) fn finish(mut self) -> std::io::Result<u64> {
        let mut next = Vec::new();
        // 7-Zip writes an archive without files as one without a header.
        if !self.files.is_empty() {
            let plain = header(&self.files);
            let (packed, dictionary) = codec::lzma_bytes(&plain)?;
            let block = Block {
                method: Method::Lzma { dictionary },
                packed: packed.len() as u64,
                unpacked: plain.len() as u64,
                crc: crc32fast::hash(&plain),
            };
            next.push(K_ENCODED_HEADER);
            pack_info(&mut next, self.packed, &[block]);
            unpack_info(&mut next, &[block], true);
            next.push(K_END);
            self.append(&packed)?;
        }
        self.out.write_all(&next)?;
        let end = SIGNATURE_HEADER + self.packed + next.len() as u64;

        let mut start = Vec::with_capacity(20);
        start.extend((if next.is_empty() { 0 } else { self.packed }).to_le_bytes());
        start.extend((next.len() as u64).to_le_bytes());
        start.extend((if next.is_empty() { 0 } else { crc32fast::hash(&next) }).to_le_bytes());
        self.out.seek(SeekFrom::Start(0))?;
        self.out.write_all(&SIGNATURE)?;
        self.out.write_all(&VERSION)?;
        self.out.write_all(&crc32fast::hash(&start).to_le_bytes())?;
        self.out.write_all(&start)?;
        self.out.flush()?;
        Ok(end)
    }
}

fn header(files: &[(String, Option<Block>)]) -> Vec<u8> {
    let blocks: Vec<Block> = files.iter().filter_map(|(_, block)| *block).collect();
    let mut header = vec![K_HEADER];
    if !blocks.is_empty() {
        header.push(K_MAIN_STREAMS);
        pack_info(&mut header, 0, &blocks);
        unpack_info(&mut header, &blocks, false);
        // One file in each block: only the checksums are left to say.
        header.extend([K_SUB_STREAMS, K_CRC, 1]);
        for block in &blocks {
            header.extend(block.crc.to_le_bytes());
        }
        header.extend([K_END, K_END]);
    }
    header.push(K_FILES);
    number(&mut header, files.len() as u64);
    let empty: Vec<bool> = files.iter().map(|(_, block)| block.is_none()).collect();
    if empty.contains(&true) {
        property(&mut header, K_EMPTY_STREAM, &bits(&empty));
        let empties = vec![true; empty.iter().filter(|empty| **empty).count()];
        property(&mut header, K_EMPTY_FILE, &bits(&empties));
    }
    let mut names = vec![0];
    for (name, _) in files {
        names.extend(name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes));
    }
    property(&mut header, K_NAMES, &names);
    property(&mut header, K_MODIFIED, &for_all(files.len(), &FIXED_TIME.to_le_bytes()));
    property(&mut header, K_ATTRIBUTES, &for_all(files.len(), &ATTRIBUTE_ARCHIVE.to_le_bytes()));
    header.extend([K_END, K_END]);
    header
}

fn pack_info(header: &mut Vec<u8>, position: u64, blocks: &[Block]) {
    header.push(K_PACK);
    number(header, position);
    number(header, blocks.len() as u64);
    header.push(K_SIZE);
    for block in blocks {
        number(header, block.packed);
    }
    header.push(K_END);
}

fn unpack_info(header: &mut Vec<u8>, blocks: &[Block], checksums: bool) {
    header.extend([K_UNPACK, K_FOLDER]);
    number(header, blocks.len() as u64);
    // Not in another stream.
    header.push(0);
    for block in blocks {
        // One coder.
        header.push(1);
        block.method.describe(header);
    }
    header.push(K_UNPACK_SIZES);
    for block in blocks {
        number(header, block.unpacked);
    }
    if checksums {
        // Defined for all.
        header.extend([K_CRC, 1]);
        for block in blocks {
            header.extend(block.crc.to_le_bytes());
        }
    }
    header.push(K_END);
}

fn property(header: &mut Vec<u8>, id: u8, body: &[u8]) {
    header.push(id);
    number(header, body.len() as u64);
    header.extend(body);
}

/// A property with the same value for every file: all defined, not in another stream.
fn for_all(files: usize, value: &[u8]) -> Vec<u8> {
    let mut body = vec![1, 0];
    for _ in 0..files {
        body.extend(value);
    }
    body
}

fn bits(flags: &[bool]) -> Vec<u8> {
    flags
        .chunks(8)
        .map(|chunk| {
            chunk.iter().enumerate().fold(0, |byte, (bit, flag)| byte | (u8::from(*flag) << (7 - bit)))
        })
        .collect()
}

/// Appends a number: the first byte's leading ones say how many little-endian bytes follow, its
/// other bits are the highest ones of the number.
fn number(header: &mut Vec<u8>, value: u64) {
    let extra = (0..8).find(|extra| value < 1 << (7 * (extra + 1))).unwrap_or(8);
    let ones = if extra == 8 { 0xFF } else { !(0xFF_u8 >> extra) };
    let high = if extra == 8 { 0 } else { (value >> (8 * extra)) as u8 };
    header.push(ones | high);
    header.extend(value.to_le_bytes().iter().take(extra));
}

/// Reads what [`number`] writes; `None` when the bytes end early.
pub(super) fn read_number(bytes: &mut &[u8]) -> Option<u64> {
    let (&first, rest) = bytes.split_first()?;
    let extra = first.leading_ones() as usize;
    let mut value = [0; 8];
    value.get_mut(..extra)?.copy_from_slice(rest.get(..extra)?);
    *bytes = rest.get(extra..)?;
    let high = if extra >= 7 { 0 } else { u64::from(first & (0x7F >> extra)) << (8 * extra) };
    Some(u64::from_le_bytes(value) | high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(value: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        number(&mut bytes, value);
        bytes
    }

    #[test]
    fn numbers_are_those_of_the_format() {
        assert_eq!(encoded(0), [0x00]);
        assert_eq!(encoded(0x7F), [0x7F]);
        assert_eq!(encoded(0x80), [0x80, 0x80]);
        assert_eq!(encoded(0x3FFF), [0xBF, 0xFF]);
        assert_eq!(encoded(0x4000), [0xC0, 0x00, 0x40]);
        assert_eq!(encoded(0x1_2345_6789), [0xF1, 0x89, 0x67, 0x45, 0x23]);
        assert_eq!(encoded(1 << 55), [0xFE, 0, 0, 0, 0, 0, 0, 0x80]);
        assert_eq!(encoded(1 << 56), [0xFF, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(encoded(u64::MAX), [0xFF; 9]);
    }

    #[test]
    fn numbers_read_back_over_the_whole_range() {
        for shift in 0..64 {
            for value in [1 << shift, (1 << shift) - 1, (1_u64 << shift) | 1, u64::MAX >> shift] {
                let bytes = encoded(value);
                let mut rest = bytes.as_slice();
                assert_eq!(read_number(&mut rest), Some(value));
                assert!(rest.is_empty());
                assert_eq!(read_number(&mut &bytes[..bytes.len() - 1]), None);
            }
        }
    }

    #[test]
    fn files_over_four_gibibytes_have_their_full_size_in_the_header() {
        let size = (5 << 30) + 7;
        let block = Block { method: Method::Copy, packed: size, unpacked: size, crc: 1 };
        let header = header(&[("big.tif".to_owned(), Some(block))]);
        let expected = encoded(size);
        assert_eq!(expected.len(), 5);
        assert_eq!(header.windows(expected.len()).filter(|window| **window == expected).count(), 2);
    }

    #[test]
    fn bits_begin_at_the_highest() {
        assert_eq!(bits(&[true, false, false, false, false, false, false, true, true]), [0x81, 0x80]);
    }
}
