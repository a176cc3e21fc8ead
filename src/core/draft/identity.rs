//! The ids in a draft: derived from its content, so that the same draft is the same file.

use sha2::{Digest as _, Sha256};

/// Where ids come from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Identity {
    seed: Vec<u8>,
}

impl Identity {
    /// Ids that follow from these texts and from nothing else.
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        Self { seed: hash.finalize().to_vec() }
    }

    /// Returns the id for one use, upper case and without braces.
    pub fn id(&self, what: &str) -> String {
        let mut bytes = Sha256::new().chain_update(&self.seed).chain_update(what.as_bytes()).finalize();
        // RFC 9562: version 8 (made by a rule of one's own), variant 1.
        bytes[6] = (bytes[6] & 0x0F) | 0x80;
        bytes[8] = (bytes[8] & 0x3F) | 0x80;
        let hex: Vec<String> = bytes.iter().take(16).map(|byte| format!("{byte:02X}")).collect();
        let part = |range: std::ops::Range<usize>| hex[range].concat();
        [part(0..4), part(4..6), part(6..8), part(8..10), part(10..16)].join("-")
    }
}
