//! The item's words, and packages.

use std::collections::BTreeSet;

use super::{Product, Rule, rule};
use crate::cim::text;

const ITEMS: &[Product] = &[
    Product::Feature,
    Product::Tile,
    Product::VectorTile,
    Product::MapImage,
    Product::MapService,
    Product::Scene,
    Product::Image,
    Product::Geocode,
    Product::WebMap,
];
const PACKAGE: &[Product] = &[Product::Package];

pub(super) const RULES: &[Rule] = &[
    rule(24_058, ITEMS, |case, said, code| {
        if case.target.summary.as_ref().is_some_and(|text| text.trim().is_empty()) {
            said.say(code, &[]);
        }
    }),
    rule(24_059, ITEMS, |case, said, code| {
        if case.target.tags.as_ref().is_some_and(Vec::is_empty) {
            said.say(code, &[]);
        }
    }),
    rule(45, PACKAGE, |case, said, code| {
        let file = case.input.map.is_some_and(|map| map.project().kind() == crate::project::FileKind::Layer);
        for member in case.members.iter().filter(|member| file && !member.is_table()) {
            if text(&member.definition, "description").is_none()
                && text(&member.definition, "metadataURI").is_none()
            {
                said.about(code, &[], member);
            }
        }
    }),
    rule(91, PACKAGE, |case, said, code| {
        let places: BTreeSet<std::path::PathBuf> =
            case.shared().filter_map(|member| member.filtered()).map(|source| source.path.clone()).collect();
        let schema_only = case.target.extension("SchemaOnly").is_some();
        if schema_only && places.len() > 1 {
            said.say(code, &[]);
        }
    }),
    rule(93, PACKAGE, |case, said, code| {
        let Some(map) = case.input.map.filter(|map| map.project().kind() != crate::project::FileKind::Layer)
        else {
            return;
        };
        let described = map.metadata().ok().flatten().is_some_and(|xml| {
            ["<idAbs>", "<idPurp>"]
                .iter()
                .any(|tag| xml.split_once(tag).is_some_and(|(_, rest)| !rest.trim_start().starts_with('<')))
        });
        if map.description().is_none() && !described {
            said.say(code, &[]);
        }
    }),
    // Layers that Pro 1.2 could not pack; later versions can.
    rule(105, PACKAGE, |case, said, code| {
        let old = case.input.map.is_some_and(|map| {
            ["1.0", "1.1", "1.2"].iter().any(|version| map.project().version().starts_with(version))
        });
        for member in case.members.iter().filter(|_| old) {
            if matches!(member.type_name(), "CIMNALayer" | "CIMNetworkDatasetLayer") {
                said.about(code, &[], member);
            }
        }
    }),
];
