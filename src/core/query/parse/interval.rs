//! Intervals and the parts of dates.

use super::{Node, Parser};
use crate::Result;
use crate::query::expr::{DatePart, Expr, Interval, Literal};
use crate::query::token::{Token, syntax};

impl Parser {
    pub(super) fn date_part(&mut self) -> Result<DatePart> {
        let part = match self.peek() {
            Some(Token::Word(word)) => date_part(&word.to_ascii_uppercase()),
            _ => None,
        };
        self.next += usize::from(part.is_some());
        part.ok_or_else(|| self.unexpected("YEAR, MONTH, DAY, HOUR, MINUTE or SECOND"))
    }

    pub(super) fn interval(&mut self) -> Result<Node> {
        let position = self.position();
        let text = self.text()?;
        let from = self.date_part()?;
        let to = if self.word("TO") { self.date_part()? } else { from };
        if self.mark("(") {
            while matches!(self.peek(), Some(Token::Int(_) | Token::Mark(","))) {
                self.next += 1;
            }
            self.expect(")")?;
        }
        let interval = interval(text.trim(), from, to)
            .ok_or_else(|| syntax(format!("'{text}' does not fit the units of the interval"), position))?;
        Ok((Expr::Literal(Literal::Interval(interval)), 1))
    }
}

pub(super) fn date_part(word: &str) -> Option<DatePart> {
    Some(match word {
        "YEAR" => DatePart::Year,
        "MONTH" => DatePart::Month,
        "DAY" => DatePart::Day,
        "HOUR" => DatePart::Hour,
        "MINUTE" => DatePart::Minute,
        "SECOND" => DatePart::Second,
        _ => return None,
    })
}

fn interval(text: &str, from: DatePart, to: DatePart) -> Option<Interval> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1_i64, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let whole = |text: &str| text.parse::<u32>().ok().map(i64::from);
    let months =
        |months: i64| i32::try_from(sign * months).ok().map(|months| Interval { months, milliseconds: 0 });
    let milliseconds = |milliseconds: i64| Some(Interval { months: 0, milliseconds: sign * milliseconds });
    match (from, to) {
        (DatePart::Year, DatePart::Year) => months(whole(text)?.checked_mul(12)?),
        (DatePart::Month, DatePart::Month) => months(whole(text)?),
        (DatePart::Year, DatePart::Month) => {
            let (years, rest) = text.split_once('-')?;
            months(whole(years)?.checked_mul(12)?.checked_add(whole(rest)?)?)
        }
        (DatePart::Day, DatePart::Day) => milliseconds(whole(text)? * 86_400_000),
        (DatePart::Hour, DatePart::Hour) => milliseconds(whole(text)? * 3_600_000),
        (DatePart::Minute, DatePart::Minute) => milliseconds(whole(text)? * 60_000),
        (DatePart::Second, DatePart::Second) => milliseconds(seconds(text)?),
        (DatePart::Day, DatePart::Hour | DatePart::Minute | DatePart::Second) => {
            let (days, clock) = text.split_once(' ')?;
            milliseconds(whole(days)? * 86_400_000 + clock_span(clock, DatePart::Hour)?)
        }
        (DatePart::Hour | DatePart::Minute, DatePart::Minute | DatePart::Second) => {
            milliseconds(clock_span(text, from)?)
        }
        _ => None,
    }
}

fn clock_span(text: &str, from: DatePart) -> Option<i64> {
    let mut units = [3_600_000, 60_000].iter().skip(usize::from(from == DatePart::Minute));
    let mut total = 0;
    let mut parts = text.split(':').peekable();
    while let Some(part) = parts.next() {
        total += match units.next() {
            Some(unit) => i64::from(part.parse::<u32>().ok()?) * unit,
            None if parts.peek().is_none() => seconds(part)?,
            None => return None,
        };
    }
    Some(total)
}

fn seconds(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let three: String = fraction.chars().chain("000".chars()).take(3).collect();
    let whole: u64 = whole.parse().ok()?;
    if whole > 1_000_000_000_000 {
        return None;
    }
    Some(whole as i64 * 1000 + i64::from(three.parse::<u32>().ok()?))
}
