//! Deflate in pieces that are packed apart and joined to one stream.
//!
//! libdeflate is three times as quick as zlib at the same size, but ends every stream: there is no
//! flush. So a piece that is not the last one is walked, symbol by symbol, to its last block; the
//! "final" flag there is cleared, and an empty stored block takes the stream to a whole byte.

use libdeflater::{CompressionLvl, Compressor};

/// Bytes of one piece. Smaller ones cost size, larger ones memory.
pub(super) const PIECE: usize = 1 << 20;

/// Packs pieces; keep one per thread.
pub(super) struct Packer {
    compressor: Compressor,
    tables: Box<Tables>,
}

impl Packer {
    pub(super) fn new() -> Self {
        Self { compressor: Compressor::new(CompressionLvl::default()), tables: Box::default() }
    }

    /// Packs one piece; `None` if a fault of ours is met.
    pub(super) fn pack(&mut self, piece: &[u8], last: bool) -> Option<Vec<u8>> {
        let mut out = vec![0; self.compressor.deflate_compress_bound(piece.len()) + 8];
        let size = self.compressor.deflate_compress(piece, &mut out).ok()?;
        out.truncate(size);
        if !last {
            let end = walk(&out, &mut self.tables)?;
            *out.get_mut(end.final_flag / 8)? &= !(1 << (end.final_flag % 8));
            // Three zero bits (not final, stored), zeros up to a whole byte, length 0 and its complement.
            out.truncate(end.bits.div_ceil(8));
            out.resize((end.bits + 3).div_ceil(8), 0);
            out.extend([0x00, 0x00, 0xFF, 0xFF]);
        }
        Some(out)
    }
}

/// Size of some bytes when packed quickly.
pub(super) fn packed_size(bytes: &[u8]) -> usize {
    // `fastest()` is level 0, which packs nothing.
    let mut compressor = Compressor::new(CompressionLvl::new(1).unwrap_or_default());
    let mut out = vec![0; compressor.deflate_compress_bound(bytes.len())];
    compressor.deflate_compress(bytes, &mut out).unwrap_or(bytes.len())
}

/// Where a stream ends, in bits.
struct End {
    final_flag: usize,
    bits: usize,
}

const PRIMARY: u32 = 11;
const LITERAL: u8 = 0;
const LENGTH: u8 = 1;
const END_OF_BLOCK: u8 = 2;
const LONG_CODE: u8 = 3;

/// What a code means for a walk: how many bits it takes, and whether a distance follows.
#[derive(Clone, Copy, Default)]
struct Step {
    bits: u8,
    kind: u8,
}

struct Table {
    quick: [Step; 1 << PRIMARY],
    /// Codes longer than [`PRIMARY`]: length, code with its first bit highest, step.
    long: Vec<(u32, u32, Step)>,
}

impl Default for Table {
    fn default() -> Self {
        Self { quick: [Step::default(); 1 << PRIMARY], long: Vec::new() }
    }
}

#[derive(Default)]
struct Tables {
    symbols: Table,
    distances: Table,
    lengths: Table,
}

impl Table {
    /// Builds the table of canonical codes with these lengths.
    fn build(&mut self, lengths: &[u8], step: impl Fn(usize, u8) -> Step) {
        self.quick.fill(Step { bits: 0, kind: LONG_CODE });
        self.long.clear();
        let mut counts = [0_u32; 16];
        for length in lengths.iter().filter(|length| **length > 0) {
            counts[usize::from(length & 15)] += 1;
        }
        let mut next = [0_u32; 16];
        for bits in 1..16 {
            next[bits] = (next[bits - 1] + counts[bits - 1]) << 1;
        }
        for (symbol, &length) in lengths.iter().enumerate().filter(|(_, length)| **length > 0) {
            let length = u32::from(length & 15);
            let code = next[length as usize];
            next[length as usize] += 1;
            let step = step(symbol, length as u8);
            if length <= PRIMARY {
                let first = (code.reverse_bits() >> (32 - length)) as usize;
                for entry in self.quick.iter_mut().skip(first).step_by(1 << length) {
                    *entry = step;
                }
            } else {
                self.long.push((length, code, step));
            }
        }
        self.long.sort_by_key(|(length, code, _)| (*length, *code));
    }

