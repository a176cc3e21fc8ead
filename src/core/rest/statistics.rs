//! `outStatistics`, `groupByFieldsForStatistics` and `having`.

use serde_json::Value;

use super::query::{Lookup, head, json_list, order_terms};
use crate::dataset::FieldType;
use crate::query::{Aggregate, Groups, OrderBy, Schema, Statistic, ValueKind, bind_with, parse_having};
use crate::{Error, Result};

fn invalid(name: &str, why: impl std::fmt::Display) -> Error {
    Error::invalid(format!("'{name}' parameter is invalid\n{why}"))
}

/// Reads the groups that a request asks for; paging is the caller's.
pub(super) fn parse(get: Lookup<'_>, json: &str, schema: &Schema) -> Result<Groups> {
    let mut groups = Groups::default();
    for value in json_list("outStatistics", json)? {
        groups.statistics.push(statistic(&value, schema)?);
    }
    if groups.statistics.len() > 200 {
        return Err(invalid("outStatistics", "there are more than 200 statistics"));
    }
    for name in get("groupByFieldsForStatistics").unwrap_or_default().split(',') {
        let name = name.trim().trim_matches('"');
        if name.is_empty() {
            continue;
        }
        let index = schema.index_of(name).ok_or_else(|| {
            invalid("groupByFieldsForStatistics", format!("there is no field `{}`", head(name)))
        })?;
        if !groups.keys.contains(&index) {
            groups.keys.push(index);
        }
    }
    if let Some(text) = get("having").map(str::trim).filter(|text| !text.is_empty()) {
        having(text, schema, &mut groups)
            .map_err(|error| Error::invalid(format!("'having' clause is invalid\n{error}")))?;
    }
    groups.order_by = order_of_columns(get, schema, &groups)?;
    Ok(groups)
}

fn aggregate(name: &str) -> Option<Aggregate> {
    Some(match name.to_ascii_lowercase().as_str() {
        "count" => Aggregate::Count,
        "sum" => Aggregate::Sum,
        "min" => Aggregate::Min,
        "max" => Aggregate::Max,
        "avg" | "mean" => Aggregate::Average,
        "stddev" => Aggregate::StandardDeviation,
        "var" | "variance" => Aggregate::Variance,
        _ => return None,
    })
}

fn statistic(value: &Value, schema: &Schema) -> Result<Statistic> {
    let text = |name: &str| {
        let key = value.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        key.1.as_str().map(str::trim).filter(|text| !text.is_empty())
    };
    let kind =
        text("statisticType").ok_or_else(|| invalid("outStatistics", "an entry has no `statisticType`"))?;
    let on = text("onStatisticField").unwrap_or("*");
    let lower = kind.to_ascii_lowercase();
    let aggregate = match lower.as_str() {
        "percentile_cont" | "percentile_disc" => {
            let parameters = value.get("statisticParameters");
            let fraction = parameters.and_then(|parameters| parameters.get("value")).and_then(Value::as_f64);
            let fraction = fraction.filter(|fraction| (0.0..=1.0).contains(fraction)).ok_or_else(|| {
                invalid("outStatistics", "`statisticParameters.value` is not between 0 and 1")
            })?;
            let order = parameters.and_then(|parameters| parameters.get("orderBy")).and_then(Value::as_str);
            let descending = order.is_some_and(|order| order.eq_ignore_ascii_case("DESC"));
            Aggregate::Percentile { fraction, continuous: lower == "percentile_cont", descending }
        }
        _ => aggregate(kind).ok_or_else(|| {
            invalid("outStatistics", format!("the statistic `{}` is not supported", head(kind)))
        })?,
    };
    let field = match (on, aggregate) {
        ("*" | "1", Aggregate::Count) => None,
        (name, _) => Some(
            schema
                .index_of(name.trim_matches('"'))
                .ok_or_else(|| invalid("outStatistics", format!("there is no field `{}`", head(name))))?,
        ),
    };
    let numbers = field.is_none_or(|field| {
        matches!(ValueKind::of(schema.field_type(field)), ValueKind::Number | ValueKind::Date)
    });
    if !numbers && !matches!(aggregate, Aggregate::Count | Aggregate::Min | Aggregate::Max) {
        return Err(invalid("outStatistics", format!("`{kind}` of the field `{on}` needs numbers")));
    }
    let name = text("outStatisticFieldName")
        .map_or_else(|| format!("{}_{on}", kind.to_ascii_uppercase()).replace('*', "ALL"), str::to_owned);
    Ok(Statistic { aggregate, field, name })
}

