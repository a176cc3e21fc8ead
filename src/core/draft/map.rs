//! The drafts of map image layers (federated servers) and map services (stand-alone servers).
//!
//! No genuine draft of a map image layer is known; ours has the form of a map service's.

use std::path::Path;

use super::feature::uris;
use super::manifest::Manifest;
use super::{Reference, SharingDraft, connect};
use crate::dataset::Envelope;
use crate::error::Result;
use crate::tiling::{TilingScheme, WEB_MAP_SCHEME, project_extent};

/// Layers of these kinds, by the start of their type in CIM, and the staging setting that tells of them.
const SPECIAL: &[(&str, &str)] = &[
    ("CIMMosaicLayer", "HasMosaic"),
    ("CIMUtilityNetworkLayer", "HasUtilityNetworkLayer"),
    ("CIMTraceNetworkLayer", "HasTraceNetworkLayer"),
    ("CIMNetworkAnalysisLayer", "HasNetworkAnalysisLayers"),
    ("CIMNALayer", "HasNetworkAnalysisLayers"),
    ("CIMParcelLayer", "HasParcelFabricLayers"),
    ("CIMParcelFabricLayer", "HasParcelFabricLayers"),
    ("CIMTopologyLayer", "SupportTopologyLayers"),
];

/// Tells staging which special layers there are.
pub(super) fn networks(draft: &SharingDraft, manifest: &mut Manifest<'_>) {
    for (start, key) in SPECIAL {
        if draft.source.members.iter().any(|member| member.type_name.starts_with(start)) {
            manifest.staging.set(key, "true");
        }
    }
}

/// Describes the cache: the script's scheme or that of web maps, its scales, its levels over the map.
pub(super) fn cache(
    draft: &SharingDraft,
    manifest: &mut Manifest<'_>,
    (format, quality, smooth): (&str, u32, bool),
) -> Result<()> {
    let file = draft.properties.text("cache.configuration");
    let scheme = if file.is_empty() {
        manifest.staging.set("TileCacheSchemaFile", WEB_MAP_SCHEME);
        TilingScheme::web_mercator(24).drawn(format, quality, smooth).stored("CompactV2")
    } else {
        TilingScheme::open(Path::new(&file))?
    };
    let reference = scheme.reference.clone().unwrap_or_else(Reference::web_mercator);
    let source = &draft.source;
    let from = source.spatial_reference.as_ref().unwrap_or(&reference);
    // A system that is not known costs the levels of the cache, not the draft.
    let shown = source.extent.and_then(|extent| project_extent(extent, from, &reference).ok().flatten());
    let cached = shown.or_else(|| reference.is_web_mercator().then(|| world(&scheme)));
    manifest.scales = shown.and_then(|extent| scheme.suggested_scales(&extent)).or_else(|| scheme.scales());
    manifest.cached = cached;
    manifest.reference = Some(reference);
    manifest.scheme = scheme;
    Ok(())
}

/// The square that Web Mercator shows.
fn world(scheme: &TilingScheme) -> Envelope {
    let [left, top] = scheme.origin;
    Envelope { xmin: left, ymin: -top, xmax: -left, ymax: top }
}

/// Fills in what follows from the map, its layers and the server.
pub(super) fn fill(draft: &SharingDraft, manifest: &mut Manifest<'_>) -> Result<()> {
    let source = &draft.source;
    manifest.by_reference = !draft.properties.flag("copyDataToServer");
    connect::to_server(draft, manifest);
    cache(draft, manifest, ("PNG", 0, true))?;
    networks(draft, manifest);
    let top = |member: &&super::Member| !member.long_name.contains('\\');
    manifest
        .staging
        .set("DependantLayerList", uris(source.drawn_layers().into_iter().filter(top)))
        .set("DependantTableList", uris(source.tables().into_iter().filter(top)));
    // The whole map is meant when nothing is listed.
    if source.subset {
        manifest
            .staging
            .set("PackageLayerList", uris(source.drawn_layers()))
            .set("PackageTableList", uris(source.tables()));
    }
    Ok(())
}
