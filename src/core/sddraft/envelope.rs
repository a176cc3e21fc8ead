//! The envelope of a draft: names, type, resource, item information, extensions.

use super::{Document, PropertySet};

/// What kind of server the service is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ServerType {
    /// A hosted layer of a portal (`LightweightOnline`).
    Hosted,
    /// A service of a federated or stand-alone server (`FullServer`).
    Full,
}

/// The client document that the draft was made of.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Resource {
    /// The id, with braces where the product wrote them.
    pub id: String,
    /// The last part of the CIM path.
    pub name: String,
    /// The project, map document, toolbox or dataset.
    pub on_premise_path: String,
    /// The map in the project, such as `CIMPATH=map/map.json`; empty for geoprocessing and ArcMap.
    pub cim_path: String,
    /// A small number that Pro writes.
    pub repository_id: String,
}

/// What the portal item will say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ItemInfo {
    /// The title.
    pub title: String,
    /// One or two sentences; the summary of arcpy.
    pub snippet: String,
    /// The description, may be HTML.
    pub description: String,
    /// The tags, in order; drafts of ArcGIS Pro may hold empty ones.
    pub tags: Vec<String>,
    /// The terms of use; `useLimitations` of arcpy, `licenseInfo` of the portal.
    pub access_information: String,
    /// The credits; `accessInformation` of the portal.
    pub credits: String,
    /// The portal that the draft was made for.
    pub url: String,
    /// xmin, ymin, xmax, ymax in the map's spatial reference.
    pub extent: Option<[f64; 4]>,
    /// Well-known id of the map's spatial reference; 0 if the draft has none.
    pub wkid: i32,
    /// The text of the map's spatial reference.
    pub wkt: String,
}

/// One extension of the service.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Extension {
    /// Such as `FeatureServer`.
    pub type_name: String,
    /// Whether the extension is on.
    pub enabled: bool,
    /// Values of `Info`.
    pub info: Vec<(String, Option<String>)>,
    /// Values of `Props`.
    pub props: Vec<(String, Option<String>)>,
}

const CONFIGURATION: &str = "Configurations/SVCConfiguration";
const REPLACEMENT: &str = "esriServiceDefinitionType_Replacement";

impl Document {
    fn owned(&self, path: &str) -> String {
        self.text_at(path).map(std::borrow::Cow::into_owned).unwrap_or_default()
    }

    fn truth(&self, path: &str) -> bool {
        self.text_at(path).is_some_and(|text| text.trim().eq_ignore_ascii_case("true"))
    }

    /// Returns the id of the draft.
    pub fn id(&self) -> String {
        self.owned("ID")
    }

    /// Returns the name of the service; scripts edit any of the three places, the configuration's counts.
    pub fn service_name(&self) -> String {
        let name = self.owned("Configurations/SVCConfiguration/Name");
        if name.is_empty() { self.owned("Name") } else { name }
    }

    /// Sets the name of the service wherever the product repeats it.
    pub fn set_service_name(&mut self, name: &str) {
        for path in ["Name", "Configurations/SVCConfiguration/Name", "ItemInfo/Name"] {
            self.set_text_at(path, name);
        }
        if self.staging("GeodataServiceName").is_some() {
            self.set_staging("GeodataServiceName", name);
        }
    }

    /// Returns the type, such as `FeatureServer`.
    pub fn type_name(&self) -> String {
        self.owned("Configurations/SVCConfiguration/TypeName")
    }

    /// Returns the kind of server.
    pub fn server_type(&self) -> ServerType {
        if self.owned("ServerType").trim() == "esriSVCServerType_LightweightOnline" {
            ServerType::Hosted
        } else {
            ServerType::Full
        }
    }

    /// Returns whether the service reads registered data where it is, instead of a copy.
    pub fn by_reference(&self) -> bool {
        self.truth("ByReference")
    }

    /// Returns whether an existing service of this name is to be replaced.
    pub fn replaces_existing(&self) -> bool {
        self.owned("Type").trim() == REPLACEMENT
    }

