//! The draft of a hosted feature layer.

use super::manifest::Manifest;
use super::{Member, Reference, SharingDraft, connect};

/// Joins the URIs of layers or tables as drafts list them.
pub(super) fn uris<'a>(members: impl IntoIterator<Item = &'a Member>) -> String {
    members.into_iter().map(|member| member.uri.as_str()).collect::<Vec<_>>().join("|")
}

/// Fills in what follows from the map, its layers and the portal.
pub(super) fn fill(draft: &SharingDraft, manifest: &mut Manifest<'_>) {
    let source = &draft.source;
    connect::to_portal(draft, manifest);
    manifest
        .staging
        .set("PackageLayerList", uris(source.feature_layers()))
        .set("PackageTableList", uris(source.tables()));
    let reference = source.spatial_reference.clone().unwrap_or_else(Reference::web_mercator);
    manifest.extent = source.extent.map(|extent| (extent, reference.clone()));
    manifest.reference = Some(reference);
}
