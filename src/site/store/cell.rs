//! One value of one row, as the store holds it, and the calendar behind dates.

use geosharing_core::dataset::FieldType;

/// A value that borrows from the image, a batch or an owned row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// No value.
    Null,
    /// Whole numbers; dates as milliseconds since 1970.
    Int(i64),
    /// Floating point numbers.
    Float(f64),
    /// Text; GUIDs, days, times and timestamps with an offset, too.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
}

/// An owned [`Cell`].
#[derive(Clone, Debug, Default, PartialEq)]
pub enum OwnedCell {
    /// No value.
    #[default]
    Null,
    /// Whole numbers; dates as milliseconds since 1970.
    Int(i64),
    /// Floating point numbers.
    Float(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl OwnedCell {
    /// Borrows the value.
    pub fn as_cell(&self) -> Cell<'_> {
        match self {
            Self::Null => Cell::Null,
            Self::Int(value) => Cell::Int(*value),
            Self::Float(value) => Cell::Float(*value),
            Self::Text(value) => Cell::Text(value),
            Self::Bytes(value) => Cell::Bytes(value),
        }
    }
}

impl Cell<'_> {
    /// Copies the value.
    pub fn own(self) -> OwnedCell {
        match self {
            Self::Null => OwnedCell::Null,
            Self::Int(value) => OwnedCell::Int(value),
            Self::Float(value) => OwnedCell::Float(value),
            Self::Text(value) => OwnedCell::Text(value.to_owned()),
            Self::Bytes(value) => OwnedCell::Bytes(value.to_vec()),
        }
    }

    /// Says whether there is no value.
    pub fn is_null(self) -> bool {
        self == Self::Null
    }
}

/// How a column is held in the image.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Storage {
    Int,
    Float,
    Text,
    Bytes,
}

/// Returns how values of a field type are held.
pub(crate) fn storage_of(field_type: FieldType) -> Storage {
    match field_type {
        FieldType::Oid
        | FieldType::SmallInteger
        | FieldType::Integer
        | FieldType::BigInteger
        | FieldType::Date => Storage::Int,
        FieldType::Single | FieldType::Double => Storage::Float,
        FieldType::String
        | FieldType::DateOnly
        | FieldType::TimeOnly
        | FieldType::TimestampOffset
        | FieldType::Guid
        | FieldType::GlobalId
        | FieldType::Xml => Storage::Text,
        FieldType::Blob | FieldType::Geometry => Storage::Bytes,
    }
}

const DAY: i64 = 86_400_000;

/// Days since 1970 of a day in the proleptic Gregorian calendar.
pub(crate) fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let shifted = i64::from((month + 9) % 12);
    let of_year = (153 * shifted + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The day that lies so many days after 1970-01-01.
pub(crate) fn civil_from_days(days: i64) -> (i64, u32, u32) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = (of_year - (153 * shifted + 2) / 5 + 1) as u32;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 } as u32;
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// Writes milliseconds since 1970 as GeoPackage's `DATETIME`.
pub(crate) fn write_datetime(millis: i64, out: &mut String) {
    use std::fmt::Write as _;
    let (year, month, day) = civil_from_days(millis.div_euclid(DAY));
    let rest = millis.rem_euclid(DAY);
    let (hour, minute, second, milli) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60, rest % 1000);
    // Four-digit years are the rule and worth the short way: a publish writes millions of dates.
    if (0..10_000).contains(&year) {
        let mut text = *b"0000-00-00T00:00:00.000Z";
        for (at, width, value) in [
            (0, 4, year),
            (5, 2, i64::from(month)),
            (8, 2, i64::from(day)),
            (11, 2, hour),
            (14, 2, minute),
            (17, 2, second),
            (20, 3, milli),
        ] {
            let mut value = value;
            for digit in text.iter_mut().skip(at).take(width).rev() {
                *digit = b'0' + (value % 10) as u8;
                value /= 10;
            }
        }
        out.push_str(std::str::from_utf8(&text).unwrap_or_default());
    } else {
        let _ = write!(out, "{year:+05}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z");
    }
}

/// Writes days since 1970 as `YYYY-MM-DD`.
pub(crate) fn write_date(days: i64) -> String {
    let (year, month, day) = civil_from_days(days);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Writes milliseconds since midnight as `HH:MM:SS`, with a fraction where there is one.
pub(crate) fn write_time(millis: i64) -> String {
    let text = format!("{:02}:{:02}:{:02}", millis / 3_600_000, millis / 60_000 % 60, millis / 1000 % 60);
    match millis % 1000 {
        0 => text,
        rest => format!("{text}.{rest:03}"),
    }
}

/// Reads a date with an optional time and offset, as milliseconds since 1970; `None` when it is none.
pub(crate) fn read_datetime(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, body) = match text.strip_prefix('-') {
        Some(body) => (true, body),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (date, time) = match body.find(['T', ' ']) {
        Some(at) => (body.get(..at)?, body.get(at + 1..)?),
        None => (body, ""),
    };
    let mut parts = date.split(['-', '/']);
    let year: i64 = parts.next()?.parse().ok()?;
    let month: u32 = parts.next()?.parse().ok()?;
    let day: u32 = parts.next()?.parse().ok()?;
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) || year > 300_000 {
        return None;
    }
    let days = days_from_civil(if negative { -year } else { year }, month, day);
    Some(days * DAY + if time.is_empty() { 0 } else { read_time(time)? })
}

/// Reads `HH:MM[:SS[.fff]][Z|+HH:MM]` as milliseconds.
fn read_time(text: &str) -> Option<i64> {
    let text = text.trim();
    let (clock, offset) = match text.find(['Z', 'z', '+', '-']) {
        Some(at) => (text.get(..at)?, text.get(at..)?),
        None => (text, ""),
    };
    let mut parts = clock.trim().split(':');
    let hour: i64 = parts.next()?.parse().ok()?;
    let minute: i64 = parts.next()?.parse().ok()?;
    let second: f64 = parts.next().unwrap_or("0").parse().ok()?;
    if !(0..24).contains(&hour) || !(0..60).contains(&minute) || !(0.0..61.0).contains(&second) {
        return None;
    }
    let shift = match offset.chars().next() {
        Some(sign @ ('+' | '-')) => {
            let digits: String = offset.chars().filter(char::is_ascii_digit).collect();
            let hours: i64 = digits.get(..2)?.parse().ok()?;
            let minutes: i64 = digits.get(2..4).map_or(Some(0), |text| text.parse().ok())?;
            (hours * 60 + minutes) * if sign == '+' { -60_000 } else { 60_000 }
        }
        _ => 0,
    };
    Some((hour * 60 + minute) * 60_000 + (second * 1000.0).round() as i64 + shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_survive_text_both_before_and_after_1970() {
        for millis in [0, -1, 1_600_000_000_123, -62_135_596_800_000, 253_402_300_799_999, -999] {
            let mut text = String::new();
            write_datetime(millis, &mut text);
            assert_eq!(read_datetime(&text), Some(millis), "{text}");
        }
    }

    #[test]
    fn offsets_are_taken_off_and_nonsense_is_refused() {
        assert_eq!(read_datetime("1970-01-01T02:00:00+02:00"), Some(0));
        assert_eq!(read_datetime("1970-01-02"), Some(DAY));
        assert_eq!(read_datetime("1970/01/01 00:00:01.5"), Some(1500));
        assert_eq!(read_datetime("yesterday"), None);
        assert_eq!(read_datetime("1970-13-01"), None);
    }
}
