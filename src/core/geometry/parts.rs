//! The in-memory form of a geometry.

use geo::{Coord, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};

use crate::dataset::{Envelope, GeometryType};
use crate::query::Shape;
use crate::{Error, Result};

/// One path or ring: where its coordinates end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Part {
    /// Index after the last coordinate.
    pub end: usize,
    /// Whether a ring is an outer one; holes follow the ring that they are in.
    pub outer: bool,
}

/// A geometry as flat coordinates `[x, y, z, m]` and where its parts end.
#[derive(Clone, Debug, PartialEq)]
pub struct Parts {
    /// Type; points and multipoints have one part.
    pub kind: GeometryType,
    /// Whether the third number means something.
    pub has_z: bool,
    /// Whether the fourth number means something.
    pub has_m: bool,
    /// All coordinates.
    pub coords: Vec<[f64; 4]>,
    /// All parts.
    pub parts: Vec<Part>,
}

impl Default for Parts {
    fn default() -> Self {
        Self { kind: GeometryType::Point, has_z: false, has_m: false, coords: Vec::new(), parts: Vec::new() }
    }
}

impl Parts {
    /// Makes an empty geometry of a type.
    pub fn new(kind: GeometryType) -> Self {
        Self { kind, ..Self::default() }
    }

    /// Empties the geometry and keeps its memory.
    pub fn clear(&mut self) {
        self.coords.clear();
        self.parts.clear();
        self.has_z = false;
        self.has_m = false;
    }

    /// Whether there is no coordinate.
    pub fn is_empty(&self) -> bool {
        self.coords.is_empty()
    }

    /// Ends a part here.
    pub fn end_part(&mut self, outer: bool) {
        self.parts.push(Part { end: self.coords.len(), outer });
    }

    /// Iterates over the parts with their coordinates.
    pub fn iter(&self) -> impl Iterator<Item = (Part, &[[f64; 4]])> {
        let mut start = 0;
        self.parts.iter().map(move |part| {
            let coords = self.coords.get(start..part.end).unwrap_or_default();
            start = part.end;
            (*part, coords)
        })
    }

    /// Reads a stored geometry.
    pub fn read(&mut self, shape: Shape<'_>) -> Result<()> {
        match shape {
            Shape::Point { x, y, z, m } => {
                self.clear();
                self.kind = GeometryType::Point;
                self.has_z = z.is_some();
                self.has_m = m.is_some();
                self.coords.push([x, y, z.unwrap_or(f64::NAN), m.unwrap_or(f64::NAN)]);
                self.end_part(true);
                Ok(())
            }
            Shape::Wkb(bytes) => super::read_wkb(bytes, self),
        }
    }

    /// Returns the extent; `None` when empty.
    pub fn envelope(&self) -> Option<Envelope> {
        let mut coords = self.coords.iter().filter(|coord| coord[0].is_finite() && coord[1].is_finite());
        let [x, y, ..] = *coords.next()?;
        let start = Envelope { xmin: x, ymin: y, xmax: x, ymax: y };
        Some(coords.fold(start, |envelope, [x, y, ..]| Envelope {
            xmin: envelope.xmin.min(*x),
            ymin: envelope.ymin.min(*y),
            xmax: envelope.xmax.max(*x),
            ymax: envelope.ymax.max(*y),
        }))
    }

    /// Converts into the types of the predicates.
    pub fn to_geo(&self) -> Result<Geometry<f64>> {
        if self.coords.iter().any(|[x, y, ..]| !x.is_finite() || !y.is_finite()) {
            return Err(Error::invalid("the geometry has coordinates that are not finite numbers"));
        }
        let line = |coords: &[[f64; 4]]| {
            LineString::new(coords.iter().map(|[x, y, ..]| Coord { x: *x, y: *y }).collect())
        };
        let points = || self.coords.iter().map(|[x, y, ..]| Point::new(*x, *y));
        Ok(match self.kind {
            GeometryType::Point => match points().next() {
                Some(point) => Geometry::Point(point),
                None => Geometry::MultiPoint(MultiPoint::new(Vec::new())),
            },
            GeometryType::Multipoint => Geometry::MultiPoint(MultiPoint::new(points().collect())),
            GeometryType::Polyline => {
                let mut lines: Vec<_> = self.iter().map(|(_, coords)| line(coords)).collect();
                match (lines.len(), lines.pop()) {
                    (1, Some(only)) => Geometry::LineString(only),
                    (_, last) => {
                        lines.extend(last);
                        Geometry::MultiLineString(MultiLineString::new(lines))
                    }
                }
            }
            GeometryType::Polygon | GeometryType::MultiPatch => {
                let mut polygons: Vec<(LineString<f64>, Vec<LineString<f64>>)> = Vec::new();
                for (part, coords) in self.iter() {
                    match polygons.last_mut() {
                        Some((_, holes)) if !part.outer => holes.push(line(coords)),
                        _ => polygons.push((line(coords), Vec::new())),
                    }
                }
                let mut polygons: Vec<_> =
                    polygons.into_iter().map(|(outer, holes)| Polygon::new(outer, holes)).collect();
                match (polygons.len(), polygons.pop()) {
                    (1, Some(only)) => Geometry::Polygon(only),
                    (_, last) => {
                        polygons.extend(last);
                        Geometry::MultiPolygon(MultiPolygon::new(polygons))
                    }
                }
            }
        })
    }

