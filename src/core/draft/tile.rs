//! The draft of a hosted tile layer.

use super::feature::uris;
use super::manifest::Manifest;
use super::{SharingDraft, connect, map};
use crate::error::Result;

/// Fills in what follows from the map, its layers and the portal.
pub(super) fn fill(draft: &SharingDraft, manifest: &mut Manifest<'_>) -> Result<()> {
    connect::to_portal(draft, manifest);
    map::cache(draft, manifest, ("Mixed", 75, true))?;
    map::networks(draft, manifest);
    manifest
        .staging
        .set("PackageLayerList", uris(draft.source.drawn_layers()))
        .set("PackageTableList", uris(draft.source.tables()));
    Ok(())
}
