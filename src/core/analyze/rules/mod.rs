//! The rules, one file per family, and the rows that wait for something else.

mod caching;
mod editing;
mod geoprocessing;
mod item;
mod joins;
mod labels;
mod layers;
mod locator;
mod map;
mod ogc;
mod rasters;
mod server;
mod sources;
mod symbology;
mod unchecked;

pub(super) use symbology::Traits;
pub use unchecked::reason;
pub(super) use unchecked::unchecked;

use super::case::{Case, Said};
use super::{Desktop, Product, Target};

/// One row of the catalogue that we decide.
pub(super) struct Rule {
    /// The row.
    pub(super) code: u32,
    /// What it applies to.
    pub(super) products: &'static [Product],
    /// Whether only ArcMap says so.
    pub(super) arcmap: bool,
    /// Looks, and reports under the code.
    pub(super) check: fn(&Case<'_>, &mut Said<'_>, u32),
}

impl Rule {
    pub(super) fn applies(&self, target: &Target) -> bool {
        self.products.contains(&target.product) && (!self.arcmap || target.desktop == Desktop::ArcMap)
    }
}

/// Everything that shares a map.
const MAPS: &[Product] = &[
    Product::Feature,
    Product::Tile,
    Product::VectorTile,
    Product::MapImage,
    Product::MapService,
    Product::Scene,
    Product::WebMap,
    Product::Package,
];
/// Services that draw the map on a server.
const DRAWN: &[Product] = &[Product::MapImage, Product::MapService];

const fn rule(code: u32, products: &'static [Product], check: fn(&Case<'_>, &mut Said<'_>, u32)) -> Rule {
    Rule { code, products, arcmap: false, check }
}

/// A row that ArcGIS Pro does not have.
const fn arcmap(code: u32, products: &'static [Product], check: fn(&Case<'_>, &mut Said<'_>, u32)) -> Rule {
    Rule { code, products, arcmap: true, check }
}

/// Returns every rule.
pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    [
        caching::RULES,
        editing::RULES,
        geoprocessing::RULES,
        item::RULES,
        joins::RULES,
        labels::RULES,
        layers::RULES,
        locator::RULES,
        map::RULES,
        ogc::RULES,
        rasters::RULES,
        server::RULES,
        sources::RULES,
        symbology::RULES,
    ]
    .into_iter()
    .flatten()
}

/// Remarks that no catalogue has.
pub(super) fn own(case: &Case<'_>, said: &mut Said<'_>) {
    sources::time_zone(case, said);
}
