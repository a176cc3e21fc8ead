//! Features to pixels: thumbnails, and the maps that map services draw.
//!
//! Draws the symbols that the REST API knows (`esriSMS`, `esriSLS`, `esriSFS`, `esriPMS`) by simple,
//! unique value and class breaks renderers. Not drawn: labels, CIM symbols, visual variables.

mod clip;
mod features;
mod picture;
mod style;
mod swatch;
mod symbol;
mod trace;

pub use features::draw_features;
pub use picture::PictureFormat;
pub use style::Style;
pub use swatch::swatch;
pub use symbol::{Color, LineSymbol, MarkerShape, Symbol};

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use tiny_skia::{
    FillRule, LineCap, LineJoin, Paint, PathBuilder, Pixmap, PixmapPaint, Stroke, StrokeDash, Transform,
};

use crate::dataset::{Envelope, GEOMETRY_COLUMN};
use crate::{Error, Result};
use clip::Window;
use trace::{Shape, trace};

/// Projects a position into the spatial reference of the picture; `None` where that is not possible.
pub type Projection<'a> = dyn Fn(f64, f64) -> Option<(f64, f64)> + 'a;

/// A picture of a part of the world.
#[derive(Debug)]
pub struct Canvas {
    pixels: Pixmap,
    scale: f64,
    west: f64,
    north: f64,
    window: Window,
}

/// Widest outline that is drawn without a cut at the sides of the picture.
const MARGIN: f64 = 64.0;

impl Canvas {
    /// Makes an empty picture that shows at least `extent`.
    ///
    /// # Errors
    /// [`crate::Kind::InvalidInput`] for a size of nothing or a picture too large for memory.
    pub fn new(extent: &Envelope, width: u32, height: u32, background: Color) -> Result<Self> {
        let too_large = || Error::invalid(format!("a picture of {width} by {height} pixels cannot be drawn"));
        if width > 8192 || height > 8192 {
            return Err(too_large());
        }
        let mut pixels = Pixmap::new(width, height).ok_or_else(too_large)?;
        pixels.fill(background.to_skia());
        let finite = [extent.xmin, extent.ymin, extent.xmax, extent.ymax].iter().all(|side| side.is_finite());
        let (wide, tall) = (extent.xmax - extent.xmin, extent.ymax - extent.ymin);
        // A single point has no extent; one unit around it is as good as any.
        let (wide, tall) = if !finite || (wide <= 0.0 && tall <= 0.0) { (2.0, 2.0) } else { (wide, tall) };
        let scale = (f64::from(width) / wide.max(f64::MIN_POSITIVE))
            .min(f64::from(height) / tall.max(f64::MIN_POSITIVE))
            .min(1e300);
        let middle = (f64::midpoint(extent.xmin, extent.xmax), f64::midpoint(extent.ymin, extent.ymax));
        Ok(Self {
            pixels,
            scale,
            west: middle.0 - f64::from(width) / 2.0 / scale,
            north: middle.1 + f64::from(height) / 2.0 / scale,
            window: Window::new(width, height, MARGIN),
        })
    }

    /// The part of the world that is shown: what was asked for, widened to the shape of the picture.
    pub fn extent(&self) -> Envelope {
        let (width, height) = (f64::from(self.pixels.width()), f64::from(self.pixels.height()));
        Envelope {
            xmin: self.west,
            ymin: self.north - height / self.scale,
            xmax: self.west + width / self.scale,
            ymax: self.north,
        }
    }

    /// Units of the world to a pixel.
    pub fn resolution(&self) -> f64 {
        1.0 / self.scale
    }

    /// Makes an empty picture of the same part of the world, to be laid over this one.
    pub fn layer(&self) -> Result<Self> {
        let (width, height) = (self.pixels.width(), self.pixels.height());
        let pixels = Pixmap::new(width, height).ok_or_else(|| Error::limit("no memory for a picture"))?;
        Ok(Self { pixels, ..*self })
    }

    /// Lays another picture over this one; `opacity` between 0 and 1.
    pub fn lay(&mut self, over: &Self, opacity: f32) {
        let paint = PixmapPaint { opacity: opacity.clamp(0.0, 1.0), ..PixmapPaint::default() };
        self.pixels.draw_pixmap(0, 0, over.pixels.as_ref(), &paint, Transform::identity(), None);
    }

    /// Draws one geometry; tells whether there was anything to draw.
    pub fn draw_wkb(&mut self, wkb: &[u8], symbol: &Symbol, projection: &Projection<'_>) -> bool {
        let place = |x: f64, y: f64| {
            let (x, y) = projection(x, y)?;
            Some(((x - self.west) * self.scale, (self.north - y) * self.scale))
        };
        let Some(shape) = trace(wkb, &self.window, &place) else { return false };
        self.paint(&shape, symbol);
        true
    }

    /// Draws one point.
    pub fn draw_point(&mut self, x: f64, y: f64, symbol: &Symbol, projection: &Projection<'_>) -> bool {
        let Some((x, y)) = projection(x, y) else { return false };
        let (x, y) = ((x - self.west) * self.scale, (self.north - y) * self.scale);
        if !x.is_finite() || !y.is_finite() || !self.window.holds(x, y) {
            return false;
        }
        self.paint(&Shape::Points(vec![(x as f32, y as f32)]), symbol);
        true
    }

