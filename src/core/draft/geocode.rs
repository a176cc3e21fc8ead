//! The draft of a geocode service, in the form of ArcMap 10.4: no genuine one of ArcGIS Pro is known.

use super::manifest::Manifest;
use super::{SharingDraft, connect};
use crate::tiling::TilingScheme;

/// Fills in what follows from the locator and the server.
pub(super) fn fill(draft: &SharingDraft, manifest: &mut Manifest<'_>) {
    manifest.by_reference = !draft.properties.flag("copyDataToServer");
    // As in the genuine draft: the resource has neither name nor machine.
    manifest.resource.name.clear();
    manifest.resource.client.clear();
    connect::to_server(draft, manifest);
    manifest.scheme = TilingScheme::web_mercator(20).drawn("PNG8", 0, false).stored("Compact");
    if let Some(locator) = &draft.source.locator {
        manifest
            .configuration
            .set("locatorWorkspacePath", locator.folder.as_str())
            .set("locator", locator.name.as_str());
    }
}
