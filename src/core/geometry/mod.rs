//! Geometries of the REST API, WKB, spatial references and predicates.
//!
//! [`Parts`] is the one in-memory form: JSON and WKB are read into it, and answers are written from
//! it. Its buffers are reused from row to row.

mod curves;
mod filter;
mod generalize;
mod json;
pub mod number;
mod parts;
mod project;
mod quantize;
mod relaxed;
mod systems;
#[cfg(test)]
mod tests;
mod wkb;
mod wkt;
mod write;

pub use filter::{FilterRequest, LinearUnit, matches, spatial_filter};
pub use json::{FilterShape, parse_filter_shape, parse_geometry};
pub use parts::{Part, Parts};
pub use project::Projector;
pub use quantize::Quantization;
pub use relaxed::parse_relaxed;
pub use systems::{is_geographic, parse_spatial_reference, same_system, spatial_reference, wire_form};
pub use wkb::{has_curves, read_wkb, write_wkb};
pub use write::{ShapeOptions, ShapeWriter, write_envelope};
