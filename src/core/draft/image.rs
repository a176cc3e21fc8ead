//! The draft of an image service, in the form of ArcMap: no genuine one of ArcGIS Pro is known.

use super::manifest::Manifest;
use super::{SharingDraft, connect};
use crate::error::{Error, Result};
use crate::tiling::TilingScheme;

/// Fills in what follows from the raster and the server.
pub(super) fn fill(draft: &SharingDraft, manifest: &mut Manifest<'_>) -> Result<()> {
    let source = &draft.source;
    let raster = source.raster.as_ref().ok_or_else(|| {
        Error::invalid("an image service needs a raster: pass the path of a raster file or mosaic dataset")
    })?;
    manifest.by_reference = !draft.properties.flag("copyDataToServer");
    manifest.resource.name = manifest.name.clone();
    manifest.resource.path.clone_from(&source.document);
    connect::to_server(draft, manifest);
    let file = draft.properties.text("cache.configuration");
    manifest.scheme = if file.is_empty() {
        TilingScheme::web_mercator(20).drawn("PNG8", 0, false).stored("Compact")
    } else {
        TilingScheme::open(std::path::Path::new(&file))?
    };
    let kind = if raster.mosaic { "MosaicDataset" } else { "RasterDataset" };
    let fields = raster.fields.join(",");
    manifest
        .configuration
        .set("Raster", raster.name.as_str())
        .set("ConnectionString", format!("DATABASE={}", raster.workspace))
        .set("AllowedFields", fields.as_str())
        .set("AvailableFields", fields)
        .set("EsriImageServiceSourceType", format!("esriImageServiceSourceType{kind}"))
        .set("HasValidSR", source.spatial_reference.is_some().to_string());
    for extension in &mut manifest.extensions {
        if extension.type_name == "WCSServer" {
            extension.props.set("name", manifest.name.as_str());
        }
    }
    manifest.reference.clone_from(&source.spatial_reference);
    manifest.extent = source.extent.zip(source.spatial_reference.clone());
    Ok(())
}
