//! WKB to paths. Foreign bytes: every count is checked against what is left.

use tiny_skia::{Path, PathBuilder};

/// What a geometry is on the canvas.
pub(super) enum Shape {
    /// Points and multipoints.
    Points(Vec<(f32, f32)>),
    /// Lines.
    Lines(Path),
    /// Rings.
    Area(Path),
}

/// Turns positions of the data into positions on the canvas.
type Place<'a> = dyn Fn(f64, f64) -> Option<(f32, f32)> + 'a;

const MAX_DEPTH: usize = 4;

/// Reads one geometry; `None` for empty, broken or unknown ones.
pub(super) fn trace(wkb: &[u8], place: &Place<'_>) -> Option<Shape> {
    let mut out = Tracer { place, points: Vec::new(), path: PathBuilder::new(), area: false };
    let mut input = Input { bytes: wkb, little: true };
    out.geometry(&mut input, 0)?;
    if !out.points.is_empty() {
        return Some(Shape::Points(out.points));
    }
    let path = out.path.finish()?;
    Some(if out.area { Shape::Area(path) } else { Shape::Lines(path) })
}

struct Input<'a> {
    bytes: &'a [u8],
    little: bool,
}

impl Input<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.bytes.split_first_chunk::<N>()?;
        self.bytes = rest;
        Some(*head)
    }

    fn number(&mut self) -> Option<u32> {
        let bytes = self.take::<4>()?;
        Some(if self.little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn real(&mut self) -> Option<f64> {
        let bytes = self.take::<8>()?;
        Some(if self.little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) })
    }

    /// Reads a count of things that take at least `size` bytes each.
    fn count(&mut self, size: usize) -> Option<usize> {
        let count = self.number()? as usize;
        (count.checked_mul(size)? <= self.bytes.len()).then_some(count)
    }
}

struct Tracer<'a> {
    place: &'a Place<'a>,
    points: Vec<(f32, f32)>,
    path: PathBuilder,
    area: bool,
}

impl Tracer<'_> {
    fn geometry(&mut self, input: &mut Input<'_>, depth: usize) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        input.little = input.take::<1>()? != [0];
        let code = input.number()?;
        let flat = (code & 0x0FFF_FFFF) % 1000;
        let iso = (code & 0x0FFF_FFFF) / 1000;
        let extra = usize::from(code & 0x8000_0000 != 0 || matches!(iso, 1 | 3))
            + usize::from(code & 0x4000_0000 != 0 || matches!(iso, 2 | 3));
        match flat {
            1 => {
                if let Some(point) = self.position(input, extra)? {
                    self.points.push(point);
                }
            }
            2 => self.line(input, extra, false)?,
            3 => {
                self.area = true;
                for _ in 0..input.count(4)? {
                    self.line(input, extra, true)?;
                }
            }
            4..=7 => {
                for _ in 0..input.count(5)? {
                    self.geometry(input, depth + 1)?;
                }
            }
            _ => return None,
        }
        Some(())
    }

    #[allow(clippy::option_option, reason = "the outer is the end of the bytes, the inner an empty point")]
    fn position(&self, input: &mut Input<'_>, extra: usize) -> Option<Option<(f32, f32)>> {
        let (x, y) = (input.real()?, input.real()?);
        for _ in 0..extra {
            input.real()?;
        }
        Some(if x.is_finite() && y.is_finite() { (self.place)(x, y) } else { None })
    }

    fn line(&mut self, input: &mut Input<'_>, extra: usize, close: bool) -> Option<()> {
        let mut last: Option<(f32, f32)> = None;
        let mut length = 0;
        for _ in 0..input.count(16 + 8 * extra)? {
            let Some(point) = self.position(input, extra)? else { continue };
            match last {
                None => self.path.move_to(point.0, point.1),
                // Vertices closer than a fifth of a pixel cost time and show nothing.
                Some(before) if (before.0 - point.0).abs() + (before.1 - point.1).abs() < 0.2 => continue,
                Some(_) => {
                    self.path.line_to(point.0, point.1);
                    length += 1;
                }
            }
            last = Some(point);
        }
        if let (Some((x, y)), 0) = (last, length) {
            // A shape smaller than a pixel still shows as a dot.
            self.path.line_to(x + 0.5, y);
        }
        if close && last.is_some() {
            self.path.close();
        }
        Some(())
    }
}
