//! Expressions over rows, with the three truth values of SQL.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::date;
use super::expr::{ArithmeticOp, CompareOp, Expr, Function, Interval, Literal, SqlType};
use super::like::like;
use super::value::{Row, Value};

impl CompareOp {
    /// Whether an order of two values satisfies the comparison.
    pub fn holds(self, order: Ordering) -> bool {
        match self {
            CompareOp::Equal => order.is_eq(),
            CompareOp::NotEqual => order.is_ne(),
            CompareOp::Less => order.is_lt(),
            CompareOp::LessOrEqual => order.is_le(),
            CompareOp::Greater => order.is_gt(),
            CompareOp::GreaterOrEqual => order.is_ge(),
        }
    }
}

impl Literal {
    /// Returns the constant as a value; intervals have none.
    pub fn value(&self) -> Value<'_> {
        match self {
            Literal::Null | Literal::Interval(_) => Value::Null,
            Literal::Bool(value) => Value::Bool(*value),
            Literal::Int(value) => Value::Int(*value),
            Literal::Float(value) => Value::Float(*value),
            Literal::Text(text) => Value::Text(Cow::Borrowed(text)),
            Literal::Date(moment) => Value::Date(*moment),
            Literal::Now => Value::Date(date::now()),
            Literal::Today => Value::Date(date::day_of(date::now())),
        }
    }
}

impl Expr<usize> {
    /// Whether a row satisfies the condition; null counts as no.
    pub fn matches<R: Row + ?Sized>(&self, row: &R) -> bool {
        self.truth(row) == Some(true)
    }

    /// Returns the truth of a condition; `None` is SQL's unknown.
    pub fn truth<R: Row + ?Sized>(&self, row: &R) -> Option<bool> {
        match self {
            Expr::Not(inner) => inner.truth(row).map(|truth| !truth),
            Expr::And(parts) => junction(parts, row, true),
            Expr::Or(parts) => junction(parts, row, false),
            Expr::Compare { op, left, right } => {
                left.value(row).compare(&right.value(row)).map(|order| op.holds(order))
            }
            Expr::In { value, list, negated } => {
                let value = value.value(row);
                if value.is_null() {
                    return None;
                }
                let mut unknown = false;
                for item in list {
                    match value.compare(&item.value(row)) {
                        Some(Ordering::Equal) => return Some(!negated),
                        Some(_) => {}
                        None => unknown = true,
                    }
                }
                if unknown { None } else { Some(*negated) }
            }
            Expr::Between { value, low, high, negated } => {
                let value = value.value(row);
                let low = value.compare(&low.value(row)).map(Ordering::is_ge);
                let high = value.compare(&high.value(row)).map(Ordering::is_le);
                let within = match (low, high) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                };
                within.map(|within| within != *negated)
            }
            Expr::Like { value, pattern, escape, negated } => match (value.value(row), pattern.value(row)) {
                (Value::Text(text), Value::Text(pattern)) => Some(like(&text, &pattern, *escape) != *negated),
                _ => None,
            },
            Expr::IsNull { value, negated } => Some(value.value(row).is_null() != *negated),
            other => match other.value(row) {
                Value::Bool(truth) => Some(truth),
                _ => None,
            },
        }
    }

    /// Computes the expression for a row.
    pub fn value<'a, R: Row + ?Sized>(&'a self, row: &'a R) -> Value<'a> {
        match self {
            Expr::Literal(literal) => literal.value(),
            Expr::Field(field) => row.value(*field),
            Expr::Arithmetic { op, left, right } => arithmetic(*op, left, right, row),
            Expr::Negate(inner) => match inner.value(row) {
                Value::Int(value) => value.checked_neg().map_or(Value::Null, Value::Int),
                other => finite(other.as_f64().map(|value| -value)),
            },
            Expr::Call { function, arguments } => call(*function, arguments, row),
            Expr::Cast { value, to } => cast(value.value(row), *to),
            Expr::Extract { part, value } => match value.value(row) {
                Value::Date(moment) => Value::Int(date::extract(*part, moment)),
                Value::Text(text) => {
                    date::parse(&text).map_or(Value::Null, |moment| Value::Int(date::extract(*part, moment)))
                }
                _ => Value::Null,
            },
            Expr::Case { branches, otherwise } => {
                let chosen = branches.iter().find(|(test, _)| test.matches(row));
                let chosen = chosen.map(|(_, result)| result).or(otherwise.as_deref());
                chosen.map_or(Value::Null, |chosen| chosen.value(row))
            }
            condition => condition.truth(row).map_or(Value::Null, Value::Bool),
        }
    }
}

