//! Fewer vertices within a tolerance (Douglas and Peucker), without recursion.

use super::parts::Parts;

/// Drops vertices that are nearer than `tolerance` to what remains; rings that vanish are dropped,
/// unless nothing else would be left.
pub(super) fn generalize(parts: &mut Parts, tolerance: f64, rings: bool) {
    let least = if rings { 4 } else { 2 };
    let mut coords = Vec::with_capacity(parts.coords.len());
    let mut kept_parts = Vec::with_capacity(parts.parts.len());
    let mut keep = Vec::new();
    let mut stack = Vec::new();
    let mut outer_kept = true;
    for (part, path) in parts.iter() {
        if rings && !part.outer && !outer_kept {
            continue;
        }
        let before = coords.len();
        simplify(path, tolerance, rings, &mut keep, &mut stack);
        coords.extend(path.iter().zip(&keep).filter(|(_, keep)| **keep).map(|(coord, _)| *coord));
        let enough = coords.len() - before >= least;
        if !enough {
            coords.truncate(before);
        }
        if rings && part.outer {
            outer_kept = enough;
        }
        if enough {
            kept_parts.push(super::parts::Part { end: coords.len(), outer: part.outer });
        }
    }
    if !kept_parts.is_empty() {
        parts.coords = coords;
        parts.parts = kept_parts;
    }
}

fn simplify(
    path: &[[f64; 4]],
    tolerance: f64,
    ring: bool,
    keep: &mut Vec<bool>,
    stack: &mut Vec<(usize, usize)>,
) {
    keep.clear();
    keep.resize(path.len(), false);
    let Some(last) = path.len().checked_sub(1) else { return };
    keep[0] = true;
    keep[last] = true;
    stack.clear();
    if ring && last > 1 {
        // Both ends of a ring are one point: begin at the vertex farthest from it.
        let far =
            (1..last).max_by(|a, b| distance(&path[*a], &path[0]).total_cmp(&distance(&path[*b], &path[0])));
        let far = far.unwrap_or(1);
        keep[far] = true;
        stack.push((0, far));
        stack.push((far, last));
    } else {
        stack.push((0, last));
    }
    while let Some((from, to)) = stack.pop() {
        let (a, b) = (&path[from], &path[to]);
        let mut worst = (0.0, from);
        for (index, coord) in path.iter().enumerate().take(to).skip(from + 1) {
            let off = to_segment(coord, a, b);
            if off > worst.0 {
                worst = (off, index);
            }
        }
        if worst.0 > tolerance * tolerance {
            keep[worst.1] = true;
            stack.push((from, worst.1));
            stack.push((worst.1, to));
        }
    }
}

fn distance(a: &[f64; 4], b: &[f64; 4]) -> f64 {
    (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2)
}

fn to_segment(point: &[f64; 4], a: &[f64; 4], b: &[f64; 4]) -> f64 {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length = dx * dx + dy * dy;
    let along = if length > 0.0 { ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / length } else { 0.0 };
    let along = along.clamp(0.0, 1.0);
    (point[0] - a[0] - along * dx).powi(2) + (point[1] - a[1] - along * dy).powi(2)
}