    /// Draws the features of a batch and returns how many had a geometry.
    pub fn draw(&mut self, batch: &RecordBatch, style: &Style, projection: &Projection<'_>) -> usize {
        let Some(column) = batch.column_by_name(GEOMETRY_COLUMN) else { return 0 };
        let choice = style.over(batch);
        let mut drawn = 0;
        for row in 0..batch.num_rows() {
            let Some(wkb) = bytes_at(column.as_ref(), row) else { continue };
            let Some(symbol) = choice.symbol(row) else { continue };
            drawn += usize::from(self.draw_wkb(wkb, symbol, projection));
        }
        drawn
    }

    fn paint(&mut self, shape: &Shape, symbol: &Symbol) {
        match (shape, symbol) {
            (Shape::Points(points), Symbol::Picture { pixels, width, height }) => {
                for (x, y) in points {
                    self.picture(pixels, *x, *y, *width, *height);
                }
            }
            (Shape::Points(points), symbol) => {
                for (x, y) in points {
                    self.marker(*x, *y, symbol);
                }
            }
            (Shape::Area(path), Symbol::Fill { color, outline }) => {
                if color.alpha > 0 {
                    self.pixels.fill_path(
                        path,
                        &color.to_paint(),
                        FillRule::EvenOdd,
                        Transform::identity(),
                        None,
                    );
                }
                if let Some(outline) = outline {
                    self.line(path, outline);
                }
            }
            (Shape::Area(path) | Shape::Lines(path), Symbol::Line(line))
            | (Shape::Lines(path), Symbol::Fill { outline: Some(line), .. }) => self.line(path, line),
            (Shape::Area(path) | Shape::Lines(path), Symbol::Marker { color, .. }) => {
                self.line(path, &LineSymbol { color: *color, width: 1.0, dashes: Vec::new() });
            }
            (Shape::Area(_) | Shape::Lines(_), _) => {}
        }
    }

    fn line(&mut self, path: &tiny_skia::Path, line: &LineSymbol) {
        if line.color.alpha == 0 || line.width <= 0.0 {
            return;
        }
        let stroke = Stroke {
            width: line.width.max(0.4),
            line_cap: LineCap::Round,
            line_join: LineJoin::Round,
            dash: StrokeDash::new(line.dashes.clone(), 0.0),
            ..Stroke::default()
        };
        self.pixels.stroke_path(path, &line.color.to_paint(), &stroke, Transform::identity(), None);
    }

    fn marker(&mut self, x: f32, y: f32, symbol: &Symbol) {
        let (shape, size, color, outline) = match symbol {
            Symbol::Marker { shape, size, color, outline } => (*shape, *size, *color, outline.as_ref()),
            Symbol::Line(line) => (MarkerShape::Circle, line.width, line.color, None),
            Symbol::Fill { color, outline } => (MarkerShape::Circle, 4.0, *color, outline.as_ref()),
            Symbol::Picture { .. } => return,
        };
        let Some(path) = marker_path(shape, x, y, size.clamp(1.0, 200.0) / 2.0) else { return };
        if shape.is_open() {
            let width = outline.map_or(1.0, |line| line.width.max(1.0));
            self.line(
                &path,
                &LineSymbol { color: outline.map_or(color, |line| line.color), width, dashes: Vec::new() },
            );
            return;
        }
        if color.alpha > 0 {
            self.pixels.fill_path(&path, &color.to_paint(), FillRule::Winding, Transform::identity(), None);
        }
        if let Some(outline) = outline {
            self.line(&path, outline);
        }
    }

    fn picture(&mut self, pixels: &Pixmap, x: f32, y: f32, width: f32, height: f32) {
        let (sx, sy) = (width / pixels.width() as f32, height / pixels.height() as f32);
        let transform = Transform::from_row(sx, 0.0, 0.0, sy, x - width / 2.0, y - height / 2.0);
        self.pixels.draw_pixmap(0, 0, pixels.as_ref(), &PixmapPaint::default(), transform, None);
    }
}

impl Color {
    fn to_skia(self) -> tiny_skia::Color {
        tiny_skia::Color::from_rgba8(self.red, self.green, self.blue, self.alpha)
    }

    fn to_paint(self) -> Paint<'static> {
        let mut paint = Paint::default();
        paint.set_color(self.to_skia());
        paint.anti_alias = true;
        paint
    }
}

fn marker_path(shape: MarkerShape, x: f32, y: f32, half: f32) -> Option<tiny_skia::Path> {
    let mut path = PathBuilder::new();
    let mut ring = |corners: &[(f32, f32)]| {
        for (index, (dx, dy)) in corners.iter().enumerate() {
            let (x, y) = (x + dx * half, y + dy * half);
            if index == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
        }
        path.close();
    };
    match shape {
        MarkerShape::Circle => return PathBuilder::from_circle(x, y, half),
        MarkerShape::Square => ring(&[(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]),
        MarkerShape::Diamond => ring(&[(0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)]),
        MarkerShape::Triangle => ring(&[(0.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]),
        MarkerShape::Cross => {
            ring(&[(-1.0, 0.0), (1.0, 0.0)]);
            ring(&[(0.0, -1.0), (0.0, 1.0)]);
        }
        MarkerShape::X => {
            ring(&[(-1.0, -1.0), (1.0, 1.0)]);
            ring(&[(-1.0, 1.0), (1.0, -1.0)]);
        }
    }
    path.finish()
}

fn bytes_at(column: &dyn Array, row: usize) -> Option<&[u8]> {
    if column.is_null(row) {
        return None;
    }
    match column.data_type() {
        DataType::Binary => Some(column.as_binary::<i32>().value(row)),
        DataType::LargeBinary => Some(column.as_binary::<i64>().value(row)),
        DataType::BinaryView => Some(column.as_binary_view().value(row)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
