//! Image services and imagery layers.

use super::{BASE as ANY, COUNT, Codec, Default, Place, Row, ServiceKind, ValueType, XsType};
use super::{configuration, configured_as, info, staging};

const BASE: Row = Row { kinds: &[ServiceKind::Image], since: "3.5", ..ANY };
const FLAG: Row = Row { value: ValueType::Flag, default: Default::Flag(false), ..BASE };
const OPTION: Row = Row { default: Default::None, ..FLAG };
/// Keys that untouched drafts do not have: they are written when they are set.
const WHEN_SET: Row = Row { codec: Codec::WhenSet, ..BASE };
const PIXELS: ValueType = ValueType::Integer(1, 2_147_483_647);

/// The rows.
pub(super) const ROWS: &[Row] = &[
    Row {
        property: "serverType",
        value: ValueType::Choice(&["STANDALONE_SERVER", "FEDERATED_SERVER"]),
        default: Default::Text("STANDALONE_SERVER"),
        read_only: true,
        codec: Codec::Nowhere,
        places: &[Place::Element("ServerType")],
        doc: "The kind of server.",
        ..BASE
    },
    Row {
        property: "serviceType",
        value: ValueType::Choice(&["IMAGE_SERVICE", "WEB_IMAGERY_LAYER"]),
        default: Default::Text("IMAGE_SERVICE"),
        read_only: true,
        codec: Codec::Nowhere,
        places: &[Place::Element("Configurations/SVCConfiguration/TypeName")],
        service_json: Some("type"),
        doc: "The kind of service.",
        ..BASE
    },
    Row {
        property: "offlineTarget",
        value: ValueType::Choice(&["ENTERPRISE_10x", "ENTERPRISE_11"]),
        default: Default::Text("ENTERPRISE_10x"),
        codec: Codec::Nowhere,
        doc: "What the draft is for when it is written without a server.",
        ..BASE
    },
    Row {
        property: "copyDataToServer",
        codec: Codec::Each(&[
            &[("false", "true"), ("true", "false")],
            &[("false", "FALSE"), ("true", "TRUE")],
        ]),
        places: &[Place::Element("ByReference"), staging("IncludeDataInSDFile")],
        doc: "Copy the raster; else it stays where it is, in a registered folder or database.",
        ..FLAG
    },
    Row {
        property: "capabilities",
        value: ValueType::Words(&[
            "Image",
            "Catalog",
            "Metadata",
            "Mensuration",
            "Download",
            "Pixels",
            "Edit",
            "Uploads",
            "Tilemap",
        ]),
        default: Default::Text("Image,Metadata,Catalog,Mensuration"),
        places: &[info("webCapabilities")],
        service_json: Some("capabilities"),
        doc: "What clients may do with the images.",
        ..BASE
    },
    Row {
        property: "allowAnalysis",
        codec: Codec::WhenSet,
        places: &[configuration("AllowAnalysis")],
        service_json: Some("properties.allowAnalysis"),
        doc: "Let raster analysis read the images.",
        ..OPTION
    },
    Row {
        property: "allowCopy",
        codec: Codec::WhenSet,
        places: &[configuration("AllowCopy")],
        service_json: Some("properties.allowCopy"),
        doc: "Let clients download rasters.",
        ..OPTION
    },
    Row {
        property: "allowFunction",
        default: Default::Flag(true),
        places: &[configuration("AllowFunction")],
        service_json: Some("properties.allowFunction"),
        doc: "Let clients choose raster functions.",
        ..FLAG
    },
    Row {
        property: "allowedCompressions",
        value: ValueType::Words(&["None", "JPEG", "LZ77", "LERC"]),
        default: Default::Text("None,JPEG,LZ77,LERC"),
        places: &[configuration("AllowedCompressions")],
        service_json: Some("properties.allowedCompressions"),
        doc: "The compressions that clients may ask for.",
        ..BASE
    },
    Row {
        property: "allowedFields",
        places: &[configuration("AllowedFields")],
        service_json: Some("properties.allowedFields"),
        doc: "The fields of the footprints that clients see; all when not set.",
        ..WHEN_SET
    },
    Row {
        property: "allowedItemMetadata",
        value: ValueType::Choice(&["None", "Basic", "Full"]),
        default: Default::Text("Basic"),
        places: &[configuration("AllowedItemMetadata")],
        service_json: Some("properties.allowedItemMetadata"),
        doc: "How much metadata of single images clients see.",
        ..BASE
    },
    Row {
        property: "allowedMensurationCapabilities",
        value: ValueType::Words(&[
            "None",
            "Basic",
            "Base-Top Height",
            "Top-Top Shadow Height",
            "Base-Top Shadow Height",
            "3D",
        ]),
        default: Default::Text("Basic"),
        places: &[configuration("AllowedMensurationCapabilities")],
        service_json: Some("properties.allowedMensurationCapabilities"),
        doc: "What clients may measure.",
        ..BASE
    },
    Row {
        property: "allowedMosaicMethods",
        value: ValueType::Words(&[
            "NorthWest",
            "Center",
            "LockRaster",
            "ByAttribute",
            "Nadir",
            "Viewpoint",
            "Seamline",
            "None",
        ]),
        default: Default::Text("NorthWest,Center,LockRaster,ByAttribute,Nadir,Viewpoint,Seamline,None"),
        places: &[configuration("AllowedMosaicMethods")],
        service_json: Some("properties.allowedMosaicMethods"),
        doc: "The orders of overlapping images that clients may choose; for mosaic datasets.",
        ..BASE
    },
    Row {
        property: "allowedTemplates",
        places: &[configuration("RasterFunctions")],
        service_json: Some("properties.rasterFunctions"),
        doc: "Raster function templates that clients may choose, separated by commas.",
        ..WHEN_SET
    },
    Row {
        property: "defaultTemplate",
        places: &[configuration("DefaultTemplate")],
        service_json: Some("properties.defaultTemplate"),
        doc: "The raster function template that is used without a choice.",
        ..WHEN_SET
    },
    Row {
        property: "maxRecordCount",
        value: COUNT,
        default: Default::Integer(1000),
        places: &[configured_as("MaxRecordCount", XsType::Int)],
        service_json: Some("properties.maxRecordCount"),
        doc: "The most records that one answer holds.",
        ..BASE
    },
    Row {
        property: "maxImageWidth",
        value: PIXELS,
        default: Default::Integer(15_000),
        places: &[configured_as("MaxImageWidth", XsType::Int)],
        service_json: Some("properties.maxImageWidth"),
        doc: "The widest image that clients may ask for, in pixels.",
        ..BASE
    },
    Row {
        property: "maxImageHeight",
        value: PIXELS,
        default: Default::Integer(4100),
        places: &[configured_as("MaxImageHeight", XsType::Int)],
        service_json: Some("properties.maxImageHeight"),
        doc: "The highest image that clients may ask for, in pixels.",
        ..BASE
    },
    Row {
        property: "maxSampleCount",
        value: COUNT,
        default: Default::Integer(1000),
        places: &[configured_as("MaxSampleCount", XsType::Int)],
        service_json: Some("properties.maxSampleCount"),
        doc: "The most samples of one answer.",
        ..BASE
    },
    Row {
        property: "defaultResamplingMethod",
        value: ValueType::Integer(0, 3),
        default: Default::Integer(1),
        places: &[configured_as("DefaultResamplingMethod", XsType::Int)],
        service_json: Some("properties.defaultResamplingMethod"),
        doc: "0 nearest, 1 bilinear, 2 cubic, 3 majority.",
        ..BASE
    },
    Row {
        property: "defaultCompressionQuality",
        value: ValueType::Integer(0, 100),
        default: Default::Integer(75),
        places: &[configured_as("DefaultCompressionQuality", XsType::Int)],
        service_json: Some("properties.defaultCompressionQuality"),
        doc: "JPEG quality, 0 to 100.",
        ..BASE
    },
    Row {
        property: "defaultCompressionTolerance",
        value: ValueType::Number,
        default: Default::Text("0.01"),
        places: &[configured_as("DefaultCompressionTolerance", XsType::Double)],
        service_json: Some("properties.defaultCompressionTolerance"),
        doc: "The error that LERC may make.",
        ..BASE
    },
    Row {
        property: "colormapToRGB",
        places: &[configuration("ColormapToRGB")],
        service_json: Some("properties.colormapToRGB"),
        doc: "Turn colour maps into red, green and blue.",
        ..FLAG
    },
    Row {
        property: "returnJPGPNGAsJPG",
        places: &[configuration("ReturnJPGPNGAsJPG")],
        service_json: Some("properties.returnJPGPNGAsJPG"),
        doc: "Answer JPGPNG with JPEG.",
        ..FLAG
    },
    Row {
        property: "maxMosaicImageCount",
        value: COUNT,
        default: Default::Integer(20),
        places: &[configured_as("MaxMosaicImageCount", XsType::Int)],
        service_json: Some("properties.maxMosaicImageCount"),
        doc: "The most images that one answer mixes; for mosaic datasets.",
        ..BASE
    },
    Row {
        property: "maxDownloadImageCount",
        value: COUNT,
        default: Default::Integer(20),
        places: &[configured_as("MaxDownloadImageCount", XsType::Int)],
        service_json: Some("properties.maxDownloadImageCount"),
        doc: "The most rasters of one download.",
        ..BASE
    },
    Row {
        property: "maxDownloadSizeLimit",
        value: COUNT,
        default: Default::Integer(2048),
        places: &[configured_as("MaxDownloadSizeLimit", XsType::Int)],
        service_json: Some("properties.maxDownloadSizeLimit"),
        doc: "The largest download, in MB.",
        ..BASE
    },
    Row {
        property: "downloadDirectory",
        places: &[configuration("DownloadDir")],
        service_json: Some("properties.downloadDir"),
        doc: "The server's folder of downloads.",
        ..WHEN_SET
    },
    Row {
        property: "virtualDownloadDirectory",
        places: &[configuration("VirtualDownloadDir")],
        service_json: Some("properties.virtualDownloadDir"),
        doc: "The address of the folder of downloads.",
        ..WHEN_SET
    },
    Row {
        property: "sortField",
        places: &[configuration("SortField")],
        service_json: Some("properties.sortField"),
        doc: "The field that orders overlapping images.",
        ..WHEN_SET
    },
    Row {
        property: "sortValue",
        places: &[configuration("SortValue")],
        service_json: Some("properties.sortValue"),
        doc: "The value of that field that comes first.",
        ..WHEN_SET
    },
    Row {
        property: "hasLiveData",
        codec: Codec::WhenSet,
        places: &[configuration("HasLiveData")],
        service_json: Some("properties.hasLiveData"),
        doc: "The data changes while it is served.",
        ..FLAG
    },
    Row {
        property: "minScale",
        value: ValueType::Number,
        default: Default::Integer(-1),
        places: &[configured_as("minScale", XsType::Double)],
        service_json: Some("properties.minScale"),
        doc: "The smallest scale of the cache; -1 for any.",
        ..BASE
    },
    Row {
        property: "maxScale",
        value: ValueType::Number,
        default: Default::Integer(-1),
        places: &[configured_as("maxScale", XsType::Double)],
        service_json: Some("properties.maxScale"),
        doc: "The largest scale of the cache; -1 for any.",
        ..BASE
    },
    Row {
        property: "cacheControlMaxAge",
        value: ValueType::Integer(0, 2_147_483_647),
        default: Default::None,
        places: &[configuration("cacheControlMaxAge")],
        service_json: Some("properties.cacheControlMaxAge"),
        doc: "How long clients may keep an answer, in seconds.",
        ..WHEN_SET
    },
];