fn junction<R: Row + ?Sized>(parts: &[Expr<usize>], row: &R, all: bool) -> Option<bool> {
    let mut unknown = false;
    for part in parts {
        match part.truth(row) {
            Some(truth) if truth != all => return Some(!all),
            Some(_) => {}
            None => unknown = true,
        }
    }
    if unknown { None } else { Some(all) }
}

fn finite(value: Option<f64>) -> Value<'static> {
    value.filter(|value| value.is_finite()).map_or(Value::Null, Value::Float)
}

fn whole(value: Option<i64>) -> Value<'static> {
    value.map_or(Value::Null, Value::Int)
}

fn arithmetic<'a, R: Row + ?Sized>(
    op: ArithmeticOp,
    left: &'a Expr<usize>,
    right: &'a Expr<usize>,
    row: &'a R,
) -> Value<'a> {
    if let Some((moment, interval)) = moment_and_interval(left, right, row) {
        let sign = if op == ArithmeticOp::Subtract { -1 } else { 1 };
        return date::add(moment, interval, sign).map_or(Value::Null, Value::Date);
    }
    match (left.value(row), op, right.value(row)) {
        (Value::Null, _, _) | (_, _, Value::Null) => Value::Null,
        (left, ArithmeticOp::Concat, right) => Value::Text(Cow::Owned(text_of(&left) + &text_of(&right))),
        // Days, as SQL databases count the difference of dates and what is added to them.
        (Value::Date(a), ArithmeticOp::Subtract, Value::Date(b)) => {
            finite(a.checked_sub(b).map(|difference| difference as f64 / 86_400_000.0))
        }
        (Value::Date(moment), op, days) => {
            let days = days.as_f64().unwrap_or(f64::NAN) * 86_400_000.0;
            let sum = moment as f64 + if op == ArithmeticOp::Subtract { -days } else { days };
            if sum.abs() < 9.0e15 { Value::Date(sum as i64) } else { Value::Null }
        }
        (Value::Int(a), op, Value::Int(b)) => match op {
            ArithmeticOp::Add => whole(a.checked_add(b)),
            ArithmeticOp::Subtract => whole(a.checked_sub(b)),
            ArithmeticOp::Multiply => whole(a.checked_mul(b)),
            _ if b == 0 => Value::Null,
            _ if a.checked_rem(b) == Some(0) => whole(a.checked_div(b)),
            _ => finite(Some(a as f64 / b as f64)),
        },
        (a, op, b) => {
            let (Some(a), Some(b)) = (a.as_f64(), b.as_f64()) else { return Value::Null };
            finite(Some(match op {
                ArithmeticOp::Add => a + b,
                ArithmeticOp::Subtract => a - b,
                ArithmeticOp::Multiply => a * b,
                _ => a / b,
            }))
        }
    }
}

fn moment_and_interval<R: Row + ?Sized>(
    left: &Expr<usize>,
    right: &Expr<usize>,
    row: &R,
) -> Option<(i64, Interval)> {
    let (moment, interval) = match (left, right) {
        (moment, Expr::Literal(Literal::Interval(interval)))
        | (Expr::Literal(Literal::Interval(interval)), moment) => (moment, *interval),
        _ => return None,
    };
    match moment.value(row) {
        Value::Date(moment) => Some((moment, interval)),
        _ => None,
    }
}

fn text_of(value: &Value<'_>) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::Date(moment) => date::print(*moment),
        Value::Text(text) => text.to_string(),
    }
}

