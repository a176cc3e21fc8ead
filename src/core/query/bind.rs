//! From names to fields: types are checked, literals take the type of what they meet, and what
//! is constant is computed once.

use super::date;
use super::expr::{ArithmeticOp, CompareOp, Expr, Function, Literal, SqlType};
use super::plan::Predicate;
use super::schema::Schema;
use super::value::{OwnedValue, Value};
use crate::dataset::FieldType;
use crate::{Error, Result};

/// What kind of value an expression gives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ValueKind {
    /// Always null.
    Null,
    /// A truth value.
    Bool,
    /// A number.
    Number,
    /// Text.
    Text,
    /// Date and time.
    Date,
    /// A day, kept as text.
    DayText,
    /// A GUID, kept as text in braces.
    GuidText,
    /// A span of time.
    Interval,
}

impl ValueKind {
    /// Returns the kind of a field's values.
    pub fn of(field_type: FieldType) -> Self {
        match field_type {
            FieldType::Oid
            | FieldType::SmallInteger
            | FieldType::Integer
            | FieldType::BigInteger
            | FieldType::Single
            | FieldType::Double => Self::Number,
            FieldType::Date => Self::Date,
            FieldType::DateOnly => Self::DayText,
            FieldType::Guid | FieldType::GlobalId => Self::GuidText,
            _ => Self::Text,
        }
    }

    fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::DayText | Self::GuidText)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "a condition",
            Self::Number => "a number",
            Self::Text => "text",
            Self::Date => "a date",
            Self::DayText => "a day",
            Self::GuidText => "a GUID",
            Self::Interval => "an interval",
        }
    }
}

/// Binds a `where` expression to a layer; `None` when it holds for every row.
///
/// # Errors
/// Unknown fields and comparisons of kinds that do not meet.
pub fn bind(expr: Expr<String>, schema: &Schema) -> Result<Option<Predicate>> {
    bind_with(expr, &|name| {
        let short = name.rsplit('.').next().unwrap_or(name);
        let index = schema.index_of(name).or_else(|| schema.index_of(short));
        let index = index.ok_or_else(|| Error::invalid(format!("there is no field `{name}`")))?;
        match schema.field_type(index) {
            FieldType::Blob | FieldType::Geometry => {
                Err(Error::invalid(format!("the field `{name}` cannot be compared")))
            }
            field_type => Ok((index, ValueKind::of(field_type))),
        }
    })
}

/// Binds a condition whose names are looked up by `resolve`.
pub fn bind_with(
    expr: Expr<String>,
    resolve: &dyn Fn(&str) -> Result<(usize, ValueKind)>,
) -> Result<Option<Predicate>> {
    let binder = Binder { resolve, now: date::now() };
    let (expr, kind) = binder.bind(expr)?;
    condition(kind)?;
    Ok(match expr {
        Expr::Literal(Literal::Bool(true)) => None,
        Expr::Literal(Literal::Null) => Some(Expr::Literal(Literal::Bool(false))),
        expr => Some(expr),
    })
}

struct Binder<'a> {
    resolve: &'a dyn Fn(&str) -> Result<(usize, ValueKind)>,
    now: i64,
}

type Bound = (Expr<usize>, ValueKind);

fn condition(kind: ValueKind) -> Result<()> {
    match kind {
        ValueKind::Bool | ValueKind::Null => Ok(()),
        kind => Err(Error::invalid(format!("{} stands where a condition is expected", kind.name()))),
    }
}

fn flip(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Less => CompareOp::Greater,
        CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
        CompareOp::Greater => CompareOp::Less,
        CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
        same => same,
    }
}

