//! WMS, WFS, WCS and network analysis: services that find layers by name.

use std::collections::BTreeMap;

use super::{Case, DRAWN, Product, Rule, rule};
use crate::analyze::Extension;

const OGC: &[&str] = &["WMSServer", "WFSServer", "WCSServer"];
const IMAGERY: &[Product] = &[Product::MapImage, Product::MapService, Product::Image];
const RESERVED: &[char] =
    &['&', '<', '>', '"', '\'', '?', '@', '=', '$', '~', '^', '`', '#', '%', '*', '(', ')'];

pub(super) const RULES: &[Rule] = &[
    rule(56, DRAWN, |case, said, code| {
        if !names_matter(case, OGC) {
            return;
        }
        let mut names: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for member in case.shared().filter(|member| !member.is_table()) {
            names.entry(member.name.to_lowercase()).or_default().push(&member.long_name);
        }
        let map = case.input.map.map_or("The map", |map| map.name.as_str());
        for layers in names.values().filter(|layers| layers.len() > 1) {
            for layer in layers {
                said.finding(code, &[map], "", Some(layer));
            }
        }
    }),
    rule(57, DRAWN, |case, said, code| {
        if names_matter(case, &["WMSServer", "WCSServer"]) {
            for member in case.shared().filter(|member| member.name.contains(RESERVED)) {
                said.about(code, &[], member);
            }
        }
    }),
    rule(101, IMAGERY, |case, said, code| {
        for extension in on(case, &["WMSServer", "WCSServer"]) {
            // A draft without the property takes the server's default; an empty one is empty.
            if extension.properties.get("name").is_some_and(|name| name.trim().is_empty()) {
                said.finding(code, &[], extension.type_name.trim_end_matches("Server"), None);
            }
        }
    }),
    rule(409, DRAWN, |case, said, code| {
        if case.target.extension("NAServer").is_some() {
            for member in
                case.shared().filter(|member| member.name.contains(RESERVED) || member.name.contains('.'))
            {
                said.about(code, &[], member);
            }
        }
    }),
    rule(24_027, IMAGERY, |case, said, code| {
        let reference = case.input.map.and_then(crate::project::Map::spatial_reference);
        let custom =
            reference.is_some_and(|it| it.wkid.is_none() && it.latest_wkid.is_none() && it.wkt.is_some());
        if custom && !on(case, OGC).is_empty() {
            said.say(code, &[]);
        }
    }),
    rule(24_028, IMAGERY, |case, said, code| {
        for extension in on(case, OGC) {
            for (key, value) in &extension.properties {
                // Addresses and paths are escaped by whoever writes them.
                let plain = !key.to_lowercase().contains("path") && !value.contains("://");
                if plain && value.contains(['&', '<', '>', '"', '\'']) {
                    let why = format!("{key} of {}", extension.type_name.trim_end_matches("Server"));
                    said.finding(code, &[], &why, None);
                }
            }
        }
    }),
];

fn on<'a>(case: &Case<'a>, types: &[&str]) -> Vec<&'a Extension> {
    let extensions = &case.target.extensions;
    extensions.iter().filter(|extension| types.contains(&extension.type_name.as_str())).collect()
}

/// Whether clients find layers by name: WMS does so only when it inherits the layers' names.
fn names_matter(case: &Case<'_>, types: &[&str]) -> bool {
    on(case, types).iter().any(|extension| {
        extension.type_name != "WMSServer"
            || extension
                .properties
                .get("inheritLayerNames")
                .is_some_and(|value| value.eq_ignore_ascii_case("true"))
    })
}
