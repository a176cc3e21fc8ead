//! The REST resource of one layer or table, as the service will show it.

use serde_json::{Map as Object, Value, json};

use super::members::{Data, Item, Member};
use super::target::Target;
use crate::cim::{drawing_info_for, flag, get, text};
use crate::dataset::{Dataset, Domain, Field, FieldType, GeometryType, Subtypes};

/// What the whole service says and every layer repeats.
pub(super) struct Shared {
    pub(super) capabilities: String,
    pub(super) max_record_count: u64,
}

/// Makes the description of a member.
pub(super) fn resource(member: &Member, target: &Target, shared: &Shared) -> Value {
    let mut out = Object::new();
    let mut put = |key: &str, value: Value| {
        out.insert(key.to_owned(), value);
    };
    put("currentVersion", json!(target.server));
    put("cimVersion", json!(target.schema));
    put("id", json!(member.id));
    put("name", json!(member.name()));
    let definition = match &member.item {
        Item::Layer(layer) => &layer.definition,
        Item::Table(table) => &table.definition,
    };
    if let Item::Layer(layer) = &member.item {
        put("parentLayerId", json!(member.parent.map_or(-1, i64::from)));
        put("defaultVisibility", json!(layer.visible));
        put("minScale", json!(layer.min_scale));
        put("maxScale", json!(layer.max_scale));
    }
    put("type", json!(kind(member)));
    put("description", json!(text(definition, "description").unwrap_or_default()));
    put("copyrightText", json!(text(definition, "attribution").unwrap_or_default()));
    match &member.data {
        Some(data) => features(member, data, shared, &mut out),
        None if member.raster.is_some() => {}
        None => {
            out.insert("subLayerIds".to_owned(), json!(member.children));
        }
    }
    Value::Object(out)
}

/// Returns the REST name of what a member is.
pub(super) fn kind(member: &Member) -> &'static str {
    match (&member.item, &member.data, &member.raster) {
        (Item::Table(_), ..) => "Table",
        (Item::Layer(_), Some(_), _) => "Feature Layer",
        (Item::Layer(_), None, Some(_)) => "Raster Layer",
        (Item::Layer(_), None, None) => "Group Layer",
    }
}

fn features(member: &Member, data: &Data, shared: &Shared, out: &mut Object<String, Value>) {
    let dataset = &data.dataset;
    let oid = dataset.oid_field.as_deref().unwrap_or("OBJECTID");
    let fields = fields(member, dataset, oid);
    let mut put = |key: &str, value: Value| {
        out.insert(key.to_owned(), value);
    };
    put("editFieldsInfo", Value::Null);
    put("ownershipBasedAccessControlForFeatures", Value::Null);
    put("syncCanReturnChanges", json!(false));
    put("relationships", json!([]));
    put("isDataVersioned", json!(false));
    put("supportsRollbackOnFailureParameter", json!(true));
    put("archivingInfo", json!({"supportsQueryWithHistoricMoment": false, "startArchivingMoment": -1}));
    put("supportsStatistics", json!(true));
    put("supportsAdvancedQueries", json!(true));
    put(
        "advancedQueryCapabilities",
        json!({
            "supportsPagination": true,
            "supportsQueryWithDistance": true,
            "supportsReturningQueryExtent": true,
            "supportsStatistics": true,
            "supportsOrderBy": true,
            "supportsDistinct": true,
        }),
    );
    if let Some(geometry) = member.geometry() {
        put("geometryType", json!(geometry));
        put("extent", extent(dataset));
        if let Item::Layer(layer) = &member.item {
            put("drawingInfo", drawing_info_for(layer, Some(geometry)).info);
        }
        put("hasM", json!(dataset.has_m));
        put("hasZ", json!(dataset.has_z));
        put("enableZDefaults", json!(false));
        put("allowGeometryUpdates", json!(true));
    }
    put("hasAttachments", json!(false));
    put("supportsApplyEditsWithGlobalIds", json!(dataset.global_id_field.is_some()));
    put("htmlPopupType", json!(popup_kind(member)));
    put("objectIdField", json!(oid));
    put("globalIdField", json!(dataset.global_id_field.as_deref().unwrap_or_default()));
    put("displayField", json!(display_field(member, dataset, oid)));
    let subtypes = dataset.subtypes.as_ref();
    put("typeIdField", json!(subtypes.map_or("", |subtypes| subtypes.field.as_str())));
    put("subtypeField", json!(subtypes.map_or("", |subtypes| subtypes.field.as_str())));
    put("fields", Value::Array(fields));
    put("indexes", indexes(dataset, oid, member.geometry().is_some()));
    put("dateFieldsTimeReference", json!({"timeZone": "UTC", "respectsDaylightSaving": false}));
    put("types", subtypes.map_or_else(|| json!([]), |subtypes| types(member, dataset, subtypes)));
    put(
        "templates",
        if subtypes.is_some() { json!([]) } else { json!([template(member, dataset, member.name(), None)]) },
    );
    put("maxRecordCount", json!(shared.max_record_count));
    put("supportedQueryFormats", json!("JSON, geoJSON"));
    put("capabilities", json!(shared.capabilities));
}

fn extent(dataset: &Dataset) -> Value {
    let reference = dataset.spatial_reference.clone().unwrap_or_default();
    match dataset.extent {
        Some(extent) => json!({
            "xmin": extent.xmin, "ymin": extent.ymin, "xmax": extent.xmax, "ymax": extent.ymax,
            "spatialReference": reference,
        }),
        // What the REST API shows of a layer without features.
        None => json!({
            "xmin": "NaN", "ymin": "NaN", "xmax": "NaN", "ymax": "NaN",
            "spatialReference": reference,
        }),
    }
}

