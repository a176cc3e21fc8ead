//! Which parts a service definition has, by what the draft publishes.

use crate::sddraft::{Document, ServerType};
use crate::{Error, Result};

/// The shapes of service definitions.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form {
    /// A hosted feature layer: documents, copied data and the description of its layers.
    Features,
    /// A map service, a map image layer or hosted tiles: documents, and data unless it is registered.
    Map,
    /// An image service: the raster, unless it is registered.
    Image,
    /// A geocode service: the locator's files, unless they are registered.
    Locator,
    /// A geoprocessing service: toolboxes, their code and data.
    Tools,
    /// A service that has nothing but its settings: geodata and geometry services.
    Settings,
}

impl Form {
    /// Tells whether the service shows a map.
    pub(super) fn has_map(self) -> bool {
        matches!(self, Self::Features | Self::Map)
    }

    /// Tells what a draft asks for.
    ///
    /// # Errors
    /// [`crate::Kind::Unsupported`] for services that have no service definition, or none that is
    /// made here; the text says what to do.
    pub(super) fn of(draft: &Document) -> Result<Self> {
        let kind = draft.type_name();
        let hosted = draft.server_type() == ServerType::Hosted;
        let serves_features = kind == "FeatureServer"
            || draft
                .extensions()
                .iter()
                .any(|extension| extension.enabled && extension.type_name == "FeatureServer");
        let form = match kind.as_str() {
            _ if hosted && serves_features => Self::Features,
            "MapServer" => Self::Map,
            "ImageServer" => Self::Image,
            "GeocodeServer" => Self::Locator,
            "GPServer" => Self::Tools,
            "GeoDataServer" | "GeometryServer" => Self::Settings,
            "FeatureServer" => {
                return Err(Error::unsupported(
                    "a `FeatureServer` of its own is hosted by a portal; on a server it is the extension of a map \
                     service, so create a map image draft and enable its feature extension",
                ));
            }
            "VectorTileServer" | "SceneServer" => {
                return Err(Error::unsupported(format!(
                    "`{kind}` services have no service definition; they are published from tile or scene packages"
                )));
            }
            "" => {
                return Err(Error::invalid(
                    "the draft does not say what type of service it describes (TypeName)",
                ));
            }
            other => {
                return Err(Error::unsupported(format!(
                    "the draft describes a `{other}` service, which is not staged; staged are FeatureServer, MapServer, \
                     GPServer, ImageServer, GeocodeServer, GeoDataServer and GeometryServer"
                )));
            }
        };
        if form == Self::Features && draft.by_reference() {
            return Err(Error::unsupported(
                "the draft refers to registered data; web feature layers are staged with their data, so set \
                 copyDataToServer = True or use a map image draft",
            ));
        }
        Ok(form)
    }
}
