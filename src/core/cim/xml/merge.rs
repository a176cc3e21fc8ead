//! Carrying edits of the JSON back into the XML that it was read from.

use serde_json::Value;

use super::tree::{Element, Node, escape};
use super::{key_of, special, tree, write};
use crate::{Error, Result};

/// Writes the differences between two states of a document into its XML; all else keeps its bytes.
///
/// # Errors
/// Those of [`super::parse`], and [`crate::Kind::Unsupported`] for values that Pro 2.x has no XML for.
pub fn merge(source: &str, before: &Value, after: &Value) -> Result<String> {
    let mut tree = tree::parse(source, "the document")?;
    change(&mut tree.root, before, after)?;
    Ok(tree.write())
}

fn change(element: &mut Element, before: &Value, after: &Value) -> Result<()> {
    if before == after {
        return Ok(());
    }
    match (before, after) {
        (Value::Object(old), Value::Object(new))
            if special::write(before).is_none()
                && special::write(after).is_none()
                && old.get("type") == new.get("type") =>
        {
            element.children.retain(|node| match node {
                Node::Element(child) => new.contains_key(&key_of(&child.name)),
                _ => true,
            });
            for (key, value) in new {
                if key == "type" || old.get(key) == Some(value) {
                    continue;
                }
                let known = element.children.iter_mut().find_map(|node| match node {
                    Node::Element(child) if key_of(&child.name) == *key => Some(child),
                    _ => None,
                });
                match (known, old.get(key)) {
                    (Some(child), Some(old)) => change(child, old, value)?,
                    _ => append(element, |out| write::member_of(key, value, out))?,
                }
            }
            Ok(())
        }
        (Value::Array(old), Value::Array(new))
            if element.kind.as_deref().is_some_and(|kind| kind.starts_with("ArrayOf")) =>
        {
            change_list(element, old, new)
        }
        (_, Value::String(text)) if element.elements().next().is_none() => {
            element.set_text(text);
            Ok(())
        }
        (_, Value::Bool(_) | Value::Number(_)) if element.elements().next().is_none() => {
            element.set_text(&after.to_string());
            Ok(())
        }
        _ => replace(element, after),
    }
}

/// Keeps the items that stayed at the front and the back, and writes what changed between them.
fn change_list(element: &mut Element, old: &[Value], new: &[Value]) -> Result<()> {
    let class =
        element.kind.as_deref().and_then(|kind| kind.strip_prefix("ArrayOf")).unwrap_or("String").to_owned();
    let items: Vec<Element> = element.elements().cloned().collect();
    if items.len() != old.len() {
        return Err(Error::internal("a list of the document and its XML differ in length"));
    }
    let front = old.iter().zip(new).take_while(|(left, right)| left == right).count();
    let rest = old.len().min(new.len()) - front;
    let back =
        old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(left, right)| left == right).count();
    let mut out: Vec<Node> = items.iter().take(front).cloned().map(Node::Element).collect();
    for (at, value) in new.iter().enumerate().take(new.len() - back).skip(front) {
        match (items.get(at), old.get(at)) {
            (Some(item), Some(was)) if at < old.len() - back => {
                let mut item = item.clone();
                change(&mut item, was, value)?;
                out.push(Node::Element(item));
            }
            _ => {
                let mut text = String::new();
                let name = items.first().map_or(class.as_str(), |item| item.name.as_str());
                write::element(name, "", value, &mut text)?;
                out.push(Node::Other(text));
            }
        }
    }
    out.extend(items.into_iter().skip(old.len() - back).map(Node::Element));
    open_up(element);
    element.children = out;
    Ok(())
}

/// Replaces an element by the writing of another value, under the same name.
fn replace(element: &mut Element, value: &Value) -> Result<()> {
    let mut text = String::new();
    match value {
        Value::Null => {}
        Value::String(new) => text = format!("<{0}>{1}</{0}>", element.name, escape(new)),
        _ => write::element(&element.name, &key_of(&element.name), value, &mut text)?,
    }
    element.open = text;
    element.close = String::new();
    element.children.clear();
    Ok(())
}

fn append(element: &mut Element, writer: impl FnOnce(&mut String) -> Result<()>) -> Result<()> {
    let mut text = String::new();
    writer(&mut text)?;
    open_up(element);
    element.children.push(Node::Other(text));
    Ok(())
}

/// Turns `<a/>` into `<a></a>`.
fn open_up(element: &mut Element) {
    if element.close.is_empty() {
        element.set_text("");
        element.children.clear();
    }
}
