//! Sealing passwords: `ChaCha20-Poly1305` under a key that lies outside the file.

use std::io::Write;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

use crate::{Error, Kind, Result};

const VARIABLE: &str = "GEOSHARING_KEY";
const LENGTH: usize = 32;
const SALT: usize = 16;
/// Rounds that make guessing a phrase slow, by OWASP's advice for this function.
const ROUNDS: NonZeroU32 = NonZeroU32::new(600_000).unwrap();
const SHORTEST_PHRASE: usize = 12;

/// What seals and opens the passwords of connection files.
#[derive(Clone)]
pub enum Key {
    /// Random bytes of a file of the user.
    Bytes([u8; LENGTH]),
    /// A phrase, from which the bytes are derived for each file.
    Phrase(String),
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Bytes(_) => "Key::Bytes(..)",
            Self::Phrase(_) => "Key::Phrase(..)",
        })
    }
}

impl Key {
    /// Returns the user's key: the phrase in `GEOSHARING_KEY`, or the key file, made if it is missing.
    ///
    /// # Errors
    /// [`Kind::InvalidInput`] for a short phrase or a broken file, [`Kind::Denied`] for a file that
    /// others may read.
    pub fn of_user() -> Result<Self> {
        match std::env::var(VARIABLE) {
            Ok(phrase) if !phrase.is_empty() => Self::phrase(phrase),
            _ => Self::of_file(&user_file()?),
        }
    }

    /// Makes a key of a phrase.
    pub fn phrase(phrase: String) -> Result<Self> {
        if phrase.chars().count() < SHORTEST_PHRASE {
            return Err(Error::invalid(format!(
                "{VARIABLE} has fewer than {SHORTEST_PHRASE} characters; set a longer phrase, or none to use \
                 the key file"
            )));
        }
        Ok(Self::Phrase(phrase))
    }

    /// Reads a key file, made with random bytes if it is missing.
    pub fn of_file(path: &Path) -> Result<Self> {
        match std::fs::read_to_string(path) {
            Ok(text) => {
                refuse_readable(path)?;
                let bytes = BASE64.decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
                bytes.map(Self::Bytes).ok_or_else(|| {
                    Error::invalid(format!(
                        "`{}` is no key; remove it, and save the passwords of your connection files again",
                        path.display()
                    ))
                })
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                make(path)?;
                // Whoever was first wins; both read the same.
                Self::of_file(path)
            }
            Err(error) => Err(Error::io("read", path, error)),
        }
    }

    pub(super) fn seal(&self, password: &str, bound: &str) -> Result<String> {
        let salt: [u8; SALT] = random()?;
        let nonce: [u8; NONCE_LEN] = random()?;
        let mut sealed = password.as_bytes().to_vec();
        self.cipher(&salt)?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(bound), &mut sealed)
            .map_err(|_| Error::internal("sealing a password failed"))?;
        let parts = [BASE64.encode(salt), BASE64.encode(nonce), BASE64.encode(sealed)];
        Ok(format!("{}:{}", self.kind(), parts.join(":")))
    }

    pub(super) fn open(&self, sealed: &str, bound: &str) -> Result<String> {
        let broken = || Error::invalid("the saved password is damaged; write the connection file again");
        let mut parts = sealed.split(':');
        let kind = parts.next().unwrap_or_default();
        if kind != self.kind() {
            let remedy = if kind == "phrase" {
                format!("set {VARIABLE} to the phrase that it was written with")
            } else {
                format!("unset {VARIABLE} to use the key file")
            };
            return Err(Error::new(
                Kind::Denied,
                format!("the saved password was sealed with a {kind}; {remedy}"),
            ));
        }
        let mut bytes = || parts.next().and_then(|part| BASE64.decode(part).ok()).ok_or_else(broken);
        let (salt, nonce, mut sealed) = (bytes()?, bytes()?, bytes()?);
        let salt: [u8; SALT] = salt.try_into().map_err(|_| broken())?;
        let nonce: [u8; NONCE_LEN] = nonce.try_into().map_err(|_| broken())?;
        let cipher = self.cipher(&salt)?;
        let opened = cipher
            .open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(bound), &mut sealed)
            .map_err(|_| {
                Error::new(
                    Kind::Denied,
                    "the saved password does not open: the key is another one, or the server or user in the \
                     file was changed since; write the connection file again",
                )
            })?;
        String::from_utf8(opened.to_vec()).map_err(|_| broken())
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Bytes(_) => "file",
            Self::Phrase(_) => "phrase",
        }
    }

    fn cipher(&self, salt: &[u8; SALT]) -> Result<LessSafeKey> {
        let mut derived = [0; LENGTH];
        let bytes = match self {
            Self::Bytes(bytes) => bytes,
            Self::Phrase(phrase) => {
                let method = ring::pbkdf2::PBKDF2_HMAC_SHA256;
                ring::pbkdf2::derive(method, ROUNDS, salt, phrase.as_bytes(), &mut derived);
                &derived
            }
        };
        let key = UnboundKey::new(&CHACHA20_POLY1305, bytes);
        key.map(LessSafeKey::new).map_err(|_| Error::internal("the key has a wrong length"))
    }
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| Error::new(Kind::Io, "the operating system gives no random bytes"))?;
    Ok(bytes)
}

fn user_file() -> Result<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = set("XDG_CONFIG_HOME")
        .or_else(|| set("APPDATA"))
        .or_else(|| std::env::home_dir().map(|home| home.join(".config")));
    let folder = folder.ok_or_else(|| {
        Error::new(Kind::NotFound, format!("there is no home folder to keep a key in; set {VARIABLE}"))
    })?;
    Ok(folder.join("geosharing").join("key"))
}

fn make(path: &Path) -> Result<()> {
    let fail = |error| Error::io("write the key", path, error);
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(fail)?;
    // Temporary files can be read by their user only.
    let mut aside = tempfile::NamedTempFile::with_prefix_in(".key-", folder).map_err(fail)?;
    let text = BASE64.encode(random::<LENGTH>()?);
    aside.write_all(text.as_bytes()).and_then(|()| aside.as_file().sync_data()).map_err(fail)?;
    match aside.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(fail(error.error)),
    }
}

#[cfg(unix)]
fn refuse_readable(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).map_err(|error| Error::io("read", path, error))?.permissions().mode();
    let others = mode & 0o077;
    if others == 0 {
        return Ok(());
    }
    Err(Error::new(
        Kind::Denied,
        format!(
            "others may read the key `{0}`; run `chmod 600 {0}`, or remove it to get a new one",
            path.display()
        ),
    ))
}

#[cfg(not(unix))]
fn refuse_readable(_path: &Path) -> Result<()> {
    Ok(())
}
