//! Geometries of the REST API, from JSON and from comma-separated numbers.

use serde_json::Value;

use super::parts::Parts;
use super::relaxed::parse_relaxed;
use super::systems::{parse_spatial_reference, spatial_reference};
use crate::dataset::{Envelope, GeometryType, SpatialReference};
use crate::{Error, Result};

/// A geometry that rows are compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum FilterShape {
    /// An envelope.
    Envelope(Envelope),
    /// Any other geometry.
    Parts(Parts),
}

/// Reads the `geometry` parameter: JSON in strict or sloppy form, `x,y` or `xmin,ymin,xmax,ymax`.
/// A spatial reference inside the geometry comes back beside it.
pub fn parse_filter_shape(
    text: &str,
    geometry_type: Option<&str>,
) -> Result<(FilterShape, Option<SpatialReference>)> {
    let text = text.trim();
    if !text.starts_with('{') {
        return Ok((parse_csv(text)?, None));
    }
    let value = parse_relaxed(text)?;
    let reference = reference_of(&value)?;
    let is_envelope = geometry_type.is_some_and(|name| name.eq_ignore_ascii_case("esriGeometryEnvelope"));
    if is_envelope || value.get("xmin").is_some() {
        return Ok((FilterShape::Envelope(envelope(&value)?), reference));
    }
    let kind = kind_of(&value)?;
    Ok((FilterShape::Parts(geometry(&value, kind)?), reference))
}

/// Reads a feature's geometry, which must be of the layer's type; `None` for `null` and empty ones.
/// Envelopes become polygons, and one point a multipoint, where the layer has these.
pub fn parse_geometry(
    value: &Value,
    expected: GeometryType,
) -> Result<(Option<Parts>, Option<SpatialReference>)> {
    if value.is_null() {
        return Ok((None, None));
    }
    let reference = reference_of(value)?;
    if value.get("xmin").is_some() && expected == GeometryType::Polygon {
        let Envelope { xmin, ymin, xmax, ymax } = envelope(value)?;
        let mut parts = Parts::new(GeometryType::Polygon);
        for [x, y] in [[xmin, ymin], [xmin, ymax], [xmax, ymax], [xmax, ymin], [xmin, ymin]] {
            parts.coords.push([x, y, f64::NAN, f64::NAN]);
        }
        parts.end_part(true);
        return Ok((Some(parts), reference));
    }
    let kind = kind_of(value)?;
    let mut parts = geometry(value, kind)?;
    if kind == GeometryType::Point && expected == GeometryType::Multipoint {
        parts.kind = GeometryType::Multipoint;
    } else if kind != expected {
        return Err(Error::invalid(format!(
            "the geometry is {}, the layer has {}",
            type_name(kind),
            type_name(expected)
        )));
    }
    Ok(((!parts.is_empty()).then_some(parts), reference))
}

/// Names a geometry type as the REST API does.
pub(super) fn type_name(kind: GeometryType) -> &'static str {
    match kind {
        GeometryType::Point => "esriGeometryPoint",
        GeometryType::Multipoint => "esriGeometryMultipoint",
        GeometryType::Polyline => "esriGeometryPolyline",
        GeometryType::Polygon => "esriGeometryPolygon",
        GeometryType::MultiPatch => "esriGeometryMultiPatch",
    }
}

fn reference_of(value: &Value) -> Result<Option<SpatialReference>> {
    match value.get("spatialReference") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => parse_spatial_reference(text),
        Some(value) => spatial_reference(value),
    }
}

fn parse_csv(text: &str) -> Result<FilterShape> {
    let numbers: Option<Vec<f64>> = text
        .split(',')
        .map(|part| part.trim().parse().ok().filter(|number: &f64| number.is_finite()))
        .collect();
    match numbers.as_deref() {
        Some([x, y]) => {
            let mut parts = Parts::new(GeometryType::Point);
            parts.coords.push([*x, *y, f64::NAN, f64::NAN]);
            parts.end_part(true);
            Ok(FilterShape::Parts(parts))
        }
        Some([x1, y1, x2, y2]) => Ok(FilterShape::Envelope(normal(*x1, *y1, *x2, *y2))),
        _ => Err(Error::invalid("'geometry' is neither JSON nor `x,y` nor `xmin,ymin,xmax,ymax`")),
    }
}

