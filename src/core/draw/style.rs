//! Which symbol a feature gets: renderers of the REST API.

use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, Int16Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use serde_json::Value;

use super::{Color, LineSymbol, MarkerShape, Symbol};
use crate::dataset::GeometryType;
use crate::query::Value as Attribute;

/// How a layer's features look.
#[derive(Clone, Debug, PartialEq)]
pub struct Style {
    rule: Rule,
    fallback: Option<Symbol>,
}

#[derive(Clone, Debug, PartialEq)]
enum Rule {
    Simple,
    Unique { fields: Vec<String>, delimiter: String, symbols: HashMap<String, Option<Symbol>> },
    Breaks { field: String, least: f64, symbols: Vec<(f64, Option<Symbol>)> },
}

impl Style {
    /// Reads `drawingInfo`; what is not understood is drawn by a plain symbol of the geometry type.
    pub fn from_drawing_info(info: &Value, geometry: GeometryType) -> Self {
        let renderer = info.get("renderer").unwrap_or(&Value::Null);
        let symbol = |holder: &Value, key: &str| holder.get(key).and_then(Symbol::from_json);
        let text = |key: &str| renderer.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let list = |key: &str| renderer.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let plain = Self { rule: Rule::Simple, fallback: Some(plain(geometry)) };
        match text("type") {
            Some("simple") => match symbol(renderer, "symbol") {
                Some(found) => Self { rule: Rule::Simple, fallback: Some(found) },
                None => plain,
            },
            Some("uniqueValue") => {
                let fields: Vec<String> = ["field1", "field2", "field3"]
                    .iter()
                    .filter_map(|key| text(key))
                    .map(str::to_owned)
                    .collect();
                if fields.is_empty() {
                    return plain;
                }
                let mut symbols = HashMap::new();
                for info in list("uniqueValueInfos") {
                    if let Some(value) = info.get("value").and_then(as_text) {
                        symbols.entry(value).or_insert_with(|| symbol(info, "symbol"));
                    }
                }
                let delimiter = text("fieldDelimiter").unwrap_or(",").to_owned();
                Self {
                    rule: Rule::Unique { fields, delimiter, symbols },
                    fallback: symbol(renderer, "defaultSymbol"),
                }
            }
            Some("classBreaks") => {
                let Some(field) = text("field") else { return plain };
                let symbols = list("classBreakInfos")
                    .iter()
                    .filter_map(|info| Some((info.get("classMaxValue")?.as_f64()?, symbol(info, "symbol"))))
                    .collect();
                let least = renderer.get("minValue").and_then(Value::as_f64).unwrap_or(f64::NEG_INFINITY);
                Self {
                    rule: Rule::Breaks { field: field.to_owned(), least, symbols },
                    fallback: symbol(renderer, "defaultSymbol"),
                }
            }
            _ => plain,
        }
    }

    /// Returns the fields that choose the symbol.
    pub fn fields(&self) -> Vec<String> {
        match &self.rule {
            Rule::Simple => Vec::new(),
            Rule::Unique { fields, .. } => fields.clone(),
            Rule::Breaks { field, .. } => vec![field.clone()],
        }
    }

    /// Returns the symbol of a row by the values of [`Self::fields`], in their order.
    pub fn symbol(&self, values: &[Attribute<'_>]) -> Option<&Symbol> {
        let fallback = self.fallback.as_ref();
        match &self.rule {
            Rule::Simple => fallback,
            Rule::Unique { delimiter, symbols, .. } => {
                let found = if let [Attribute::Text(text)] = values {
                    symbols.get(text.as_ref())
                } else {
                    let parts: Vec<String> = values.iter().map(spelling).collect();
                    symbols.get(&parts.join(delimiter))
                };
                found.map_or(fallback, Option::as_ref)
            }
            Rule::Breaks { least, symbols, .. } => {
                class_of(values.first().and_then(Attribute::as_f64)?, *least, symbols, fallback)
            }
        }
    }

    /// Makes every symbol larger or smaller, as pictures of another resolution need it.
    #[must_use]
    pub fn scaled(self, factor: f32) -> Self {
        let scale = |symbol: Option<Symbol>| symbol.map(|symbol| symbol.scaled(factor));
        let rule = match self.rule {
            Rule::Simple => Rule::Simple,
            Rule::Unique { fields, delimiter, symbols } => {
                let symbols = symbols.into_iter().map(|(value, symbol)| (value, scale(symbol))).collect();
                Rule::Unique { fields, delimiter, symbols }
            }
            Rule::Breaks { field, least, symbols } => {
                let symbols = symbols.into_iter().map(|(top, symbol)| (top, scale(symbol))).collect();
                Rule::Breaks { field, least, symbols }
            }
        };
        Self { rule, fallback: scale(self.fallback) }
    }

    pub(super) fn over<'a>(&'a self, batch: &'a RecordBatch) -> Choice<'a> {
        let find = |name: &String| {
            let schema = batch.schema_ref();
            let index = schema.fields().iter().position(|field| field.name().eq_ignore_ascii_case(name))?;
            batch.columns().get(index)
        };
        Choice { style: self, columns: self.fields().iter().map(find).collect() }
    }
}

/// A style with the columns of one batch.
pub(super) struct Choice<'a> {
    style: &'a Style,
    columns: Vec<Option<&'a ArrayRef>>,
}

