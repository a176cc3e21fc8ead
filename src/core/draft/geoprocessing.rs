//! Drafts of web tools and geoprocessing services.
//!
//! # How a draft names its tools
//!
//! A genuine draft names a temporary toolbox (`%TEMP%\<GUID>.tbx`) which holds the run that is published.
//! Ours names a [`crate::toolbox::ResultFile`] the same way: a file `<GUID>.rlt` in a folder of the user's
//! own below the system's temporary folder, or the `.rlt` files' content that the script passed. It has one
//! task for each Result, in their order, with everything that staging needs: the toolbox and the files
//! beside it, the parameters with their values, which of them are constant or choices, and what the data
//! looks like. Staging reads that one file and nothing else besides the draft:
//!
//! | place in the draft | holds |
//! |---|---|
//! | `Resources/SVCResource/OnPremisePath` | the path of the result file; `Name` is its last part |
//! | `ConfigurationProperties[toolbox]` | the same path, as in genuine drafts; staging replaces it |
//! | `ByReference`, `StagingSettings[IncludeDataInSDFile]` | whether data is copied into the definition |
//! | `executionType`, `resultMapServer`, `showMessages`, `maximumRecords`, `webCapabilities` | twice: in `ConfigurationProperties`, which servers read, and in `Props` |
//! | `minInstances`, `maxInstances`, `UsageTimeout`, `WaitTimeout`, `IdleTimeout` | likewise; `Props` spells the first two `MinInstances`, `MaxInstances` |
//! | `constantValues`, `choiceLists` | leave no trace, as in genuine drafts: `constant` and `choices` of the parameters in the result file |

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Identity, Portal, Properties, service_name};
use crate::analyze::{Finding, GpFacts, Input, Severity, Target, analyze};
use crate::dataset::MemoryDatasets;
use crate::error::Result;
use crate::sddraft::table::{self, Form, ServiceKind};
use crate::sddraft::{Document, Markup, PropertySet, ROOT, XsType};
use crate::tiling::TilingScheme;

/// The version whose drafts we write.
const VERSION: &str = "3.0.0";
const RUNTIME: i64 = 300;

/// What is shared, by whom and where to.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct ToolSource {
    /// The path of the result file.
    pub result: String,
    /// The path of the draft.
    pub draft: String,
    /// The name of the machine.
    pub machine: String,
    /// The names of the tools, and where they are: what tells drafts apart.
    pub tools: Vec<String>,
    /// Data that the tools use, and that is copied: the tool, the path.
    pub data: Vec<(String, String)>,
    /// The portal that is signed in; nothing without a sign-in.
    pub portal: Option<Portal>,
    /// The address of the server that the draft is for; nothing without a connection.
    pub server: Option<String>,
    /// The summary of the first tool.
    pub summary: String,
    /// The tags of the tools, with commas.
    pub tags: String,
    /// The description of the first tool.
    pub description: String,
}

/// A web tool or geoprocessing service in the making.
#[derive(Clone, Debug)]
pub struct GeoprocessingSharingDraft {
    /// The properties.
    pub properties: Properties,
    /// What is shared.
    pub source: ToolSource,
}

impl GeoprocessingSharingDraft {
    /// Makes a draft.
    ///
    /// # Errors
    /// The name is no text.
    pub fn new(name: &str, source: ToolSource) -> Result<Self> {
        let mut properties = Properties::new(ServiceKind::Geoprocessing);
        properties.set("serviceName", &Value::from(name))?;
        Ok(Self { properties, source })
    }

    /// Returns whether this becomes a web tool of a portal.
    pub fn is_web_tool(&self) -> bool {
        self.properties.text("serverType") == "FEDERATED_SERVER"
    }

