//! Tiles: coordinate systems of schemes, maps and rasters.

use super::map::{differ, name_of};
use super::{Case, Product, Rule, rule};
use crate::cim::items;
use crate::dataset::SpatialReference;

const TILED: &[Product] =
    &[Product::Tile, Product::VectorTile, Product::MapImage, Product::MapService, Product::Image];
const WEB_TILED: &[Product] = &[Product::Tile, Product::MapImage];

pub(super) const RULES: &[Rule] = &[
    rule(79, TILED, |case, said, code| {
        let Some(scheme) = scheme(case) else { return };
        // Tile layers are projected while they are made; servers draw tiles only of their own system.
        let projects =
            matches!(case.target.product, Product::Tile | Product::VectorTile) && is_common(&scheme);
        let own = match case.input.raster {
            Some(raster) => raster.spatial_reference.clone(),
            None => case.input.map.and_then(crate::project::Map::spatial_reference),
        };
        if let Some(own) = own.filter(|own| !projects && differ(own, &scheme)) {
            let why = format!("{} against {}", name_of(&scheme), name_of(&own));
            said.finding(code, &[], &why, None);
        }
    }),
    rule(155, WEB_TILED, |case, said, code| {
        let Some(own) = unlike(case, is_web_mercator) else { return };
        let transforms = case.map().map_or(0, |map| items(map, "datumTransforms").len());
        // Only a system of a known other datum needs a transformation.
        if transforms == 0 && has_other_datum(&own) {
            said.say(code, &[]);
        }
    }),
    rule(20_034, &[Product::Tile, Product::VectorTile, Product::MapImage], |case, said, code| {
        if unlike(case, is_web_mercator).is_some() {
            said.say(code, &[]);
        }
    }),
    rule(20_054, &[Product::Tile, Product::VectorTile, Product::Scene], |case, said, code| {
        if unlike(case, |it| ids(it).contains(&4326)).is_some() {
            said.say(code, &[]);
        }
    }),
];

fn scheme(case: &Case<'_>) -> Option<SpatialReference> {
    let wkid = case.target.tiling_wkid.filter(|_| case.target.cached)?;
    Some(SpatialReference { wkid: Some(wkid), latest_wkid: None, wkt: None })
}

fn ids(reference: &SpatialReference) -> Vec<u32> {
    [reference.wkid, reference.latest_wkid].into_iter().flatten().collect()
}

fn is_web_mercator(reference: &SpatialReference) -> bool {
    ids(reference).iter().any(|id| matches!(id, 3857 | 102_100 | 102_113 | 900_913))
}

fn is_common(reference: &SpatialReference) -> bool {
    is_web_mercator(reference) || ids(reference).contains(&4326)
}

/// The map's system where the scheme is of a kind and the map is in another.
fn unlike(case: &Case<'_>, kind: impl Fn(&SpatialReference) -> bool) -> Option<SpatialReference> {
    let scheme = scheme(case).filter(|scheme| kind(scheme))?;
    let own = case.input.map.and_then(crate::project::Map::spatial_reference)?;
    differ(&own, &scheme).then_some(own)
}

/// Systems whose datum is surely neither WGS 1984 nor one that Pro takes for the same.
fn has_other_datum(reference: &SpatialReference) -> bool {
    let datum = reference.wkt.as_deref().and_then(|wkt| {
        let (_, rest) = wkt.split_once("DATUM[\"")?;
        rest.split('"').next()
    });
    match datum {
        Some(name) => !name.contains("WGS_1984") && !name.contains("ITRF"),
        None => ids(reference).iter().any(|id| {
            // NAD 1927, ED 1950, OSGB 1936, Pulkovo 1942, Tokyo and their grids.
            matches!(*id, 4267 | 4230 | 4277 | 4284 | 4301 | 27_700 | 26_701..=26_722 | 23_028..=23_038 | 28_402..=28_432)
        }),
    }
}
