//! Which rows a spatial filter lets through.

use geo::algorithm::buffer::{Buffer as _, BufferStyle, LineCap, LineJoin};
use geo::{Centroid as _, Distance as _, Euclidean, Geometry, Intersects as _, MapCoords as _, Relate as _};

use super::json::FilterShape;
use super::parts::Parts;
use super::project::{Projector, dense_envelope};
use super::systems::{is_geographic, is_mercator, proj_string};
use crate::dataset::{Envelope, SpatialReference};
use crate::query::{Shape, SpatialFilter, SpatialRelation};
use crate::{Error, Result};

/// A unit of `distance`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinearUnit {
    /// Metres in one.
    pub metres: f64,
}

impl LinearUnit {
    /// Finds a unit by its name in the REST API or its well-known id.
    pub fn find(name: &str) -> Option<Self> {
        let metres = match name.trim() {
            "esriSRUnit_Meter" | "esriMeters" | "9001" => 1.0,
            "esriSRUnit_Kilometer" | "esriKilometers" | "9036" => 1000.0,
            "esriSRUnit_Foot" | "esriFeet" | "9002" => 0.3048,
            "esriSRUnit_SurveyFoot" | "9003" => 1200.0 / 3937.0,
            "esriSRUnit_StatuteMile" | "esriMiles" | "9093" => 1609.344,
            "esriSRUnit_USNauticalMile" => 1853.248,
            "esriSRUnit_NauticalMile" | "esriNauticalMiles" | "9030" => 1852.0,
            "esriYards" => 0.9144,
            _ => return None,
        };
        Some(Self { metres })
    }
}

/// What a query asks of the geometry, before it meets a layer.
#[derive(Clone, Debug)]
pub struct FilterRequest {
    /// The geometry.
    pub shape: FilterShape,
    /// Its spatial reference; the layer's where none is given.
    pub reference: Option<SpatialReference>,
    /// How rows must lie to it.
    pub relation: SpatialRelation,
    /// Search distance; 0 for none.
    pub distance: f64,
    /// Unit of the distance; the geometry's own unit where none is given.
    pub unit: Option<LinearUnit>,
}

/// Brings a filter into the layer's spatial reference.
pub fn spatial_filter(request: FilterRequest, layer: &SpatialReference) -> Result<SpatialFilter> {
    let from = request.reference.unwrap_or_else(|| layer.clone());
    if !request.distance.is_finite() || request.distance < 0.0 {
        return Err(Error::invalid("'distance' is not a positive number"));
    }
    let projector = Projector::new(&from, layer)?;
    let mut is_envelope = matches!(request.shape, FilterShape::Envelope(_));
    let mut parts = match request.shape {
        FilterShape::Envelope(envelope) => match &projector {
            Some(projector) if !projector.keeps_envelopes() => {
                is_envelope = false;
                dense_envelope(envelope)
            }
            _ => corners(envelope),
        },
        FilterShape::Parts(parts) => parts,
    };
    if parts.is_empty() {
        return Err(Error::invalid("'geometry' is empty"));
    }
    if request.distance > 0.0 {
        let unit = match request.unit {
            Some(unit) => Some(unit.metres),
            None => Projector::metres_per_unit(&from)?,
        };
        let ground = is_geographic(layer) || is_mercator(layer);
        if let (Some(unit), true) = (unit, ground) {
            return near(&parts, &from, layer, request.distance * unit, request.relation);
        }
        if let Some(projector) = &projector {
            projector.project(&mut parts.coords);
        }
        let own = Projector::metres_per_unit(layer)?;
        let distance = match (unit, own) {
            (Some(unit), Some(own)) => request.distance * unit / own,
            _ => request.distance,
        };
        return finish(parts.to_geo()?, request.relation, distance, false);
    }
    if let Some(projector) = &projector {
        projector.project(&mut parts.coords);
    }
    finish(parts.to_geo()?, request.relation, 0.0, is_envelope)
}

fn corners(envelope: Envelope) -> Parts {
    let Envelope { xmin, ymin, xmax, ymax } = envelope;
    let mut parts = Parts::new(crate::dataset::GeometryType::Polygon);
    for [x, y] in [[xmin, ymin], [xmin, ymax], [xmax, ymax], [xmax, ymin], [xmin, ymin]] {
        parts.coords.push([x, y, f64::NAN, f64::NAN]);
    }
    parts.end_part(true);
    parts
}

