//! What a request says about an item, checked and put into it.

use serde_json::{Value, json};

use crate::error::{Result, SiteError};
use crate::params::{Params, shorten};
use crate::state::items::Item;

const LONGEST_TITLE: usize = 250;
const LONGEST_TEXT: usize = 64_000;
const MOST_TAGS: usize = 256;

/// Checks a title.
pub(crate) fn title(title: &str) -> Result<String> {
    let title = title.trim();
    if title.is_empty() {
        return Err(SiteError::missing("title"));
    }
    if title.chars().count() > LONGEST_TITLE {
        return Err(SiteError::bad_request(format!("'title' must be at most {LONGEST_TITLE} characters.")));
    }
    Ok(title.chars().filter(|c| !c.is_control()).collect())
}

/// Checks the length of a text.
pub(crate) fn bounded(text: &str) -> Result<&str> {
    if text.len() > LONGEST_TEXT {
        return Err(SiteError::bad_request(format!("a text is longer than {LONGEST_TEXT} bytes")));
    }
    Ok(text)
}

/// Puts what the request says about an item into it; what it leaves out stays.
pub(super) fn apply(item: &mut Item, params: &Params) -> Result<()> {
    if let Some(text) = params.text("title") {
        item.title = title(text)?;
    }
    if let Some(kind) = params.text("type") {
        item.kind = kind.chars().take(100).collect();
    }
    if let Some(url) = params.get("url") {
        item.url = address(url)?;
    }
    for name in [
        "snippet",
        "description",
        "documentation",
        "accessInformation",
        "licenseInfo",
        "culture",
        "thumbnailUrl",
    ] {
        if let Some(text) = params.get(name) {
            let text = bounded(text)?;
            let value = if text.is_empty() { Value::Null } else { json!(text) };
            item.properties.insert(name.to_owned(), value);
        }
    }
    for name in ["tags", "typeKeywords", "categories"] {
        if params.get(name).is_some() {
            let list = list(params, name)?;
            item.properties.insert(name.to_owned(), json!(list));
        }
    }
    if let Some(value) = params.text("properties") {
        let value: Value = serde_json::from_str(bounded(value)?)
            .map_err(|_| SiteError::bad_request("'properties' is not JSON."))?;
        item.properties.insert("properties".to_owned(), value);
    }
    if let Some(extent) = params.text("extent") {
        item.properties.insert("extent".to_owned(), extent_corners(extent)?);
    }
    if let Some(reference) = params.text("spatialReference") {
        item.properties.insert("spatialReference".to_owned(), json!(bounded(reference)?));
    }
    Ok(())
}

/// Lists come as JSON arrays, repeated parameters or with commas.
fn list(params: &Params, name: &str) -> Result<Vec<String>> {
    let mut out: Vec<String> = Vec::new();
    for value in params.all(name) {
        match serde_json::from_str::<Vec<String>>(bounded(value)?) {
            Ok(values) => out.extend(values),
            Err(_) => out.extend(value.split(',').map(str::to_owned)),
        }
    }
    let mut seen = std::collections::HashSet::new();
    let out: Vec<String> = out
        .into_iter()
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty() && seen.insert(text.clone()))
        .collect();
    if out.len() > MOST_TAGS {
        return Err(SiteError::bad_request(format!("'{name}' has more than {MOST_TAGS} entries.")));
    }
    Ok(out)
}

/// Only the schemes that a link may have; a stored `javascript:` would run in somebody's browser.
fn address(url: &str) -> Result<Option<String>> {
    let url = url.trim();
    if url.is_empty() {
        return Ok(None);
    }
    let lower = url.to_ascii_lowercase();
    if url.len() > 2000
        || !(lower.starts_with("http://") || lower.starts_with("https://") || lower.starts_with('/'))
    {
        return Err(SiteError::bad_request("'url' must begin with http:// or https://.").detail(shorten(url)));
    }
    Ok(Some(url.to_owned()))
}