    /// Sets whether an existing service of this name is to be replaced.
    pub fn set_replaces_existing(&mut self, replace: bool) {
        self.set_text_at("Type", if replace { REPLACEMENT } else { "esriServiceDefinitionType_New" });
    }

    /// Returns `esriSDState_Draft`, `esriSDState_Staged` or `esriSDState_Published`.
    pub fn state(&self) -> String {
        self.owned("State")
    }

    /// Returns the server folder, or for hosted layers the portal folder.
    pub fn service_folder(&self) -> String {
        self.owned("Configurations/SVCConfiguration/ServiceFolder")
    }

    /// Returns the folder in My Content.
    pub fn portal_folder(&self) -> String {
        self.staging("PortalFolderName").filter(|name| !name.is_empty()).unwrap_or_else(|| {
            if self.server_type() == ServerType::Hosted { self.service_folder() } else { String::new() }
        })
    }

    /// Returns the version of the schema, such as `3.3.0`.
    pub fn schema_version(&self) -> String {
        let attributes = self.tree().attributes(self.tree().root());
        let prefix = "http://www.esri.com/schemas/ArcGIS/";
        attributes
            .iter()
            .find_map(|(_, value)| value.strip_prefix(prefix).map(str::to_owned))
            // ElementTree drops the declaration, since it only appears in attribute values.
            .unwrap_or_else(|| "3.3.0".to_owned())
    }

    /// Returns the client document that the draft names.
    pub fn resource(&self) -> Resource {
        let at = |name: &str| self.owned(&format!("Resources/SVCResource/{name}"));
        Resource {
            id: at("ID"),
            name: at("Name"),
            on_premise_path: at("OnPremisePath"),
            cim_path: at("CIMPath"),
            repository_id: at("RepositoryID"),
        }
    }

    /// Returns the CIM URIs of the layers to share; empty means all layers of the map.
    pub fn layer_uris(&self) -> Vec<String> {
        self.uri_list("PackageLayerList")
    }

    /// Returns the CIM URIs of the tables to share.
    pub fn table_uris(&self) -> Vec<String> {
        self.uri_list("PackageTableList")
    }

    fn uri_list(&self, key: &str) -> Vec<String> {
        let joined = self.staging(key).unwrap_or_default();
        joined.split('|').filter(|uri| !uri.is_empty()).map(str::to_owned).collect()
    }

    /// Returns what the portal item will say.
    pub fn item_info(&self) -> ItemInfo {
        let at = |name: &str| self.owned(&format!("ItemInfo/{name}"));
        let side = |name: &str| at(&format!("Extent/{name}")).trim().parse::<f64>().ok();
        let extent = || Some([side("XMin")?, side("YMin")?, side("XMax")?, side("YMax")?]);
        ItemInfo {
            title: at("Title"),
            snippet: at("Snippet"),
            description: at("Description"),
            tags: self
                .select("ItemInfo/Tags/String")
                .into_iter()
                .map(|id| self.tree().text(id).into_owned())
                .collect(),
            access_information: at("AccessInformation"),
            credits: at("Credits"),
            url: at("Url"),
            extent: extent(),
            wkid: at("SpatialReference/WKID").trim().parse().unwrap_or(0),
            wkt: at("SpatialReference/WKT"),
        }
    }

    /// Returns the metadata document of the item; empty if the draft has none.
    pub fn metadata_xml(&self) -> String {
        self.owned("Metadata/XmlDoc")
    }

    /// Returns the extensions in order.
    pub fn extensions(&self) -> Vec<Extension> {
        let tree = self.tree();
        let list = format!("{CONFIGURATION}/Definition/Extensions/SVCExtension");
        self.select(&list)
            .into_iter()
            .map(|id| {
                let text = |name| tree.child(id, name).map(|id| tree.text(id).trim().to_owned());
                let type_name = text("TypeName").unwrap_or_default();
                Extension {
                    enabled: text("Enabled").is_some_and(|text| text.eq_ignore_ascii_case("true")),
                    info: self.properties(PropertySet::ExtensionInfo(&type_name)),
                    props: self.properties(PropertySet::ExtensionProps(&type_name)),
                    type_name,
                }
            })
            .collect()
    }
}
