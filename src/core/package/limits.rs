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
    /// Most unpacked bytes for one packed byte, looked at from 16 MiB on.
    pub ratio: u64,
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
            ratio: 2_000,
            header_size: 64 << 20,
            decoder_memory: 1 << 30,
        }
    }
}
