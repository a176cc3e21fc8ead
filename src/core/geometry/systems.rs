//! Spatial references: reading them from parameters, and their definitions.

use std::borrow::Cow;

use serde_json::Value;

use super::relaxed::parse_relaxed;
use super::wkt;
use crate::dataset::SpatialReference;
use crate::{Error, Result};

/// Ids of Esri and others that mean a system of another id.
const ALIASES: [(u32, u32); 8] = [
    (102_100, 3857),
    (102_113, 3857),
    (900_913, 3857),
    (3785, 3857),
    (104_115, 4326),
    (102_162, 26_962),
    (4140, 4617),
    (102_067, 5514),
];

/// Systems of Esri's numbering that many maps use and EPSG has not.
const ESRI: [(u32, &str); 14] = [
    (102_001, "+proj=aea +lat_0=40 +lon_0=-96 +lat_1=50 +lat_2=70 +datum=NAD83 +units=m"),
    (102_002, "+proj=lcc +lat_0=40 +lon_0=-96 +lat_1=50 +lat_2=70 +datum=NAD83 +units=m"),
    (102_003, "+proj=aea +lat_0=37.5 +lon_0=-96 +lat_1=29.5 +lat_2=45.5 +datum=NAD83 +units=m"),
    (102_004, "+proj=lcc +lat_0=39 +lon_0=-96 +lat_1=33 +lat_2=45 +datum=NAD83 +units=m"),
    (102_005, "+proj=eqdc +lat_0=39 +lon_0=-96 +lat_1=33 +lat_2=45 +datum=NAD83 +units=m"),
    (102_008, "+proj=aea +lat_0=40 +lon_0=-96 +lat_1=20 +lat_2=60 +datum=NAD83 +units=m"),
    (102_009, "+proj=lcc +lat_0=40 +lon_0=-96 +lat_1=20 +lat_2=60 +datum=NAD83 +units=m"),
    (102_013, "+proj=aea +lat_0=30 +lon_0=10 +lat_1=43 +lat_2=62 +ellps=intl +units=m"),
    (102_014, "+proj=lcc +lat_0=30 +lon_0=10 +lat_1=43 +lat_2=62 +ellps=intl +units=m"),
    (102_031, "+proj=eqdc +lat_0=30 +lon_0=10 +lat_1=43 +lat_2=62 +ellps=intl +units=m"),
    (102_039, "+proj=aea +lat_0=23 +lon_0=-96 +lat_1=29.5 +lat_2=45.5 +datum=NAD83 +units=m"),
    (54_009, "+proj=moll +lon_0=0 +datum=WGS84 +units=m"),
    (54_030, "+proj=robin +lon_0=0 +datum=WGS84 +units=m"),
    (54_008, "+proj=sinu +lon_0=0 +datum=WGS84 +units=m"),
];

/// Reads a parameter such as `inSR`: an id, JSON, `EPSG:4326` or WKT; `None` when it is empty.
pub fn parse_spatial_reference(text: &str) -> Result<Option<SpatialReference>> {
    let text = text.trim().trim_matches('"');
    if text.is_empty() || text == "null" || text == "{}" {
        return Ok(None);
    }
    if text.starts_with('{') {
        return spatial_reference(&parse_relaxed(text)?);
    }
    let code = text.rsplit(':').next().unwrap_or(text).trim_end_matches(".0");
    if let Ok(wkid) = code.parse::<u32>() {
        return Ok(Some(of_wkid(wkid)));
    }
    if text.contains('[') {
        return Ok(Some(SpatialReference { wkid: None, latest_wkid: None, wkt: Some(text.to_owned()) }));
    }
    Err(Error::invalid(format!("`{text}` is not a spatial reference; give a well-known id such as 4326")))
}