/// Computes what has no fields in it.
fn fold(expr: &Expr<usize>) -> Expr<usize> {
    let row: [OwnedValue; 0] = [];
    match expr.value(row.as_slice()) {
        Value::Null => Expr::Literal(Literal::Null),
        Value::Bool(value) => Expr::Literal(Literal::Bool(value)),
        Value::Int(value) => Expr::Literal(Literal::Int(value)),
        Value::Float(value) => Expr::Literal(Literal::Float(value)),
        Value::Date(value) => Expr::Literal(Literal::Date(value)),
        Value::Text(text) => Expr::Literal(Literal::Text(text.into_owned())),
    }
}

fn is_literal(expr: &Expr<usize>) -> bool {
    matches!(expr, Expr::Literal(literal) if !matches!(literal, Literal::Interval(_)))
}

impl Binder<'_> {
    fn bind(&self, expr: Expr<String>) -> Result<Bound> {
        Ok(match expr {
            Expr::Literal(literal) => {
                let (literal, kind) = self.literal(literal);
                (Expr::Literal(literal), kind)
            }
            Expr::Field(name) => {
                let (index, kind) = (self.resolve)(&name)?;
                (Expr::Field(index), kind)
            }
            Expr::Not(inner) => {
                let (inner, kind) = self.bind(*inner)?;
                condition(kind)?;
                let constant = is_literal(&inner);
                let expr = Expr::Not(Box::new(inner));
                (if constant { fold(&expr) } else { expr }, ValueKind::Bool)
            }
            Expr::And(parts) => (self.junction(parts, true)?, ValueKind::Bool),
            Expr::Or(parts) => (self.junction(parts, false)?, ValueKind::Bool),
            Expr::Compare { op, left, right } => {
                let (left, right) = meet(self.bind(*left)?, self.bind(*right)?)?;
                let swap = is_literal(&left) && !is_literal(&right);
                let (op, left, right) = if swap { (flip(op), right, left) } else { (op, left, right) };
                let constant = is_literal(&left) && is_literal(&right);
                let expr = Expr::Compare { op, left: Box::new(left), right: Box::new(right) };
                (if constant { fold(&expr) } else { expr }, ValueKind::Bool)
            }
            Expr::In { value, list, negated } => self.membership(*value, list, negated)?,
            Expr::Between { value, low, high, negated } => {
                let value = self.bind(*value)?;
                let (bound, low) = meet(value.clone(), self.bind(*low)?)?;
                let (_, high) = meet((bound.clone(), value.1), self.bind(*high)?)?;
                let constant = is_literal(&bound) && is_literal(&low) && is_literal(&high);
                let (value, low, high) = (Box::new(bound), Box::new(low), Box::new(high));
                let expr = Expr::Between { value, low, high, negated };
                (if constant { fold(&expr) } else { expr }, ValueKind::Bool)
            }
            Expr::Like { value, pattern, escape, negated } => {
                let value = self.text(*value)?;
                let pattern = self.text(*pattern)?;
                let constant = is_literal(&value) && is_literal(&pattern);
                let expr = Expr::Like { value: Box::new(value), pattern: Box::new(pattern), escape, negated };
                (if constant { fold(&expr) } else { expr }, ValueKind::Bool)
            }
            Expr::IsNull { value, negated } => {
                let (value, _) = self.bind(*value)?;
                let constant = is_literal(&value);
                let expr = Expr::IsNull { value: Box::new(value), negated };
                (if constant { fold(&expr) } else { expr }, ValueKind::Bool)
            }
            Expr::Arithmetic { op, left, right } => self.arithmetic(op, *left, *right)?,
            Expr::Negate(inner) => {
                let (inner, kind) = self.bind(*inner)?;
                number(kind)?;
                let constant = is_literal(&inner);
                let expr = Expr::Negate(Box::new(inner));
                (if constant { fold(&expr) } else { expr }, ValueKind::Number)
            }
            Expr::Call { function, arguments } => self.call(function, arguments)?,
            Expr::Cast { value, to } => {
                let (value, _) = self.bind(*value)?;
                let kind = match to {
                    SqlType::Integer | SqlType::Float => ValueKind::Number,
                    SqlType::Text => ValueKind::Text,
                    SqlType::Date | SqlType::Timestamp => ValueKind::Date,
                };
                let constant = is_literal(&value);
                let expr = Expr::Cast { value: Box::new(value), to };
                (if constant { fold(&expr) } else { expr }, kind)
            }
            Expr::Extract { part, value } => {
                let (value, kind) = self.bind(*value)?;
                let value = match (value, kind) {
                    (value, ValueKind::Date | ValueKind::DayText | ValueKind::Null) => value,
                    (Expr::Literal(Literal::Text(text)), _) => Expr::Literal(moment(&text)?),
                    (_, kind) => {
                        return Err(Error::invalid(format!("`EXTRACT` takes a date, not {}", kind.name())));
                    }
                };
                let constant = is_literal(&value);
                let expr = Expr::Extract { part, value: Box::new(value) };
                (if constant { fold(&expr) } else { expr }, ValueKind::Number)
            }
            Expr::Case { branches, otherwise } => self.case(branches, otherwise)?,
        })
    }

    fn literal(&self, literal: Literal) -> (Literal, ValueKind) {
        match literal {
            Literal::Null => (literal, ValueKind::Null),
            Literal::Bool(_) => (literal, ValueKind::Bool),
            Literal::Int(_) | Literal::Float(_) => (literal, ValueKind::Number),
            Literal::Text(_) => (literal, ValueKind::Text),
            Literal::Date(_) => (literal, ValueKind::Date),
            Literal::Interval(_) => (literal, ValueKind::Interval),
            Literal::Now => (Literal::Date(self.now), ValueKind::Date),
            Literal::Today => (Literal::Date(date::day_of(self.now)), ValueKind::Date),
        }
    }

    /// `AND` drops what is true and ends with what is false; `OR` the other way round.
    fn junction(&self, parts: Vec<Expr<String>>, all: bool) -> Result<Expr<usize>> {
        let mut kept = Vec::with_capacity(parts.len());
        let mut decided = false;
        for part in parts {
            let (part, kind) = self.bind(part)?;
            condition(kind)?;
            match part {
                Expr::Literal(Literal::Bool(value)) => decided |= value != all,
                Expr::And(inner) if all => kept.extend(inner),
                Expr::Or(inner) if !all => kept.extend(inner),
                part => kept.push(part),
            }
        }
        if decided {
            return Ok(Expr::Literal(Literal::Bool(!all)));
        }
        Ok(match (kept.len(), all) {
            (0, _) => Expr::Literal(Literal::Bool(all)),
            (1, _) => kept.remove(0),
            (_, true) => Expr::And(kept),
            (_, false) => Expr::Or(kept),
        })
    }

    fn membership(&self, value: Expr<String>, list: Vec<Expr<String>>, negated: bool) -> Result<Bound> {
        let (mut bound, kind) = self.bind(value)?;
        let mut items = Vec::with_capacity(list.len());
        for item in list {
            let (value, item) = meet((bound, kind), self.bind(item)?)?;
            bound = value;
            items.push(item);
        }
        let constant = is_literal(&bound) && items.iter().all(is_literal);
        let expr = Expr::In { value: Box::new(bound), list: items, negated };
        Ok((if constant { fold(&expr) } else { expr }, ValueKind::Bool))
    }

    fn text(&self, expr: Expr<String>) -> Result<Expr<usize>> {
        let (expr, kind) = self.bind(expr)?;
        match kind {
            kind if kind.is_text() || kind == ValueKind::Null => Ok(expr),
            ValueKind::Number => Ok(as_text(expr)),
            kind => Err(Error::invalid(format!("{} stands where text is expected", kind.name()))),
        }
    }

    fn arithmetic(&self, op: ArithmeticOp, left: Expr<String>, right: Expr<String>) -> Result<Bound> {
        if op == ArithmeticOp::Concat {
            let (left, right) = (self.text(left)?, self.text(right)?);
            let constant = is_literal(&left) && is_literal(&right);
            let expr = Expr::Arithmetic { op, left: Box::new(left), right: Box::new(right) };
            return Ok((if constant { fold(&expr) } else { expr }, ValueKind::Text));
        }
        let (left, left_kind) = self.bind(left)?;
        let (right, right_kind) = self.bind(right)?;
        let kind = match (left_kind, op, right_kind) {
            (ValueKind::Null | ValueKind::Number, _, ValueKind::Null | ValueKind::Number) => {
                ValueKind::Number
            }
            (ValueKind::Date, ArithmeticOp::Subtract, ValueKind::Date) => ValueKind::Number,
            (
                ValueKind::Date,
                ArithmeticOp::Add | ArithmeticOp::Subtract,
                ValueKind::Interval | ValueKind::Number | ValueKind::Null,
            )
            | (ValueKind::Interval, ArithmeticOp::Add, ValueKind::Date) => ValueKind::Date,
            (left, _, right) => {
                let (left, right) = (left.name(), right.name());
                return Err(Error::invalid(format!("arithmetic does not take {left} and {right}")));
            }
        };
        let constant = (is_literal(&left) || left_kind == ValueKind::Interval)
            && (is_literal(&right) || right_kind == ValueKind::Interval);
        let expr = Expr::Arithmetic { op, left: Box::new(left), right: Box::new(right) };
        Ok((if constant { fold(&expr) } else { expr }, kind))
    }

    fn call(&self, function: Function, arguments: Vec<Expr<String>>) -> Result<Bound> {
        let mut bound = Vec::with_capacity(arguments.len());
        let mut first = ValueKind::Null;
        for (index, argument) in arguments.into_iter().enumerate() {
            let argument = match (function, index) {
                (
                    Function::Lower
                    | Function::Upper
                    | Function::CharLength
                    | Function::Trim
                    | Function::TrimLeft
                    | Function::TrimRight
                    | Function::Concat
                    | Function::Position,
                    _,
                )
                | (Function::Substring, 0) => self.text(argument)?,
                (Function::Coalesce | Function::NullIf, _) => {
                    let (argument, kind) = self.bind(argument)?;
                    if first == ValueKind::Null {
                        first = kind;
                        argument
                    } else {
                        meet((Expr::Literal(Literal::Null), first), (argument, kind))?.1
                    }
                }
                _ => {
                    let (argument, kind) = self.bind(argument)?;
                    number(kind)?;
                    argument
                }
            };
            bound.push(argument);
        }
        let kind = match function {
            Function::Lower
            | Function::Upper
            | Function::Trim
            | Function::TrimLeft
            | Function::TrimRight
            | Function::Concat
            | Function::Substring => ValueKind::Text,
            Function::Coalesce | Function::NullIf => first,
            _ => ValueKind::Number,
        };
        let constant = bound.iter().all(is_literal);
        let expr = Expr::Call { function, arguments: bound };
        Ok((if constant { fold(&expr) } else { expr }, kind))
    }

    fn case(
        &self,
        branches: Vec<(Expr<String>, Expr<String>)>,
        otherwise: Option<Box<Expr<String>>>,
    ) -> Result<Bound> {
        let mut kind = ValueKind::Null;
        let mut meet_kind = |(expr, next): Bound| -> Result<Expr<usize>> {
            if kind == ValueKind::Null {
                kind = next;
                return Ok(expr);
            }
            Ok(meet((Expr::Literal(Literal::Null), kind), (expr, next))?.1)
        };
        let mut bound = Vec::with_capacity(branches.len());
        for (test, result) in branches {
            let (test, test_kind) = self.bind(test)?;
            condition(test_kind)?;
            bound.push((test, meet_kind(self.bind(result)?)?));
        }
        let otherwise = match otherwise {
            Some(otherwise) => Some(Box::new(meet_kind(self.bind(*otherwise)?)?)),
            None => None,
        };
        Ok((Expr::Case { branches: bound, otherwise }, kind))
    }
}

