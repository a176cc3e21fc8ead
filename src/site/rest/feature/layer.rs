//! The layer and table resource: what was published, with what the data says now.

use geosharing_core::dataset::{Field, FieldType, GeometryType};
use geosharing_core::geometry::wire_form;
use geosharing_core::query::Selection;
use geosharing_core::rest::Limits;
use serde_json::{Map, Value, json};

use super::service::{merge, with_reference};
use super::{Call, page};
use crate::error::Result;
use crate::portal::SERVER_VERSION;
use crate::reply::{Format, Reply};
use crate::store::Layer;

/// Answers a layer or table.
pub(super) fn describe(call: &Call<'_>, layer: &Layer) -> Result<Reply> {
    let value = document(call, layer)?;
    if call.params.format() == Format::Html {
        return Ok(Reply::Html(page::layer(call.params, &value)));
    }
    Ok(value.into())
}

/// How many rows an answer of this layer may have.
pub(super) fn limits(call: &Call<'_>, layer: &Layer) -> Limits {
    let service = call.store.service();
    let number = |key: &str| {
        let edited = call.edited(key).and_then(Value::as_u64);
        let own = edited.or_else(|| layer.definition.get(key).and_then(Value::as_u64));
        own.or_else(|| service.definition.get(key).and_then(Value::as_u64)).filter(|number| *number > 0)
    };
    let default = Limits::default();
    Limits {
        rows: number("maxRecordCount").unwrap_or(default.rows),
        tile: number("tileMaxRecordCount").unwrap_or(default.tile),
        standard: number("standardMaxRecordCount").unwrap_or(default.standard),
    }
}

/// Indexes of the fields of `timeInfo`: start, then end where there is one.
pub(super) fn time_fields(layer: &Layer) -> Vec<usize> {
    let info = layer.definition.get("timeInfo");
    ["startTimeField", "endTimeField"]
        .iter()
        .filter_map(|key| layer.schema.index_of(info?.get(key)?.as_str().filter(|name| !name.is_empty())?))
        .collect()
}

pub(super) fn capabilities(call: &Call<'_>, layer: &Layer) -> String {
    let service = call.store.service();
    if let Some(edited) = call.edited("capabilities").and_then(Value::as_str) {
        return edited.to_owned();
    }
    let own = layer.definition.get("capabilities").and_then(Value::as_str);
    let text = service.definition.get("capabilities").and_then(Value::as_str).or(own).unwrap_or("Query");
    text.to_owned()
}

/// Builds the document of a layer or table.
pub(in crate::rest) fn document(call: &Call<'_>, layer: &Layer) -> Result<Value> {
    let schema = &layer.schema;
    let published = layer.definition.as_object().cloned().unwrap_or_default();
    let capabilities = capabilities(call, layer);
    let geometry = layer.has_geometry();
    let global = schema.global_id.and_then(|index| schema.fields.get(index));
    let limits = limits(call, layer);
    let display = published.get("displayField").and_then(Value::as_str).filter(|name| !name.is_empty());
    let display = display.map_or_else(|| display_field(layer), str::to_owned);
    let mut computed = json!({
        "currentVersion": SERVER_VERSION,
        "id": layer.id,
        "name": layer.name,
        "type": if geometry { "Feature Layer" } else { "Table" },
        "serviceItemId": call.item_id,
        "displayField": display,
        "objectIdField": schema.oid_name(),
        "uniqueIdField": { "name": schema.oid_name(), "isSystemMaintained": true },
        "globalIdField": global.map_or("", |field| field.name.as_str()),
        "hasZ": schema.has_z,
        "hasM": schema.has_m,
        "fields": fields(&schema.fields),
        "capabilities": capabilities,
        "maxRecordCount": limits.rows,
        "standardMaxRecordCount": limits.standard,
        "tileMaxRecordCount": limits.tile,
        "supportedQueryFormats": "JSON, geoJSON",
        "supportsStatistics": true,
        "supportsAdvancedQueries": true,
        "supportsCoordinatesQuantization": geometry,
        "supportsValidateSQL": true,
        "supportsCalculate": false,
        "supportsAsyncCalculate": false,
        "supportsRollbackOnFailureParameter": true,
        "supportsReturnDeleteResults": true,
        "useStandardizedQueries": true,
        "advancedQueryCapabilities": abilities(geometry, &published),
    });
    if geometry && let Some(object) = computed.as_object_mut() {
        object.insert("geometryType".to_owned(), json!(schema.geometry_type));
        let reference = json!(wire_form(&schema.spatial_reference));
        let (extent, _) = call.store.extent(layer.id, &Selection::default())?;
        let extent = match extent {
            Some(extent) => with_reference(extent, &reference),
            None => {
                published.get("extent").filter(|extent| extent.is_object()).cloned().unwrap_or(Value::Null)
            }
        };
        object.insert("extent".to_owned(), extent);
        object.insert("spatialReference".to_owned(), reference);
    }
    Ok(merge(computed, published, defaults(layer, geometry)))
}

