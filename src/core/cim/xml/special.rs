//! Objects whose JSON is REST JSON instead of the elements one by one.

use serde_json::{Map, Value, json};

use super::read::convert;
use super::scalar;
use super::tree::{Element, append, escape};
use crate::Result;

/// XML names of a spatial reference's members beside their JSON keys, in the order of the JSON.
const REFERENCE: [(&str, &str); 13] = [
    ("WKID", "wkid"),
    ("LatestWKID", "latestWkid"),
    ("VCSWKID", "vcsWkid"),
    ("LatestVCSWKID", "latestVcsWkid"),
    ("XYTolerance", "xyTolerance"),
    ("ZTolerance", "zTolerance"),
    ("MTolerance", "mTolerance"),
    ("XOrigin", "falseX"),
    ("YOrigin", "falseY"),
    ("XYScale", "xyUnits"),
    ("ZOrigin", "falseZ"),
    ("ZScale", "zUnits"),
    ("MOrigin", "falseM"),
];

/// Converts elements of the kinds that have a form of their own.
pub(super) fn read(element: &Element, document: &str) -> Result<Option<Value>> {
    let number = |name: &str| -> Result<Option<Value>> {
        let Some(child) = element.child(name) else { return Ok(None) };
        let text = child.text(document)?;
        Ok(Some(scalar::number(&text).unwrap_or(Value::String(text))))
    };
    let mut out = Map::new();
    match element.kind.as_deref() {
        Some(
            "ProjectedCoordinateSystem"
            | "GeographicCoordinateSystem"
            | "UnknownCoordinateSystem"
            | "GeocentricCoordinateSystem",
        ) => {
            let text = match element.child("WKT") {
                Some(wkt) => wkt.text(document)?,
                None => String::new(),
            };
            if element.child("WKID").is_none() && !text.is_empty() {
                out.insert("wkt".to_owned(), Value::String(text));
            }
            for (name, key) in REFERENCE {
                if let Some(value) = number(name)? {
                    out.insert(key.to_owned(), value);
                }
            }
            if let Some(value) = number("MScale")? {
                out.insert("mUnits".to_owned(), value);
            }
        }
        Some("LinearUnit" | "AngularUnit") => match number("WKID")? {
            Some(id) => {
                out.insert("uwkid".to_owned(), id);
            }
            None => return Ok(None),
        },
        Some("EnvelopeN") => {
            for (name, key) in [
                ("XMin", "xmin"),
                ("YMin", "ymin"),
                ("XMax", "xmax"),
                ("YMax", "ymax"),
                ("ZMin", "zmin"),
                ("ZMax", "zmax"),
                ("MMin", "mmin"),
                ("MMax", "mmax"),
            ] {
                if let Some(value) = number(name)? {
                    out.insert(key.to_owned(), value);
                }
            }
            reference(element, &mut out, document)?;
        }
        Some("PointN") => {
            for (name, key) in [("X", "x"), ("Y", "y"), ("Z", "z"), ("M", "m")] {
                if let Some(value) = number(name)? {
                    out.insert(key.to_owned(), value);
                }
            }
            reference(element, &mut out, document)?;
        }
        Some("PolygonN") => parts(element, ["RingArray", "rings", "curveRings"], &mut out, document)?,
        Some("PolylineN") => parts(element, ["PathArray", "paths", "curvePaths"], &mut out, document)?,
        Some("MultipointN") => {
            if let Some(list) = element.child("PointArray") {
                let points =
                    list.elements().map(|point| coordinates(point, document)).collect::<Result<_>>()?;
                out.insert("points".to_owned(), Value::Array(points));
            }
            reference(element, &mut out, document)?;
        }
        Some("GeoTransformation") => {
            if let Some(id) = number("WKID")? {
                out.insert("wkid".to_owned(), id);
            }
            if let Some(wkt) = element.child("WKT") {
                out.insert("wkt".to_owned(), Value::String(wkt.text(document)?));
            }
        }
        Some("CompositeGeoTransformation") => {
            let mut list = Vec::new();
            for item in element.child("XForms").into_iter().flat_map(Element::elements) {
                let Some(form) = item.child("XForm") else { continue };
                let mut one = convert(form, "", document)?;
                let forward = match item.child("Direction") {
                    Some(direction) => direction.text(document)?.ends_with("Forward"),
                    None => true,
                };
                if let Some(object) = one.as_object_mut() {
                    object.insert("transformForward".to_owned(), Value::Bool(forward));
                }
                list.push(one);
            }
            out.insert("geoTransforms".to_owned(), Value::Array(list));
        }
        Some("PropertySet") => {
            let mut pairs = Vec::new();
            for pair in element.child("PropertyArray").into_iter().flat_map(Element::elements) {
                if let Some(key) = pair.child("Key") {
                    pairs.push(Value::String(key.text(document)?));
                    pairs.push(match pair.child("Value") {
                        Some(value) => convert(value, "", document)?,
                        None => Value::Null,
                    });
                }
            }
            out.insert("type".to_owned(), json!("PropertySet"));
            out.insert("propertySetItems".to_owned(), Value::Array(pairs));
        }
        _ => return Ok(None),
    }
    Ok(Some(Value::Object(out)))
}

