//! Tiling schemes: which levels a cache has, how its tiles are drawn and stored, and how many there are.
//!
//! The same description stands in a draft (`CacheSchema`), in a service definition (`tilingservice.xml`) and
//! in the tiling scheme files that `cache.configuration` names.

mod extent;
mod levels;
mod read;
mod standard;
mod write;

#[cfg(test)]
mod tests;

pub use extent::project_extent;
pub use levels::CacheLevel;
pub use standard::WEB_MAP_SCHEME;

use crate::sddraft::Reference;

/// One level of detail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lod {
    /// Its number.
    pub level: u32,
    /// The scale: 1 to this.
    pub scale: f64,
    /// Units of the spatial reference in one pixel.
    pub resolution: f64,
}

/// How a cache cuts the world into tiles.
#[derive(Clone, Debug, PartialEq)]
pub struct TilingScheme {
    /// The spatial reference; none in drafts of feature layers.
    pub reference: Option<Reference>,
    /// The upper left corner of the first tile.
    pub origin: [f64; 2],
    /// Pixels of a tile from left to right.
    pub columns: u32,
    /// Pixels of a tile from top to bottom.
    pub rows: u32,
    /// Dots an inch.
    pub dpi: u32,
    /// Dots an inch, exactly.
    pub precise_dpi: f64,
    /// The levels, from small scales to large ones.
    pub lods: Vec<Lod>,
    /// `PNG`, `PNG8`, `PNG24`, `PNG32`, `JPEG`, `Mixed`, `LERC`.
    pub format: String,
    /// JPEG quality, 0 to 100.
    pub quality: u32,
    /// Whether lines are smoothed.
    pub antialiasing: bool,
    /// Bands of a tile; none where the file does not say.
    pub bands: Option<u32>,
    /// The error that LERC may make; none where the file does not say.
    pub lerc_error: Option<f64>,
    /// `esriMapCacheStorageModeCompactV2`, `...Compact` or `...Exploded`.
    pub storage: String,
    /// Tiles in a row of a bundle.
    pub packet_size: u32,
}

impl TilingScheme {
    /// Returns the smallest and the largest scale that has a level.
    pub fn scales(&self) -> Option<(f64, f64)> {
        Some((self.lods.first()?.scale, self.lods.last()?.scale))
    }

    /// Sets the format, quality and antialiasing of the tiles.
    #[must_use]
    pub fn drawn(mut self, format: &str, quality: u32, antialiasing: bool) -> Self {
        (self.format, self.quality, self.antialiasing) = (format.to_owned(), quality, antialiasing);
        self
    }

    /// Sets how tiles are stored: `CompactV2`, `Compact` or `Exploded`.
    #[must_use]
    pub fn stored(mut self, mode: &str) -> Self {
        self.storage = format!("esriMapCacheStorageMode{mode}");
        self
    }
}
