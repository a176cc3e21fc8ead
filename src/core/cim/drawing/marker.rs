//! Point symbols.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::symbol::{color_of, layers_of};
use super::{Notes, tidy};
use crate::cim::color::Rgba;
use crate::cim::{get, items, number, text, type_of};

/// Converts a point symbol by its largest marker; `None` when it draws nothing.
pub(super) fn convert(symbol: &Value, layers: &[&Value], notes: &mut Notes) -> Option<Value> {
    let markers: Vec<&&Value> = layers.iter().filter(|layer| type_of(layer).ends_with("Marker")).collect();
    let size = |layer: &Value| number(layer, "size").unwrap_or(10.0);
    let main =
        markers.iter().copied().reduce(|best, next| if size(next) > size(best) { next } else { best })?;
    if markers.len() > 1 {
        notes.warn("point symbols of several markers are drawn by their largest marker");
    }
    let angle = number(main, "rotation").unwrap_or_default() + number(symbol, "angle").unwrap_or_default();
    let offset = |key: &str| tidy(number(main, key).unwrap_or_default());
    let place = |mut out: Value| {
        if let Some(members) = out.as_object_mut() {
            members.insert("angle".to_owned(), tidy(angle));
            members.insert("xoffset".to_owned(), offset("offsetX"));
            members.insert("yoffset".to_owned(), offset("offsetY"));
        }
        out
    };
    match type_of(main) {
        "CIMPictureMarker" => {
            let Some((content_type, data)) = picture(main) else {
                notes.warn("a picture marker without its picture is drawn as a circle");
                return Some(place(simple("esriSMSCircle", Rgba::BLACK, size(main), &Value::Null)));
            };
            let height = size(main);
            let width = height * number(main, "scaleX").unwrap_or(1.0);
            Some(place(json!({
                "type": "esriPMS",
                "imageData": data,
                "contentType": content_type,
                "width": tidy(width),
                "height": tidy(height),
            })))
        }
        "CIMCharacterMarker" => {
            let font = text(main, "fontFamilyName").unwrap_or_default();
            notes.warn(format!("characters of the font `{font}` are drawn as plain markers"));
            let inner = get(main, "symbol");
            let color = inner.and_then(|symbol| layers_of(symbol).find_map(color_of)).unwrap_or(Rgba::BLACK);
            let style = match number(main, "characterIndex").map(|index| index as u32) {
                Some(34 | 35 | 41 | 42) if font.starts_with("ESRI Default") => "esriSMSSquare",
                Some(36 | 37 | 43 | 44) if font.starts_with("ESRI Default") => "esriSMSTriangle",
                _ => "esriSMSCircle",
            };
            Some(place(simple(style, color, size(main), &Value::Null)))
        }
        _ => {
            let graphic = items(main, "markerGraphics").first();
            let inner = graphic.and_then(|graphic| get(graphic, "symbol"));
            let parts: Vec<&Value> = inner.map(|inner| layers_of(inner).collect()).unwrap_or_default();
            let fill =
                parts.iter().find(|layer| type_of(layer).ends_with("Fill")).and_then(|layer| color_of(layer));
            let stroke = parts.iter().find(|layer| type_of(layer).ends_with("Stroke"));
            let style =
                graphic.and_then(|graphic| get(graphic, "geometry")).map_or("esriSMSCircle", |geometry| {
                    shape(geometry).unwrap_or_else(|| {
                        notes.warn("marker shapes of their own are drawn as circles");
                        "esriSMSCircle"
                    })
                });
            let outline = match stroke {
                Some(stroke) => json!({
                    "color": color_of(stroke).unwrap_or(Rgba::BLACK).to_json(),
                    "width": tidy(number(stroke, "width").unwrap_or(1.0)),
                }),
                None => Value::Null,
            };
            // Crosses are lines: their colour is that of the outline.
            let color = fill.or_else(|| stroke.and_then(|stroke| color_of(stroke)));
            Some(place(simple(style, color.unwrap_or(Rgba([0; 4])), size(main), &outline)))
        }
    }
}

fn simple(style: &str, color: Rgba, size: f64, outline: &Value) -> Value {
    json!({
        "type": "esriSMS",
        "style": style,
        "color": color.to_json(),
        "size": tidy(size),
        "angle": 0,
        "xoffset": 0,
        "yoffset": 0,
        "outline": outline,
    })
}

/// Tells which named shape a marker graphic has.
fn shape(geometry: &Value) -> Option<&'static str> {
    if let Some(curved) = get(geometry, "curveRings") {
        let rings = curved.as_array()?;
        let arcs = rings
            .iter()
            .flat_map(|ring| ring.as_array().into_iter().flatten())
            .filter(|part| part.is_object());
        return (rings.len() == 1 && arcs.count() >= 1).then_some("esriSMSCircle");
    }
    if let Some(paths) = get(geometry, "paths") {
        let paths = paths.as_array()?;
        let first = points(paths.first()?);
        let (from, to) = (first.first()?, first.last()?);
        let is_straight = (from.0 - to.0).abs() < 1e-6 || (from.1 - to.1).abs() < 1e-6;
        return (paths.len() == 2).then_some(if is_straight { "esriSMSCross" } else { "esriSMSX" });
    }
    let rings = get(geometry, "rings")?.as_array()?;
    if rings.len() != 1 {
        return None;
    }
    let mut corners = points(rings.first()?);
    if corners.len() > 1 && corners.first() == corners.last() {
        corners.pop();
    }
    let low = corners.iter().map(|corner| corner.0).fold(f64::INFINITY, f64::min);
    let on_side = corners.iter().filter(|corner| (corner.0 - low).abs() < 1e-6).count();
    match corners.len() {
        3 => Some("esriSMSTriangle"),
        4 if on_side == 2 => Some("esriSMSSquare"),
        4 => Some("esriSMSDiamond"),
        12 => Some("esriSMSCross"),
        24.. => Some("esriSMSCircle"),
        _ => None,
    }
}

fn points(part: &Value) -> Vec<(f64, f64)> {
    part.as_array()
        .into_iter()
        .flatten()
        .filter_map(|point| Some((point.get(0)?.as_f64()?, point.get(1)?.as_f64()?)))
        .collect()
}

/// Returns content type and base64 data of a picture that is stored in its URL.
///
/// Only formats that browsers draw: bitmaps and metafiles of old projects are left out.
pub(super) fn picture(layer: &Value) -> Option<(&'static str, String)> {
    let url = text(layer, "url")?;
    let data = url.strip_prefix("data:")?.split_once(";base64,")?.1;
    let data: String = data.chars().filter(|char| !char.is_whitespace()).collect();
    let head = STANDARD.decode(data.get(..16)?).ok()?;
    let content_type = match head.as_slice() {
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [0xFF, 0xD8, ..] => "image/jpeg",
        [b'G', b'I', b'F', ..] => "image/gif",
        [b'<', ..] => "image/svg+xml",
        _ => return None,
    };
    Some((content_type, data))
}
