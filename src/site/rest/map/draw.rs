//! Drawing layers of a store on a canvas.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, PoisonError};

use geosharing_core::dataset::{Envelope, GeometryType, SpatialReference};
use geosharing_core::draw::{Canvas, Color, Style};
use geosharing_core::geometry::{FilterRequest, FilterShape, Projector, is_geographic, spatial_filter};
use geosharing_core::query::{Predicate, Row, Rows, Selection, Shape, SpatialRelation, Value as Attribute};
use serde_json::Value;

use super::Ask;
use super::tree::{Node, Shown};
use crate::error::{Result, SiteError};
use crate::store::{FeatureStore, Layer};

/// Metres of a degree at the equator, by which scales of geographic maps are counted.
const DEGREE: f64 = 111_319.490_793_273_58;
/// Dots per inch of a symbol's own size.
const OWN_DPI: f64 = 96.0;

/// One map to be drawn.
pub(super) struct Picture {
    /// What to show, in `reference`.
    pub(super) extent: Envelope,
    pub(super) reference: SpatialReference,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) dpi: f64,
    pub(super) background: Color,
    pub(super) shown: Shown,
    /// Clauses by layer.
    pub(super) filters: HashMap<u32, Predicate>,
    /// The scale that decides which layers draw; that of the picture where none is given.
    pub(super) scale: Option<f64>,
}

/// The denominator of a picture's scale.
pub(super) fn scale_of(reference: &SpatialReference, resolution: f64, dpi: f64) -> f64 {
    resolution * metres(reference) * dpi / 0.0254
}

/// Metres of one unit of a spatial reference.
pub(super) fn metres(reference: &SpatialReference) -> f64 {
    let otherwise = if is_geographic(reference) { DEGREE } else { 1.0 };
    Projector::metres_per_unit(reference).ok().flatten().unwrap_or(otherwise)
}

/// Pictures that are drawn at one time, so that a crowd of callers cannot take all memory.
static PLACES: (Mutex<usize>, Condvar) = (Mutex::new(0), Condvar::new());

struct Place;

impl Place {
    fn take() -> Self {
        let most = std::thread::available_parallelism().map_or(2, usize::from).max(2);
        let mut taken = PLACES.0.lock().unwrap_or_else(PoisonError::into_inner);
        while *taken >= most {
            taken = PLACES.1.wait(taken).unwrap_or_else(PoisonError::into_inner);
        }
        *taken += 1;
        Self
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *PLACES.0.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        PLACES.1.notify_one();
    }
}

/// Draws a map: the last layer first, each with its own symbols.
pub(super) fn draw(ask: &Ask<'_>, picture: &Picture) -> Result<Canvas> {
    let _place = Place::take();
    let mut canvas = Canvas::new(&picture.extent, picture.width, picture.height, picture.background)?;
    let own = scale_of(&picture.reference, canvas.resolution(), picture.dpi);
    let scale = picture.scale.unwrap_or(own);
    for node in ask.tree.drawn(&picture.shown, scale).iter().rev() {
        draw_layer(ask, picture, node, &mut canvas)?;
    }
    Ok(canvas)
}

fn draw_layer(ask: &Ask<'_>, picture: &Picture, node: &Node, canvas: &mut Canvas) -> Result<()> {
    let Some(layer) = ask.view.layer(node.id) else { return Ok(()) };
    let Some(geometry) = layer.schema.geometry_type else { return Ok(()) };
    let Some(selection) = selection(&layer, canvas.extent(), picture, geometry)? else { return Ok(()) };
    let info = layer.definition.get("drawingInfo").unwrap_or(&Value::Null);
    let factor = (picture.dpi / OWN_DPI) as f32;
    let style = Style::from_drawing_info(info, geometry);
    let style = if (factor - 1.0).abs() < 1e-3 { style } else { style.scaled(factor) };
    let transparency = info.get("transparency").and_then(Value::as_f64).unwrap_or_default();
    if transparency <= 0.0 {
        return paint(ask, picture, &layer, &selection, &style, canvas);
    }
    let mut over = canvas.layer()?;
    paint(ask, picture, &layer, &selection, &style, &mut over)?;
    canvas.lay(&over, (1.0 - transparency / 100.0) as f32);
    Ok(())
}

/// Selects what may be seen; nothing where the layer's spatial reference does not reach.
fn selection(
    layer: &Layer,
    extent: Envelope,
    picture: &Picture,
    geometry: GeometryType,
) -> Result<Option<Selection>> {
    // Symbols reach into the picture from outside it.
    let margin = match geometry {
        GeometryType::Polygon | GeometryType::MultiPatch => 0.02,
        _ => 0.05,
    };
    let (dx, dy) = ((extent.xmax - extent.xmin) * margin, (extent.ymax - extent.ymin) * margin);
    let grown = Envelope {
        xmin: extent.xmin - dx,
        ymin: extent.ymin - dy,
        xmax: extent.xmax + dx,
        ymax: extent.ymax + dy,
    };
    let own = &layer.schema.spatial_reference;
    let projector = Projector::new(&picture.reference, own)
        .map_err(|error| SiteError::bad_request("The map cannot be projected.").detail(error.to_string()))?;
    let box_ = match projector {
        Some(projector) => match projector.envelope(grown) {
            Some(envelope) if envelope.xmin.is_finite() && envelope.ymax.is_finite() => Some(envelope),
            // The corners of a view of the whole world have no place in most systems: draw everything.
            _ => None,
        },
        None => Some(grown),
    };
    let spatial = match box_ {
        Some(envelope) => {
            let request = FilterRequest {
                shape: FilterShape::Envelope(envelope),
                reference: None,
                relation: SpatialRelation::EnvelopeIntersects,
                distance: 0.0,
                unit: None,
            };
            Some(spatial_filter(request, own)?)
        }
        None => None,
    };
    Ok(Some(Selection { filter: picture.filters.get(&layer.id).cloned(), object_ids: None, spatial }))
}

fn paint(
    ask: &Ask<'_>,
    picture: &Picture,
    layer: &Layer,
    selection: &Selection,
    style: &Style,
    canvas: &mut Canvas,
) -> Result<()> {
    let projector = Projector::new(&layer.schema.spatial_reference, &picture.reference)
        .map_err(|error| SiteError::bad_request("The map cannot be projected.").detail(error.to_string()))?;
    let place = |x: f64, y: f64| {
        let Some(projector) = &projector else { return Some((x, y)) };
        let mut coordinates = [[x, y, 0.0, 0.0]];
        projector.project(&mut coordinates);
        let [[x, y, _, _]] = coordinates;
        (x.is_finite() && y.is_finite()).then_some((x, y))
    };
    let fields: Vec<Option<usize>> = style.fields().iter().map(|name| layer.schema.index_of(name)).collect();
    let rows = Rows { fields: fields.iter().flatten().copied().collect(), geometry: true, ..Rows::default() };
    ask.view.rows(layer.id, selection, &rows, &mut |row: &dyn Row| {
        let value = |at: &Option<usize>| at.map_or(Attribute::Null, |at| row.value(at));
        let symbol = match fields.as_slice() {
            [] => style.symbol(&[]),
            [one] => style.symbol(&[value(one)]),
            several => style.symbol(&several.iter().map(value).collect::<Vec<_>>()),
        };
        if let (Some(symbol), Some(shape)) = (symbol, row.shape()) {
            match shape {
                Shape::Point { x, y, .. } => canvas.draw_point(x, y, symbol, &place),
                Shape::Wkb(wkb) => canvas.draw_wkb(wkb, symbol, &place),
            };
        }
        Ok(())
    })?;
    Ok(())
}
