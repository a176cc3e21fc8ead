//! Every key of drafts and services: name, place, JSON, type, default, and what genuine drafts hold.
//!
//! The rows stand in `keys/*.tsv`, one file for each part, and nowhere else. Columns:
//!
//! - `key`: the name in the draft's XML; empty when only the service's JSON has it.
//! - `json`: the name in the JSON; empty when it is the key with its first letter in lower case, `-` for none.
//! - `value`: `text`, `json`, `flag`, `time`, `integer 0..100`, `number 0..`, `choice A B`, `words A B`;
//!   with `?` after the word when it may be empty.
//! - `default`: what the documentation of Create Service says, if it says it.
//! - `types`: the service types that have it; empty for all.
//! - `since`: the version of ArcGIS that brought it, if it is known.
//! - `drafts`: what untouched genuine drafts hold, as `form@position=value`, separated by ` | `; with
//!   `~Name` where that form spells the key otherwise, `:int` and the like for types that are not `xs:string`
//!   and `:nil` for no value.
//! - `doc`: one sentence.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use super::shape::Shape;

/// A part of a service's description.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Part {
    /// The service itself: the JSON's own members, elements in the draft.
    Service,
    /// How many processes serve, and for how long: the JSON's own members, `Props` in the draft.
    Props,
    /// `properties`; `ConfigurationProperties` in the draft.
    Configuration,
    /// What clients may do; `Info` in the draft.
    Info,
    /// `frameworkProperties`; only in the JSON.
    Framework,
    /// `StagingSettings`; only in the draft.
    Staging,
    /// `TemplateSettings`; only in the draft.
    Template,
    /// `properties` of an extension; its `Props` in the draft.
    Extension(&'static str),
}

/// One row of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// The part that it stands in.
    pub part: Part,
    /// The name in the draft, in its most common spelling; empty when only the JSON has it.
    pub name: &'static str,
    /// The name in the JSON.
    pub json: Option<Cow<'static, str>>,
    /// What values are allowed.
    pub value: Shape,
    /// Whether the value may be empty, which leaves it to the server.
    pub optional: bool,
    /// The documented default.
    pub default: Option<&'static str>,
    /// The service types that have it; none for all.
    pub types: Vec<&'static str>,
    /// The version that brought it; empty when it is not known.
    pub since: &'static str,
    /// One sentence.
    pub doc: &'static str,
    pub(super) drafts: &'static str,
}

/// One type of extension.
#[derive(Clone, Debug, PartialEq)]
pub struct ExtensionType {
    /// Such as `FeatureServer`.
    pub name: &'static str,
    /// The types of services that take it.
    pub types: Vec<&'static str>,
    /// The operations that it may offer; none when they are not known.
    pub capabilities: Vec<&'static str>,
    /// The version that brought it; empty when it is not known.
    pub since: &'static str,
    /// One sentence.
    pub doc: &'static str,
    pub(super) drafts: &'static str,
}

/// One type of service.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceType {
    /// Such as `MapServer`.
    pub name: &'static str,
    /// The operations that it may offer; none when they are not known.
    pub capabilities: Vec<&'static str>,
    /// The properties without which servers refuse it, by their names in the JSON; `a/b` is either.
    pub required: Vec<&'static str>,
    /// The providers that serve it.
    pub providers: Vec<&'static str>,
    /// One sentence.
    pub doc: &'static str,
}

/// The key file of each part.
const FILES: &[(Part, &str)] = &[
    (Part::Service, include_str!("keys/service.tsv")),
    (Part::Configuration, include_str!("keys/configuration.tsv")),
    (Part::Info, include_str!("keys/info.tsv")),
    (Part::Framework, include_str!("keys/framework.tsv")),
    (Part::Staging, include_str!("keys/staging.tsv")),
    (Part::Template, include_str!("keys/template.tsv")),
    (Part::Extension("FeatureServer"), include_str!("keys/feature_server.tsv")),
    (Part::Extension("KmlServer"), include_str!("keys/kml_server.tsv")),
    (Part::Extension("NAServer"), include_str!("keys/na_server.tsv")),
    (Part::Extension("SchematicsServer"), include_str!("keys/schematics_server.tsv")),
    (Part::Extension("VectorTileServer"), include_str!("keys/vector_tile_server.tsv")),
    (Part::Extension("WCSServer"), include_str!("keys/wcs_server.tsv")),
    (Part::Extension("WFSServer"), include_str!("keys/wfs_server.tsv")),
    (Part::Extension("WMSServer"), include_str!("keys/wms_server.tsv")),
    (Part::Extension("WPSServer"), include_str!("keys/wps_server.tsv")),
];

