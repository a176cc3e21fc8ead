//! Features from clients, typed and checked, into edits.

use serde_json::{Map, Value as Json};

use super::query::head;
use crate::dataset::{Domain, Field, FieldType};
use crate::geometry::{Projector, parse_geometry, parse_relaxed, write_wkb};
use crate::query::{
    Change, EditFailure, EditOutcome, Edits, NewRow, OwnedValue, RowChange, Schema, Value, canonical_guid,
    date,
};
use crate::{Error, Result};

/// Most features in one request.
const MOST_FEATURES: usize = 250_000;

/// Edits of one layer, some of which may have failed before they reach the store.
#[derive(Clone, Debug, Default)]
pub struct EditRequest {
    /// What is left to do.
    pub edits: Edits,
    /// New features: index in [`Edits::adds`], or why not.
    pub adds: Vec<Result<usize, EditOutcome>>,
    /// Changed features: index in [`Edits::updates`], or why not.
    pub updates: Vec<Result<usize, EditOutcome>>,
}

impl EditRequest {
    /// Whether something failed already.
    pub fn has_failures(&self) -> bool {
        self.adds.iter().chain(&self.updates).any(Result::is_err)
    }
}

fn failure(object_id: i64, global_id: Option<String>, code: i32, why: impl std::fmt::Display) -> EditOutcome {
    let description = why.to_string();
    EditOutcome { object_id, global_id, failure: Some(EditFailure { code, description }) }
}

/// Reads row ids: `1,2,3`, `[1,2,3]` or `["1"]`.
pub fn read_object_ids(text: &str) -> Result<Vec<i64>> {
    let inner = text.trim().trim_start_matches('[').trim_end_matches(']');
    inner
        .split(',')
        .map(|part| part.trim().trim_matches('"'))
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().map_err(|_| Error::invalid(format!("`{}` is not an object id", head(part)))))
        .collect()
}

/// Reads `adds` and `updates`: JSON lists of features, empty where absent. `find` gives the row id
/// of a global id, for updates that name no row id.
pub fn read_edits(
    adds: Option<&str>,
    updates: Option<&str>,
    schema: &Schema,
    use_global_ids: bool,
    find: &dyn Fn(&str) -> Result<Option<i64>>,
) -> Result<EditRequest> {
    let mut request = EditRequest::default();
    for feature in features("adds", adds)? {
        let row = new_row(&feature, schema, use_global_ids);
        request.adds.push(row.map(|row| {
            request.edits.adds.push(row);
            request.edits.adds.len() - 1
        }));
    }
    for feature in features("updates", updates)? {
        let change = row_change(&feature, schema, use_global_ids, find);
        request.updates.push(change.map(|change| {
            request.edits.updates.push(change);
            request.edits.updates.len() - 1
        }));
    }
    Ok(request)
}

fn features(name: &str, text: Option<&str>) -> Result<Vec<Json>> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty() && *text != "null") else {
        return Ok(Vec::new());
    };
    let broken = |why: String| Error::invalid(format!("'{name}' parameter is invalid\n{why}"));
    let list = match parse_relaxed(text).map_err(|error| broken(error.to_string()))? {
        Json::Array(list) => list,
        one @ Json::Object(_) => vec![one],
        _ => return Err(broken("it is not a list of features".to_owned())),
    };
    if list.len() > MOST_FEATURES {
        return Err(Error::limit(format!(
            "one request may have {MOST_FEATURES} features, not {}",
            list.len()
        )));
    }
    Ok(list)
}

fn attributes(feature: &Json) -> Option<&Map<String, Json>> {
    feature.get("attributes").or_else(|| feature.get("properties")).and_then(Json::as_object)
}

fn new_row(feature: &Json, schema: &Schema, use_global_ids: bool) -> Result<NewRow, EditOutcome> {
    let refuse = |why: Error| failure(-1, None, 1000, why);
    let empty = Map::new();
    let given = attributes(feature).unwrap_or(&empty);
    let mut row = NewRow { values: values(given, schema, use_global_ids).map_err(refuse)?, geometry: None };
    for (index, field) in schema.fields.iter().enumerate() {
        let named = row.values.iter().any(|(given, _)| *given == index);
        let own = index == schema.oid || Some(index) == schema.global_id;
        if !named && !own {
            if let Some(default) = &field.default_value
                && !default.is_null()
            {
                row.values.push((index, value(default, field).map_err(refuse)?));
            } else if !field.nullable && field.editable {
                return Err(refuse(Error::invalid(format!("the field `{}` must have a value", field.name))));
            }
        }
    }
    if let Change::Set(wkb) = geometry(feature, schema).map_err(refuse)? {
        row.geometry = Some(wkb);
    }
    Ok(row)
}

