//! Arrow columns as cells of the types that a layer has.

use std::borrow::Cow;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    Date32Type, Date64Type, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time32MillisecondType, Time32SecondType, Time64MicrosecondType, Time64NanosecondType,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrowPrimitiveType, BinaryArray, BinaryViewArray, LargeBinaryArray, LargeStringArray, StringArray,
    StringViewArray,
};
use arrow_schema::{DataType, TimeUnit};
use geosharing_core::dataset::{Field, FieldType};
use geosharing_core::query::canonical_guid;
use geosharing_core::{Error, Result};

use super::cell::{Cell, Storage, read_datetime, storage_of, write_date, write_datetime, write_time};

const DAY: i64 = 86_400_000;

/// One column of one batch.
pub(crate) struct Reader<'a> {
    array: Option<&'a dyn Array>,
    values: Values<'a>,
}

enum Values<'a> {
    Missing,
    Int(Cow<'a, [i64]>),
    Float(Cow<'a, [f64]>),
    Utf8(&'a StringArray),
    LargeUtf8(&'a LargeStringArray),
    Utf8View(&'a StringViewArray),
    Text(Vec<Option<String>>),
    Dates(Vec<Option<i64>>),
    Binary(&'a BinaryArray),
    LargeBinary(&'a LargeBinaryArray),
    BinaryView(&'a BinaryViewArray),
}

fn integers<T: ArrowPrimitiveType>(array: &dyn Array) -> Vec<i64>
where
    T::Native: TryInto<i64>,
{
    array.as_primitive::<T>().values().iter().map(|value| (*value).try_into().unwrap_or(i64::MAX)).collect()
}

/// Reads integers, days, times and timestamps as the number that counts their unit.
fn as_integers(array: &dyn Array) -> Option<Cow<'_, [i64]>> {
    Some(match array.data_type() {
        DataType::Int64 => Cow::Borrowed(array.as_primitive::<Int64Type>().values()),
        DataType::Int32 => integers::<Int32Type>(array).into(),
        DataType::Int16 => integers::<Int16Type>(array).into(),
        DataType::Int8 => integers::<Int8Type>(array).into(),
        DataType::UInt64 => integers::<UInt64Type>(array).into(),
        DataType::UInt32 => integers::<UInt32Type>(array).into(),
        DataType::UInt16 => integers::<UInt16Type>(array).into(),
        DataType::UInt8 => integers::<UInt8Type>(array).into(),
        DataType::Boolean => {
            array.as_boolean().iter().map(|value| i64::from(value == Some(true))).collect::<Vec<_>>().into()
        }
        _ => return None,
    })
}

/// Reads days and timestamps as milliseconds since 1970.
fn as_moments(array: &dyn Array) -> Option<Cow<'_, [i64]>> {
    let scaled = |values: Vec<i64>, times: i64, by: i64| -> Cow<'_, [i64]> {
        values.into_iter().map(|value| value.saturating_mul(times).div_euclid(by)).collect::<Vec<_>>().into()
    };
    Some(match array.data_type() {
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            Cow::Borrowed(array.as_primitive::<TimestampMillisecondType>().values())
        }
        DataType::Timestamp(TimeUnit::Second, _) => scaled(integers::<TimestampSecondType>(array), 1000, 1),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            scaled(integers::<TimestampMicrosecondType>(array), 1, 1000)
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            scaled(integers::<TimestampNanosecondType>(array), 1, 1_000_000)
        }
        DataType::Date32 => scaled(integers::<Date32Type>(array), DAY, 1),
        DataType::Date64 => scaled(integers::<Date64Type>(array), 1, 1),
        _ => return None,
    })
}

/// Reads times as milliseconds since midnight.
fn as_times(array: &dyn Array) -> Option<Vec<i64>> {
    let (values, times, by) = match array.data_type() {
        DataType::Time32(TimeUnit::Second) => (integers::<Time32SecondType>(array), 1000, 1),
        DataType::Time32(_) => (integers::<Time32MillisecondType>(array), 1, 1),
        DataType::Time64(TimeUnit::Microsecond) => (integers::<Time64MicrosecondType>(array), 1, 1000),
        DataType::Time64(_) => (integers::<Time64NanosecondType>(array), 1, 1_000_000),
        _ => return None,
    };
    Some(values.into_iter().map(|value| value * times / by).collect())
}

fn as_floats(array: &dyn Array) -> Option<Cow<'_, [f64]>> {
    Some(match array.data_type() {
        DataType::Float64 => Cow::Borrowed(array.as_primitive::<Float64Type>().values()),
        DataType::Float32 => single(array.as_primitive::<Float32Type>().values()).into(),
        DataType::Float16 => {
            array.as_primitive::<Float16Type>().values().iter().map(|v| v.to_f64()).collect::<Vec<_>>().into()
        }
        _ => {
            let values = as_integers(array)?;
            values.iter().map(|value| *value as f64).collect::<Vec<_>>().into()
        }
    })
}

/// Widens singles to the double that prints the same, as the REST API shows them.
fn single(values: &[f32]) -> Vec<f64> {
    values.iter().map(|value| f64::from(*value)).collect()
}

fn texts(array: &dyn Array) -> Option<Values<'_>> {
    Some(match array.data_type() {
        DataType::Utf8 => Values::Utf8(array.as_string::<i32>()),
        DataType::LargeUtf8 => Values::LargeUtf8(array.as_string::<i64>()),
        DataType::Utf8View => Values::Utf8View(array.as_string_view()),
        _ => return None,
    })
}

