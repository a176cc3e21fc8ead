//! Conditions over whole columns, with the three truth values of SQL.
//!
//! What compares a field with constants runs over its column; on columns with few values anything
//! that depends on the one field is decided once per value. The rest is decided row by row, by the
//! same evaluator that decides it for edited rows.

use std::cmp::Ordering;

use geosharing_core::query::{CompareOp, Expr, OwnedValue, Predicate, Row, Value, like};

use super::table::Table;
use crate::store::bitmap::Bitmap;
use crate::store::image::Column;

/// For which rows a condition holds, and for which it is unknown.
pub(super) struct Truth {
    pub(super) yes: Bitmap,
    unknown: Option<Bitmap>,
}

impl Truth {
    fn known(yes: Bitmap) -> Self {
        Self { yes, unknown: None }
    }

    /// Unknown for some rows, whatever `yes` says of them.
    fn except(mut yes: Bitmap, unknown: Option<Bitmap>) -> Self {
        if let Some(unknown) = &unknown {
            yes.and_not(unknown);
        }
        Self { yes, unknown }
    }

    fn constant(rows: usize, truth: Option<bool>) -> Self {
        match truth {
            Some(true) => Self::known(Bitmap::full(rows)),
            Some(false) => Self::known(Bitmap::empty(rows)),
            None => Self { yes: Bitmap::empty(rows), unknown: Some(Bitmap::full(rows)) },
        }
    }

    fn not(mut self) -> Self {
        self.yes.not();
        Self::except(self.yes, self.unknown)
    }

    fn and(&mut self, other: &Self) {
        if self.unknown.is_some() || other.unknown.is_some() {
            // Both may hold, less where both do.
            let mut mine = self.possible();
            mine.and(&other.possible());
            self.yes.and(&other.yes);
            mine.and_not(&self.yes);
            self.unknown = Some(mine);
        } else {
            self.yes.and(&other.yes);
        }
    }

    fn or(&mut self, other: &Self) {
        self.yes.or(&other.yes);
        if self.unknown.is_some() || other.unknown.is_some() {
            let mut unknown = self.unknown.take().unwrap_or_else(|| Bitmap::empty(self.yes.len()));
            if let Some(others) = &other.unknown {
                unknown.or(others);
            }
            unknown.and_not(&self.yes);
            self.unknown = Some(unknown);
        }
    }

    fn possible(&self) -> Bitmap {
        let mut rows = self.yes.clone();
        if let Some(unknown) = &self.unknown {
            rows.or(unknown);
        }
        rows
    }
}

/// Decides a condition for all rows of the image.
pub(super) fn evaluate(table: &Table<'_>, expr: &Predicate) -> Truth {
    within(table, expr, None)
}

/// Decides a condition; outside of `candidates` the answer does not matter.
fn within(table: &Table<'_>, expr: &Predicate, candidates: Option<&Bitmap>) -> Truth {
    match expr {
        Expr::And(parts) => {
            let (fast, slow): (Vec<_>, Vec<_>) = parts.iter().partition(|part| is_fast(part));
            let mut all: Option<Truth> = None;
            for part in fast.into_iter().chain(slow) {
                let possible = all.as_ref().map(Truth::possible);
                let truth = within(table, part, possible.as_ref().or(candidates));
                match &mut all {
                    Some(all) => all.and(&truth),
                    None => all = Some(truth),
                }
            }
            all.unwrap_or_else(|| Truth::constant(table.oids.len(), Some(true)))
        }
        Expr::Or(parts) => {
            let mut any = Truth::constant(table.oids.len(), Some(false));
            for part in parts {
                any.or(&within(table, part, candidates));
            }
            any
        }
        Expr::Not(inner) => within(table, inner, candidates).not(),
        leaf => fast(table, leaf).unwrap_or_else(|| row_by_row(table, leaf, candidates)),
    }
}

/// Whether a condition runs over columns.
fn is_fast(expr: &Predicate) -> bool {
    match expr {
        Expr::And(parts) | Expr::Or(parts) => parts.iter().all(is_fast),
        Expr::Not(inner) => is_fast(inner),
        Expr::Compare { left, right, .. } => is_field(left) && is_literal(right),
        Expr::In { value, list, .. } => is_field(value) && list.iter().all(is_literal),
        Expr::Between { value, low, high, .. } => is_field(value) && is_literal(low) && is_literal(high),
        Expr::Like { value, pattern, .. } => is_field(value) && is_literal(pattern),
        Expr::IsNull { value, .. } => is_field(value),
        _ => false,
    }
}

fn is_field(expr: &Predicate) -> bool {
    matches!(expr, Expr::Field(_))
}

fn is_literal(expr: &Predicate) -> bool {
    matches!(expr, Expr::Literal(_))
}

/// A row in which one field has a value and nothing else matters.
struct OneValue<'a> {
    value: Value<'a>,
}

impl Row for OneValue<'_> {
    fn value(&self, _field: usize) -> Value<'_> {
        match &self.value {
            Value::Text(text) => Value::Text(text.as_ref().into()),
            other => other.clone(),
        }
    }
}

