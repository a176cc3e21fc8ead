//! The tiling scheme of a definition: `tilingservice.xml` as the REST API's `tileInfo`.

use geosharing_core::package::ServiceDefinition;
use geosharing_core::sddraft::{NodeId, Tree};
use geosharing_core::{Error, Result};
use serde_json::{Map as Object, Value, json};

/// Most bytes of a tiling scheme.
const LARGEST: u64 = 4 << 20;
/// Most levels of one.
const MOST_LEVELS: usize = 64;

/// Reads the tiling scheme; nothing when the definition has none or it has no levels.
pub(super) fn tile_info(sd: &ServiceDefinition) -> Result<Option<Value>> {
    if !sd.archive().contains("tilingservice.xml") {
        return Ok(None);
    }
    let bytes = sd.archive().read_to_vec("tilingservice.xml", LARGEST)?;
    let text = String::from_utf8(bytes)
        .map_err(|error| Error::invalid("`tilingservice.xml` is not UTF-8").because(error))?;
    let tree = Tree::parse(text.trim_start_matches('\u{feff}').to_owned())?;
    Ok(read(&tree))
}

fn read(tree: &Tree) -> Option<Value> {
    let root = tree.root();
    let scheme = tree.child(root, "TileCacheInfo")?;
    let text = |id: NodeId, name: &str| tree.child(id, name).map(|id| tree.text(id).trim().to_owned());
    let number =
        |id: NodeId, name: &str| text(id, name)?.parse::<f64>().ok().filter(|number| number.is_finite());
    let side =
        |name: &str| number(scheme, name).filter(|side| (1.0..=4096.0).contains(side)).unwrap_or(256.0);
    let origin = tree.child(scheme, "TileOrigin")?;
    let reference = tree.child(scheme, "SpatialReference")?;
    let lods: Vec<Value> = tree
        .children(tree.child(scheme, "LODInfos")?)
        .take(MOST_LEVELS)
        .filter_map(|level| {
            let resolution = number(level, "Resolution").filter(|resolution| *resolution > 0.0)?;
            Some(json!({
                "level": number(level, "LevelID")? as i64,
                "resolution": resolution,
                "scale": number(level, "Scale").unwrap_or_default(),
            }))
        })
        .collect();
    if lods.is_empty() {
        return None;
    }
    let mut system = Object::new();
    for (key, name) in [("wkid", "WKID"), ("latestWkid", "LatestWKID")] {
        if let Some(id) = number(reference, name).filter(|id| *id > 0.0) {
            system.insert(key.to_owned(), json!(id as u32));
        }
    }
    if system.is_empty() {
        system.insert("wkt".to_owned(), json!(text(reference, "WKT")?));
    }
    let image = tree.child(root, "TileImageInfo");
    let of_image = |name: &str| image.and_then(|image| text(image, name));
    Some(json!({
        "rows": side("TileRows") as u32,
        "cols": side("TileCols") as u32,
        "dpi": number(scheme, "DPI").filter(|dpi| (1.0..=1200.0).contains(dpi)).unwrap_or(96.0),
        "format": of_image("CacheTileFormat").unwrap_or_else(|| "PNG".to_owned()),
        "compressionQuality": of_image("CompressionQuality").and_then(|text| text.parse::<u32>().ok()).unwrap_or(0),
        "origin": { "x": number(origin, "X")?, "y": number(origin, "Y")? },
        "spatialReference": system,
        "lods": lods,
    }))
}
