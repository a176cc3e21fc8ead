//! Groups and their statistics: rows get the number of their group, columns are added up by it.

use std::cmp::Ordering;
use std::collections::HashMap;

use geosharing_core::query::{Aggregate, Groups, OwnedValue, Row, Statistic, Value};

use super::filter::owned;
use super::percentile::percentile;
use super::select::Selected;
use super::table::Table;
use crate::store::GroupTable;
use crate::store::bitmap::Bitmap;
use crate::store::image::Column;

/// Rows and the group of each, and the keys of the groups.
struct Grouped {
    /// Rows of the image, `None` for all of them.
    rows: Option<Vec<u32>>,
    /// Group of each of these rows; empty when there is one group only.
    of_row: Vec<u32>,
    /// Group of each row among the edits.
    of_delta: Vec<u32>,
    keys: Vec<Vec<OwnedValue>>,
}

/// Groups the selected rows.
pub(super) fn groups(table: &Table<'_>, selected: &Selected<'_>, ask: &Groups) -> GroupTable {
    let grouped = group(table, selected, &ask.keys);
    let mut rows: Vec<Vec<OwnedValue>> = grouped.keys.clone();
    for statistic in &ask.statistics {
        let values = compute(table, selected, &grouped, statistic);
        for (row, value) in rows.iter_mut().zip(values) {
            row.push(value);
        }
    }
    if let Some(having) = &ask.having {
        rows.retain(|row| having.matches(row.as_slice()));
    }
    let keys = ask.keys.len();
    rows.sort_by(|a, b| {
        let by_keys = |a: &[OwnedValue], b: &[OwnedValue]| {
            a.iter().zip(b).take(keys).map(|(a, b)| a.sort_order(b)).find(|order| order.is_ne())
        };
        for by in &ask.order_by {
            let order = match (a.get(by.field), b.get(by.field)) {
                (Some(a), Some(b)) => a.sort_order(b),
                _ => Ordering::Equal,
            };
            if order.is_ne() {
                return if by.descending { order.reverse() } else { order };
            }
        }
        by_keys(a, b).unwrap_or(Ordering::Equal)
    });
    let offset = usize::try_from(ask.paging.offset).unwrap_or(usize::MAX).min(rows.len());
    rows.drain(..offset);
    let limit = ask.paging.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let more = rows.len() > limit;
    rows.truncate(limit);
    GroupTable { rows, more }
}

/// Something that equal values share and others do not, for use as a hash key.
fn identity(value: &Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(0),
        Value::Bool(value) => out.extend([1, u8::from(*value)]),
        Value::Int(value) | Value::Date(value) => {
            out.push(2);
            out.extend(value.to_ne_bytes());
        }
        Value::Float(value) => {
            out.push(3);
            out.extend((value + 0.0).to_bits().to_ne_bytes());
        }
        Value::Text(text) => {
            out.push(4);
            out.extend((text.len() as u64).to_ne_bytes());
            out.extend(text.as_bytes());
        }
    }
}

fn key_of(row: &dyn Row, fields: &[usize]) -> Vec<u8> {
    let mut key = Vec::new();
    for field in fields {
        identity(&row.value(*field), &mut key);
    }
    key
}

