//! `export`: the map as a picture.

use geosharing_core::dataset::{Envelope, SpatialReference};
use geosharing_core::draw::{Canvas, Color, PictureFormat};
use geosharing_core::geometry::{is_geographic, wire_form};
use geosharing_core::query::Selection;
use serde_json::{Value, json};

use super::draw::{Picture, draw, scale_of};
use super::select::{envelope, filters, invalid, projected, reference};
use super::tree::Shown;
use super::{Ask, output, page, root};
use crate::error::{Result, SiteError};
use crate::params::shorten;
use crate::reply::{Format, Reply};
use crate::store::FeatureStore;

/// Answers `export`.
pub(super) fn answer(ask: &Ask<'_>) -> Result<Reply> {
    ask.require("Map")?;
    let wants_page = ask.params.format() == Format::Html;
    if wants_page && ask.params.text("bbox").is_none() {
        return Ok(Reply::Html(page::export(ask.params, None)));
    }
    let form = ask.params.text("f").unwrap_or_default();
    let as_image = form.eq_ignore_ascii_case("image");
    if ask.params.format() == Format::Other && !as_image {
        return Err(SiteError::bad_request("Output format not supported.")
            .detail(format!("`f={}` is not one of image, json, pjson, html", shorten(form))));
    }
    let format = format(ask)?;
    let picture = picture(ask, format, None)?;
    let canvas = draw(ask, &picture)?;
    let bytes = canvas.to_bytes(format)?;
    if as_image {
        return Ok(Reply::Bytes(bytes, format.media_type()));
    }
    let document = describe(ask, &picture, &canvas, &bytes, format)?;
    if wants_page {
        return Ok(Reply::Html(page::export(ask.params, Some(&document))));
    }
    Ok(document.into())
}

/// Draws one layer and says where the picture is.
pub(super) fn of_layer(ask: &Ask<'_>, id: u32) -> Result<Value> {
    ask.require("Map")?;
    let format = format(ask)?;
    let layer = ask.view.layer(id);
    let layer = layer.ok_or_else(|| SiteError::not_found(format!("Layer or table {id} not found")))?;
    let own = layer.schema.spatial_reference.clone();
    let (extent, _) = ask.view.extent(id, &Selection::default())?;
    let extent = around(extent, is_geographic(&own));
    let mut picture = picture(ask, format, Some((extent, own)))?;
    picture.shown = Shown::parse(Some(&format!("show:{id}")))?;
    let canvas = draw(ask, &picture)?;
    let bytes = canvas.to_bytes(format)?;
    describe(ask, &picture, &canvas, &bytes, format)
}

/// An extent with a margin in which symbols have room; points get some surroundings.
fn around(extent: Option<Envelope>, geographic: bool) -> Envelope {
    let extent = extent.unwrap_or(Envelope { xmin: 0.0, ymin: 0.0, xmax: 0.0, ymax: 0.0 });
    let side = (extent.xmax - extent.xmin).max(extent.ymax - extent.ymin);
    let margin = if side > 0.0 {
        side * 0.05
    } else if geographic {
        0.01
    } else {
        1000.0
    };
    Envelope {
        xmin: extent.xmin - margin,
        ymin: extent.ymin - margin,
        xmax: extent.xmax + margin,
        ymax: extent.ymax + margin,
    }
}

fn describe(
    ask: &Ask<'_>,
    picture: &Picture,
    canvas: &Canvas,
    bytes: &[u8],
    format: PictureFormat,
) -> Result<Value> {
    let name = output::keep(ask.context, bytes, format)?;
    let reference = json!(wire_form(&picture.reference));
    Ok(json!({
        "href": format!("{}/server/rest/directories/arcgisoutput/{name}", ask.params.origin()),
        "width": picture.width,
        "height": picture.height,
        "extent": root::with_reference(canvas.extent(), &reference),
        "scale": scale_of(&picture.reference, canvas.resolution(), picture.dpi),
    }))
}

