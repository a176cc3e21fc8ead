//! `servicedescriptions/featureserver`: the service and its layers as the REST API shows them.

use serde_json::{Map as Object, Value, json};

use super::files::json as to_json;
use super::layer::{Shared, kind, resource};
use super::members::{Item, Member, Members};
use super::target::Target;
use crate::Result;
use crate::cim::popup_info;
use crate::dataset::{Envelope, SpatialReference};
use crate::geometry::{Projector, is_geographic, same_system};
use crate::package::archive::Entry;
use crate::project::Map;
use crate::sddraft::{Document, to_service_configuration};

/// Makes `featureserver.json` and `featureserveritemdata.json`.
pub(super) fn entries(draft: &Document, map: &Map, members: &Members, target: &Target) -> Result<Vec<Entry>> {
    Ok(vec![
        Entry::bytes(
            "servicedescriptions/featureserver/featureserver.json",
            to_json(&service(&Words::of(draft), map, members, target))?,
        ),
        Entry::bytes(
            "servicedescriptions/featureserver/featureserveritemdata.json",
            to_json(&item_data(members))?,
        ),
    ])
}

/// What a service says of itself, whoever said it: a draft, or a staged definition.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    pub(super) capabilities: String,
    pub(super) max_record_count: u64,
    pub(super) service_description: String,
    pub(super) description: String,
    pub(super) credits: String,
    pub(super) title: String,
    pub(super) snippet: String,
    pub(super) tags: Vec<String>,
    pub(super) z_defaults: bool,
    pub(super) z_default: Option<f64>,
}

impl Words {
    pub(super) fn of(draft: &Document) -> Self {
        let configuration = to_service_configuration(draft);
        let setting = |path: &str| configuration.pointer(path).and_then(Value::as_str).unwrap_or_default();
        let info = draft.item_info();
        Self {
            capabilities: Some(setting("/service/capabilities"))
                .filter(|text| !text.is_empty())
                .unwrap_or("Query")
                .to_owned(),
            max_record_count: setting("/service/properties/maxRecordCount").trim().parse().unwrap_or(1000),
            service_description: setting("/service/description").to_owned(),
            description: info.description,
            credits: info.credits,
            title: info.title,
            snippet: info.snippet,
            tags: info.tags,
            z_defaults: setting("/service/properties/enableZDefaults") == "true",
            z_default: setting("/service/properties/zDefaultValue").trim().parse().ok(),
        }
    }
}

pub(super) fn service(words: &Words, map: &Map, members: &Members, target: &Target) -> Value {
    let shared =
        Shared { capabilities: words.capabilities.clone(), max_record_count: words.max_record_count };
    let reference = service_reference(map, members);
    let full = full_extent(members, &reference);
    let initial = initial_extent(map, &reference).or(full);
    let editable =
        shared.capabilities.split(',').any(|word| matches!(word.trim(), "Create" | "Update" | "Editing"));
    let mut contents = Object::new();
    let mut put = |key: &str, value: Value| {
        contents.insert(key.to_owned(), value);
    };
    put("currentVersion", json!(target.server));
    put("cimVersion", json!(target.schema));
    put("serviceDescription", json!(words.service_description));
    put("hasVersionedData", json!(false));
    put("supportsDisconnectedEditing", json!(false));
    put("syncEnabled", json!(shared.capabilities.split(',').any(|word| word.trim() == "Sync")));
    put("supportedQueryFormats", json!("JSON"));
    put("maxRecordCount", json!(shared.max_record_count));
    put("capabilities", json!(shared.capabilities));
    put("description", json!(words.description));
    put("copyrightText", json!(words.credits));
    put("spatialReference", json!(reference));
    put("initialExtent", extent(initial, &reference));
    put("fullExtent", extent(full, &reference));
    put("allowGeometryUpdates", json!(editable));
    put("supportsApplyEditsWithGlobalIds", json!(false));
    put("units", json!(units(&reference)));
    put(
        "documentInfo",
        json!({
            "Title": words.title, "Author": "", "Comments": words.description, "Subject": words.snippet,
            "Category": "", "Keywords": words.tags.join(","),
        }),
    );
    put("layers", members.0.iter().filter(|member| !member.is_table()).map(listed).collect());
    put("tables", members.0.iter().filter(|member| member.is_table()).map(listed).collect());
    put("enableZDefaults", json!(words.z_defaults));
    if let Some(value) = words.z_default {
        put("zDefault", json!(value));
    }
    let described = |tables: bool| -> Vec<Value> {
        let chosen = members.0.iter().filter(|member| member.is_table() == tables);
        chosen
            .map(|member| json!({"name": member.id.to_string(), "contents": resource(member, target, &shared)}))
            .collect()
    };
    let sides = |extent: Option<Envelope>| extent.map_or(Value::Null, |extent| json!(extent));
    let mut resources = vec![json!({"name": "layers", "contents": null, "resources": described(false)})];
    let tables = described(true);
    if !tables.is_empty() {
        resources.push(json!({"name": "tables", "contents": null, "resources": tables}));
    }
    json!({
        "contents": contents,
        "name": "FeatureServer",
        "resourceInfo": {
            "geoFullExtent": sides(degrees(full, &reference)),
            "geoInitialExtent": sides(degrees(initial, &reference)),
            "advancedDrawingInfos": [],
        },
        "resources": resources,
    })
}

