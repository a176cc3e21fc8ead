//! What requests say about extents, systems and layers.

use std::collections::HashMap;

use geosharing_core::dataset::{Envelope, SpatialReference};
use geosharing_core::geometry::{Projector, parse_relaxed, parse_spatial_reference, spatial_reference};
use geosharing_core::query::{Predicate, bind, parse};
use serde_json::Value;

use super::{Ask, feature};
use crate::error::{Result, SiteError};
use crate::params::{Params, shorten};

pub(super) fn invalid(name: &str, why: impl std::fmt::Display) -> SiteError {
    SiteError::bad_request(format!("Invalid value for parameter '{name}'.")).detail(why.to_string())
}

/// Reads a spatial reference: a number or JSON; empty means none.
pub(super) fn reference(params: &Params, name: &str) -> Result<Option<SpatialReference>> {
    let Some(text) = params.text(name) else { return Ok(None) };
    parse_spatial_reference(text).map_err(|error| invalid(name, error))
}

/// Reads `xmin,ymin,xmax,ymax` or an envelope in JSON, which may carry its own spatial reference.
pub(super) fn envelope(name: &str, text: &str) -> Result<(Envelope, Option<SpatialReference>)> {
    let broken = || invalid(name, format!("`{}` is not `xmin,ymin,xmax,ymax`", shorten(text)));
    let (sides, reference) = if text.trim_start().starts_with('{') {
        let value = parse_relaxed(text).map_err(|error| invalid(name, error))?;
        let side = |key: &str| value.get(key).and_then(Value::as_f64);
        let reference = match value.get("spatialReference") {
            Some(told) => spatial_reference(told).map_err(|error| invalid(name, error))?,
            None => None,
        };
        (["xmin", "ymin", "xmax", "ymax"].map(side), reference)
    } else {
        let mut parts = text.split(',').map(|part| part.trim().parse::<f64>().ok());
        let sides = [parts.next(), parts.next(), parts.next(), parts.next()].map(Option::flatten);
        if parts.next().is_some() {
            return Err(broken());
        }
        (sides, None)
    };
    let [Some(xmin), Some(ymin), Some(xmax), Some(ymax)] = sides else { return Err(broken()) };
    let finite = [xmin, ymin, xmax, ymax].iter().all(|side| side.is_finite());
    if !finite || xmin > xmax || ymin > ymax {
        return Err(broken());
    }
    Ok((Envelope { xmin, ymin, xmax, ymax }, reference))
}

/// Brings an extent into another system.
pub(super) fn projected(
    extent: Envelope,
    from: &SpatialReference,
    to: &SpatialReference,
    name: &str,
) -> Result<Envelope> {
    let projector = Projector::new(from, to).map_err(|error| invalid(name, error))?;
    let Some(projector) = projector else { return Ok(extent) };
    let out = projector
        .envelope(extent)
        .filter(|out| [out.xmin, out.ymin, out.xmax, out.ymax].iter().all(|side| side.is_finite()));
    out.ok_or_else(|| invalid(name, "the extent lies where the other spatial reference has no coordinates"))
}

/// Reads `layerDefs` into a clause for each layer that it names.
pub(super) fn filters(ask: &Ask<'_>) -> Result<HashMap<u32, Predicate>> {
    let mut out = HashMap::new();
    if ask.params.text("layerDefs").is_none() {
        return Ok(out);
    }
    for (layer, clause, _) in feature::query::layer_definitions(&ask.call())? {
        if clause.trim().is_empty() {
            continue;
        }
        let bound = parse(&clause)
            .and_then(|expr| bind(expr, &layer.schema))
            .map_err(|error| invalid("layerDefs", format!("layer {}: {error}", layer.id)))?;
        if let Some(bound) = bound {
            out.insert(layer.id, bound);
        }
    }
    Ok(out)
}