impl<'a> Reader<'a> {
    /// A column that the source does not have.
    pub(crate) fn missing() -> Self {
        Self { array: None, values: Values::Missing }
    }

    /// A column of WKB.
    pub(crate) fn geometry(array: &'a dyn Array) -> Result<Self> {
        bytes(array).map(|values| Self { array: Some(array), values }).ok_or_else(|| {
            Error::unsupported(format!("geometries come as {} and not as WKB", array.data_type()))
        })
    }

    /// A column for a field.
    pub(crate) fn of(array: &'a dyn Array, field: &Field) -> Result<Self> {
        let rows = 0..array.len();
        let written = |write: &dyn Fn(&Self, usize) -> Option<String>, reader: &Self| -> Values<'static> {
            let valid = |row: &usize| array.is_valid(*row);
            Values::Text(
                rows.clone().map(|row| if valid(&row) { write(reader, row) } else { None }).collect(),
            )
        };
        let raw = |values: Values<'a>| Self { array: Some(array), values };
        let values = match (storage_of(field.field_type), field.field_type) {
            (_, FieldType::Date) => match (as_moments(array), texts(array)) {
                (Some(moments), _) => Some(Values::Int(moments)),
                (None, Some(text)) => {
                    let reader = raw(text);
                    let read = |row| match reader.cell(row) {
                        Cell::Text(text) => read_datetime(text),
                        _ => None,
                    };
                    Some(Values::Dates(rows.clone().map(read).collect()))
                }
                _ => as_integers(array).map(Values::Int),
            },
            (Storage::Int, _) => match as_integers(array) {
                Some(values) => Some(Values::Int(values)),
                None => as_floats(array).map(|values| {
                    Values::Int(values.iter().map(|value| *value as i64).collect::<Vec<_>>().into())
                }),
            },
            (Storage::Float, _) => as_floats(array).map(Values::Float),
            (Storage::Text, FieldType::Guid | FieldType::GlobalId) => texts(array).map(|text| {
                let write = |reader: &Self, row| match reader.cell(row) {
                    Cell::Text(text) => Some(canonical_guid(text)),
                    _ => None,
                };
                written(&write, &raw(text))
            }),
            (Storage::Text, kind) => match (texts(array), as_moments(array), as_times(array)) {
                (Some(text), _, _) => Some(text),
                (_, Some(moments), _) => {
                    let write = |_: &Self, row: usize| {
                        let millis = moments.get(row).copied()?;
                        if kind == FieldType::DateOnly {
                            return Some(write_date(millis.div_euclid(DAY)));
                        }
                        let mut text = String::new();
                        write_datetime(millis, &mut text);
                        Some(text)
                    };
                    Some(written(&write, &Self::missing()))
                }
                (_, _, Some(times)) => {
                    let write = |_: &Self, row: usize| times.get(row).map(|time| write_time(*time));
                    Some(written(&write, &Self::missing()))
                }
                _ => as_floats(array).map(|values| {
                    let write = |_: &Self, row: usize| values.get(row).map(ToString::to_string);
                    written(&write, &Self::missing())
                }),
            },
            (Storage::Bytes, _) => bytes(array),
        };
        values.map(|values| Self { array: Some(array), values }).ok_or_else(|| {
            let (name, found) = (&field.name, array.data_type());
            Error::unsupported(format!("field `{name}` is {:?} and comes as {found}", field.field_type))
        })
    }

    /// Returns a value.
    pub(crate) fn cell(&self, row: usize) -> Cell<'_> {
        if self.array.is_none_or(|array| array.is_null(row)) {
            return Cell::Null;
        }
        match &self.values {
            Values::Missing => Cell::Null,
            Values::Int(values) => values.get(row).map_or(Cell::Null, |value| Cell::Int(*value)),
            // JSON has no NaN; what cannot be served is not kept.
            Values::Float(values) => {
                values.get(row).filter(|v| v.is_finite()).map_or(Cell::Null, |value| Cell::Float(*value))
            }
            Values::Utf8(values) => Cell::Text(values.value(row)),
            Values::LargeUtf8(values) => Cell::Text(values.value(row)),
            Values::Utf8View(values) => Cell::Text(values.value(row)),
            Values::Text(values) => values.get(row).and_then(Option::as_deref).map_or(Cell::Null, Cell::Text),
            Values::Dates(values) => values.get(row).copied().flatten().map_or(Cell::Null, Cell::Int),
            Values::Binary(values) => Cell::Bytes(values.value(row)),
            Values::LargeBinary(values) => Cell::Bytes(values.value(row)),
            Values::BinaryView(values) => Cell::Bytes(values.value(row)),
        }
    }
}

fn bytes(array: &dyn Array) -> Option<Values<'_>> {
    Some(match array.data_type() {
        DataType::Binary => Values::Binary(array.as_binary::<i32>()),
        DataType::LargeBinary => Values::LargeBinary(array.as_binary::<i64>()),
        DataType::BinaryView => Values::BinaryView(array.as_binary_view()),
        _ => return None,
    })
}
