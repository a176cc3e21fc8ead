//! Tiling schemes as XML.

use super::TilingScheme;
use crate::dataset::Envelope;
use crate::sddraft::{Markup, Reference, number};

fn flag(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

impl TilingScheme {
    /// Writes the element `CacheSchema` of a draft.
    ///
    /// `dpi_first`: whether `PreciseDPI` stands before the levels, as ArcMap has it.
    pub fn write_schema(&self, out: &mut Markup, dpi_first: bool) {
        out.open("CacheSchema", "CacheInfo");
        self.write_parts(out, dpi_first);
        out.close("CacheSchema");
    }

    fn write_parts(&self, out: &mut Markup, dpi_first: bool) {
        out.open("TileCacheInfo", "TileCacheInfo");
        if let Some(reference) = &self.reference {
            reference.write(out, "SpatialReference");
        }
        out.open("TileOrigin", "PointN")
            .leaf("X", &number(self.origin[0]))
            .leaf("Y", &number(self.origin[1]))
            .close("TileOrigin")
            .leaf("TileCols", &self.columns.to_string())
            .leaf("TileRows", &self.rows.to_string())
            .leaf("DPI", &self.dpi.to_string());
        if dpi_first {
            out.leaf("PreciseDPI", &number(self.precise_dpi));
        }
        if !self.lods.is_empty() {
            out.open("LODInfos", "ArrayOfLODInfo");
            for lod in &self.lods {
                out.open("LODInfo", "LODInfo")
                    .leaf("LevelID", &lod.level.to_string())
                    .leaf("Scale", &number(lod.scale))
                    .leaf("Resolution", &number(lod.resolution))
                    .close("LODInfo");
            }
            out.close("LODInfos");
        }
        if !dpi_first {
            out.leaf("PreciseDPI", &number(self.precise_dpi));
        }
        out.close("TileCacheInfo")
            .open("TileImageInfo", "TileImageInfo")
            .leaf("CacheTileFormat", &self.format)
            .leaf("CompressionQuality", &self.quality.to_string())
            .leaf("Antialiasing", flag(self.antialiasing));
        if let Some(bands) = self.bands {
            out.leaf("BandCount", &bands.to_string());
        }
        if let Some(error) = self.lerc_error {
            out.leaf("LERCError", &number(error));
        }
        out.close("TileImageInfo")
            .open("CacheStorageInfo", "CacheStorageInfo")
            .leaf("StorageFormat", &self.storage)
            .leaf("PacketSize", &self.packet_size.to_string())
            .close("CacheStorageInfo");
    }

    /// Writes a tiling scheme file, as `cache.configuration` takes it.
    pub fn to_xml(&self) -> String {
        let mut out = Markup::document("CacheInfo", "CacheInfo", "10.1");
        self.write_parts(&mut out, true);
        format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>{}", out.finish("CacheInfo"))
    }

    /// Writes the element `InitCacheLevels` of a draft: the tiles of every level over an extent.
    ///
    /// `shown` is the extent in the words of `reference`, `extent` the same in the scheme's reference.
    pub fn write_levels(&self, out: &mut Markup, shown: (&Envelope, &Reference), extent: &Envelope) {
        out.open("InitCacheLevels", "SVCInitialCache");
        shown.1.write_extent(out, "Extent", shown.0);
        out.leaf("ExtentsSourceFeatureClass", "").open("InitialCacheInfos", "ArrayOfSVCInitialCacheInfo");
        for level in self.levels(extent) {
            out.open("SVCInitialCacheInfo", "SVCInitialCacheInfo")
                .leaf("LevelID", &level.lod.level.to_string())
                .leaf("Scale", &number(level.lod.scale))
                .leaf("Size", &level.megabytes.to_string())
                .leaf("IsStatisticalEstimate", "false")
                .leaf("NumberOfTiles", &level.tiles.to_string())
                .close("SVCInitialCacheInfo");
        }
        out.close("InitialCacheInfos")
            .leaf("CacheMethod", "0")
            .leaf("IsFullExtent", "true")
            .close("InitCacheLevels");
    }
}
