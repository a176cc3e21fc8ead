//! The properties of drafts, one file for each family of drafts, in the order of Esri's class pages.

mod common;
mod extension;
mod feature;
mod geocode;
mod geoprocessing;
mod image;
mod map;
mod tiles;

use super::{Codec, Default, Place, Row, ServiceKind, ValueType};
use crate::sddraft::{PropertySet, XsType};

/// The rows of every kind.
const ROWS: &[&[Row]] =
    &[common::ROWS, feature::ROWS, map::ROWS, tiles::ROWS, image::ROWS, geocode::ROWS, geoprocessing::ROWS];

/// Spellings of the documentation that differ from those of the classes.
const ALIASES: &[(&str, &str)] = &[
    ("allowCompressions", "allowedCompressions"),
    ("allowMensurationCapabilities", "allowedMensurationCapabilities"),
];

/// Returns every row.
pub(super) fn all() -> impl Iterator<Item = &'static Row> {
    ROWS.iter().copied().flatten().chain(extension::rows())
}

/// Returns the name in the table of a name in the documentation.
pub(super) fn spelled(property: &str) -> &str {
    ALIASES.iter().find(|(alias, _)| *alias == property).map_or(property, |(_, name)| name)
}

/// Drafts of maps that become a `.sddraft` of ArcGIS Pro.
const MAPS: &[ServiceKind] =
    &[ServiceKind::Feature, ServiceKind::Tile, ServiceKind::MapImage, ServiceKind::MapService];
/// Services that draw maps on a server.
const DRAWN: &[ServiceKind] = &[ServiceKind::MapImage, ServiceKind::MapService];

/// The operations that feature services may offer.
const FEATURE_CAPABILITIES: &[&str] = &[
    "Query",
    "Create",
    "Update",
    "Delete",
    "Sync",
    "SharedTemplateEditing",
    "Append",
    "Extract",
    "Editing",
    "Uploads",
    "ChangeTracking",
];

const fn staging(key: &'static str) -> Place {
    Place::Property(PropertySet::Staging, key, XsType::String)
}

const fn configuration(key: &'static str) -> Place {
    Place::Property(PropertySet::Configuration, key, XsType::String)
}

const fn configured_as(key: &'static str, kind: XsType) -> Place {
    Place::Property(PropertySet::Configuration, key, kind)
}

const fn info(key: &'static str) -> Place {
    Place::Property(PropertySet::Info, key, XsType::String)
}

const fn props(key: &'static str) -> Place {
    Place::Property(PropertySet::Props, key, XsType::String)
}

const fn feature_prop(key: &'static str) -> Place {
    Place::Property(PropertySet::ExtensionProps("FeatureServer"), key, XsType::String)
}

const SERVICE_FOLDER: Place = Place::Element("Configurations/SVCConfiguration/ServiceFolder");

const BASE: Row = Row {
    property: "",
    kinds: &[],
    value: ValueType::Text,
    default: Default::Text(""),
    read_only: false,
    since: "2.2",
    codec: Codec::Plain,
    places: &[],
    service_json: None,
    doc: "",
};
const FLAG: Row = Row { value: ValueType::Flag, default: Default::Flag(false), ..BASE };
const COUNT: ValueType = ValueType::Integer(1, 2_147_483_647);