fn number(kind: ValueKind) -> Result<()> {
    match kind {
        ValueKind::Number | ValueKind::Null => Ok(()),
        kind => Err(Error::invalid(format!("{} stands where a number is expected", kind.name()))),
    }
}

fn moment(text: &str) -> Result<Literal> {
    date::parse(text)
        .map(Literal::Date)
        .ok_or_else(|| Error::invalid(format!("'{text}' is not a date like '2024-05-01 10:00:00'")))
}

fn as_text(expr: Expr<usize>) -> Expr<usize> {
    match expr {
        Expr::Literal(Literal::Int(number)) => Expr::Literal(Literal::Text(number.to_string())),
        Expr::Literal(Literal::Float(number)) => Expr::Literal(Literal::Text(number.to_string())),
        expr => Expr::Cast { value: Box::new(expr), to: SqlType::Text },
    }
}

/// Writes a GUID as it is stored: upper case in braces. Other text stays.
pub fn canonical_guid(text: &str) -> String {
    let bare = text.trim().trim_start_matches('{').trim_end_matches('}');
    let is_guid = bare.len() == 36
        && bare.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    if is_guid { format!("{{{}}}", bare.to_ascii_uppercase()) } else { text.to_owned() }
}

/// Brings two sides of a comparison to one kind; only literals give way.
fn meet(left: Bound, right: Bound) -> Result<(Expr<usize>, Expr<usize>)> {
    let (left, left_kind) = left;
    let (right, right_kind) = right;
    let clash =
        || Error::invalid(format!("{} and {} cannot be compared", left_kind.name(), right_kind.name()));
    if left_kind == right_kind && !left_kind.is_text() && left_kind != ValueKind::Interval {
        return Ok((left, right));
    }
    if left_kind == ValueKind::Null || right_kind == ValueKind::Null {
        return Ok((left, right));
    }
    if let Some(right) = adapt(&right, right_kind, left_kind)? {
        return Ok((left, right));
    }
    if let Some(left) = adapt(&left, left_kind, right_kind)? {
        return Ok((left, right));
    }
    if left_kind.is_text() && right_kind.is_text() { Ok((left, right)) } else { Err(clash()) }
}

