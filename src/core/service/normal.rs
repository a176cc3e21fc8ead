//! The form in which servers write a description: strings in properties, bare numbers beside them.

use serde_json::{Map, Value};

use crate::sddraft::table::{self, Key, Part, Shape};

/// Keys that servers read only in this place: the first is followed by the others.
const TOGETHER: (&str, [&str; 2]) =
    ("maxRecordCount", ["dateFieldsTimezoneID", "dateFieldsRespectsDayLightSavingTime"]);

/// Returns the names that a key has to follow, the nearest first.
pub(super) fn comes_after(name: &str) -> &'static [&'static str] {
    const AFTER: [&str; 2] = [TOGETHER.1[0], TOGETHER.0];
    match TOGETHER.1.iter().position(|other| other.eq_ignore_ascii_case(name)) {
        Some(0) => &AFTER[1..],
        Some(_) => &AFTER,
        None => &[],
    }
}

/// Returns the row of a member of the service itself.
pub(super) fn member(name: &str) -> Option<&'static Key> {
    [Part::Service, Part::Props, Part::Info].into_iter().find_map(|part| table::key_in_json(part, name))
}

/// Returns a value as the text that servers keep in properties.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Returns the value of a member of the service itself as servers write it.
pub(super) fn member_value(name: &str, value: &Value) -> Value {
    let Some(key) = member(name) else { return value.clone() };
    let given = text(value);
    let trimmed = given.trim();
    match &key.value {
        Shape::Json => value.clone(),
        Shape::Flag => match trimmed.to_ascii_lowercase().as_str() {
            "true" => true.into(),
            "false" => false.into(),
            _ => value.clone(),
        },
        Shape::Integer(..) => trimmed.parse::<i64>().map_or_else(|_| value.clone(), Value::from),
        Shape::Choice(words) => {
            let word = words.iter().find(|word| word.eq_ignore_ascii_case(trimmed));
            word.map_or_else(|| value.clone(), |word| Value::from(*word))
        }
        _ if value.is_object() || value.is_array() => value.clone(),
        _ => given.into(),
    }
}

/// Returns properties as servers write them: strings, in the order that servers need.
pub(super) fn properties(of: &Map<String, Value>) -> Map<String, Value> {
    let mut out: Map<String, Value> =
        of.iter().map(|(name, value)| (name.clone(), Value::from(text(value)))).collect();
    let (first, others) = TOGETHER;
    let is = |name: &str, wanted: &str| name.eq_ignore_ascii_case(wanted);
    if !out.keys().any(|name| is(name, first)) || !out.keys().any(|name| is(name, others[0])) {
        return out;
    }
    let mut moved: Vec<(String, Value)> = Vec::new();
    for wanted in others {
        let found = out.keys().find(|name| is(name, wanted)).cloned();
        moved.extend(found.and_then(|name| out.shift_remove_entry(&name)));
    }
    let mut ordered = Map::new();
    for (name, value) in out {
        let here = is(&name, first);
        ordered.insert(name, value);
        if here {
            ordered.extend(std::mem::take(&mut moved));
        }
    }
    ordered
}

fn extension(of: &Map<String, Value>) -> Value {
    let value = |name: &str, value: &Value| match (name, value) {
        ("properties", Value::Object(found)) => Value::Object(properties(found)),
        ("enabled", value) => text(value).trim().to_ascii_lowercase().into(),
        ("typeName" | "capabilities", value) if !value.is_object() && !value.is_array() => text(value).into(),
        (name, value) => member_value(name, value),
    };
    Value::Object(of.iter().map(|(name, found)| (name.clone(), value(name, found))).collect())
}

/// Returns a service as servers write it.
pub(super) fn service(of: &Map<String, Value>) -> Map<String, Value> {
    let value = |name: &str, value: &Value| match (name, value) {
        ("properties" | "frameworkProperties", Value::Object(found)) => Value::Object(properties(found)),
        ("extensions", Value::Array(found)) => {
            found.iter().map(|found| found.as_object().map_or_else(|| found.clone(), extension)).collect()
        }
        (name, value) => member_value(name, value),
    };
    of.iter().map(|(name, found)| (name.clone(), value(name, found))).collect()
}