    /// Returns what the draft lacks to be written at all: a portal or a server, unless it is `offline`.
    pub fn lacks(&self) -> Option<&'static str> {
        if self.properties.flag("offline") {
            return None;
        }
        if self.is_web_tool() {
            let text = "not signed in to a portal: call SignInToPortal first, or set offline to True to write \
                        the draft without a portal";
            return self.source.portal.is_none().then_some(text);
        }
        let text = "Missing target server: set targetServer to a connection file or the server's address, or \
                    set offline to True to write the draft without a server";
        self.source.server.is_none().then_some(text)
    }

    /// Returns what there is to say: errors stop publishing, warnings do not.
    ///
    /// # Errors
    /// A fault of ours.
    pub fn check(&self, facts: &GpFacts) -> Result<Vec<Finding>> {
        let mut findings = service_name(&self.properties.text("serviceName")).1;
        findings.extend(self.lacks().map(|text| Finding::new(Severity::Error, 0, text)));
        if self.source.tools.is_empty() {
            findings.push(Finding::new(
                Severity::Error,
                69,
                "Invalid tool: the draft has no Result; run a tool and pass what it returns",
            ));
        }
        let mut names: Vec<String> = facts.tools.iter().map(|tool| tool.name.to_lowercase()).collect();
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|pair| pair.first() == pair.last()) {
            let name = twice.first().map(String::as_str).unwrap_or_default();
            findings.push(Finding::new(
                Severity::Error,
                69,
                format!("Invalid tool: two tools are named `{name}`; a service has one task of a name"),
            ));
        }
        let properties = &self.properties;
        let count = |name| properties.get(name).ok().and_then(|value| value.as_i64()).unwrap_or(0);
        if count("minInstances") > count("maxInstances") {
            findings.push(Finding::new(
                Severity::Error,
                0,
                format!(
                    "minInstances {} is more than maxInstances {}: raise the second",
                    count("minInstances"),
                    count("maxInstances")
                ),
            ));
        }
        let target = Target::of(&self.to_document()?);
        let input = Input { gp: Some(facts), ..Input::default() };
        findings.extend(analyze(&input, &target, &MemoryDatasets::default())?.findings);
        if properties.flag("copyDataToServer") {
            for (tool, path) in &self.source.data {
                let text = format!(
                    "Data source used by tool {tool} is not registered with the server and will be copied to \
                     the server: {path}"
                );
                findings.push(Finding::new(Severity::Warning, 24_032, text).about(tool));
            }
        }
        Ok(findings)
    }

    /// Returns the draft as XML in the form of ArcGIS Pro 3.0.
    ///
    /// # Errors
    /// A fault of ours.
    pub fn to_document(&self) -> Result<Document> {
        let (name, _) = service_name(&self.properties.text("serviceName"));
        let mut document = Document::from_text(self.markup(&name))?;
        for row in table::rows(ServiceKind::Geoprocessing) {
            let own = |found: &str| match self.properties.text(row.property) {
                text if text.is_empty() => Value::from(found),
                text => Value::from(text),
            };
            let value = match row.property {
                "serviceName" => Value::from(name.as_str()),
                "summary" => own(&self.source.summary),
                "tags" => own(&self.source.tags),
                "description" => own(&self.source.description),
                _ => self.properties.get(row.property)?,
            };
            table::write(&mut document, row, &value);
        }
        for set in [PropertySet::Configuration, PropertySet::Staging] {
            let (key, value) = match set {
                PropertySet::Configuration => ("toolbox", self.source.result.as_str()),
                _ if self.properties.flag("copyDataToServer") => ("IncludeDataInSDFile", "TRUE"),
                _ => ("IncludeDataInSDFile", "FALSE"),
            };
            // A service that names registered data says so by leaving the key out.
            let named = document.property(set, key).is_some();
            if named || key == "toolbox" || value == "TRUE" {
                document.set_property(set, key, value, XsType::String);
            }
        }
        document.set_property(
            PropertySet::Staging,
            "ServerRunTimeVersion",
            &self.runtime().to_string(),
            XsType::Int,
        );
        if let Some(connection) = self.connection() {
            document.set_property(
                PropertySet::Staging,
                "ServerConnectionString",
                &connection,
                XsType::String,
            );
        }
        Ok(document)
    }

    /// The version number that staging and servers compare.
    fn runtime(&self) -> i64 {
        let target = self.properties.text("offlineTarget");
        let word = target.to_ascii_uppercase();
        match target.trim().parse::<i64>() {
            Ok(number) if number > 0 => number,
            _ if word.contains("10") => 209,
            _ if word.contains("11") => 330,
            _ => RUNTIME,
        }
    }

    fn connection(&self) -> Option<String> {
        let server = self.source.server.as_deref().filter(|_| !self.properties.flag("offline"))?;
        Some(format!(
            "MESSAGEFORMAT=esriAGSInternetMessageFormatBin;SERVERTYPE=esriAGSServerTypeDiscovery;\
             CONNECTIONMODE=esriAGSConnectionModePublisher;SERVERURL={server}"
        ))
    }

    fn markup(&self, name: &str) -> String {
        let source = &self.source;
        let ids = Identity::of(std::iter::once(name).chain(source.tools.iter().map(String::as_str)));
        let braced = |what: &str| format!("{{{}}}", ids.id(what));
        let resource = braced("resource");
        let file = source.result.rsplit(['/', '\\']).next().unwrap_or_default();
        let form = if self.is_web_tool() { Form::WebTool } else { Form::GeoprocessingService };
        let listing = table::listing_of(form);
        let mut out = Markup::document(ROOT, ROOT, VERSION);
        out.empty("Databases", "ArrayOfSVCDatabase");
        out.open("Resources", "ArrayOfSVCResource").open("SVCResource", "SVCResource");
        out.leaf("ID", &resource).leaf("Name", file).leaf("OnPremisePath", &source.result);
        for empty in ["StagingPath", "ServerPath", "InPackagePath", "OnServerName"] {
            out.leaf(empty, "");
        }
        out.leaf("ClientName", &source.machine)
            .leaf("CIMPath", "")
            .leaf("RepositoryID", "")
            .close("SVCResource")
            .close("Resources");
        out.leaf("ID", &braced("manifest")).leaf("Name", name).leaf("OnPremisePath", &source.draft);
        for empty in ["StagingPath", "ServerPath", "InPackagePath"] {
            out.leaf(empty, "");
        }
        out.leaf("ByReference", "false")
            .leaf("Type", "esriServiceDefinitionType_New")
            .leaf("State", "esriSDState_Draft")
            .leaf("ServerType", "esriSVCServerType_FullServer")
            .leaf("DataFolder", "");
        // Without a connection the product leaves the key out of web tools and services alike.
        let connected = self.connection().is_some();
        let kept = |entry: &&table::Entry| connected || entry.name != "ServerConnectionString";
        let staging: Vec<table::Entry> = listing.staging.iter().filter(kept).cloned().collect();
        out.property_set("StagingSettings", table::items(&staging));
        out.property_set("TemplateSettings", table::items(&listing.template));
        out.leaf("KeepExistingData", "false")
            .leaf("KeepExistingMapCache", "false")
            .leaf("ClientHostName", &source.machine)
            .leaf("OnServerName", "");
        out.open("Configurations", "ArrayOfSVCConfiguration")
            .open("SVCConfiguration", "SVCConfiguration")
            .leaf("ID", &ids.id("configuration"))
            .leaf("Name", name)
            .leaf("TypeName", "GPServer")
            .leaf("ResourceID", &resource)
            .leaf("ServiceFolder", "")
            .leaf("DataFolder", "")
            .open("Definition", "SVCConfigurationDefinition")
            .leaf("Description", "");
        out.property_set("ConfigurationProperties", table::items(&listing.configuration));
        out.property_set("Props", table::items(&listing.props));
        out.leaf("RecyclingInterval", "")
            .leaf("RecyclingStart", "0")
            .open("Extensions", "ArrayOfSVCExtension");
        for extension in &listing.extensions {
            out.open("SVCExtension", "SVCExtension").leaf("Enabled", "false");
            out.property_set("Info", table::items(&extension.info));
            let props = table::items(&extension.props).map(|(key, value, kind)| {
                // The service's own name; other clients take it as the prefix of its schema.
                if key == "appSchemaPrefix" { (key, name.into(), kind) } else { (key, value, kind) }
            });
            out.property_set("Props", props);
            out.leaf("TypeName", extension.extension.name).close("SVCExtension");
        }
        out.close("Extensions")
            .leaf("Cluster", "default")
            .close("Definition")
            .close("SVCConfiguration")
            .close("Configurations");
        TilingScheme::web_mercator(24)
            .drawn("PNG8", 0, false)
            .stored("esriMapCacheStorageModeCompactV2")
            .write_schema(&mut out, false);
        self.item_info(&mut out, name);
        out.finish(ROOT)
    }

    fn item_info(&self, out: &mut Markup, name: &str) {
        out.open("ItemInfo", "ItemInfo")
            .leaf("Name", name)
            .leaf("GUID", "")
            .leaf("Type", "Service Definition")
            .leaf("TypeID", "")
            .nil("TypeKeywords")
            .leaf("CatalogPath", "")
            .leaf("physicalPath", "")
            .leaf("Title", self.properties.text("serviceName").trim())
            .leaf("Description", "");
        let tags = [self.properties.text("tags"), self.source.tags.clone()];
        if tags.iter().any(|tags| !tags.trim().is_empty()) {
            out.empty("Tags", "ArrayOfString");
        }
        out.leaf("Snippet", "")
            .leaf("AccessInformation", "")
            .leaf("MinScale", "0")
            .leaf("MaxScale", "0")
            .leaf("Credits", "")
            .leaf("spatialReference", "")
            .close("ItemInfo");
    }
}
