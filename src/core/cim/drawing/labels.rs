//! Label classes.

use serde_json::{Map, Value, json};

use super::symbol::{color_of, layers_of};
use super::{Notes, tidy};
use crate::cim::color::Rgba;
use crate::cim::{flag, get, items, number, text};
use crate::dataset::GeometryType;

/// Converts the label classes of a layer that shows labels; `null` for one that shows none.
pub(super) fn convert(layer: &Value, geometry: GeometryType, notes: &mut Notes) -> Value {
    if !flag(layer, "labelVisibility") {
        return Value::Null;
    }
    let classes: Vec<Value> = items(layer, "labelClasses")
        .iter()
        .filter(|class| get(class, "visibility") != Some(&Value::Bool(false)))
        .filter_map(|class| convert_class(class, geometry, notes))
        .collect();
    if classes.is_empty() { Value::Null } else { Value::Array(classes) }
}

fn convert_class(class: &Value, geometry: GeometryType, notes: &mut Notes) -> Option<Value> {
    let expression = text(class, "expression")?;
    let mut out = Map::new();
    match text(class, "expressionEngine") {
        Some("Arcade") => match field_of(expression, "$feature.", "") {
            Some(field) => {
                out.insert("labelExpression".to_owned(), json!(format!("[{field}]")));
                out.insert("labelExpressionInfo".to_owned(), json!({"expression": expression}));
            }
            None => {
                out.insert("labelExpressionInfo".to_owned(), json!({"expression": expression}));
            }
        },
        engine => {
            let Some(field) = field_of(expression, "[", "]") else {
                let engine = engine.unwrap_or("VBScript");
                notes.warn(format!("labels by an expression in {engine} are left out; write it in Arcade"));
                return None;
            };
            out.insert("labelExpression".to_owned(), json!(format!("[{field}]")));
            out.insert(
                "labelExpressionInfo".to_owned(),
                json!({"expression": format!("$feature[\"{field}\"]")}),
            );
        }
    }
    let placement = match geometry {
        GeometryType::Point | GeometryType::Multipoint => "esriServerPointLabelPlacementAboveRight",
        GeometryType::Polyline => "esriServerLinePlacementAboveAlong",
        _ => "esriServerPolygonPlacementAlwaysHorizontal",
    };
    out.insert("labelPlacement".to_owned(), json!(placement));
    out.insert("useCodedValues".to_owned(), json!(flag(class, "useCodedValue")));
    out.insert("symbol".to_owned(), text_symbol(class));
    out.insert("minScale".to_owned(), tidy(number(class, "minimumScale").unwrap_or_default()));
    out.insert("maxScale".to_owned(), tidy(number(class, "maximumScale").unwrap_or_default()));
    out.insert("name".to_owned(), json!(text(class, "name").unwrap_or("Class 1")));
    if let Some(condition) = text(class, "whereClause") {
        out.insert("where".to_owned(), json!(condition));
    }
    Some(Value::Object(out))
}

/// Returns the field of an expression that is nothing but a field.
fn field_of<'a>(expression: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let name = expression.trim().strip_prefix(before)?.strip_suffix(after)?;
    (!name.is_empty() && name.chars().all(|char| char.is_alphanumeric() || matches!(char, '_' | '.')))
        .then_some(name)
}

fn text_symbol(class: &Value) -> Value {
    let symbol = get(class, "textSymbol").and_then(|reference| get(reference, "symbol"));
    let Some(symbol) = symbol else {
        return json!({"type": "esriTS", "color": [0, 0, 0, 255], "font": {"family": "Arial", "size": 10}});
    };
    let fill = get(symbol, "symbol").and_then(|symbol| layers_of(symbol).find_map(color_of));
    let halo = get(symbol, "haloSymbol").and_then(|symbol| layers_of(symbol).find_map(color_of));
    let halo_size = number(symbol, "haloSize").filter(|size| *size > 0.0);
    let style = text(symbol, "fontStyleName").unwrap_or_default().to_lowercase();
    let decoration = match (flag(symbol, "underline"), flag(symbol, "strikethrough")) {
        (true, _) => "underline",
        (_, true) => "line-through",
        _ => "none",
    };
    json!({
        "type": "esriTS",
        "color": fill.unwrap_or(Rgba::BLACK).to_json(),
        "backgroundColor": null,
        "borderLineColor": null,
        "borderLineSize": null,
        "haloSize": halo.and(halo_size).map(tidy),
        "haloColor": halo_size.and(halo).map(Rgba::to_json),
        "verticalAlignment": "bottom",
        "horizontalAlignment": "center",
        "rightToLeft": false,
        "angle": 0,
        "xoffset": 0,
        "yoffset": 0,
        "kerning": true,
        "font": {
            "family": text(symbol, "fontFamilyName").unwrap_or("Arial"),
            "size": tidy(number(symbol, "height").unwrap_or(10.0)),
            "style": if style.contains("italic") || style.contains("oblique") { "italic" } else { "normal" },
            "weight": if style.contains("bold") { "bold" } else { "normal" },
            "decoration": decoration,
        },
    })
}
