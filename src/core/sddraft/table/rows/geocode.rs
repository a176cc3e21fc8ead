//! Geocode services.

use super::{BASE as ANY, COUNT, Codec, Default, Place, Row, ServiceKind, ValueType};
use super::{configuration, info, staging};

const BASE: Row = Row { kinds: &[ServiceKind::Geocode], since: "10.1", ..ANY };

/// The rows; their names are those of `CreateGeocodeSDDraft`.
pub(super) const ROWS: &[Row] = &[
    Row {
        property: "copyDataToServer",
        value: ValueType::Flag,
        default: Default::Flag(false),
        codec: Codec::Each(&[
            &[("false", "true"), ("true", "false")],
            &[("false", "FALSE"), ("true", "TRUE")],
        ]),
        places: &[Place::Element("ByReference"), staging("IncludeDataInSDFile")],
        doc: "Copy the locator; else it stays where it is, in a registered folder.",
        ..BASE
    },
    Row {
        property: "supportedOperations",
        value: ValueType::Words(&["Geocode", "ReverseGeocode", "Suggest"]),
        default: Default::Text("Geocode,ReverseGeocode"),
        places: &[info("webCapabilities"), info("supportedWebCapabilities")],
        service_json: Some("capabilities"),
        doc: "What clients may do with the locator.",
        ..BASE
    },
    Row {
        property: "maxResultSize",
        value: COUNT,
        default: Default::Integer(500),
        places: &[configuration("maxResultSize")],
        service_json: Some("properties.maxResultSize"),
        doc: "The most results of one request.",
        ..BASE
    },
    Row {
        property: "maxBatchSize",
        value: COUNT,
        default: Default::Integer(1000),
        places: &[configuration("maxBatchSize")],
        service_json: Some("properties.maxBatchSize"),
        doc: "The most addresses of one request.",
        ..BASE
    },
    Row {
        property: "suggestedBatchSize",
        value: COUNT,
        default: Default::Integer(1000),
        places: &[configuration("suggestedBatchSize")],
        service_json: Some("properties.suggestedBatchSize"),
        doc: "How many addresses clients had best send at a time.",
        ..BASE
    },
];
