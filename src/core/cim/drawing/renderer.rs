//! Renderers.

use serde_json::{Map, Value, json};

use super::{Notes, symbol, visual};
use crate::cim::{flag, get, items, number, text, type_of};
use crate::dataset::GeometryType;

/// Draws everything with one plain symbol.
pub(super) fn plain(geometry: GeometryType) -> Value {
    json!({"type": "simple", "symbol": symbol::plain(geometry), "label": "", "description": ""})
}

/// Converts any renderer.
pub(super) fn convert(renderer: &Value, geometry: GeometryType, notes: &mut Notes) -> Value {
    let mut out = match type_of(renderer) {
        "CIMSimpleRenderer" => simple(renderer, geometry, notes),
        "CIMUniqueValueRenderer" => unique_values(renderer, geometry, notes),
        "CIMClassBreaksRenderer" => class_breaks(renderer, geometry, notes),
        "CIMProportionalRenderer" => {
            notes.warn("proportional symbols are drawn with one size");
            simple(renderer, geometry, notes)
        }
        other => {
            notes.warn(format!("`{other}` has no form that web clients draw; a plain symbol stands for it"));
            match get(renderer, "defaultSymbol") {
                Some(_) => simple_of(renderer, "defaultSymbol", geometry, notes),
                None => plain(geometry),
            }
        }
    };
    let variables: Vec<Value> = items(renderer, "visualVariables")
        .iter()
        .filter_map(|variable| visual::convert(variable, notes))
        .collect();
    if let Some(members) = out.as_object_mut()
        && !variables.is_empty()
    {
        let list = members.entry("visualVariables").or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.extend(variables);
        }
    }
    out
}

fn simple(renderer: &Value, geometry: GeometryType, notes: &mut Notes) -> Value {
    simple_of(renderer, "symbol", geometry, notes)
}

fn simple_of(renderer: &Value, key: &str, geometry: GeometryType, notes: &mut Notes) -> Value {
    json!({
        "type": "simple",
        "symbol": symbol::reference(get(renderer, key), geometry, notes),
        "label": text(renderer, "label").unwrap_or_default(),
        "description": text(renderer, "description").unwrap_or_default(),
    })
}

fn default_symbol(renderer: &Value, out: &mut Map<String, Value>, geometry: GeometryType, notes: &mut Notes) {
    if flag(renderer, "useDefaultSymbol") {
        let symbol = symbol::reference(get(renderer, "defaultSymbol"), geometry, notes);
        out.insert("defaultSymbol".to_owned(), symbol);
        out.insert("defaultLabel".to_owned(), json!(text(renderer, "defaultLabel").unwrap_or_default()));
    } else {
        out.insert("defaultSymbol".to_owned(), Value::Null);
        out.insert("defaultLabel".to_owned(), Value::Null);
    }
}

fn unique_values(renderer: &Value, geometry: GeometryType, notes: &mut Notes) -> Value {
    const DELIMITER: &str = ",";
    let fields: Vec<&str> = items(renderer, "fields").iter().filter_map(Value::as_str).collect();
    let mut out = Map::new();
    out.insert("type".to_owned(), json!("uniqueValue"));
    for (at, key) in ["field1", "field2", "field3"].iter().enumerate() {
        out.insert((*key).to_owned(), json!(fields.get(at)));
    }
    if let Some(expression) = get(renderer, "valueExpressionInfo")
        && let Some(code) = text(expression, "expression")
    {
        out.insert("valueExpression".to_owned(), json!(code));
        out.insert("valueExpressionTitle".to_owned(), json!(text(expression, "title").unwrap_or("Custom")));
    }
    default_symbol(renderer, &mut out, geometry, notes);
    let mut infos = Vec::new();
    let mut groups = Vec::new();
    for group in items(renderer, "groups") {
        let mut classes = Vec::new();
        for class in items(group, "classes") {
            let symbol = symbol::reference(get(class, "symbol"), geometry, notes);
            let label = text(class, "label").unwrap_or_default();
            let description = text(class, "description").unwrap_or_default();
            let mut values = Vec::new();
            for value in items(class, "values") {
                let parts: Vec<&str> = items(value, "fieldValues").iter().filter_map(Value::as_str).collect();
                infos.push(json!({
                    "value": parts.join(DELIMITER),
                    "label": label,
                    "description": description,
                    "symbol": symbol,
                }));
                values.push(json!(parts));
            }
            classes.push(json!({
                "label": label,
                "description": description,
                "symbol": symbol,
                "values": values,
            }));
        }
        let heading = text(group, "heading").unwrap_or_default();
        groups.push(json!({"heading": heading, "classes": classes}));
    }
    out.insert("uniqueValueGroups".to_owned(), Value::Array(groups));
    out.insert("uniqueValueInfos".to_owned(), Value::Array(infos));
    out.insert("fieldDelimiter".to_owned(), json!(DELIMITER));
    Value::Object(out)
}

