//! Which layers a service can hold.

use super::{DRAWN, MAPS, Product, Rule, arcmap, rule};
use crate::analyze::case::Member;
use crate::dataset::GeometryType;
use crate::project::LayerKind;

const SERVED: &[Product] = &[
    Product::Feature,
    Product::Tile,
    Product::VectorTile,
    Product::MapImage,
    Product::MapService,
    Product::Scene,
];

pub(super) const RULES: &[Rule] = &[
    rule(5, &[Product::Feature, Product::MapImage, Product::MapService], |case, said, code| {
        if case.target.product == Product::Feature {
            for member in case.feature_layers() {
                let Some(dataset) = member.dataset() else { continue };
                let why = match dataset.geometry_type {
                    None => "its data has no geometry",
                    Some(GeometryType::MultiPatch) => "multipatches are shared as scene layers",
                    Some(_) => continue,
                };
                said.because(code, &[], member, why);
            }
        } else if case.target.desktop == crate::analyze::Desktop::ArcMap {
            let flat = |member: &&Member<'_>| {
                matches!(member.kind(), Some(LayerKind::Scene | LayerKind::VectorTile))
            };
            for member in case.members.iter().filter(flat) {
                said.because(code, &[], member, member.type_name());
            }
        }
    }),
    rule(102, SERVED, |case, said, code| {
        let Some(map) = case.input.map else { return };
        if case.members.is_empty() {
            return;
        }
        let product = case.target.product;
        if !case.shared().any(|member| fits(product, member)) {
            said.say(code, &[&map.name, product.title()]);
        }
        for (extension, title) in [("WFSServer", "WFS"), ("WCSServer", "WCS"), ("WMSServer", "WMS")] {
            let draws = |member: &Member<'_>| match extension {
                "WFSServer" => is_features(member),
                "WCSServer" => member.is_raster(),
                _ => is_features(member) || member.is_raster(),
            };
            if case.target.extension(extension).is_some() && !case.shared().any(draws) {
                said.say(code, &[&map.name, title]);
            }
        }
    }),
    rule(407, &[Product::MapImage, Product::WebMap], |case, said, code| {
        for member in case.members.iter().filter(|member| member.type_name() == "CIMCatalogLayer") {
            if case.target.cached {
                said.about(code, &[], member);
            }
        }
    }),
    rule(24_078, MAPS, |case, said, code| {
        if matches!(case.target.product, Product::WebMap | Product::Package) {
            return;
        }
        for member in case.members.iter().filter(|member| !member.is_group() && !case.keeps(member)) {
            let what = if member.is_table() || member.is_feature_layer() || !member.is_service() {
                member.type_name().to_owned()
            } else if member.kind() == Some(LayerKind::Feature) {
                format!("{} of a web service", member.type_name())
            } else {
                member.type_name().to_owned()
            };
            said.about(code, &[&what], member);
        }
    }),
    rule(24_162, &[Product::WebMap], |case, said, code| {
        let title = case
            .input
            .map
            .map_or("Web Map", |map| if map.map_type() == "SCENE" { "Web Scene" } else { "Web Map" });
        for member in case.members.iter().filter(|member| matches!(member.factory(), "Sql" | "SQLite")) {
            said.about(code, &[&member.name, "GeoPackage", title], member);
        }
    }),
    rule(236, &[Product::Scene, Product::WebMap], |case, said, code| {
        if case.target.product == Product::WebMap
            && case.input.map.is_some_and(|map| map.map_type() != "SCENE")
        {
            return;
        }
        for member in case.feature_layers() {
            if let Some(why) = odd_elevation(member) {
                said.because(code, &[], member, why);
            }
        }
    }),
    // Layers that only draw from what the scene stands on have no place in the flat services.
    arcmap(4, DRAWN, |case, said, code| {
        for member in case.shared() {
            if matches!(member.factory(), "Custom" | "StreamService" | "BIMFile" | "KnowledgeGraph") {
                said.because(code, &[], member, member.factory());
            }
        }
    }),
];

fn is_features(member: &Member<'_>) -> bool {
    matches!(member.kind(), Some(LayerKind::Feature | LayerKind::Annotation | LayerKind::Dimension))
}

fn fits(product: Product, member: &Member<'_>) -> bool {
    match product {
        Product::Feature => is_features(member) || member.is_table(),
        Product::VectorTile => {
            is_features(member) && member.layer.as_ref().is_some_and(|layer| layer.visible)
        }
        Product::Scene => !member.is_table(),
        Product::Tile => is_features(member) || member.is_raster() || is_other_drawing(member),
        _ => is_features(member) || member.is_raster() || member.is_table() || is_other_drawing(member),
    }
}

/// Networks, topologies and what else draws on a map service.
fn is_other_drawing(member: &Member<'_>) -> bool {
    matches!(member.kind(), Some(LayerKind::Controller | LayerKind::Other))
}

fn odd_elevation(member: &Member<'_>) -> Option<&'static str> {
    use crate::cim::{flag, get, text};
    let elevation = get(&member.definition, "layerElevation");
    if elevation.is_some_and(|elevation| flag(elevation, "isRelativeToScene")) {
        return Some("its heights count from other layers of the scene");
    }
    let info = get(&member.definition, "featureElevationExpressionInfo")
        .and_then(|info| text(info, "expression"))?;
    let simple = info.trim().strip_prefix("$feature.").is_some_and(|field| {
        !field.is_empty()
            && field.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '.'))
    });
    let plain =
        simple || info.trim().parse::<f64>().is_ok() || info.replace(' ', "") == "Geometry($feature).z";
    (!plain).then_some("its heights are computed by an expression")
}
