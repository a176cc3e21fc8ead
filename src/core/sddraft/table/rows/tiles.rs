//! Vector tile layers and scene layers, which the products publish without a draft file.

use super::{BASE as ANY, COUNT, Codec, Default, FEATURE_CAPABILITIES, Row, ServiceKind, ValueType};

const BOTH: &[ServiceKind] = &[ServiceKind::VectorTile, ServiceKind::Scene];
const BASE: Row = Row { kinds: BOTH, since: "3.4", codec: Codec::Nowhere, ..ANY };
const FLAG: Row = Row { value: ValueType::Flag, default: Default::Flag(false), ..BASE };

/// The rows.
pub(super) const ROWS: &[Row] = &[
    Row {
        property: "serverType",
        value: ValueType::Choice(&["HOSTING_SERVER", "FEDERATED_SERVER"]),
        default: Default::Text("HOSTING_SERVER"),
        read_only: true,
        doc: "The kind of server.",
        ..BASE
    },
    Row {
        property: "federatedServerUrl",
        doc: "The address of the federated server; not used on the hosting server.",
        ..BASE
    },
    Row {
        property: "featureCapabilities",
        value: ValueType::Words(FEATURE_CAPABILITIES),
        default: Default::Text("Query"),
        doc: "What clients may do with the feature layer beside the tiles or the scene.",
        ..BASE
    },
    Row {
        property: "maxRecordCount",
        value: COUNT,
        default: Default::Integer(2000),
        doc: "The most records that one answer holds.",
        ..BASE
    },
    Row {
        property: "allowTrueCurvesUpdates",
        kinds: &[ServiceKind::VectorTile],
        since: "3.5",
        doc: "Take curves as curves; only with editing on a federated server.",
        ..FLAG
    },
    Row {
        property: "allowUpdateWithoutMValues",
        default: Default::Flag(true),
        doc: "Take geometries without M for features that have M.",
        ..FLAG
    },
    Row {
        property: "cachedAttributes",
        kinds: &[ServiceKind::Scene],
        doc: "The fields that the scene cache holds, separated by commas.",
        ..BASE
    },
    Row {
        property: "compressedTextures",
        kinds: &[ServiceKind::Scene],
        doc: "Store the textures compressed, too.",
        ..FLAG
    },
    Row { property: "export", kinds: &[ServiceKind::Scene], doc: "Let others export the layer.", ..FLAG },
];
