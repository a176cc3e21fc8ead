//! WMS 1.3.0 and 1.1.1 over the map: `GetCapabilities` and `GetMap`, where the draft switched it on.

use std::fmt::Write as _;

use geosharing_core::dataset::{Envelope, SpatialReference};
use geosharing_core::draw::{Color, PictureFormat};
use geosharing_core::geometry::is_geographic;
use serde_json::Value;

use super::Ask;
use super::draw::{Picture, draw};
use super::root::full_extent;
use super::select::projected;
use super::tree::Shown;
use crate::error::{Result, SiteError};
use crate::html::escape;
use crate::params::shorten;
use crate::reply::Reply;

const XML: &str = "text/xml;charset=UTF-8";
/// Systems that are offered; others are taken when they are asked for.
const SYSTEMS: [u32; 2] = [4326, 3857];

/// Answers `WMSServer`.
pub(super) fn answer(ask: &Ask<'_>) -> Result<Reply> {
    let served =
        ask.service.definition.get("supportedExtensions").and_then(Value::as_str).unwrap_or_default();
    if !served.split(',').any(|name| name.trim() == "WMSServer") {
        return Err(SiteError::not_found("The service has no WMS.")
            .detail("enable the WMSServer extension in the draft and publish it again"));
    }
    let operation = ask.params.text("request").unwrap_or("GetCapabilities");
    let outcome = match operation.to_ascii_lowercase().as_str() {
        "getcapabilities" | "capabilities" => capabilities(ask),
        "getmap" | "map" => map(ask),
        _ => Err(Fault::new("OperationNotSupported", format!("`{}` is not supported", shorten(operation)))),
    };
    match outcome {
        Ok(reply) => Ok(reply),
        Err(fault) => Ok(Reply::Bytes(fault.to_xml().into_bytes(), XML)),
    }
}

/// What WMS calls a service exception.
struct Fault {
    code: &'static str,
    text: String,
}

impl Fault {
    fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }

    fn to_xml(&self) -> String {
        let code = if self.code.is_empty() { String::new() } else { format!(" code=\"{}\"", self.code) };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ServiceExceptionReport version=\"1.3.0\" \
             xmlns=\"http://www.opengis.net/ogc\"><ServiceException{code}>{}</ServiceException></ServiceExceptionReport>",
            escape(&self.text)
        )
    }
}

impl From<SiteError> for Fault {
    fn from(error: SiteError) -> Self {
        Self::new("", [vec![error.message.to_string()], error.details].concat().join(" "))
    }
}

impl From<geosharing_core::Error> for Fault {
    fn from(error: geosharing_core::Error) -> Self {
        SiteError::from(error).into()
    }
}

fn is_old(ask: &Ask<'_>) -> bool {
    ask.params.text("version").is_some_and(|version| version.starts_with("1.1") || version.starts_with("1.0"))
}

/// Reads `EPSG:4326` and `CRS:84`; tells whether coordinates come with the latitude first.
fn system(ask: &Ask<'_>) -> Result<(SpatialReference, bool), Fault> {
    let text = ask.params.text("crs").or(ask.params.text("srs"));
    let text = text.ok_or_else(|| Fault::new("MissingParameterValue", "CRS is missing"))?;
    let invalid = || Fault::new("InvalidCRS", format!("`{}` is not a known reference system", shorten(text)));
    let of = |wkid: u32| SpatialReference { wkid: Some(wkid), latest_wkid: Some(wkid), wkt: None };
    if text.eq_ignore_ascii_case("CRS:84") {
        return Ok((of(4326), false));
    }
    let (authority, code) = text.split_once(':').ok_or_else(invalid)?;
    if !authority.eq_ignore_ascii_case("EPSG") {
        return Err(invalid());
    }
    let reference = of(code.parse().map_err(|_| invalid())?);
    let latitude_first = !is_old(ask) && is_geographic(&reference);
    Ok((reference, latitude_first))
}

fn map(ask: &Ask<'_>) -> Result<Reply, Fault> {
    let need = |name: &str| {
        ask.params.text(name).ok_or_else(|| Fault::new("MissingParameterValue", format!("{name} is missing")))
    };
    let (reference, swapped) = system(ask)?;
    let sides: Vec<f64> = need("bbox")?.split(',').filter_map(|side| side.trim().parse().ok()).collect();
    let extent = match *sides.as_slice() {
        [a, b, c, d] if swapped => Envelope { xmin: b, ymin: a, xmax: d, ymax: c },
        [xmin, ymin, xmax, ymax] => Envelope { xmin, ymin, xmax, ymax },
        _ => return Err(Fault::new("InvalidParameterValue", "BBOX is not four numbers")),
    };
    let finite = [extent.xmin, extent.ymin, extent.xmax, extent.ymax].iter().all(|side| side.is_finite());
    if !finite || extent.xmin >= extent.xmax || extent.ymin >= extent.ymax {
        return Err(Fault::new("InvalidParameterValue", "BBOX is empty or not finite"));
    }
    let most = |key: &str| ask.service.definition.get(key).and_then(Value::as_u64).unwrap_or(4096);
    let side = |name: &str, most: u64| -> Result<u32, Fault> {
        let side: u32 = need(name)?.parse().unwrap_or(0);
        if side == 0 || u64::from(side) > most {
            return Err(Fault::new("InvalidParameterValue", format!("{name} is not between 1 and {most}")));
        }
        Ok(side)
    };
    let (width, height) = (side("width", most("maxImageWidth"))?, side("height", most("maxImageHeight"))?);
    let wanted = ask.params.text("format").unwrap_or("image/png");
    let format = wanted.split(';').next().and_then(|format| format.trim().strip_prefix("image/"));
    let format = format.and_then(PictureFormat::find).ok_or_else(|| {
        Fault::new("InvalidFormat", format!("`{}` is not image/png or image/jpeg", shorten(wanted)))
    })?;
    let shown = match ask.params.text("layers") {
        None => Shown::parse(None)?,
        Some(names) => Shown::parse(Some(&format!("show:{}", ids(ask, names)?)))?,
    };
    let transparent = ask.params.flag("transparent") && format == PictureFormat::Png;
    let picture = Picture {
        extent,
        reference,
        width,
        height,
        dpi: 96.0,
        background: if transparent { Color::default() } else { Color::WHITE },
        shown,
        filters: std::collections::HashMap::new(),
        scale: None,
    };
    let bytes = draw(ask, &picture)?.to_bytes(format)?;
    Ok(Reply::Bytes(bytes, format.media_type()))
}

