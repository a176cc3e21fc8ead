//! The little that the store itself has to know about WKB: envelopes, and one dialect for the record.

use std::borrow::Cow;

use geosharing_core::{Error, Result};

/// Least x, least y, greatest x, greatest y.
pub(crate) type Bounds = [f64; 4];

/// Bounds that any other bounds replace.
pub(crate) const NOWHERE: Bounds = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];

/// Grows bounds by others.
pub(crate) fn grow(bounds: &mut Bounds, other: &Bounds) {
    bounds[0] = bounds[0].min(other[0]);
    bounds[1] = bounds[1].min(other[1]);
    bounds[2] = bounds[2].max(other[2]);
    bounds[3] = bounds[3].max(other[3]);
}

const MAX_DEPTH: usize = 16;

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    little: bool,
}

impl Reader<'_> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let end = self.at.saturating_add(N);
        let bytes = self.bytes.get(self.at..end).and_then(|bytes| bytes.try_into().ok());
        self.at = end;
        bytes.ok_or_else(|| Error::invalid("a geometry ends in the middle of its WKB"))
    }

    fn u32(&mut self) -> Result<u32> {
        let bytes = self.array()?;
        Ok(if self.little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn f64(&mut self) -> Result<f64> {
        let bytes = self.array()?;
        Ok(if self.little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) })
    }

    /// Reads byte order and type; gives ISO's base type, and whether there are Z and M.
    fn header(&mut self) -> Result<(u32, bool, bool)> {
        self.little = match self.array::<1>()? {
            [0] => false,
            [1] => true,
            _ => return Err(Error::invalid("a geometry is not WKB: its byte order is neither 0 nor 1")),
        };
        let code = self.u32()?;
        let (flags, plain) = (code & 0xE000_0000, code & 0x1FFF_FFFF);
        let dimension = plain / 1000;
        let has_z = flags & 0x8000_0000 != 0 || dimension == 1 || dimension == 3;
        let has_m = flags & 0x4000_0000 != 0 || dimension == 2 || dimension == 3;
        if flags & 0x2000_0000 != 0 {
            self.u32()?;
        }
        Ok((plain % 1000, has_z, has_m))
    }

    fn positions(&mut self, count: u32, width: usize, bounds: &mut Bounds) -> Result<()> {
        let need = (count as usize).saturating_mul(width * 8);
        if need > self.bytes.len().saturating_sub(self.at) {
            return Err(Error::invalid("a geometry claims more positions than its WKB has"));
        }
        for _ in 0..count {
            let (x, y) = (self.f64()?, self.f64()?);
            self.at += (width - 2) * 8;
            // Empty points are NaN; min and max pass them over.
            grow(bounds, &[x, y, x, y]);
        }
        Ok(())
    }

    fn geometry(&mut self, depth: usize, bounds: &mut Bounds) -> Result<()> {
        if depth > MAX_DEPTH {
            return Err(Error::limit("a geometry nests deeper than 16 collections"));
        }
        let (kind, has_z, has_m) = self.header()?;
        let width = 2 + usize::from(has_z) + usize::from(has_m);
        match kind {
            1 => self.positions(1, width, bounds),
            2 | 8 => {
                let count = self.u32()?;
                self.positions(count, width, bounds)
            }
            3 | 17 => {
                let rings = self.u32()?;
                for _ in 0..rings {
                    let count = self.u32()?;
                    self.positions(count, width, bounds)?;
                }
                Ok(())
            }
            4..=7 | 9..=12 | 15 | 16 => {
                let parts = self.u32()?;
                for _ in 0..parts {
                    self.geometry(depth + 1, bounds)?;
                }
                Ok(())
            }
            other => Err(Error::unsupported(format!("WKB type {other} is not supported"))),
        }
    }
}

/// Returns the bounds of a geometry; `None` when it is empty.
pub(crate) fn bounds(wkb: &[u8]) -> Result<Option<Bounds>> {
    // Little-endian 2D points, the bulk of what is ever published, need no walk.
    if let [1, 1, 0, 0, 0, rest @ ..] = wkb
        && let Some((x, y)) = point(rest)
    {
        return Ok((!x.is_nan() && !y.is_nan()).then_some([x, y, x, y]));
    }
    let mut reader = Reader { bytes: wkb, at: 0, little: true };
    let mut bounds = NOWHERE;
    reader.geometry(0, &mut bounds)?;
    Ok((bounds[0] <= bounds[2] && bounds[1] <= bounds[3]).then_some(bounds))
}

