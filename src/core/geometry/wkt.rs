//! Esri's well-known text of spatial references, into PROJ's terms.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::{Error, Result};

/// Converts `PROJCS[…]` or `GEOGCS[…]`. Datum shifts are not in the text, so none is made.
pub(super) fn proj_string(text: &str) -> Result<String> {
    if text.len() > 65_536 {
        return Err(Error::limit("the text of the spatial reference is too long"));
    }
    let numbers = |keyword: &str| numbers_of(text, keyword);
    let spheroid = numbers("SPHEROID").or_else(|| numbers("ELLIPSOID"));
    let Some((_, axis, inverse_flattening)) =
        spheroid.and_then(|(name, numbers)| Some((name, *numbers.first()?, *numbers.get(1)?)))
    else {
        return Err(Error::invalid("the text of the spatial reference has no SPHEROID"));
    };
    let mut ellipsoid = format!("+a={axis}");
    if inverse_flattening == 0.0 {
        let _ = write!(ellipsoid, " +b={axis}");
    } else {
        let _ = write!(ellipsoid, " +rf={inverse_flattening}");
    }
    if text.contains("\"D_WGS_1984\"")
        || text.contains("\"WGS_1984\"")
        || text.contains("\"D_North_American_1983\"")
    {
        ellipsoid.push_str(" +towgs84=0,0,0");
    }
    if let Some((_, meridian)) = numbers("PRIMEM")
        && let Some(meridian) = meridian.first()
        && *meridian != 0.0
    {
        let _ = write!(ellipsoid, " +pm={meridian}");
    }
    let Some(projection) = text.find("PROJECTION[").and_then(|at| text.get(at..)) else {
        return Ok(format!("+proj=longlat {ellipsoid} +no_defs"));
    };
    let projection = projection.split('"').nth(1).unwrap_or_default();
    let mut parameters = BTreeMap::new();
    let mut rest = text;
    while let Some(at) = rest.find("PARAMETER[") {
        rest = rest.get(at..).unwrap_or_default();
        if let Some((name, values)) = numbers_of(rest, "PARAMETER")
            && let Some(value) = values.first()
        {
            parameters.insert(name.to_ascii_lowercase(), *value);
        }
        rest = rest.get("PARAMETER[".len()..).unwrap_or_default();
    }
    let unit = text.rfind("UNIT[").and_then(|at| numbers_of(text.get(at..)?, "UNIT"));
    let unit = unit.and_then(|(_, values)| values.first().copied()).unwrap_or(1.0);
    let keys: &[(&str, &str)] = match projection.to_ascii_lowercase().as_str() {
        "transverse_mercator" | "gauss_kruger" => &[
            ("tmerc", ""),
            ("lat_0", "latitude_of_origin"),
            ("lon_0", "central_meridian"),
            ("k", "scale_factor"),
        ],
        "lambert_conformal_conic" | "lambert_conformal_conic_2sp" | "lambert_conformal_conic_1sp" => &[
            ("lcc", ""),
            ("lat_0", "latitude_of_origin"),
            ("lon_0", "central_meridian"),
            ("lat_1", "standard_parallel_1"),
            ("lat_2", "standard_parallel_2"),
            ("k_0", "scale_factor"),
        ],
        "albers" | "albers_conic_equal_area" => &[
            ("aea", ""),
            ("lat_0", "latitude_of_origin"),
            ("lon_0", "central_meridian"),
            ("lat_1", "standard_parallel_1"),
            ("lat_2", "standard_parallel_2"),
        ],
        "equidistant_conic" => &[
            ("eqdc", ""),
            ("lat_0", "latitude_of_origin"),
            ("lon_0", "central_meridian"),
            ("lat_1", "standard_parallel_1"),
            ("lat_2", "standard_parallel_2"),
        ],
        "mercator_auxiliary_sphere" => {
            let (x, y) = (get(&parameters, "false_easting"), get(&parameters, "false_northing"));
            let lon = get(&parameters, "central_meridian");
            return Ok(format!(
                "+proj=merc +a={axis} +b={axis} +lon_0={lon} +x_0={x} +y_0={y} +units=m +nadgrids=@null +no_defs"
            ));
        }
        "mercator" => &[("merc", ""), ("lon_0", "central_meridian"), ("lat_ts", "standard_parallel_1")],
        "cylindrical_equal_area" => {
            &[("cea", ""), ("lon_0", "central_meridian"), ("lat_ts", "standard_parallel_1")]
        }
        "plate_carree" | "equidistant_cylindrical" => {
            &[("eqc", ""), ("lon_0", "central_meridian"), ("lat_ts", "standard_parallel_1")]
        }
        "lambert_azimuthal_equal_area" => {
            &[("laea", ""), ("lat_0", "latitude_of_origin"), ("lon_0", "central_meridian")]
        }
        "azimuthal_equidistant" => {
            &[("aeqd", ""), ("lat_0", "latitude_of_origin"), ("lon_0", "central_meridian")]
        }
        "double_stereographic" => &[
            ("sterea", ""),
            ("lat_0", "latitude_of_origin"),
            ("lon_0", "central_meridian"),
            ("k", "scale_factor"),
        ],
        "stereographic" | "polar_stereographic" => &[
            ("stere", ""),
            ("lat_0", "latitude_of_origin"),
            ("lon_0", "central_meridian"),
            ("k", "scale_factor"),
        ],
        "cassini" => &[("cass", ""), ("lat_0", "latitude_of_origin"), ("lon_0", "central_meridian")],
        "mollweide" => &[("moll", ""), ("lon_0", "central_meridian")],
        "robinson" => &[("robin", ""), ("lon_0", "central_meridian")],
        "sinusoidal" => &[("sinu", ""), ("lon_0", "central_meridian")],
        _ => {
            return Err(Error::unsupported(format!(
                "the projection `{projection}` is not supported; ask for another `outSR`"
            )));
        }
    };
    let mut definition = String::new();
    for (key, parameter) in keys {
        if parameter.is_empty() {
            let _ = write!(definition, "+proj={key}");
        } else if let Some(value) = parameters.get(*parameter) {
            let _ = write!(definition, " +{key}={value}");
        }
    }
    if projection.eq_ignore_ascii_case("lambert_conformal_conic")
        && !parameters.contains_key("standard_parallel_1")
    {
        let _ = write!(definition, " +lat_1={}", get(&parameters, "latitude_of_origin"));
    }
    // PROJ takes false easting in metres, whatever the unit.
    let (x, y) = (get(&parameters, "false_easting") * unit, get(&parameters, "false_northing") * unit);
    let _ = write!(definition, " +x_0={x} +y_0={y} +to_meter={unit} {ellipsoid} +no_defs");
    Ok(definition)
}

fn get(parameters: &BTreeMap<String, f64>, name: &str) -> f64 {
    parameters.get(name).copied().unwrap_or(0.0)
}

/// Reads `KEYWORD["name",1,2,…` at its first place in the text.
fn numbers_of(text: &str, keyword: &str) -> Option<(String, Vec<f64>)> {
    let at = text.find(&format!("{keyword}["))?;
    let inner = text.get(at + keyword.len() + 1..)?.trim_start().strip_prefix('"')?;
    let (name, rest) = inner.split_once('"')?;
    let end = rest.find(['[', ']']).unwrap_or(rest.len());
    let numbers = rest.get(..end)?.split(',').filter_map(|part| part.trim().parse().ok()).collect();
    Some((name.to_owned(), numbers))
}
