//! What most drafts have: names, words for the item, sharing, where and for what the draft is.

use super::{BASE as ANY, Codec, DRAWN, Default, FLAG as ANY_FLAG, MAPS, Place, Row, ServiceKind, ValueType};
use super::{SERVICE_FOLDER, configuration, staging};

const ALL: &[ServiceKind] = &[
    ServiceKind::Feature,
    ServiceKind::Tile,
    ServiceKind::MapImage,
    ServiceKind::MapService,
    ServiceKind::VectorTile,
    ServiceKind::Scene,
    ServiceKind::Image,
    ServiceKind::Geocode,
];
/// Drafts of datasets, in the older form, and those that become no file.
const OTHERS: &[ServiceKind] =
    &[ServiceKind::VectorTile, ServiceKind::Scene, ServiceKind::Image, ServiceKind::Geocode];
const HOSTED: &[ServiceKind] = &[ServiceKind::Feature, ServiceKind::Tile];
/// Items of a portal.
const SHARED: &[ServiceKind] = &[
    ServiceKind::Feature,
    ServiceKind::Tile,
    ServiceKind::MapImage,
    ServiceKind::MapService,
    ServiceKind::VectorTile,
    ServiceKind::Scene,
    ServiceKind::Image,
];
const BASE: Row = Row { kinds: ALL, ..ANY };
const FLAG: Row = Row { kinds: ALL, ..ANY_FLAG };
const SERVER: Row = Row {
    property: "serverType",
    read_only: true,
    places: &[Place::Element("ServerType")],
    doc: "The kind of server.",
    ..ANY
};
const TYPE: Row = Row {
    property: "serviceType",
    read_only: true,
    places: &[Place::Element("Configurations/SVCConfiguration/TypeName")],
    service_json: Some("type"),
    doc: "The kind of service.",
    ..ANY
};
const NAME: Row = Row {
    property: "serviceName",
    service_json: Some("serviceName"),
    doc: "The name of the service: letters, digits and underscores, up to 120.",
    ..ANY
};
const ZONE: Row = Row { kinds: MAPS, default: Default::None, since: "3.4", ..ANY };
const ZONE_FLAG: Row = Row { value: ValueType::Flag, ..ZONE };

