//! Passwords: only their Argon2id hashes are kept.

use argon2::{Algorithm, Argon2, Params, Version};

use crate::error::{Result, SiteError};
use crate::state::{hex, random};

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// Hashes a password with a new salt.
pub fn hash(password: &str) -> Result<String> {
    let salt = random::<16>();
    let digest = derive(password, &salt).ok_or_else(|| SiteError::internal("argon2 failed"))?;
    Ok(format!("argon2id${}${}", hex(&salt), hex(&digest)))
}

/// Returns whether a password has this hash.
pub fn verify(password: &str, hash: &str) -> bool {
    let mut parts = hash.split('$');
    let (Some("argon2id"), Some(salt), Some(digest)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let (Some(salt), Some(digest)) = (unhex(salt), unhex(digest)) else { return false };
    derive(password, &salt).is_some_and(|derived| same(&derived, &digest))
}

/// Takes the time of a verification.
pub fn verify_nobody(password: &str) {
    std::hint::black_box(derive(password, &[0; 16]));
}

/// Compares without telling by its time where two secrets differ.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differences, (x, y)| differences | (x ^ y)) == 0
}

fn derive(password: &str, salt: &[u8]) -> Option<[u8; 32]> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(32)).ok()?;
    let mut digest = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, &mut digest)
        .ok()?;
    Some(digest)
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_verifies() {
        let first = hash("correct horse").unwrap();
        assert!(verify("correct horse", &first));
        assert!(!verify("correct hors", &first));
        assert!(!verify("", &first));
        assert_ne!(first, hash("correct horse").unwrap());
    }

    #[test]
    fn a_broken_hash_verifies_nothing() {
        for broken in ["", "argon2id$", "argon2id$zz$zz", "plain$00$00", "argon2id$00$"] {
            assert!(!verify("", broken), "{broken}");
        }
    }
}
