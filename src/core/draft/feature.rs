//! The draft of a hosted feature layer.

use std::borrow::Cow;

use serde_json::Value;

use super::{Identity, ItemText, MapSource, Properties, Reference, service_name};
use crate::error::Result;
use crate::sddraft::table::{self, ServiceKind};
use crate::sddraft::{Document, Markup, ROOT, XsType, number};

/// The version whose drafts we write.
const VERSION: &str = "3.3.0";
const CREATOR: &str = "esriArcGISProVersion3_3";
const EMPTY_METADATA: &str = "<?xml version=\"1.0\"?>\n<metadata xml:lang=\"en\"><Esri>\
<ArcGISFormat>1.0</ArcGISFormat><SyncOnce>TRUE</SyncOnce></Esri></metadata>\n";
/// The scales that Pro writes for feature layers, whatever the map says.
const MIN_SCALE: f64 = 591_657_527.591_555;
const MAX_SCALE: f64 = 4_513.988_705;

/// A hosted feature layer in the making: what is shared, and the properties that a script set.
#[derive(Clone, Debug)]
pub struct FeatureSharingDraft {
    /// The properties.
    pub properties: Properties,
    /// What is shared.
    pub source: MapSource,
}

type Item<'a> = (&'a str, Cow<'a, str>, XsType);

fn text<'a>(key: &'a str, value: impl Into<Cow<'a, str>>) -> Item<'a> {
    (key, value.into(), XsType::String)
}

fn int(key: &str, value: i64) -> Item<'_> {
    (key, value.to_string().into(), XsType::Int)
}

fn double(key: &str, value: f64) -> Item<'_> {
    (key, number(value).into(), XsType::Double)
}

/// The version number that staging and servers compare, from the portal's own.
fn runtime_version(portal_version: &str) -> i64 {
    let mut parts = portal_version.split('.').map(|part| part.parse::<i64>().unwrap_or(0));
    match (parts.next().unwrap_or(0), parts.next().unwrap_or(0), parts.next().unwrap_or(0)) {
        (10, 9, 1) => 209,
        (10, 9, _) => 208,
        (10, 8, 1) => 206,
        (10, 8, _) => 205,
        (10, 7, 1) => 204,
        (10, 7, _) => 203,
        (10, _, _) => 102,
        (11, minor @ 0..=2, _) => 300 + minor * 10,
        _ => 330,
    }
}

impl FeatureSharingDraft {
    /// Makes a draft.
    ///
    /// # Errors
    /// The name is no text.
    pub fn new(name: &str, source: MapSource) -> Result<Self> {
        let mut properties = Properties::new(ServiceKind::Feature);
        properties.set("serviceName", &Value::from(name))?;
        Ok(Self { properties, source })
    }

    /// Returns the item's words: what the script set, else what the map or layer says.
    pub fn item_text(&self) -> ItemText {
        let own = |property: &str, found: &str| {
            let text = self.properties.text(property);
            if text.is_empty() { found.to_owned() } else { text }
        };
        let found = &self.source.text;
        ItemText {
            summary: own("summary", &found.summary),
            tags: own("tags", &found.tags),
            description: own("description", &found.description),
            credits: own("credits", &found.credits),
            use_limitations: own("useLimitations", &found.use_limitations),
            xml: found.xml.clone(),
        }
    }

    /// Returns the draft as XML in the form of ArcGIS Pro 3.3.
    ///
    /// Ids follow from the name, the document and the layers, so the same draft is the same file. Of the
    /// product's values one is corrected: `onlyAllowTrueCurveUpdatesByTrueCurveClients` of the extension is
    /// `false`, where Pro writes `false2` and readers fail on it.
    ///
    /// # Errors
    /// None that [`FeatureSharingDraft::check`] would not tell first, except a fault of ours.
    pub fn to_document(&self) -> Result<Document> {
        let asked = self.properties.text("serviceName");
        let (name, _) = service_name(&asked);
        let mut document = Document::from_text(self.markup(&name))?;
        for row in table::rows(ServiceKind::Feature) {
            let value = self.properties.get(row.property)?;
            if row.property == "featureCapabilities" && !self.properties.is_set("allowExporting") {
                // The list may hold `Extract` by itself.
                let extract = value.as_str().unwrap_or_default().split(',').any(|word| word == "Extract");
                table::write(&mut document, row, &value);
                if let Some(export) = table::row(ServiceKind::Feature, "allowExporting") {
                    table::write(&mut document, export, &extract.into());
                }
                continue;
            }
            if row.property == "allowExporting" && !self.properties.is_set("allowExporting") {
                continue;
            }
            let text = self.item_text();
            let value = match row.property {
                "serviceName" => name.as_str().into(),
                "summary" => text.summary.into(),
                "tags" => text.tags.into(),
                "description" => text.description.into(),
                "credits" => text.credits.into(),
                "useLimitations" => text.use_limitations.into(),
                _ => value,
            };
            table::write(&mut document, row, &value);
        }
        Ok(document)
    }

