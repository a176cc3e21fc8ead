//! Why a text is not a document: the checks that the XML reader leaves to us, and their words.

use quick_xml::errors::IllFormedError;
use quick_xml::escape::unescape;

use super::{MAX_BYTES, MAX_DEPTH, MAX_ELEMENTS};
use crate::error::{Error, Result};

pub(super) fn check_attributes(tag: &quick_xml::events::BytesStart<'_>) -> Result<(), Fault> {
    if tag.attributes_raw().is_empty() {
        return Ok(());
    }
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| Fault::Owned(format!("a faulty attribute ({error})")))?;
        if attribute.value.contains('&') {
            unescape(&attribute.value)
                .map_err(|error| Fault::Owned(format!("an attribute with a faulty entity ({error})")))?;
        }
    }
    Ok(())
}

pub(super) fn check_reference(reference: &quick_xml::events::BytesRef<'_>) -> Result<(), Fault> {
    if reference.is_char_ref() {
        return match reference.resolve_char_ref() {
            Ok(Some(_)) => Ok(()),
            _ => Err(Fault::Text("a character reference that is no character")),
        };
    }
    let name: &str = reference;
    if matches!(name, "lt" | "gt" | "amp" | "apos" | "quot") {
        return Ok(());
    }
    let short: String = name.chars().take(40).collect();
    Err(Fault::Owned(format!("the entity `&{short};`, which is not one of XML's own five")))
}

/// Why the text is not a document, before its place in the file is known.
pub(super) enum Fault {
    Text(&'static str),
    Owned(String),
    Truncated,
    DocType,
    Depth,
    Elements,
}

impl From<quick_xml::Error> for Fault {
    fn from(error: quick_xml::Error) -> Self {
        match error {
            quick_xml::Error::Syntax(_) | quick_xml::Error::IllFormed(IllFormedError::MissingEndTag(_)) => {
                Self::Truncated
            }
            other => Self::Owned(format!("markup that is not well formed ({other})")),
        }
    }
}

impl Fault {
    pub(super) fn at(self, text: &str, position: usize) -> Error {
        let before = text.as_bytes().get(..position).unwrap_or(text.as_bytes());
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let column = before.len() - memchr::memrchr(b'\n', before).map_or(0, |at| at + 1) + 1;
        let place = format!("line {line}, column {column}");
        let again = "export the draft again, or undo the last edit of its XML";
        match self {
            Self::Text(what) => Error::invalid(format!("it has {what} at {place}: {again}")),
            Self::Owned(what) => Error::invalid(format!("it has {what} at {place}: {again}")),
            Self::Truncated => {
                Error::invalid(format!("it ends inside an element, at {place}, so it is cut off: {again}"))
            }
            Self::DocType => Error::invalid(format!(
                "it has a document type declaration at {place}, which no draft needs and which can hide an \
                 entity bomb: remove the `<!DOCTYPE` part"
            )),
            Self::Depth => Error::limit(format!(
                "its elements are nested more than {MAX_DEPTH} deep at {place}: no genuine draft comes near; {again}"
            )),
            Self::Elements => Error::limit(format!(
                "it has more than {MAX_ELEMENTS} elements: no genuine draft comes near; {again}"
            )),
        }
    }
}

pub(in crate::sddraft) fn too_big(length: usize) -> Error {
    Error::limit(format!(
        "it has {} MiB and drafts are read up to {} MiB: remove embedded thumbnails from the metadata",
        length >> 20,
        MAX_BYTES >> 20
    ))
}
