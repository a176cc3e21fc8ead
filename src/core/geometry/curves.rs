//! Circular arcs as lines: the REST API's plain geometries have no curves, geodatabases do.

use std::f64::consts::TAU;

/// The angle that one line stands for: 4 degrees, about, as in GDAL.
const STEP: f64 = TAU / 90.0;

/// Replaces the circular string that starts at `start` by points on its arcs.
///
/// Arcs are cut as GDAL cuts them, so that our answers and what GDAL reads from the source agree vertex by
/// vertex: evenly from end to end, into an odd number of lines of about 4 degrees, seven at least. The
/// points in the middle of arcs give way; Z and M change evenly between the ends. A string of an even
/// number of points, which no format allows, keeps its last point as the end of a line.
pub(super) fn densify(coords: &mut Vec<[f64; 4]>, start: usize) {
    let control = coords.split_off(start.min(coords.len()));
    let Some(first) = control.first() else { return };
    coords.push(*first);
    let mut from = *first;
    for pair in control.get(1..).unwrap_or_default().chunks(2) {
        match *pair {
            [through, to] => {
                arc(coords, from, through, to);
                from = to;
            }
            [to] => coords.push(to),
            _ => {}
        }
    }
}

fn arc(out: &mut Vec<[f64; 4]>, from: [f64; 4], through: [f64; 4], to: [f64; 4]) {
    let Some((center, turn)) = circle(from, through, to) else {
        out.extend([through, to]);
        return;
    };
    let angle = |point: [f64; 4]| (point[1] - center[1]).atan2(point[0] - center[0]);
    let radius = (from[0] - center[0]).hypot(from[1] - center[1]);
    let begin = angle(from);
    let turned = ((angle(to) - begin) * turn).rem_euclid(TAU);
    let sweep = if from[..2] == to[..2] { TAU } else { turned };
    let steps = (sweep / STEP).round().max(7.0);
    let steps = if steps % 2.0 == 0.0 { steps + 1.0 } else { steps };
    let mut step = 1.0;
    while step < steps {
        let share = step / steps;
        let at = begin + turn * sweep * share;
        let between = |part: usize| from[part] + (to[part] - from[part]) * share;
        out.push([center[0] + radius * at.cos(), center[1] + radius * at.sin(), between(2), between(3)]);
        step += 1.0;
    }
    out.push(to);
}

/// The centre of the circle and the direction of travel; `None` for three points on a line.
fn circle(from: [f64; 4], through: [f64; 4], to: [f64; 4]) -> Option<([f64; 2], f64)> {
    let (bx, by) = (through[0] - from[0], through[1] - from[1]);
    let (cx, cy) = (to[0] - from[0], to[1] - from[1]);
    if cx == 0.0 && cy == 0.0 {
        // A full circle, whose middle point lies opposite.
        return (bx != 0.0 || by != 0.0).then_some(([from[0] + bx / 2.0, from[1] + by / 2.0], 1.0));
    }
    let cross = bx * cy - by * cx;
    let scale = bx.abs().max(by.abs()).max((cx - bx).abs()).max((cy - by).abs());
    if cross.abs() <= 1e-8 * scale * scale {
        return None;
    }
    let (b, c) = (bx * bx + by * by, cx * cx + cy * cy);
    let center = [from[0] + (cy * b - by * c) / (2.0 * cross), from[1] + (bx * c - cx * b) / (2.0 * cross)];
    center.iter().all(|part| part.is_finite()).then_some((center, cross.signum()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: f64, y: f64) -> [f64; 4] {
        [x, y, 0.0, f64::NAN]
    }

    #[test]
    fn a_half_circle_stays_on_its_circle() {
        let mut coords = vec![at(1.0, 0.0), at(0.0, 1.0), at(-1.0, 0.0)];
        densify(&mut coords, 0);
        assert_eq!(coords.len(), 46);
        assert!(coords.iter().all(|c| (c[0].hypot(c[1]) - 1.0).abs() < 1e-12 && c[1] > -1e-12));
        assert_eq!((coords[0][0], coords[45][0]), (1.0, -1.0));
    }

    #[test]
    fn a_full_circle_comes_back_to_its_start() {
        let mut coords = vec![at(2.0, 0.0), at(-2.0, 0.0), at(2.0, 0.0)];
        densify(&mut coords, 0);
        assert_eq!(coords.len(), 92);
        assert!(coords.iter().all(|c| (c[0].hypot(c[1]) - 2.0).abs() < 1e-12));
    }

    #[test]
    fn a_short_arc_is_seven_lines_and_carries_z_and_m_evenly() {
        let at =
            |degrees: f64, z: f64, m: f64| [degrees.to_radians().cos(), degrees.to_radians().sin(), z, m];
        let mut coords = vec![at(10.0, 1.0, 0.0), at(7.0, 5.0, 9.0), at(0.0, 3.0, 7.0)];
        densify(&mut coords, 0);
        assert_eq!(coords.len(), 8);
        for (step, found) in (0_u8..).zip(&coords) {
            let share = f64::from(step) / 7.0;
            let wanted = at(10.0 - 10.0 * share, 1.0 + 2.0 * share, 7.0 * share);
            assert!(wanted.iter().zip(found).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?}");
        }
    }

    #[test]
    fn points_on_a_line_stay_as_they_are() {
        let line = vec![at(0.0, 0.0), at(1.0, 1.0), at(2.0, 2.0)];
        let mut coords = line.clone();
        densify(&mut coords, 0);
        assert_eq!(format!("{coords:?}"), format!("{line:?}"));
    }
}