fn point(rest: &[u8]) -> Option<(f64, f64)> {
    let x = f64::from_le_bytes(rest.get(..8)?.try_into().ok()?);
    let y = f64::from_le_bytes(rest.get(8..16)?.try_into().ok()?);
    Some((x, y))
}

/// Rewrites PostGIS-style type flags to the ISO codes that GeoPackage asks for.
pub(crate) fn to_iso(wkb: &[u8]) -> Result<Cow<'_, [u8]>> {
    let mut reader = Reader { bytes: wkb, at: 0, little: true };
    let Some(code) = wkb.get(1..5) else {
        return Err(Error::invalid("a geometry ends in the middle of its WKB"));
    };
    let flagged = if wkb.first() == Some(&1) { code.last() } else { code.first() };
    if flagged.is_none_or(|byte| byte & 0xE0 == 0) {
        return Ok(Cow::Borrowed(wkb));
    }
    let mut out = Vec::with_capacity(wkb.len());
    copy_iso(&mut reader, 0, &mut out)?;
    Ok(Cow::Owned(out))
}

fn copy_iso(reader: &mut Reader<'_>, depth: usize, out: &mut Vec<u8>) -> Result<()> {
    if depth > MAX_DEPTH {
        return Err(Error::limit("a geometry nests deeper than 16 collections"));
    }
    let (kind, has_z, has_m) = reader.header()?;
    let width = 2 + usize::from(has_z) + usize::from(has_m);
    out.push(1);
    let iso = kind + if has_z { 1000 } else { 0 } + if has_m { 2000 } else { 0 };
    out.extend(iso.to_le_bytes());
    let copy_positions = |reader: &mut Reader<'_>, count: u32, out: &mut Vec<u8>| -> Result<()> {
        for _ in 0..u64::from(count) * width as u64 {
            out.extend(reader.f64()?.to_le_bytes());
        }
        Ok(())
    };
    if kind == 1 {
        return copy_positions(reader, 1, out);
    }
    let count = reader.u32()?;
    out.extend(count.to_le_bytes());
    match kind {
        2 | 8 => copy_positions(reader, count, out),
        3 | 17 => {
            for _ in 0..count {
                let positions = reader.u32()?;
                out.extend(positions.to_le_bytes());
                copy_positions(reader, positions, out)?;
            }
            Ok(())
        }
        _ => {
            for _ in 0..count {
                copy_iso(reader, depth + 1, out)?;
            }
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(points: &[(f64, f64)]) -> Vec<u8> {
        let mut wkb = vec![1, 2, 0, 0, 0];
        wkb.extend((points.len() as u32).to_le_bytes());
        for (x, y) in points {
            wkb.extend(x.to_le_bytes());
            wkb.extend(y.to_le_bytes());
        }
        wkb
    }

    #[test]
    fn bounds_cover_every_position() {
        let wkb = line(&[(1.0, 5.0), (-3.0, 2.0)]);
        assert_eq!(bounds(&wkb).unwrap(), Some([-3.0, 2.0, 1.0, 5.0]));
        assert_eq!(bounds(&line(&[])).unwrap(), None);
    }

    #[test]
    fn truncated_and_lying_wkb_is_refused() {
        let wkb = line(&[(1.0, 5.0), (-3.0, 2.0)]);
        assert!(bounds(&wkb[..20]).is_err());
        assert!(bounds(&[1, 2, 0, 0, 0, 255, 255, 255, 255]).is_err());
        assert!(bounds(&[7]).is_err());
    }

    #[test]
    fn flags_become_iso_codes() {
        let mut wkb = vec![1, 1, 0, 0, 0x80];
        for value in [1.0_f64, 2.0, 3.0] {
            wkb.extend(value.to_le_bytes());
        }
        let iso = to_iso(&wkb).unwrap();
        assert_eq!(&iso[..5], [1, 0xE9, 3, 0, 0]);
        assert_eq!(&iso[5..], &wkb[5..]);
    }
}