fn row_change(
    feature: &Json,
    schema: &Schema,
    use_global_ids: bool,
    find: &dyn Fn(&str) -> Result<Option<i64>>,
) -> Result<RowChange, EditOutcome> {
    let empty = Map::new();
    let given = attributes(feature).unwrap_or(&empty);
    let named = |index: usize| {
        let name = &schema.fields.get(index)?.name;
        given.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    let global = schema.global_id.and_then(named).and_then(Json::as_str).map(canonical_guid);
    let id = named(schema.oid).and_then(|id| id.as_i64().or_else(|| id.as_str()?.trim().parse().ok()));
    let by_global = use_global_ids || id.is_none();
    let object_id = match (&global, id) {
        (Some(global), _) if by_global => match find(global) {
            Ok(Some(id)) => id,
            Ok(None) => {
                return Err(failure(-1, Some(global.clone()), 1019, "there is no row with this global id"));
            }
            Err(error) => return Err(failure(-1, Some(global.clone()), 1000, error)),
        },
        (_, Some(id)) => id,
        _ => return Err(failure(-1, None, 1000, format!("the feature has no `{}`", schema.oid_name()))),
    };
    let refuse = |why: Error| failure(object_id, global.clone(), 1000, why);
    let mut values = values(given, schema, false).map_err(refuse)?;
    values.retain(|(index, _)| Some(*index) != schema.global_id);
    Ok(RowChange { object_id, values, geometry: geometry(feature, schema).map_err(refuse)? })
}

fn values(
    given: &Map<String, Json>,
    schema: &Schema,
    use_global_ids: bool,
) -> Result<Vec<(usize, OwnedValue)>> {
    let mut values = Vec::with_capacity(given.len());
    for (name, json) in given {
        // What a layer does not have is ignored, as Esri's servers do.
        let Some(index) = schema.index_of(name) else { continue };
        let Some(field) = schema.fields.get(index) else { continue };
        let global = Some(index) == schema.global_id;
        if index == schema.oid || (global && !use_global_ids) || (!field.editable && !global) {
            continue;
        }
        let typed = value(json, field)?;
        if typed.is_null() && !field.nullable && !global {
            return Err(Error::invalid(format!("the field `{name}` must have a value")));
        }
        if !(global && typed.is_null()) {
            values.push((index, typed));
        }
    }
    Ok(values)
}

fn value(json: &Json, field: &Field) -> Result<OwnedValue> {
    let wrong = |what: &str| {
        Error::invalid(format!(
            "the value `{}` of the field `{}` {what}",
            head(&json.to_string()),
            field.name
        ))
    };
    let typed = match (field.field_type, json) {
        (_, Json::Null) => return Ok(Value::Null),
        (
            FieldType::Oid | FieldType::SmallInteger | FieldType::Integer | FieldType::BigInteger,
            Json::Number(_) | Json::String(_) | Json::Bool(_),
        ) => {
            let float = match json {
                Json::String(text) if text.trim().is_empty() => return Ok(Value::Null),
                Json::String(text) => text.trim().parse::<f64>().ok(),
                Json::Bool(flag) => Some(f64::from(u8::from(*flag))),
                other => other.as_f64(),
            };
            let exact = json.as_i64().or_else(|| json.as_str()?.trim().parse().ok());
            let whole = exact.or_else(|| {
                float.filter(|float| float.fract() == 0.0 && float.abs() < 9.0e15).map(|float| float as i64)
            });
            let whole = whole.ok_or_else(|| wrong("is not a whole number"))?;
            let fits = match field.field_type {
                FieldType::SmallInteger => i16::try_from(whole).is_ok(),
                FieldType::Integer => i32::try_from(whole).is_ok(),
                _ => true,
            };
            if !fits {
                return Err(wrong("is too large"));
            }
            Value::Int(whole)
        }
        (FieldType::Single | FieldType::Double, Json::Number(_) | Json::String(_)) => {
            let float = match json {
                Json::String(text) if text.trim().is_empty() => return Ok(Value::Null),
                Json::String(text) => text.trim().parse().ok(),
                other => other.as_f64(),
            };
            let float =
                float.filter(|float: &f64| float.is_finite()).ok_or_else(|| wrong("is not a number"))?;
            if field.field_type == FieldType::Single {
                Value::Float(f64::from(float as f32))
            } else {
                Value::Float(float)
            }
        }
        (FieldType::Date, Json::Number(number)) => {
            let moment = number.as_i64().or_else(|| number.as_f64().map(|moment| moment as i64));
            Value::Date(moment.ok_or_else(|| wrong("is not a date"))?)
        }
        (FieldType::Date, Json::String(text)) => {
            if text.trim().is_empty() {
                return Ok(Value::Null);
            }
            Value::Date(date::parse(text).ok_or_else(|| wrong("is not a date"))?)
        }
        (FieldType::DateOnly, Json::String(text)) => {
            let moment = date::parse(text).ok_or_else(|| wrong("is not a day like 2024-05-01"))?;
            Value::from(date::print_day(moment))
        }
        (FieldType::DateOnly, Json::Number(number)) => {
            Value::from(date::print_day(number.as_i64().ok_or_else(|| wrong("is not a day"))?))
        }
        (FieldType::TimeOnly, Json::String(text)) => {
            date::parse_time(text).ok_or_else(|| wrong("is not a time like 10:30:00"))?;
            Value::from(text.trim().to_owned())
        }
        (FieldType::TimestampOffset, Json::String(text)) => {
            date::parse(text).ok_or_else(|| wrong("is not a timestamp with an offset"))?;
            Value::from(text.trim().to_owned())
        }
        (FieldType::Guid | FieldType::GlobalId, Json::String(text)) => {
            if text.trim().is_empty() {
                return Ok(Value::Null);
            }
            let guid = canonical_guid(text);
            if !guid.starts_with('{') || guid.len() != 38 {
                return Err(wrong("is not a GUID"));
            }
            Value::from(guid)
        }
        (FieldType::String | FieldType::Xml, Json::String(_) | Json::Number(_) | Json::Bool(_)) => {
            let text = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
            let most = field.length.filter(|length| *length > 0).map_or(usize::MAX, |length| length as usize);
            if text.len() > most && text.chars().count() > most {
                return Err(wrong(&format!("is longer than {most} characters")));
            }
            Value::from(text)
        }
        _ => return Err(wrong("does not fit the field's type")),
    };
    in_domain(&typed, json, field)?;
    Ok(typed)
}

/// Ranges are enforced; coded values are not, since Esri's servers take any value there, too.
fn in_domain(typed: &OwnedValue, json: &Json, field: &Field) -> Result<()> {
    let Some(Domain::Range { range: [least, most], .. }) = &field.domain else { return Ok(()) };
    let (Some(number), Some(least), Some(most)) = (typed.as_f64(), least.as_f64(), most.as_f64()) else {
        return Ok(());
    };
    if (least..=most).contains(&number) {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "the value `{}` of the field `{}` is outside its range of {least} to {most}",
        head(&json.to_string()),
        field.name
    )))
}

