//! The files at the top of the archive.

use super::target::Target;
use crate::package::archive::Entry;
use crate::sddraft::{
    Document, ManifestExtras, to_initial_cache_settings, to_manifest, to_service_configuration,
    to_tiling_service,
};
use crate::{Error, Result};

/// Makes `manifest.xml`, `serviceconfiguration.json`, `tilingservice.xml` and, where the draft has
/// cache levels, `initialcachesettings.json`.
pub(super) fn entries(draft: &Document, target: &Target, extras: &ManifestExtras) -> Result<Vec<Entry>> {
    let mut entries = vec![
        Entry::bytes("manifest.xml", to_manifest(draft, extras)),
        Entry::bytes("serviceconfiguration.json", json(&to_service_configuration(draft))?),
    ];
    if let Some(scheme) = to_tiling_service(draft, &target.schema) {
        entries.push(Entry::bytes("tilingservice.xml", scheme));
    }
    if let Some(settings) = to_initial_cache_settings(draft) {
        entries.push(Entry::bytes("initialcachesettings.json", json(&settings)?));
    }
    Ok(entries)
}

/// Writes JSON as the products do: on one line, without a newline.
pub(super) fn json(value: &serde_json::Value) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| Error::internal("cannot write JSON").because(error))
}
