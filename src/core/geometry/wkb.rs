//! Well-known binary: ISO and the extended form, both byte orders, read with bounds; ISO written.

use super::curves;
use super::parts::Parts;
use crate::dataset::GeometryType;
use crate::{Error, Result};

/// Whether a geometry is of a curved type; what is read from it by [`read_wkb`] has none.
pub fn has_curves(bytes: &[u8]) -> bool {
    let mut reader = Reader { bytes, little: true };
    matches!(reader.header(), Ok((8..=12, _, _)))
}

/// Reads WKB into `parts`, whose memory is reused; arcs become lines of about 4 degrees each.
///
/// # Errors
/// Truncated input and types that are no geometry of the REST API.
pub fn read_wkb(bytes: &[u8], parts: &mut Parts) -> Result<()> {
    parts.clear();
    parts.kind = GeometryType::Point;
    let mut reader = Reader { bytes, little: true };
    reader.geometry(parts, 0)?;
    if parts.kind == GeometryType::Multipoint {
        parts.end_part(true);
    }
    Ok(())
}

struct Reader<'a> {
    bytes: &'a [u8],
    little: bool,
}

fn truncated() -> Error {
    Error::invalid("the well-known binary ends too early")
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (taken, rest) = self.bytes.split_first_chunk::<N>().ok_or_else(truncated)?;
        self.bytes = rest;
        Ok(*taken)
    }

    fn u32(&mut self) -> Result<u32> {
        let bytes = self.take::<4>()?;
        Ok(if self.little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn f64(&mut self) -> Result<f64> {
        let bytes = self.take::<8>()?;
        Ok(if self.little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) })
    }

    fn header(&mut self) -> Result<(u32, bool, bool)> {
        let [order] = self.take::<1>()?;
        self.little = match order {
            0 => false,
            1 => true,
            _ => return Err(Error::invalid("the well-known binary has no byte order")),
        };
        let code = self.u32()?;
        if code & 0x2000_0000 != 0 {
            self.u32()?;
        }
        let plain = code & 0x0fff_ffff;
        let z = code & 0x8000_0000 != 0 || matches!(plain / 1000, 1 | 3);
        let m = code & 0x4000_0000 != 0 || matches!(plain / 1000, 2 | 3);
        Ok((plain % 1000, z, m))
    }

    fn coords(&mut self, parts: &mut Parts, count: usize, z: bool, m: bool) -> Result<()> {
        let width = 8 * (2 + usize::from(z) + usize::from(m));
        if self.bytes.len() / width < count {
            return Err(truncated());
        }
        parts.coords.reserve(count);
        for _ in 0..count {
            let (x, y) = (self.f64()?, self.f64()?);
            let height = if z { self.f64()? } else { f64::NAN };
            let measure = if m { self.f64()? } else { f64::NAN };
            parts.coords.push([x, y, height, measure]);
        }
        Ok(())
    }

    fn path(&mut self, parts: &mut Parts, z: bool, m: bool) -> Result<usize> {
        let count = self.u32()? as usize;
        self.coords(parts, count, z, m)?;
        Ok(count)
    }

    fn geometry(&mut self, parts: &mut Parts, depth: u32) -> Result<()> {
        if depth > 8 {
            return Err(Error::limit("the well-known binary is nested too deep"));
        }
        let (code, z, m) = self.header()?;
        parts.has_z |= z;
        parts.has_m |= m;
        match code {
            1 => {
                self.coords(parts, 1, z, m)?;
                // An empty point is one of NaNs.
                if parts.coords.last().is_some_and(|coord| coord[0].is_nan() || coord[1].is_nan()) {
                    parts.coords.pop();
                }
                if depth == 0 {
                    parts.kind = GeometryType::Point;
                    parts.end_part(true);
                }
            }
            2 => {
                parts.kind = GeometryType::Polyline;
                if self.path(parts, z, m)? > 0 {
                    parts.end_part(true);
                }
            }
            3 | 17 => {
                parts.kind = GeometryType::Polygon;
                let rings = self.u32()?;
                let mut outer = true;
                for _ in 0..rings {
                    if self.path(parts, z, m)? > 0 {
                        parts.end_part(outer);
                        outer = false;
                    }
                }
            }
            8 | 9 => {
                parts.kind = GeometryType::Polyline;
                if self.curve(parts, (code, z, m), depth)? > 0 {
                    parts.end_part(true);
                }
            }
            10 => {
                parts.kind = GeometryType::Polygon;
                let mut outer = true;
                for _ in 0..self.u32()? {
                    let header = self.header()?;
                    if self.curve(parts, header, depth + 1)? > 0 {
                        parts.end_part(outer);
                        outer = false;
                    }
                }
            }
            4..=7 | 11 | 12 | 15 | 16 => {
                let count = self.u32()?;
                match code {
                    4 => parts.kind = GeometryType::Multipoint,
                    5 | 11 => parts.kind = GeometryType::Polyline,
                    6 | 12 | 15 | 16 => parts.kind = GeometryType::Polygon,
                    _ => {}
                }
                let kind = parts.kind;
                for _ in 0..count {
                    self.geometry(parts, depth + 1)?;
                    if code != 7 && parts.kind != kind {
                        return Err(Error::invalid("the well-known binary mixes geometry types"));
                    }
                }
            }
            code => {
                return Err(Error::unsupported(format!(
                    "geometry type {code} of well-known binary cannot be served; remove such rows or convert them"
                )));
            }
        }
        Ok(())
    }

    /// Reads a line, circular or compound string; returns how many coordinates it became.
    fn curve(&mut self, parts: &mut Parts, header: (u32, bool, bool), depth: u32) -> Result<usize> {
        if depth > 8 {
            return Err(Error::limit("the well-known binary is nested too deep"));
        }
        let (code, z, m) = header;
        let start = parts.coords.len();
        match code {
            2 => {
                self.path(parts, z, m)?;
            }
            8 => {
                self.path(parts, z, m)?;
                curves::densify(&mut parts.coords, start);
            }
            9 => {
                for _ in 0..self.u32()? {
                    let joint = parts.coords.len();
                    let header = self.header()?;
                    self.curve(parts, header, depth + 1)?;
                    let ends = joint.checked_sub(1).filter(|last| *last >= start);
                    let ends = ends.and_then(|last| parts.coords.get(last..=joint));
                    if let Some([before, after]) = ends
                        && before[..2] == after[..2]
                    {
                        parts.coords.remove(joint);
                    }
                }
            }
            code => {
                return Err(Error::invalid(format!(
                    "the well-known binary has a geometry of type {code} inside a curve"
                )));
            }
        }
        Ok(parts.coords.len() - start)
    }
}

