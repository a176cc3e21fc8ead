//! From the text of a request to a value that a tool can take, or a refusal that names the parameter.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::units::{self, areal_units, linear_units};
use super::{GpType, Parameter, Requirement};
use crate::error::Code;
use crate::query::date;
use crate::{Error, Result};

/// Most values of a list, rows of a value table.
const MOST_VALUES: usize = 100_000;

/// A feature set or a record set, of which only the form is looked at: rows may be many.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RowSet {
    features: Option<Vec<Row>>,
    records: Option<Vec<Row>>,
    url: Option<String>,
    #[serde(rename = "itemID", alias = "itemId")]
    item_id: Option<String>,
    layer_definition: Option<IgnoredAny>,
    feature_set: Option<Box<RowSet>>,
}

#[derive(Deserialize)]
struct Row {
    #[serde(rename = "geometry")]
    _geometry: Option<IgnoredAny>,
    #[serde(rename = "attributes")]
    _attributes: Option<Attributes>,
}

/// Any object, read and not kept, so that a row of attributes costs nothing.
#[derive(Deserialize)]
struct Attributes {}

impl Parameter {
    /// Reads what a caller gives and returns it as JSON text in the service's form.
    ///
    /// # Errors
    /// 000735 when a required value is missing, 000800 when it is not in the choice list, 000840 when
    /// it has another type; each begins with the parameter's name for people.
    pub fn read(&self, text: Option<&str>) -> Result<String> {
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        let given = text.filter(|text| self.data_type == GpType::Str || !is_hollow(text));
        let Some(text) = given else {
            let default = &self.default_value;
            let bare = default.is_null() || default.as_str().is_some_and(str::is_empty);
            // The default of a feature set is often no more than its schema.
            let schema = self.data_type.is_data() && !bare && !has_content(default);
            if self.parameter_type == Requirement::Required && (bare || schema) {
                let label = self.label();
                return Err(
                    Error::invalid(format!("{label}: Value is required")).with_code(Code::VALUE_REQUIRED)
                );
            }
            return Ok(if bare || schema { "null".to_owned() } else { default.to_string() });
        };
        // What is left out is null in the results of other tasks.
        if text == "null" && self.parameter_type != Requirement::Required {
            return Ok(text.to_owned());
        }
        let value = self.convert(&self.data_type, text)?;
        self.check_choice(&value)?;
        Ok(value)
    }

    fn label(&self) -> &str {
        if self.display_name.is_empty() { &self.name } else { &self.display_name }
    }

    fn wrong(&self, why: impl std::fmt::Display) -> Error {
        Error::invalid(format!("{}: The value is not a {} ({why})", self.label(), self.data_type))
            .with_code(Code::WRONG_TYPE)
    }