fn format(ask: &Ask<'_>) -> Result<PictureFormat> {
    let Some(asked) = ask.params.text("format") else { return Ok(PictureFormat::Png) };
    PictureFormat::find(asked).ok_or_else(|| {
        invalid("format", format!("`{}` is not one of png, png8, png24, png32, jpg", shorten(asked)))
    })
}

/// Reads what is to be drawn; `whole` is the extent of requests that name none.
fn picture(
    ask: &Ask<'_>,
    format: PictureFormat,
    whole: Option<(Envelope, SpatialReference)>,
) -> Result<Picture> {
    let params = ask.params;
    for (name, why) in
        [("dynamicLayers", "the service has no dynamic layers"), ("rotation", "maps are not rotated")]
    {
        let wanted = params.text(name).filter(|text| !matches!(*text, "0" | "0.0" | "[]" | "{}" | "null"));
        if wanted.is_some() {
            return Err(invalid(name, why));
        }
    }
    let (bbox, inside) = match whole.filter(|_| params.text("bbox").is_none()) {
        Some((extent, own)) => (extent, Some(own)),
        None => envelope("bbox", params.require("bbox")?)?,
    };
    let bbox_reference = inside.or(reference(params, "bboxSR")?).unwrap_or_else(|| ask.reference.clone());
    let image_reference = reference(params, "imageSR")?.unwrap_or_else(|| ask.reference.clone());
    let (width, height) = size(ask)?;
    let dpi: f64 = params.number("dpi")?.unwrap_or(96.0);
    if !(1.0..=1200.0).contains(&dpi) {
        return Err(invalid("dpi", format!("`{dpi}` is not between 1 and 1200")));
    }
    let scale: Option<f64> =
        params.number("mapScale")?.filter(|scale: &f64| scale.is_finite() && *scale > 0.0);
    let mut extent = projected(bbox, &bbox_reference, &image_reference, "bbox")?;
    if let Some(scale) = scale {
        // A scale that is asked for counts more than the extent, whose centre stays.
        let resolution = scale * 0.0254 / dpi / super::draw::metres(&image_reference);
        let (x, y) = (f64::midpoint(extent.xmin, extent.xmax), f64::midpoint(extent.ymin, extent.ymax));
        let (dx, dy) = (resolution * f64::from(width) / 2.0, resolution * f64::from(height) / 2.0);
        extent.xmin = x - dx;
        extent.xmax = x + dx;
        extent.ymin = y - dy;
        extent.ymax = y + dy;
    }
    let transparent = params.flag("transparent") && format == PictureFormat::Png;
    Ok(Picture {
        extent,
        reference: image_reference,
        width,
        height,
        dpi,
        background: if transparent { Color::default() } else { Color::WHITE },
        shown: Shown::parse(params.text("layers"))?,
        filters: filters(ask)?,
        scale,
    })
}

/// Reads `size`, which must fit the service.
fn size(ask: &Ask<'_>) -> Result<(u32, u32)> {
    let text = ask.params.text("size").unwrap_or("400,400");
    let broken = || invalid("size", format!("`{}` is not `width,height` in pixels", shorten(text)));
    let (width, height) = text.split_once(',').ok_or_else(broken)?;
    let side = |text: &str| text.trim().parse::<f64>().ok().filter(|side| (1.0..1e6).contains(side));
    let (width, height) = (side(width).ok_or_else(broken)? as u32, side(height).ok_or_else(broken)? as u32);
    let most = |key: &str| {
        ask.service
            .definition
            .get(key)
            .and_then(Value::as_u64)
            .and_then(|side| u32::try_from(side).ok())
            .unwrap_or(4096)
    };
    let (widest, tallest) = (most("maxImageWidth"), most("maxImageHeight"));
    if width > widest || height > tallest {
        return Err(SiteError::bad_request("The requested image exceeds the size limit.")
            .detail(format!("`{width},{height}` is larger than {widest} by {tallest} pixels")));
    }
    Ok((width, height))
}
