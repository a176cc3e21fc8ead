//! `extension.*`: whether an extension is on, and each of its keys, made of the table of keys.

use std::sync::LazyLock;

use super::{BASE, Codec, DRAWN, Default, Place, Row, ServiceKind, ValueType};
use crate::sddraft::table::{Form, Shape, extension_types, listing_of, lower_first};
use crate::sddraft::{PropertySet, XsType};

/// Extensions without properties of their own here, because their keys are many and no script sets them.
const ONLY_SWITCHED: &[&str] = &["NAServer"];
/// Keys that the writer fills in, or that have a property of another name.
const TAKEN: &[&str] = &[
    "maxRecordCount",
    "enableZDefaults",
    "zDefaultValue",
    "allowTrueCurvesUpdates",
    "onlyAllowTrueCurveUpdatesByTrueCurveClients",
    "allowUpdateWithoutMValues",
];

fn forever(text: String) -> &'static str {
    // Once for each row of the table, which lives as long as the process.
    Box::leak(text.into_boxed_str())
}

fn words(words: &[&'static str]) -> &'static [&'static str] {
    Box::leak(words.to_vec().into_boxed_slice())
}

/// Returns the name of an extension in drafts: `wms` of `WMSServer`, `ogcFeature` of `OGCFeatureServer`.
pub(super) fn short(type_name: &str) -> String {
    let name = type_name.strip_suffix("Server").unwrap_or(type_name);
    let capitals = name.chars().take_while(char::is_ascii_uppercase).count();
    // The last of several capitals begins the next word.
    let small = if capitals == name.len() { capitals } else { capitals.saturating_sub(1).max(1) };
    name.chars().enumerate().map(|(at, c)| if at < small { c.to_ascii_lowercase() } else { c }).collect()
}

fn value(shape: &Shape) -> ValueType {
    match shape {
        Shape::Flag => ValueType::Flag,
        Shape::Integer(least, most) => ValueType::Integer(*least, *most),
        Shape::Number(..) => ValueType::Number,
        Shape::Choice(known) => ValueType::Choice(words(known)),
        Shape::Words(known) => ValueType::Words(words(known)),
        Shape::Text | Shape::Time | Shape::Json => ValueType::Text,
    }
}

fn default(value: ValueType, text: &'static str) -> Default {
    match value {
        ValueType::Flag => text.parse().map_or(Default::None, Default::Flag),
        ValueType::Integer(..) => text.parse().map_or(Default::None, Default::Integer),
        ValueType::Number | ValueType::Choice(_) if text.is_empty() => Default::None,
        _ => Default::Text(text),
    }
}

fn of_form(form: Form, kinds: &'static [ServiceKind], service_type: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let listed = &listing_of(form).extensions;
    let on = |name: &'static str, doc: &'static str, since: &'static str| Row {
        property: forever(format!("extension.{}.isEnabled", short(name))),
        kinds,
        value: ValueType::Flag,
        default: Default::Flag(false),
        since: if since.is_empty() { "3.4" } else { since },
        places: Box::leak(Box::new([Place::Element(forever(format!(
            "Configurations/SVCConfiguration/Definition/Extensions/SVCExtension[TypeName='{name}']/Enabled"
        )))])),
        service_json: Some(forever(format!("extensions.{name}.enabled"))),
        doc: if doc.is_empty() { "Whether the extension is on." } else { doc },
        codec: Codec::Switch(name),
        ..BASE
    };
    for extension in extension_types() {
        let name = extension.name;
        let found = listed.iter().find(|found| found.extension.name == name);
        if found.is_some() || extension.types.contains(&service_type) {
            rows.push(on(name, extension.doc, extension.since));
        }
        let Some(found) = found.filter(|_| !ONLY_SWITCHED.contains(&name)) else { continue };
        let operations = found.info.iter().find(|entry| entry.name.eq_ignore_ascii_case("WebCapabilities"));
        if let Some(entry) = operations.filter(|entry| entry.kind.is_some() && name != "FeatureServer") {
            rows.push(Row {
                property: forever(format!("extension.{}.capabilities", short(name))),
                kinds,
                default: Default::Text(entry.value),
                since: "3.4",
                codec: Codec::WhenSet,
                places: Box::leak(Box::new([Place::Property(
                    PropertySet::ExtensionInfo(name),
                    entry.name,
                    XsType::String,
                )])),
                service_json: Some(forever(format!("extensions.{name}.capabilities"))),
                doc: "What clients may do.",
                ..BASE
            });
        }
        for entry in
            found.props.iter().filter(|entry| name != "FeatureServer" || !TAKEN.contains(&entry.name))
        {
            let kind = value(&entry.key.value);
            rows.push(Row {
                property: forever(format!("extension.{}.{}", short(name), lower_first(entry.name))),
                kinds,
                value: kind,
                default: default(kind, entry.value),
                since: "3.4",
                // The writer fills in addresses; a default must not undo that.
                codec: Codec::WhenSet,
                places: Box::leak(Box::new([Place::Property(
                    PropertySet::ExtensionProps(name),
                    entry.name,
                    entry.kind.unwrap_or(XsType::String),
                )])),
                service_json: Some(forever(format!(
                    "extensions.{name}.properties.{}",
                    entry.key.json.as_deref().unwrap_or(entry.name)
                ))),
                doc: entry.key.doc,
                ..BASE
            });
        }
    }
    rows
}

/// Returns the rows.
pub(super) fn rows() -> impl Iterator<Item = &'static Row> {
    static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
        let mut rows = of_form(Form::MapService, DRAWN, "MapServer");
        rows.extend(of_form(Form::Image, &[ServiceKind::Image], "ImageServer"));
        rows
    });
    ROWS.iter()
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn extensions_have_the_short_names_of_the_draft_classes() {
        let names = ["FeatureServer", "KmlServer", "WMSServer", "OGCFeatureServer", "NAServer", "JPIPServer"];
        assert_eq!(names.map(short), ["feature", "kml", "wms", "ogcFeature", "na", "jpip"]);
    }
}
