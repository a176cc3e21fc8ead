//! Tiling schemes read from files and drafts.

use std::path::Path;

use super::{Lod, TilingScheme};
use crate::error::{Error, Result};
use crate::sddraft::{NodeId, Reference, Tree};

/// The largest tiling scheme file.
const MAX_BYTES: u64 = 4 << 20;
/// More levels than any scheme has.
const MAX_LEVELS: usize = 64;
const FORMATS: &[&str] = &["PNG", "PNG8", "PNG24", "PNG32", "JPEG", "Mixed", "LERC", "LERC2D"];

struct Reader<'a>(&'a Tree);

impl Reader<'_> {
    fn text(&self, node: NodeId, name: &str) -> Option<String> {
        self.0.child(node, name).map(|id| self.0.text(id).trim().to_owned()).filter(|text| !text.is_empty())
    }

    fn number(&self, node: NodeId, name: &str) -> Result<Option<f64>> {
        let Some(text) = self.text(node, name) else { return Ok(None) };
        let found = text.parse::<f64>().ok().filter(|number| number.is_finite());
        found.map(Some).ok_or_else(|| Error::invalid(format!("`{name}` is `{text}` and must be a number")))
    }

    fn whole(&self, node: NodeId, name: &str, usual: u32, least: u32, most: u32) -> Result<u32> {
        let Some(text) = self.text(node, name) else { return Ok(usual) };
        text.parse::<u32>().ok().filter(|number| (least..=most).contains(number)).ok_or_else(|| {
            Error::invalid(format!("`{name}` is `{text}` and must be a whole number from {least} to {most}"))
        })
    }
}

impl TilingScheme {
    /// Reads a tiling scheme file: `CacheInfo`, as caches have it, or `TileCacheInfo` alone.
    ///
    /// # Errors
    /// The file is missing or no tiling scheme, or a value in it cannot be; the text names file and value.
    pub fn open(path: &Path) -> Result<Self> {
        let fail = |error: std::io::Error| Error::io("read tiling scheme", path, error);
        let length = std::fs::metadata(path).map_err(fail)?.len();
        let context = || format!("cannot use tiling scheme `{}`", path.display());
        if length > MAX_BYTES {
            return Err(Error::invalid(format!("it has {length} bytes and a scheme has a few thousand"))
                .context(context()));
        }
        let bytes = std::fs::read(path).map_err(fail)?;
        Self::parse(&String::from_utf8_lossy(&bytes)).map_err(|error| error.context(context()))
    }

    /// Reads a tiling scheme from XML.
    ///
    /// # Errors
    /// As [`TilingScheme::open`].
    pub fn parse(text: &str) -> Result<Self> {
        let tree = Tree::parse(text.trim_start_matches('\u{feff}').to_owned())?;
        let root = tree.root();
        match tree.name(root) {
            "CacheInfo" | "CacheSchema" => Self::read(&tree, root),
            "TileCacheInfo" => Self::read_parts(&tree, Some(root), None, None),
            other => {
                let other: String = other.chars().take(60).collect();
                Err(Error::invalid(format!(
                    "its root element is `{other}` and not `CacheInfo`: pass a file that Generate Map Server \
                     Cache Tiling Scheme or `geosharing` wrote"
                )))
            }
        }
    }

    /// Reads the element `CacheSchema` or `CacheInfo`.
    ///
    /// # Errors
    /// A value cannot be; the text names it.
    pub fn read(tree: &Tree, node: NodeId) -> Result<Self> {
        let part = |name: &str| tree.child(node, name);
        Self::read_parts(tree, part("TileCacheInfo"), part("TileImageInfo"), part("CacheStorageInfo"))
    }

    fn read_parts(
        tree: &Tree,
        tiles: Option<NodeId>,
        image: Option<NodeId>,
        storage: Option<NodeId>,
    ) -> Result<Self> {
        let tiles =
            tiles.ok_or_else(|| Error::invalid("it has no `TileCacheInfo`, so there are no levels"))?;
        let reader = Reader(tree);
        let mut scheme = Self { bands: None, lerc_error: None, ..Self::none() }.stored("CompactV2");
        scheme.reference = tree.child(tiles, "SpatialReference").map(|id| Reference::read(tree, id));
        if let Some(origin) = tree.child(tiles, "TileOrigin") {
            let side = |name| Ok::<f64, Error>(reader.number(origin, name)?.unwrap_or(0.0));
            scheme.origin = [side("X")?, side("Y")?];
        }
        scheme.columns = reader.whole(tiles, "TileCols", 256, 1, 8192)?;
        scheme.rows = reader.whole(tiles, "TileRows", 256, 1, 8192)?;
        scheme.dpi = reader.whole(tiles, "DPI", 96, 1, 9600)?;
        scheme.precise_dpi = reader.number(tiles, "PreciseDPI")?.unwrap_or_else(|| scheme.dpi.into());
        scheme.lods = read_levels(&reader, tiles)?;
        if let Some(image) = image {
            if let Some(found) = reader.text(image, "CacheTileFormat") {
                let known =
                    FORMATS.iter().find(|known| known.eq_ignore_ascii_case(&found)).ok_or_else(|| {
                        let formats = FORMATS.join("`, `");
                        Error::invalid(format!(
                            "`CacheTileFormat` is `{found}` and must be one of `{formats}`"
                        ))
                    })?;
                (*known).clone_into(&mut scheme.format);
            }
            scheme.quality = reader.whole(image, "CompressionQuality", 0, 0, 100)?;
            scheme.antialiasing =
                reader.text(image, "Antialiasing").is_some_and(|text| text.eq_ignore_ascii_case("true"));
            if reader.text(image, "BandCount").is_some() {
                scheme.bands = Some(reader.whole(image, "BandCount", 1, 0, 1024)?);
            }
            scheme.lerc_error = reader.number(image, "LERCError")?;
        }
        if let Some(storage) = storage {
            if let Some(mode) = reader.text(storage, "StorageFormat") {
                scheme.storage = mode;
            }
            scheme.packet_size = reader.whole(storage, "PacketSize", 128, 0, 4096)?;
        }
        Ok(scheme)
    }
}

fn read_levels(reader: &Reader<'_>, tiles: NodeId) -> Result<Vec<Lod>> {
    let Some(list) = reader.0.child(tiles, "LODInfos") else { return Ok(Vec::new()) };
    let mut lods: Vec<Lod> = Vec::new();
    for (usual, node) in (0..).zip(reader.0.children(list)) {
        let level = reader.whole(node, "LevelID", usual, 0, 999)?;
        let positive = |name: &str| {
            reader
                .number(node, name)?
                .filter(|number| *number > 0.0)
                .ok_or_else(|| Error::invalid(format!("`{name}` of level {level} is missing or not above 0")))
        };
        let lod = Lod { level, scale: positive("Scale")?, resolution: positive("Resolution")? };
        if lods.last().is_some_and(|last| last.scale <= lod.scale || last.level >= level) {
            return Err(Error::invalid(format!(
                "level {level} does not follow the level before it: levels go from small scales to large ones"
            )));
        }
        lods.push(lod);
        if lods.len() > MAX_LEVELS {
            return Err(Error::invalid(format!("it has more than {MAX_LEVELS} levels")));
        }
    }
    Ok(lods)
}