    fn identity(&self) -> Identity {
        let name = self.properties.text("serviceName");
        let mut parts = vec![name.as_str(), &self.source.document, &self.source.cim_path];
        parts.extend(self.source.members.iter().map(|member| member.uri.as_str()));
        Identity::of(parts)
    }

    fn markup(&self, name: &str) -> String {
        let ids = self.identity();
        let source = &self.source;
        let resource = ids.id("resource");
        let mut out = Markup::document(ROOT, ROOT, VERSION);
        out.empty("Databases", "ArrayOfSVCDatabase");
        out.open("Resources", "ArrayOfSVCResource").open("SVCResource", "SVCResource");
        out.leaf("ID", &resource)
            .leaf("Name", source.cim_path.rsplit('/').next().unwrap_or_default())
            .leaf("OnPremisePath", &source.document);
        for empty in ["StagingPath", "ServerPath", "InPackagePath", "OnServerName"] {
            out.leaf(empty, "");
        }
        out.leaf("ClientName", &source.machine)
            .leaf("CIMPath", &source.cim_path)
            .leaf("RepositoryID", &source.repository_id.to_string())
            .close("SVCResource")
            .close("Resources");
        out.leaf("ID", &ids.id("manifest")).leaf("Name", name).leaf("OnPremisePath", &source.folder);
        for empty in ["StagingPath", "ServerPath", "InPackagePath"] {
            out.leaf(empty, "");
        }
        out.leaf("ByReference", "false")
            .leaf("Type", "esriServiceDefinitionType_New")
            .leaf("State", "esriSDState_Draft")
            .leaf("ServerType", "esriSVCServerType_LightweightOnline")
            .leaf("DataFolder", "");
        self.staging(&mut out, name, &ids);
        out.properties("TemplateSettings", TEMPLATE.iter().map(|(key, value)| text(key, *value)));
        out.leaf("KeepExistingData", "false")
            .leaf("KeepExistingMapCache", "false")
            .leaf("ClientHostName", &source.machine)
            .leaf("OnServerName", "");
        self.configuration(&mut out, name, &ids, &resource);
        cache_schema(&mut out);
        self.item_info(&mut out, name);
        let metadata = if source.text.xml.trim().is_empty() { EMPTY_METADATA } else { &source.text.xml };
        out.open("Metadata", "XmlPropertySet").leaf("XmlDoc", metadata).close("Metadata");
        out.finish(ROOT)
    }

