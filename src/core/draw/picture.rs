//! Pictures as files.

use tiny_skia::Pixmap;

use super::{Canvas, Color};
use crate::{Error, Result};

/// The forms that pictures are written in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PictureFormat {
    /// PNG with 32 bits to a pixel.
    Png,
    /// JPEG; what is transparent becomes white.
    Jpeg,
}

impl PictureFormat {
    /// Reads the names of the REST API; nothing for those that are not written.
    pub fn find(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().as_str() {
            "png" | "png8" | "png24" | "png32" => Some(Self::Png),
            "jpg" | "jpeg" => Some(Self::Jpeg),
            _ => None,
        }
    }

    /// Returns the media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }

    /// Returns the suffix of files.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
        }
    }
}

const QUALITY: u8 = 85;

impl Canvas {
    /// Writes the picture as PNG.
    pub fn to_png(&self) -> Result<Vec<u8>> {
        png(&self.pixels)
    }

    /// Writes the picture.
    pub fn to_bytes(&self, format: PictureFormat) -> Result<Vec<u8>> {
        match format {
            PictureFormat::Png => self.to_png(),
            PictureFormat::Jpeg => self.to_jpeg(),
        }
    }

    fn to_jpeg(&self) -> Result<Vec<u8>> {
        let (width, height) = (self.pixels.width(), self.pixels.height());
        let mut solid = Pixmap::new(width, height).ok_or_else(|| Error::limit("no memory for a picture"))?;
        solid.fill(Color::WHITE.to_skia());
        let (paint, at) = (tiny_skia::PixmapPaint::default(), tiny_skia::Transform::identity());
        solid.draw_pixmap(0, 0, self.pixels.as_ref(), &paint, at, None);
        let side = |side: u32| {
            u16::try_from(side).map_err(|_| Error::invalid(format!("a JPEG cannot be {side} pixels wide")))
        };
        let mut out = Vec::new();
        jpeg_encoder::Encoder::new(&mut out, QUALITY)
            .encode(solid.data(), side(width)?, side(height)?, jpeg_encoder::ColorType::Rgba)
            .map_err(|error| Error::internal("cannot write a picture").because(error))?;
        Ok(out)
    }
}

/// Writes pixels as PNG, fast rather than small: maps are drawn on request.
pub(super) fn png(pixels: &Pixmap) -> Result<Vec<u8>> {
    let failed = |error: png::EncodingError| Error::internal("cannot write a picture").because(error);
    let mut straight = Vec::with_capacity(pixels.data().len());
    for pixel in pixels.pixels() {
        let color = pixel.demultiply();
        straight.extend([color.red(), color.green(), color.blue(), color.alpha()]);
    }
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, pixels.width(), pixels.height());
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(&straight).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(out)
}