fn group(table: &Table<'_>, selected: &Selected<'_>, fields: &[usize]) -> Grouped {
    let rows: Option<Vec<u32>> =
        selected.image.as_ref().map(|rows: &Bitmap| rows.iter().map(|row| row as u32).collect());
    let count = rows.as_ref().map_or(table.oids.len(), Vec::len);
    let mut grouped = Grouped { rows, of_row: Vec::new(), of_delta: Vec::new(), keys: Vec::new() };
    if fields.is_empty() {
        grouped.keys.push(Vec::new());
        grouped.of_delta = vec![0; selected.delta.len()];
        return grouped;
    }
    let row_at =
        |at: usize| grouped.rows.as_ref().map_or(at, |rows| rows.get(at).map_or(0, |row| *row as usize));
    let mut of_row = codes(table, fields.first().copied().unwrap_or_default(), count, &row_at);
    for field in fields.iter().skip(1) {
        let other = codes(table, *field, count, &row_at);
        let mut known: HashMap<(u32, u32), u32> = HashMap::new();
        for (mine, other) in of_row.iter_mut().zip(other) {
            let next = known.len() as u32;
            *mine = *known.entry((*mine, other)).or_insert(next);
        }
    }
    // Codes of columns may have gaps; groups are numbered as they turn up.
    let most = of_row.iter().copied().max().map_or(0, |most| most as usize + 1);
    let mut number = vec![u32::MAX; most];
    for (at, code) in of_row.iter_mut().enumerate() {
        if let Some(slot) = number.get_mut(*code as usize) {
            if *slot == u32::MAX {
                *slot = grouped.keys.len() as u32;
                let row = table.row(row_at(at));
                grouped.keys.push(fields.iter().map(|field| owned(&row, *field)).collect());
            }
            *code = *slot;
        }
    }
    if !selected.delta.is_empty() {
        let mut known: HashMap<Vec<u8>, u32> = HashMap::new();
        for (at, key) in grouped.keys.iter().enumerate() {
            let mut bytes = Vec::new();
            for value in key {
                identity(value, &mut bytes);
            }
            known.insert(bytes, at as u32);
        }
        for stored in &selected.delta {
            let row = table.delta_row(stored);
            let next = grouped.keys.len() as u32;
            let group = *known.entry(key_of(&row, fields)).or_insert(next);
            if group == next {
                grouped.keys.push(fields.iter().map(|field| owned(&row, *field)).collect());
            }
            grouped.of_delta.push(group);
        }
    }
    grouped.of_row = of_row;
    grouped
}

/// Gives each row a number that rows of the same value share.
fn codes(table: &Table<'_>, field: usize, count: usize, row_at: &dyn Fn(usize) -> usize) -> Vec<u32> {
    fn number<K: std::hash::Hash + Eq>(known: &mut HashMap<K, u32>, key: K) -> u32 {
        let next = known.len() as u32 + 1;
        *known.entry(key).or_insert(next)
    }
    let is_null = |row| table.is_null(field, row);
    let rows = (0..count).map(row_at);
    match table.column(field) {
        Some(Column::Dictionary { codes, .. }) if count == codes.len() => {
            codes.iter().map(|code| code.wrapping_add(1)).collect()
        }
        Some(Column::Dictionary { codes, .. }) => {
            rows.map(|row| codes.get(row).map_or(0, |code| code.wrapping_add(1))).collect()
        }
        Some(Column::Int(values)) => {
            let mut known = HashMap::new();
            rows.map(|row| if is_null(row) { 0 } else { number(&mut known, values.get(row).copied()) })
                .collect()
        }
        Some(Column::Float(values)) => {
            let mut known = HashMap::new();
            let bits = |row: usize| values.get(row).map(|value| (value + 0.0).to_bits());
            rows.map(|row| if is_null(row) { 0 } else { number(&mut known, bits(row)) }).collect()
        }
        Some(Column::Plain(values)) => {
            let mut known = HashMap::new();
            rows.map(|row| if is_null(row) { 0 } else { number(&mut known, values.bytes(row)) }).collect()
        }
        None => rows.map(|row| row as u32 + 1).collect(),
    }
}

/// What a group's numbers add up to.
#[derive(Clone, Copy)]
struct Sums {
    count: u64,
    total: f64,
    exact: i128,
    low: f64,
    high: f64,
    low_int: i64,
    high_int: i64,
}

const NOTHING: Sums = Sums {
    count: 0,
    total: 0.0,
    exact: 0,
    low: f64::INFINITY,
    high: f64::NEG_INFINITY,
    low_int: i64::MAX,
    high_int: i64::MIN,
};

