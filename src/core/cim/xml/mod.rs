//! CIM documents of Pro 1.x and 2.x: XML to the JSON of Pro 3.x, and edits back into the XML.
//!
//! Reading gives the JSON that Pro 3 would write, except that defaults stay written out. Writing
//! never prints the whole document anew: [`merge`] changes the elements whose values changed and
//! keeps every other byte.

mod merge;
mod read;
mod scalar;
mod special;
mod tree;
mod write;

pub use merge::merge;
pub use write::write;

use serde_json::Value;

use crate::Result;

/// Reads a CIM document of Pro 1.x or 2.x; `name` is for messages.
///
/// # Errors
/// [`crate::Kind::InvalidInput`] for XML that is not well formed, declares entities or is no CIM
/// document, [`crate::Kind::Limit`] for nesting without end.
pub fn parse(source: &str, name: &str) -> Result<Value> {
    let tree = tree::parse(source, name)?;
    read::element(&tree.root, name)
}

/// Returns the JSON key of an element name: `URI` is `uRI`, `URL` is `url`.
pub(super) fn key_of(element: &str) -> String {
    if element == "URL" {
        return "url".to_owned();
    }
    let mut out = String::with_capacity(element.len());
    let mut chars = element.chars();
    out.extend(chars.next().map(|first| first.to_ascii_lowercase()));
    out.push_str(chars.as_str());
    out
}

/// Returns the element name of a JSON key.
pub(super) fn element_of(key: &str) -> String {
    if key == "url" {
        return "URL".to_owned();
    }
    let mut out = String::with_capacity(key.len());
    let mut chars = key.chars();
    out.extend(chars.next().map(|first| first.to_ascii_uppercase()));
    out.push_str(chars.as_str());
    out
}
