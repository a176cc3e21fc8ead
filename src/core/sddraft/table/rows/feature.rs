//! Hosted feature layers.

use super::{BASE as ANY, COUNT, Codec, Default, FEATURE_CAPABILITIES, Place, Row, ServiceKind, ValueType};
use super::{configuration, feature_prop, info, staging};

const BASE: Row = Row { kinds: &[ServiceKind::Feature], ..ANY };
const FLAG: Row = Row { value: ValueType::Flag, default: Default::Flag(false), ..BASE };
/// Drafts of feature layers spell the key with a small letter.
const WEB_CAPABILITIES: Place = info("webCapabilities");

/// The rows.
pub(super) const ROWS: &[Row] = &[
    Row {
        property: "featureCapabilities",
        value: ValueType::Words(FEATURE_CAPABILITIES),
        default: Default::Text("Query"),
        since: "3.4",
        places: &[WEB_CAPABILITIES],
        service_json: Some("capabilities"),
        doc: "What clients may do.",
        ..BASE
    },
    Row {
        property: "allowExporting",
        since: "2.7",
        codec: Codec::Member("Extract"),
        places: &[WEB_CAPABILITIES, staging("exportTilesAllowed")],
        doc: "Let others export the layer to other formats.",
        ..FLAG
    },
    Row {
        property: "maxRecordCount",
        value: COUNT,
        default: Default::Integer(2000),
        since: "3.4",
        places: &[configuration("maxRecordCount"), feature_prop("maxRecordCount")],
        service_json: Some("properties.maxRecordCount"),
        doc: "The most records that one answer holds.",
        ..BASE
    },
    Row {
        property: "allowUpdateWithoutMValues",
        default: Default::Flag(true),
        since: "3.4",
        places: &[configuration("allowUpdateWithoutMValues")],
        service_json: Some("properties.allowUpdateWithoutMValues"),
        doc: "Take geometries without M for features that have M.",
        ..FLAG
    },
    Row {
        property: "approvePublicDataCollection",
        kinds: &[ServiceKind::Feature, ServiceKind::VectorTile, ServiceKind::Scene],
        since: "3.4",
        codec: Codec::WhenSet,
        places: &[staging("approvePublicDataCollection")],
        doc: "Let everyone edit a layer that everyone sees.",
        ..FLAG
    },
    Row {
        property: "preserveEditUsersAndTimestamps",
        since: "3.4",
        places: &[staging("preserveEditUsersAndTimestamps")],
        doc: "Keep who edited features, and when.",
        ..FLAG
    },
    Row {
        property: "useCIMSymbols",
        kinds: &[ServiceKind::Feature, ServiceKind::MapImage],
        since: "2.9",
        codec: Codec::WhenSet,
        places: &[staging("WriteCIMSymbolsToWebLayer")],
        doc: "Store the project's own symbols with the layer, too.",
        ..FLAG
    },
    Row {
        property: "zDefault.enable",
        default: Default::Flag(true),
        since: "3.4",
        places: &[configuration("EnableZDefaults"), feature_prop("enableZDefaults")],
        service_json: Some("properties.enableZDefaults"),
        doc: "Give a Z to new features that have none.",
        ..FLAG
    },
    Row {
        property: "zDefault.value",
        value: ValueType::Number,
        default: Default::Integer(0),
        since: "3.4",
        places: &[configuration("zDefaultValue"), feature_prop("zDefaultValue")],
        service_json: Some("properties.zDefaultValue"),
        doc: "The Z of new features that have none.",
        ..BASE
    },
];
