//! WKB to paths. Foreign bytes: every count is checked against what is left.
//!
//! Lines and rings are clipped to the canvas before they become paths: a world of vertices a million
//! pixels away costs time, and leaving them out would bend what is visible.

use tiny_skia::{Path, PathBuilder};

use super::clip::{Window, clip_line, clip_ring};

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
type Place<'a> = dyn Fn(f64, f64) -> Option<(f64, f64)> + 'a;

const MAX_DEPTH: usize = 4;

/// Reads one geometry; `None` for empty, broken, unknown or invisible ones.
pub(super) fn trace(wkb: &[u8], window: &Window, place: &Place<'_>) -> Option<Shape> {
    let mut out = Tracer {
        place,
        window,
        points: Vec::new(),
        path: PathBuilder::new(),
        area: false,
        line: Vec::new(),
        clipped: Vec::new(),
    };
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
    window: &'a Window,
    points: Vec<(f32, f32)>,
    path: PathBuilder,
    area: bool,
    line: Vec<(f64, f64)>,
    clipped: Vec<(f64, f64)>,
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
                if let Some((x, y)) = self.position(input, extra)?
                    && self.window.holds(x, y)
                {
                    self.points.push((x as f32, y as f32));
                }
            }
            2 => {
                self.read(input, extra)?;
                self.draw_line();
            }
            3 => {
                self.area = true;
                for _ in 0..input.count(4)? {
                    self.read(input, extra)?;
                    self.draw_ring();
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
    fn position(&self, input: &mut Input<'_>, extra: usize) -> Option<Option<(f64, f64)>> {
        let (x, y) = (input.real()?, input.real()?);
        for _ in 0..extra {
            input.real()?;
        }
        Some(if x.is_finite() && y.is_finite() { (self.place)(x, y) } else { None })
    }

    /// Reads positions into `line`, without vertices that nobody would see.
    fn read(&mut self, input: &mut Input<'_>, extra: usize) -> Option<()> {
        self.line.clear();
        let mut left_out = None;
        for _ in 0..input.count(16 + 8 * extra)? {
            let Some(point) = self.position(input, extra)? else { continue };
            match self.line.last() {
                // Vertices closer than a fifth of a pixel cost time and show nothing.
                Some(last) if (last.0 - point.0).abs() + (last.1 - point.1).abs() < 0.2 => {
                    left_out = Some(point);
                    continue;
                }
                _ => self.line.push(point),
            }
            left_out = None;
        }
        // The end of a line is where it is, however close.
        self.line.extend(left_out);
        Some(())
    }

    fn draw_line(&mut self) {
        if self.window.around(&self.line) {
            add(&mut self.path, &self.line, false);
            return;
        }
        let (line, path) = (&self.line, &mut self.path);
        clip_line(line, self.window, &mut self.clipped, &mut |part| add(path, part, false));
    }

    fn draw_ring(&mut self) {
        if self.window.around(&self.line) {
            add(&mut self.path, &self.line, true);
            return;
        }
        clip_ring(&mut self.line, self.window, &mut self.clipped);
        if !self.line.is_empty() {
            add(&mut self.path, &self.line, true);
        }
    }
}

fn add(path: &mut PathBuilder, points: &[(f64, f64)], close: bool) {
    let Some((first, rest)) = points.split_first() else { return };
    path.move_to(first.0 as f32, first.1 as f32);
    for (x, y) in rest {
        path.line_to(*x as f32, *y as f32);
    }
    if rest.len() < 2 {
        let (x, y) = rest.last().unwrap_or(first);
        let short = (first.0 - x).abs() + (first.1 - y).abs() < 0.5;
        if short {
            // A shape smaller than a pixel still shows as a dot.
            path.line_to(first.0 as f32 + 0.5, first.1 as f32);
        }
    }
    if close {
        path.close();
    }
}
