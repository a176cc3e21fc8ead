//! `queryRelatedRecords`, over the relationships of the published definition.

use std::collections::BTreeMap;

use geosharing_core::query::{Expr, Literal, OwnedValue, Row, Rows, Selection, Value as Cell};
use geosharing_core::rest::read_object_ids;
use serde_json::{Value, json};

use super::{Call, find, query, refusal};
use crate::error::{Result, SiteError};
use crate::reply::Reply;
use crate::store::Layer;

const REFUSED: &str = "Cannot perform query. Invalid query parameters.";

/// Answers `/{layer}/queryRelatedRecords`.
pub(super) fn query(call: &Call<'_>, layer: &Layer) -> Result<Reply> {
    let wanted: i64 = call.params.number("relationshipId")?.unwrap_or(-1);
    let relationships = layer.definition.get("relationships").and_then(Value::as_array);
    let relationship = relationships
        .into_iter()
        .flatten()
        .find(|entry| wanted < 0 || entry.get("id").and_then(Value::as_i64) == Some(wanted));
    let Some(relationship) = relationship else {
        return Err(SiteError::bad_request("Cannot perform query. Invalid query parameters.")
            .detail(format!("the layer has no relationship `{wanted}`")));
    };
    let related_id = relationship.get("relatedTableId").map(ToString::to_string).unwrap_or_default();
    let related = find(call, &related_id)?;
    let own_key = key_field(layer, relationship)?;
    let back = related.definition.get("relationships").and_then(Value::as_array).and_then(|list| {
        let id = relationship.get("id")?;
        list.iter().find(|entry| entry.get("id") == Some(id))
    });
    let related_key = if let Some(back) = back {
        key_field(&related, back)?
    } else {
        let name = relationship.get("keyFieldInRelationshipTable").or_else(|| relationship.get("keyField"));
        let name = name.and_then(Value::as_str).unwrap_or_default();
        related.schema.index_of(name).ok_or_else(|| no_key(&related))?
    };
    let ids = read_object_ids(call.params.require("objectIds")?).map_err(refusal(REFUSED))?;
    let mut keys: Vec<(i64, OwnedValue)> = Vec::new();
    let rows = Rows { fields: vec![layer.schema.oid, own_key], ..Rows::default() };
    let selection = Selection { object_ids: Some(ids), ..Selection::default() };
    call.store.rows(layer.id, &selection, &rows, &mut |row: &dyn Row| {
        if let Cell::Int(id) = row.value(layer.schema.oid) {
            keys.push((id, row.value(own_key).into_owned()));
        }
        Ok(())
    })?;
    let list: Vec<Expr> = keys.iter().filter_map(|(_, key)| literal(key)).map(Expr::Literal).collect();
    let filter = if list.is_empty() {
        Expr::Literal(Literal::Bool(false))
    } else {
        Expr::In { value: Box::new(Expr::Field(related_key)), list, negated: false }
    };
    let selection = Selection { filter: Some(filter), ..Selection::default() };
    let key_name = related.schema.field(related_key).map(|field| field.name.clone()).unwrap_or_default();
    // The key is needed for grouping, whether it was asked for or not.
    let fields = call.params.text("outFields").map(|fields| format!("{fields},{key_name}"));
    let get = query::lookup(|name| match name.to_ascii_lowercase().as_str() {
        "outfields" => fields.as_deref(),
        "where" => call.params.get("definitionExpression"),
        _ => call.params.get(name),
    });
    let mut answer = query::rows_as_json(call, &related, selection, &get)?;
    let mut by_key: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    if let Some(Value::Array(features)) = answer.get_mut("features").map(Value::take) {
        for feature in features {
            let key = feature.get("attributes").and_then(|attributes| attributes.get(&key_name));
            by_key.entry(key.map(as_text).unwrap_or_default()).or_default().push(feature);
        }
    }
    let groups: Vec<Value> = keys
        .iter()
        .filter_map(|(id, key)| {
            let records = by_key.get(&cell_text(key))?;
            Some(json!({ "objectId": id, "relatedRecords": records }))
        })
        .collect();
    let mut document = json!({ "fields": answer.get("fields").cloned().unwrap_or_default() });
    if let Some(object) = document.as_object_mut() {
        for key in ["geometryType", "spatialReference", "hasZ", "hasM", "exceededTransferLimit"] {
            if let Some(value) = answer.get(key) {
                object.insert(key.to_owned(), value.clone());
            }
        }
        object.insert("relatedRecordGroups".to_owned(), Value::Array(groups));
    }
    Ok(document.into())
}

fn no_key(layer: &Layer) -> SiteError {
    SiteError::bad_request(REFUSED).detail(format!("the relationship names no key field of `{}`", layer.name))
}

fn key_field(layer: &Layer, relationship: &Value) -> Result<usize> {
    let name = relationship.get("keyField").and_then(Value::as_str).unwrap_or_default();
    layer.schema.index_of(name).ok_or_else(|| no_key(layer))
}

fn literal(key: &OwnedValue) -> Option<Literal> {
    Some(match key {
        Cell::Int(value) => Literal::Int(*value),
        Cell::Float(value) => Literal::Float(*value),
        Cell::Date(value) => Literal::Date(*value),
        Cell::Text(text) => Literal::Text(text.to_string()),
        Cell::Null | Cell::Bool(_) => return None,
    })
}

fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn cell_text(value: &OwnedValue) -> String {
    match value {
        Cell::Text(text) => text.to_string(),
        Cell::Int(value) | Cell::Date(value) => value.to_string(),
        Cell::Float(value) => value.to_string(),
        Cell::Bool(value) => value.to_string(),
        Cell::Null => "null".to_owned(),
    }
}