/// Reads a spatial reference from JSON; `None` when it says nothing.
pub fn spatial_reference(value: &Value) -> Result<Option<SpatialReference>> {
    let id = |name: &str| match value.get(name) {
        Some(Value::Number(number)) => number.as_u64().and_then(|number| u32::try_from(number).ok()),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    let wkt = value.get("wkt").or_else(|| value.get("wkt2")).and_then(Value::as_str);
    match value {
        Value::Number(number) => Ok(number.as_u64().and_then(|id| u32::try_from(id).ok()).map(of_wkid)),
        Value::String(text) => parse_spatial_reference(text),
        _ if id("wkid").or_else(|| id("latestWkid")).is_some() => {
            let wkid = id("wkid").or_else(|| id("latestWkid"));
            Ok(Some(SpatialReference { wkid, latest_wkid: id("latestWkid"), wkt: wkt.map(str::to_owned) }))
        }
        _ => Ok(wkt.filter(|text| !text.is_empty()).map(|text| SpatialReference {
            wkid: None,
            latest_wkid: None,
            wkt: Some(text.to_owned()),
        })),
    }
}

fn of_wkid(wkid: u32) -> SpatialReference {
    SpatialReference { wkid: Some(wkid), latest_wkid: None, wkt: None }
}

/// Returns a spatial reference as answers show it: Web Mercator under Esri's id, with the newest id.
pub fn wire_form(reference: &SpatialReference) -> SpatialReference {
    let Some(wkid) = reference.wkid.or(reference.latest_wkid) else { return reference.clone() };
    if canonical(wkid) == 3857 {
        return SpatialReference { wkid: Some(102_100), latest_wkid: Some(3857), wkt: None };
    }
    SpatialReference { wkid: Some(wkid), latest_wkid: Some(reference.latest_wkid.unwrap_or(wkid)), wkt: None }
}

fn canonical(wkid: u32) -> u32 {
    ALIASES.iter().find(|(alias, _)| *alias == wkid).map_or(wkid, |(_, real)| *real)
}

fn code(reference: &SpatialReference) -> Option<u32> {
    reference.latest_wkid.or(reference.wkid).map(canonical)
}

/// Whether two references name the same system.
pub fn same_system(a: &SpatialReference, b: &SpatialReference) -> bool {
    match (code(a), code(b)) {
        (Some(x), Some(y)) => x == y || (a.wkid.is_some() && a.wkid == b.wkid),
        (None, None) => a.wkt == b.wkt,
        _ => false,
    }
}

/// Whether coordinates are degrees.
pub fn is_geographic(reference: &SpatialReference) -> bool {
    proj_string(reference).is_ok_and(|text| text.contains("+proj=longlat"))
}

pub(super) fn is_mercator(reference: &SpatialReference) -> bool {
    code(reference) == Some(3857)
}

pub(super) fn is_wgs84(reference: &SpatialReference) -> bool {
    code(reference) == Some(4326)
}

/// Returns the definition in PROJ's terms, always with x to the east.
pub(super) fn proj_string(reference: &SpatialReference) -> Result<Cow<'static, str>> {
    let ids = [reference.latest_wkid, reference.wkid];
    for wkid in ids.into_iter().flatten().map(canonical) {
        if let Some(definition) = u16::try_from(wkid).ok().and_then(crs_definitions::from_code)
            && !definition.proj4.is_empty()
        {
            let text = definition.proj4;
            return Ok(if text.contains("+axis=") {
                let kept = text.split_whitespace().filter(|part| !part.starts_with("+axis="));
                kept.collect::<Vec<_>>().join(" ").into()
            } else {
                text.into()
            });
        }
        if let Some((_, definition)) = ESRI.iter().find(|(id, _)| *id == wkid) {
            return Ok((*definition).into());
        }
    }
    if let Some(text) = &reference.wkt {
        return wkt::proj_string(text).map(Cow::Owned);
    }
    let name = reference.wkid.map_or_else(|| "without an id".to_owned(), |wkid| format!("`{wkid}`"));
    Err(Error::unsupported(format!(
        "the spatial reference {name} is not known; give one with an EPSG id or with `wkt`"
    )))
}