    fn staging(&self, out: &mut Markup, name: &str, ids: &Identity) {
        let source = &self.source;
        let portal = self.portal();
        let connection = portal.map(|portal| {
            let url = portal.address();
            format!(
                "SERVERTYPE=esriAGSServerTypeAGO;CONNECTIONMODE=esriAGSConnectionModeAdmin;SERVERURL={url};\
                 TOKENPROVIDERTYPE={url};REFERER=http://www.esri.com/AGO/{}",
                ids.id("referer")
            )
        });
        let list = |members: Vec<&super::Member>| {
            members.iter().map(|member| member.uri.as_str()).collect::<Vec<_>>().join("|")
        };
        let mut items = vec![
            text("PackageUnderMyContent", "true"),
            text("PackageUnderMyOrg", "false"),
            text("PackageIsPublic", "false"),
            text("PackageShareGroups", "false"),
            text("PackageGroupIDs", "false"),
            text("ServerConnectionString", connection.unwrap_or_default()),
            text("SaveToSDFile", "FALSE"),
            text("IncludeDataInSDFile", "TRUE"),
            text("dataInGdb", "true"),
            text("datasetInspected", "true"),
            text("creatorPresent", "false"),
            text("hasEditorTrackingDates", "false"),
            text("hasEditorField", "false"),
            text("hasEditorTrackingDatesInUTC", "false"),
            text("hasEditorTrackingDatesInDbTimezone", "false"),
            text("PackageLayerList", list(source.feature_layers())),
            text("preserveEditUsersAndTimestamps", "false"),
            text("SDCreatorVersion", CREATOR),
            text("GeodataServiceName", name),
            text("ServiceSubType", ""),
            text("ServiceTitle", self.title()),
            text("PackageTableList", list(source.tables())),
            int("CallingContext", 3),
        ];
        if let Some(portal) = portal {
            let version = if portal.version.is_empty() { "11.2" } else { &portal.version };
            items.extend([
                text("IsHostedServer", "false"),
                text("AGSServerVersion", if portal.is_portal { version } else { "11.2" }),
                text("AdminVersion", version),
                text("PortalVersion", version),
                text("IsPortal", portal.is_portal.to_string()),
                int("ServerRunTimeVersion", if portal.is_portal { runtime_version(version) } else { 330 }),
                text("PortalURL", portal.address()),
                text("UserName", portal.user.as_str()),
            ]);
        } else {
            let (runtime, target) = match self.properties.text("offlineTarget").as_str() {
                "ENTERPRISE_11" => (330, "offlineSDVersion11x"),
                "ONLINE" => (330, "offlineSDVersionOnline"),
                _ => (209, "offlineSDVersion10x"),
            };
            items.extend([int("ServerRunTimeVersion", runtime), text("offlineSDVersion", target)]);
        }
        items.extend([
            text("HasBDAW", "false"),
            text("cdwLayerInitInfo", ""),
            text("DropNonReferencedTables", "TRUE"),
            text("exportTilesAllowed", "false"),
            text("useMapServiceLayerID", "false"),
            text("WriteCIMSymbolsToWebLayer", "false"),
        ]);
        out.properties("StagingSettings", items);
    }

    /// The portal that the draft names: none when it is made to work without one.
    fn portal(&self) -> Option<&super::Portal> {
        self.source.portal.as_ref().filter(|_| !self.properties.flag("offline"))
    }

    /// The title keeps the spaces that the name cannot have.
    fn title(&self) -> String {
        self.properties.text("serviceName").trim().to_owned()
    }

    fn configuration(&self, out: &mut Markup, name: &str, ids: &Identity, resource: &str) {
        let portal = self.portal();
        let resource_url = portal
            .map(|portal| format!("{}services/{name}/FeatureServer/FeatureServer", portal.address()))
            .unwrap_or_default();
        out.open("Configurations", "ArrayOfSVCConfiguration")
            .open("SVCConfiguration", "SVCConfiguration")
            .leaf("ID", &ids.id("configuration"))
            .leaf("Name", name)
            .leaf("TypeName", "FeatureServer")
            .leaf("ResourceID", resource)
            .leaf("ServiceFolder", "")
            .leaf("DataFolder", "")
            .open("Definition", "SVCConfigurationDefinition")
            .leaf("Description", "");
        out.properties(
            "ConfigurationProperties",
            [
                text("supportedImageReturnTypes", "MIME"),
                text("maxRecordCount", "2000"),
                text("exportTilesAllowed", "false"),
                text("maxExportTilesCount", "100000"),
                text("cacheOnDemand", "false"),
                text("clientCachingAllowed", "true"),
                text("antialiasingMode", "Best"),
                text("textAntialiasingMode", "Force"),
                double("minScale", MIN_SCALE),
                double("maxScale", MAX_SCALE),
                text("isCached", "false"),
                text("ignoreCache", "false"),
                text("allowGeometryUpdates", "true"),
                text("allowTrueCurvesUpdates", "false"),
                text("onlyAllowTrueCurveUpdatesByTrueCurveClients", "false"),
                text("EnableZDefaults", "true"),
                text("zDefaultValue", "0"),
                text("allowUpdateWithoutMValues", "true"),
            ],
        );
        out.properties("Info", [text("webCapabilities", "Query"), text("webEnabled", "true")]);
        out.properties("Props", []);
        out.leaf("RecyclingInterval", "")
            .leaf("RecyclingStart", "0")
            .open("Extensions", "ArrayOfSVCExtension")
            .open("SVCExtension", "SVCExtension")
            .leaf("Enabled", "false");
        out.properties("Info", [text("WebEnabled", "true"), text("WebCapabilities", "Query")]);
        let fixed = EXTENSION.iter().map(|(key, value)| text(key, *value));
        out.properties("Props", fixed.chain([text("onlineResource", resource_url)]));
        out.leaf("TypeName", "FeatureServer")
            .close("SVCExtension")
            .close("Extensions")
            .leaf("Cluster", "default")
            .close("Definition")
            .close("SVCConfiguration")
            .close("Configurations");
    }

