//! Random GUIDs in the spelling of the REST API.

use std::fmt::Write as _;
use std::hash::{BuildHasher as _, RandomState};

/// Makes GUIDs; seeded by the operating system through the standard library's hash keys.
#[derive(Debug, Default)]
pub(crate) struct Guids {
    keys: RandomState,
    next: u64,
}

impl Guids {
    /// Makes one, in braces and upper case.
    pub(crate) fn make(&mut self) -> String {
        let mut half = || {
            self.next += 1;
            self.keys.hash_one(self.next)
        };
        let (high, low) = (half() & !0xF000 | 0x4000, half() & !(0b11 << 62) | 0b10 << 62);
        let mut text = String::with_capacity(38);
        let _ = write!(
            text,
            "{{{:08X}-{:04X}-{:04X}-{:04X}-{:012X}}}",
            high >> 32,
            high >> 16 & 0xFFFF,
            high & 0xFFFF,
            low >> 48,
            low & 0xFFFF_FFFF_FFFF
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_are_of_version_four_and_differ() {
        let mut guids = Guids::default();
        let (a, b) = (guids.make(), guids.make());
        assert_ne!(a, b);
        assert_eq!(a.len(), 38);
        assert_eq!(&a[15..16], "4");
        assert!("89AB".contains(&a[20..21]));
        assert_ne!(a, Guids::default().make());
    }
}
