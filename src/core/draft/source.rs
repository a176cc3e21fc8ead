//! What a draft shares: a map of a document, its layers and tables, and the portal it goes to.

use serde::{Deserialize, Serialize};

use crate::dataset::Envelope;
use crate::sddraft::Reference;

/// What a layer or table of the map is to a sharing draft.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberKind {
    /// A layer over features.
    Feature,
    /// A stand-alone table.
    Table,
    /// A layer over rasters, mosaics or other data that only maps draw.
    Raster,
    /// A group of layers: its members count.
    Group,
    /// Anything else: basemaps, services, scenes.
    #[default]
    Other,
}

/// One layer or table to share.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct Member {
    /// The CIM URI, `CIMPATH=map/roads.json`.
    pub uri: String,
    /// The name with its groups, separated by backslashes.
    pub long_name: String,
    /// What it is.
    pub kind: MemberKind,
    /// What it is in the words of its document, for messages: `CIMRasterLayer`.
    pub type_name: String,
    /// Whether its data source is missing.
    pub broken: bool,
    /// The data source, for messages.
    pub data_source: String,
}

/// The words that describe an item.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct ItemText {
    /// One or two sentences.
    pub summary: String,
    /// Tags with commas.
    pub tags: String,
    /// The description.
    pub description: String,
    /// Who made the data.
    pub credits: String,
    /// The terms of use.
    pub use_limitations: String,
    /// The whole metadata document; a minimal one is written when empty.
    pub xml: String,
}

impl ItemText {
    /// Whether there is a word in it, besides what an empty metadata document says.
    pub fn says_anything(&self) -> bool {
        let words = [&self.summary, &self.tags, &self.description, &self.credits, &self.use_limitations];
        !self.xml.trim().is_empty() && words.iter().any(|word| !word.trim().is_empty())
    }
}

/// The portal that is signed in.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct Portal {
    /// The address, `https://www.arcgis.com/`.
    pub url: String,
    /// The user.
    pub user: String,
    /// `currentVersion` of portals/self, `2024.2` or `11.3`.
    pub version: String,
    /// Whether it is an Enterprise portal and not ArcGIS Online.
    pub is_portal: bool,
}

impl Portal {
    /// Returns the address with a slash at the end, as drafts have it.
    pub fn address(&self) -> String {
        let trimmed = self.url.trim_end_matches('/');
        format!("{trimmed}/")
    }
}

/// The server that the service goes to.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct Server {
    /// The address, `https://gis.example.com/server`.
    pub url: String,
    /// The connection file that names it; empty without one.
    pub connection_file: String,
    /// The version of ArcGIS Server, such as `11.3`; empty when it is not known.
    pub version: String,
}

/// The raster of an image service.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct Raster {
    /// The folder, geodatabase or database connection.
    pub workspace: String,
    /// The name in it.
    pub name: String,
    /// Whether it is a mosaic dataset.
    pub mosaic: bool,
    /// The fields of its footprints.
    pub fields: Vec<String>,
}

/// The locator of a geocode service.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct Locator {
    /// The folder, with a separator at its end.
    pub folder: String,
    /// The name without its ending.
    pub name: String,
}

/// What is shared, and on which machine.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct MapSource {
    /// The project or map file.
    pub document: String,
    /// The folder of the draft.
    pub folder: String,
    /// The map in the document, `CIMPATH=map/map.json`.
    pub cim_path: String,
    /// A small number that Pro writes.
    pub repository_id: u32,
    /// The name of the map.
    pub map_name: String,
    /// The spatial reference of the map.
    pub spatial_reference: Option<Reference>,
    /// The extent of the map in its spatial reference.
    pub extent: Option<Envelope>,
    /// Whether the map assigns unique numeric ids; unknown when nothing.
    pub unique_ids: Option<bool>,
    /// Whether the script chose some of the map's layers, and not the map.
    pub subset: bool,
    /// Layers and tables to share, flattened, in the order of the map.
    pub members: Vec<Member>,
    /// What the map or the one layer says about itself.
    pub text: ItemText,
    /// The portal that is signed in; nothing without a sign-in.
    pub portal: Option<Portal>,
    /// The server that the draft is for; nothing when its address is unknown.
    pub server: Option<Server>,
    /// The raster of an image service.
    pub raster: Option<Raster>,
    /// The locator of a geocode service.
    pub locator: Option<Locator>,
    /// The name of the machine.
    pub machine: String,
}

impl MapSource {
    fn shared(&self, kind: MemberKind) -> Vec<&Member> {
        self.members.iter().filter(|member| member.kind == kind).collect()
    }

    /// Returns the feature layers.
    pub fn feature_layers(&self) -> Vec<&Member> {
        self.shared(MemberKind::Feature)
    }

    /// Returns the layers that maps draw: features and rasters.
    pub fn drawn_layers(&self) -> Vec<&Member> {
        let drawn = |member: &&Member| matches!(member.kind, MemberKind::Feature | MemberKind::Raster);
        self.members.iter().filter(drawn).collect()
    }

    /// Returns the tables.
    pub fn tables(&self) -> Vec<&Member> {
        self.shared(MemberKind::Table)
    }
}