fn reference(element: &Element, out: &mut Map<String, Value>, document: &str) -> Result<()> {
    if let Some(child) = element.child("SpatialReference") {
        out.insert("spatialReference".to_owned(), convert(child, "", document)?);
    }
    Ok(())
}

fn coordinates(point: &Element, document: &str) -> Result<Value> {
    let mut out = Vec::new();
    for name in ["X", "Y", "Z", "M"] {
        if let Some(child) = point.child(name) {
            let text = child.text(document)?;
            out.push(scalar::number(&text).unwrap_or(Value::Null));
        }
    }
    Ok(Value::Array(out))
}

/// Converts rings or paths; true curves use the REST API's curve objects.
fn parts(element: &Element, names: [&str; 3], out: &mut Map<String, Value>, document: &str) -> Result<()> {
    let [list, plain, curved] = names;
    let mut has_curves = false;
    let mut all = Vec::new();
    for part in element.child(list).into_iter().flat_map(Element::elements) {
        let mut points = Vec::new();
        if let Some(array) = part.child("PointArray") {
            for point in array.elements() {
                points.push(coordinates(point, document)?);
            }
        }
        for segment in part.child("SegmentArray").into_iter().flat_map(Element::elements) {
            let end = |name: &str| segment.child(name).map(|point| coordinates(point, document)).transpose();
            if points.is_empty() {
                points.extend(end("FromPoint")?);
            }
            let Some(to) = end("ToPoint")? else { continue };
            let is = |name: &str| {
                segment.child(name).is_some_and(|flag| matches!(flag.text(document).as_deref(), Ok("true")))
            };
            match segment.kind.as_deref() {
                Some("CircularArc") => {
                    has_curves = true;
                    let center = end("CenterPoint")?.unwrap_or(Value::Null);
                    let (minor, clockwise) = (i32::from(is("IsMinor")), i32::from(!is("IsCounterClockwise")));
                    points.push(json!({"a": [to, center, minor, clockwise]}));
                }
                Some("BezierCurve") => {
                    has_curves = true;
                    let controls: Vec<Value> = segment
                        .child("ControlPointArray")
                        .into_iter()
                        .flat_map(Element::elements)
                        .map(|point| coordinates(point, document))
                        .collect::<Result<_>>()?;
                    let mut curve = vec![to];
                    curve.extend(controls);
                    points.push(json!({"b": curve}));
                }
                _ => points.push(to),
            }
        }
        all.push(Value::Array(points));
    }
    for (name, key) in [("HasZ", "hasZ"), ("HasM", "hasM")] {
        if element.child(name).is_some_and(|flag| matches!(flag.text(document).as_deref(), Ok("true"))) {
            out.insert(key.to_owned(), Value::Bool(true));
        }
    }
    out.insert(if has_curves { curved } else { plain }.to_owned(), Value::Array(all));
    reference(element, out, document)
}

