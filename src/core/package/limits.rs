//! Bounds on what a foreign archive may ask of this machine.

/// Bounds that [`super::archive::Reader`] keeps while it lists and unpacks.
///
/// Passing one gives an error of [`crate::Kind::Limit`] that names the bound.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Most entries, files and folders together.
    pub entries: usize,
    /// Most bytes of one unpacked entry.
    pub entry_size: u64,
    /// Most bytes of all unpacked entries together.
    pub total_size: u64,
    /// Most unpacked bytes for one byte of the archive, looked at from [`Self::ratio_from`] on.
    /// LZMA packs nothing but zeros about 7,000 to 1, and real rasters have stretches of that.
    pub ratio: u64,
    /// Unpacked bytes up to which no ratio is too high.
    pub ratio_from: u64,
    /// Most bytes of the header as it lies in the file, and unpacked.
    pub header_size: u64,
    /// Most bytes of memory that one decoder may take.
    pub decoder_memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: 200_000,
            entry_size: 64 << 30,
            total_size: 256 << 30,
            ratio: 1_000,
            ratio_from: 1 << 30,
            header_size: 64 << 20,
            decoder_memory: 1 << 30,
        }
    }
}
