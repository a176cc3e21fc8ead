//! A packed R-tree over Hilbert-sorted boxes.
//!
//! Boxes are single precision, rounded outwards, so a search gives candidates for an exact test.
//! The same order fills the R-tree of the record, so that a publish sorts once.

use crate::store::wkb::Bounds;

/// Boxes per node.
pub(crate) const FANOUT: usize = 16;

/// Least x, least y, greatest x, greatest y.
pub(crate) type Box32 = [f32; 4];

/// The box of rows without geometry; it meets nothing.
pub(crate) const NO_BOX: Box32 = [f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY];

fn down(value: f64) -> f32 {
    let near = value as f32;
    if f64::from(near) > value { near.next_down() } else { near }
}

fn up(value: f64) -> f32 {
    let near = value as f32;
    if f64::from(near) < value { near.next_up() } else { near }
}

/// Rounds bounds outwards to single precision.
pub(crate) fn outward(bounds: &Bounds) -> Box32 {
    [down(bounds[0]), down(bounds[1]), up(bounds[2]), up(bounds[3])]
}

/// Rounds bounds inwards to single precision.
pub(crate) fn inward(bounds: &Bounds) -> Box32 {
    [up(bounds[0]), up(bounds[1]), down(bounds[2]), down(bounds[3])]
}

fn meets(a: &Box32, b: &Box32) -> bool {
    a[0] <= b[2] && a[2] >= b[0] && a[1] <= b[3] && a[3] >= b[1]
}

fn within(inner: &Box32, outer: &Box32) -> bool {
    inner[0] >= outer[0] && inner[2] <= outer[2] && inner[1] >= outer[1] && inner[3] <= outer[3]
}

/// Covers boxes by one.
pub(crate) fn cover(boxes: &[Box32]) -> Box32 {
    boxes.iter().fold(NO_BOX, |all, one| {
        [all[0].min(one[0]), all[1].min(one[1]), all[2].max(one[2]), all[3].max(one[3])]
    })
}

/// Orders the rows that have a box along a Hilbert curve through the middles of their boxes.
pub(crate) fn hilbert_order(boxes: &[Box32]) -> Vec<u32> {
    let all = cover(boxes);
    let scale = |low: f32, high: f32| {
        let width = f64::from(high) - f64::from(low);
        if width > 0.0 { 65_535.0 / width } else { 0.0 }
    };
    let (scale_x, scale_y) = (scale(all[0], all[2]), scale(all[1], all[3]));
    let mut keys: Vec<u64> = Vec::with_capacity(boxes.len());
    for (row, one) in boxes.iter().enumerate() {
        if one[0] <= one[2] {
            let x = (f64::midpoint(f64::from(one[0]), f64::from(one[2])) - f64::from(all[0])) * scale_x;
            let y = (f64::midpoint(f64::from(one[1]), f64::from(one[3])) - f64::from(all[1])) * scale_y;
            keys.push(u64::from(hilbert(x as u32, y as u32)) << 32 | row as u64);
        }
    }
    keys.sort_unstable();
    keys.into_iter().map(|key| key as u32).collect()
}

/// Position along the Hilbert curve of order 16.
fn hilbert(x: u32, y: u32) -> u32 {
    let (mut x, mut y) = (x.min(0xFFFF), y.min(0xFFFF));
    let mut distance = 0;
    let mut side = 0x8000;
    while side > 0 {
        let right = u32::from(x & side > 0);
        let top = u32::from(y & side > 0);
        distance += side * side * ((3 * right) ^ top);
        if top == 0 {
            if right == 1 {
                x = 0xFFFF - x;
                y = 0xFFFF - y;
            }
            std::mem::swap(&mut x, &mut y);
        }
        side >>= 1;
    }
    distance
}