/// Converts a literal to the kind of the other side; `None` when it has no such form.
fn adapt(expr: &Expr<usize>, from: ValueKind, to: ValueKind) -> Result<Option<Expr<usize>>> {
    let Expr::Literal(literal) = expr else { return Ok(None) };
    let adapted = match (literal, to) {
        (Literal::Text(text), ValueKind::Number) => {
            let text = text.trim();
            let whole = text.parse().map(Literal::Int);
            let number = whole.or_else(|_| text.parse().map(Literal::Float));
            Some(number.map_err(|_| Error::invalid(format!("'{text}' is not a number")))?)
        }
        (Literal::Text(text), ValueKind::Date) => Some(moment(text)?),
        (Literal::Text(text), ValueKind::GuidText) => Some(Literal::Text(canonical_guid(text))),
        (Literal::Text(text), ValueKind::DayText) => {
            Some(Literal::Text(date::parse(text).map_or_else(|| text.clone(), date::print_day)))
        }
        (Literal::Date(moment), ValueKind::DayText) => Some(Literal::Text(date::print_day(*moment))),
        (Literal::Int(number), ValueKind::Text) => Some(Literal::Text(number.to_string())),
        (Literal::Float(number), ValueKind::Text) => Some(Literal::Text(number.to_string())),
        (Literal::Int(moment), ValueKind::Date) => Some(Literal::Date(*moment)),
        (Literal::Bool(value), ValueKind::Number) => Some(Literal::Int(i64::from(*value))),
        (literal, to) if from == to => Some(literal.clone()),
        _ => None,
    };
    Ok(adapted.map(Expr::Literal))
}
