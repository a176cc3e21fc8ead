//! CSV files whose rows are points: two columns hold the coordinates.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use geosharing_core::{Error, Result};
use serde_json::{Value, json};

/// Longest header line that is read.
const LONGEST_HEADER: u64 = 1 << 20;
const LATITUDES: [&str; 7] = ["latitude", "lat", "y", "ycenter", "latitude83", "point_y", "latdecdeg"];
const LONGITUDES: [&str; 9] =
    ["longitude", "lon", "lng", "long", "x", "xcenter", "longitude83", "point_x", "longdecdeg"];

/// Returns the names of the columns, as the first line gives them, and what separates them.
pub(super) fn header(path: &Path) -> Result<(Vec<String>, char)> {
    let file = fs::File::open(path).map_err(|error| Error::io("open", path, error))?;
    let mut line = Vec::new();
    BufReader::new(file.take(LONGEST_HEADER))
        .read_until(b'\n', &mut line)
        .map_err(|error| Error::io("read", path, error))?;
    let text = String::from_utf8_lossy(&line);
    let text = text.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']);
    let separator = [',', ';', '\t', '|']
        .into_iter()
        .max_by_key(|separator| (text.matches(*separator).count(), *separator == ','))
        .unwrap_or(',');
    let (mut names, mut name, mut quoted) = (Vec::new(), String::new(), false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            c if c == separator && !quoted => names.push(std::mem::take(&mut name)),
            c => name.push(c),
        }
    }
    names.push(name);
    Ok((names, separator))
}

/// Finds the columns of longitude and latitude, by what the caller says or by their usual names.
pub(super) fn coordinates(names: &[String], parameters: &Value) -> Result<Option<(String, String)>> {
    let text = |key: &str| parameters.get(key).and_then(Value::as_str).map(str::trim);
    let location = text("locationType").unwrap_or_default();
    if location.eq_ignore_ascii_case("none") {
        return Ok(None);
    }
    if !location.is_empty() && !location.eq_ignore_ascii_case("coordinates") {
        return Err(Error::unsupported(format!(
            "`locationType` `{location}` needs a geocoder, which this site has not; give coordinates or `none`"
        )));
    }
    let find = |key: &str, usual: &[&str]| -> Result<Option<String>> {
        let Some(told) = text(key).filter(|name| !name.is_empty()) else {
            let usual = usual
                .iter()
                .find_map(|usual| names.iter().find(|name| name.trim().eq_ignore_ascii_case(usual)).cloned());
            return Ok(usual);
        };
        let found = names.iter().find(|name| name.trim().eq_ignore_ascii_case(told)).cloned();
        found.map(Some).ok_or_else(|| {
            Error::invalid(format!("`{key}` is `{told}`, and the columns are `{}`", names.join("`, `")))
        })
    };
    let x = find("longitudeFieldName", &LONGITUDES)?;
    let y = find("latitudeFieldName", &LATITUDES)?;
    match (x, y) {
        (Some(x), Some(y)) => Ok(Some((x, y))),
        _ if location.is_empty() => Ok(None),
        _ => Err(Error::invalid(
            "no columns of coordinates were found; name them in `latitudeFieldName` and `longitudeFieldName`",
        )),
    }
}

/// Writes a description of a CSV file as points beside it, if it has coordinates.
pub(super) fn with_points(path: &Path, parameters: &Value, scratch: &Path) -> Result<Option<PathBuf>> {
    let (names, _) = header(path)?;
    let Some((x, y)) = coordinates(&names, parameters)? else { return Ok(None) };
    let wkid = parameters.pointer("/sourceSR/wkid").and_then(Value::as_u64).unwrap_or(4326);
    // Esri's old number for Web Mercator is none of EPSG's.
    let authority = match wkid {
        102_100 | 102_113 => "EPSG:3857".to_owned(),
        wkid if wkid > 32_767 => format!("ESRI:{wkid}"),
        wkid => format!("EPSG:{wkid}"),
    };
    let layer = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut xml = String::from("<OGRVRTDataSource>");
    let _ = write!(
        xml,
        "<OGRVRTLayer name=\"{layer}\"><SrcDataSource relativeToVRT=\"0\">{path}</SrcDataSource>\
<OpenOptions><OOI key=\"AUTODETECT_TYPE\">YES</OOI></OpenOptions><SrcLayer>{layer}</SrcLayer>\
<GeometryType>wkbPoint</GeometryType><LayerSRS>{authority}</LayerSRS>\
<GeometryField encoding=\"PointFromColumns\" x=\"{x}\" y=\"{y}\" reportSrcColumn=\"true\"/></OGRVRTLayer>",
        layer = escaped(&layer),
        path = escaped(&path.to_string_lossy()),
        x = escaped(&x),
        y = escaped(&y),
    );
    xml.push_str("</OGRVRTDataSource>");
    let points = scratch.join("points.vrt");
    fs::write(&points, xml).map_err(|error| Error::io("write", &points, error))?;
    Ok(Some(points))
}

fn escaped(text: &str) -> String {
    crate::html::escape(text)
}

/// Suggests how to publish a CSV file, as `analyze` answers it.
///
/// # Errors
/// When the file cannot be read.
pub fn suggest(path: &Path, name: &str) -> Result<Value> {
    let (names, separator) = header(path)?;
    let points = coordinates(&names, &Value::Null)?;
    let location = if points.is_some() { "coordinates" } else { "none" };
    let mut suggested = json!({
        "type": "csv",
        "name": name,
        "sourceUrl": "",
        "locationType": location,
        "maxRecordCount": 2000,
        "columnDelimiter": separator.to_string(),
        "qualifier": "\"",
        "columnNames": names,
        "sourceSR": { "wkid": 4326, "latestWkid": 4326 },
        "targetSR": { "wkid": 4326, "latestWkid": 4326 },
        "layerInfo": { "name": name, "capabilities": "Query" },
    });
    if let (Some((x, y)), Some(object)) = (points, suggested.as_object_mut()) {
        object.insert("longitudeFieldName".to_owned(), x.into());
        object.insert("latitudeFieldName".to_owned(), y.into());
        object.insert("coordinateFieldType".to_owned(), "LatitudeAndLongitude".into());
    }
    Ok(suggested)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn columns_of_coordinates_are_found_told_or_refused() {
        let names = columns(&["id", "LAT", " Lon", "easting"]);
        let found = |parameters: Value| coordinates(&names, &parameters);
        assert_eq!(found(Value::Null).unwrap(), Some((" Lon".to_owned(), "LAT".to_owned())));
        assert_eq!(found(json!({"locationType": "none"})).unwrap(), None);
        let told = json!({"locationType": "coordinates", "longitudeFieldName": "EASTING"});
        assert_eq!(found(told).unwrap().unwrap().0, "easting");
        assert!(found(json!({"longitudeFieldName": "nope"})).unwrap_err().to_string().contains("`easting`"));
        assert!(found(json!({"locationType": "address"})).is_err());
        assert_eq!(coordinates(&columns(&["a", "b"]), &Value::Null).unwrap(), None);
    }

    #[test]
    fn a_header_may_be_quoted_and_separated_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        fs::write(&path, "\u{feff}\"a;b\";lat;lon\r\n1;2;3\n").unwrap();
        assert_eq!(header(&path).unwrap(), (columns(&["a;b", "lat", "lon"]), ';'));
    }
}
