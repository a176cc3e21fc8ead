//! Visual variables: sizes, colours, transparencies and rotations by attribute.

use serde_json::{Map, Value, json};

use super::{Notes, tidy};
use crate::cim::color::{Rgba, rgba};
use crate::cim::{get, items, number, text, type_of};

/// Converts one visual variable; `None` for kinds that web clients do not have.
pub(super) fn convert(variable: &Value, notes: &mut Notes) -> Option<Value> {
    let mut out = Map::new();
    let field = |key: &str| text(variable, key).map(|code| code.trim_start_matches("$feature."));
    let expression = get(variable, "valueExpressionInfo").and_then(|info| text(info, "expression"));
    match expression {
        Some(code) => match code.strip_prefix("$feature.").filter(|name| is_name(name)) {
            Some(name) => out.insert("field".to_owned(), json!(name)),
            None => out.insert("valueExpression".to_owned(), json!(code)),
        },
        None => out.insert(
            "field".to_owned(),
            json!(field("expression").or(field("field"))?.trim_matches(['[', ']'])),
        ),
    };
    match type_of(variable) {
        "CIMSizeVisualVariable" => {
            out.insert("type".to_owned(), json!("sizeInfo"));
            for (from, to) in [
                ("minSize", "minSize"),
                ("maxSize", "maxSize"),
                ("minValue", "minDataValue"),
                ("maxValue", "maxDataValue"),
            ] {
                out.insert(to.to_owned(), tidy(number(variable, from)?));
            }
        }
        "CIMColorVisualVariable" => {
            out.insert("type".to_owned(), json!("colorInfo"));
            let (low, high) = (number(variable, "minValue")?, number(variable, "maxValue")?);
            let colors = ramp(get(variable, "colorRamp")?);
            let steps = colors.len().saturating_sub(1).max(1) as f64;
            let stops: Vec<Value> = colors
                .iter()
                .enumerate()
                .map(|(at, color)| json!({"value": low + (high - low) * at as f64 / steps, "color": color, "label": null}))
                .collect();
            out.insert("stops".to_owned(), Value::Array(stops));
        }
        "CIMTransparencyVisualVariable" => {
            out.insert("type".to_owned(), json!("transparencyInfo"));
            let at = |key: &str, index: usize| items(variable, key).get(index).and_then(Value::as_f64);
            let stops: Vec<Value> = (0..items(variable, "values").len())
                .filter_map(|index| {
                    Some(json!({"value": at("values", index)?, "transparency": at("transparencyValues", index)?}))
                })
                .collect();
            out.insert("stops".to_owned(), Value::Array(stops));
        }
        "CIMRotationVisualVariable" => {
            let axis = get(variable, "visualVariableInfoZ")?;
            let info = get(axis, "valueExpressionInfo").and_then(|info| text(info, "expression"));
            let name =
                info.or(text(axis, "expression"))?.trim_start_matches("$feature.").trim_matches(['[', ']']);
            out.insert("type".to_owned(), json!("rotationInfo"));
            out.insert("field".to_owned(), json!(name));
            let kind = if text(variable, "rotationTypeZ") == Some("Arithmetic") {
                "arithmetic"
            } else {
                "geographic"
            };
            out.insert("rotationType".to_owned(), json!(kind));
        }
        other => {
            notes.warn(format!("the visual variable `{other}` is left out"));
            return None;
        }
    }
    Some(Value::Object(out))
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|char| char.is_alphanumeric() || char == '_')
}

/// Lists the colours that a ramp passes through.
fn ramp(ramp: &Value) -> Vec<Value> {
    match type_of(ramp) {
        "CIMMultipartColorRamp" => {
            let mut out: Vec<Value> = Vec::new();
            for part in items(ramp, "colorRamps") {
                let colors = self::ramp(part);
                let skip = usize::from(!out.is_empty() && out.last() == colors.first());
                out.extend(colors.into_iter().skip(skip));
            }
            out
        }
        "CIMFixedColorRamp" => items(ramp, "colors").iter().filter_map(rgba).map(Rgba::to_json).collect(),
        _ => ["fromColor", "toColor"]
            .iter()
            .filter_map(|key| get(ramp, key).and_then(rgba))
            .map(Rgba::to_json)
            .collect(),
    }
}
