//! Symbols as small pictures, for legends.

use serde_json::Value;
use tiny_skia::PathBuilder;

use super::trace::Shape;
use super::{Canvas, Color, Symbol};
use crate::Result;
use crate::dataset::{Envelope, GeometryType};

/// Draws a symbol of the REST API on a transparent ground, as PNG; an empty picture for symbols that
/// are not drawn.
///
/// # Errors
/// [`crate::Kind::InvalidInput`] for a size of nothing.
pub fn swatch(symbol: &Value, geometry: GeometryType, width: u32, height: u32) -> Result<Vec<u8>> {
    let around = Envelope { xmin: 0.0, ymin: 0.0, xmax: f64::from(width), ymax: f64::from(height) };
    let mut canvas = Canvas::new(&around, width, height, Color::default())?;
    let (right, bottom) = (width as f32, height as f32);
    if let Some(symbol) = Symbol::from_json(symbol) {
        let symbol = fitted(symbol, right.min(bottom));
        let mut path = PathBuilder::new();
        let shape = match geometry {
            GeometryType::Point | GeometryType::Multipoint => {
                Some(Shape::Points(vec![(right / 2.0, bottom / 2.0)]))
            }
            GeometryType::Polyline => {
                path.move_to(1.0, bottom / 2.0);
                path.line_to(right - 1.0, bottom / 2.0);
                path.finish().map(Shape::Lines)
            }
            GeometryType::Polygon | GeometryType::MultiPatch => {
                for (index, (x, y)) in
                    [(2.0, 3.0), (right - 2.0, 3.0), (right - 2.0, bottom - 3.0), (2.0, bottom - 3.0)]
                        .into_iter()
                        .enumerate()
                {
                    if index == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
                }
                path.close();
                path.finish().map(Shape::Area)
            }
        };
        if let Some(shape) = shape {
            canvas.paint(&shape, &symbol);
        }
    }
    canvas.to_png()
}

/// Makes markers fit into the picture.
fn fitted(symbol: Symbol, side: f32) -> Symbol {
    match symbol {
        Symbol::Marker { shape, size, color, outline } => {
            Symbol::Marker { shape, size: size.min(side - 2.0), color, outline }
        }
        Symbol::Picture { pixels, width, height } => {
            let factor = (side / width.max(height)).min(1.0);
            Symbol::Picture { pixels, width: width * factor, height: height * factor }
        }
        other => other,
    }
}
