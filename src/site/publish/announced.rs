//! What a service definition says that it is.

use std::path::Path;

use geosharing_core::package::ServiceDefinition;
use geosharing_core::sddraft::{Document, ServerType};
use geosharing_core::{Error, Result};
use serde_json::Value;

use super::HOSTED;
use crate::state::Context;

/// The kinds of services that definitions may ask for.
const KINDS: &[&str] = &[
    "FeatureServer",
    "MapServer",
    "GPServer",
    "ImageServer",
    "GeocodeServer",
    "GeoDataServer",
    "GeometryServer",
    "GlobeServer",
    "VectorTileServer",
];

/// Kind, folder and name of the service that a definition asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Announced {
    /// `FeatureServer`, `MapServer`, ...
    pub kind: &'static str,
    /// The server's folder: `Hosted` for hosted layers, empty for the root.
    pub folder: String,
    /// The service's name.
    pub name: String,
    /// Whether the service reads data where it is registered.
    pub by_reference: bool,
}

/// Reads what a service definition asks for.
///
/// # Errors
/// [`geosharing_core::Kind::InvalidInput`] for an unknown type or a folder that cannot be one.
pub fn announced(definition: &ServiceDefinition) -> Result<Announced> {
    let configuration = definition.configuration()?;
    let text =
        |path: &str| configuration.pointer(path).and_then(Value::as_str).map(str::trim).unwrap_or_default();
    let manifest = Document::from_text(definition.manifest()?)?;
    // Hosted feature layers are described as map services by some drafts; their own description decides.
    let described = definition.archive().contains("servicedescriptions/featureserver/featureserver.json");
    let wanted = text("/service/type");
    let kind = match wanted {
        _ if described => "FeatureServer",
        "" => {
            return Err(Error::invalid(
                "the service definition does not say what type of service it is; stage the draft again",
            ));
        }
        wanted => KINDS.iter().find(|kind| kind.eq_ignore_ascii_case(wanted)).copied().ok_or_else(|| {
            Error::invalid(format!("the service definition asks for the unknown service type `{wanted}`"))
        })?,
    };
    let hosted = described || manifest.server_type() == ServerType::Hosted;
    let folder = if hosted { HOSTED } else { text("/folderName") };
    if !folder.chars().all(|c| c.is_alphanumeric() || c == '_') || folder.chars().count() > 120 {
        return Err(Error::invalid(format!(
            "`{folder}` cannot be a server folder; use letters, digits and underscores"
        )));
    }
    Ok(Announced {
        kind,
        folder: folder.to_owned(),
        name: text("/service/serviceName").to_owned(),
        by_reference: manifest.by_reference(),
    })
}

/// Tells whether services may read the data at a path where it is.
pub fn is_registered(context: &Context, path: &Path) -> bool {
    context.is_registered(path)
}
