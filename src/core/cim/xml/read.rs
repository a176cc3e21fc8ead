//! From elements to JSON values.

use serde_json::{Map, Value, json};

use super::tree::Element;
use super::{key_of, scalar, special};
use crate::Result;

/// Converts the root element.
pub(super) fn element(root: &Element, document: &str) -> Result<Value> {
    if root.kind.is_none() && !root.name.starts_with("CIM") {
        return Err(crate::Error::invalid(format!(
            "`{document}` begins with `{}`, which is no CIM document",
            root.name
        )));
    }
    convert(root, "", document)
}

/// Converts an element that is a member of an object of type `owner`.
pub(super) fn convert(element: &Element, owner: &str, document: &str) -> Result<Value> {
    let kind = element.kind.as_deref();
    if let Some(value) = special::read(element, document)? {
        return Ok(value);
    }
    match kind {
        Some(list) if list.starts_with("ArrayOf") => element
            .elements()
            .map(|item| convert_item(item, document))
            .collect::<Result<_>>()
            .map(Value::Array),
        Some("xs:string") => Ok(Value::String(element.text(document)?)),
        Some(simple) if simple.starts_with("xs:") || simple.starts_with("xsd:") => {
            let text = element.text(document)?;
            Ok(match text.as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                _ => scalar::number(&text).unwrap_or(Value::String(text)),
            })
        }
        Some(class) => {
            let mut out = Map::new();
            out.insert("type".to_owned(), json!(class));
            members(element, class, &mut out, document)?;
            Ok(Value::Object(out))
        }
        None if element.elements().next().is_some() => {
            let mut out = Map::new();
            members(element, "", &mut out, document)?;
            Ok(Value::Object(out))
        }
        None => Ok(scalar::typed(element.text(document)?, &element.name, owner)),
    }
}

fn members(element: &Element, class: &str, out: &mut Map<String, Value>, document: &str) -> Result<()> {
    for child in element.elements() {
        out.insert(key_of(&child.name), convert(child, class, document)?);
    }
    Ok(())
}

/// Converts an element of a list: its name is its type.
fn convert_item(item: &Element, document: &str) -> Result<Value> {
    if item.kind.is_some() || item.elements().next().is_some() {
        return convert(item, "", document);
    }
    let text = item.text(document)?;
    Ok(match item.name.as_str() {
        "String" => Value::String(text),
        _ => match text.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => scalar::number(&text).unwrap_or(Value::String(text)),
        },
    })
}