/// Binds `having` to output columns; aggregates that are not answered are computed beside them.
fn having(text: &str, schema: &Schema, groups: &mut Groups) -> Result<()> {
    let expr = parse_having(text)?;
    let extra = std::cell::RefCell::new(Vec::new());
    let keys = groups.keys.len();
    let statistics = &groups.statistics;
    let condition = bind_with(expr, &|name| {
        if let Some((kind, of)) = name.strip_suffix(')').and_then(|name| name.split_once('(')) {
            let aggregate = aggregate(kind).ok_or_else(|| Error::invalid(format!("there is no `{kind}`")))?;
            let field = match of {
                "*" => None,
                of => Some(
                    schema.index_of(of).ok_or_else(|| Error::invalid(format!("there is no field `{of}`")))?,
                ),
            };
            let found =
                statistics.iter().position(|known| known.aggregate == aggregate && known.field == field);
            let index = found.unwrap_or_else(|| {
                let mut extra = extra.borrow_mut();
                extra.push(Statistic { aggregate, field, name: String::new() });
                statistics.len() + extra.len() - 1
            });
            return Ok((keys + index, kind_of(aggregate, field, schema)));
        }
        if let Some(index) = statistics.iter().position(|known| known.name.eq_ignore_ascii_case(name))
            && let Some(known) = statistics.get(index)
        {
            return Ok((keys + index, kind_of(known.aggregate, known.field, schema)));
        }
        let field = schema.index_of(name);
        let key = groups.keys.iter().position(|key| Some(*key) == field);
        let key =
            key.ok_or_else(|| Error::invalid(format!("`{name}` is neither grouped by nor a statistic")))?;
        Ok((key, ValueKind::of(schema.field_type(field.unwrap_or_default()))))
    })?;
    groups.statistics.extend(extra.into_inner());
    groups.having = condition;
    Ok(())
}

fn kind_of(aggregate: Aggregate, field: Option<usize>, schema: &Schema) -> ValueKind {
    match (aggregate, field) {
        (Aggregate::Min | Aggregate::Max, Some(field)) => ValueKind::of(schema.field_type(field)),
        _ => ValueKind::Number,
    }
}

/// Reads `orderByFields` of groups: keys, or statistics by their output name.
pub(super) fn order_of_columns(get: Lookup<'_>, schema: &Schema, groups: &Groups) -> Result<Vec<OrderBy>> {
    let mut order = Vec::new();
    for (name, descending) in order_terms(get("orderByFields").unwrap_or_default()) {
        let name = name.trim_matches('"');
        let key = schema.index_of(name).and_then(|field| groups.keys.iter().position(|key| *key == field));
        let statistic = groups.statistics.iter().position(|known| known.name.eq_ignore_ascii_case(name));
        let column = key.or(statistic.map(|index| groups.keys.len() + index));
        let field = column.ok_or_else(|| {
            invalid("orderByFields", format!("`{}` is not a column of the answer", head(name)))
        })?;
        order.push(OrderBy { field, descending });
    }
    Ok(order)
}

/// Type of a statistic's column in the answer.
pub(super) fn column_type(statistic: &Statistic, schema: &Schema) -> FieldType {
    match (statistic.aggregate, statistic.field) {
        (Aggregate::Count, _) => FieldType::Integer,
        (Aggregate::Min | Aggregate::Max | Aggregate::Percentile { continuous: false, .. }, Some(field)) => {
            match schema.field_type(field) {
                FieldType::Oid => FieldType::Integer,
                FieldType::GlobalId => FieldType::Guid,
                other => other,
            }
        }
        _ => FieldType::Double,
    }
}