fn cast(value: Value<'_>, to: SqlType) -> Value<'_> {
    match (value, to) {
        (Value::Null, _) => Value::Null,
        (value @ Value::Text(_), SqlType::Text) | (value @ Value::Date(_), SqlType::Timestamp) => value,
        (value, SqlType::Text) => Value::Text(Cow::Owned(text_of(&value))),
        (Value::Text(text), SqlType::Integer) => {
            let text = text.trim();
            whole(text.parse().ok().or_else(|| text.parse::<f64>().ok().and_then(truncated)))
        }
        (Value::Text(text), SqlType::Float) => finite(text.trim().parse().ok()),
        (Value::Text(text), to) => {
            date::parse(&text).map_or(Value::Null, |moment| cast(Value::Date(moment), to))
        }
        (Value::Date(moment), SqlType::Date) => Value::Date(date::day_of(moment)),
        (Value::Int(moment), to @ (SqlType::Date | SqlType::Timestamp)) => cast(Value::Date(moment), to),
        (Value::Bool(value), SqlType::Integer) => Value::Int(i64::from(value)),
        (value, SqlType::Integer) => match value {
            Value::Int(value) => Value::Int(value),
            other => whole(other.as_f64().and_then(truncated)),
        },
        (value, SqlType::Float) => finite(value.as_f64()),
        _ => Value::Null,
    }
}

fn truncated(value: f64) -> Option<i64> {
    (value.abs() < 9.2e18).then_some(value as i64)
}

fn call<'a, R: Row + ?Sized>(function: Function, arguments: &'a [Expr<usize>], row: &'a R) -> Value<'a> {
    let argument = |index: usize| arguments.get(index).map_or(Value::Null, |argument| argument.value(row));
    match function {
        Function::Coalesce => {
            let found = arguments.iter().map(|argument| argument.value(row)).find(|value| !value.is_null());
            return found.unwrap_or(Value::Null);
        }
        Function::NullIf => {
            let (first, second) = (argument(0), argument(1));
            return if first.compare(&second) == Some(Ordering::Equal) { Value::Null } else { first };
        }
        Function::Concat => {
            let values = arguments.iter().map(|argument| text_of(&argument.value(row)));
            return Value::Text(Cow::Owned(values.collect()));
        }
        _ => {}
    }
    let first = argument(0);
    if first.is_null() {
        return Value::Null;
    }
    match first {
        Value::Text(text) => text_call(function, &text, &argument(1), arguments.get(2).map(|_| argument(2))),
        number => number_call(function, &number, &argument(1), arguments.len() > 1),
    }
}

fn text_call<'a>(function: Function, text: &str, second: &Value<'a>, third: Option<Value<'a>>) -> Value<'a> {
    let owned = |text: String| Value::Text(Cow::Owned(text));
    match function {
        Function::Lower => owned(text.to_lowercase()),
        Function::Upper => owned(text.to_uppercase()),
        Function::CharLength => Value::Int(text.chars().count() as i64),
        Function::Trim => owned(text.trim_matches(' ').to_owned()),
        Function::TrimLeft => owned(text.trim_start_matches(' ').to_owned()),
        Function::TrimRight => owned(text.trim_end_matches(' ').to_owned()),
        Function::Position => match second {
            Value::Text(within) => Value::Int(
                within
                    .find(text)
                    .map_or(0, |at| within.get(..at).map_or(0, |before| before.chars().count()) as i64 + 1),
            ),
            _ => Value::Null,
        },
        Function::Substring => {
            let Some(start) = second.as_i64() else { return Value::Null };
            let end = match third.map(|length| length.as_i64()) {
                None => i64::MAX,
                Some(Some(length)) => start.saturating_add(length.max(0)),
                Some(None) => return Value::Null,
            };
            let skip = start.max(1) - 1;
            let take = (end - 1).saturating_sub(skip).max(0);
            owned(text.chars().skip(skip as usize).take(take as usize).collect())
        }
        _ => Value::Null,
    }
}

fn number_call<'a>(function: Function, first: &Value<'a>, second: &Value<'a>, has_second: bool) -> Value<'a> {
    let Some(number) = first.as_f64() else { return Value::Null };
    if has_second && second.is_null() {
        return Value::Null;
    }
    let unary = |result: f64| finite(Some(result));
    let like_input = |result: f64| match first {
        Value::Int(_) if result.abs() < 9.0e15 => Value::Int(result as i64),
        _ => finite(Some(result)),
    };
    let decimals = 10_f64.powi(second.as_i64().unwrap_or(0).clamp(-18, 18) as i32);
    match function {
        Function::Abs => like_input(number.abs()),
        Function::Ceiling => unary(number.ceil()),
        Function::Floor => unary(number.floor()),
        Function::Round => like_input((number * decimals).round() / decimals),
        Function::Truncate => like_input((number * decimals).trunc() / decimals),
        Function::Sign => Value::Int(i64::from(number > 0.0) - i64::from(number < 0.0)),
        Function::Mod => match (first.as_i64(), second.as_i64()) {
            (Some(a), Some(b)) => whole(a.checked_rem(b)),
            _ => finite(second.as_f64().map(|divisor| number % divisor)),
        },
        Function::Power => finite(second.as_f64().map(|power| number.powf(power))),
        Function::Sqrt => unary(number.sqrt()),
        Function::Exp => unary(number.exp()),
        Function::Ln => unary(number.ln()),
        Function::Log10 => unary(number.log10()),
        Function::Sin => unary(number.sin()),
        Function::Cos => unary(number.cos()),
        Function::Tan => unary(number.tan()),
        Function::Asin => unary(number.asin()),
        Function::Acos => unary(number.acos()),
        Function::Atan => unary(number.atan()),
        _ => Value::Null,
    }
}