fn geometry(feature: &Json, schema: &Schema) -> Result<Change> {
    let Some(json) = feature.get("geometry") else { return Ok(Change::Keep) };
    let Some(kind) = schema.geometry_type else {
        return if json.is_null() {
            Ok(Change::Keep)
        } else {
            Err(Error::invalid("a table has no geometries"))
        };
    };
    let (parts, reference) = parse_geometry(json, kind)?;
    let Some(mut parts) = parts else { return Ok(Change::Clear) };
    if let Some(reference) = reference
        && let Some(projector) = Projector::new(&reference, &schema.spatial_reference)?
    {
        projector.project(&mut parts.coords);
        if parts.coords.iter().any(|[x, y, ..]| !x.is_finite() || !y.is_finite()) {
            return Err(Error::invalid(
                "the geometry lies where the layer's spatial reference has no coordinates",
            ));
        }
    }
    parts.has_m &= schema.has_m;
    if schema.has_z && !parts.has_z {
        parts.coords.iter_mut().for_each(|coord| coord[2] = 0.0);
    }
    parts.has_z = schema.has_z;
    Ok(Change::Set(write_wkb(&parts)))
}

/// Writes the results of one kind of edit as Esri's servers do.
pub fn write_reply(outcomes: &[EditOutcome]) -> Json {
    let results = outcomes.iter().map(|outcome| {
        let mut result = Map::new();
        result.insert("objectId".to_owned(), outcome.object_id.into());
        result.insert("uniqueId".to_owned(), outcome.object_id.into());
        result.insert("globalId".to_owned(), outcome.global_id.clone().into());
        result.insert("success".to_owned(), outcome.failure.is_none().into());
        if let Some(failure) = &outcome.failure {
            result.insert(
                "error".to_owned(),
                serde_json::json!({"code": failure.code, "description": failure.description}),
            );
        }
        Json::Object(result)
    });
    Json::Array(results.collect())
}
