//! From JSON values to new elements.

use serde_json::Value;

use super::tree::{append, escape};
use super::{element_of, special};
use crate::{Error, Result};

/// Declared types of lists whose members are of several classes.
const ABSTRACT: &[(&str, &str)] = &[
    ("symbolLayers", "CIMSymbolLayer"),
    ("effects", "CIMGeometricEffect"),
    ("visualVariables", "CIMVisualVariable"),
    ("views", "CIMView"),
    ("mediaInfos", "CIMMediaInfo"),
    ("elements", "CIMElement"),
];

/// Writes a whole document as Pro `version` would.
///
/// # Errors
/// [`crate::Kind::Unsupported`] for values that the XML of that version cannot carry.
pub fn write(value: &Value, version: &str) -> Result<String> {
    let kind = crate::cim::type_of(value);
    if kind.is_empty() {
        return Err(Error::invalid("a definition without `type` cannot be written as XML"));
    }
    let mut out = format!(
        "<{kind} xsi:type='typens:{kind}' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' \
         xmlns:xs='http://www.w3.org/2001/XMLSchema' \
         xmlns:typens='http://www.esri.com/schemas/ArcGIS/{version}'>"
    );
    members(value, &mut out)?;
    append(&mut out, format_args!("</{kind}>"));
    Ok(out)
}

fn members(value: &Value, out: &mut String) -> Result<()> {
    for (key, member) in value.as_object().into_iter().flatten() {
        if key != "type" {
            member_of(key, member, out)?;
        }
    }
    Ok(())
}

/// Writes one member of an object.
pub(super) fn member_of(key: &str, value: &Value, out: &mut String) -> Result<()> {
    element(&element_of(key), key, value, out)
}

/// Writes a value as an element of that name; `key` is the list's key for members of lists.
pub(super) fn element(name: &str, key: &str, value: &Value, out: &mut String) -> Result<()> {
    match value {
        Value::Null => {}
        Value::Bool(flag) => append(out, format_args!("<{name}>{flag}</{name}>")),
        Value::Number(number) => append(out, format_args!("<{name}>{number}</{name}>")),
        Value::String(text) => append(out, format_args!("<{name}>{}</{name}>", escape(text))),
        Value::Array(list) => {
            let class = list_class(key, list);
            append(out, format_args!("<{name} xsi:type='typens:ArrayOf{class}'>"));
            for item in list {
                element(&class, key, item, out)?;
            }
            append(out, format_args!("</{name}>"));
        }
        Value::Object(_) => {
            if let Some((kind, inner)) = special::write(value) {
                append(out, format_args!("<{name} xsi:type='typens:{kind}'>{inner}</{name}>"));
                return Ok(());
            }
            let kind = crate::cim::type_of(value);
            if kind.is_empty() {
                return Err(Error::unsupported(format!(
                    "`{key}` holds an object without `type`, which cannot be written into a project of Pro 2.x; save the project with Pro 3 first"
                )));
            }
            append(out, format_args!("<{name} xsi:type='typens:{kind}'>"));
            members(value, out)?;
            append(out, format_args!("</{name}>"));
        }
    }
    Ok(())
}

/// Names the declared type of a list.
pub(super) fn list_class(key: &str, list: &[Value]) -> String {
    if let Some((_, class)) = ABSTRACT.iter().find(|(name, _)| *name == key) {
        return (*class).to_owned();
    }
    match list.first() {
        Some(Value::Number(_)) => "Double".to_owned(),
        Some(value @ Value::Object(_)) => crate::cim::type_of(value).to_owned(),
        _ => "String".to_owned(),
    }
}
