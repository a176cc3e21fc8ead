//! `legend`: the symbols of the layers as small pictures.

use base64::Engine as _;
use geosharing_core::dataset::GeometryType;
use geosharing_core::draw::swatch;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::Ask;
use crate::error::Result;
use crate::reply::Reply;
use crate::state::hex;
use crate::store::FeatureStore;

/// Width and height of a swatch in pixels.
const SIDE: u32 = 20;

/// Answers `legend`.
pub(super) fn answer(ask: &Ask<'_>) -> Result<Reply> {
    ask.require("Map")?;
    let mut layers = Vec::new();
    for node in ask.tree.nodes.iter().filter(|node| !node.is_table()) {
        let Some(layer) = ask.view.layer(node.id) else { continue };
        let Some(geometry) = layer.schema.geometry_type else { continue };
        let renderer = layer.definition.pointer("/drawingInfo/renderer").unwrap_or(&Value::Null);
        let mut legend = Vec::new();
        for (label, symbol, values) in entries(renderer) {
            legend.push(entry(&label, symbol, values, geometry)?);
        }
        layers.push(json!({
            "layerId": node.id,
            "layerName": node.name,
            "layerType": node.kind,
            "minScale": node.min_scale,
            "maxScale": node.max_scale,
            "legend": legend,
        }));
    }
    Ok(json!({ "layers": layers }).into())
}

fn entry(label: &str, symbol: &Value, values: Value, geometry: GeometryType) -> Result<Value> {
    let png = swatch(symbol, geometry, SIDE, SIDE)?;
    let mut out = json!({
        "label": label,
        // The name of a picture is that of its content, as clients cache by it.
        "url": hex(Sha256::digest(&png).get(..16).unwrap_or_default()),
        "imageData": base64::engine::general_purpose::STANDARD.encode(&png),
        "contentType": "image/png",
        "height": SIDE,
        "width": SIDE,
    });
    if let (Some(object), false) = (out.as_object_mut(), values.is_null()) {
        object.insert("values".to_owned(), values);
    }
    Ok(out)
}

/// The classes of a renderer: label, symbol and values.
fn entries(renderer: &Value) -> Vec<(String, &Value, Value)> {
    let text =
        |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let list = |key: &str| renderer.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let symbol = |value: &'_ Value| value.get("symbol").is_some_and(Value::is_object);
    let mut out: Vec<(String, &Value, Value)> = Vec::new();
    match renderer.get("type").and_then(Value::as_str) {
        Some("uniqueValue") => {
            for info in list("uniqueValueInfos").iter().filter(|info| symbol(info)) {
                let value = info.get("value").cloned().unwrap_or_default();
                out.push((text(info, "label"), info.get("symbol").unwrap_or(&Value::Null), json!([value])));
            }
        }
        Some("classBreaks") => {
            for info in list("classBreakInfos").iter().filter(|info| symbol(info)) {
                let top = info.get("classMaxValue").cloned().unwrap_or_default();
                out.push((text(info, "label"), info.get("symbol").unwrap_or(&Value::Null), json!([top])));
            }
        }
        _ => {
            out.push((text(renderer, "label"), renderer.get("symbol").unwrap_or(&Value::Null), Value::Null));
        }
    }
    if let Some(other) = renderer.get("defaultSymbol").filter(|symbol| symbol.is_object()) {
        out.push((text(renderer, "defaultLabel"), other, Value::Null));
    }
    out
}
