//! What is asked of an archive before the library reads its header: that the header is where the
//! signature says, and that unpacking it stays within bounds.

use std::io::{Read, Seek, SeekFrom};

use super::container::{
    K_CRC, K_ENCODED_HEADER, K_FOLDER, K_PACK, K_SIZE, K_UNPACK, K_UNPACK_SIZES, SIGNATURE, SIGNATURE_HEADER,
    read_number,
};
use crate::package::Limits;
use crate::{Error, Result};

/// LZMA2, whose properties name a memory that its decoder takes at once.
const LZMA2: &[u8] = &[0x21];

/// Refuses an archive that is none, is cut short, or whose header asks too much; says whether it
/// has a header at all.
pub(super) fn check(file: &mut (impl Read + Seek), size: u64, limits: &Limits) -> Result<bool> {
    let mut start = [0; SIGNATURE_HEADER as usize];
    let read = fill(file, &mut start)?;
    let (signature, rest) = start.split_at(SIGNATURE.len());
    if signature != SIGNATURE {
        return Err(Error::invalid(match start.first_chunk() {
            Some(b"PK\x03\x04") => "is a zip archive, and service definitions are 7-Zip",
            _ if read == 0 => "is empty",
            _ => "is not a 7-Zip archive",
        }));
    }
    if read < start.len() {
        return Err(cut_short());
    }
    let word =
        |at: usize| rest.get(at..).and_then(<[u8]>::first_chunk).copied().map_or(0, u32::from_le_bytes);
    let long =
        |at: usize| rest.get(at..).and_then(<[u8]>::first_chunk).copied().map_or(0, u64::from_le_bytes);
    // A start header of zeros is what an interrupted 7-Zip leaves; the library would search the
    // whole file for a header then.
    if word(2) != crc32fast::hash(rest.get(6..).unwrap_or_default()) {
        return Err(Error::invalid("has a damaged start header; it may have been cut short while written"));
    }
    let (offset, length) = (long(6), long(14));
    if length == 0 {
        return Ok(false);
    }
    let begin = SIGNATURE_HEADER.checked_add(offset).ok_or_else(cut_short)?;
    if begin.checked_add(length).is_none_or(|end| end > size) {
        return Err(cut_short());
    }
    if length > limits.header_size {
        return Err(too_large(limits));
    }
    file.seek(SeekFrom::Start(begin)).map_err(unreadable)?;
    let mut header = vec![0; length as usize];
    if fill(file, &mut header)? < header.len() {
        return Err(cut_short());
    }
    if word(22) != crc32fast::hash(&header) {
        return Err(Error::invalid("has a damaged header"));
    }
    if header.first() == Some(&K_ENCODED_HEADER) {
        check_encoded(header.get(1..).unwrap_or_default(), limits)?;
    }
    Ok(true)
}

/// Looks at how large a packed header becomes, and with how much memory.
fn check_encoded(mut at: &[u8], limits: &Limits) -> Result<()> {
    let sizes = encoded_sizes(&mut at)
        .ok_or_else(|| Error::unsupported("has a header that is packed in an uncommon way"))?;
    if sizes.into_iter().any(|size| size > limits.header_size) {
        return Err(too_large(limits));
    }
    Ok(())
}

/// Unpacked sizes, and memory of the decoders, of the one block that holds the header.
fn encoded_sizes(at: &mut &[u8]) -> Option<Vec<u64>> {
    expect(at, K_PACK)?;
    read_number(at)?;
    let streams = read_number(at).filter(|streams| *streams <= 4)?;
    expect(at, K_SIZE)?;
    for _ in 0..streams {
        read_number(at)?;
    }
    let mut next = take(at, 1)?[0];
    if next == K_CRC {
        expect(at, 1)?;
        take(at, 4 * streams as usize)?;
        next = take(at, 1)?[0];
    }
    (next == 0).then_some(())?;
    expect(at, K_UNPACK)?;
    expect(at, K_FOLDER)?;
    (read_number(at)? == 1).then_some(())?;
    expect(at, 0)?;
    let coders = read_number(at).filter(|coders| (1..=4).contains(coders))?;
    let mut sizes = Vec::new();
    for _ in 0..coders {
        let flags = take(at, 1)?[0];
        // Several streams of one coder, and alternative methods, are in no header.
        (flags & 0xD0 == 0).then_some(())?;
        let id = take(at, usize::from(flags & 0x0F))?;
        if flags & 0x20 != 0 {
            let length = read_number(at).filter(|length| *length <= 64)?;
            let properties = take(at, length as usize)?;
            if id == LZMA2 {
                sizes.push(lzma2_dictionary(*properties.first()?));
            }
        }
    }
    for _ in 1..coders {
        read_number(at)?;
        read_number(at)?;
    }
    expect(at, K_UNPACK_SIZES)?;
    for _ in 0..coders {
        sizes.push(read_number(at)?);
    }
    Some(sizes)
}

/// Memory that an LZMA2 decoder takes for a property byte.
pub(super) fn lzma2_dictionary(property: u8) -> u64 {
    if property >= 40 { u64::from(u32::MAX) } else { (2 | u64::from(property & 1)) << (property / 2 + 11) }
}

fn take<'a>(at: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = at.split_at_checked(count)?;
    *at = rest;
    Some(taken)
}

fn expect(at: &mut &[u8], byte: u8) -> Option<()> {
    (take(at, 1)? == [byte]).then_some(())
}

fn fill(file: &mut impl Read, buffer: &mut [u8]) -> Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(error)),
        }
    }
    Ok(filled)
}

fn unreadable(error: std::io::Error) -> Error {
    Error::new(crate::Kind::Io, format!("cannot be read: {error}")).because(error)
}

fn cut_short() -> Error {
    Error::invalid("is cut short; copy or download it again")
}

fn too_large(limits: &Limits) -> Error {
    Error::limit(format!("has a header of more than {} bytes", limits.header_size))
}