/// The rows.
pub(super) const ROWS: &[Row] = &[
    Row {
        kinds: MAPS,
        places: &[
            Place::Element("Name"),
            Place::Element("Configurations/SVCConfiguration/Name"),
            Place::Element("ItemInfo/Name"),
            staging("GeodataServiceName"),
        ],
        ..NAME
    },
    Row {
        kinds: OTHERS,
        places: &[
            Place::Element("Name"),
            Place::Element("Configurations/SVCConfiguration/Name"),
            Place::Element("ItemInfo/Name"),
        ],
        ..NAME
    },
    Row {
        kinds: HOSTED,
        default: Default::Text("HOSTING_SERVER"),
        codec: Codec::Pairs(&[("HOSTING_SERVER", "esriSVCServerType_LightweightOnline")]),
        ..SERVER
    },
    Row {
        kinds: &[ServiceKind::MapImage],
        default: Default::Text("FEDERATED_SERVER"),
        codec: Codec::Pairs(&[("FEDERATED_SERVER", "esriSVCServerType_FullServer")]),
        ..SERVER
    },
    Row {
        kinds: &[ServiceKind::MapService, ServiceKind::Geocode],
        default: Default::Text("STANDALONE_SERVER"),
        codec: Codec::Pairs(&[("STANDALONE_SERVER", "esriSVCServerType_FullServer")]),
        ..SERVER
    },
    Row {
        kinds: &[ServiceKind::Feature],
        default: Default::Text("FEATURE"),
        codec: Codec::Pairs(&[("FEATURE", "FeatureServer")]),
        ..TYPE
    },
    Row {
        kinds: &[ServiceKind::Tile],
        default: Default::Text("TILE"),
        codec: Codec::Pairs(&[("TILE", "MapServer")]),
        ..TYPE
    },
    Row {
        kinds: &[ServiceKind::MapImage],
        default: Default::Text("MAP_IMAGE"),
        codec: Codec::Pairs(&[("MAP_IMAGE", "MapServer")]),
        ..TYPE
    },
    Row {
        kinds: &[ServiceKind::MapService],
        default: Default::Text("MAP_SERVICE"),
        codec: Codec::Pairs(&[("MAP_SERVICE", "MapServer")]),
        ..TYPE
    },
    Row {
        kinds: &[ServiceKind::VectorTile],
        default: Default::Text("VECTOR_TILE"),
        codec: Codec::Pairs(&[("VECTOR_TILE", "VectorTileServer")]),
        ..TYPE
    },
    Row {
        kinds: &[ServiceKind::Scene],
        default: Default::Text("SCENE_LAYER"),
        codec: Codec::Pairs(&[("SCENE_LAYER", "SceneServer")]),
        ..TYPE
    },
    Row {
        kinds: &[ServiceKind::Geocode],
        default: Default::Text("GEOCODE_SERVICE"),
        codec: Codec::Pairs(&[("GEOCODE_SERVICE", "GeocodeServer")]),
        ..TYPE
    },
    Row {
        property: "summary",
        places: &[Place::Element("ItemInfo/Snippet")],
        doc: "One or two sentences for the item; taken from the map, layer or data when not set.",
        ..BASE
    },
    Row {
        property: "tags",
        codec: Codec::Tags,
        places: &[Place::Element("ItemInfo/Tags")],
        doc: "Words to find the item by, separated by commas or semicolons.",
        ..BASE
    },
    Row {
        property: "description",
        places: &[Place::Element("ItemInfo/Description")],
        doc: "The description of the item.",
        ..BASE
    },
    Row {
        property: "credits",
        places: &[Place::Element("ItemInfo/Credits")],
        doc: "Who made the data.",
        ..BASE
    },
    Row {
        property: "useLimitations",
        places: &[Place::Element("ItemInfo/AccessInformation")],
        doc: "The terms of use.",
        ..BASE
    },
    Row {
        property: "overwriteExistingService",
        codec: Codec::Pairs(&[
            ("false", "esriServiceDefinitionType_New"),
            ("true", "esriServiceDefinitionType_Replacement"),
        ]),
        places: &[Place::Element("Type")],
        doc: "Replace a service of this name.",
        ..FLAG
    },
    Row {
        property: "portalFolder",
        kinds: &[ServiceKind::Feature, ServiceKind::Tile, ServiceKind::VectorTile, ServiceKind::Scene],
        codec: Codec::WhenSet,
        places: &[SERVICE_FOLDER, staging("PortalFolderName")],
        service_json: Some("folderName"),
        doc: "A folder in My Content; the root when not set.",
        ..BASE
    },
    Row {
        property: "portalFolder",
        kinds: &[ServiceKind::MapImage, ServiceKind::Image],
        codec: Codec::WhenSet,
        places: &[staging("PortalFolderName")],
        doc: "A folder in My Content; the root when not set.",
        ..BASE
    },
    Row {
        property: "serverFolder",
        kinds: &[
            ServiceKind::MapImage,
            ServiceKind::MapService,
            ServiceKind::VectorTile,
            ServiceKind::Scene,
            ServiceKind::Image,
            ServiceKind::Geocode,
        ],
        codec: Codec::WhenSet,
        places: &[SERVICE_FOLDER],
        service_json: Some("folderName"),
        doc: "A folder of the server, made if there is none; the root when not set.",
        ..BASE
    },
    Row {
        property: "offline",
        codec: Codec::Nowhere,
        doc: "Write the draft without a portal or server.",
        ..FLAG
    },
    Row {
        property: "offlineTarget",
        kinds: HOSTED,
        value: ValueType::Choice(&["ENTERPRISE_10x", "ENTERPRISE_11", "ONLINE"]),
        default: Default::Text("ENTERPRISE_10x"),
        since: "3.0",
        codec: Codec::Nowhere,
        doc: "What the draft is for when it is written without a portal.",
        ..BASE
    },
    Row {
        property: "offlineTarget",
        kinds: DRAWN,
        value: ValueType::Choice(&["ENTERPRISE_10x", "ENTERPRISE_11"]),
        default: Default::Text("ENTERPRISE_10x"),
        since: "3.0",
        codec: Codec::Nowhere,
        doc: "What the draft is for when it is written without a server.",
        ..BASE
    },
    Row {
        property: "checkUniqueIDAssignment",
        kinds: &[ServiceKind::Feature, ServiceKind::MapImage, ServiceKind::MapService],
        since: "2.9",
        codec: Codec::WhenSet,
        places: &[staging("checkUniqueIDAssignment")],
        doc: "Require that the map assigns unique numeric ids.",
        ..FLAG
    },
    Row {
        property: "sharing.sharingLevel",
        kinds: SHARED,
        value: ValueType::Choice(&["", "OWNER", "ORGANIZATION", "EVERYONE"]),
        since: "3.4",
        codec: Codec::Level,
        places: &[staging("PackageUnderMyOrg"), staging("PackageIsPublic")],
        doc: "Who sees the layer.",
        ..BASE
    },
    Row {
        property: "sharing.groups",
        kinds: SHARED,
        since: "3.4",
        codec: Codec::Groups,
        places: &[staging("PackageGroupIDs"), staging("PackageShareGroups")],
        doc: "Groups that see the layer, separated by commas.",
        ..BASE
    },
    Row {
        property: "timezone.ID",
        places: &[configuration("dateFieldsTimezoneID")],
        service_json: Some("properties.dateFieldsTimezoneID"),
        doc: "The zone of the date fields.",
        ..ZONE
    },
    Row {
        property: "timezone.DaylightSavingTime",
        places: &[configuration("dateFieldsRespectsDayLightSavingTime")],
        service_json: Some("properties.dateFieldsRespectsDayLightSavingTime"),
        doc: "Whether the zone of the date fields has summer time.",
        ..ZONE_FLAG
    },
    Row {
        property: "timezone.preferredTimezoneID",
        places: &[configuration("preferredTimeZoneID")],
        service_json: Some("properties.preferredTimeZoneID"),
        doc: "The zone in which the author reads dates.",
        ..ZONE
    },
    Row {
        property: "timezone.preferredTimezoneIDDaylightSavingTime",
        places: &[configuration("preferredTimeZoneRespectsDayLightSavingTime")],
        service_json: Some("properties.preferredTimeZoneRespectsDayLightSavingTime"),
        doc: "Whether that zone has summer time.",
        ..ZONE_FLAG
    },
];
