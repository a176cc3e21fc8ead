//! The draft of a service as JSON, element by element.
//!
//! An element is a list: its name, an object of its attributes if it has any, then its children or its text,
//! as JsonML has it. White space between elements is left out, so what is read back is the same draft in the
//! products' own style.

use std::fmt::Write as _;

use quick_xml::escape::escape;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::sddraft::{Document, NodeId, Tree};

/// Returns a draft as JSON.
pub(super) fn value(draft: &Document) -> Value {
    element(draft.tree(), draft.tree().root())
}

fn element(tree: &Tree, id: NodeId) -> Value {
    let mut out = vec![Value::from(tree.name(id))];
    let attributes: Map<String, Value> =
        tree.attributes(id).into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
    if !attributes.is_empty() {
        out.push(Value::Object(attributes));
    }
    let before = out.len();
    // The depth was bounded when the tree was read.
    out.extend(tree.children(id).map(|child| element(tree, child)));
    let text = tree.text(id);
    if out.len() == before && !text.is_empty() {
        out.push(text.into());
    }
    Value::Array(out)
}

/// Returns the draft that JSON describes.
///
/// # Errors
/// It describes no draft; the text says what it is instead.
pub(super) fn document(value: &Value) -> Result<Document> {
    let mut out = String::with_capacity(64 << 10);
    write(value, &mut out)?;
    Document::from_text(out).map_err(|error| error.context("cannot read `draft`"))
}

fn write(value: &Value, out: &mut String) -> Result<()> {
    let wrong = |what: &str| {
        Error::invalid(format!(
            "cannot read `draft`: {what}; an element is a list of its name, its attributes and its children, \
             as to_envelope writes it"
        ))
    };
    let Some((Value::String(name), rest)) = value.as_array().and_then(|items| items.split_first()) else {
        return Err(wrong("it is no list that begins with a name"));
    };
    let is_name = |name: &str| {
        let mut letters = name.chars();
        letters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
            && letters.all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':'))
    };
    if !is_name(name) {
        let shown: String = name.chars().take(40).collect();
        return Err(wrong(&format!("`{shown}` is no name of an element")));
    }
    let _ = write!(out, "<{name}");
    let mut nil = false;
    let (attributes, rest) = match rest.split_first() {
        Some((Value::Object(attributes), rest)) => (Some(attributes), rest),
        _ => (None, rest),
    };
    for (key, value) in attributes.into_iter().flatten() {
        let Some(text) = value.as_str().filter(|_| is_name(key)) else {
            return Err(wrong(&format!("an attribute of `{name}` is no name with a text")));
        };
        nil |= key.ends_with(":nil");
        let _ = write!(out, " {key}='{}'", escape(text));
    }
    if nil && rest.is_empty() {
        out.push_str("/>");
        return Ok(());
    }
    out.push('>');
    for child in rest {
        match child {
            Value::String(text) => out.push_str(&escape(text.as_str())),
            child => write(child, out)?,
        }
    }
    let _ = write!(out, "</{name}>");
    Ok(())
}