impl<'a> Choice<'a> {
    pub(super) fn symbol(&self, row: usize) -> Option<&'a Symbol> {
        let fallback = self.style.fallback.as_ref();
        match &self.style.rule {
            Rule::Simple => fallback,
            Rule::Unique { delimiter, symbols, .. } => {
                let parts: Vec<String> = self
                    .columns
                    .iter()
                    .map(|column| column.map_or_else(String::new, |c| text_at(c, row)))
                    .collect();
                symbols.get(&parts.join(delimiter)).map_or(fallback, Option::as_ref)
            }
            Rule::Breaks { least, symbols, .. } => {
                let value =
                    self.columns.first().copied().flatten().and_then(|column| number_at(column, row))?;
                class_of(value, *least, symbols, fallback)
            }
        }
    }
}

fn class_of<'a>(
    value: f64,
    least: f64,
    symbols: &'a [(f64, Option<Symbol>)],
    fallback: Option<&'a Symbol>,
) -> Option<&'a Symbol> {
    if value < least {
        return fallback;
    }
    symbols.iter().find(|(top, _)| value <= *top).map_or(fallback, |(_, symbol)| symbol.as_ref())
}

fn plain(geometry: GeometryType) -> Symbol {
    let grey = Color { red: 110, green: 110, blue: 110, alpha: 255 };
    let color = Color { red: 0, green: 112, blue: 176, alpha: 255 };
    match geometry {
        GeometryType::Point | GeometryType::Multipoint => {
            Symbol::Marker { shape: MarkerShape::Circle, size: 5.0, color, outline: None }
        }
        GeometryType::Polyline => Symbol::Line(LineSymbol { color, width: 1.3, dashes: Vec::new() }),
        GeometryType::Polygon | GeometryType::MultiPatch => Symbol::Fill {
            color: Color { alpha: 96, ..color },
            outline: Some(LineSymbol { color: grey, width: 0.7, dashes: Vec::new() }),
        },
    }
}

/// A value as renderers spell it.
fn spelling(value: &Attribute<'_>) -> String {
    match value {
        Attribute::Null => "<Null>".to_owned(),
        Attribute::Bool(value) => value.to_string(),
        Attribute::Int(value) | Attribute::Date(value) => value.to_string(),
        Attribute::Float(value) => value.to_string(),
        Attribute::Text(text) => text.to_string(),
    }
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn text_at(column: &ArrayRef, row: usize) -> String {
    if column.is_null(row) {
        return "<Null>".to_owned();
    }
    match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
        DataType::LargeUtf8 => column.as_string::<i64>().value(row).to_owned(),
        DataType::Int16 => column.as_primitive::<Int16Type>().value(row).to_string(),
        DataType::Int32 => column.as_primitive::<Int32Type>().value(row).to_string(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        _ => number_at(column, row).map(|number| number.to_string()).unwrap_or_default(),
    }
}

fn number_at(column: &ArrayRef, row: usize) -> Option<f64> {
    if column.is_null(row) {
        return None;
    }
    match column.data_type() {
        DataType::Int16 => Some(f64::from(column.as_primitive::<Int16Type>().value(row))),
        DataType::Int32 => Some(f64::from(column.as_primitive::<Int32Type>().value(row))),
        DataType::Int64 => Some(column.as_primitive::<Int64Type>().value(row) as f64),
        DataType::Float32 => Some(f64::from(column.as_primitive::<Float32Type>().value(row))),
        DataType::Float64 => Some(column.as_primitive::<Float64Type>().value(row)),
        _ => None,
    }
}