    fn look_up(&self, window: u64) -> Option<Step> {
        let quick = self.quick[(window & ((1 << PRIMARY) - 1)) as usize];
        if quick.kind != LONG_CODE {
            return Some(quick);
        }
        let reversed = (window as u32).reverse_bits();
        (PRIMARY + 1..16).find_map(|length| {
            let code = reversed >> (32 - length);
            let found = self.long.binary_search_by_key(&(length, code), |(length, code, _)| (*length, *code));
            found.ok().map(|index| self.long[index].2)
        })
    }
}

/// Walks a whole Deflate stream.
fn walk(stream: &[u8], tables: &mut Tables) -> Option<End> {
    let mut bits = Bits { stream, at: 0 };
    loop {
        let final_flag = bits.at;
        let is_final = bits.take(1)? == 1;
        match bits.take(2)? {
            0 => {
                bits.at = bits.at.next_multiple_of(8);
                let length = bits.take(16)? as usize;
                bits.at += 16 + 8 * length;
            }
            1 => {
                let fixed: Vec<u8> = (0..288)
                    .map(|n| {
                        if n < 144 {
                            8
                        } else if n < 256 {
                            9
                        } else if n < 280 {
                            7
                        } else {
                            8
                        }
                    })
                    .collect();
                tables.symbols.build(&fixed, symbol_step);
                tables.distances.build(&[5; 30], distance_step);
                walk_block(&mut bits, tables)?;
            }
            2 => {
                read_codes(&mut bits, tables)?;
                walk_block(&mut bits, tables)?;
            }
            _ => return None,
        }
        if bits.at > 8 * stream.len() {
            return None;
        }
        if is_final {
            return Some(End { final_flag, bits: bits.at });
        }
    }
}

fn walk_block(bits: &mut Bits<'_>, tables: &Tables) -> Option<()> {
    loop {
        // A length with its distance takes at most 48 bits, and a window has at least 57.
        let mut window = bits.window()?;
        let mut left = 57_u32;
        loop {
            let step = tables.symbols.look_up(window)?;
            if step.bits == 0 {
                return None;
            }
            window >>= step.bits;
            bits.at += usize::from(step.bits);
            left -= u32::from(step.bits);
            match step.kind {
                LITERAL => {}
                LENGTH => {
                    let distance = tables.distances.look_up(window)?;
                    if distance.bits == 0 {
                        return None;
                    }
                    window >>= distance.bits;
                    bits.at += usize::from(distance.bits);
                    left -= u32::from(distance.bits);
                }
                END_OF_BLOCK => return Some(()),
                _ => return None,
            }
            if left < 48 {
                break;
            }
        }
    }
}

fn symbol_step(symbol: usize, length: u8) -> Step {
    let extra = match symbol {
        265..=284 => ((symbol - 261) / 4) as u8,
        _ => 0,
    };
    let kind = match symbol {
        0..256 => LITERAL,
        256 => END_OF_BLOCK,
        _ => LENGTH,
    };
    Step { bits: length + extra, kind }
}

fn distance_step(symbol: usize, length: u8) -> Step {
    Step { bits: length + (symbol as u8 / 2).saturating_sub(1), kind: LITERAL }
}