/// Reads `xmin,ymin,xmax,ymax`, `[[xmin,ymin],[xmax,ymax]]` or an extent object.
fn extent_corners(text: &str) -> Result<Value> {
    let bad = || SiteError::bad_request("'extent' must be xmin,ymin,xmax,ymax.").detail(shorten(text));
    let numbers: Vec<f64> = if let Ok(value) = serde_json::from_str::<Value>(text) {
        match &value {
            Value::Object(map) => {
                ["xmin", "ymin", "xmax", "ymax"].iter().filter_map(|key| map.get(*key)?.as_f64()).collect()
            }
            Value::Array(list) => {
                let flat = |value: &Value| match value {
                    Value::Array(inner) => inner.iter().filter_map(Value::as_f64).collect(),
                    other => other.as_f64().into_iter().collect::<Vec<_>>(),
                };
                list.iter().flat_map(flat).collect()
            }
            _ => Vec::new(),
        }
    } else {
        text.split(',').filter_map(|part| part.trim().parse().ok()).collect()
    };
    match numbers.as_slice() {
        [] => Ok(json!([])),
        [xmin, ymin, xmax, ymax] if numbers.iter().all(|n| n.is_finite()) => {
            Ok(json!([[xmin, ymin], [xmax, ymax]]))
        }
        _ => Err(bad()),
    }
}

/// Returns the item type that files with this ending usually are.
pub(super) fn type_of_file(name: &str) -> Option<&'static str> {
    let ending = name.rsplit_once('.')?.1.to_ascii_lowercase();
    Some(match ending.as_str() {
        "sd" => "Service Definition",
        "csv" => "CSV",
        "geojson" => "GeoJson",
        "gpkg" => "GeoPackage",
        "xlsx" | "xls" => "Microsoft Excel",
        "kml" | "kmz" => "KML",
        "lyrx" => "Layer",
        "mapx" => "Pro Map",
        "ppkx" => "Project Package",
        "pdf" => "PDF",
        "tpk" | "tpkx" => "Tile Package",
        "vtpk" => "Vector Tile Package",
        "zip" => "Code Sample",
        "png" | "jpg" | "jpeg" | "gif" => "Image",
        _ => return None,
    })
}

/// Returns the keywords that Portal gives to items of a type.
pub(super) fn keywords_of_type(kind: &str) -> &'static [&'static str] {
    match kind {
        "Service Definition" => &["Data", "Service", "Service Definition"],
        "Feature Service" => {
            &["ArcGIS Server", "Data", "Feature Access", "Feature Service", "Hosted Service", "Service"]
        }
        "Map Service" => &["ArcGIS Server", "Data", "Map Service", "Service"],
        "Shapefile" | "CSV" | "GeoJson" | "File Geodatabase" | "GeoPackage" => &["Data"],
        "Web Map" => &["ArcGIS Online", "Explorer Web Map", "Map", "Online Map", "Web Map"],
        _ => &[],
    }
}

/// Returns the media type of a file by its ending.
pub(super) fn media_type(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    match ending.as_str() {
        "json" | "geojson" | "pjson" | "lyrx" | "mapx" => "application/json",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "xml" => "application/xml",
        "csv" => "text/csv",
        "txt" => "text/plain;charset=utf-8",
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extents_come_in_three_spellings() {
        let expected = json!([[1.0, 2.0], [3.0, 4.0]]);
        for text in ["1,2,3,4", "[[1,2],[3,4]]", "{\"xmin\":1,\"ymin\":2,\"xmax\":3,\"ymax\":4}"] {
            assert_eq!(extent_corners(text).unwrap(), expected, "{text}");
        }
        assert!(extent_corners("1,2,3").is_err());
        assert!(extent_corners("1,2,3,1e999").is_err());
    }

    #[test]
    fn links_cannot_be_scripts() {
        assert!(address("javascript:alert(1)").is_err());
        assert!(address("data:text/html,x").is_err());
        assert!(address("HTTPS://maps.example/x").is_ok());
    }
}
