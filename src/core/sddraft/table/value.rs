//! Values as scripts spell them, made into the type of their row.

use serde_json::Value;

use super::{Default, Row, ValueType};
use crate::error::{Error, Result};

impl Default {
    /// Returns the default as a value.
    pub fn to_value(self) -> Value {
        match self {
            Self::None => Value::Null,
            Self::Text(text) => text.into(),
            Self::Flag(flag) => flag.into(),
            Self::Integer(number) => number.into(),
        }
    }
}

fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let short: String = text.chars().take(60).collect();
    if short.len() < text.len() { format!("{short}...") } else { short }
}

/// Makes a value fit a row: `"true"` for a flag, `"2000"` for a number, a list for a text with commas.
///
/// # Errors
/// The value is no such thing; the text names the property, the value and what is allowed.
pub fn coerce(row: &Row, value: &Value) -> Result<Value> {
    // `None`, `""` and `"#"` mean "not set" all over arcpy.
    let unset = match value {
        Value::Null => true,
        Value::String(text) => text == "#" || (text.is_empty() && row.value != ValueType::Text),
        _ => false,
    };
    if unset {
        return Ok(row.default.to_value());
    }
    let wrong = |what: &str| {
        Error::invalid(format!("`{}` cannot be `{}`: it must be {what}", row.property, shown(value)))
    };
    match row.value {
        ValueType::Text => text(value).map(Value::from).ok_or_else(|| wrong("a text")),
        ValueType::Flag => flag(value).map(Value::from).ok_or_else(|| wrong("true or false")),
        ValueType::Integer(least, most) => {
            let number = whole(value).filter(|number| (least..=most).contains(number));
            number.map(Value::from).ok_or_else(|| wrong(&format!("a whole number from {least} to {most}")))
        }
        ValueType::Number => number(value).ok_or_else(|| wrong("a number")),
        ValueType::Choice(words) => {
            let found = text(value).and_then(|text| pick(words, text.trim()));
            found.map(Value::from).ok_or_else(|| wrong(&format!("one of {}", list(words))))
        }
        ValueType::Words(words) => {
            let text = text(value).ok_or_else(|| wrong("a text with commas"))?;
            let mut picked: Vec<&str> = Vec::new();
            for word in text.split([',', ';']).map(str::trim).filter(|word| !word.is_empty()) {
                let word = pick(words, word).ok_or_else(|| {
                    Error::invalid(format!(
                        "`{}` cannot have `{word}`: it takes {}, separated by commas",
                        row.property,
                        list(words)
                    ))
                })?;
                if !picked.contains(&word) {
                    picked.push(word);
                }
            }
            Ok(picked.join(",").into())
        }
    }
}

fn list(words: &[&str]) -> String {
    let quoted: Vec<String> =
        words.iter().filter(|word| !word.is_empty()).map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

fn pick(words: &[&'static str], wanted: &str) -> Option<&'static str> {
    words.iter().find(|word| word.eq_ignore_ascii_case(wanted)).copied()
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Array(items) => {
            let parts: Option<Vec<String>> = items.iter().map(text).collect();
            parts.map(|parts| parts.join(","))
        }
        _ => None,
    }
}

fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => match number.as_f64()? {
            0.0 => Some(false),
            1.0 => Some(true),
            _ => None,
        },
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" => Some(true),
            "false" | "0" | "no" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            number.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < 9e15).map(|n| n as i64)
        }),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn number(value: &Value) -> Option<Value> {
    match value {
        Value::Number(_) => Some(value.clone()),
        Value::String(text) => {
            let text = text.trim();
            if let Ok(whole) = text.parse::<i64>() {
                return Some(whole.into());
            }
            serde_json::Number::from_f64(text.parse().ok()?).map(Value::Number)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{ServiceKind, row};
    use super::*;

    fn set(property: &str, value: impl Into<Value>) -> Result<Value, String> {
        coerce(row(ServiceKind::Feature, property).unwrap(), &value.into()).map_err(|error| error.to_string())
    }

    #[test]
    fn sloppy_values_of_real_scripts_are_understood() {
        assert_eq!(set("overwriteExistingService", json!("true")), Ok(json!(true)));
        assert_eq!(set("overwriteExistingService", json!("False")), Ok(json!(false)));
        assert_eq!(set("offlineTarget", Value::Null), Ok(json!("ENTERPRISE_10x")));
        assert_eq!(set("offlineTarget", json!("enterprise_11")), Ok(json!("ENTERPRISE_11")));
        assert_eq!(set("maxRecordCount", json!("5000")), Ok(json!(5000)));
        assert_eq!(set("maxRecordCount", json!(5000.0)), Ok(json!(5000)));
        assert_eq!(set("tags", json!(["a", "b"])), Ok(json!("a,b")));
        assert_eq!(set("summary", Value::Null), Ok(json!("")));
        assert_eq!(set("featureCapabilities", json!("query; CREATE,Query")), Ok(json!("Query,Create")));
    }

    #[test]
    fn refusals_name_the_property_the_value_and_what_is_allowed() {
        let text = set("sharing.sharingLevel", json!("PUBLIC")).unwrap_err();
        assert_eq!(
            text,
            "`sharing.sharingLevel` cannot be `PUBLIC`: it must be one of `OWNER`, `ORGANIZATION`, `EVERYONE`"
        );
        assert!(set("maxRecordCount", json!(0)).unwrap_err().contains("from 1 to 2147483647"));
        assert!(set("featureCapabilities", json!("Query,Fly")).unwrap_err().contains("cannot have `Fly`"));
        assert!(set("allowExporting", json!("perhaps")).unwrap_err().contains("true or false"));
    }
}
