//! The service resource, the layers and what clients read before they ask for a map.

use geosharing_core::dataset::{Envelope, SpatialReference};
use geosharing_core::geometry::{Projector, is_geographic, spatial_reference, wire_form};
use geosharing_core::query::Selection;
use serde_json::{Value, json};

use super::tree::Node;
use super::view::MapView;
use super::{Ask, feature, page};
use crate::error::{Result, SiteError};
use crate::params::shorten;
use crate::portal::SERVER_VERSION;
use crate::reply::{Format, Reply};
use crate::store::FeatureStore;

/// The formats that `export` writes.
pub(super) const FORMATS: &str = "PNG32,PNG24,PNG,JPG";

/// The spatial reference of the map: as published, or that of the first layer.
pub(super) fn reference(definition: &Value, view: &MapView) -> SpatialReference {
    let told = definition.get("spatialReference").and_then(|value| spatial_reference(value).ok().flatten());
    let of_layers = || {
        let layers = view.layers();
        let first = layers.iter().find(|layer| layer.has_geometry());
        first.map(|layer| layer.schema.spatial_reference.clone())
    };
    told.or_else(of_layers).unwrap_or_default()
}

/// Answers the service resource.
pub(super) fn describe(ask: &Ask<'_>) -> Result<Reply> {
    let value = document(ask)?;
    if ask.params.format() == Format::Html {
        return Ok(Reply::Html(page::service(ask.params, &value)));
    }
    Ok(value.into())
}

/// What the layers cover now, in the map's spatial reference.
pub(super) fn full_extent(ask: &Ask<'_>) -> Result<Option<Envelope>> {
    let mut whole: Option<Envelope> = None;
    for layer in ask.stored().iter().filter(|layer| layer.has_geometry()) {
        let (extent, _) = ask.view.extent(layer.id, &Selection::default())?;
        let projector = Projector::new(&layer.schema.spatial_reference, &ask.reference).ok().flatten();
        let extent = match (extent, projector) {
            (Some(extent), Some(projector)) => projector.envelope(extent),
            (extent, _) => extent,
        };
        whole = match (whole, extent) {
            (Some(a), Some(b)) => Some(Envelope {
                xmin: a.xmin.min(b.xmin),
                ymin: a.ymin.min(b.ymin),
                xmax: a.xmax.max(b.xmax),
                ymax: a.ymax.max(b.ymax),
            }),
            (a, b) => a.or(b),
        };
    }
    Ok(whole)
}

fn document(ask: &Ask<'_>) -> Result<Value> {
    let definition = ask.service.definition;
    let own = |key: &str, otherwise: Value| definition.get(key).cloned().unwrap_or(otherwise);
    let reference = json!(wire_form(&ask.reference));
    let full = match full_extent(ask)? {
        Some(extent) => with_reference(extent, &reference),
        None => own("fullExtent", Value::Null),
    };
    let initial =
        definition.get("initialExtent").filter(|extent| extent.get("xmin").is_some_and(Value::is_number));
    let cached = definition.get("tileInfo").is_some_and(Value::is_object);
    let entry = |node: &Node| {
        let geometry = ask.view.layer(node.id).and_then(|layer| layer.schema.geometry_type);
        let mut entry = json!({
            "id": node.id,
            "name": node.name,
            "parentLayerId": node.parent.map_or(-1, i64::from),
            "defaultVisibility": node.visible,
            "subLayerIds": if node.children.is_empty() { Value::Null } else { json!(node.children) },
            "minScale": node.min_scale,
            "maxScale": node.max_scale,
            "type": node.kind,
            "supportsDynamicLegends": geometry.is_some(),
        });
        if let (Some(geometry), Some(entry)) = (geometry, entry.as_object_mut()) {
            entry.insert("geometryType".to_owned(), json!(geometry));
        }
        entry
    };
    let layers: Vec<Value> = ask.tree.nodes.iter().filter(|node| !node.is_table()).map(entry).collect();
    let tables: Vec<Value> = ask
        .tree
        .nodes
        .iter()
        .filter(|node| node.is_table())
        .map(|node| json!({ "id": node.id, "name": node.name, "type": "Table" }))
        .collect();
    let units = if is_geographic(&ask.reference) { "esriDecimalDegrees" } else { "esriMeters" };
    let mut out = json!({
        "currentVersion": SERVER_VERSION,
        "cimVersion": own("cimVersion", json!("3.3.0")),
        "serviceItemId": ask.service.item_id,
        "serviceDescription": own("serviceDescription", json!("")),
        "mapName": own("mapName", json!("Layers")),
        "description": own("description", json!("")),
        "copyrightText": own("copyrightText", json!("")),
        "supportsDynamicLayers": false,
        "layers": layers,
        "tables": tables,
        "spatialReference": reference,
        "singleFusedMapCache": cached,
        "initialExtent": initial.cloned().unwrap_or_else(|| full.clone()),
        "fullExtent": full,
        "datesInUnknownTimezone": false,
        "minScale": own("minScale", json!(0)),
        "maxScale": own("maxScale", json!(0)),
        "units": own("units", json!(units)),
        "supportedImageFormatTypes": FORMATS,
        "documentInfo": own("documentInfo", json!({})),
        "capabilities": own("capabilities", json!("Map,Query,Data")),
        "supportedQueryFormats": "JSON, geoJSON",
        "exportTilesAllowed": false,
        "referenceScale": 0.0,
        "supportsDatumTransformation": false,
        "supportsClipping": false,
        "supportsSpatialFilter": false,
        "supportsTimeRelation": false,
        "supportsQueryDataElements": false,
        "maxRecordCount": own("maxRecordCount", json!(2000)),
        "maxImageHeight": own("maxImageHeight", json!(4096)),
        "maxImageWidth": own("maxImageWidth", json!(4096)),
        "supportedExtensions": own("supportedExtensions", json!("")),
        "archivingInfo": { "supportsHistoricMoment": false },
    });
    if cached && let Some(object) = out.as_object_mut() {
        object.insert("tileInfo".to_owned(), own("tileInfo", Value::Null));
        object.insert("tileServers".to_owned(), json!([]));
        object
            .insert("storageInfo".to_owned(), json!({ "storageFormat": "esriMapCacheStorageModeExploded" }));
    }
    Ok(out)
}

