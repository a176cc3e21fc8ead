//! Reading members of CIM objects: absent means the default of its type.

use serde_json::Value;

/// Returns a member, whatever the case of its key: Pro spells `uRI`, hand-written files `URI`.
pub fn get<'a>(object: &'a Value, key: &str) -> Option<&'a Value> {
    let object = object.as_object()?;
    object
        .get(key)
        .or_else(|| object.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value))
        .filter(|value| !value.is_null())
}

/// Returns a text member that is not empty.
pub fn text<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    get(object, key)?.as_str().filter(|text| !text.is_empty())
}

/// Returns a numeric member; the text `"NaN"` that Pro writes counts as absent.
pub fn number(object: &Value, key: &str) -> Option<f64> {
    match get(object, key)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok().filter(|number: &f64| number.is_finite()),
        _ => None,
    }
}

/// Returns a boolean member, absent ones as `false`.
pub fn flag(object: &Value, key: &str) -> bool {
    match get(object, key) {
        Some(Value::Bool(value)) => *value,
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}

/// Returns the elements of a list member, absent ones as empty.
pub fn items<'a>(object: &'a Value, key: &str) -> &'a [Value] {
    get(object, key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Returns the type name of a CIM object, `CIMFeatureLayer`.
pub fn type_of(object: &Value) -> &str {
    text(object, "type").unwrap_or_default()
}

/// Returns the `CIMPATH=...` of a definition.
pub fn uri_of(object: &Value) -> Option<&str> {
    text(object, "uRI")
}
