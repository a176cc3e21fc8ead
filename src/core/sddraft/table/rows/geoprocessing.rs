//! Web tools and geoprocessing services.

use crate::sddraft::table::{Codec, Default, Place, Row, ServiceKind, ValueType};
use crate::sddraft::{PropertySet, XsType};

const GP: &[ServiceKind] = &[ServiceKind::Geoprocessing];

const fn staging(key: &'static str) -> Place {
    Place::Property(PropertySet::Staging, key, XsType::String)
}

const fn configuration(key: &'static str) -> Place {
    Place::Property(PropertySet::Configuration, key, XsType::String)
}

const fn prop(key: &'static str) -> Place {
    Place::Property(PropertySet::Props, key, XsType::String)
}

const BASE: Row = Row {
    property: "",
    kinds: GP,
    value: ValueType::Text,
    default: Default::Text(""),
    read_only: false,
    since: "3.0",
    codec: Codec::Plain,
    places: &[],
    service_json: None,
    doc: "",
};

const FLAG: Row = Row { value: ValueType::Flag, default: Default::Flag(false), ..BASE };
const SECONDS: ValueType = ValueType::Integer(0, 2_147_483_647);

/// The rows.
pub(super) const ROWS: &[Row] = &[
    Row {
        property: "serviceName",
        places: &[
            Place::Element("Name"),
            Place::Element("Configurations/SVCConfiguration/Name"),
            Place::Element("ItemInfo/Name"),
        ],
        service_json: Some("serviceName"),
        doc: "The name of the service: letters, digits and underscores, up to 120.",
        ..BASE
    },
    Row {
        property: "serverType",
        value: ValueType::Choice(&["STANDALONE_SERVER", "FEDERATED_SERVER"]),
        default: Default::Text("STANDALONE_SERVER"),
        codec: Codec::Nowhere,
        doc: "The kind of server: a stand-alone one for services, a federated one for web tools.",
        ..BASE
    },
    Row {
        property: "serviceType",
        value: ValueType::Choice(&["GP_SERVICE", "WEB_TOOL"]),
        default: Default::Text("GP_SERVICE"),
        read_only: true,
        codec: Codec::Nowhere,
        doc: "`WEB_TOOL` on a federated server, `GP_SERVICE` on a stand-alone one.",
        ..BASE
    },
    Row {
        property: "summary",
        places: &[Place::Element("ItemInfo/Snippet")],
        doc: "One or two sentences for the item; the tool's own when not set.",
        ..BASE
    },
    Row {
        property: "tags",
        codec: Codec::Tags,
        places: &[Place::Element("ItemInfo/Tags")],
        doc: "Words to find the item by, separated by commas; the tool's own when not set.",
        ..BASE
    },
    Row {
        property: "description",
        places: &[Place::Element("ItemInfo/Description")],
        doc: "The description of the item; the tool's own when not set.",
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
        codec: Codec::Nowhere,
        doc: "The version of the server that the draft is for, as a number such as 330 or a word.",
        ..BASE
    },
    Row {
        property: "targetServer",
        codec: Codec::Nowhere,
        doc: "Address of the federated server, or path of a connection file to a stand-alone one.",
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
        property: "copyDataToServer",
        default: Default::Flag(true),
        codec: Codec::Pairs(&[("true", "false"), ("false", "true")]),
        places: &[Place::Element("ByReference")],
        doc: "Copy the data of the tools into the definition, instead of naming registered data.",
        ..FLAG
    },
    Row {
        property: "serverFolder",
        codec: Codec::WhenSet,
        places: &[Place::Element("Configurations/SVCConfiguration/ServiceFolder")],
        service_json: Some("folderName"),
        doc: "A folder of the server; the root when not set.",
        ..BASE
    },
    Row {
        property: "portalFolder",
        codec: Codec::WhenSet,
        places: &[staging("PortalFolderName")],
        doc: "A folder in My Content; the root when not set.",
        ..BASE
    },
    Row {
        property: "executionType",
        value: ValueType::Choice(&["Asynchronous", "Synchronous"]),
        default: Default::Text("Asynchronous"),
        places: &[configuration("executionType"), prop("executionType")],
        service_json: Some("properties.executionType"),
        doc: "Whether clients wait for the answer, or ask for it later.",
        ..BASE
    },
    Row {
        property: "maximumRecords",
        value: ValueType::Integer(0, 2_147_483_647),
        default: Default::Integer(1000),
        places: &[configuration("maximumRecords"), prop("maximumRecords")],
        service_json: Some("properties.maximumRecords"),
        doc: "The most features that one answer holds.",
        ..BASE
    },
    Row {
        property: "resultMapService",
        places: &[configuration("resultMapServer"), prop("resultMapServer")],
        service_json: Some("properties.resultMapServer"),
        doc: "Draw results with a map service of the same name.",
        ..FLAG
    },
    Row {
        property: "messageLevel",
        value: ValueType::Choice(&["None", "Error", "Warning", "Info"]),
        default: Default::Text("None"),
        places: &[configuration("showMessages"), prop("showMessages")],
        service_json: Some("properties.showMessages"),
        doc: "Which messages of the tools clients see.",
        ..BASE
    },
    Row {
        property: "minInstances",
        value: ValueType::Integer(0, 10_000),
        default: Default::Integer(1),
        places: &[configuration("minInstances"), prop("MinInstances")],
        service_json: Some("minInstancesPerNode"),
        doc: "Instances that are always there.",
        ..BASE
    },
    Row {
        property: "maxInstances",
        value: ValueType::Integer(1, 10_000),
        default: Default::Integer(2),
        places: &[configuration("maxInstances"), prop("MaxInstances")],
        service_json: Some("maxInstancesPerNode"),
        doc: "The most instances.",
        ..BASE
    },
    Row {
        property: "maxUsageTime",
        value: SECONDS,
        default: Default::Integer(600),
        places: &[configuration("UsageTimeout"), prop("UsageTimeout")],
        service_json: Some("maxUsageTime"),
        doc: "Seconds after which a run is ended.",
        ..BASE
    },
    Row {
        property: "maxWaitTime",
        value: SECONDS,
        default: Default::Integer(60),
        places: &[configuration("WaitTimeout"), prop("WaitTimeout")],
        service_json: Some("maxWaitTime"),
        doc: "Seconds that a client waits for an instance.",
        ..BASE
    },
    Row {
        property: "maxIdleTime",
        value: SECONDS,
        default: Default::Integer(1800),
        places: &[configuration("IdleTimeout"), prop("IdleTimeout")],
        service_json: Some("maxIdleTime"),
        doc: "Seconds after which an idle instance ends.",
        ..BASE
    },
    Row {
        property: "capabilities",
        value: ValueType::Words(&["Uploads", "Validate"]),
        places: &[configuration("webCapabilities"), prop("webCapabilities")],
        service_json: Some("capabilities"),
        doc: "`Uploads`: clients may upload files; `Validate`: they may ask for validation.",
        ..BASE
    },
];