/// Describes the fields; aliases of the layer win over those of its data.
fn fields(member: &Member, dataset: &Dataset, oid: &str) -> Vec<Value> {
    let described = match &member.item {
        Item::Layer(layer) => layer.field_descriptions(),
        Item::Table(table) => table.field_descriptions(),
    };
    let told = |name: &str| {
        described
            .iter()
            .find(|field| text(field, "fieldName").is_some_and(|told| told.eq_ignore_ascii_case(name)))
    };
    let alias = |name: &str, otherwise: &str| {
        told(name).and_then(|field| text(field, "alias")).unwrap_or(otherwise).to_owned()
    };
    let first = json!({
        "name": oid, "type": FieldType::Oid, "alias": alias(oid, oid),
        "domain": null, "editable": false, "nullable": false, "defaultValue": null,
    });
    let field = |field: &Field| {
        let read_only = told(&field.name).is_some_and(|told| flag(told, "readOnly"));
        let mut out = json!({
            "name": field.name, "type": field.field_type, "alias": alias(&field.name, &field.alias),
            "domain": field.domain, "editable": field.editable && !read_only, "nullable": field.nullable,
            "defaultValue": field.default_value,
        });
        if let (Some(length), Some(out)) = (field.length, out.as_object_mut()) {
            out.insert("length".to_owned(), json!(length));
        }
        out
    };
    std::iter::once(first).chain(dataset.fields.iter().map(field)).collect()
}

fn display_field(member: &Member, dataset: &Dataset, oid: &str) -> String {
    let told = match &member.item {
        Item::Layer(layer) => layer.display_field().map(str::to_owned),
        Item::Table(table) => text(&table.definition, "displayField").map(str::to_owned),
    };
    let known = |name: &String| dataset.fields.iter().any(|field| field.name.eq_ignore_ascii_case(name));
    told.filter(known)
        .or_else(|| {
            let first = dataset.fields.iter().find(|field| field.field_type == FieldType::String)?;
            Some(first.name.clone())
        })
        .unwrap_or_else(|| oid.to_owned())
}

fn popup_kind(member: &Member) -> &'static str {
    let definition = match &member.item {
        Item::Layer(layer) => &layer.definition,
        Item::Table(table) => &table.definition,
    };
    let off = get(definition, "showPopups").is_some_and(|value| value == &Value::Bool(false));
    if off { "esriServerHTMLPopupTypeNone" } else { "esriServerHTMLPopupTypeAsHTMLText" }
}

fn indexes(dataset: &Dataset, oid: &str, spatial: bool) -> Value {
    let mut list = vec![json!({
        "name": format!("FDO_{oid}"), "fields": oid, "isAscending": true, "isUnique": true, "description": "",
    })];
    if spatial {
        list.push(json!({
            "name": "FDO_Shape", "fields": "Shape", "isAscending": true, "isUnique": false, "description": "",
        }));
    }
    if let Some(name) = &dataset.global_id_field {
        list.push(json!({
            "name": format!("FDO_{name}"), "fields": name, "isAscending": true, "isUnique": true, "description": "",
        }));
    }
    Value::Array(list)
}

fn types(member: &Member, dataset: &Dataset, subtypes: &Subtypes) -> Value {
    let domain =
        |name: &str| {
            dataset.fields.iter().find_map(|field| match &field.domain {
                Some(
                    domain @ (Domain::CodedValue { name: known, .. } | Domain::Range { name: known, .. }),
                ) if known == name => Some(json!(domain)),
                _ => None,
            })
        };
    let entry = |subtype: &crate::dataset::Subtype| {
        let domains: Object<String, Value> = subtype
            .domains
            .iter()
            .map(|(field, name)| {
                (field.clone(), domain(name).unwrap_or_else(|| json!({"type": "inherited"})))
            })
            .collect();
        let template = template(member, dataset, &subtype.name, Some((subtypes.field.as_str(), subtype)));
        json!({"id": subtype.code, "name": subtype.name, "domains": domains, "templates": [template]})
    };
    Value::Array(subtypes.entries.iter().map(entry).collect())
}

fn template(
    member: &Member,
    dataset: &Dataset,
    name: &str,
    subtype: Option<(&str, &crate::dataset::Subtype)>,
) -> Value {
    let tool = match member.geometry() {
        Some(GeometryType::Point | GeometryType::Multipoint) => "esriFeatureEditToolPoint",
        Some(GeometryType::Polyline) => "esriFeatureEditToolLine",
        Some(GeometryType::Polygon) => "esriFeatureEditToolPolygon",
        _ => "esriFeatureEditToolNone",
    };
    let value = |field: &Field| match subtype {
        Some((column, subtype)) if field.name.eq_ignore_ascii_case(column) => json!(subtype.code),
        Some((_, subtype)) => subtype
            .defaults
            .get(&field.name)
            .map_or_else(|| json!(field.default_value), |text| typed(text, field.field_type)),
        None => json!(field.default_value),
    };
    let attributes: Object<String, Value> = dataset
        .fields
        .iter()
        .filter(|field| field.editable && field.field_type != FieldType::Blob)
        .map(|field| (field.name.clone(), value(field)))
        .collect();
    json!({"name": name, "description": "", "prototype": {"attributes": attributes}, "drawingTool": tool})
}

/// Turns the text of a default value into the type of its field.
fn typed(text: &str, kind: FieldType) -> Value {
    match kind {
        FieldType::SmallInteger | FieldType::Integer | FieldType::BigInteger => {
            text.parse::<i64>().map_or(Value::Null, |number| json!(number))
        }
        FieldType::Single | FieldType::Double => {
            text.parse::<f64>().map_or(Value::Null, |number| json!(number))
        }
        _ => json!(text),
    }
}