/// Calls `take(group, row)` for all rows of the image that have a value in a field.
fn walk(table: &Table<'_>, grouped: &Grouped, field: Option<usize>, mut take: impl FnMut(usize, usize)) {
    let nulls = field.and_then(|field| table.nulls(field));
    let group = |at: usize| grouped.of_row.get(at).map_or(0, |group| *group as usize);
    let mut visit = |at: usize, row: usize| {
        if !nulls.as_ref().is_some_and(|nulls| nulls.contains(row)) {
            take(group(at), row);
        }
    };
    match &grouped.rows {
        Some(rows) => rows.iter().enumerate().for_each(|(at, row)| visit(at, *row as usize)),
        None => (0..table.oids.len()).for_each(|row| visit(row, row)),
    }
}

fn compute(
    table: &Table<'_>,
    selected: &Selected<'_>,
    grouped: &Grouped,
    statistic: &Statistic,
) -> Vec<OwnedValue> {
    let groups = grouped.keys.len();
    let edited = || selected.delta.iter().zip(&grouped.of_delta);
    let Some(field) = statistic.field else {
        let mut counts = vec![0_i64; groups];
        walk(table, grouped, None, |group, _| add(&mut counts, group));
        edited().for_each(|(_, group)| add(&mut counts, *group as usize));
        return counts.into_iter().map(Value::Int).collect();
    };
    let is_text = matches!(table.column(field), Some(Column::Dictionary { .. } | Column::Plain(_)));
    if statistic.aggregate == Aggregate::Count || is_text {
        return of_any(table, selected, grouped, statistic.aggregate, field);
    }
    let mut sums = vec![NOTHING; groups];
    let ints = match table.column(field) {
        Some(Column::Int(values)) => Some(values),
        None => Some(table.oids),
        _ => None,
    };
    let floats = match table.column(field) {
        Some(Column::Float(values)) => values,
        _ => &[],
    };
    if let Some(values) = ints {
        walk(table, grouped, Some(field), |group, row| {
            if let (Some(sums), Some(value)) = (sums.get_mut(group), values.get(row)) {
                sums.int(*value);
            }
        });
    } else {
        walk(table, grouped, Some(field), |group, row| {
            if let (Some(sums), Some(value)) = (sums.get_mut(group), floats.get(row)) {
                sums.float(*value);
            }
        });
    }
    for (stored, group) in edited() {
        if let Some(sums) = sums.get_mut(*group as usize) {
            match table.delta_row(stored).value(field) {
                Value::Int(value) | Value::Date(value) => sums.int(value),
                Value::Float(value) => sums.float(value),
                _ => {}
            }
        }
    }
    let number = |row: usize| match ints {
        Some(values) => values.get(row).map_or(0.0, |value| *value as f64),
        None => floats.get(row).copied().unwrap_or_default(),
    };
    match statistic.aggregate {
        Aggregate::StandardDeviation | Aggregate::Variance => {
            // A second pass about the mean keeps the digits that a sum of squares would lose.
            let mut squares = vec![0.0; groups];
            let mut square = |group: usize, value: f64| {
                if let (Some(squares), Some(sums)) = (squares.get_mut(group), sums.get(group)) {
                    *squares += (value - sums.mean()).powi(2);
                }
            };
            walk(table, grouped, Some(field), |group, row| square(group, number(row)));
            for (stored, group) in edited() {
                if let Some(value) = table.delta_row(stored).value(field).as_f64() {
                    square(*group as usize, value);
                }
            }
            let finish = |(sums, squares): (&Sums, f64)| {
                let variance = squares / (sums.count.max(2) - 1) as f64;
                match (sums.count, statistic.aggregate) {
                    (0 | 1, _) => Value::Null,
                    (_, Aggregate::Variance) => Value::Float(variance),
                    _ => Value::Float(variance.sqrt()),
                }
            };
            sums.iter().zip(squares).map(finish).collect()
        }
        Aggregate::Percentile { fraction, continuous, descending } => {
            let mut values = vec![Vec::new(); groups];
            walk(table, grouped, Some(field), |group, row| {
                if let Some(values) = values.get_mut(group) {
                    values.push(number(row));
                }
            });
            for (stored, group) in edited() {
                if let (Some(values), Some(value)) =
                    (values.get_mut(*group as usize), table.delta_row(stored).value(field).as_f64())
                {
                    values.push(value);
                }
            }
            let whole = ints.is_some() && !continuous;
            let finish =
                |mut values: Vec<f64>| match percentile(&mut values, fraction, continuous, descending) {
                    None => Value::Null,
                    Some(value) if table.is_date(field) => Value::Date(value as i64),
                    Some(value) if whole => Value::Int(value as i64),
                    Some(value) => Value::Float(value),
                };
            values.into_iter().map(finish).collect()
        }
        aggregate => {
            sums.iter().map(|sums| sums.finish(aggregate, ints.is_some(), table.is_date(field))).collect()
        }
    }
}

