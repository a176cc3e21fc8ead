//! From bytes to text and back: UTF-8, UTF-16 and the code pages that scripts leave behind.

use encoding_rs::{Encoding as CodePage, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::error::{Error, Result};

/// How a draft's bytes spell its text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Encoding {
    page: &'static CodePage,
    bom: bool,
    assumed: bool,
}

impl Default for Encoding {
    fn default() -> Self {
        Self { page: UTF_8, bom: false, assumed: false }
    }
}

impl Encoding {
    /// Returns the name, such as `UTF-8` or `windows-1252`.
    pub fn name(self) -> &'static str {
        self.page.name()
    }

    /// Returns whether the file starts with a byte order mark.
    pub fn has_byte_order_mark(self) -> bool {
        self.bom
    }

    /// Returns whether the name is a guess: the bytes are not UTF-8 and nothing says what they are.
    pub fn is_assumed(self) -> bool {
        self.assumed
    }

    fn encode_unit(self, text: &str, out: &mut Vec<u8>) {
        for unit in text.encode_utf16() {
            out.extend(if self.page == UTF_16BE { unit.to_be_bytes() } else { unit.to_le_bytes() });
        }
    }

    /// Spells `text` in this encoding; characters that it lacks become character references.
    pub(super) fn encode(self, text: String) -> Vec<u8> {
        if self.page == UTF_8 {
            if !self.bom {
                return text.into_bytes();
            }
            let mut out = Vec::with_capacity(text.len() + 3);
            out.extend([0xEF, 0xBB, 0xBF]);
            out.extend(text.into_bytes());
            return out;
        }
        if self.page == UTF_16LE || self.page == UTF_16BE {
            let mut out = Vec::with_capacity(text.len() * 2 + 2);
            if self.bom {
                self.encode_unit("\u{FEFF}", &mut out);
            }
            self.encode_unit(&text, &mut out);
            return out;
        }
        self.page.encode(&text).0.into_owned()
    }
}

/// Reads the text of a draft and remembers its spelling.
pub(super) fn decode(bytes: &[u8]) -> Result<(String, Encoding)> {
    if let Some((page, length)) = CodePage::for_bom(bytes) {
        let text = decode_with(page, bytes.get(length..).unwrap_or_default())?;
        return Ok((text, Encoding { page, bom: true, assumed: false }));
    }
    let wide = match bytes {
        [b'<', 0, ..] => Some(UTF_16LE),
        [0, b'<', ..] => Some(UTF_16BE),
        _ => None,
    };
    if let Some(page) = wide {
        return Ok((decode_with(page, bytes)?, Encoding { page, bom: false, assumed: false }));
    }
    let declared = declared_label(bytes).and_then(|label| CodePage::for_label(label.as_bytes()));
    if let Some(page) = declared.filter(|page| page.is_ascii_compatible() && *page != UTF_8) {
        return Ok((decode_with(page, bytes)?, Encoding { page, bom: false, assumed: false }));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok((text.to_owned(), Encoding::default()));
    }
    // Python's `open(path, "w")` on Windows writes the local code page and minidom declares nothing.
    let text = decode_with(WINDOWS_1252, bytes)?;
    Ok((text, Encoding { page: WINDOWS_1252, bom: false, assumed: true }))
}

fn decode_with(page: &'static CodePage, bytes: &[u8]) -> Result<String> {
    page.decode_without_bom_handling_and_without_replacement(bytes).map(String::from).ok_or_else(|| {
        Error::invalid(format!("its bytes are not valid `{}` text: write the file as UTF-8", page.name()))
    })
}

fn declared_label(bytes: &[u8]) -> Option<&str> {
    let head = bytes.get(..bytes.len().min(256))?;
    let head = head.strip_prefix(b"<?xml")?;
    let end = head.windows(2).position(|pair| pair == b"?>")?;
    let declaration = std::str::from_utf8(head.get(..end)?).ok()?;
    let (_, rest) = declaration.split_once("encoding")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest.get(1..)?.split(quote).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(bytes: &[u8]) -> (String, Encoding) {
        let (text, encoding) = decode(bytes).unwrap();
        assert_eq!(encoding.encode(text.clone()), bytes);
        (text, encoding)
    }

    #[test]
    fn utf_16_with_and_without_a_mark_comes_back() {
        let le: Vec<u8> = "<a>\u{10D}\u{1F600}</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(round_trip(&le).0, "<a>\u{10D}\u{1F600}</a>");
        let be: Vec<u8> = "\u{FEFF}<a/>".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert!(round_trip(&be).1.has_byte_order_mark());
    }

    #[test]
    fn undeclared_legacy_bytes_come_back_and_are_marked_as_a_guess() {
        let every: Vec<u8> = b"<a>".iter().copied().chain(0x80..=0xFF).chain(*b"</a>").collect();
        assert!(round_trip(&every).1.is_assumed());
    }

    #[test]
    fn a_declared_code_page_is_believed() {
        let (text, encoding) = round_trip(b"<?xml version='1.0' encoding='windows-1250'?><a>\xE8\x9A</a>");
        assert!(text.contains("\u{10D}\u{161}"));
        assert!(!encoding.is_assumed());
    }

    #[test]
    fn a_character_outside_the_code_page_becomes_a_reference() {
        let (_, encoding) = decode(b"<?xml version='1.0' encoding='latin1'?><a>\xE9</a>").unwrap();
        assert_eq!(encoding.encode("<a>\u{10D}</a>".into()), b"<a>&#269;</a>");
    }
}