fn defaults(layer: &Layer, geometry: bool) -> Value {
    let prototype: Map<String, Value> = layer
        .schema
        .fields
        .iter()
        .filter(|field| field.editable && !matches!(field.field_type, FieldType::Oid | FieldType::GlobalId))
        .map(|field| (field.name.clone(), field.default_value.clone().unwrap_or(Value::Null)))
        .collect();
    let mut defaults = json!({
        "description": "",
        "copyrightText": "",
        "defaultVisibility": true,
        "relationships": [],
        "isDataVersioned": false,
        "hasAttachments": false,
        "htmlPopupType": "esriServerHTMLPopupTypeAsHTMLText",
        "typeIdField": null,
        "subtypeField": null,
        "types": [],
        "templates": [{
            "name": layer.name,
            "description": "",
            "drawingTool": drawing_tool(layer.schema.geometry_type),
            "prototype": { "attributes": prototype },
        }],
        "indexes": [{
            "name": "PK", "fields": layer.schema.oid_name(), "isAscending": true, "isUnique": true,
            "description": "the row id"
        }],
        "dateFieldsTimeReference": { "timeZone": "UTC", "respectsDaylightSaving": false },
        "preferredTimeReference": null,
        "editFieldsInfo": null,
        "ownershipBasedAccessControlForFeatures": null,
        "syncCanReturnChanges": false,
        "isDataArchived": false,
        "hasStaticData": false,
        "allowGeometryUpdates": true,
        "enableZDefaults": false,
        "zDefault": 0,
        "maxRecordCountFactor": 1,
        "hasContingentValuesDefinition": false,
    });
    if geometry && let Some(object) = defaults.as_object_mut() {
        let drawing = json!({
            "renderer": { "type": "simple", "symbol": symbol(layer.schema.geometry_type), "label": "", "description": "" },
            "transparency": 0,
            "labelingInfo": null,
        });
        object.insert("drawingInfo".to_owned(), drawing);
        object.insert("minScale".to_owned(), 0.into());
        object.insert("maxScale".to_owned(), 0.into());
    }
    defaults
}

fn abilities(geometry: bool, published: &Map<String, Value>) -> Value {
    let related =
        published.get("relationships").and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    json!({
        "supportsPagination": true,
        "supportsPaginationOnAggregatedQueries": true,
        "supportsQueryRelatedPagination": false,
        "supportsQueryWithDistance": geometry,
        "supportsReturningQueryExtent": geometry,
        "supportsStatistics": true,
        "supportsHavingClause": true,
        "supportsOrderBy": true,
        "supportsDistinct": true,
        "supportsCountDistinct": true,
        "supportsQueryWithResultType": true,
        "supportsReturningGeometryCentroid": geometry,
        "supportsReturningGeometryProperties": false,
        "supportsQueryWithDatumTransformation": false,
        "supportsSqlExpression": false,
        "supportsPercentileStatistics": true,
        "supportsSpatialAggregationStatistics": false,
        "supportsQueryAttachments": false,
        "supportsQueryWithCacheHint": false,
        "supportsDefaultSR": geometry,
        "supportsFullTextSearch": false,
        "supportsOutFieldSQLExpression": false,
        "supportsAdvancedQueryRelated": related,
        "supportsQueryRelated": related,
        "supportsTopFeaturesQuery": false,
        "supportsQueryWithHistoricMoment": false,
        "supportsTrueCurve": false,
    })
}

/// Fields as the REST API describes them.
pub(super) fn fields(fields: &[Field]) -> Value {
    let list = fields.iter().map(|field| {
        let mut value = json!(field);
        if let Some(object) = value.as_object_mut() {
            object.insert("sqlType".to_owned(), json!("sqlTypeOther"));
        }
        value
    });
    Value::Array(list.collect())
}

fn display_field(layer: &Layer) -> String {
    let texts = layer.schema.fields.iter().filter(|field| field.field_type == FieldType::String);
    let named = texts.clone().find(|field| field.name.to_ascii_lowercase().contains("name"));
    let field = named.or_else(|| texts.clone().next());
    field.map_or_else(|| layer.schema.oid_name().to_owned(), |field| field.name.clone())
}

fn drawing_tool(kind: Option<GeometryType>) -> &'static str {
    match kind {
        Some(GeometryType::Polyline) => "esriFeatureEditToolLine",
        Some(GeometryType::Polygon | GeometryType::MultiPatch) => "esriFeatureEditToolPolygon",
        Some(_) => "esriFeatureEditToolPoint",
        None => "esriFeatureEditToolNone",
    }
}

fn symbol(kind: Option<GeometryType>) -> Value {
    let line = json!({ "type": "esriSLS", "style": "esriSLSSolid", "color": [26, 26, 26, 255], "width": 1 });
    match kind {
        Some(GeometryType::Polyline) => line,
        Some(GeometryType::Polygon | GeometryType::MultiPatch) => json!({
            "type": "esriSFS", "style": "esriSFSSolid", "color": [76, 129, 205, 191], "outline": line
        }),
        _ => json!({
            "type": "esriSMS", "style": "esriSMSCircle", "color": [76, 129, 205, 191], "size": 6,
            "angle": 0, "xoffset": 0, "yoffset": 0, "outline": line
        }),
    }
}