/// Leaflet sends corners in any order.
fn normal(x1: f64, y1: f64, x2: f64, y2: f64) -> Envelope {
    Envelope { xmin: x1.min(x2), ymin: y1.min(y2), xmax: x1.max(x2), ymax: y1.max(y2) }
}

fn envelope(value: &Value) -> Result<Envelope> {
    let side = |name: &str| {
        let number = value.get(name).and_then(number).filter(|number| number.is_finite());
        number.ok_or_else(|| Error::invalid(format!("the envelope has no number `{name}`")))
    };
    Ok(normal(side("xmin")?, side("ymin")?, side("xmax")?, side("ymax")?))
}

fn kind_of(value: &Value) -> Result<GeometryType> {
    if value.get("curveRings").is_some() || value.get("curvePaths").is_some() {
        return Err(Error::unsupported("curves are not supported; densify the geometry first"));
    }
    let kinds = [
        ("x", GeometryType::Point),
        ("points", GeometryType::Multipoint),
        ("paths", GeometryType::Polyline),
        ("rings", GeometryType::Polygon),
    ];
    let kind = kinds.iter().find(|(key, _)| value.get(key).is_some());
    kind.map(|(_, kind)| *kind)
        .ok_or_else(|| Error::invalid("the geometry has none of `x`, `points`, `paths`, `rings`, `xmin`"))
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn geometry(value: &Value, kind: GeometryType) -> Result<Parts> {
    let flag = |name: &str| value.get(name).and_then(Value::as_bool);
    let mut parts = Parts::new(kind);
    match kind {
        GeometryType::Point => {
            let get = |name: &str| value.get(name).and_then(number).filter(|number| number.is_finite());
            if let (Some(x), Some(y)) = (get("x"), get("y")) {
                let (z, m) = (get("z"), get("m"));
                parts.has_z = z.is_some();
                parts.has_m = m.is_some();
                parts.coords.push([x, y, z.unwrap_or(f64::NAN), m.unwrap_or(f64::NAN)]);
                parts.end_part(true);
            }
        }
        GeometryType::Multipoint => {
            parts.has_z = flag("hasZ").unwrap_or(false);
            parts.has_m = flag("hasM").unwrap_or(false);
            path(value.get("points"), &mut parts)?;
            parts.end_part(true);
        }
        _ => {
            parts.has_z = flag("hasZ").unwrap_or(false);
            parts.has_m = flag("hasM").unwrap_or(false);
            let polygon = kind == GeometryType::Polygon;
            let list = value.get(if polygon { "rings" } else { "paths" }).and_then(Value::as_array);
            let list = list.ok_or_else(|| Error::invalid("`rings` and `paths` are lists of lists"))?;
            for item in list {
                let start = parts.coords.len();
                path(Some(item), &mut parts)?;
                let first = parts.coords.get(start).copied();
                if polygon
                    && let (Some(first), Some(last)) = (first, parts.coords.last())
                    && first.get(..2) != last.get(..2)
                {
                    parts.coords.push(first);
                }
                if parts.coords.len() > start {
                    parts.end_part(true);
                }
            }
            if polygon {
                parts.sort_rings();
            }
        }
    }
    Ok(parts)
}

fn path(value: Option<&Value>, parts: &mut Parts) -> Result<()> {
    let list = value.and_then(Value::as_array);
    let list = list.ok_or_else(|| Error::invalid("a path is a list of `[x, y]`"))?;
    for item in list {
        if item.is_object() {
            return Err(Error::unsupported("curves are not supported; densify the geometry first"));
        }
        let at = |index: usize| item.get(index).and_then(number).filter(|number| number.is_finite());
        let (Some(x), Some(y)) = (at(0), at(1)) else {
            return Err(Error::invalid("a coordinate is not a pair of numbers"));
        };
        let (third, fourth) = (at(2), at(3));
        // Without flags a third number is a height.
        parts.has_z |= third.is_some() && !parts.has_m;
        let (z, m) = if parts.has_m && !parts.has_z { (None, third) } else { (third, fourth) };
        parts.coords.push([x, y, z.unwrap_or(f64::NAN), m.unwrap_or(f64::NAN)]);
    }
    Ok(())
}