/// Decides a condition on one field over its column; `None` when it is of no such form.
fn fast(table: &Table<'_>, expr: &Predicate) -> Option<Truth> {
    let rows = table.oids.len();
    match expr {
        Expr::Literal(literal) => {
            return Some(Truth::constant(
                rows,
                match literal.value() {
                    Value::Bool(truth) => Some(truth),
                    _ => None,
                },
            ));
        }
        Expr::IsNull { value, negated } => {
            if let Expr::Field(field) = **value {
                let mut nulls = table.nulls(field).unwrap_or_else(|| Bitmap::empty(rows));
                if *negated {
                    nulls.not();
                }
                return Some(Truth::known(nulls));
            }
        }
        Expr::Compare { op: CompareOp::Equal, left, right } => {
            if let (Expr::Field(field), Expr::Literal(literal)) = (&**left, &**right)
                && let (Some(Column::Dictionary { values, starts, rows: postings, .. }), Value::Text(text)) =
                    (table.column(*field), literal.value())
            {
                let mut yes = Bitmap::empty(rows);
                if let Some(code) = find(&values, &text) {
                    for row in posted(starts, postings, code) {
                        yes.insert(*row as usize);
                    }
                }
                return Some(Truth::except(yes, table.nulls(*field)));
            }
        }
        _ => {}
    }
    let field = only_field(expr)?;
    match table.column(field) {
        Some(Column::Dictionary { codes, values, .. }) => {
            let truths: Vec<Option<bool>> = (0..values.len())
                .map(|code| expr.truth(&OneValue { value: Value::from(values.text(code)) }))
                .collect();
            let of_null = expr.truth(&OneValue { value: Value::Null });
            let decide = |wanted: Option<bool>| {
                Bitmap::from_values(codes, |code| {
                    truths.get(code as usize).copied().unwrap_or(of_null) == wanted
                })
            };
            let has_unknown = of_null.is_none() || truths.contains(&None);
            Some(Truth { yes: decide(Some(true)), unknown: has_unknown.then(|| decide(None)) })
        }
        Some(Column::Int(values)) => numbers(table, expr, field, values),
        Some(Column::Float(values)) => floats(table, expr, field, values),
        Some(Column::Plain(values)) => {
            let test = text_test(expr)?;
            let yes = Bitmap::from_fn(rows, |row| test(values.text(row)));
            Some(Truth::except(yes, table.nulls(field)))
        }
        None if field == table.layer.schema.oid => numbers(table, expr, field, table.oids),
        None => None,
    }
}

fn find(values: &crate::store::image::Var<'_>, text: &str) -> Option<usize> {
    let (mut low, mut high) = (0, values.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        match values.text(middle).cmp(text) {
            Ordering::Equal => return Some(middle),
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
        }
    }
    None
}

fn posted<'a>(starts: &[u64], rows: &'a [u32], code: usize) -> &'a [u32] {
    match (starts.get(code), starts.get(code + 1)) {
        (Some(from), Some(to)) => rows.get(*from as usize..*to as usize).unwrap_or_default(),
        _ => &[],
    }
}

/// The field of an expression that has exactly one.
fn only_field(expr: &Predicate) -> Option<usize> {
    fn visit(expr: &Predicate, found: &mut Option<usize>) -> bool {
        match expr {
            Expr::Literal(_) => true,
            Expr::Field(field) => *found.get_or_insert(*field) == *field,
            Expr::Not(inner) | Expr::Negate(inner) => visit(inner, found),
            Expr::And(parts) | Expr::Or(parts) => parts.iter().all(|part| visit(part, found)),
            Expr::Compare { left, right, .. } | Expr::Arithmetic { left, right, .. } => {
                visit(left, found) && visit(right, found)
            }
            Expr::In { value, list, .. } => visit(value, found) && list.iter().all(|item| visit(item, found)),
            Expr::Between { value, low, high, .. } => {
                visit(value, found) && visit(low, found) && visit(high, found)
            }
            Expr::Like { value, pattern, .. } => visit(value, found) && visit(pattern, found),
            Expr::IsNull { value, .. } | Expr::Cast { value, .. } | Expr::Extract { value, .. } => {
                visit(value, found)
            }
            Expr::Call { arguments, .. } => arguments.iter().all(|argument| visit(argument, found)),
            Expr::Case { branches, otherwise } => {
                branches.iter().all(|(when, then)| visit(when, found) && visit(then, found))
                    && otherwise.as_ref().is_none_or(|otherwise| visit(otherwise, found))
            }
        }
    }
    let mut found = None;
    if visit(expr, &mut found) { found } else { None }
}

/// The constant of an expression, as a number.
fn number(expr: &Predicate) -> Option<Value<'_>> {
    let Expr::Literal(literal) = expr else { return None };
    match literal.value() {
        value @ (Value::Int(_) | Value::Date(_) | Value::Float(_)) => Some(value),
        _ => None,
    }
}

