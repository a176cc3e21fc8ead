//! The service resource and `/layers`.

use geosharing_core::geometry::{Projector, wire_form};
use geosharing_core::query::Selection;
use serde_json::{Map, Value, json};

use super::{Call, layer, page};
use crate::error::Result;
use crate::portal::SERVER_VERSION;
use crate::reply::{Format, Reply};

/// Answers the service resource.
pub(super) fn describe(call: &Call<'_>) -> Result<Reply> {
    let value = document(call)?;
    if call.params.format() == Format::Html {
        return Ok(Reply::Html(page::service(call.params, &value)));
    }
    Ok(value.into())
}

/// Answers all layers and tables in full.
pub(super) fn layers(call: &Call<'_>) -> Result<Reply> {
    let (mut layers, mut tables) = (Vec::new(), Vec::new());
    for layer in call.store.layers() {
        let document = layer::document(call, &layer)?;
        if layer.has_geometry() { layers.push(document) } else { tables.push(document) }
    }
    Ok(json!({ "layers": layers, "tables": tables }).into())
}

fn document(call: &Call<'_>) -> Result<Value> {
    let service = call.store.service();
    let mut published = service.definition.as_object().cloned().unwrap_or_default();
    for key in super::CHANGEABLE {
        if let Some(edited) = call.edited(key) {
            published.insert((*key).to_owned(), edited.clone());
        }
    }
    let all = call.store.layers();
    let reference = all
        .iter()
        .find(|layer| layer.has_geometry())
        .map(|layer| layer.schema.spatial_reference.clone())
        .or_else(|| serde_json::from_value(published.get("spatialReference")?.clone()).ok())
        .unwrap_or_default();
    let mut extent: Option<geosharing_core::dataset::Envelope> = None;
    for layer in all.iter().filter(|layer| layer.has_geometry()) {
        let (own, _) = call.store.extent(layer.id, &Selection::default())?;
        let projector = Projector::new(&layer.schema.spatial_reference, &reference).ok().flatten();
        let own = match (own, projector) {
            (Some(own), Some(projector)) => projector.envelope(own),
            (own, _) => own,
        };
        extent = match (extent, own) {
            (Some(a), Some(b)) => Some(geosharing_core::dataset::Envelope {
                xmin: a.xmin.min(b.xmin),
                ymin: a.ymin.min(b.ymin),
                xmax: a.xmax.max(b.xmax),
                ymax: a.ymax.max(b.ymax),
            }),
            (a, b) => a.or(b),
        };
    }
    let reference = json!(wire_form(&reference));
    let full = extent.map_or_else(
        || published.get("fullExtent").cloned().unwrap_or(Value::Null),
        |extent| with_reference(extent, &reference),
    );
    let initial = published.get("initialExtent").filter(|extent| extent.is_object()).cloned();
    let list = |geometry: bool| -> Vec<Value> {
        all.iter()
            .filter(|layer| layer.has_geometry() == geometry)
            .map(|layer| {
                let own = |key: &str| layer.definition.get(key).cloned();
                let mut entry = json!({
                    "id": layer.id,
                    "name": layer.name,
                    "parentLayerId": -1,
                    "defaultVisibility": own("defaultVisibility").unwrap_or(Value::Bool(true)),
                    "subLayerIds": null,
                    "minScale": own("minScale").unwrap_or(0.into()),
                    "maxScale": own("maxScale").unwrap_or(0.into()),
                    "type": if geometry { "Feature Layer" } else { "Table" },
                });
                if geometry && let Some(entry) = entry.as_object_mut() {
                    entry.insert("geometryType".to_owned(), json!(layer.schema.geometry_type));
                }
                entry
            })
            .collect()
    };
    let has_data = json!({
        "currentVersion": SERVER_VERSION,
        "serviceItemId": call.item_id,
        "layers": list(true),
        "tables": list(false),
        "spatialReference": reference,
        "initialExtent": initial.unwrap_or_else(|| full.clone()),
        "fullExtent": full,
        "supportedQueryFormats": "JSON, geoJSON",
    });
    let defaults = json!({
        "serviceDescription": "",
        "hasVersionedData": false,
        "maxRecordCount": 2000,
        "hasStaticData": false,
        "capabilities": "Query",
        "description": "",
        "copyrightText": "",
        "allowGeometryUpdates": true,
        "supportsApplyEditsWithGlobalIds": false,
        "supportsDisconnectedEditing": false,
        "syncEnabled": false,
        "supportsReturnDeleteResults": true,
        "supportsLayerOverrides": false,
        "supportsDynamicLayers": false,
        "units": "esriMeters",
        "xssPreventionInfo": {
            "xssPreventionEnabled": true, "xssPreventionRule": "InputOnly", "xssInputRule": "rejectInvalid"
        },
    });
    Ok(merge(has_data, published, defaults))
}

pub(super) fn with_reference(extent: geosharing_core::dataset::Envelope, reference: &Value) -> Value {
    let mut value = json!(extent);
    if let Some(object) = value.as_object_mut() {
        object.insert("spatialReference".to_owned(), reference.clone());
    }
    value
}

/// What the data says comes first, then what was published, then what clients expect besides.
pub(super) fn merge(computed: Value, published: Map<String, Value>, defaults: Value) -> Value {
    let mut out = match computed {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    for (key, value) in published {
        out.entry(key).or_insert(value);
    }
    if let Value::Object(defaults) = defaults {
        for (key, value) in defaults {
            let entry = out.entry(key).or_insert(Value::Null);
            if entry.is_null() {
                *entry = value;
            }
        }
    }
    Value::Object(out)
}
