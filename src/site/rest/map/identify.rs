//! `identify`: what is at a place.

use geosharing_core::dataset::SpatialReference;
use geosharing_core::geometry::{FilterRequest, LinearUnit, parse_filter_shape, spatial_filter};
use geosharing_core::query::{Selection, SpatialRelation};
use serde_json::{Map as Object, Value, json};

use super::draw::{metres, scale_of};
use super::select::{envelope, filters, invalid, reference};
use super::tree::{Node, Shown, numbers};
use super::{Ask, feature, page};
use crate::error::Result;
use crate::params::shorten;
use crate::reply::{Format, Reply};
use crate::store::{FeatureStore, Layer};

/// Most results of one layer.
const MOST: u64 = 1000;

/// Answers `identify`.
pub(super) fn answer(ask: &Ask<'_>) -> Result<Reply> {
    ask.require("Query")?;
    let params = ask.params;
    if params.format() == Format::Html && params.text("geometry").is_none() {
        return Ok(Reply::Html(page::identify(params, None)));
    }
    let text = params.require("geometry")?;
    let (shape, inside) = parse_filter_shape(text, params.text("geometryType").or(Some("esriGeometryPoint")))
        .map_err(|error| invalid("geometry", error))?;
    let system = inside.or(reference(params, "sr")?).unwrap_or_else(|| ask.reference.clone());
    let (resolution, dpi) = resolution(ask)?;
    let tolerance: f64 = params.number("tolerance")?.unwrap_or(0.0);
    if !(0.0..=1000.0).contains(&tolerance) {
        return Err(invalid("tolerance", "it is not between 0 and 1000 pixels"));
    }
    let filters = filters(ask)?;
    let (mode, ids) = layers(params.text("layers"))?;
    let scale = scale_of(&system, resolution, dpi);
    let visible = ask.tree.drawn(&Shown::parse(None)?, scale);
    let mut results = Vec::new();
    for node in ask.tree.nodes.iter().filter(|node| !node.is_table()) {
        let Some(layer) = ask.view.layer(node.id) else { continue };
        let named = ids.as_ref().is_none_or(|ids| ids.contains(&node.id));
        let looked = mode == Mode::All || visible.iter().any(|one| one.id == node.id);
        if !named || !looked || !layer.has_geometry() {
            continue;
        }
        let request = FilterRequest {
            shape: shape.clone(),
            reference: Some(system.clone()),
            relation: SpatialRelation::Intersects,
            distance: tolerance * resolution * metres(&system),
            unit: Some(LinearUnit { metres: 1.0 }),
        };
        let spatial = spatial_filter(request, &layer.schema.spatial_reference)
            .map_err(|error| invalid("geometry", error))?;
        let selection =
            Selection { filter: filters.get(&node.id).cloned(), object_ids: None, spatial: Some(spatial) };
        let found = rows(ask, &layer, node, selection, &system)?;
        let hit = !found.is_empty();
        results.extend(found);
        if hit && mode == Mode::Top {
            break;
        }
    }
    let document = json!({ "results": results });
    if params.format() == Format::Html {
        return Ok(Reply::Html(page::identify(params, Some(&document))));
    }
    Ok(document.into())
}

