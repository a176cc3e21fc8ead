//! Line and polygon symbols, and the plain symbols that stand for what cannot be drawn.

use serde_json::{Value, json};

use super::{Notes, marker, tidy};
use crate::cim::color::{Rgba, rgba};
use crate::cim::{get, items, number, text, type_of};
use crate::dataset::GeometryType;

/// Returns the plain symbol of a geometry type.
pub(super) fn plain(geometry: GeometryType) -> Value {
    convert(
        &crate::cim::build::symbol(geometry),
        geometry,
        &mut Notes { layer: String::new(), findings: Vec::new() },
    )
}

/// Converts a symbol reference, or a symbol that stands in its place.
pub(super) fn reference(reference: Option<&Value>, geometry: GeometryType, notes: &mut Notes) -> Value {
    let Some(reference) = reference else { return plain(geometry) };
    if !items(reference, "primitiveOverrides").is_empty() {
        notes.warn("symbol properties that are connected to attributes are drawn with their base value");
    }
    match get(reference, "symbol") {
        Some(symbol) => convert(symbol, geometry, notes),
        None if type_of(reference).ends_with("Symbol") => convert(reference, geometry, notes),
        None => plain(geometry),
    }
}

/// Converts a symbol; one of another geometry gives way to a plain one.
pub(super) fn convert(symbol: &Value, geometry: GeometryType, notes: &mut Notes) -> Value {
    let layers: Vec<&Value> = layers_of(symbol).collect();
    match (type_of(symbol), geometry) {
        ("CIMPointSymbol", GeometryType::Point | GeometryType::Multipoint) => {
            marker::convert(symbol, &layers, notes).unwrap_or_else(|| plain(geometry))
        }
        ("CIMLineSymbol", GeometryType::Polyline) => line(&layers, notes),
        ("CIMPolygonSymbol" | "CIMMeshSymbol", GeometryType::Polygon | GeometryType::MultiPatch) => {
            polygon(&layers, notes)
        }
        (other, _) => {
            notes.warn(format!("`{other}` does not fit the layer's geometry; a plain symbol stands for it"));
            plain(geometry)
        }
    }
}

/// Lists the symbol layers that are switched on; the first is drawn last.
pub(super) fn layers_of(symbol: &Value) -> impl Iterator<Item = &Value> {
    items(symbol, "symbolLayers").iter().filter(|layer| get(layer, "enable") != Some(&Value::Bool(false)))
}

/// Returns the colour of a symbol layer.
pub(super) fn color_of(layer: &Value) -> Option<Rgba> {
    match type_of(layer) {
        "CIMHatchFill" => {
            let line = get(layer, "lineSymbol")?;
            items(line, "symbolLayers").iter().find_map(color_of)
        }
        "CIMGradientFill" | "CIMGradientStroke" => {
            let ramp = get(layer, "colorRamp")?;
            get(ramp, "fromColor").or_else(|| items(ramp, "colors").first()).and_then(rgba)
        }
        _ => get(layer, "color").and_then(rgba),
    }
}

fn stroke(layer: &Value, notes: &mut Notes) -> Value {
    let effects = items(layer, "effects");
    if effects.iter().any(|effect| {
        !matches!(type_of(effect), "CIMGeometricEffectDashes" | "CIMGeometricEffectAddControlPoints")
    }) {
        notes.warn("geometric effects of symbols are left out");
    }
    let style = effects
        .iter()
        .find(|effect| type_of(effect) == "CIMGeometricEffectDashes")
        .map_or("esriSLSSolid", |dashes| dash_style(dashes));
    json!({
        "type": "esriSLS",
        "style": style,
        "color": color_of(layer).unwrap_or(Rgba::BLACK).to_json(),
        "width": tidy(number(layer, "width").unwrap_or(1.0)),
    })
}

