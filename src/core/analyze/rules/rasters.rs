//! Rasters and mosaic datasets.

use super::{DRAWN, Product, Rule, arcmap, rule};

/// Below this many columns and rows overviews do not pay.
const SMALL: u64 = 1024;
const UNTOLD: &str = "nobody could look for overviews in this format";

pub(super) const RULES: &[Rule] = &[
    arcmap(10_029, DRAWN, |case, said, code| {
        for member in case.shared().filter(|member| member.is_raster()) {
            let Some(details) = member.details() else { continue };
            let large = details.raster_size.is_none_or(|(columns, rows)| columns.max(rows) > SMALL);
            match details.has_overviews {
                Some(false) if large => said.about(code, &[], member),
                None => said.unknown_for(code, UNTOLD, member),
                _ => {}
            }
        }
    }),
    rule(10_029, &[Product::Image], |case, said, code| {
        let Some(raster) = case.input.raster.filter(|raster| !raster.is_mosaic && !raster.missing) else {
            return;
        };
        let large = raster.size.is_none_or(|(columns, rows)| columns.max(rows) > SMALL);
        match raster.overviews {
            Some(false) if large => said.finding(code, &[], "", Some(&raster.path)),
            None => said.unknown(code, UNTOLD, vec![raster.path.clone()]),
            _ => {}
        }
    }),
    rule(3, &[Product::Image], |case, said, code| {
        if let Some(raster) = case.input.raster.filter(|raster| raster.missing) {
            said.finding(code, &[], &format!("there is no `{}`", raster.path), Some(&raster.path));
        }
    }),
    rule(20_028, &[Product::Image], |case, said, code| {
        let known =
            |raster: &&super::super::RasterFacts| !raster.missing && raster.spatial_reference.is_none();
        if let Some(raster) = case.input.raster.filter(known) {
            said.finding(code, &[], "", Some(&raster.path));
        }
    }),
];