/// Units of the caller's map to one of its pixels, and its dots per inch.
fn resolution(ask: &Ask<'_>) -> Result<(f64, f64)> {
    let display = ask.params.text("imageDisplay").unwrap_or("400,400,96");
    let mut parts = display.split(',').map(|part| part.trim().parse::<f64>().ok());
    let (Some(Some(width)), Some(Some(height))) = (parts.next(), parts.next()) else {
        return Err(invalid("imageDisplay", format!("`{}` is not `width,height,dpi`", shorten(display))));
    };
    let dpi = parts.next().flatten().filter(|dpi| (1.0..=1200.0).contains(dpi)).unwrap_or(96.0);
    let extent = match ask.params.text("mapExtent") {
        Some(text) => Some(envelope("mapExtent", text)?.0),
        None => None,
    };
    let Some(extent) = extent.filter(|_| width >= 1.0 && height >= 1.0) else { return Ok((0.0, dpi)) };
    Ok((((extent.xmax - extent.xmin) / width).max((extent.ymax - extent.ymin) / height), dpi))
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Mode {
    Top,
    Visible,
    All,
}

type Ids = Option<std::collections::BTreeSet<u32>>;

/// Reads `layers`: `top`, `visible` or `all`, and ids after a colon.
fn layers(text: Option<&str>) -> Result<(Mode, Ids)> {
    let Some(text) = text else { return Ok((Mode::Top, None)) };
    let (word, list) = text.split_once(':').map_or((text, None), |(word, list)| (word, Some(list)));
    let mode = match word.trim().to_ascii_lowercase().as_str() {
        "top" | "" => Mode::Top,
        "visible" => Mode::Visible,
        "all" => Mode::All,
        other => {
            return Err(invalid("layers", format!("`{}` is not one of top, visible, all", shorten(other))));
        }
    };
    let ids = list.map(|list| numbers(list).map_err(|why| invalid("layers", why))).transpose()?;
    Ok((mode, ids.filter(|ids| !ids.is_empty())))
}

/// Fetches rows and words them as `identify` and `find` do.
pub(super) fn rows(
    ask: &Ask<'_>,
    layer: &Layer,
    node: &Node,
    selection: Selection,
    system: &SpatialReference,
) -> Result<Vec<Value>> {
    let params = ask.params;
    let with_geometry = params.flag_or("returnGeometry", true);
    let out_reference = json!(geosharing_core::geometry::wire_form(system)).to_string();
    let most = MOST.to_string();
    let get = feature::query::lookup(|name| match name.to_ascii_lowercase().as_str() {
        "outfields" => Some("*"),
        "outsr" => Some(out_reference.as_str()),
        "returngeometry" => Some(if with_geometry { "true" } else { "false" }),
        "resultrecordcount" => Some(most.as_str()),
        "maxallowableoffset" | "geometryprecision" | "returnz" | "returnm" => params.get(name),
        _ => None,
    });
    let answer = feature::query::rows_as_json(&ask.call(), layer, selection, &get)?;
    let display = display_field(layer);
    let field_names = params.flag("returnFieldName");
    let geometry_type = json!(layer.schema.geometry_type);
    let features = answer.get("features").and_then(Value::as_array).cloned().unwrap_or_default();
    let worded = |feature: Value| {
        let attributes = feature.get("attributes").and_then(Value::as_object).cloned().unwrap_or_default();
        let value = attributes.get(&display).map(words).unwrap_or_default();
        let mut named: Object<String, Value> = Object::new();
        for (name, value) in &attributes {
            let alias = layer.schema.index_of(name).and_then(|at| layer.schema.field(at));
            let alias =
                alias.map(|field| field.alias.clone()).filter(|alias| !alias.is_empty() && !field_names);
            named.insert(alias.unwrap_or_else(|| name.clone()), json!(words(value)));
        }
        let mut out = json!({
            "layerId": node.id,
            "layerName": node.name,
            "displayFieldName": display,
            "value": value,
            "attributes": named,
        });
        if let (Some(object), true) = (out.as_object_mut(), with_geometry) {
            object.insert("geometryType".to_owned(), geometry_type.clone());
            let mut geometry = feature.get("geometry").cloned().unwrap_or(Value::Null);
            if let Some(geometry) = geometry.as_object_mut() {
                let reference = answer.get("spatialReference").cloned().unwrap_or(Value::Null);
                geometry.insert("spatialReference".to_owned(), reference);
            }
            object.insert("geometry".to_owned(), geometry);
        }
        out
    };
    Ok(features.into_iter().map(worded).collect())
}

/// The field that names a feature.
fn display_field(layer: &Layer) -> String {
    let told = layer.definition.get("displayField").and_then(Value::as_str).filter(|name| !name.is_empty());
    told.unwrap_or_else(|| layer.schema.oid_name()).to_owned()
}

/// Values of attributes as text, which is how these operations answer.
fn words(value: &Value) -> String {
    match value {
        Value::Null => "Null".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
