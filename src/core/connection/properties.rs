//! The stream of properties: a name, two class ids, then counted names with typed values.

use crate::{Error, Result};

/// Class ids as they stand in the stream: of a connection's name, and of a set of properties.
const NAME_CLASS: [u8; 16] =
    [0x3f, 0x5c, 0xa3, 0xcb, 0xef, 0xed, 0x8f, 0x40, 0x8b, 0x51, 0x51, 0x07, 0x84, 0xc7, 0x8e, 0xb9];
const SET_CLASS: [u8; 16] =
    [0x11, 0x5a, 0x8e, 0x58, 0x9b, 0xd0, 0xd1, 0x11, 0xaa, 0x7c, 0x00, 0xc0, 0x4f, 0xa3, 0x3a, 0x15];
const MOST_PROPERTIES: u32 = 1000;

/// A value, of the types that connection files have.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Property {
    Flag(bool),
    Number(i32),
    Text(String),
    /// Bytes of a product's own, such as its sealed password.
    Bytes,
    /// A type of no interest here.
    Other,
}

/// Properties in the order of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Properties(pub(super) Vec<(String, Property)>);

impl Properties {
    pub(super) fn get(&self, name: &str) -> Option<&Property> {
        self.0.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Property::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn number(&self, name: &str) -> Option<i32> {
        match self.get(name)? {
            Property::Number(number) => Some(*number),
            _ => None,
        }
    }
}

struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or_else(|| Error::invalid("it breaks off in the middle of a property"))?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let taken = self.take(N)?;
        taken.try_into().map_err(|_| Error::invalid("it breaks off in the middle of a property"))
    }

    fn u16(&mut self) -> Result<u16> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    /// A length in bytes, then UTF-16 with its closing zero.
    fn text(&mut self) -> Result<String> {
        let length = self.u32()? as usize;
        let units: Vec<u16> = self
            .take(length)?
            .chunks_exact(2)
            .filter_map(|pair| <[u8; 2]>::try_from(pair).ok())
            .map(u16::from_le_bytes)
            .collect();
        Ok(String::from_utf16_lossy(&units).trim_end_matches('\0').to_owned())
    }
}

/// Reads the stream.
pub(super) fn parse(stream: &[u8]) -> Result<Properties> {
    let mut cursor = Cursor { rest: stream };
    cursor.u16()?;
    cursor.text()?;
    let name_class: [u8; 16] = cursor.array()?;
    cursor.u16()?;
    let set_class: [u8; 16] = cursor.array()?;
    cursor.u16()?;
    if name_class != NAME_CLASS || set_class != SET_CLASS {
        return Err(Error::unsupported("it holds a connection of another kind than to an ArcGIS Server"));
    }
    let count = cursor.u32()?;
    if count > MOST_PROPERTIES {
        return Err(Error::limit(format!("it announces {count} properties; {MOST_PROPERTIES} are read")));
    }
    let mut properties = Properties::default();
    for _ in 0..count {
        let name = cursor.text()?;
        let Some(value) = value(&mut cursor)? else {
            // Of a type with an unknown length: what follows cannot be found.
            properties.0.push((name, Property::Other));
            break;
        };
        properties.0.push((name, value));
    }
    Ok(properties)
}

/// Reads a value behind its COM type; nothing when the type's length is not known.
fn value(cursor: &mut Cursor<'_>) -> Result<Option<Property>> {
    Ok(Some(match cursor.u16()? {
        0 | 1 => Property::Other,
        2 | 18 => {
            cursor.take(2)?;
            Property::Other
        }
        3 | 19 | 22 | 23 => Property::Number(i32::from_le_bytes(cursor.array()?)),
        4 => {
            cursor.take(4)?;
            Property::Other
        }
        5..=7 => {
            cursor.take(8)?;
            Property::Other
        }
        8 => Property::Text(cursor.text()?),
        11 => Property::Flag(cursor.u16()? != 0),
        16 | 17 => {
            cursor.take(1)?;
            Property::Other
        }
        0x2011 => {
            let length = cursor.u32()? as usize;
            cursor.take(length)?;
            Property::Bytes
        }
        _ => return Ok(None),
    }))
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    let units: Vec<u16> = text.encode_utf16().chain([0]).collect();
    out.extend(u32::try_from(units.len() * 2).unwrap_or(u32::MAX).to_le_bytes());
    out.extend(units.into_iter().flat_map(u16::to_le_bytes));
}

/// Writes the stream; values of types that are not written here are left out.
pub(super) fn write(name: &str, properties: &Properties) -> Vec<u8> {
    let written =
        |value: &Property| matches!(value, Property::Flag(_) | Property::Number(_) | Property::Text(_));
    let count = properties.0.iter().filter(|(_, value)| written(value)).count();
    let mut out = Vec::new();
    out.extend(1_u16.to_le_bytes());
    put_text(&mut out, name);
    out.extend(NAME_CLASS);
    out.extend(2_u16.to_le_bytes());
    out.extend(SET_CLASS);
    out.extend(1_u16.to_le_bytes());
    out.extend(u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
    for (name, value) in properties.0.iter().filter(|(_, value)| written(value)) {
        put_text(&mut out, name);
        match value {
            Property::Flag(flag) => {
                out.extend(11_u16.to_le_bytes());
                out.extend(if *flag { [0xff, 0xff] } else { [0, 0] });
            }
            Property::Number(number) => {
                out.extend(3_u16.to_le_bytes());
                out.extend(number.to_le_bytes());
            }
            Property::Text(text) => {
                out.extend(8_u16.to_le_bytes());
                put_text(&mut out, text);
            }
            Property::Bytes | Property::Other => {}
        }
    }
    // A text about the connection, empty in most real files.
    put_text(&mut out, "");
    out
}