/// Matches a dash template with the nearest named style.
fn dash_style(effect: &Value) -> &'static str {
    let template: Vec<f64> = items(effect, "dashTemplate").iter().filter_map(Value::as_f64).collect();
    let dots = |length: f64| length <= 1.5;
    match template.as_slice() {
        [] => "esriSLSSolid",
        [mark, ..] if template.len() <= 2 => {
            if dots(*mark) {
                "esriSLSDot"
            } else {
                "esriSLSDash"
            }
        }
        marks if marks.len() <= 4 => match marks.iter().step_by(2).filter(|mark| dots(**mark)).count() {
            0 => "esriSLSDash",
            2 => "esriSLSDot",
            _ => "esriSLSDashDot",
        },
        _ => "esriSLSDashDotDot",
    }
}

/// Takes the widest visible stroke for casings and the like.
fn line(layers: &[&Value], notes: &mut Notes) -> Value {
    let strokes: Vec<&&Value> = layers.iter().filter(|layer| type_of(layer).ends_with("Stroke")).collect();
    if layers.len() > 1 {
        notes.warn("line symbols of several layers are drawn by their topmost stroke");
    }
    if let Some(layer) = strokes.first() {
        return stroke(layer, notes);
    }
    notes.warn("line symbols without a stroke are drawn as plain lines");
    plain(GeometryType::Polyline)
}

fn polygon(layers: &[&Value], notes: &mut Notes) -> Value {
    let outline = layers.iter().find(|layer| type_of(layer).ends_with("Stroke")).map_or_else(
        || json!({"type": "esriSLS", "style": "esriSLSNull", "color": [0, 0, 0, 0], "width": 0}),
        |layer| stroke(layer, notes),
    );
    if let Some(picture) = layers.iter().find(|layer| type_of(layer) == "CIMPictureFill")
        && let Some((content_type, data)) = marker::picture(picture)
    {
        let height = number(picture, "height").unwrap_or(12.0);
        return json!({
            "type": "esriPFS",
            "imageData": data,
            "contentType": content_type,
            "outline": outline,
            "width": tidy(height),
            "height": tidy(height),
            "angle": tidy(number(picture, "rotation").unwrap_or_default()),
            "xoffset": 0,
            "yoffset": 0,
            "xscale": 1,
            "yscale": 1,
        });
    }
    if let Some(hatch) = layers.iter().find(|layer| type_of(layer) == "CIMHatchFill") {
        let angle = number(hatch, "rotation").unwrap_or_default().rem_euclid(180.0);
        let crossed = layers.iter().filter(|layer| type_of(layer) == "CIMHatchFill").count() > 1;
        let is_diagonal = (22.5..67.5).contains(&angle) || (112.5..157.5).contains(&angle);
        let style = match angle {
            _ if crossed && is_diagonal => "esriSFSDiagonalCross",
            _ if crossed => "esriSFSCross",
            angle if (22.5..67.5).contains(&angle) => "esriSFSForwardDiagonal",
            angle if (67.5..112.5).contains(&angle) => "esriSFSVertical",
            angle if (112.5..157.5).contains(&angle) => "esriSFSBackwardDiagonal",
            _ => "esriSFSHorizontal",
        };
        let color = color_of(hatch).unwrap_or(Rgba::BLACK).to_json();
        return json!({"type": "esriSFS", "style": style, "color": color, "outline": outline});
    }
    let fill = layers.iter().find(|layer| type_of(layer).ends_with("Fill"));
    let color = fill.and_then(|fill| color_of(fill));
    if let Some(fill) = fill
        && text(fill, "type") == Some("CIMGradientFill")
    {
        notes.warn("gradient fills are drawn with their first colour");
    }
    if fill.is_none() && layers.iter().any(|layer| type_of(layer).ends_with("Marker")) {
        notes.warn("markers inside of polygons are left out");
    }
    json!({
        "type": "esriSFS",
        "style": if color.is_some() { "esriSFSSolid" } else { "esriSFSNull" },
        "color": color.unwrap_or(Rgba([0; 4])).to_json(),
        "outline": outline,
    })
}
