//! Values of attributes and the rows that carry them.

use std::borrow::Cow;
use std::cmp::Ordering;

/// One attribute value, borrowed from where it is stored.
///
/// Integers of all widths and row ids are [`Value::Int`]; text, GUIDs, XML, days, times and
/// timestamps with an offset are [`Value::Text`] in the spelling of the REST API.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// No value.
    Null,
    /// A truth value; only expressions give these.
    Bool(bool),
    /// An integer or a row id.
    Int(i64),
    /// A 32- or 64-bit float.
    Float(f64),
    /// Date and time, milliseconds since 1970 in UTC.
    Date(i64),
    /// Text, and all that travels as text.
    Text(Cow<'a, str>),
}

/// A value that owns its text.
pub type OwnedValue = Value<'static>;

impl Value<'_> {
    /// Copies borrowed text, so that the value outlives its row.
    pub fn into_owned(self) -> OwnedValue {
        match self {
            Value::Null => Value::Null,
            Value::Bool(value) => Value::Bool(value),
            Value::Int(value) => Value::Int(value),
            Value::Float(value) => Value::Float(value),
            Value::Date(value) => Value::Date(value),
            Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
        }
    }

    /// Whether there is no value.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// Returns numbers and dates as a float.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Int(value) | Value::Date(value) => Some(*value as f64),
            Value::Float(value) => Some(*value),
            _ => None,
        }
    }

    /// Returns integers, dates and whole floats as an integer.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Int(value) | Value::Date(value) => Some(*value),
            Value::Float(value) if value.fract() == 0.0 && value.abs() < 9.0e15 => Some(*value as i64),
            _ => None,
        }
    }

    /// Compares two values in the way of SQL: `None` when either is null or the kinds do not meet.
    pub fn compare(&self, other: &Value<'_>) -> Option<Ordering> {
        match (self, other) {
            (Value::Int(a) | Value::Date(a), Value::Int(b) | Value::Date(b)) => Some(a.cmp(b)),
            (Value::Text(a), Value::Text(b)) => Some(a.as_ref().cmp(b.as_ref())),
            (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
            _ => self.as_f64()?.partial_cmp(&other.as_f64()?),
        }
    }

    /// Orders values for sorting: nulls first, then numbers and dates, then text.
    pub fn sort_order(&self, other: &Value<'_>) -> Ordering {
        fn rank(value: &Value<'_>) -> u8 {
            match value {
                Value::Null => 0,
                Value::Bool(_) => 1,
                Value::Int(_) | Value::Float(_) | Value::Date(_) => 2,
                Value::Text(_) => 3,
            }
        }
        rank(self).cmp(&rank(other)).then_with(|| self.compare(other).unwrap_or(Ordering::Equal))
    }
}

impl From<i64> for OwnedValue {
    fn from(value: i64) -> Self {
        Value::Int(value)
    }
}

impl From<f64> for OwnedValue {
    fn from(value: f64) -> Self {
        Value::Float(value)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Value::Text(Cow::Borrowed(value))
    }
}

impl From<String> for OwnedValue {
    fn from(value: String) -> Self {
        Value::Text(Cow::Owned(value))
    }
}

/// A geometry as a store holds it, in the layer's spatial reference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape<'a> {
    /// A point from columns.
    Point {
        /// Easting or longitude.
        x: f64,
        /// Northing or latitude.
        y: f64,
        /// Height, where the layer has Z.
        z: Option<f64>,
        /// Measure, where the layer has M.
        m: Option<f64>,
    },
    /// ISO WKB of any other geometry.
    Wkb(&'a [u8]),
}

/// One row, wherever it is stored.
pub trait Row {
    /// Returns the value of a field, by its index in [`super::Schema::fields`].
    fn value(&self, field: usize) -> Value<'_>;

    /// Returns the geometry; `None` for tables and empty geometries.
    fn shape(&self) -> Option<Shape<'_>> {
        None
    }
}

impl Row for [OwnedValue] {
    fn value(&self, field: usize) -> Value<'_> {
        self.get(field).map_or(Value::Null, |value| match value {
            Value::Text(text) => Value::Text(Cow::Borrowed(text.as_ref())),
            other => other.clone(),
        })
    }
}
