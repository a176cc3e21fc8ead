//! Layers as `featureserver.json` describes them, joined with what their data is.

use geosharing_core::Result;
use geosharing_core::dataset::{Dataset, Domain, Field, FieldType, GeometryType, Source};
use geosharing_core::query::Schema;
use serde_json::{Value, json};

use crate::store::{Layer, LayerSource};

/// Takes a service's description apart: what it says of itself, and its layers and tables with data.
pub(super) fn split(described: &Value) -> (Value, Vec<Value>) {
    let mut service = described.get("contents").cloned().unwrap_or_else(|| described.clone());
    let mut layers = Vec::new();
    // Layers stand in full either as resources beside the service or inside its own lists.
    let resources = described.get("resources").and_then(Value::as_array).into_iter().flatten();
    for group in resources {
        let inside = group.get("resources").and_then(Value::as_array).into_iter().flatten();
        layers.extend(inside.filter_map(|one| one.get("contents")).cloned());
    }
    if let Some(object) = service.as_object_mut() {
        for list in ["layers", "tables"] {
            let listed = object.shift_remove(list);
            if layers.iter().all(|layer: &Value| layer.get("fields").is_none())
                && let Some(Value::Array(listed)) = listed
            {
                layers.extend(listed);
            }
        }
    }
    layers.retain(|layer| layer.get("type").and_then(Value::as_str) != Some("Group Layer"));
    (service, layers)
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn parsed<T: serde::de::DeserializeOwned>(value: &Value, key: &str) -> Option<T> {
    value.get(key).and_then(|value| serde_json::from_value(value.clone()).ok())
}

/// Joins a layer's description with its dataset.
pub(super) fn layer(described: &Value, dataset: &Dataset, source: Source) -> Result<LayerSource> {
    let id = described.get("id").and_then(Value::as_u64).and_then(|id| u32::try_from(id).ok()).unwrap_or(0);
    let name = text(described, "name").unwrap_or(&dataset.name).to_owned();
    let listed = described.get("fields").and_then(Value::as_array);
    let described_fields: Vec<&Value> = listed.into_iter().flatten().collect();
    let oid_name = oid_name(described, &described_fields, dataset);
    let mut fields = Vec::new();
    let mut columns = Vec::new();
    let find = |name: &str| dataset.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name));
    if described_fields.is_empty() {
        fields.push(oid_field(&oid_name, None));
        columns.push(None);
        for field in dataset.fields.iter().filter(|field| field.field_type != FieldType::Geometry) {
            fields.push(field.clone());
            columns.push(Some(field.name.clone()));
        }
    } else {
        let is_oid =
            |field: &Value| text(field, "name").is_some_and(|name| name.eq_ignore_ascii_case(&oid_name));
        if !described_fields.iter().any(|field| is_oid(field)) {
            fields.push(oid_field(&oid_name, None));
            columns.push(None);
        }
        for field in described_fields {
            let Some(name) = text(field, "name") else { continue };
            if is_oid(field) {
                fields.push(oid_field(name, text(field, "alias")));
                columns.push(None);
                continue;
            }
            let known = find(name);
            let Some(field) = field_of(field, name, known) else { continue };
            columns.push(known.map(|known| known.name.clone()));
            fields.push(field);
        }
    }
    let position = |wanted: &str| fields.iter().position(|field| field.name.eq_ignore_ascii_case(wanted));
    let global_id = text(described, "globalIdField")
        .or(dataset.global_id_field.as_deref())
        .and_then(position)
        .or_else(|| fields.iter().position(|field| field.field_type == FieldType::GlobalId));
    let geometry_type: Option<GeometryType> =
        dataset.geometry_type.filter(|_| text(described, "type") != Some("Table"));
    let reference = dataset.spatial_reference.clone();
    let told = described.get("extent").and_then(|extent| parsed(extent, "spatialReference"));
    let schema = Schema {
        oid: position(&oid_name).unwrap_or(0),
        global_id,
        fields,
        geometry_type,
        has_z: dataset.has_z,
        has_m: dataset.has_m,
        spatial_reference: reference.or(told).unwrap_or_default(),
    };
    let mut definition = described.clone();
    if let Some(object) = definition.as_object_mut() {
        let kind = if geometry_type.is_some() { "Feature Layer" } else { "Table" };
        object.entry("type").or_insert_with(|| json!(kind));
    }
    Ok(LayerSource { layer: Layer::new(id, name, schema, definition)?, source: Some(source), columns })
}

/// Name of the row id: as described, as in the data, or one that no field has.
fn oid_name(described: &Value, fields: &[&Value], dataset: &Dataset) -> String {
    let of_type = fields.iter().find(|field| text(field, "type") == Some("esriFieldTypeOID"));
    let told = text(described, "objectIdField").or_else(|| text(of_type?, "name"));
    if let Some(told) = told {
        return told.to_owned();
    }
    let taken = |name: &str| dataset.fields.iter().any(|field| field.name.eq_ignore_ascii_case(name));
    let own = dataset.oid_field.as_deref().into_iter();
    own.chain(["OBJECTID", "OBJECTID_1", "ESRI_OID"])
        .find(|name| !name.is_empty() && !taken(name))
        .unwrap_or("GEOSHARING_OID")
        .to_owned()
}

fn oid_field(name: &str, alias: Option<&str>) -> Field {
    Field {
        name: name.to_owned(),
        field_type: FieldType::Oid,
        alias: alias.unwrap_or(name).to_owned(),
        length: None,
        nullable: false,
        editable: false,
        domain: None,
        default_value: None,
    }
}

/// Reads a field's description; what it leaves open is as in the data.
fn field_of(described: &Value, name: &str, known: Option<&Field>) -> Option<Field> {
    let field_type: FieldType = parsed(described, "type").or(known.map(|known| known.field_type))?;
    if matches!(field_type, FieldType::Geometry) {
        return None;
    }
    let flag = |key: &str| described.get(key).and_then(Value::as_bool);
    let number =
        described.get("length").and_then(Value::as_u64).and_then(|length| u32::try_from(length).ok());
    let domain: Option<Domain> = match described.get("domain") {
        Some(Value::Object(_)) => parsed(described, "domain"),
        _ => None,
    };
    Some(Field {
        name: name.to_owned(),
        // A second row id is a number like any other.
        field_type: if field_type == FieldType::Oid { FieldType::Integer } else { field_type },
        alias: text(described, "alias")
            .or(known.map(|known| known.alias.as_str()))
            .unwrap_or(name)
            .to_owned(),
        length: number.or(known.and_then(|known| known.length)),
        nullable: flag("nullable").or(known.map(|known| known.nullable)).unwrap_or(true),
        editable: flag("editable").or(known.map(|known| known.editable)).unwrap_or(true),
        domain: domain.or_else(|| known.and_then(|known| known.domain.clone())),
        default_value: described.get("defaultValue").filter(|value| !value.is_null()).cloned(),
    })
}
