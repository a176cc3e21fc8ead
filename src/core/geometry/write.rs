//! Geometries as Esri JSON and GeoJSON, appended to an answer.

use super::generalize::generalize;
use super::number::{push_f64, push_i64, push_rounded};
use super::parts::{Parts, signed_area};
use super::project::Projector;
use super::quantize::Quantization;
use crate::Result;
use crate::dataset::{Envelope, GeometryType};
use crate::query::Shape;

/// How geometries are to be written.
#[derive(Clone, Debug, Default)]
pub struct ShapeOptions {
    /// From the layer's to the answer's spatial reference.
    pub projector: Option<Projector>,
    /// Decimals of coordinates.
    pub precision: Option<u32>,
    /// Tolerance of generalisation in units of the answer.
    pub tolerance: Option<f64>,
    /// Whole-number coordinates.
    pub quantization: Option<Quantization>,
    /// Whether Z is wanted.
    pub z: bool,
    /// Whether M is wanted.
    pub m: bool,
}

/// Writes geometries one after the other; its buffers are reused.
#[derive(Debug, Default)]
pub struct ShapeWriter {
    options: ShapeOptions,
    scale: Option<f64>,
    parts: Parts,
}

impl ShapeWriter {
    /// Makes a writer.
    pub fn new(options: ShapeOptions) -> Self {
        let scale = options.precision.filter(|digits| *digits <= 15).map(|digits| 10_f64.powi(digits as i32));
        Self { options, scale, parts: Parts::default() }
    }

    fn load(&mut self, shape: Shape<'_>) -> Result<bool> {
        self.parts.read(shape)?;
        if let Some(projector) = &self.options.projector {
            projector.project(&mut self.parts.coords);
        }
        if self.parts.is_empty()
            || self.parts.coords.iter().any(|[x, y, ..]| !x.is_finite() || !y.is_finite())
        {
            return Ok(false);
        }
        let polygon = self.parts.kind == GeometryType::Polygon;
        if (polygon || self.parts.kind == GeometryType::Polyline)
            && let Some(tolerance) = self.options.tolerance
            && tolerance > 0.0
        {
            generalize(&mut self.parts, tolerance, polygon);
        }
        self.parts.has_z &= self.options.z;
        self.parts.has_m &= self.options.m;
        Ok(true)
    }

    /// Appends Esri JSON of the layer's geometry type, `null` for an empty geometry.
    pub fn esri(&mut self, out: &mut Vec<u8>, shape: Shape<'_>, kind: GeometryType) -> Result<()> {
        if let Shape::Point { x, y, .. } = shape
            && self.options.projector.is_none()
            && !self.options.z
            && !self.options.m
            && self.options.quantization.is_none()
            && kind == GeometryType::Point
        {
            out.extend_from_slice(b"{\"x\":");
            push_rounded(out, x, self.scale);
            out.extend_from_slice(b",\"y\":");
            push_rounded(out, y, self.scale);
            out.push(b'}');
            return Ok(());
        }
        if !self.load(shape)? {
            out.extend_from_slice(b"null");
            return Ok(());
        }
        if kind == GeometryType::Point
            && let Some(coord) = self.parts.coords.first()
        {
            self.esri_point(out, coord);
            return Ok(());
        }
        out.push(b'{');
        if self.parts.has_z {
            out.extend_from_slice(b"\"hasZ\":true,");
        }
        if self.parts.has_m {
            out.extend_from_slice(b"\"hasM\":true,");
        }
        if kind == GeometryType::Multipoint {
            out.extend_from_slice(b"\"points\":");
            self.path(out, &self.parts.coords, false);
        } else {
            self.esri_parts(out, kind == GeometryType::Polygon);
        }
        out.push(b'}');
        Ok(())
    }

    fn esri_parts(&self, out: &mut Vec<u8>, polygon: bool) {
        out.extend_from_slice(if polygon { b"\"rings\":[" } else { b"\"paths\":[" });
        let mut any = false;
        for (part, coords) in self.parts.iter() {
            let before = out.len();
            if any {
                out.push(b',');
            }
            // Outer rings run clockwise.
            let reverse = polygon && (signed_area(coords) > 0.0) == part.outer;
            if self.path(out, coords, reverse) {
                any = true;
            } else {
                out.truncate(before);
            }
        }
        out.push(b']');
    }

    fn esri_point(&self, out: &mut Vec<u8>, [x, y, z, m]: &[f64; 4]) {
        out.extend_from_slice(b"{\"x\":");
        if let Some(quantization) = &self.options.quantization {
            let [column, row] = quantization.cell(*x, *y);
            push_i64(out, column);
            out.extend_from_slice(b",\"y\":");
            push_i64(out, row);
        } else {
            push_rounded(out, *x, self.scale);
            out.extend_from_slice(b",\"y\":");
            push_rounded(out, *y, self.scale);
        }
        if self.parts.has_z {
            out.extend_from_slice(b",\"z\":");
            push_f64(out, *z);
        }
        if self.parts.has_m {
            out.extend_from_slice(b",\"m\":");
            push_f64(out, *m);
        }
        out.push(b'}');
    }