/// Writes a value of such a form: its `xsi:type` and what stands inside the element.
///
/// Gives `None` for values of other forms and for geometries with curves.
pub(super) fn write(value: &Value) -> Option<(&'static str, String)> {
    let object = value.as_object()?;
    if object.contains_key("type") && object.get("type") != Some(&json!("PropertySet")) {
        return None;
    }
    let scalar = |key: &str| match object.get(key) {
        Some(Value::Number(number)) => Some(number.to_string()),
        Some(Value::String(text)) => Some(escape(text)),
        _ => None,
    };
    let tag = |name: &str, key: &str| {
        scalar(key).map(|text| format!("<{name}>{text}</{name}>")).unwrap_or_default()
    };
    let reference = || match object.get("spatialReference").and_then(write) {
        Some((kind, inner)) => {
            format!("<SpatialReference xsi:type='typens:{kind}'>{inner}</SpatialReference>")
        }
        None => String::new(),
    };
    let parts = |key: &str, list: &str, part: &str| -> Option<String> {
        let mut out = String::from("<HasID>false</HasID><HasZ>false</HasZ><HasM>false</HasM>");
        append(&mut out, format_args!("<{list} xsi:type='typens:ArrayOf{part}'>"));
        for points in object.get(key)?.as_array()? {
            let points = points.as_array()?;
            append(&mut out, format_args!("<{part} xsi:type='typens:{part}'>"));
            if points.iter().all(Value::is_array) {
                let points: Option<String> = points.iter().map(|at| point("Point", at)).collect();
                append(
                    &mut out,
                    format_args!("<PointArray xsi:type='typens:ArrayOfPoint'>{}</PointArray>", points?),
                );
            } else {
                out.push_str("<SegmentArray xsi:type='typens:ArrayOfSegment'>");
                for pair in points.windows(2) {
                    segment(pair.first().and_then(end_of)?, pair.get(1)?, &mut out)?;
                }
                out.push_str("</SegmentArray>");
            }
            append(&mut out, format_args!("</{part}>"));
        }
        append(&mut out, format_args!("</{list}>{}", reference()));
        Some(out)
    };
    if object.contains_key("propertySetItems") {
        let items = object.get("propertySetItems")?.as_array()?;
        let mut out = String::from("<PropertyArray xsi:type='typens:ArrayOfPropertySetProperty'>");
        for pair in items.chunks_exact(2) {
            let key = escape(pair.first()?.as_str()?);
            let (kind, text) = match pair.get(1)? {
                Value::Bool(flag) => ("xs:boolean", flag.to_string()),
                Value::Number(number) if number.is_i64() => ("xs:int", number.to_string()),
                Value::Number(number) => ("xs:double", number.to_string()),
                Value::String(text) => ("xs:string", escape(text)),
                _ => return None,
            };
            append(
                &mut out,
                format_args!(
                    "<PropertySetProperty xsi:type='typens:PropertySetProperty'><Key>{key}</Key><Value xsi:type='{kind}'>{text}</Value></PropertySetProperty>"
                ),
            );
        }
        return Some(("PropertySet", out + "</PropertyArray>"));
    }
    if object.contains_key("curveRings") {
        return Some(("PolygonN", parts("curveRings", "RingArray", "Ring")?));
    }
    if object.contains_key("curvePaths") {
        return Some(("PolylineN", parts("curvePaths", "PathArray", "Path")?));
    }
    if object.contains_key("rings") {
        return Some(("PolygonN", parts("rings", "RingArray", "Ring")?));
    }
    if object.contains_key("paths") {
        return Some(("PolylineN", parts("paths", "PathArray", "Path")?));
    }
    if object.contains_key("xmin") {
        let sides = [("XMin", "xmin"), ("YMin", "ymin"), ("XMax", "xmax"), ("YMax", "ymax")];
        let inner: String = sides.iter().map(|(name, key)| tag(name, key)).collect();
        return Some(("EnvelopeN", inner + &reference()));
    }
    if object.contains_key("x") && object.contains_key("y") {
        let inner: String =
            [("X", "x"), ("Y", "y"), ("Z", "z")].iter().map(|(name, key)| tag(name, key)).collect();
        return Some(("PointN", inner + &reference()));
    }
    if object.contains_key("wkid") || object.contains_key("wkt") {
        let id = object.get("wkid").and_then(Value::as_u64).unwrap_or_default();
        let is_geographic = (4000..5000).contains(&id)
            || object.get("wkt").and_then(Value::as_str).is_some_and(|wkt| wkt.starts_with("GEOGCS"));
        let mut inner = tag("WKT", "wkt");
        for (name, key) in REFERENCE.iter().skip(4) {
            inner.push_str(&tag(name, key));
        }
        inner.push_str(&tag("MScale", "mUnits"));
        for (name, key) in REFERENCE.iter().take(4) {
            inner.push_str(&tag(name, key));
        }
        let kind = if is_geographic { "GeographicCoordinateSystem" } else { "ProjectedCoordinateSystem" };
        return Some((kind, inner));
    }
    if object.contains_key("uwkid") {
        return Some(("LinearUnit", tag("WKID", "uwkid")));
    }
    None
}

fn point(name: &str, at: &Value) -> Option<String> {
    let mut inner = String::new();
    for (axis, number) in ["X", "Y", "Z", "M"].iter().zip(at.as_array()?) {
        append(&mut inner, format_args!("<{axis}>{number}</{axis}>"));
    }
    Some(format!("<{name} xsi:type='typens:PointN'>{inner}</{name}>"))
}

/// Returns where a part of a curve ends.
fn end_of(part: &Value) -> Option<&Value> {
    if part.is_array() {
        return Some(part);
    }
    part.get("a").or_else(|| part.get("b"))?.get(0)
}

fn segment(from: &Value, part: &Value, out: &mut String) -> Option<()> {
    let (kind, more) = if let Some(arc) = part.get("a") {
        let is = |index: usize| arc.get(index).and_then(Value::as_i64) == Some(1);
        let more = format!(
            "{}<IsCounterClockwise>{}</IsCounterClockwise><IsMinor>{}</IsMinor><IsLine>false</IsLine>",
            point("CenterPoint", arc.get(1)?)?,
            !is(3),
            is(2),
        );
        ("CircularArc", more)
    } else if let Some(curve) = part.get("b") {
        let controls: Option<String> =
            curve.as_array()?.iter().skip(1).map(|control| point("Point", control)).collect();
        let more =
            format!("<ControlPointArray xsi:type='typens:ArrayOfPoint'>{}</ControlPointArray>", controls?);
        ("BezierCurve", more)
    } else {
        ("Line", String::new())
    };
    append(
        out,
        format_args!(
            "<Segment xsi:type='typens:{kind}'>{}{}{more}</Segment>",
            point("FromPoint", from)?,
            point("ToPoint", end_of(part)?)?
        ),
    );
    Some(())
}
