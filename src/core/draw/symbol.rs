//! Symbols of the REST API.

use base64::Engine as _;
use serde_json::Value;
use tiny_skia::Pixmap;

/// Pixels to a point at 96 dots per inch.
const PIXELS: f64 = 96.0 / 72.0;
/// Largest picture that a symbol may carry.
const MAX_PICTURE: usize = 4 << 20;

/// A colour with opacity.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Color {
    /// 0 to 255.
    pub red: u8,
    /// 0 to 255.
    pub green: u8,
    /// 0 to 255.
    pub blue: u8,
    /// 0 is invisible, 255 opaque.
    pub alpha: u8,
}

impl Color {
    /// Opaque white.
    pub const WHITE: Self = Self { red: 255, green: 255, blue: 255, alpha: 255 };

    /// Reads `[r, g, b, a]`; `None` counts as invisible.
    pub fn from_json(value: &Value) -> Option<Self> {
        let part = |index: usize| value.get(index)?.as_f64().map(|part| part.clamp(0.0, 255.0).round() as u8);
        Some(Self { red: part(0)?, green: part(1)?, blue: part(2)?, alpha: part(3).unwrap_or(255) })
    }
}

/// Shape of a simple marker.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MarkerShape {
    /// `esriSMSCircle`.
    Circle,
    /// `esriSMSSquare`.
    Square,
    /// `esriSMSDiamond`.
    Diamond,
    /// `esriSMSTriangle`.
    Triangle,
    /// `esriSMSCross`.
    Cross,
    /// `esriSMSX`.
    X,
}

impl MarkerShape {
    /// Tells whether the marker has no inside.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Cross | Self::X)
    }
}

/// A line: sizes in pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct LineSymbol {
    /// Colour.
    pub color: Color,
    /// Width in pixels.
    pub width: f32,
    /// Lengths of dashes and gaps in pixels; empty for solid lines.
    pub dashes: Vec<f32>,
}

/// How one feature looks.
#[derive(Clone, Debug, PartialEq)]
pub enum Symbol {
    /// `esriSMS`.
    Marker {
        /// Shape.
        shape: MarkerShape,
        /// Width and height in pixels.
        size: f32,
        /// Colour of the inside.
        color: Color,
        /// Line around it.
        outline: Option<LineSymbol>,
    },
    /// `esriSLS`.
    Line(LineSymbol),
    /// `esriSFS`, hatches as half transparent fills.
    Fill {
        /// Colour of the inside.
        color: Color,
        /// Line around it.
        outline: Option<LineSymbol>,
    },
    /// `esriPMS`.
    Picture {
        /// The decoded picture.
        pixels: Pixmap,
        /// Width on the canvas.
        width: f32,
        /// Height on the canvas.
        height: f32,
    },
}

impl Symbol {
    /// Makes the symbol larger or smaller, as pictures of another resolution need it.
    #[must_use]
    pub fn scaled(self, factor: f32) -> Self {
        let wide = |line: LineSymbol| LineSymbol {
            width: line.width * factor,
            dashes: line.dashes.iter().map(|dash| dash * factor).collect(),
            ..line
        };
        match self {
            Self::Marker { shape, size, color, outline } => {
                Self::Marker { shape, size: size * factor, color, outline: outline.map(wide) }
            }
            Self::Line(line) => Self::Line(wide(line)),
            Self::Fill { color, outline } => Self::Fill { color, outline: outline.map(wide) },
            Self::Picture { pixels, width, height } => {
                Self::Picture { pixels, width: width * factor, height: height * factor }
            }
        }
    }

    /// Reads a symbol; `None` for kinds that are not drawn.
    pub fn from_json(value: &Value) -> Option<Self> {
        let kind = value.get("type")?.as_str()?;
        let color = value.get("color").and_then(Color::from_json).unwrap_or_default();
        let outline = value.get("outline").and_then(line);
        let style = value.get("style").and_then(Value::as_str).unwrap_or_default();
        match kind {
            "esriSMS" => Some(Self::Marker {
                shape: match style {
                    "esriSMSSquare" => MarkerShape::Square,
                    "esriSMSDiamond" => MarkerShape::Diamond,
                    "esriSMSTriangle" => MarkerShape::Triangle,
                    "esriSMSCross" => MarkerShape::Cross,
                    "esriSMSX" => MarkerShape::X,
                    _ => MarkerShape::Circle,
                },
                size: points(value, "size").unwrap_or(5.0),
                color,
                outline,
            }),
            "esriSLS" => line(value).map(Self::Line),
            "esriSFS" => Some(Self::Fill {
                color: match style {
                    "esriSFSNull" => Color::default(),
                    "esriSFSSolid" | "" => color,
                    _ => Color { alpha: color.alpha / 2, ..color },
                },
                outline,
            }),
            "esriPFS" => {
                Some(Self::Fill { color: Color { red: 160, green: 160, blue: 160, alpha: 128 }, outline })
            }
            "esriPMS" => picture(value),
            _ => None,
        }
    }
}

fn points(value: &Value, key: &str) -> Option<f32> {
    value.get(key)?.as_f64().filter(|size| size.is_finite()).map(|size| (size * PIXELS) as f32)
}

fn line(value: &Value) -> Option<LineSymbol> {
    let style = value.get("style").and_then(Value::as_str).unwrap_or_default();
    if style == "esriSLSNull" {
        return None;
    }
    let width = points(value, "width").unwrap_or(1.0);
    let unit = width.max(1.0);
    let dashes = match style {
        "esriSLSDash" => vec![4.0 * unit, 3.0 * unit],
        "esriSLSDot" => vec![unit, 2.0 * unit],
        "esriSLSDashDot" => vec![4.0 * unit, 2.0 * unit, unit, 2.0 * unit],
        "esriSLSDashDotDot" => vec![4.0 * unit, 2.0 * unit, unit, 2.0 * unit, unit, 2.0 * unit],
        _ => Vec::new(),
    };
    Some(LineSymbol { color: Color::from_json(value.get("color")?)?, width, dashes })
}

fn picture(value: &Value) -> Option<Symbol> {
    let data = value.get("imageData")?.as_str().filter(|data| data.len() <= MAX_PICTURE)?;
    let bytes = base64::engine::general_purpose::STANDARD.decode(data).ok()?;
    let pixels = Pixmap::decode_png(&bytes).ok()?;
    let width = points(value, "width").unwrap_or(pixels.width() as f32);
    let height = points(value, "height").unwrap_or(pixels.height() as f32);
    Some(Symbol::Picture { pixels, width: width.clamp(1.0, 200.0), height: height.clamp(1.0, 200.0) })
}
