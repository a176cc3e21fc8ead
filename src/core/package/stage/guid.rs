//! Ids derived from content, so that unchanged input gives an unchanged archive.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// Returns a GUID in braces that is always the same for the same parts.
pub(super) fn guid(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let digest = hash.finalize();
    let mut hex = String::with_capacity(32);
    for byte in digest.iter().take(16) {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02X}");
    }
    // The version digit of GUIDs that are hashes of names.
    hex.replace_range(12..13, "5");
    hex.replace_range(16..17, "8");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{{{}-{}-{}-{}-{}}}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

#[cfg(test)]
mod tests {
    use super::guid;

    #[test]
    fn parts_are_kept_apart() {
        assert_eq!(guid(&["a", "bc"]), guid(&["a", "bc"]));
        assert_ne!(guid(&["a", "bc"]), guid(&["ab", "c"]));
        assert_eq!(guid(&["a"]).len(), 38);
    }
}
