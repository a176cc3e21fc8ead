//! A service in the making, of any kind.

use serde_json::Value;

use super::manifest::Manifest;
use super::{Identity, ItemText, MapSource, Portal, Properties, feature, geocode, image, map, tile};
use crate::error::Result;
use crate::sddraft::Document;
use crate::sddraft::table::{self, ServiceKind};

/// A service in the making: what is shared, and the properties that a script set.
#[derive(Clone, Debug)]
pub struct SharingDraft {
    /// The properties.
    pub properties: Properties,
    /// What is shared.
    pub source: MapSource,
}

/// The draft of a hosted feature layer.
pub type FeatureSharingDraft = SharingDraft;

impl SharingDraft {
    /// Makes a draft of a hosted feature layer.
    ///
    /// # Errors
    /// The name is no text.
    pub fn new(name: &str, source: MapSource) -> Result<Self> {
        Self::of(ServiceKind::Feature, name, source)
    }

    /// Makes a draft.
    ///
    /// # Errors
    /// The name is no text.
    pub fn of(kind: ServiceKind, name: &str, source: MapSource) -> Result<Self> {
        let mut properties = Properties::new(kind);
        properties.set("serviceName", &Value::from(name))?;
        Ok(Self { properties, source })
    }

    /// Returns the kind.
    pub fn kind(&self) -> ServiceKind {
        self.properties.kind()
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

    /// Returns the draft as XML in the form that the products write for the kind.
    ///
    /// Ids follow from the name, the document and the layers, so the same draft is the same file. Of the
    /// products' values one is corrected: `onlyAllowTrueCurveUpdatesByTrueCurveClients` of the extension is
    /// `false`, where Pro writes `false2` and readers fail on it.
    ///
    /// # Errors
    /// The products write no draft of the kind, or the tiling scheme file cannot be used.
    pub fn to_document(&self) -> Result<Document> {
        let mut manifest = Manifest::of(self)?;
        match self.kind() {
            ServiceKind::Tile => tile::fill(self, &mut manifest)?,
            ServiceKind::MapImage | ServiceKind::MapService => map::fill(self, &mut manifest)?,
            ServiceKind::Image => image::fill(self, &mut manifest)?,
            ServiceKind::Geocode => geocode::fill(self, &mut manifest),
            _ => feature::fill(self, &mut manifest),
        }
        let name = manifest.name.clone();
        let mut document = Document::from_text(manifest.write())?;
        let text = self.item_text();
        for row in table::rows(self.kind()) {
            let value = self.properties.get(row.property)?;
            let value = match row.property {
                "serviceName" => name.as_str().into(),
                "summary" => text.summary.as_str().into(),
                "tags" => text.tags.as_str().into(),
                "description" => text.description.as_str().into(),
                "credits" => text.credits.as_str().into(),
                "useLimitations" => text.use_limitations.as_str().into(),
                "allowExporting" if !self.properties.is_set("allowExporting") => self.extracts().into(),
                _ => value,
            };
            table::write(&mut document, row, &value);
        }
        Ok(document)
    }

    /// Whether the operations hold `Extract` by themselves.
    fn extracts(&self) -> bool {
        self.properties.text("featureCapabilities").split(',').any(|word| word == "Extract")
    }

    pub(super) fn identity(&self) -> Identity {
        let name = self.properties.text("serviceName");
        let source = &self.source;
        let mut parts = vec![name.as_str(), &source.document, &source.cim_path];
        parts.extend(source.members.iter().map(|member| member.uri.as_str()));
        Identity::of(parts)
    }

    /// The title keeps the spaces that the name cannot have.
    pub(super) fn title(&self) -> String {
        self.properties.text("serviceName").trim().to_owned()
    }

    /// The portal that the draft names: none when it is made to work without one.
    pub(super) fn portal(&self) -> Option<&Portal> {
        self.source.portal.as_ref().filter(|_| !self.properties.flag("offline"))
    }

    /// The address of the server that the draft names, without a slash at its end.
    pub(super) fn server(&self) -> Option<String> {
        if self.properties.flag("offline") {
            return None;
        }
        let found = self.source.server.as_ref().map(|server| server.url.clone());
        let asked = ["federatedServerUrl", "targetServer"].map(|name| self.properties.text(name));
        let address = asked.into_iter().find(|text| text.contains("://"));
        let url = found.filter(|url| !url.is_empty()).or(address)?;
        Some(url.trim().trim_end_matches('/').to_owned())
    }

    /// Returns whether the draft cannot be written at all: it has no portal or server and does not do without.
    pub fn lacks_target(&self) -> bool {
        if self.properties.flag("offline") {
            return false;
        }
        match self.kind() {
            ServiceKind::MapImage => self.source.portal.is_none() || self.server().is_none(),
            ServiceKind::MapService => self.server().is_none(),
            ServiceKind::Image | ServiceKind::Geocode => {
                self.properties.text("serverType") == "FEDERATED_SERVER" && self.server().is_none()
            }
            _ => self.source.portal.is_none(),
        }
    }
}