    /// Appends a list of coordinates; says whether enough is left of it to be worth having.
    fn path(&self, out: &mut Vec<u8>, coords: &[[f64; 4]], reverse: bool) -> bool {
        out.push(b'[');
        let mut written = 0;
        let mut last: Option<[i64; 2]> = None;
        for index in 0..coords.len() {
            let at = if reverse { coords.len() - 1 - index } else { index };
            let Some([x, y, z, m]) = coords.get(at) else { continue };
            if let Some(quantization) = &self.options.quantization {
                // The first vertex stands on the grid, the others are steps from the one before.
                let cell = quantization.cell(*x, *y);
                let step = last.map_or(cell, |last| [cell[0] - last[0], cell[1] - last[1]]);
                if last.is_some() && step == [0, 0] {
                    continue;
                }
                last = Some(cell);
                out.extend_from_slice(if written > 0 { b",[" } else { b"[" });
                push_i64(out, step[0]);
                out.push(b',');
                push_i64(out, step[1]);
            } else {
                out.extend_from_slice(if written > 0 { b",[" } else { b"[" });
                push_rounded(out, *x, self.scale);
                out.push(b',');
                push_rounded(out, *y, self.scale);
            }
            if self.parts.has_z {
                out.push(b',');
                push_f64(out, *z);
            }
            if self.parts.has_m {
                out.push(b',');
                push_f64(out, *m);
            }
            out.push(b']');
            written += 1;
        }
        out.push(b']');
        self.options.quantization.is_none()
            || match self.parts.kind {
                GeometryType::Polygon => written >= 4,
                GeometryType::Polyline => written >= 2,
                _ => true,
            }
    }

    /// Appends GeoJSON, `null` for an empty geometry.
    pub fn geojson(&mut self, out: &mut Vec<u8>, shape: Shape<'_>) -> Result<()> {
        if !self.load(shape)? {
            out.extend_from_slice(b"null");
            return Ok(());
        }
        // GeoJSON has no measures.
        self.parts.has_m = false;
        let many = self.parts.parts.len() > 1;
        match self.parts.kind {
            GeometryType::Point => {
                out.extend_from_slice(b"{\"type\":\"Point\",\"coordinates\":");
                if let Some([x, y, z, _]) = self.parts.coords.first() {
                    out.push(b'[');
                    push_rounded(out, *x, self.scale);
                    out.push(b',');
                    push_rounded(out, *y, self.scale);
                    if self.parts.has_z {
                        out.push(b',');
                        push_f64(out, *z);
                    }
                    out.push(b']');
                }
            }
            GeometryType::Multipoint => {
                out.extend_from_slice(b"{\"type\":\"MultiPoint\",\"coordinates\":");
                self.path(out, &self.parts.coords, false);
            }
            GeometryType::Polyline => {
                out.extend_from_slice(if many {
                    b"{\"type\":\"MultiLineString\",\"coordinates\":[".as_slice()
                } else {
                    b"{\"type\":\"LineString\",\"coordinates\":".as_slice()
                });
                for (index, (_, coords)) in self.parts.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    self.path(out, coords, false);
                }
                if many {
                    out.push(b']');
                }
            }
            GeometryType::Polygon | GeometryType::MultiPatch => {
                let outers = self.parts.parts.iter().skip(1).filter(|part| part.outer).count() + 1;
                out.extend_from_slice(if outers > 1 {
                    b"{\"type\":\"MultiPolygon\",\"coordinates\":[[".as_slice()
                } else {
                    b"{\"type\":\"Polygon\",\"coordinates\":[".as_slice()
                });
                for (index, (part, coords)) in self.parts.iter().enumerate() {
                    if index > 0 {
                        out.extend_from_slice(if part.outer { b"],[" } else { b"," });
                    }
                    // RFC 7946: outer rings run counter-clockwise.
                    self.path(out, coords, (signed_area(coords) < 0.0) == part.outer);
                }
                out.extend_from_slice(if outers > 1 { b"]]" } else { b"]" });
            }
        }
        out.push(b'}');
        Ok(())
    }

    /// Appends a point in the middle of the geometry as Esri JSON, `null` when it is empty.
    pub fn centroid(&mut self, out: &mut Vec<u8>, shape: Shape<'_>) -> Result<()> {
        let centroid = if self.load(shape)? { self.parts.centroid() } else { None };
        self.parts.has_z = false;
        self.parts.has_m = false;
        match centroid {
            Some([x, y]) => self.esri_point(out, &[x, y, f64::NAN, f64::NAN]),
            None => out.extend_from_slice(b"null"),
        }
        Ok(())
    }
}

/// Appends the four sides of an extent; `"NaN"` where there is none, as Esri's servers say.
pub fn write_envelope(out: &mut Vec<u8>, envelope: Option<Envelope>) {
    let sides = envelope.map(|envelope| [envelope.xmin, envelope.ymin, envelope.xmax, envelope.ymax]);
    for (index, name) in ["xmin", "ymin", "xmax", "ymax"].iter().enumerate() {
        out.push(if index == 0 { b'{' } else { b',' });
        out.push(b'"');
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
        match sides.and_then(|sides| sides.get(index).copied()) {
            Some(side) => push_f64(out, side),
            None => out.extend_from_slice(b"\"NaN\""),
        }
    }
}
