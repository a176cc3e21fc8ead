//! The packers behind the profiles, and the guess whether packing is worth it.

use std::io::Write;

use lzma_rust2::{LzmaOptions, LzmaWriter};

use super::deflate;

/// lc 3, lp 0, pb 2: what ArcGIS and 7-Zip write.
pub(super) const LZMA_PROPERTIES: u8 = 0x5D;
/// As `7z -mx=1`. Four times as much gains 0.2 % on geodata and costs a sixth of the speed.
const LARGEST_DICTIONARY: u64 = 256 << 10;
/// Files up to here are packed without asking.
pub(super) const PROBE_FROM: u64 = 512 << 10;
/// Bytes looked at in one place by a probe.
pub(super) const SAMPLE: usize = 16 << 10;

/// Dictionary for a file of this size.
pub(super) fn dictionary(size: u64) -> u32 {
    size.clamp(4096, LARGEST_DICTIONARY).next_power_of_two() as u32
}

/// Makes the LZMA packer.
pub(super) fn lzma<W: Write>(out: W, dictionary: u32) -> std::io::Result<LzmaWriter<W>> {
    // Preset 0 packs like `7z -mx=1`: greedy parser, hash chains of four bytes.
    let mut options = LzmaOptions::with_preset(0);
    options.dict_size = dictionary;
    LzmaWriter::new_no_header(out, &options, false)
}

/// Packs bytes in memory; returns the dictionary too.
pub(super) fn lzma_bytes(bytes: &[u8]) -> std::io::Result<(Vec<u8>, u32)> {
    let dictionary = dictionary(bytes.len() as u64);
    let mut packer = lzma(Vec::with_capacity(bytes.len() / 2), dictionary)?;
    packer.write_all(bytes)?;
    Ok((packer.finish()?, dictionary))
}

/// Offsets of the samples that a probe of a file of this size looks at.
pub(super) fn samples(size: u64) -> impl Iterator<Item = u64> {
    let count = (size >> 22).clamp(8, 64);
    let span = size.saturating_sub(SAMPLE as u64);
    (0..count).map(move |n| span / (count - 1) * n)
}

/// Whether bytes from all over a file say that packing the file would save next to nothing.
///
/// Deflate decides for LZMA too: what LZMA finds more in rasters is far above the bound.
pub(super) fn is_incompressible(sample: &[u8]) -> bool {
    deflate::packed_size(sample) * 100 > sample.len() * 98
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packer_writes_the_properties_that_the_header_names() {
        assert_eq!(LzmaOptions::with_preset(0).get_props(), LZMA_PROPERTIES);
    }

    #[test]
    fn dictionaries_follow_the_size_up_to_a_bound() {
        assert_eq!(dictionary(1), 4096);
        assert_eq!(dictionary(5000), 8192);
        assert_eq!(dictionary(1 << 40), 256 << 10);
    }

    #[test]
    fn samples_stay_inside_the_file_and_reach_its_end() {
        for size in [PROBE_FROM, (1 << 30) + 12345, 1 << 45] {
            let offsets: Vec<u64> = samples(size).collect();
            assert!(offsets.len() >= 8 && offsets.len() <= 64);
            let last = offsets.last().unwrap() + SAMPLE as u64;
            assert!(last <= size && size - last < 64, "{size}: {last}");
        }
    }
}