/// Grows a geometry by metres on the ground: in a plane that is true to distance around it.
fn near(
    parts: &Parts,
    from: &SpatialReference,
    layer: &SpatialReference,
    metres: f64,
    relation: SpatialRelation,
) -> Result<SpatialFilter> {
    let wgs84 = SpatialReference { wkid: Some(4326), ..SpatialReference::default() };
    let mut degrees = parts.clone();
    if let Some(projector) = Projector::new(from, &wgs84)? {
        projector.project(&mut degrees.coords);
    }
    let centre = degrees.to_geo()?.centroid().ok_or_else(|| Error::invalid("'geometry' is empty"))?;
    let plane = format!("+proj=aeqd +lat_0={} +lon_0={} +datum=WGS84 +units=m", centre.y(), centre.x());
    let there = Projector::of_strings("+proj=longlat +datum=WGS84", &plane)?;
    let back = Projector::of_strings(&plane, &proj_string(layer)?)?;
    there.project(&mut degrees.coords);
    let style = BufferStyle::new(metres).line_cap(LineCap::Round(0.03)).line_join(LineJoin::Round(0.03));
    let grown = degrees.to_geo()?.buffer_with_style(style);
    let grown = grown.map_coords(|coord| {
        let mut one = [[coord.x, coord.y, 0.0, 0.0]];
        back.project(&mut one);
        geo::Coord { x: one[0][0], y: one[0][1] }
    });
    finish(Geometry::MultiPolygon(grown), relation, 0.0, false)
}

fn finish(
    geometry: Geometry<f64>,
    relation: SpatialRelation,
    distance: f64,
    is_envelope: bool,
) -> Result<SpatialFilter> {
    use geo::BoundingRect as _;
    let bounds = geometry.bounding_rect().ok_or_else(|| Error::invalid("'geometry' is empty"))?;
    let envelope = Envelope {
        xmin: bounds.min().x - distance,
        ymin: bounds.min().y - distance,
        xmax: bounds.max().x + distance,
        ymax: bounds.max().y + distance,
    };
    if [envelope.xmin, envelope.ymin, envelope.xmax, envelope.ymax].iter().any(|side| !side.is_finite()) {
        return Err(Error::invalid("'geometry' lies where the layer's spatial reference has no coordinates"));
    }
    Ok(SpatialFilter { geometry, relation, distance, envelope, is_envelope })
}

/// Whether a row's geometry satisfies the filter. Geometries that cannot be read do not.
pub fn matches(filter: &SpatialFilter, shape: Shape<'_>) -> bool {
    let outside = |xmin: f64, ymin: f64, xmax: f64, ymax: f64| {
        let own = &filter.envelope;
        !(xmin <= own.xmax && xmax >= own.xmin && ymin <= own.ymax && ymax >= own.ymin)
    };
    if let Shape::Point { x, y, .. } = shape {
        if outside(x, y, x, y) {
            return false;
        }
        let plain = filter.is_envelope || filter.relation == SpatialRelation::EnvelopeIntersects;
        if plain
            && matches!(filter.relation, SpatialRelation::Intersects | SpatialRelation::EnvelopeIntersects)
        {
            return true;
        }
    }
    let mut parts = Parts::default();
    if parts.read(shape).is_err() {
        return false;
    }
    let Some(envelope) = parts.envelope() else { return false };
    if outside(envelope.xmin, envelope.ymin, envelope.xmax, envelope.ymax) {
        return false;
    }
    let own = &filter.envelope;
    let inside = envelope.xmin >= own.xmin
        && envelope.xmax <= own.xmax
        && envelope.ymin >= own.ymin
        && envelope.ymax <= own.ymax;
    match filter.relation {
        SpatialRelation::EnvelopeIntersects => return true,
        SpatialRelation::Intersects if filter.is_envelope && inside => return true,
        SpatialRelation::Within if !inside && filter.distance == 0.0 => return false,
        _ => {}
    }
    let Ok(row) = parts.to_geo() else { return false };
    if filter.distance > 0.0 {
        return Euclidean.distance(&row, &filter.geometry) <= filter.distance;
    }
    match filter.relation {
        SpatialRelation::Intersects | SpatialRelation::EnvelopeIntersects => row.intersects(&filter.geometry),
        relation => {
            let matrix = row.relate(&filter.geometry);
            match relation {
                SpatialRelation::Within => matrix.is_coveredby(),
                SpatialRelation::Contains => matrix.is_covers(),
                SpatialRelation::Touches => matrix.is_touches(),
                SpatialRelation::Crosses => matrix.is_crosses(),
                _ => matrix.is_overlaps(),
            }
        }
    }
}
