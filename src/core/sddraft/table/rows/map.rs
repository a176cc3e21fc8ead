//! Map image layers of federated servers, map services of stand-alone ones, and the caches of tile layers.

use super::{BASE as ANY, COUNT, Codec, DRAWN, Default, FEATURE_CAPABILITIES, Place, Row, ServiceKind};
use super::{ValueType, XsType, configuration, configured_as, feature_prop, info, props, staging};
use crate::sddraft::PropertySet;

const BASE: Row = Row { kinds: DRAWN, since: "3.4", ..ANY };
const FLAG: Row = Row { value: ValueType::Flag, default: Default::Flag(false), ..BASE };
const CACHED: &[ServiceKind] =
    &[ServiceKind::Tile, ServiceKind::MapImage, ServiceKind::MapService, ServiceKind::Image];
const SERVED: &[ServiceKind] = &[ServiceKind::MapImage, ServiceKind::MapService, ServiceKind::Image];

/// What the pool is called, and the provider that stands for it.
const POOLS: &[(&str, &str)] = &[
    ("DEDICATED", "ArcObjects11"),
    ("SHARED", "DMaps"),
    ("ArcObjects11", "ArcObjects11"),
    ("DMaps", "DMaps"),
];

/// The rows.
pub(super) const ROWS: &[Row] = &[
    Row {
        property: "federatedServerUrl",
        kinds: &[ServiceKind::MapImage],
        since: "2.2",
        codec: Codec::Nowhere,
        doc: "The address of the federated server; also the `in_server` of the upload.",
        ..BASE
    },
    Row {
        property: "targetServer",
        kinds: &[ServiceKind::MapService, ServiceKind::Image, ServiceKind::Geocode],
        since: "2.2",
        codec: Codec::Nowhere,
        doc: "The address of the server, or the path of a connection file (`.ags`).",
        ..BASE
    },
    Row {
        property: "copyDataToServer",
        since: "2.2",
        codec: Codec::Each(&[
            &[("false", "true"), ("true", "false")],
            &[("false", "false"), ("true", "TRUE")],
        ]),
        places: &[Place::Element("ByReference"), staging("IncludeDataInSDFile")],
        doc: "Copy all data, registered data too; else registered data stays where it is.",
        ..FLAG
    },
    Row {
        property: "mapOperations",
        value: ValueType::Words(&["Map", "Query", "Data", "TilesOnly", "Tilemap"]),
        default: Default::Text("Map,Query,Data"),
        places: &[info("WebCapabilities")],
        service_json: Some("capabilities"),
        doc: "What clients may do with the map.",
        ..BASE
    },
    Row {
        property: "maxRecordCount",
        value: COUNT,
        default: Default::Integer(2000),
        places: &[configuration("maxRecordCount"), feature_prop("maxRecordCount")],
        service_json: Some("properties.maxRecordCount"),
        doc: "The most records that one answer holds.",
        ..BASE
    },
    Row {
        property: "enableDynamicWorkspaces",
        default: Default::Flag(true),
        places: &[configuration("enableDynamicLayers")],
        service_json: Some("properties.enableDynamicLayers"),
        doc: "Let a request change the order and the symbols of layers.",
        ..FLAG
    },
    Row {
        property: "enableCache",
        kinds: SERVED,
        places: &[configuration("isCached")],
        service_json: Some("properties.isCached"),
        doc: "Serve tiles that were drawn before.",
        ..FLAG
    },
    Row {
        property: "cache.configuration",
        kinds: CACHED,
        codec: Codec::WhenSet,
        places: &[staging("TileCacheSchemaFile")],
        doc: "The path of a tiling scheme file (`.xml`); the scheme of web maps when not set.",
        ..BASE
    },
    Row {
        property: "cache.cacheOnDemand",
        kinds: SERVED,
        places: &[configuration("cacheOnDemand")],
        service_json: Some("properties.cacheOnDemand"),
        doc: "Draw missing tiles when they are asked for.",
        ..FLAG
    },
    Row {
        property: "cache.exportTiles",
        kinds: CACHED,
        places: &[configuration("exportTilesAllowed"), staging("exportTilesAllowed")],
        service_json: Some("properties.exportTilesAllowed"),
        doc: "Let clients download tiles.",
        ..FLAG
    },
    Row {
        property: "cache.exportTilesCount",
        kinds: CACHED,
        value: COUNT,
        default: Default::Integer(100_000),
        places: &[configured_as("maxExportTilesCount", XsType::Int)],
        service_json: Some("properties.maxExportTilesCount"),
        doc: "The most tiles of one download; only with `cache.exportTiles`.",
        ..BASE
    },
    Row {
        property: "cache.useExistingCache",
        kinds: SERVED,
        places: &[Place::Element("KeepExistingMapCache")],
        doc: "Draw from the cache that is there; only with `enableCache`.",
        ..FLAG
    },
    Row {
        property: "pooling.type",
        kinds: SERVED,
        value: ValueType::Choice(&["", "DEDICATED", "SHARED", "ArcObjects11", "DMaps"]),
        codec: Codec::Pairs(POOLS),
        places: &[props("provider")],
        service_json: Some("provider"),
        doc: "Processes of its own (`DEDICATED`) or shared with other services (`SHARED`).",
        ..BASE
    },
    Row {
        property: "pooling.minInstances",
        kinds: SERVED,
        value: ValueType::Integer(0, 100_000),
        default: Default::Integer(1),
        places: &[props("MinInstances")],
        service_json: Some("minInstancesPerNode"),
        doc: "The processes that always run, in a dedicated pool.",
        ..BASE
    },
    Row {
        property: "pooling.maxInstances",
        kinds: SERVED,
        value: ValueType::Integer(1, 100_000),
        default: Default::Integer(2),
        places: &[props("MaxInstances")],
        service_json: Some("maxInstancesPerNode"),
        doc: "The most processes that run, in a dedicated pool.",
        ..BASE
    },
    Row {
        property: "extension.feature.featureCapabilities",
        value: ValueType::Words(FEATURE_CAPABILITIES),
        default: Default::Text("Query,Create,Update,Delete,Uploads,Editing"),
        places: &[Place::Property(
            PropertySet::ExtensionInfo("FeatureServer"),
            "WebCapabilities",
            XsType::String,
        )],
        service_json: Some("extensions.FeatureServer.capabilities"),
        doc: "What clients may do with the features of the map.",
        ..BASE
    },
    Row {
        property: "extension.feature.zDefault.enable",
        places: &[feature_prop("enableZDefaults")],
        service_json: Some("extensions.FeatureServer.properties.enableZDefaults"),
        doc: "Give a Z to new features that have none.",
        ..FLAG
    },
    Row {
        property: "extension.feature.zDefault.value",
        value: ValueType::Number,
        default: Default::Integer(0),
        places: &[feature_prop("zDefaultValue")],
        service_json: Some("extensions.FeatureServer.properties.zDefaultValue"),
        doc: "The Z of new features that have none.",
        ..BASE
    },
    Row {
        property: "extension.feature.allowTrueCurvesUpdates",
        places: &[feature_prop("allowTrueCurvesUpdates")],
        service_json: Some("extensions.FeatureServer.properties.allowTrueCurvesUpdates"),
        doc: "Take curves as curves, not as many short lines.",
        ..FLAG
    },
    Row {
        property: "extension.feature.onlyAllowTrueCurveUpdatesByTrueCurveClients",
        codec: Codec::WhenSet,
        places: &[feature_prop("onlyAllowTrueCurveUpdatesByTrueCurveClients")],
        service_json: Some("extensions.FeatureServer.properties.onlyAllowTrueCurveUpdatesByTrueCurveClients"),
        doc: "Let only clients that know curves edit features with curves.",
        ..FLAG
    },
    Row {
        property: "extension.feature.allowUpdateWithoutMValues",
        codec: Codec::WhenSet,
        places: &[feature_prop("allowUpdateWithoutMValues")],
        service_json: Some("extensions.FeatureServer.properties.allowUpdateWithoutMValues"),
        doc: "Take geometries without M for features that have M.",
        ..FLAG
    },
];