    /// Returns the centroid of polygons, or the middle of what else there is.
    pub fn centroid(&self) -> Option<[f64; 2]> {
        use geo::Centroid as _;
        let point = self.to_geo().ok()?.centroid()?;
        Some([point.x(), point.y()])
    }

    /// Says which rings are outer ones by their winding (clockwise), and puts holes after the
    /// ring that they are in. Holes in no ring become outer rings, since sloppy writers wind freely.
    pub fn sort_rings(&mut self) {
        let mut rings: Vec<(Vec<[f64; 4]>, f64)> =
            self.iter().map(|(_, coords)| (coords.to_vec(), signed_area(coords))).collect();
        rings.retain(|(coords, _)| coords.len() >= 4);
        if rings.iter().all(|(_, area)| *area >= 0.0) {
            // No clockwise ring at all: only nesting can tell.
            for index in 0..rings.len() {
                let inside = rings
                    .iter()
                    .enumerate()
                    .filter(|(other, (coords, _))| {
                        *other != index && rings.get(index).is_some_and(|(ring, _)| encloses(coords, ring))
                    })
                    .count();
                if inside % 2 == 0
                    && let Some((_, area)) = rings.get_mut(index)
                {
                    *area = -*area;
                }
            }
        }
        let (outers, holes): (Vec<_>, Vec<_>) = rings.into_iter().partition(|(_, area)| *area <= 0.0);
        let mut groups: Vec<(Vec<[f64; 4]>, f64, Vec<_>)> =
            outers.into_iter().map(|(coords, area)| (coords, area.abs(), Vec::new())).collect();
        for (hole, area) in holes {
            let home = groups
                .iter_mut()
                .filter(|(outer, outer_area, _)| *outer_area >= area && encloses(outer, &hole))
                .min_by(|a, b| a.1.total_cmp(&b.1));
            match home {
                Some((_, _, holes)) => holes.push(hole),
                None => groups.push((hole, area, Vec::new())),
            }
        }
        self.coords.clear();
        self.parts.clear();
        for (outer, _, holes) in groups {
            self.coords.extend(outer);
            self.end_part(true);
            for hole in holes {
                self.coords.extend(hole);
                self.end_part(false);
            }
        }
    }
}

/// Area of a ring, positive when it runs counter-clockwise.
pub(super) fn signed_area(coords: &[[f64; 4]]) -> f64 {
    let Some([x0, y0, ..]) = coords.first() else { return 0.0 };
    let pairs = coords.iter().zip(coords.iter().skip(1));
    pairs.map(|(a, b)| (a[0] - x0) * (b[1] - y0) - (b[0] - x0) * (a[1] - y0)).sum::<f64>() / 2.0
}

/// Whether a ring encloses another one, told by a point of the inner ring that is not on the outer.
#[allow(clippy::float_cmp, reason = "only the very same coordinate lies on the edge")]
fn encloses(outer: &[[f64; 4]], inner: &[[f64; 4]]) -> bool {
    for [x, y, ..] in inner.iter().take(16) {
        let mut inside = false;
        let mut on_edge = false;
        for (a, b) in outer.iter().zip(outer.iter().skip(1)) {
            if (a[1] > *y) != (b[1] > *y) {
                let cross = (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0];
                on_edge |= cross == *x;
                inside ^= *x < cross;
            }
            on_edge |= a[0] == *x && a[1] == *y;
        }
        if !on_edge {
            return inside;
        }
    }
    true
}
