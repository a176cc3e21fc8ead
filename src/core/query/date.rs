//! Days and times of the proleptic Gregorian calendar, in milliseconds since 1970 (UTC).

use super::expr::{DatePart, Interval};

const DAY: i64 = 86_400_000;

/// A moment taken apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Civil {
    /// Year.
    pub year: i64,
    /// Month, from 1.
    pub month: u32,
    /// Day of the month, from 1.
    pub day: u32,
    /// Hour.
    pub hour: u32,
    /// Minute.
    pub minute: u32,
    /// Second.
    pub second: u32,
    /// Millisecond.
    pub millisecond: u32,
}

/// Days since 1970 of a date of the Gregorian calendar.
pub fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * i64::from((month + 9) % 12) + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Takes a moment apart.
pub fn civil(milliseconds: i64) -> Civil {
    let days = milliseconds.div_euclid(DAY);
    let rest = milliseconds.rem_euclid(DAY);
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    Civil {
        year: era * 400 + year_of_era + i64::from(month <= 2),
        month: month as u32,
        day: day as u32,
        hour: (rest / 3_600_000) as u32,
        minute: (rest / 60_000 % 60) as u32,
        second: (rest / 1000 % 60) as u32,
        millisecond: (rest % 1000) as u32,
    }
}

/// Number of days of a month.
pub fn days_in_month(year: i64, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Reads `2024-05-01`, `2024-05-01 10:00[:00[.000]]` with blank or `T`, a trailing `Z` or offset,
/// and `5/1/2024 10:00`. The result lies in the years 1 to 9999.
pub fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    let (day, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (text.get(..at)?, text.get(at + 1..)?.trim()),
        None => (text, ""),
    };
    let days = parse_day(day)?;
    let (clock, offset) = split_offset(time)?;
    let milliseconds = if clock.is_empty() { 0 } else { parse_time(clock)? };
    let moment = days * DAY + milliseconds - offset;
    (days_from_civil(1, 1, 1) * DAY..days_from_civil(10_000, 1, 1) * DAY).contains(&moment).then_some(moment)
}

fn parse_day(text: &str) -> Option<i64> {
    let (year, month, day) = if text.contains('/') {
        let mut parts = text.split('/');
        let (a, b, c) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        if a.len() == 4 { (a, b, c) } else { (c, a, b) }
    } else {
        let mut parts = text.splitn(3, '-');
        (parts.next()?, parts.next()?, parts.next()?)
    };
    let (year, month, day) = (digits(year, 4)?, digits(month, 2)?, digits(day, 2)?);
    let valid = (1..=9999).contains(&year) && (1..=12).contains(&month);
    (valid && (1..=days_in_month(i64::from(year), month)).contains(&day))
        .then(|| days_from_civil(i64::from(year), month, day))
}

/// Reads `10:00`, `10:00:00` and `10:00:00.123` into milliseconds.
pub fn parse_time(text: &str) -> Option<i64> {
    let mut parts = text.trim().splitn(3, ':');
    let hour = digits(parts.next()?, 2)?;
    let minute = digits(parts.next()?, 2)?;
    let (second, fraction) = match parts.next() {
        None => (0, 0),
        Some(text) => match text.split_once('.') {
            None => (digits(text, 2)?, 0),
            Some((whole, part)) => {
                digits(part, 9)?;
                let three: String = part.chars().chain("00".chars()).take(3).collect();
                (digits(whole, 2)?, digits(&three, 3)?)
            }
        },
    };
    (hour < 24 && minute < 60 && second < 60).then(|| {
        i64::from(hour) * 3_600_000
            + i64::from(minute) * 60_000
            + i64::from(second) * 1000
            + i64::from(fraction)
    })
}

fn split_offset(text: &str) -> Option<(&str, i64)> {
    if let Some(text) = text.strip_suffix(['Z', 'z']) {
        return Some((text, 0));
    }
    let Some(at) = text.rfind(['+', '-']) else { return Some((text, 0)) };
    let (clock, offset) = text.split_at(at);
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let offset = offset.get(1..)?;
    let full = if offset.contains(':') {
        offset.to_owned()
    } else if offset.len() == 4 {
        format!("{}:{}", offset.get(..2)?, offset.get(2..)?)
    } else {
        format!("{offset}:00")
    };
    Some((clock.trim_end(), sign * parse_time(&full)?))
}

fn digits(text: &str, most: usize) -> Option<u32> {
    let valid = !text.is_empty() && text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit());
    if valid { text.parse().ok() } else { None }
}

/// Prints `2024-05-01 10:00:00.000`.
pub fn print(milliseconds: i64) -> String {
    let at = civil(milliseconds);
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:03}",
        at.year, at.month, at.day, at.hour, at.minute, at.second, at.millisecond
    )
}

/// Prints `2024-05-01`.
pub fn print_day(milliseconds: i64) -> String {
    let at = civil(milliseconds);
    format!("{:04}-{:02}-{:02}", at.year, at.month, at.day)
}

/// Cuts the time off.
pub fn day_of(milliseconds: i64) -> i64 {
    milliseconds.div_euclid(DAY) * DAY
}

/// Returns one part of a moment.
pub fn extract(part: DatePart, milliseconds: i64) -> i64 {
    let at = civil(milliseconds);
    match part {
        DatePart::Year => at.year,
        DatePart::Month => i64::from(at.month),
        DatePart::Day => i64::from(at.day),
        DatePart::Hour => i64::from(at.hour),
        DatePart::Minute => i64::from(at.minute),
        DatePart::Second => i64::from(at.second),
    }
}

/// Adds an interval; months keep the day where the month has it.
pub fn add(milliseconds: i64, interval: Interval, sign: i64) -> Option<i64> {
    let mut moment = milliseconds;
    if interval.months != 0 {
        let at = civil(moment);
        let months = at.year.checked_mul(12)?.checked_add(i64::from(at.month) - 1)?;
        let months = months.checked_add(sign * i64::from(interval.months))?;
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12) as u32 + 1);
        let day = at.day.min(days_in_month(year, month));
        moment = days_from_civil(year, month, day).checked_mul(DAY)? + moment.rem_euclid(DAY);
    }
    moment.checked_add(sign.checked_mul(interval.milliseconds)?)
}

/// Returns the present moment.
pub fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
