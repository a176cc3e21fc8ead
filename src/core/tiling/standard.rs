//! The scheme of ArcGIS Online, Google and Bing, which the products use unless told otherwise.

use super::{Lod, TilingScheme};
use crate::sddraft::Reference;

/// The name of the scheme's file in the products.
pub const WEB_MAP_SCHEME: &str = "ArcGIS_Online_Bing_Maps_Google_Maps.xml";
/// The corner of the first tile.
const CORNER: f64 = 20_037_508.342_787;
/// Scale and resolution of the levels; not exact halves, and digits that clients compare.
const LEVELS: [(f64, f64); 24] = [
    (591_657_527.591_555, 156_543.033_928),
    (295_828_763.795_777, 78_271.516_963_999_9),
    (147_914_381.897_889, 39_135.758_482_000_1),
    (73_957_190.948_944, 19_567.879_240_999_9),
    (36_978_595.474_472, 9_783.939_620_499_96),
    (18_489_297.737_236, 4_891.969_810_249_98),
    (9_244_648.868_618, 2_445.984_905_124_99),
    (4_622_324.434_309, 1_222.992_452_562_49),
    (2_311_162.217_155, 611.496_226_281_38),
    (1_155_581.108_577, 305.748_113_140_558),
    (577_790.554_289, 152.874_056_570_411),
    (288_895.277_144, 76.437_028_285_073_2),
    (144_447.638_572, 38.218_514_142_536_6),
    (72_223.819_286, 19.109_257_071_268_3),
    (36_111.909_643, 9.554_628_535_634_15),
    (18_055.954_822, 4.777_314_267_949_37),
    (9_027.977_411, 2.388_657_133_974_68),
    (4_513.988_705, 1.194_328_566_855_05),
    (2_256.994_353, 0.597_164_283_559_817),
    (1_128.497_176, 0.298_582_141_647_617),
    (564.248_588, 0.149_291_070_823_808_33),
    (282.124_294, 0.074_645_535_411_904_16),
    (141.062_147, 0.037_322_767_705_952_08),
    (70.531_073_5, 0.018_661_383_852_976_04),
];

impl TilingScheme {
    /// Returns the scheme of web maps: Web Mercator, the first `levels` of 24.
    ///
    /// ArcGIS Pro writes 24 levels, ArcMap 20.
    pub fn web_mercator(levels: usize) -> Self {
        let lods = LEVELS.iter().zip(0..).take(levels);
        Self {
            reference: Some(Reference::web_mercator()),
            origin: [-CORNER, CORNER],
            lods: lods
                .map(|((scale, resolution), level)| Lod { level, scale: *scale, resolution: *resolution })
                .collect(),
            ..Self::none()
        }
    }

    /// Returns the scheme of services that have no cache: no levels, no spatial reference.
    pub fn none() -> Self {
        Self {
            reference: None,
            origin: [0.0, 0.0],
            columns: 256,
            rows: 256,
            dpi: 96,
            precise_dpi: 96.0,
            lods: Vec::new(),
            format: "PNG".into(),
            quality: 0,
            antialiasing: false,
            bands: Some(1),
            lerc_error: Some(0.0),
            storage: "esriMapCacheStorageModeExploded".into(),
            packet_size: 128,
        }
    }
}
