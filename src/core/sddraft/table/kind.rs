//! What drafts publish.

use crate::sddraft::{Document, ServerType};

/// What a draft publishes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ServiceKind {
    /// A hosted feature layer (`FEATURE`).
    Feature,
    /// A hosted tile layer (`TILE`).
    Tile,
    /// A map image layer of a federated server (`MAP_IMAGE`).
    MapImage,
    /// A map service of a stand-alone server (`MAP_SERVICE`).
    MapService,
    /// A vector tile layer (`VECTOR_TILE`).
    VectorTile,
    /// A scene layer (`SCENE_LAYER`); the products write no draft file of it.
    Scene,
    /// An image service (`IMAGE_SERVICE`).
    Image,
    /// A geocode service or locator (`GEOCODE_SERVICE`).
    Geocode,
    /// A geodata service (`GEODATA_SERVICE`).
    GeoData,
    /// A geometry service (`GEOMETRY_SERVICE`).
    Geometry,
    /// A globe service (`GLOBE_SERVICE`).
    Globe,
    /// A web tool or geoprocessing service (`GP_SERVICE`).
    Geoprocessing,
}

impl ServiceKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Feature,
        Self::Tile,
        Self::MapImage,
        Self::MapService,
        Self::VectorTile,
        Self::Scene,
        Self::Image,
        Self::Geocode,
        Self::GeoData,
        Self::Geometry,
        Self::Globe,
        Self::Geoprocessing,
    ];

    /// Returns the words that make up the kind: arcpy's word, the draft's class, the server's type.
    const fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Feature => ("FEATURE", "FeatureSharingDraft", "FeatureServer"),
            Self::Tile => ("TILE", "TileSharingDraft", "MapServer"),
            Self::MapImage => ("MAP_IMAGE", "MapImageSharingDraft", "MapServer"),
            Self::MapService => ("MAP_SERVICE", "MapServiceDraft", "MapServer"),
            Self::VectorTile => ("VECTOR_TILE", "VectorTileSharingDraft", "VectorTileServer"),
            Self::Scene => ("SCENE_LAYER", "SceneLayerSharingDraft", "SceneServer"),
            Self::Image => ("IMAGE_SERVICE", "ImageSharingDraft", "ImageServer"),
            Self::Geocode => ("GEOCODE_SERVICE", "GeocodeDraft", "GeocodeServer"),
            Self::GeoData => ("GEODATA_SERVICE", "GeoDataDraft", "GeoDataServer"),
            Self::Geometry => ("GEOMETRY_SERVICE", "GeometryDraft", "GeometryServer"),
            Self::Globe => ("GLOBE_SERVICE", "GlobeDraft", "GlobeServer"),
            Self::Geoprocessing => ("GP_SERVICE", "GeoprocessingSharingDraft", "GPServer"),
        }
    }

    /// Returns arcpy's word for the kind.
    pub fn word(self) -> &'static str {
        self.names().0
    }

    /// Returns the name of the draft's class.
    pub fn class_name(self) -> &'static str {
        self.names().1
    }

    /// Returns the type that servers give the service: `TypeName` of the draft, `type` of the JSON.
    pub fn type_name(self) -> &'static str {
        self.names().2
    }

    /// Returns whether a portal hosts the service (`LightweightOnline`), with no instances to configure.
    pub fn is_hosted(self) -> bool {
        matches!(self, Self::Feature | Self::Tile | Self::VectorTile | Self::Scene)
    }

    /// Returns the kind that arcpy's word names, in any case.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.word().eq_ignore_ascii_case(word))
    }

    /// Returns the kind of a service by its type and whether a portal hosts it.
    ///
    /// Drafts of map image layers look like those of map services: both are `MapService` here.
    pub fn of(type_name: &str, hosted: bool) -> Option<Self> {
        let mut found = Self::ALL.iter().copied().filter(|kind| kind.type_name() == type_name);
        match type_name {
            "MapServer" => Some(if hosted { Self::Tile } else { Self::MapService }),
            _ => found.next(),
        }
    }

    /// Returns the kind of a draft.
    pub fn of_document(document: &Document) -> Option<Self> {
        Self::of(document.type_name().trim(), document.server_type() == ServerType::Hosted)
    }
}