struct Table {
    keys: Vec<Key>,
    by_name: HashMap<(Part, String), usize>,
    by_json: HashMap<(Part, String), usize>,
    extensions: Vec<ExtensionType>,
    types: Vec<ServiceType>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let keys: Vec<Key> = FILES
        .iter()
        .flat_map(|(part, text)| rows(text).map(|row| key(part_of(*part, row[0]), &row)))
        .collect();
    let lower = |text: &str| text.to_ascii_lowercase();
    let by = |name: fn(&Key) -> Option<&str>| {
        let mut map = HashMap::new();
        for (at, key) in keys.iter().enumerate() {
            if let Some(name) = name(key).filter(|name| !name.is_empty()) {
                map.entry((key.part, lower(name))).or_insert(at);
            }
        }
        map
    };
    let (by_name, by_json) = (by(|key| Some(key.name)), by(|key| key.json.as_deref()));
    let extensions = rows(include_str!("keys/extensions.tsv")).map(|row| extension(&row)).collect();
    let types = rows(include_str!("keys/types.tsv")).map(|row| service_type(&row)).collect();
    Table { keys, by_name, by_json, extensions, types }
});

/// The cells of every row below the headings; a missing cell is empty.
fn rows(text: &'static str) -> impl Iterator<Item = [&'static str; 8]> {
    text.lines().skip(1).filter(|line| !line.is_empty()).map(|line| {
        let mut row = [""; 8];
        for (cell, text) in row.iter_mut().zip(line.split('\t')) {
            *cell = text;
        }
        row
    })
}

/// The file of the service has two parts, in the order in which servers write them: elements of the draft
/// with their path, and keys of `Props`.
fn part_of(part: Part, name: &str) -> Part {
    if part == Part::Service && !name.is_empty() && !name.contains('/') { Part::Props } else { part }
}

fn words(text: &'static str) -> Vec<&'static str> {
    text.split_whitespace().collect()
}

fn key(part: Part, row: &[&'static str; 8]) -> Key {
    let [name, json, value, default, types, since, drafts, doc] = *row;
    let json = match json {
        "-" => None,
        "" if matches!(part, Part::Staging | Part::Template) => None,
        "" => Some(lower_first(name).into()),
        json => Some(json.into()),
    };
    let default = (!default.is_empty()).then_some(if default == "''" { "" } else { default });
    let (word, rest) = value.split_once(' ').unwrap_or((value, ""));
    let optional = word.ends_with('?');
    let value = Shape::parse(word.trim_end_matches('?'), rest);
    Key { part, name, json, value, optional, default, types: words(types), since, doc, drafts }
}

fn extension(row: &[&'static str; 8]) -> ExtensionType {
    let [name, types, capabilities, since, drafts, doc, ..] = *row;
    ExtensionType { name, types: words(types), capabilities: words(capabilities), since, doc, drafts }
}

fn service_type(row: &[&'static str; 8]) -> ServiceType {
    let [name, capabilities, required, providers, doc, ..] = *row;
    ServiceType {
        name,
        capabilities: words(capabilities),
        required: words(required),
        providers: words(providers),
        doc,
    }
}

/// Returns a key as servers spell it: its first letter in lower case.
pub fn lower_first(key: &str) -> String {
    let mut letters = key.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// Returns every row, part by part.
pub fn keys() -> &'static [Key] {
    &TABLE.keys
}

/// Returns the rows of a part.
pub fn keys_of(part: Part) -> impl Iterator<Item = &'static Key> {
    TABLE.keys.iter().filter(move |key| key.part == part)
}

/// Returns the row of a key by its name in drafts, in any case.
pub fn key_named(part: Part, name: &str) -> Option<&'static Key> {
    TABLE.keys.get(*TABLE.by_name.get(&(part, name.to_ascii_lowercase()))?)
}

/// Returns the row of a key by its name in the JSON, in any case.
pub fn key_in_json(part: Part, name: &str) -> Option<&'static Key> {
    TABLE.keys.get(*TABLE.by_json.get(&(part, name.to_ascii_lowercase()))?)
}

/// Returns every type of extension, by name.
pub fn extension_types() -> &'static [ExtensionType] {
    &TABLE.extensions
}

/// Returns a type of extension.
pub fn extension_type(name: &str) -> Option<&'static ExtensionType> {
    TABLE.extensions.iter().find(|found| found.name == name)
}

/// Returns every type of service.
pub fn service_types() -> &'static [ServiceType] {
    &TABLE.types
}

/// Returns a type of service.
pub fn server_type(name: &str) -> Option<&'static ServiceType> {
    TABLE.types.iter().find(|found| found.name == name)
}