    fn item_info(&self, out: &mut Markup, name: &str) {
        let source = &self.source;
        let usual = Reference::web_mercator();
        let reference = source.spatial_reference.as_ref().unwrap_or(&usual);
        out.open("ItemInfo", "ItemInfo")
            .leaf("Name", name)
            .leaf("GUID", "")
            .leaf("Type", "Service Definition")
            .leaf("TypeID", "")
            .empty("TypeKeywords", "ArrayOfString")
            .leaf("TypeFilters", "")
            .leaf("TypeInfo", "")
            .leaf("CatalogPath", "")
            .leaf("physicalPath", "")
            .leaf("Title", &self.title())
            .leaf("Description", "")
            .empty("Tags", "ArrayOfString")
            .leaf("Snippet", "")
            .leaf("Url", &self.portal().map(super::Portal::address).unwrap_or_default());
        if let Some(extent) = &source.extent {
            reference.write_extent(out, "Extent", extent);
        }
        reference.write(out, "SpatialReference");
        out.leaf("AccessInformation", "")
            .leaf("MinScale", &number(MIN_SCALE))
            .leaf("MaxScale", &number(MAX_SCALE))
            .leaf("Credits", "")
            .leaf("spatialReference", "")
            .close("ItemInfo");
    }
}

const TEMPLATE: &[(&str, &str)] = &[
    ("TemplateName", "ESRI Default FeatureService Template"),
    ("TemplateID", "2"),
    ("TemplateType", "AGOFeatureServer"),
    ("TemplateDescription", "This is the default template for a feature service in AGO"),
    ("TemplateSmallImagePath", ""),
    ("TemplateLargeImagePath", ""),
    ("TemplateGroupID", "-1"),
    ("TemplateIsHidden", "FALSE"),
];

const EXTENSION: &[(&str, &str)] = &[
    ("maxRecordCount", "2000"),
    ("enableZDefaults", "true"),
    ("zDefaultValue", "0"),
    ("enableOwnershipBasedAccessControl", "false"),
    ("allowOthersToQuery", "true"),
    ("allowOthersToUpdate", "false"),
    ("allowOthersToDelete", "false"),
    ("datasetInspected", "true"),
    ("creatorPresent", "false"),
    ("dataInGdb", "true"),
    ("realm", ""),
    ("editorTrackingTimeZoneID", "UTC"),
    ("editorTrackingRespectsDayLightSavingTime", "false"),
    ("editorTrackingTimeInUTC", "true"),
    ("allowGeometryUpdates", "true"),
    ("allowTrueCurvesUpdates", "false"),
    ("onlyAllowTrueCurveUpdatesByTrueCurveClients", "false"),
    ("xssPreventionEnabled", "true"),
    ("syncEnabled", "false"),
];

fn cache_schema(out: &mut Markup) {
    out.open("CacheSchema", "CacheInfo")
        .open("TileCacheInfo", "TileCacheInfo")
        .open("TileOrigin", "PointN")
        .leaf("X", "0")
        .leaf("Y", "0")
        .close("TileOrigin")
        .leaf("TileCols", "256")
        .leaf("TileRows", "256")
        .leaf("DPI", "96")
        .leaf("PreciseDPI", "96")
        .close("TileCacheInfo")
        .open("TileImageInfo", "TileImageInfo")
        .leaf("CacheTileFormat", "PNG")
        .leaf("CompressionQuality", "0")
        .leaf("Antialiasing", "false")
        .leaf("BandCount", "1")
        .leaf("LERCError", "0")
        .close("TileImageInfo")
        .open("CacheStorageInfo", "CacheStorageInfo")
        .leaf("StorageFormat", "esriMapCacheStorageModeExploded")
        .leaf("PacketSize", "128")
        .close("CacheStorageInfo")
        .close("CacheSchema");
}