/// An extent with its spatial reference.
pub(super) fn with_reference(extent: Envelope, reference: &Value) -> Value {
    json!({
        "xmin": extent.xmin, "ymin": extent.ymin, "xmax": extent.xmax, "ymax": extent.ymax,
        "spatialReference": reference,
    })
}

/// Answers all layers and tables in full.
pub(super) fn layers(ask: &Ask<'_>) -> Result<Reply> {
    let (mut layers, mut tables) = (Vec::new(), Vec::new());
    for node in &ask.tree.nodes {
        let document = layer_document(ask, node)?;
        if node.is_table() { tables.push(document) } else { layers.push(document) }
    }
    Ok(json!({ "layers": layers, "tables": tables }).into())
}

/// Answers one layer, group or table.
pub(super) fn layer(ask: &Ask<'_>, id: &str) -> Result<Reply> {
    let node = id.parse().ok().and_then(|id| ask.tree.get(id));
    let node =
        node.ok_or_else(|| SiteError::not_found(format!("Layer or table {} not found", shorten(id))))?;
    let value = layer_document(ask, node)?;
    if ask.params.format() == Format::Html {
        return Ok(Reply::Html(page::layer(ask.params, &value)));
    }
    Ok(value.into())
}

fn layer_document(ask: &Ask<'_>, node: &Node) -> Result<Value> {
    let mut out = if let Some(layer) = ask.view.layer(node.id) {
        feature::layer::document(&ask.call(), &layer)?
    } else {
        let groups = ask.service.definition.get("groups").and_then(Value::as_array);
        let published = groups.into_iter().flatten().find(|one| one.get("id") == Some(&json!(node.id)));
        published.cloned().unwrap_or_else(|| json!({ "id": node.id, "name": node.name, "type": node.kind }))
    };
    let brief = |id: u32| {
        let node = ask.tree.get(id)?;
        Some(json!({ "id": node.id, "name": node.name }))
    };
    if let Some(object) = out.as_object_mut() {
        for editing in ["templates", "allowGeometryUpdates", "editFieldsInfo", "supportsReturnDeleteResults"]
        {
            object.shift_remove(editing);
        }
        object.insert("currentVersion".to_owned(), json!(SERVER_VERSION));
        object.insert("serviceItemId".to_owned(), json!(ask.service.item_id));
        object.insert("canModifyLayer".to_owned(), json!(false));
        object.insert("capabilities".to_owned(), ask.service.definition["capabilities"].clone());
        if !node.is_table() {
            object.insert("parentLayer".to_owned(), node.parent.and_then(brief).unwrap_or(Value::Null));
            let inside: Vec<Value> = node.children.iter().filter_map(|id| brief(*id)).collect();
            object.insert("subLayers".to_owned(), json!(inside));
            object.insert("defaultVisibility".to_owned(), json!(node.visible));
        }
    }
    Ok(out)
}

/// Answers `info/iteminfo`: what the service says of itself in the words of items.
pub(super) fn item_info(ask: &Ask<'_>) -> Reply {
    let definition = ask.service.definition;
    let word = |key: &str| definition.pointer(&format!("/documentInfo/{key}")).cloned().unwrap_or_default();
    json!({
        "culture": "en-US",
        "name": ask.service.name,
        "guid": "",
        "catalogPath": "",
        "snippet": word("Subject"),
        "description": word("Comments"),
        "summary": word("Subject"),
        "title": word("Title"),
        "tags": word("Keywords").as_str().unwrap_or_default().split(',').filter(|tag| !tag.is_empty()).collect::<Vec<_>>(),
        "type": "Map Service",
        "typeKeywords": ["Data", "Service", "Map Service", "ArcGIS Server"],
        "thumbnail": "thumbnail/thumbnail.png",
        "url": "",
        "minScale": 0,
        "maxScale": "NaN",
        "spatialReference": "",
        "accessInformation": definition.get("copyrightText").cloned().unwrap_or_default(),
        "licenseInfo": "",
    })
    .into()
}
