//! Renderers, symbols and how they are layered.

use std::collections::BTreeSet;

use serde_json::Value;

use super::map::draws_levels;
use super::{DRAWN, Product, Rule, arcmap, rule};
use crate::analyze::Desktop;
use crate::analyze::case::Member;
use crate::cim::{flag, get, items, number, text, type_of};
use crate::dataset::GeometryType;

const WEB: &[Product] = &[Product::Feature, Product::Scene];

pub(super) const RULES: &[Rule] = &[
    arcmap(6, DRAWN, |case, said, code| {
        for member in case.feature_layers() {
            let renderer = member.renderer().map_or("", type_of);
            if matches!(renderer, "CIMHeatMapRenderer" | "CIMDictionaryRenderer" | "CIMRuleRenderer") {
                said.because(code, &[], member, renderer);
            }
        }
    }),
    arcmap(11, DRAWN, |case, said, code| {
        for member in case.members.iter().filter(|member| member.is_raster()) {
            let colorizer = get(&member.definition, "colorizer");
            let moving = |key| colorizer.and_then(|it| text(it, key)) == Some("AreaOfView");
            if moving("statsType") || moving("stretchStatsType") {
                said.about(code, &[], member);
            }
        }
    }),
    arcmap(13, DRAWN, |case, said, code| {
        for member in case.feature_layers() {
            let solid = member.traits().parts.iter().find(|part| {
                part.ends_with("3D") || part.starts_with("CIMMaterial") || part.starts_with("CIMProcedural")
            });
            if let Some(part) = solid {
                said.because(code, &[], member, part);
            }
        }
    }),
    arcmap(19, DRAWN, |case, said, code| {
        for member in case.feature_layers() {
            let Some(geometry) = member.dataset().and_then(|dataset| dataset.geometry_type) else { continue };
            let wanted: &[&str] = match geometry {
                GeometryType::Point | GeometryType::Multipoint => &["CIMPointSymbol", "CIMTextSymbol"],
                GeometryType::Polyline => &["CIMLineSymbol"],
                GeometryType::Polygon => &["CIMPolygonSymbol"],
                GeometryType::MultiPatch => continue,
            };
            // Proportional symbols and charts put markers on areas.
            let plain = member
                .renderer()
                .is_some_and(|it| matches!(type_of(it), "CIMSimpleRenderer" | "CIMUniqueValueRenderer"));
            let odd = member.traits().symbols.iter().find(|symbol| !wanted.contains(&symbol.as_str()));
            if let Some(symbol) = odd.filter(|_| plain) {
                said.because(code, &[], member, symbol);
            }
        }
    }),
    arcmap(23, DRAWN, |case, said, code| {
        for member in case.members.iter().filter(|member| member.is_raster()) {
            if get(&member.definition, "colorizer").is_some_and(|it| flag(it, "useMapIlluminationProperties"))
            {
                said.about(code, &[], member);
            }
        }
    }),
    rule(85, WEB, |case, said, code| {
        for member in case.feature_layers() {
            let renderer = member.renderer().map_or("", type_of);
            let never = matches!(renderer, "CIMRepresentationRenderer" | "CIMRuleRenderer");
            let flat =
                matches!(renderer, "CIMHeatMapRenderer" | "CIMDotDensityRenderer" | "CIMChartRenderer");
            if never || (flat && case.target.product == Product::Scene) {
                said.because(code, &[], member, renderer);
            }
        }
    }),
    arcmap(10_017, DRAWN, |case, said, code| {
        levels_with(case, said, code, |part| part == "CIMPictureMarker");
    }),
    arcmap(10_018, DRAWN, |case, said, code| {
        levels_with(case, said, code, |part| part == "CIMCharacterMarker");
    }),
    arcmap(10_019, DRAWN, |case, said, code| {
        levels_with(case, said, code, |part| {
            matches!(part, "CIMPictureFill" | "CIMGradientFill" | "CIMHatchFill")
        });
    }),
    arcmap(10_040, DRAWN, |case, said, code| {
        for member in case.feature_layers() {
            if member.renderer().is_some_and(|renderer| type_of(renderer) == "CIMRepresentationRenderer") {
                said.about(code, &[], member);
            }
        }
    }),
    rule(20_027, &[Product::Feature], |case, said, code| {
        for member in case.feature_layers() {
            let variables = case.target.desktop == Desktop::ArcMap
                && member.renderer().is_some_and(|renderer| !items(renderer, "visualVariables").is_empty());
            if draws_levels(&member.definition) {
                said.because(code, &[], member, "symbol levels");
            } else if variables {
                said.because(code, &[], member, "size, rotation or transparency by attribute");
            }
        }
    }),
    rule(20_055, &[Product::Feature], |case, said, code| {
        for member in case.feature_layers() {
            let reduction = get(&member.definition, "featureReduction");
            if reduction.is_some_and(|it| type_of(it) == "CIMBinningFeatureReduction" && flag(it, "enabled"))
            {
                said.about(code, &[], member);
            }
        }
    }),
    rule(24_082, WEB, |case, said, code| {
        for member in case.feature_layers() {
            if let Some(why) = downgraded(member) {
                said.because(code, &[], member, why);
            }
        }
    }),
];

