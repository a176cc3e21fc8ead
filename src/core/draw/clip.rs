//! Clipping of lines and rings to what the canvas shows, and a margin for the width of outlines.

/// Takes the parts of a clipped line.
type Sink<'a> = dyn FnMut(&[(f64, f64)]) + 'a;

/// What is drawn, in pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Window {
    /// The canvas with a margin on every side.
    pub(super) fn new(width: u32, height: u32, margin: f64) -> Self {
        Self {
            left: -margin,
            top: -margin,
            right: f64::from(width) + margin,
            bottom: f64::from(height) + margin,
        }
    }

    /// Tells whether a point lies inside.
    pub(super) fn holds(&self, x: f64, y: f64) -> bool {
        x >= self.left && x <= self.right && y >= self.top && y <= self.bottom
    }

    /// Tells whether all points lie inside.
    pub(super) fn around(&self, points: &[(f64, f64)]) -> bool {
        points.iter().all(|(x, y)| self.holds(*x, *y))
    }

    fn sides(&self) -> [Side; 4] {
        [Side::Left(self.left), Side::Right(self.right), Side::Top(self.top), Side::Bottom(self.bottom)]
    }
}

#[derive(Clone, Copy)]
enum Side {
    Left(f64),
    Right(f64),
    Top(f64),
    Bottom(f64),
}

impl Side {
    fn inside(self, (x, y): (f64, f64)) -> bool {
        match self {
            Self::Left(at) => x >= at,
            Self::Right(at) => x <= at,
            Self::Top(at) => y >= at,
            Self::Bottom(at) => y <= at,
        }
    }

    fn cross(self, a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
        match self {
            Self::Left(at) | Self::Right(at) => (at, a.1 + (b.1 - a.1) * ((at - a.0) / (b.0 - a.0))),
            Self::Top(at) | Self::Bottom(at) => (a.0 + (b.0 - a.0) * ((at - a.1) / (b.1 - a.1)), at),
        }
    }
}

/// Clips a ring in place; it ends empty when nothing is inside.
pub(super) fn clip_ring(ring: &mut Vec<(f64, f64)>, window: &Window, spare: &mut Vec<(f64, f64)>) {
    for side in window.sides() {
        spare.clear();
        let Some(mut last) = ring.last().copied() else { return };
        for point in ring.iter().copied() {
            match (side.inside(last), side.inside(point)) {
                (true, true) => spare.push(point),
                (true, false) => spare.push(side.cross(last, point)),
                (false, true) => {
                    spare.push(side.cross(last, point));
                    spare.push(point);
                }
                (false, false) => {}
            }
            last = point;
        }
        std::mem::swap(ring, spare);
    }
}

/// Hands out the parts of a line that are inside.
pub(super) fn clip_line(
    line: &[(f64, f64)],
    window: &Window,
    part: &mut Vec<(f64, f64)>,
    out: &mut Sink<'_>,
) {
    part.clear();
    for (a, b) in line.iter().zip(line.iter().skip(1)) {
        let Some((from, to)) = clip_segment(*a, *b, window) else {
            flush(part, out);
            continue;
        };
        if part.last() != Some(&from) {
            flush(part, out);
            part.push(from);
        }
        part.push(to);
    }
    flush(part, out);
}

fn flush(part: &mut Vec<(f64, f64)>, out: &mut Sink<'_>) {
    if part.len() > 1 {
        out(part);
    }
    part.clear();
}

fn clip_segment(a: (f64, f64), b: (f64, f64), window: &Window) -> Option<((f64, f64), (f64, f64))> {
    let (mut a, mut b) = (a, b);
    for side in window.sides() {
        match (side.inside(a), side.inside(b)) {
            (true, true) => {}
            (true, false) => b = side.cross(a, b),
            (false, true) => a = side.cross(a, b),
            (false, false) => return None,
        }
    }
    Some((a, b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_around_the_canvas_becomes_the_canvas() {
        let window = Window::new(10, 10, 0.0);
        let mut ring = vec![(-1e9, -1e9), (1e9, -1e9), (1e9, 1e9), (-1e9, 1e9), (-1e9, -1e9)];
        clip_ring(&mut ring, &window, &mut Vec::new());
        for corner in [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)] {
            assert!(ring.contains(&corner), "{ring:?}");
        }
        let mut outside = vec![(20.0, 20.0), (30.0, 20.0), (30.0, 30.0), (20.0, 20.0)];
        clip_ring(&mut outside, &window, &mut Vec::new());
        assert!(outside.is_empty());
    }

    #[test]
    fn a_line_that_leaves_and_comes_back_is_two_lines() {
        let window = Window::new(10, 10, 0.0);
        let line = [(5.0, 5.0), (5.0, 50.0), (8.0, 50.0), (8.0, 5.0)];
        let mut parts = Vec::new();
        clip_line(&line, &window, &mut Vec::new(), &mut |part| parts.push(part.to_vec()));
        assert_eq!(parts, [vec![(5.0, 5.0), (5.0, 10.0)], vec![(8.0, 10.0), (8.0, 5.0)]]);
    }
}