fn class_breaks(renderer: &Value, geometry: GeometryType, notes: &mut Notes) -> Value {
    let mut out = Map::new();
    out.insert("type".to_owned(), json!("classBreaks"));
    out.insert("field".to_owned(), json!(text(renderer, "field").unwrap_or_default()));
    if let Some(expression) = get(renderer, "valueExpressionInfo")
        && let Some(code) = text(expression, "expression")
    {
        out.insert("valueExpression".to_owned(), json!(code));
        out.insert("valueExpressionTitle".to_owned(), json!(text(expression, "title").unwrap_or("Custom")));
    }
    let method = match text(renderer, "classificationMethod") {
        Some("NaturalBreaks") => "esriClassifyNaturalBreaks",
        Some("EqualInterval") => "esriClassifyEqualInterval",
        Some("Quantile") => "esriClassifyQuantile",
        Some("StandardDeviation") => "esriClassifyStandardDeviation",
        Some("GeometricalInterval") => "esriClassifyGeometricalInterval",
        Some("DefinedInterval") => "esriClassifyDefinedInterval",
        _ => "esriClassifyManual",
    };
    out.insert("classificationMethod".to_owned(), json!(method));
    match text(renderer, "normalizationType") {
        Some("Field") => {
            out.insert("normalizationType".to_owned(), json!("esriNormalizeByField"));
            out.insert("normalizationField".to_owned(), json!(text(renderer, "normalizationField")));
        }
        Some("PercentOfTotal") => {
            out.insert("normalizationType".to_owned(), json!("esriNormalizeByPercentOfTotal"));
            out.insert("normalizationTotal".to_owned(), json!(number(renderer, "normalizationTotal")));
        }
        Some("Log") => {
            out.insert("normalizationType".to_owned(), json!("esriNormalizeByLog"));
        }
        _ => {}
    }
    default_symbol(renderer, &mut out, geometry, notes);
    let least = number(renderer, "minimumBreak").unwrap_or_default();
    out.insert("minValue".to_owned(), json!(least));
    let mut lower = least;
    let infos: Vec<Value> = items(renderer, "breaks")
        .iter()
        .map(|class| {
            let upper = number(class, "upperBound").unwrap_or(lower);
            let info = json!({
                "classMinValue": lower,
                "classMaxValue": upper,
                "label": text(class, "label").unwrap_or_default(),
                "description": text(class, "description").unwrap_or_default(),
                "symbol": symbol::reference(get(class, "symbol"), geometry, notes),
            });
            lower = upper;
            info
        })
        .collect();
    out.insert("classBreakInfos".to_owned(), Value::Array(infos));
    if let Some(background) = get(renderer, "backgroundSymbol") {
        let symbol = symbol::reference(Some(background), GeometryType::Polygon, notes);
        out.insert("backgroundFillSymbol".to_owned(), symbol);
    }
    if text(renderer, "classBreakType") == Some("UnclassedColor")
        && items(renderer, "visualVariables").is_empty()
    {
        notes.warn("unclassed colours without a visual variable are drawn as classes");
    }
    Value::Object(out)
}