    fn convert(&self, kind: &GpType, text: &str) -> Result<String> {
        Ok(match kind {
            GpType::Str | GpType::Field | GpType::SqlExpression => Value::from(text).to_string(),
            GpType::Long => {
                let whole = text.parse::<i64>().ok().or_else(|| {
                    // Clients that know one kind of number write 5 as 5.0.
                    text.parse::<f64>()
                        .ok()
                        .filter(|n| n.fract() == 0.0 && n.abs() <= f64::from(i32::MAX))
                        .map(|n| n as i64)
                });
                let whole =
                    whole.filter(|n| i32::try_from(*n).is_ok()).ok_or_else(|| self.wrong(quoted(text)))?;
                whole.to_string()
            }
            GpType::Double => {
                let number: f64 = text.parse().map_err(|_| self.wrong(quoted(text)))?;
                if !number.is_finite() {
                    return Err(self.wrong(quoted(text)));
                }
                json!(number).to_string()
            }
            GpType::Boolean => match text.to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" => "true".to_owned(),
                "false" | "0" | "no" => "false".to_owned(),
                _ => return Err(self.wrong(quoted(text))),
            },
            GpType::Date => self.moment(text)?.to_string(),
            GpType::LinearUnit => self.measured(text, "distance", linear_units())?,
            GpType::ArealUnit => self.measured(text, "area", areal_units())?,
            GpType::DataFile | GpType::RasterData | GpType::RasterDataLayer => self.file(text)?,
            GpType::FeatureRecordSetLayer | GpType::RecordSet => self.rows(text)?,
            GpType::ValueTable => self.table(text)?,
            GpType::MultiValue(inner) => self.list(inner, text)?,
        })
    }

    fn moment(&self, text: &str) -> Result<i64> {
        let text = text.trim_matches('"');
        let number = text.parse::<i64>().ok().or_else(|| {
            text.parse::<f64>().ok().filter(|n| n.is_finite() && n.abs() < 9e15).map(|n| n as i64)
        });
        number.or_else(|| date::parse(text)).ok_or_else(|| {
            self.wrong(format!("{}; give milliseconds since 1970, or `2026-01-31 12:00:00`", quoted(text)))
        })
    }

    /// Reads `{"distance": 5, "units": "esriMiles"}`, or `5 Miles` as tools print it.
    fn measured(
        &self,
        text: &str,
        key: &str,
        units: impl Iterator<Item = (&'static str, &'static str)>,
    ) -> Result<String> {
        let (amount, unit) = if text.starts_with('{') {
            let value = self.parse(text)?;
            let amount = match value.get(key) {
                Some(Value::Number(number)) => number.as_f64(),
                Some(Value::String(text)) => text.trim().parse().ok(),
                _ => None,
            };
            let unit = value.get("units").and_then(Value::as_str).unwrap_or_default().to_owned();
            (amount, unit)
        } else {
            let (amount, unit) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
            (amount.parse().ok(), unit.to_owned())
        };
        let amount: f64 = amount.filter(|amount: &f64| amount.is_finite()).ok_or_else(|| {
            self.wrong(format!("it needs a number `{key}`, as in {{\"{key}\": 5, \"units\": \"esri...\"}}"))
        })?;
        let unit = units::service_name(&unit, units)
            .ok_or_else(|| self.wrong(format!("{} is no unit", quoted(&unit))))?;
        Ok(json!({ key: amount, "units": unit }).to_string())
    }

    fn file(&self, text: &str) -> Result<String> {
        if !text.starts_with('{') {
            return Ok(json!({ "url": text.trim_matches('"') }).to_string());
        }
        let value = self.parse(text)?;
        if let Some(id) = find(&value, "itemID") {
            return Ok(json!({ "itemID": id }).to_string());
        }
        match find(&value, "url") {
            Some(url) => Ok(json!({ "url": url }).to_string()),
            None => Err(self.wrong("it needs `url`, or `itemID` of an upload")),
        }
    }

    fn rows(&self, text: &str) -> Result<String> {
        if !text.starts_with('{') {
            // As ArcGIS: a layer's address alone.
            if text.starts_with("http://") || text.starts_with("https://") {
                return Ok(json!({ "url": text }).to_string());
            }
            return Err(self.wrong(quoted(text)));
        }
        let set: RowSet = serde_json::from_str(text).map_err(|error| self.wrong(error))?;
        let listed = |set: &RowSet| set.features.is_some() || set.records.is_some();
        let nested = set.feature_set.as_deref().is_some_and(listed);
        let empty_schema = set.layer_definition.is_some();
        if !(listed(&set) || nested || set.url.is_some() || set.item_id.is_some() || empty_schema) {
            return Err(self.wrong("it needs `features`, or the `url` of a layer"));
        }
        Ok(text.to_owned())
    }

    fn table(&self, text: &str) -> Result<String> {
        let value = self.parse(text)?;
        let rows = value.as_array().ok_or_else(|| self.wrong("it is a list of rows"))?;
        if rows.len() > MOST_VALUES || !rows.iter().all(Value::is_array) {
            return Err(self.wrong(format!("it is a list of at most {MOST_VALUES} rows, each a list")));
        }
        Ok(value.to_string())
    }

    /// Reads a JSON list; plain values may also be separated by `;` as tools print them.
    fn list(&self, inner: &GpType, text: &str) -> Result<String> {
        let parts: Vec<String> = if text.starts_with('[') {
            let value = self.parse(text)?;
            let list = value.as_array().ok_or_else(|| self.wrong("it is a list"))?;
            let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            list.iter().map(plain).collect()
        } else if inner.is_data() {
            vec![text.to_owned()]
        } else {
            text.split(';').map(|part| part.trim().trim_matches(['\'', '"']).to_owned()).collect()
        };
        if parts.len() > MOST_VALUES {
            return Err(self.wrong(format!("it has more than {MOST_VALUES} values")));
        }
        let mut out = String::from("[");
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            out.push_str(&self.convert(inner, part.trim())?);
        }
        out.push(']');
        Ok(out)
    }

    fn parse(&self, text: &str) -> Result<Value> {
        serde_json::from_str(text).map_err(|error| self.wrong(format!("not JSON: {error}")))
    }

    fn check_choice(&self, json: &str) -> Result<()> {
        if self.choice_list.is_empty() || self.data_type.is_data() {
            return Ok(());
        }
        let value: Value = serde_json::from_str(json).map_err(|error| self.wrong(error))?;
        let same = |a: &Value, b: &Value| match (a, b) {
            (Value::String(a), Value::String(b)) => a == b,
            (Value::String(text), Value::Number(number)) | (Value::Number(number), Value::String(text)) => {
                text.parse().ok() == number.as_f64()
            }
            (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
            (a, b) => a == b,
        };
        let listed = |value: &Value| self.choice_list.iter().any(|choice| same(choice, value));
        let legal = match &value {
            Value::Array(values) if matches!(self.data_type, GpType::MultiValue(_)) => {
                values.iter().all(listed)
            }
            value => listed(value),
        };
        if legal {
            return Ok(());
        }
        let choices: Vec<String> = self
            .choice_list
            .iter()
            .map(|choice| choice.as_str().map_or_else(|| choice.to_string(), str::to_owned))
            .collect();
        let text =
            format!("{}: The value is not a member of {}.", self.label(), shorten(&choices.join(" | ")));
        Err(Error::invalid(text).with_code(Code::NOT_IN_LIST))
    }
}

/// Whether an object says nothing: the official client sends `{"url": ""}` for a file that was left out.
fn is_hollow(text: &str) -> bool {
    let short = text.starts_with('{') && text.len() < 100;
    let parsed = if short { serde_json::from_str::<Value>(text).ok() } else { None };
    parsed.as_ref().and_then(Value::as_object).is_some_and(|object| {
        object.values().all(|value| value.is_null() || value.as_str().is_some_and(str::is_empty))
    })
}

/// Whether a default holds data itself, and not only its schema.
fn has_content(value: &Value) -> bool {
    let Some(object) = value.as_object() else { return true };
    ["url", "itemID"].iter().any(|key| object.get(*key).is_some_and(|value| !value.is_null()))
        || ["features", "records"]
            .iter()
            .any(|key| object.get(*key).and_then(Value::as_array).is_some_and(|rows| !rows.is_empty()))
}

fn find<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    let object = value.as_object()?;
    let found = object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?.1.as_str()?;
    (!found.is_empty()).then_some(found)
}

fn quoted(text: &str) -> String {
    format!("`{}`", shorten(text))
}

fn shorten(text: &str) -> String {
    let head: String = text.chars().take(80).collect();
    if head.len() < text.len() { format!("{head}...") } else { head }
}