/// Decides comparisons of an integer column with numbers.
fn numbers(table: &Table<'_>, expr: &Predicate, field: usize, values: &[i64]) -> Option<Truth> {
    let yes = match expr {
        Expr::Compare { op, left, right } if is_field(left) => match number(right)? {
            Value::Float(constant) => {
                Bitmap::from_values(values, |value| holds(*op, (value as f64).partial_cmp(&constant)))
            }
            value => {
                let constant = value.as_i64()?;
                match op {
                    CompareOp::Equal => Bitmap::from_values(values, |value| value == constant),
                    CompareOp::NotEqual => Bitmap::from_values(values, |value| value != constant),
                    CompareOp::Less => Bitmap::from_values(values, |value| value < constant),
                    CompareOp::LessOrEqual => Bitmap::from_values(values, |value| value <= constant),
                    CompareOp::Greater => Bitmap::from_values(values, |value| value > constant),
                    CompareOp::GreaterOrEqual => Bitmap::from_values(values, |value| value >= constant),
                }
            }
        },
        Expr::Between { value, low, high, negated } if is_field(value) => {
            match (number(low)?, number(high)?) {
                (Value::Int(low) | Value::Date(low), Value::Int(high) | Value::Date(high)) => {
                    Bitmap::from_values(values, |value| (low..=high).contains(&value) != *negated)
                }
                _ => return None,
            }
        }
        Expr::In { value, list, negated } if is_field(value) => {
            let mut wanted = Vec::with_capacity(list.len());
            for item in list {
                match number(item)? {
                    Value::Int(value) | Value::Date(value) => wanted.push(value),
                    _ => return None,
                }
            }
            wanted.sort_unstable();
            Bitmap::from_values(values, |value| wanted.binary_search(&value).is_ok() != *negated)
        }
        _ => return None,
    };
    Some(Truth::except(yes, table.nulls(field)))
}

fn holds(op: CompareOp, order: Option<Ordering>) -> bool {
    order.is_some_and(|order| op.holds(order))
}

/// Decides comparisons of a float column with numbers.
#[allow(clippy::float_cmp, reason = "SQL's equality of floats is exact")]
fn floats(table: &Table<'_>, expr: &Predicate, field: usize, values: &[f64]) -> Option<Truth> {
    let yes = match expr {
        Expr::Compare { op, left, right } if is_field(left) => {
            let constant = number(right)?.as_f64()?;
            match op {
                CompareOp::Equal => Bitmap::from_values(values, |value| value == constant),
                CompareOp::NotEqual => Bitmap::from_values(values, |value| value != constant),
                CompareOp::Less => Bitmap::from_values(values, |value| value < constant),
                CompareOp::LessOrEqual => Bitmap::from_values(values, |value| value <= constant),
                CompareOp::Greater => Bitmap::from_values(values, |value| value > constant),
                CompareOp::GreaterOrEqual => Bitmap::from_values(values, |value| value >= constant),
            }
        }
        Expr::Between { value, low, high, negated } if is_field(value) => {
            let (low, high) = (number(low)?.as_f64()?, number(high)?.as_f64()?);
            Bitmap::from_values(values, |value| (low..=high).contains(&value) != *negated)
        }
        _ => return None,
    };
    Some(Truth::except(yes, table.nulls(field)))
}

type TextTest<'a> = Box<dyn Fn(&str) -> bool + 'a>;

/// A test of text against constants; nulls are the caller's.
fn text_test(expr: &Predicate) -> Option<TextTest<'_>> {
    fn text(expr: &Predicate) -> Option<&str> {
        match expr {
            Expr::Literal(geosharing_core::query::Literal::Text(text)) => Some(text),
            _ => None,
        }
    }
    Some(match expr {
        Expr::Compare { op, left, right } if is_field(left) => {
            let constant = text(right)?;
            Box::new(move |value| op.holds(value.cmp(constant)))
        }
        Expr::Between { value, low, high, negated } if is_field(value) => {
            let (low, high) = (text(low)?, text(high)?);
            Box::new(move |value| (low <= value && value <= high) != *negated)
        }
        Expr::In { value, list, negated } if is_field(value) => {
            let wanted: std::collections::HashSet<&str> = list.iter().map(text).collect::<Option<_>>()?;
            Box::new(move |value| wanted.contains(value) != *negated)
        }
        Expr::Like { value, pattern, escape, negated } if is_field(value) => {
            let pattern = text(pattern)?;
            Box::new(move |value| like(value, pattern, *escape) != *negated)
        }
        _ => return None,
    })
}

fn row_by_row(table: &Table<'_>, expr: &Predicate, candidates: Option<&Bitmap>) -> Truth {
    let rows = table.oids.len();
    let mut truth = Truth { yes: Bitmap::empty(rows), unknown: Some(Bitmap::empty(rows)) };
    let mut decide = |row: usize| match expr.truth(&table.row(row)) {
        Some(true) => truth.yes.insert(row),
        Some(false) => {}
        None => {
            if let Some(unknown) = &mut truth.unknown {
                unknown.insert(row);
            }
        }
    };
    match candidates {
        Some(candidates) => candidates.iter().for_each(&mut decide),
        None => (0..rows).for_each(&mut decide),
    }
    truth
}

/// An owned copy of a value of a row.
pub(super) fn owned(row: &dyn Row, field: usize) -> OwnedValue {
    row.value(field).into_owned()
}
