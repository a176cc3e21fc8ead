//! How many tiles an extent needs at each level, and how much room they take.

use super::{Lod, TilingScheme};
use crate::dataset::Envelope;

/// One level of a cache over an extent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CacheLevel {
    /// The level.
    pub lod: Lod,
    /// How many tiles touch the extent.
    pub tiles: u64,
    /// The room that they may take, in MB.
    pub megabytes: u64,
}

/// The window, in pixels, in which the smallest suggested scale shows the whole extent.
const WINDOW: [f64; 2] = [640.0, 480.0];
/// The most tiles of the largest suggested scale.
const MOST_TILES: u64 = 10_000;

/// The first and the last number of the tiles between two distances from the origin.
fn span(least: f64, most: f64, tile: f64) -> u64 {
    // Casts saturate: an extent beyond all bounds has more tiles than anyone can store.
    let (first, last) = ((least / tile).floor() as i64, (most / tile).floor() as i64);
    u64::try_from(last.saturating_sub(first).saturating_add(1)).unwrap_or(0)
}

impl TilingScheme {
    /// Kilobytes that the products expect of a tile.
    ///
    /// Measured on their drafts: 3 for PNG, 4 for smoothed PNG, 6 for Mixed. JPEG is reckoned as Mixed.
    fn kilobytes(&self) -> u64 {
        match self.format.to_ascii_uppercase().as_str() {
            "MIXED" | "JPEG" => 6,
            _ if self.antialiasing => 4,
            _ => 3,
        }
    }

    /// Returns how many tiles of a level touch an extent in the scheme's spatial reference.
    pub fn tiles(&self, lod: &Lod, extent: &Envelope) -> u64 {
        let (width, height) =
            (lod.resolution * f64::from(self.columns), lod.resolution * f64::from(self.rows));
        let [left, top] = self.origin;
        let columns = span(extent.xmin - left, extent.xmax - left, width);
        let rows = span(top - extent.ymax, top - extent.ymin, height);
        columns.saturating_mul(rows)
    }

    /// Returns tiles and room of each level over an extent in the scheme's spatial reference.
    pub fn levels(&self, extent: &Envelope) -> Vec<CacheLevel> {
        let level = |lod: &Lod| {
            let tiles = self.tiles(lod, extent);
            let kilobytes = u128::from(tiles) * u128::from(self.kilobytes());
            CacheLevel { lod: *lod, tiles, megabytes: u64::try_from(kilobytes / 1024).unwrap_or(u64::MAX) }
        };
        self.lods.iter().map(level).collect()
    }

    /// Suggests the smallest and the largest scale of a cache over an extent.
    ///
    /// The products do not document their rule. This one agrees with their drafts: the whole extent fits a
    /// window of 640 by 480 pixels at the smallest scale, and the largest has at most 10000 tiles.
    pub fn suggested_scales(&self, extent: &Envelope) -> Option<(f64, f64)> {
        let (width, height) = (extent.xmax - extent.xmin, extent.ymax - extent.ymin);
        let fits = |lod: &&Lod| width <= WINDOW[0] * lod.resolution && height <= WINDOW[1] * lod.resolution;
        let smallest = self.lods.iter().rev().find(fits).or(self.lods.first())?;
        let few = |lod: &&Lod| self.tiles(lod, extent) <= MOST_TILES;
        let largest = self.lods.iter().rev().find(few).filter(|lod| lod.scale <= smallest.scale);
        Some((smallest.scale, largest.unwrap_or(smallest).scale))
    }
}
