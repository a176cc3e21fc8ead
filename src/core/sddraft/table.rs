//! The mapping table: draft property, places in the XML, key of the service JSON, type, default, version.
//!
//! Getters, setters, validation, export, reading back and comparing all go through these rows.

mod codec;
mod documentation;
mod keys;
mod kind;
mod listing;
mod rows;
mod shape;
mod value;

pub use codec::{read, write};
pub use documentation::documentation;
pub use keys::{
    ExtensionType, Key, Part, ServiceType, extension_type, extension_types, key_in_json, key_named, keys,
    keys_of, lower_first, server_type, service_types,
};
pub use kind::ServiceKind;
pub use listing::{Entry, ExtensionListing, Form, Listing, items, listing, listing_of};
pub use shape::Shape;
pub use value::coerce;

use std::borrow::Cow;

use super::{PropertySet, XsType};

/// The type of a property's value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ValueType {
    /// Any text.
    Text,
    /// True or false.
    Flag,
    /// A whole number between two bounds.
    Integer(i64, i64),
    /// A number.
    Number,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Some of these words, separated by commas.
    Words(&'static [&'static str]),
}

impl ValueType {
    /// Returns the Python type of the values.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Flag => "bool",
            Self::Integer(..) => "int",
            Self::Number => "float",
            Self::Text | Self::Choice(_) | Self::Words(_) => "str",
        }
    }

    /// Returns the words that are allowed, if only some are.
    pub fn words(&self) -> &'static [&'static str] {
        match self {
            Self::Choice(words) | Self::Words(words) => words,
            _ => &[],
        }
    }
}

/// A default, before anything is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Default {
    /// Nothing, `None` in Python: the element is not written.
    None,
    /// A text.
    Text(&'static str),
    /// True or false.
    Flag(bool),
    /// A number.
    Integer(i64),
}

/// One place in the XML.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// An element by path from the root.
    Element(&'static str),
    /// A key of a property set.
    Property(PropertySet<'static>, &'static str, XsType),
}

impl Place {
    /// Returns the place as an XPath from the root.
    pub fn xpath(&self) -> String {
        match self {
            Self::Element(path) => (*path).to_owned(),
            Self::Property(set, key, _) => {
                format!("{}/PropertyArray/PropertySetProperty[Key='{key}']/Value", set.path())
            }
        }
    }

    /// Returns the place as [`super::diff`] names it.
    fn label(&self) -> String {
        match self {
            Self::Element(path) => (*path).to_owned(),
            Self::Property(set, key, _) => {
                let path = set.path().replace("[TypeName='", "[").replace("']", "]");
                format!("{path}[{key}]")
            }
        }
    }
}

/// How a value becomes text in its places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Codec {
    /// As it is; flags as `true` and `false`.
    Plain,
    /// By a list of pairs: the value, the text in the XML.
    Pairs(&'static [(&'static str, &'static str)]),
    /// By a list of pairs for each place.
    Each(&'static [&'static [(&'static str, &'static str)]]),
    /// A list of `String` elements, split at commas and semicolons.
    Tags,
    /// A word that is in a comma-separated list or not; the first place holds the list, the others a flag.
    Member(&'static str),
    /// The two flags of the sharing level.
    Level,
    /// A list of groups in the first place, a flag in the second.
    Groups,
    /// Whether the extension of this type is on; it is added when the draft does not have it.
    Switch(&'static str),
    /// Written only when set to something other than the default.
    WhenSet,
    /// In no place: it steers the export.
    Nowhere,
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// The property, with its group: `sharing.groups`.
    pub property: &'static str,
    /// The kinds of drafts that have it.
    pub kinds: &'static [ServiceKind],
    /// Its type.
    pub value: ValueType,
    /// Its default.
    pub default: Default,
    /// Whether scripts may set it.
    pub read_only: bool,
    /// The version of ArcGIS Pro that brought it.
    pub since: &'static str,
    /// How it is written.
    pub codec: Codec,
    /// Where it is written.
    pub places: &'static [Place],
    /// Its path in the service's JSON.
    pub service_json: Option<&'static str>,
    /// What it does, one sentence.
    pub doc: &'static str,
}

/// Returns the rows of one kind, in the order of the documentation.
pub fn rows(kind: ServiceKind) -> impl Iterator<Item = &'static Row> {
    rows::all().filter(move |row| row.kinds.contains(&kind))
}

/// Returns the row of a property.
pub fn row(kind: ServiceKind, property: &str) -> Option<&'static Row> {
    let property = rows::spelled(property);
    rows(kind).find(|row| row.property == property)
}

/// Returns the property that stands in a place, named as [`super::diff`] names places: that of the drafts if
/// there is one, else that of the service's JSON, with its extension: `WMSServer.inheritLayerNames`.
pub fn property_at(label: &str) -> Option<&'static str> {
    static LABELS: std::sync::LazyLock<std::collections::HashMap<String, Cow<'static, str>>> =
        std::sync::LazyLock::new(|| {
            let mut labels = std::collections::HashMap::new();
            for row in rows::all() {
                for place in row.places {
                    labels.entry(place.label()).or_insert(row.property.into());
                }
            }
            for (place, key) in keys().iter().filter_map(|key| Some((documentation::place(key)?, key))) {
                let Some(json) = key.json.as_deref() else { continue };
                let name = match key.part {
                    Part::Extension(extension) => format!("{extension}.{json}").into(),
                    _ => json.into(),
                };
                labels.entry(place).or_insert(name);
            }
            labels
        });
    let label = label.split_once("/String").map_or(label, |(before, _)| before);
    LABELS.get(label).map(AsRef::as_ref)
}

