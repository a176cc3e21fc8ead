//! JSON as clients really send it.

use std::borrow::Cow;

use serde_json::Value;

use crate::{Error, Result};

/// Reads JSON; failing that, JSON with bare keys, single quotes, `NaN` and trailing commas
/// (QGIS asks with `{x: -95.0, y: 37.5}`).
pub fn parse_relaxed(text: &str) -> Result<Value> {
    match serde_json::from_str(text) {
        Ok(value) => Ok(value),
        Err(strict) => serde_json::from_str(&repair(text))
            .map_err(|_| Error::invalid(format!("the text is not JSON: {strict}")).because(strict)),
    }
}

fn repair(text: &str) -> Cow<'_, str> {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match first {
            '"' | '\'' => {
                let mut end = rest.len();
                let mut escaped = false;
                for (at, c) in rest.char_indices().skip(1) {
                    if !escaped && c == first {
                        end = at;
                        break;
                    }
                    escaped = !escaped && c == '\\';
                }
                let inner = rest.get(1..end).unwrap_or_default();
                out.push('"');
                if first == '\'' {
                    out.push_str(&inner.replace("\\'", "'").replace('"', "\\\""));
                } else {
                    out.push_str(inner);
                }
                out.push('"');
                rest = rest.get(end + 1..).unwrap_or_default();
            }
            ',' => {
                let after = rest[1..].trim_start();
                if !after.starts_with(['}', ']']) {
                    out.push(',');
                }
                rest = after;
            }
            _ if first.is_alphabetic() || first == '_' => {
                let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                if after.trim_start().starts_with(':') {
                    out.push('"');
                    out.push_str(word);
                    out.push('"');
                } else if matches!(word, "NaN" | "Infinity" | "undefined" | "None") {
                    out.push_str("null");
                } else if matches!(word, "True" | "False") {
                    out.push_str(&word.to_ascii_lowercase());
                } else {
                    out.push_str(word);
                }
                rest = after;
            }
            _ => {
                // A number's exponent is letters, too: copy numbers whole.
                let number = first.is_ascii_digit() || matches!(first, '-' | '+' | '.');
                let end = if number {
                    rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.')))
                        .unwrap_or(rest.len())
                } else {
                    first.len_utf8()
                };
                let (copied, after) = rest.split_at(end);
                out.push_str(copied.strip_prefix('+').unwrap_or(copied));
                rest = after;
            }
        }
    }
    Cow::Owned(out)
}