fn listed(member: &Member) -> Value {
    match &member.item {
        Item::Table(_) => json!({"id": member.id, "name": member.name(), "type": "Table"}),
        Item::Layer(layer) => {
            let children = if member.children.is_empty() { Value::Null } else { json!(member.children) };
            let mut out = json!({
                "id": member.id,
                "name": member.name(),
                "parentLayerId": member.parent.map_or(-1, i64::from),
                "defaultVisibility": layer.visible,
                "subLayerIds": children,
                "minScale": layer.min_scale,
                "maxScale": layer.max_scale,
                "type": kind(member),
            });
            if let (Some(geometry), Some(out)) = (member.geometry(), out.as_object_mut()) {
                out.insert("geometryType".to_owned(), json!(geometry));
            }
            out
        }
    }
}

/// Pop-ups and labels for the item's data.
pub(super) fn item_data(members: &Members) -> Value {
    let layers: Vec<Value> = members
        .0
        .iter()
        .filter_map(|member| {
            let layer = member.layer().filter(|_| member.data.is_some())?;
            let mut out = json!({"id": member.id});
            let object = out.as_object_mut()?;
            if let Some(popup) = popup_info(layer) {
                object.insert("popupInfo".to_owned(), popup);
            }
            object.insert("showLabels".to_owned(), json!(layer.labels_visible));
            Some(out)
        })
        .collect();
    let tables: Vec<Value> =
        members.0.iter().filter(|member| member.is_table()).map(|member| json!({"id": member.id})).collect();
    json!({"layers": layers, "tables": tables})
}

/// The system of the service: that of all layers when they agree, else the map's.
pub(super) fn service_reference(map: &Map, members: &Members) -> SpatialReference {
    let mut of_layers = members
        .0
        .iter()
        .filter(|member| member.geometry().is_some())
        .filter_map(|member| member.data.as_ref()?.dataset.spatial_reference.clone());
    let first = of_layers.next();
    match first {
        Some(first) if of_layers.all(|other| same_system(&first, &other)) => first,
        first => map.spatial_reference().or(first).unwrap_or(SpatialReference {
            wkid: Some(4326),
            latest_wkid: Some(4326),
            wkt: None,
        }),
    }
}

/// Projects an extent; `None` where that is not possible.
pub(super) fn projected(
    extent: Envelope,
    from: &SpatialReference,
    to: &SpatialReference,
) -> Option<Envelope> {
    match Projector::new(from, to).ok()? {
        Some(projector) => projector.envelope(extent),
        None => Some(extent),
    }
}

/// The union of the layers' extents.
pub(super) fn full_extent(members: &Members, reference: &SpatialReference) -> Option<Envelope> {
    members
        .0
        .iter()
        .filter(|member| member.geometry().is_some())
        .filter_map(|member| {
            let dataset = &member.data.as_ref()?.dataset;
            let from = dataset.spatial_reference.as_ref().unwrap_or(reference);
            projected(dataset.extent?, from, reference)
        })
        .reduce(|a, b| Envelope {
            xmin: a.xmin.min(b.xmin),
            ymin: a.ymin.min(b.ymin),
            xmax: a.xmax.max(b.xmax),
            ymax: a.ymax.max(b.ymax),
        })
}

fn initial_extent(map: &Map, reference: &SpatialReference) -> Option<Envelope> {
    let extent = map.default_extent()?;
    let from = map.spatial_reference()?;
    projected(extent, &from, reference)
}

fn degrees(extent: Option<Envelope>, from: &SpatialReference) -> Option<Envelope> {
    projected(extent?, from, &SpatialReference { wkid: Some(4326), latest_wkid: Some(4326), wkt: None })
}

fn extent(extent: Option<Envelope>, reference: &SpatialReference) -> Value {
    match extent {
        Some(extent) => json!({
            "xmin": extent.xmin, "ymin": extent.ymin, "xmax": extent.xmax, "ymax": extent.ymax,
            "spatialReference": reference,
        }),
        None => {
            json!({"xmin": "NaN", "ymin": "NaN", "xmax": "NaN", "ymax": "NaN", "spatialReference": reference})
        }
    }
}

fn units(reference: &SpatialReference) -> &'static str {
    if is_geographic(reference) { "esriDecimalDegrees" } else { "esriMeters" }
}
