//! What is to be published, and how: the draft's part of an analysis.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::sddraft::{Document, PropertySet, ServerType};

/// What an input becomes.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Product {
    /// A hosted feature layer.
    #[default]
    Feature,
    /// A hosted tile layer.
    Tile,
    /// A hosted vector tile layer.
    VectorTile,
    /// A map image layer of a federated server.
    MapImage,
    /// A map service of a stand-alone server.
    MapService,
    /// A web scene layer.
    Scene,
    /// An image service.
    Image,
    /// A geocode service.
    Geocode,
    /// A geoprocessing service or web tool.
    Geoprocessing,
    /// A web map or web scene with its layers.
    WebMap,
    /// A project, map or layer package.
    Package,
    /// Another service, of which no analyzer knows anything.
    Other,
}

impl Product {
    /// Returns what messages call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Feature => "Web Feature Layer",
            Self::Tile => "Web Tile Layer",
            Self::VectorTile => "Vector Tile Layer",
            Self::MapImage => "Map Image Layer",
            Self::MapService => "Map Service",
            Self::Scene => "Web Scene Layer",
            Self::Image => "Image Service",
            Self::Geocode => "Geocode Service",
            Self::Geoprocessing => "Geoprocessing Service",
            Self::WebMap => "Web Map",
            Self::Package => "Package",
            Self::Other => "Service",
        }
    }
}

/// Whose analyzers speak: some exist in ArcMap only.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Desktop {
    /// ArcGIS Pro.
    #[default]
    Pro,
    /// ArcMap, the voice of `arcpy.mapping`: the map services' own limits and slow symbols, too.
    ArcMap,
}

/// An extension of the service that is switched on.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct Extension {
    /// `WMSServer`, `FeatureServer`, ...
    pub type_name: String,
    /// The operations that it offers.
    pub capabilities: Vec<String>,
    /// Its properties.
    pub properties: BTreeMap<String, String>,
}

/// The draft as the rules see it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct Target {
    /// What is made.
    pub product: Product,
    /// Whose analyzers speak.
    pub desktop: Desktop,
    /// Whether the service refers to registered data instead of a copy.
    pub by_reference: bool,
    /// The operations on features: `Query`, `Create`, `Sync`, ...
    pub capabilities: Vec<String>,
    /// Extensions that are on.
    pub extensions: Vec<Extension>,
    /// Whether the service draws from tiles.
    pub cached: bool,
    /// The well-known id of the tiling scheme's coordinate system.
    pub tiling_wkid: Option<u32>,
    /// Whether new features get a Z; unknown when nothing.
    pub z_defaults: Option<bool>,
    /// The time zone of date fields, as the author chose it.
    pub time_zone: Option<String>,
    /// Whether the author asked for unique numeric ids.
    pub check_unique_ids: bool,
    /// The item's summary; not looked at when nothing.
    pub summary: Option<String>,
    /// The item's tags; not looked at when nothing.
    pub tags: Option<Vec<String>>,
}

impl Default for Target {
    fn default() -> Self {
        Self::new(Product::Feature)
    }
}

fn words(text: &str) -> Vec<String> {
    text.split([',', ';']).map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

impl Target {
    /// Makes a target with nothing but a product: what a map file is analyzed for.
    pub fn new(product: Product) -> Self {
        Self {
            product,
            desktop: Desktop::Pro,
            by_reference: false,
            capabilities: vec!["Query".to_owned()],
            extensions: Vec::new(),
            cached: matches!(product, Product::Tile | Product::VectorTile),
            tiling_wkid: None,
            z_defaults: None,
            time_zone: None,
            check_unique_ids: false,
            summary: None,
            tags: None,
        }
    }

    /// Reads a draft as it stands, with the edits that scripts made.
    pub fn of(draft: &Document) -> Self {
        let hosted = draft.server_type() == ServerType::Hosted;
        let type_name = draft.type_name();
        let extensions: Vec<Extension> = draft
            .extensions()
            .into_iter()
            .filter(|extension| extension.enabled)
            .map(|extension| {
                let own = |(key, value): (String, Option<String>)| Some((key, value?));
                let capabilities = extension
                    .info
                    .iter()
                    .find(|(key, _)| key.eq_ignore_ascii_case("WebCapabilities"))
                    .and_then(|(_, value)| value.as_deref())
                    .map(words)
                    .unwrap_or_default();
                Extension {
                    type_name: extension.type_name,
                    capabilities,
                    properties: extension.props.into_iter().filter_map(own).collect(),
                }
            })
            .collect();
        let features = extensions.iter().any(|extension| extension.type_name == "FeatureServer");
        let value =
            |set: PropertySet<'_>, key: &str| draft.property(set, key).filter(|text| !text.is_empty());
        let flag =
            |set: PropertySet<'_>, key: &str| value(set, key).map(|text| text.eq_ignore_ascii_case("true"));
        let cached = flag(PropertySet::Configuration, "isCached").unwrap_or(false);
        let tiling = draft
            .text_at("CacheSchema/TileCacheInfo/SpatialReference/WKID")
            .and_then(|text| text.trim().parse().ok());
        let product = match type_name.as_str() {
            "FeatureServer" => Product::Feature,
            "MapServer" if hosted && cached && !features => Product::Tile,
            "MapServer" if hosted => Product::Feature,
            "MapServer" if value(PropertySet::Staging, "PortalURL").is_some() => Product::MapImage,
            "MapServer" => Product::MapService,
            "VectorTileServer" => Product::VectorTile,
            "SceneServer" => Product::Scene,
            "ImageServer" => Product::Image,
            "GeocodeServer" => Product::Geocode,
            "GPServer" => Product::Geoprocessing,
            _ => Product::Other,
        };
        let capabilities = extensions
            .iter()
            .find(|extension| extension.type_name == "FeatureServer")
            .map(|extension| extension.capabilities.clone())
            .or_else(|| {
                (product == Product::Feature)
                    .then(|| value(PropertySet::Info, "webCapabilities").map(|text| words(&text)))
                    .flatten()
            })
            .unwrap_or_default();
        let feature_set =
            if features { PropertySet::ExtensionProps("FeatureServer") } else { PropertySet::Configuration };
        let item = draft.item_info();
        Self {
            product,
            desktop: Desktop::Pro,
            by_reference: draft.by_reference(),
            capabilities,
            cached: cached || matches!(product, Product::Tile | Product::VectorTile),
            tiling_wkid: tiling,
            z_defaults: flag(feature_set, "enableZDefaults").or_else(|| flag(feature_set, "EnableZDefaults")),
            time_zone: value(PropertySet::Configuration, "dateFieldsTimezoneID")
                .or_else(|| value(feature_set, "dateFieldsTimezoneID")),
            check_unique_ids: false,
            summary: Some(item.snippet),
            tags: Some(item.tags.into_iter().filter(|tag| !tag.trim().is_empty()).collect()),
            extensions,
        }
    }

    /// Returns an extension that is on.
    pub fn extension(&self, type_name: &str) -> Option<&Extension> {
        self.extensions.iter().find(|extension| extension.type_name == type_name)
    }

    /// Returns whether the service offers an operation on features.
    pub fn offers(&self, operation: &str) -> bool {
        self.capabilities.iter().any(|word| word.eq_ignore_ascii_case(operation))
    }

    /// Returns whether clients may change features.
    pub fn is_editable(&self) -> bool {
        ["Create", "Update", "Delete", "Editing"].iter().any(|word| self.offers(word))
    }

    /// Returns whether features can be read from the service.
    pub fn serves_features(&self) -> bool {
        self.product == Product::Feature || self.extension("FeatureServer").is_some()
    }
}