fn add(counts: &mut [i64], group: usize) {
    if let Some(count) = counts.get_mut(group) {
        *count += 1;
    }
}

/// Counts values, and finds the least and greatest text.
fn of_any(
    table: &Table<'_>,
    selected: &Selected<'_>,
    grouped: &Grouped,
    aggregate: Aggregate,
    field: usize,
) -> Vec<OwnedValue> {
    let groups = grouped.keys.len();
    let edited = || {
        let present = |(stored, _): &(&&_, &u32)| !table.delta_row(stored).value(field).is_null();
        selected.delta.iter().zip(&grouped.of_delta).filter(present)
    };
    let wanted = match aggregate {
        Aggregate::Min => Ordering::Less,
        Aggregate::Max => Ordering::Greater,
        Aggregate::Count => {
            let mut counts = vec![0_i64; groups];
            walk(table, grouped, Some(field), |group, _| add(&mut counts, group));
            edited().for_each(|(_, group)| add(&mut counts, *group as usize));
            return counts.into_iter().map(Value::Int).collect();
        }
        // Text does not add up.
        _ => return vec![Value::Null; groups],
    };
    let mut best: Vec<Option<usize>> = vec![None; groups];
    let text = |row: usize| match table.column(field) {
        Some(Column::Plain(values)) => values.text(row),
        Some(Column::Dictionary { codes, values, .. }) => {
            codes.get(row).map_or("", |code| values.text(*code as usize))
        }
        _ => "",
    };
    walk(table, grouped, Some(field), |group, row| {
        if let Some(best) = best.get_mut(group)
            && best.is_none_or(|known| text(row).cmp(text(known)) == wanted)
        {
            *best = Some(row);
        }
    });
    let mut best: Vec<OwnedValue> = best
        .into_iter()
        .map(|row| row.map_or(Value::Null, |row| Value::from(text(row)).into_owned()))
        .collect();
    for (stored, group) in edited() {
        let value = owned(&table.delta_row(stored), field);
        if let Some(best) = best.get_mut(*group as usize)
            && (best.is_null() || value.sort_order(best) == wanted)
        {
            *best = value;
        }
    }
    best
}

impl Sums {
    fn int(&mut self, value: i64) {
        self.count += 1;
        self.exact += i128::from(value);
        self.low_int = self.low_int.min(value);
        self.high_int = self.high_int.max(value);
    }

    fn float(&mut self, value: f64) {
        self.count += 1;
        self.total += value;
        self.low = self.low.min(value);
        self.high = self.high.max(value);
    }

    fn sum(&self) -> f64 {
        self.total + self.exact as f64
    }

    fn mean(&self) -> f64 {
        self.sum() / self.count as f64
    }

    fn finish(&self, aggregate: Aggregate, whole: bool, date: bool) -> OwnedValue {
        let int = |value: i64| if date { Value::Date(value) } else { Value::Int(value) };
        match aggregate {
            _ if self.count == 0 => Value::Null,
            Aggregate::Min if whole => int(self.low_int),
            Aggregate::Max if whole => int(self.high_int),
            Aggregate::Min => Value::Float(self.low),
            Aggregate::Max => Value::Float(self.high),
            Aggregate::Sum if whole => {
                i64::try_from(self.exact).map_or(Value::Float(self.exact as f64), Value::Int)
            }
            Aggregate::Sum => Value::Float(self.sum()),
            _ => Value::Float(self.mean()),
        }
    }
}
