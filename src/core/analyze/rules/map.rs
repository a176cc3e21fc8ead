//! The map as a whole.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{DRAWN, MAPS, Product, Rule, arcmap, rule};
use crate::analyze::Desktop;
use crate::cim::{flag, get, items, text, type_of};
use crate::dataset::SpatialReference;
use crate::project::{FileKind, LayerKind};

const PROJECTED: &[Product] = &[
    Product::Feature,
    Product::Tile,
    Product::VectorTile,
    Product::MapImage,
    Product::MapService,
    Product::Scene,
    Product::WebMap,
];

pub(super) const RULES: &[Rule] = &[
    rule(1, MAPS, |case, said, code| {
        if case.input.map.is_some() && case.members.is_empty() {
            said.say(code, &[]);
        }
    }),
    rule(2, MAPS, |case, said, code| {
        let Some(map) = case.input.map else { return };
        // Layer files have no coordinate system, and a map without layers has none yet.
        let counts =
            map.project().kind() != FileKind::Layer && case.shared().any(|member| !member.is_table());
        if counts && map.spatial_reference().is_none() {
            said.say(code, &[]);
        }
    }),
    arcmap(17, DRAWN, |case, said, code| {
        for member in &case.members {
            let visible = member.layer.as_ref().is_some_and(|layer| layer.visible);
            if member.type_name() == "CIMGraphicsLayer"
                && visible
                && !items(&member.definition, "graphics").is_empty()
            {
                said.about(code, &[], member);
            }
        }
    }),
    arcmap(18, DRAWN, |case, said, code| {
        let background = case.map().and_then(|map| get(map, "backgroundSymbol"));
        let layers =
            background.map_or(&[] as &[Value], |it| items(get(it, "symbol").unwrap_or(it), "symbolLayers"));
        if layers.iter().any(|layer| type_of(layer).ends_with("Fill") && type_of(layer) != "CIMSolidFill") {
            said.say(code, &[]);
        }
    }),
    rule(115, MAPS, |case, said, code| {
        for member in case.members.iter().filter(|member| member.name.trim().is_empty()) {
            said.about(code, &[], member);
        }
    }),
    arcmap(130, DRAWN, |case, said, code| {
        let name = case.input.map.map(|map| map.name.trim());
        if name.is_some_and(|name| {
            name.is_empty() || name.contains(['\\', '/', ':', '*', '?', '"', '<', '>', '|'])
        }) {
            said.say(code, &[]);
        }
    }),
    rule(374, PROJECTED, |case, said, code| {
        if !case.target.check_unique_ids {
            return;
        }
        if case.input.map.is_some_and(|map| !map.uses_service_layer_ids()) {
            said.say(code, &[]);
            return;
        }
        let mut ids: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
        for member in &case.members {
            let key = if member.is_table() { "serviceTableID" } else { "serviceLayerID" };
            if let Some(id) = get(&member.definition, key).and_then(Value::as_i64).filter(|id| *id >= 0) {
                ids.entry(id).or_default().push(&member.long_name);
            }
        }
        for (id, names) in ids.iter().filter(|(_, names)| names.len() > 1) {
            let why = format!("{id} is given to {} layers", names.len());
            for name in names {
                said.finding(code, &[], &why, Some(name));
            }
        }
    }),
    rule(10_001, PROJECTED, |case, said, code| {
        let Some(own) = case.input.map.and_then(crate::project::Map::spatial_reference) else { return };
        for member in case.shared().filter(|member| !member.is_table()) {
            let reference = member.dataset().and_then(|dataset| dataset.spatial_reference.as_ref());
            if let Some(reference) = reference.filter(|reference| differ(reference, &own)) {
                let whose = if case.target.desktop == Desktop::ArcMap { "data frame" } else { "map" };
                let name = name_of(reference);
                let text = format!(
                    "Layer's data source has a different projection [{name}] than the {whose}'s projection"
                );
                said.titled(code, &text, member);
            }
        }
    }),
    arcmap(10_038, DRAWN, |case, said, code| {
        let labels = |layer: &crate::project::Layer| layer.labels_visible && layer.kind == LayerKind::Feature;
        let engine = case.map().and_then(|map| get(map, "generalPlacementProperties")).map(type_of);
        if engine == Some("CIMMaplexGeneralPlacementProperties")
            && case.members.iter().filter_map(|member| member.layer.as_ref()).any(labels)
        {
            said.say(code, &[]);
        }
    }),
    rule(24_110, &[Product::WebMap], |case, said, code| {
        let Some(map) = case.input.map.filter(|map| map.map_type() == "SCENE") else { return };
        let ground = text(&map.definition, "groundElevationSurfaceLayer");
        let others = items(&map.definition, "elevationSurfaceLayers")
            .iter()
            .filter_map(Value::as_str)
            .filter(|uri| Some(*uri) != ground);
        let inline = items(&map.definition, "elevationSurfaces")
            .iter()
            .filter(|surface| text(surface, "elevationMode") == Some("CustomSurface"));
        if others.count() + inline.count() > 0 {
            said.say(code, &[]);
        }
    }),
    rule(25, MAPS, |case, said, code| {
        for member in case.feature_layers() {
            // Pro keeps the rows of a selection layer in a file and names the layer after its source.
            let kept = text(member.table(), "selectionSetURI").is_some();
            if kept && member.name.to_lowercase().ends_with(" selection") {
                said.about(code, &[], member);
            }
        }
    }),
    arcmap(21, DRAWN, |case, said, code| {
        for member in case.feature_layers() {
            if text(member.table(), "selectionSetURI").is_some() {
                said.about(code, &[], member);
            }
        }
    }),
    arcmap(30_003, DRAWN, |case, said, code| {
        for member in case.shared() {
            let endless = |layer: &crate::project::Layer| layer.min_scale == 0.0 && layer.max_scale == 0.0;
            if member.layer.as_ref().is_some_and(endless) {
                said.about(code, &[], member);
            }
        }
    }),
    arcmap(10_041, DRAWN, |case, said, code| {
        for member in case.feature_layers() {
            let masked = ["layerMasks", "featureMasks", "maskedSymbolLayers"]
                .iter()
                .any(|key| !items(&member.definition, key).is_empty());
            if masked && draws_levels(&member.definition) {
                said.about(code, &[], member);
            }
        }
    }),
];