/// Returns the levels above the leaves, lowest first, one after the other.
pub(crate) fn upper_levels(leaves: &[Box32]) -> Vec<Box32> {
    let mut all = Vec::with_capacity(leaves.len() / (FANOUT - 1) + 2);
    let mut level: Vec<Box32> = leaves.chunks(FANOUT).map(cover).collect();
    while level.len() > 1 {
        all.extend_from_slice(&level);
        level = level.chunks(FANOUT).map(cover).collect();
    }
    all.extend_from_slice(&level);
    all
}

/// A tree that borrows its arrays from the image.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tree<'a> {
    /// Boxes of the leaves in Hilbert order.
    pub(crate) leaves: &'a [Box32],
    /// Rows of the leaves.
    pub(crate) rows: &'a [u32],
    /// The levels above, lowest first.
    pub(crate) upper: &'a [Box32],
}

impl Tree<'_> {
    /// Calls `found(row, inside)` for rows whose box meets the bounds; `inside` says that the box lies
    /// wholly in them.
    pub(crate) fn search(&self, bounds: &Bounds, mut found: impl FnMut(u32, bool)) {
        let (query, inner) = (&outward(bounds), &inward(bounds));
        let mut sizes = Vec::new();
        let mut size = self.leaves.len().div_ceil(FANOUT);
        if size == 0 {
            return;
        }
        let mut start = 0;
        loop {
            sizes.push((start, size));
            start += size;
            if size == 1 {
                break;
            }
            size = size.div_ceil(FANOUT);
        }
        let mut stack = vec![(sizes.len() - 1, 0_usize, false)];
        while let Some((level, node, inside)) = stack.pop() {
            let Some(covered) = sizes.get(level).and_then(|(start, _)| self.upper.get(start + node)) else {
                continue;
            };
            if !inside && !meets(covered, query) {
                continue;
            }
            let inside = inside || within(covered, inner);
            let first = node * FANOUT;
            if level == 0 {
                let last = (first + FANOUT).min(self.leaves.len());
                let (Some(boxes), Some(rows)) = (self.leaves.get(first..last), self.rows.get(first..last))
                else {
                    continue;
                };
                for (one, row) in boxes.iter().zip(rows) {
                    if inside {
                        found(*row, true);
                    } else if meets(one, query) {
                        found(*row, within(one, inner));
                    }
                }
            } else {
                let last = (first + FANOUT).min(sizes.get(level - 1).map_or(0, |(_, size)| *size));
                stack.extend((first..last).rev().map(|child| (level - 1, child, inside)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_finds_what_a_scan_finds() {
        let mut seed = 7_u64;
        let mut next = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 40) as f32 / 16_777_216.0 * 100.0
        };
        for count in [0, 1, 16, 17, 300, 5000] {
            let boxes: Vec<Box32> = (0..count)
                .map(|row| {
                    if row % 50 == 7 {
                        return NO_BOX;
                    }
                    let (x, y) = (next(), next());
                    [x, y, x + next() / 50.0, y + next() / 50.0]
                })
                .collect();
            let rows = hilbert_order(&boxes);
            let leaves: Vec<Box32> = rows.iter().map(|row| boxes[*row as usize]).collect();
            let upper = upper_levels(&leaves);
            let tree = Tree { leaves: &leaves, rows: &rows, upper: &upper };
            for _ in 0..20 {
                let (x, y) = (next(), next());
                let query = [x, y, x + 10.0, y + 10.0];
                let mut found = Vec::new();
                tree.search(&query.map(f64::from), |row, inside| {
                    assert_eq!(inside, within(&boxes[row as usize], &query));
                    found.push(row as usize);
                });
                found.sort_unstable();
                let scan: Vec<usize> = (0..count).filter(|row| meets(&boxes[*row], &query)).collect();
                assert_eq!(found, scan);
            }
        }
    }

    #[test]
    fn rounding_goes_outwards() {
        let bounds = [0.1, 0.2, 0.3, 0.4];
        let rounded = outward(&bounds);
        assert!(f64::from(rounded[0]) <= 0.1 && f64::from(rounded[1]) <= 0.2);
        assert!(f64::from(rounded[2]) >= 0.3 && f64::from(rounded[3]) >= 0.4);
    }
}