/// Writes ISO WKB: multi types for polylines and polygons of more than one part.
pub fn write_wkb(parts: &Parts) -> Vec<u8> {
    let mut out = Vec::with_capacity(16 + parts.coords.len() * 32);
    match parts.kind {
        GeometryType::Point => {
            header(&mut out, parts, 1);
            match parts.coords.first() {
                Some(coord) => coords(&mut out, parts, std::slice::from_ref(coord)),
                None => coords(&mut out, parts, &[[f64::NAN; 4]]),
            }
        }
        GeometryType::Multipoint => {
            header(&mut out, parts, 4);
            count(&mut out, parts.coords.len());
            for coord in &parts.coords {
                header(&mut out, parts, 1);
                coords(&mut out, parts, std::slice::from_ref(coord));
            }
        }
        GeometryType::Polyline => {
            if parts.parts.len() != 1 {
                header(&mut out, parts, 5);
                count(&mut out, parts.parts.len());
            }
            for (_, path) in parts.iter() {
                header(&mut out, parts, 2);
                count(&mut out, path.len());
                coords(&mut out, parts, path);
            }
        }
        GeometryType::Polygon | GeometryType::MultiPatch => {
            let rings: Vec<_> = parts.iter().collect();
            let starts: Vec<usize> = rings
                .iter()
                .enumerate()
                .filter(|(index, (part, _))| *index == 0 || part.outer)
                .map(|(index, _)| index)
                .collect();
            if starts.len() != 1 {
                header(&mut out, parts, 6);
                count(&mut out, starts.len());
            }
            for (index, start) in starts.iter().enumerate() {
                let end = starts.get(index + 1).copied().unwrap_or(rings.len());
                header(&mut out, parts, 3);
                count(&mut out, end - start);
                for (_, ring) in rings.get(*start..end).unwrap_or_default() {
                    count(&mut out, ring.len());
                    coords(&mut out, parts, ring);
                }
            }
        }
    }
    out
}

fn header(out: &mut Vec<u8>, parts: &Parts, code: u32) {
    out.push(1);
    let code = code + 1000 * u32::from(parts.has_z) + 2000 * u32::from(parts.has_m);
    out.extend_from_slice(&code.to_le_bytes());
}

fn count(out: &mut Vec<u8>, count: usize) {
    out.extend_from_slice(&u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
}

fn coords(out: &mut Vec<u8>, parts: &Parts, coords: &[[f64; 4]]) {
    for [x, y, z, m] in coords {
        out.extend_from_slice(&x.to_le_bytes());
        out.extend_from_slice(&y.to_le_bytes());
        if parts.has_z {
            out.extend_from_slice(&z.to_le_bytes());
        }
        if parts.has_m {
            out.extend_from_slice(&m.to_le_bytes());
        }
    }
}
