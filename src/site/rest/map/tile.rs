//! `tile`: pictures of the service's tiling scheme, drawn when they are asked for first.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use geosharing_core::dataset::Envelope;
use geosharing_core::draw::{Color, PictureFormat};
use geosharing_core::geometry::spatial_reference;
use serde_json::Value;

use super::Ask;
use super::draw::{Picture, draw};
use super::tree::Shown;
use crate::error::{Result, SiteError};
use crate::reply::Reply;
use crate::store::FeatureStore;

/// Most tiles that a site keeps until it starts again; beyond, tiles are drawn each time.
const MOST: usize = 100_000;
/// Tiles that were kept so far.
static KEPT: AtomicUsize = AtomicUsize::new(0);

/// Answers `tile/{level}/{row}/{column}`.
pub(super) fn answer(ask: &Ask<'_>, level: &str, row: &str, column: &str) -> Result<Reply> {
    ask.require("Map")?;
    let missing = || SiteError::not_found(format!("Tile {level}/{row}/{column} not found"));
    let info = ask.service.definition.get("tileInfo").filter(|info| info.is_object()).ok_or_else(|| {
        SiteError::not_found("The service has no tiles.").detail("ask `export` for pictures of it")
    })?;
    let scheme = Scheme::of(info).ok_or_else(missing)?;
    let number = |text: &str| text.parse::<u32>().ok();
    let (Some(level), Some(row), Some(column)) = (number(level), number(row), number(column)) else {
        return Err(missing());
    };
    let (resolution, scale) = Scheme::level(info, level).ok_or_else(missing)?;
    let extent = scheme.extent(resolution, row, column);
    let world = super::root::full_extent(ask)?;
    let within = |shown: &Envelope| shown.xmin.abs() < 1e9 && shown.ymin.abs() < 1e9;
    if !within(&extent) || world.is_none() {
        return Err(missing());
    }
    let kept = folder(ask, level).join(row.to_string()).join(format!("{column}.{}", scheme.format.suffix()));
    if let Ok(bytes) = std::fs::read(&kept) {
        return Ok(Reply::Bytes(bytes, scheme.format.media_type()));
    }
    let transparent = scheme.format == PictureFormat::Png;
    let picture = Picture {
        extent,
        reference: scheme.reference,
        width: scheme.columns,
        height: scheme.rows,
        dpi: scheme.dpi,
        background: if transparent { Color::default() } else { Color::WHITE },
        shown: Shown::parse(None)?,
        filters: std::collections::HashMap::new(),
        scale: Some(scale).filter(|scale| *scale > 0.0),
    };
    let bytes = draw(ask, &picture)?.to_bytes(scheme.format)?;
    keep(ask, &kept, &bytes);
    Ok(Reply::Bytes(bytes, scheme.format.media_type()))
}

/// The folder of the tiles of one state of the data.
fn folder(ask: &Ask<'_>, level: u32) -> PathBuf {
    let tiles = ask.context.folder().join("tmp").join("tiles");
    let store = ask.service.store.file_name().unwrap_or_default();
    tiles.join(store).join(ask.view.version().to_string()).join(level.to_string())
}

/// Keeps a tile; one that cannot be kept is drawn again.
fn keep(ask: &Ask<'_>, path: &std::path::Path, bytes: &[u8]) {
    let Some(folder) = path.parent() else { return };
    if KEPT.fetch_add(1, Ordering::Relaxed) >= MOST || std::fs::create_dir_all(folder).is_err() {
        return;
    }
    let aside = ask.context.temporary_path("tile");
    let kept = std::fs::write(&aside, bytes).and_then(|()| std::fs::rename(&aside, path));
    if kept.is_err() {
        let _ = std::fs::remove_file(&aside);
    }
}

/// What `tileInfo` says.
struct Scheme {
    origin: (f64, f64),
    rows: u32,
    columns: u32,
    dpi: f64,
    format: PictureFormat,
    reference: geosharing_core::dataset::SpatialReference,
}

impl Scheme {
    fn of(info: &Value) -> Option<Self> {
        let number = |path: &str| info.pointer(path).and_then(Value::as_f64);
        let side =
            |path: &str| number(path).filter(|side| (1.0..=4096.0).contains(side)).map(|side| side as u32);
        let format = info.get("format").and_then(Value::as_str).unwrap_or("PNG");
        Some(Self {
            origin: (number("/origin/x")?, number("/origin/y")?),
            rows: side("/rows")?,
            columns: side("/cols")?,
            dpi: number("/dpi").unwrap_or(96.0),
            format: if format.eq_ignore_ascii_case("jpeg") {
                PictureFormat::Jpeg
            } else {
                PictureFormat::Png
            },
            reference: spatial_reference(info.get("spatialReference")?).ok().flatten()?,
        })
    }

    /// Resolution and scale of a level.
    fn level(info: &Value, level: u32) -> Option<(f64, f64)> {
        let lods = info.get("lods")?.as_array()?;
        let lod =
            lods.iter().find(|lod| lod.get("level").and_then(Value::as_u64) == Some(u64::from(level)))?;
        let resolution = lod.get("resolution")?.as_f64().filter(|resolution| *resolution > 0.0)?;
        Some((resolution, lod.get("scale").and_then(Value::as_f64).unwrap_or_default()))
    }

    fn extent(&self, resolution: f64, row: u32, column: u32) -> Envelope {
        let (wide, tall) = (resolution * f64::from(self.columns), resolution * f64::from(self.rows));
        let (west, north) = (self.origin.0 + f64::from(column) * wide, self.origin.1 - f64::from(row) * tall);
        Envelope { xmin: west, ymin: north - tall, xmax: west + wide, ymax: north }
    }
}