fn levels_with(case: &super::Case<'_>, said: &mut super::Said<'_>, code: u32, slow: impl Fn(&str) -> bool) {
    for member in case.feature_layers().filter(|member| draws_levels(&member.definition)) {
        if member.traits().parts.iter().any(|part| slow(part)) {
            said.about(code, &[], member);
        }
    }
}

fn downgraded(member: &Member<'_>) -> Option<&'static str> {
    let renderer = member.renderer()?;
    let traits = member.traits();
    Some(match type_of(renderer) {
        "CIMProportionalRenderer" => "proportional symbols",
        "CIMDotDensityRenderer" => "dot density",
        "CIMChartRenderer" => "charts",
        "CIMUniqueValueRenderer" if items(renderer, "fields").len() > 1 => "unique values of several fields",
        _ if traits.by_scale => "symbols that change with the scale",
        _ if traits.has_text => "text in markers",
        _ if traits.is_layered => "symbols of several layers",
        _ => return None,
    })
}

/// What a renderer's symbols are made of, gathered in one walk.
#[derive(Debug, Default)]
pub(in crate::analyze) struct Traits {
    /// Types of symbols.
    pub(super) symbols: BTreeSet<String>,
    /// Types of symbol layers.
    pub(super) parts: BTreeSet<String>,
    /// Whether a symbol needs more than one fill, line or marker.
    pub(super) is_layered: bool,
    /// Whether symbols change with the scale.
    pub(super) by_scale: bool,
    /// Whether a marker writes text.
    pub(super) has_text: bool,
}

impl Traits {
    pub(in crate::analyze) fn of(renderer: Option<&Value>) -> Self {
        let mut traits = Self::default();
        if let Some(renderer) = renderer {
            traits.walk(renderer, 0);
        }
        traits
    }

    fn walk(&mut self, value: &Value, depth: usize) {
        match value {
            Value::Array(entries) if depth < 32 => {
                for entry in entries {
                    self.walk(entry, depth + 1);
                }
            }
            Value::Object(_) if type_of(value) == "CIMSymbolReference" => self.reference(value),
            Value::Object(members) if depth < 32 => {
                if !items(value, "alternateSymbols").is_empty() {
                    self.by_scale = true;
                }
                for (key, member) in members {
                    // Patterns of legends and ramps are no part of the drawing.
                    if !matches!(
                        key.as_str(),
                        "colorRamp" | "backgroundSymbol" | "defaultSymbolPatch" | "exclusionSymbol"
                    ) {
                        self.walk(member, depth + 1);
                    }
                }
            }
            _ => {}
        }
    }

    fn reference(&mut self, reference: &Value) {
        let limited = |key| number(reference, key).is_some_and(|scale| scale > 0.0);
        self.by_scale |= limited("minScale") || limited("maxScale");
        let Some(symbol) = get(reference, "symbol") else { return };
        self.symbols.insert(type_of(symbol).to_owned());
        let (mut fills, mut strokes, mut markers) = (0, 0, 0);
        for layer in items(symbol, "symbolLayers").iter().filter(|layer| flag(layer, "enable")) {
            let part = type_of(layer);
            self.parts.insert(part.to_owned());
            if part.ends_with("Fill") {
                fills += 1;
            } else if part.ends_with("Stroke") {
                strokes += 1;
            } else if part.contains("Marker") {
                markers += 1;
                self.has_text |= items(layer, "markerGraphics")
                    .iter()
                    .any(|graphic| text(graphic, "textString").is_some());
            }
        }
        // A fill with its outline is one symbol of the web; so is one marker or one line.
        self.is_layered |= fills > 1 || strokes > 1 || markers > 1 || (markers > 0 && fills + strokes > 0);
    }
}