/// Finds layers by name or id.
fn ids(ask: &Ask<'_>, names: &str) -> Result<String, Fault> {
    let mut out = Vec::new();
    for name in names.split(',').filter(|name| !name.is_empty()) {
        let node = ask.tree.nodes.iter().find(|node| node.name == name || node.id.to_string() == name);
        let node = node
            .ok_or_else(|| Fault::new("LayerNotDefined", format!("there is no layer `{}`", shorten(name))))?;
        out.push(node.id.to_string());
    }
    Ok(out.join(","))
}

fn capabilities(ask: &Ask<'_>) -> Result<Reply, Fault> {
    let old = is_old(ask);
    let address = format!("{}{}", ask.params.origin(), ask.params.request().path.trim_end_matches('/'));
    let address = escape(&format!("{address}?"));
    let word = |key: &str| {
        let found = ask.service.definition.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        escape(found.unwrap_or(ask.service.name))
    };
    let title = escape(ask.service.name);
    let link = format!(
        "<OnlineResource xmlns:xlink=\"http://www.w3.org/1999/xlink\" xlink:type=\"simple\" xlink:href=\"{address}\"/>"
    );
    let get = format!("<DCPType><HTTP><Get>{link}</Get></HTTP></DCPType>");
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.push_str(if old {
        "<WMT_MS_Capabilities version=\"1.1.1\">"
    } else {
        "<WMS_Capabilities version=\"1.3.0\" xmlns=\"http://www.opengis.net/wms\">"
    });
    let (name, exceptions) = if old { ("OGC:WMS", "application/vnd.ogc.se_xml") } else { ("WMS", "XML") };
    let _ = write!(
        out,
        "<Service><Name>{name}</Name><Title>{title}</Title><Abstract>{}</Abstract>{link}</Service><Capability><Request>\
         <GetCapabilities><Format>text/xml</Format>{get}</GetCapabilities><GetMap><Format>image/png</Format>\
         <Format>image/jpeg</Format>{get}</GetMap></Request><Exception><Format>{exceptions}</Format></Exception>",
        word("description")
    );
    let world = full_extent(ask)?;
    let degrees = SpatialReference { wkid: Some(4326), latest_wkid: Some(4326), wkt: None };
    let bounds = world.and_then(|world| projected(world, &ask.reference, &degrees, "extent").ok());
    let _ = write!(out, "<Layer><Title>{title}</Title>");
    let mut systems: Vec<u32> = SYSTEMS.to_vec();
    let own = ask.reference.latest_wkid.or(ask.reference.wkid);
    systems.extend(own.filter(|own| !SYSTEMS.contains(own) && *own < 32_768));
    let tag = if old { "SRS" } else { "CRS" };
    for system in &systems {
        let _ = write!(out, "<{tag}>EPSG:{system}</{tag}>");
    }
    if let Some(Envelope { xmin, ymin, xmax, ymax }) = bounds {
        if old {
            let _ = write!(
                out,
                "<LatLonBoundingBox minx=\"{xmin}\" miny=\"{ymin}\" maxx=\"{xmax}\" maxy=\"{ymax}\"/>"
            );
        } else {
            let _ = write!(
                out,
                "<EX_GeographicBoundingBox><westBoundLongitude>{xmin}</westBoundLongitude><eastBoundLongitude>{xmax}\
                 </eastBoundLongitude><southBoundLatitude>{ymin}</southBoundLatitude><northBoundLatitude>{ymax}\
                 </northBoundLatitude></EX_GeographicBoundingBox><BoundingBox CRS=\"EPSG:4326\" minx=\"{ymin}\" \
                 miny=\"{xmin}\" maxx=\"{ymax}\" maxy=\"{xmax}\"/>"
            );
        }
    }
    for node in ask.tree.nodes.iter().filter(|node| !node.is_table()) {
        let _ = write!(
            out,
            "<Layer queryable=\"0\"><Name>{}</Name><Title>{}</Title></Layer>",
            node.id,
            escape(&node.name)
        );
    }
    out.push_str("</Layer></Capability>");
    out.push_str(if old { "</WMT_MS_Capabilities>" } else { "</WMS_Capabilities>" });
    Ok(Reply::Bytes(out.into_bytes(), XML))
}
