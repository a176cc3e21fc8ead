//! Hosted feature layers.

use crate::sddraft::table::{Codec, Default, Place, Row, ServiceKind, ValueType};
use crate::sddraft::{PropertySet, XsType};

const FEATURE: &[ServiceKind] = &[ServiceKind::Feature];

/// The operations that `featureCapabilities` may name.
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

const fn feature_prop(key: &'static str) -> Place {
    Place::Property(PropertySet::ExtensionProps("FeatureServer"), key, XsType::String)
}

const WEB_CAPABILITIES: Place = Place::Property(PropertySet::Info, "webCapabilities", XsType::String);

const BASE: Row = Row {
    property: "",
    kinds: FEATURE,
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

/// The rows.
pub(super) const ROWS: &[Row] = &[
    Row {
        property: "serviceName",
        places: &[
            Place::Element("Name"),
            Place::Element("Configurations/SVCConfiguration/Name"),
            Place::Element("ItemInfo/Name"),
            staging("GeodataServiceName"),
        ],
        service_json: Some("serviceName"),
        doc: "The name of the service: letters, digits and underscores, up to 120.",
        ..BASE
    },
    Row {
        property: "serverType",
        default: Default::Text("HOSTING_SERVER"),
        read_only: true,
        codec: Codec::Pairs(&[("HOSTING_SERVER", "esriSVCServerType_LightweightOnline")]),
        places: &[Place::Element("ServerType")],
        doc: "The kind of server.",
        ..BASE
    },
    Row {
        property: "serviceType",
        default: Default::Text("FEATURE"),
        read_only: true,
        codec: Codec::Pairs(&[("FEATURE", "FeatureServer")]),
        places: &[Place::Element("Configurations/SVCConfiguration/TypeName")],
        service_json: Some("type"),
        doc: "The kind of layer.",
        ..BASE
    },
    Row {
        property: "summary",
        places: &[Place::Element("ItemInfo/Snippet")],
        doc: "One or two sentences for the item; taken from the map or layer when not set.",
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
        codec: Codec::WhenSet,
        places: &[
            Place::Element("Configurations/SVCConfiguration/ServiceFolder"),
            staging("PortalFolderName"),
        ],
        service_json: Some("folderName"),
        doc: "A folder in My Content; the root when not set.",
        ..BASE
    },
    Row { property: "offline", codec: Codec::Nowhere, doc: "Write the draft without a portal.", ..FLAG },
    Row {
        property: "offlineTarget",
        value: ValueType::Choice(&["ENTERPRISE_10x", "ENTERPRISE_11", "ONLINE"]),
        default: Default::Text("ENTERPRISE_10x"),
        since: "3.0",
        codec: Codec::Nowhere,
        doc: "What the draft is for when it is written without a portal.",
        ..BASE
    },
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
        value: ValueType::Integer(1, 2_147_483_647),
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
        since: "3.4",
        codec: Codec::WhenSet,
        places: &[staging("approvePublicDataCollection")],
        doc: "Let everyone edit a layer that everyone sees.",
        ..FLAG
    },
    Row {
        property: "checkUniqueIDAssignment",
        since: "2.9",
        codec: Codec::WhenSet,
        places: &[staging("checkUniqueIDAssignment")],
        doc: "Require that the map assigns unique numeric ids.",
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
        since: "2.9",
        places: &[staging("WriteCIMSymbolsToWebLayer")],
        doc: "Store the project's own symbols with the layer, too.",
        ..FLAG
    },
    Row {
        property: "sharing.sharingLevel",
        value: ValueType::Choice(&["", "OWNER", "ORGANIZATION", "EVERYONE"]),
        since: "3.4",
        codec: Codec::Level,
        places: &[staging("PackageUnderMyOrg"), staging("PackageIsPublic")],
        doc: "Who sees the layer.",
        ..BASE
    },
    Row {
        property: "sharing.groups",
        since: "3.4",
        codec: Codec::Groups,
        places: &[staging("PackageGroupIDs"), staging("PackageShareGroups")],
        doc: "Groups that see the layer, separated by commas.",
        ..BASE
    },
    Row {
        property: "timezone.ID",
        default: Default::None,
        since: "3.4",
        places: &[configuration("dateFieldsTimezoneID")],
        service_json: Some("properties.dateFieldsTimezoneID"),
        doc: "The zone of the date fields.",
        ..BASE
    },
    Row {
        property: "timezone.DaylightSavingTime",
        default: Default::None,
        since: "3.4",
        places: &[configuration("dateFieldsRespectsDayLightSavingTime")],
        service_json: Some("properties.dateFieldsRespectsDayLightSavingTime"),
        doc: "Whether the zone of the date fields has summer time.",
        ..FLAG
    },
    Row {
        property: "timezone.preferredTimezoneID",
        default: Default::None,
        since: "3.4",
        places: &[configuration("preferredTimeZoneID")],
        service_json: Some("properties.preferredTimeZoneID"),
        doc: "The zone in which the author reads dates.",
        ..BASE
    },
    Row {
        property: "timezone.preferredTimezoneIDDaylightSavingTime",
        default: Default::None,
        since: "3.4",
        places: &[configuration("preferredTimeZoneRespectsDayLightSavingTime")],
        service_json: Some("properties.preferredTimeZoneRespectsDayLightSavingTime"),
        doc: "Whether that zone has summer time.",
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
