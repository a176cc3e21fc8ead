//! Writing values into their places, and reading them back.

use serde_json::Value;

use super::{Codec, Place, Row, ValueType, coerce};
use crate::sddraft::{Document, number};

/// What the product writes for "no groups".
const NO_GROUPS: &str = "false";

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(found) if found.is_f64() => number(found.as_f64().unwrap_or(0.0)),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Writes a text; `add` says whether a key that the draft does not have is added.
fn put_if(document: &mut Document, place: &Place, text: &str, add: bool) {
    if let Place::Property(set, key, _) = place
        && !add
        && document.property(*set, key).is_none()
    {
        return;
    }
    put(document, place, text);
}

fn put(document: &mut Document, place: &Place, text: &str) {
    match place {
        Place::Element(path) => {
            document.set_text_at(path, text);
        }
        Place::Property(set, key, kind) => {
            document.set_property(*set, key, text, *kind);
        }
    }
}

fn put_all(document: &mut Document, row: &Row, text: &str, add: bool) {
    for place in row.places {
        put_if(document, place, text, add);
    }
}

fn coded<'a>(pairs: &[(&str, &'a str)], text: &str) -> Option<&'a str> {
    pairs.iter().find(|(word, _)| *word == text).map(|(_, coded)| *coded)
}

fn decoded(pairs: &[(&'static str, &str)], text: &str) -> Option<Value> {
    let found = pairs.iter().find(|(_, coded)| coded.eq_ignore_ascii_case(text.trim()))?;
    Some(Value::from(found.0))
}

fn get(document: &Document, place: &Place) -> Option<String> {
    match place {
        Place::Element(path) => document.text_at(path).map(std::borrow::Cow::into_owned),
        Place::Property(set, key, _) => document.property(*set, key),
    }
}

fn members(list: &str) -> Vec<&str> {
    list.split(',').map(str::trim).filter(|word| !word.is_empty()).collect()
}

/// Writes one property into a draft. A default adds no key that the draft does not have.
pub fn write(document: &mut Document, row: &Row, value: &Value) {
    let add = *value != row.default.to_value();
    match row.codec {
        Codec::WhenSet if add => put_all(document, row, &plain(value), add),
        Codec::Nowhere | Codec::WhenSet => {}
        // Keys that a default leaves out are appended only when there is something to say.
        Codec::Plain if value.is_null() => {}
        Codec::Plain => put_all(document, row, &plain(value), add),
        Codec::Pairs(pairs) => {
            if let Some(text) = coded(pairs, &plain(value)) {
                put_all(document, row, text, add);
            }
        }
        Codec::Each(each) => {
            let text = plain(value);
            for (place, pairs) in row.places.iter().zip(each) {
                if let Some(text) = coded(pairs, &text) {
                    put_if(document, place, text, add);
                }
            }
        }
        Codec::Switch(name) => {
            let on = value.as_bool().unwrap_or(false);
            if on && document.find(&switch_path(name)).is_none() {
                add_extension(document, name);
            }
            put_all(document, row, &on.to_string(), add);
        }
        Codec::Tags => {
            if let Some(Place::Element(path)) = row.places.first() {
                write_tags(document, path, &plain(value));
            }
        }
        Codec::Member(word) => write_member(document, row, word, value.as_bool().unwrap_or(false)),
        Codec::Level => {
            let level = plain(value);
            let flags = [level == "ORGANIZATION" || level == "EVERYONE", level == "EVERYONE"];
            for (place, flag) in row.places.iter().zip(flags) {
                put_if(document, place, &flag.to_string(), add);
            }
        }
        Codec::Groups => {
            let groups = plain(value);
            let any = !members(&groups).is_empty();
            // Scripts overwrite the text node, so there has to be one where the product has one.
            let list = if any { members(&groups).join(",") } else { NO_GROUPS.to_owned() };
            let empty = |place| get(document, place).is_none_or(|text| text.is_empty() || text == NO_GROUPS);
            if !any && row.places.first().is_some_and(empty) {
                return;
            }
            for (place, text) in row.places.iter().zip([list, any.to_string()]) {
                put(document, place, &text);
            }
        }
    }
}

const EXTENSIONS: &str = "Configurations/SVCConfiguration/Definition/Extensions";

fn switch_path(name: &str) -> String {
    format!("{EXTENSIONS}/SVCExtension[TypeName='{name}']")
}

/// Adds an extension without keys: of some, such as `OGCFeatureServer`, no draft of the products is known.
fn add_extension(document: &mut Document, name: &str) {
    let Some(list) = document.find(EXTENSIONS) else { return };
    let tree = document.tree_mut();
    let extension = tree.append(list, "SVCExtension", &[("xsi:type", "typens:SVCExtension")], "");
    tree.append(extension, "Enabled", &[], "false");
    for set in ["Info", "Props"] {
        let set = tree.append(extension, set, &[("xsi:type", "typens:PropertySet")], "");
        let array = [("xsi:type", "typens:ArrayOfPropertySetProperty")];
        tree.append(set, "PropertyArray", &array, "");
    }
    tree.append(extension, "TypeName", &[], name);
    document.set_property(
        super::PropertySet::ExtensionInfo(name),
        "WebEnabled",
        "true",
        super::XsType::String,
    );
}

fn write_tags(document: &mut Document, path: &str, tags: &str) {
    let Some(id) = document.find(path) else { return };
    let tree = document.tree_mut();
    tree.clear(id);
    if tags.trim().is_empty() {
        return;
    }
    // Pro keeps the empty entry after a comma at the end.
    for tag in tags.split([',', ';']) {
        tree.append(id, "String", &[], tag.trim());
    }
}

fn write_member(document: &mut Document, row: &Row, word: &str, wanted: bool) {
    let Some((list, flags)) = row.places.split_first() else { return };
    let text = get(document, list).unwrap_or_default();
    let mut words = members(&text);
    words.retain(|found| !found.eq_ignore_ascii_case(word));
    if wanted {
        // After `Query`, where the product has it.
        let at = words.iter().position(|found| *found == "Query").map_or(0, |at| at + 1);
        words.insert(at, word);
    }
    put(document, list, &words.join(","));
    for flag in flags {
        put(document, flag, &wanted.to_string());
    }
}

/// Reads one property from a draft; `None` when the draft does not have it.
pub fn read(document: &Document, row: &Row) -> Option<Value> {
    let first = || get(document, row.places.first()?);
    let truth = |text: &str| text.trim().eq_ignore_ascii_case("true");
    let value = match row.codec {
        Codec::Nowhere => return None,
        Codec::Plain | Codec::WhenSet | Codec::Switch(_) => Value::from(first()?),
        Codec::Pairs(pairs) => decoded(pairs, &first()?)?,
        Codec::Each(each) => decoded(each.first()?, &first()?)?,
        Codec::Tags => {
            let tags = document.item_info().tags;
            Value::from(tags.join(", "))
        }
        Codec::Member(word) => {
            Value::from(members(&first()?).iter().any(|found| found.eq_ignore_ascii_case(word)))
        }
        Codec::Level => {
            let flags: Vec<bool> = row
                .places
                .iter()
                .map(|place| get(document, place).is_some_and(|text| truth(&text)))
                .collect();
            Value::from(match flags.as_slice() {
                [_, true] => "EVERYONE",
                [true, _] => "ORGANIZATION",
                _ => "",
            })
        }
        Codec::Groups => {
            let list = first()?;
            Value::from(if list == NO_GROUPS { String::new() } else { list })
        }
    };
    if row.value == ValueType::Text { Some(value) } else { coerce(row, &value).ok() }
}
