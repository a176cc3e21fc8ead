//! CIM renderers and symbols as the `drawingInfo` of the REST API.
//!
//! The simple form (`esriSFS`, `esriSLS`, `esriSMS`, `esriPMS`) is given, which every client
//! draws. What it cannot say is approximated by the nearest plain symbol, with a [`Finding`]:
//! dictionary, heat map and chart renderers, symbol effects, fonts of character markers.

mod labels;
mod marker;
mod renderer;
mod symbol;
#[cfg(test)]
mod tests;
mod visual;

use serde_json::{Value, json};

use super::{get, number};
use crate::analyze::{Finding, Severity};
use crate::dataset::GeometryType;
use crate::project::Layer;

/// A layer's `drawingInfo` and what could not be carried over.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    /// `renderer`, `transparency` and `labelingInfo` of the REST API.
    pub info: Value,
    /// Whether labels are on; belongs beside `drawingInfo`, as `showLabels`.
    pub show_labels: bool,
    /// What was approximated.
    pub findings: Vec<Finding>,
}

/// Gathers findings while a layer is converted; each text once.
pub(super) struct Notes {
    layer: String,
    findings: Vec<Finding>,
}

impl Notes {
    pub(super) fn warn(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.findings.iter().any(|finding| finding.text == text) {
            self.findings.push(Finding::new(Severity::Warning, 0, text).about(self.layer.clone()));
        }
    }
}

/// Returns the REST `drawingInfo` of a feature layer: `renderer`, `transparency`, `labelingInfo`.
pub fn drawing_info(layer: &Layer) -> Value {
    drawing_info_for(layer, None).info
}

/// Converts a feature layer; the geometry of its data decides what is drawn where its own symbol
/// says nothing.
pub fn drawing_info_for(layer: &Layer, geometry: Option<GeometryType>) -> Drawing {
    let geometry = geometry.unwrap_or_else(|| match super::build::geometry_of(&layer.definition) {
        Some("point") => GeometryType::Point,
        Some("line") => GeometryType::Polyline,
        _ => GeometryType::Polygon,
    });
    let mut notes = Notes { layer: layer.long_name.clone(), findings: Vec::new() };
    let renderer = match layer.renderer() {
        Some(renderer) => renderer::convert(renderer, geometry, &mut notes),
        None => renderer::plain(geometry),
    };
    let transparency = number(&layer.definition, "transparency").unwrap_or_default();
    let labels = labels::convert(&layer.definition, geometry, &mut notes);
    let info = json!({
        "renderer": renderer,
        "scaleSymbols": get(&layer.definition, "scaleSymbols").cloned().unwrap_or(Value::Bool(false)),
        "transparency": transparency.round().clamp(0.0, 100.0) as i64,
        "labelingInfo": labels,
    });
    Drawing { info, show_labels: layer.labels_visible, findings: notes.findings }
}

/// Rounds to what the REST API shows, so that 4.0000000001 becomes 4.
pub(super) fn tidy(value: f64) -> Value {
    let rounded = (value * 10_000.0).round() / 10_000.0;
    if rounded.fract() == 0.0 && rounded.abs() < 1e15 { json!(rounded as i64) } else { json!(rounded) }
}
