//! Whole-number coordinates on the grid of a client's view.

use serde_json::Value;

use super::number::{push_f64, push_text};
use super::project::Projector;
use super::relaxed::parse_relaxed;
use super::systems::spatial_reference;
use crate::dataset::{Envelope, SpatialReference};
use crate::{Error, Result};

/// `quantizationParameters` of a query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantization {
    /// Where the grid begins.
    pub origin: [f64; 2],
    /// Size of a cell in units of the output spatial reference.
    pub tolerance: f64,
    /// Whether rows are counted down from the top.
    pub upper_left: bool,
}

impl Quantization {
    /// Reads the parameter; `None` when it is empty or says nothing that we use.
    pub fn parse(text: &str, out: &SpatialReference) -> Result<Option<Self>> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        let value = parse_relaxed(text)?;
        let tolerance = value.get("tolerance").and_then(Value::as_f64).unwrap_or(1.0);
        if !(tolerance.is_finite() && tolerance > 0.0) {
            return Err(Error::invalid("'quantizationParameters' has a `tolerance` that is not positive"));
        }
        let Some(extent) = value.get("extent").filter(|extent| extent.is_object()) else {
            return Ok(None);
        };
        let side = |name: &str| {
            let number = extent.get(name).and_then(Value::as_f64);
            number.ok_or_else(|| Error::invalid(format!("'quantizationParameters' has no number `{name}`")))
        };
        let mut envelope =
            Envelope { xmin: side("xmin")?, ymin: side("ymin")?, xmax: side("xmax")?, ymax: side("ymax")? };
        if let Some(reference) = extent.get("spatialReference")
            && let Some(reference) = spatial_reference(reference)?
            && let Some(projector) = Projector::new(&reference, out)?
        {
            envelope = projector.envelope(envelope).unwrap_or(envelope);
        }
        let upper_left = value.get("originPosition").and_then(Value::as_str) != Some("lowerLeft");
        let origin = [envelope.xmin, if upper_left { envelope.ymax } else { envelope.ymin }];
        Ok(Some(Self { origin, tolerance, upper_left }))
    }

    /// Puts a coordinate on the grid.
    pub fn cell(&self, x: f64, y: f64) -> [i64; 2] {
        let down = if self.upper_left { self.origin[1] - y } else { y - self.origin[1] };
        [((x - self.origin[0]) / self.tolerance).round() as i64, (down / self.tolerance).round() as i64]
    }

    /// Appends the `transform` object of an answer.
    pub fn push_transform(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"originPosition\":");
        push_text(out, if self.upper_left { "upperLeft" } else { "lowerLeft" });
        out.extend_from_slice(b",\"scale\":[");
        push_f64(out, self.tolerance);
        out.push(b',');
        push_f64(out, self.tolerance);
        out.extend_from_slice(b"],\"translate\":[");
        push_f64(out, self.origin[0]);
        out.push(b',');
        push_f64(out, self.origin[1]);
        out.extend_from_slice(b"]}");
    }
}