/// Reads the code lengths of a block with codes of its own.
fn read_codes(bits: &mut Bits<'_>, tables: &mut Tables) -> Option<()> {
    const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    let symbols = bits.take(5)? as usize + 257;
    let distances = bits.take(5)? as usize + 1;
    let listed = bits.take(4)? as usize + 4;
    let mut of_lengths = [0; 19];
    for index in ORDER.into_iter().take(listed) {
        of_lengths[index] = bits.take(3)? as u8;
    }
    // The kind carries the symbol here.
    tables.lengths.build(&of_lengths, |symbol, length| Step { bits: length, kind: 4 + symbol as u8 });
    let mut lengths: Vec<u8> = Vec::with_capacity(320);
    while lengths.len() < symbols + distances {
        let step = tables.lengths.look_up(bits.window()?)?;
        if step.bits == 0 {
            return None;
        }
        bits.at += usize::from(step.bits);
        let (value, times) = match step.kind - 4 {
            16 => (*lengths.last()?, 3 + bits.take(2)?),
            17 => (0, 3 + bits.take(3)?),
            18 => (0, 11 + bits.take(7)?),
            value => (value, 1),
        };
        lengths.resize(lengths.len() + times as usize, value);
    }
    let (of_symbols, of_distances) = lengths.split_at(symbols);
    tables.symbols.build(of_symbols, symbol_step);
    tables.distances.build(of_distances, distance_step);
    Some(())
}

/// A stream read bit by bit, lowest first.
struct Bits<'a> {
    stream: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    /// The next 57 bits or more; zeros behind the end.
    fn window(&self) -> Option<u64> {
        let rest = self.stream.get(self.at / 8..)?;
        let bytes = rest.first_chunk().copied().unwrap_or_else(|| {
            let mut bytes = [0; 8];
            bytes[..rest.len()].copy_from_slice(rest);
            bytes
        });
        Some(u64::from_le_bytes(bytes) >> (self.at % 8))
    }

    fn take(&mut self, count: u32) -> Option<u64> {
        let value = self.window()? & ((1 << count) - 1);
        self.at += count as usize;
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use proptest::prelude::*;

    use super::*;

    fn joined(bytes: &[u8], piece: usize) -> Vec<u8> {
        let mut packer = Packer::new();
        let pieces: Vec<&[u8]> = bytes.chunks(piece).collect();
        let last = pieces.len() - 1;
        pieces.iter().enumerate().flat_map(|(n, piece)| packer.pack(piece, n == last).unwrap()).collect()
    }

    fn inflated(stream: &[u8]) -> Vec<u8> {
        let mut decoder = flate2::bufread::DeflateDecoder::new(stream);
        let mut bytes = Vec::new();
        decoder.read_to_end(&mut bytes).unwrap();
        assert_eq!(decoder.total_in(), stream.len() as u64, "nothing stands behind the stream");
        bytes
    }

    /// Text, numbers and noise, so that blocks of every kind come.
    fn mixed(size: usize, seed: u32) -> Vec<u8> {
        let mut state = seed | 1;
        let mut random = move || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state
        };
        let mut bytes = Vec::new();
        while bytes.len() < size {
            match random() % 4 {
                0 => bytes.extend((0..5000).map(|_| random() as u8)),
                1 => bytes.extend(b"{\"type\":\"CIMSolidStroke\",\"width\":".repeat(40)),
                2 => (0..2000).for_each(|n: u32| bytes.extend(f64::from(n * 7 % 1013).sqrt().to_le_bytes())),
                _ => bytes.extend([0; 3000]),
            }
        }
        bytes.truncate(size);
        bytes
    }

    #[test]
    fn joined_pieces_are_one_stream() {
        for (size, piece) in [(1, 1), (10, 3), (70_000, 1000), (900_000, 65_536), (3_000_000, 1 << 20)] {
            let bytes = mixed(size, size as u32);
            assert!(inflated(&joined(&bytes, piece)) == bytes, "{size} bytes in pieces of {piece}");
        }
    }

    #[test]
    fn a_damaged_stream_ends_the_walk_without_a_panic() {
        let stream = Packer::new().pack(&mixed(60_000, 5), true).unwrap();
        let mut tables = Tables::default();
        for length in 0..stream.len().min(3000) {
            assert!(walk(&stream[..length], &mut tables).is_none());
        }
        for at in 0..stream.len().min(2000) {
            let mut damaged = stream.clone();
            damaged[at] ^= 0x55;
            let _ = walk(&damaged, &mut tables);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_bytes_come_back(bytes in proptest::collection::vec(0_u8..8, 1..4000), piece in 1_usize..900) {
            prop_assert_eq!(inflated(&joined(&bytes, piece)), bytes);
        }
    }
}