/// Returns the property whose name is nearest to a misspelt one.
pub fn suggest(kind: ServiceKind, name: &str) -> Option<&'static str> {
    let names = rows(kind).flat_map(|row| {
        let last = row.property.rsplit('.').next().unwrap_or_default();
        [(row.property, row.property), (last, row.property)]
    });
    nearest_of(names, name)
}

/// Returns the name that is nearest to a misspelt one; none when no name is near.
pub fn nearest<'a>(names: impl IntoIterator<Item = &'a str>, wanted: &str) -> Option<&'a str> {
    nearest_of(names.into_iter().map(|name| (name, name)), wanted)
}

/// As [`nearest`], for names that stand for something else.
fn nearest_of<'a, T>(names: impl IntoIterator<Item = (&'a str, T)>, wanted: &str) -> Option<T> {
    let wanted: String = wanted.to_lowercase().chars().take(100).collect();
    let best = names
        .into_iter()
        .map(|(name, stands_for)| (distance(&wanted, &name.to_lowercase()), stands_for))
        .min_by_key(|(score, _)| *score)?;
    (best.0 <= 1 + wanted.chars().count() / 4).then_some(best.1)
}

/// The number of single-letter edits between two words.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut previous = i;
        let mut next = vec![i + 1];
        for (b, above) in right.iter().zip(row.iter().skip(1)) {
            let left = next.last().copied().unwrap_or_default();
            let change = previous + usize::from(a != *b);
            next.push(change.min(above + 1).min(left + 1));
            previous = *above;
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_stands_once_in_the_table_for_each_kind() {
        for kind in ServiceKind::ALL {
            let mut names: Vec<&str> = rows(*kind).map(|row| row.property).collect();
            names.sort_unstable();
            let twice: Vec<_> = names.windows(2).filter(|pair| pair[0] == pair[1]).collect();
            assert!(twice.is_empty(), "{kind:?}: {twice:?}");
        }
    }

    #[test]
    fn places_without_a_draft_property_have_the_name_of_the_services_json() {
        let definition = "Configurations/SVCConfiguration/Definition";
        let at = |place: &str| property_at(&format!("{definition}/{place}"));
        assert_eq!(at("Props[UsageTimeout]"), Some("maxUsageTime"));
        let extension = |place: &str| at(&format!("Extensions/SVCExtension{place}"));
        assert_eq!(extension("[WMSServer]/Props[title]"), Some("extension.wms.title"));
        assert_eq!(
            extension("[NAServer]/Props[saveLayerOnServerWhenError]"),
            Some("NAServer.saveLayerOnServerWhenError")
        );
        assert_eq!(at("Props[IsRunning]"), None);
    }

    #[test]
    fn every_key_that_a_draft_writes_stands_in_the_key_table() {
        let mut missing = Vec::new();
        for row in rows::all() {
            for place in row.places {
                let Place::Property(set, name, _) = place else { continue };
                let part = match set {
                    PropertySet::Staging => Part::Staging,
                    PropertySet::Template => Part::Template,
                    PropertySet::Configuration => Part::Configuration,
                    PropertySet::Info | PropertySet::ExtensionInfo(_) => Part::Info,
                    PropertySet::Props => Part::Props,
                    PropertySet::ExtensionProps(extension) => Part::Extension(extension),
                };
                if key_named(part, name).is_none() {
                    missing.push(format!("{part:?} {name} of {}", row.property));
                }
            }
        }
        assert!(missing.is_empty(), "table/keys/*.tsv lacks {missing:#?}");
    }

    #[test]
    fn every_row_of_the_key_table_is_whole_and_stands_once() {
        let mut seen = std::collections::HashSet::new();
        for key in keys() {
            let name = key.json.as_deref().unwrap_or(key.name);
            assert!(seen.insert((key.part, name, key.json.is_none())), "{:?} {name} stands twice", key.part);
            assert!(key.doc.ends_with('.'), "{:?} {name} has no sentence", key.part);
            assert!(key.types.iter().all(|name| server_type(name).is_some()), "{:?} {name}", key.part);
            if let Some(default) = key.default {
                assert_eq!(key.value.fault(default), None, "{:?} {name}", key.part);
            }
        }
        assert!(seen.len() > 450, "{}", seen.len());
        for found in extension_types() {
            assert!(found.doc.ends_with('.') && !found.types.is_empty(), "{}", found.name);
            assert!(found.types.iter().all(|name| server_type(name).is_some()), "{}", found.name);
        }
        for kind in ServiceKind::ALL {
            assert!(server_type(kind.type_name()).is_some(), "{kind:?}");
        }
    }

    #[test]
    fn misspelt_names_lead_to_the_right_ones() {
        let suggest = |name| suggest(ServiceKind::Feature, name);
        assert_eq!(suggest("overwriteExistingServices"), Some("overwriteExistingService"));
        assert_eq!(suggest("Summary"), Some("summary"));
        assert_eq!(suggest("sharingLevel"), Some("sharing.sharingLevel"));
        assert_eq!(suggest("categories"), None);
    }
}