/// Whether symbol layers draw in an order of their own.
pub(super) fn draws_levels(layer: &Value) -> bool {
    get(layer, "symbolLayerDrawing").is_some_and(|levels| flag(levels, "useSymbolLayerDrawing"))
}

/// Whether two coordinate systems are surely not the same.
pub(super) fn differ(left: &SpatialReference, right: &SpatialReference) -> bool {
    let ids = |reference: &SpatialReference| {
        [reference.wkid, reference.latest_wkid]
            .into_iter()
            .flatten()
            .map(|id| if matches!(id, 102_100 | 102_113 | 900_913 | 3785) { 3857 } else { id })
            .collect::<Vec<u32>>()
    };
    let (left_ids, right_ids) = (ids(left), ids(right));
    if !left_ids.is_empty() && !right_ids.is_empty() {
        return !left_ids.iter().any(|id| right_ids.contains(id));
    }
    let name = |reference: &SpatialReference| reference.wkt.as_deref().and_then(wkt_name).map(str::to_owned);
    match (name(left), name(right)) {
        (Some(left), Some(right)) => !left.eq_ignore_ascii_case(&right),
        // An id against a text: nothing is sure.
        _ => false,
    }
}

fn wkt_name(wkt: &str) -> Option<&str> {
    wkt.split('"').nth(1).filter(|name| !name.is_empty())
}

/// What people call a coordinate system.
pub(super) fn name_of(reference: &SpatialReference) -> String {
    if let Some(name) = reference.wkt.as_deref().and_then(wkt_name) {
        return name.to_owned();
    }
    match reference.latest_wkid.or(reference.wkid) {
        Some(4326) => "GCS_WGS_1984".to_owned(),
        Some(3857 | 102_100) => "WGS_1984_Web_Mercator_Auxiliary_Sphere".to_owned(),
        Some(id) => format!("WKID {id}"),
        None => "unknown".to_owned(),
    }
}
