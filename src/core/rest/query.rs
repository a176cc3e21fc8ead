//! The parameters of `query`, into a [`Query`] and the form of its answer.

use serde_json::Value;

use super::paging::{self, Limits};
use super::statistics;
use super::write::WireFormat;
use crate::dataset::{FieldType, SpatialReference};
use crate::geometry::{
    FilterRequest, LinearUnit, Projector, Quantization, ShapeOptions, parse_filter_shape,
    parse_spatial_reference, spatial_filter,
};
use crate::query::{
    CompareOp, Expr, Groups, Literal, OrderBy, Output, Query, Rows, Schema, Selection, SpatialRelation, bind,
    parse,
};
use crate::{Error, Result};

/// Looks a parameter up by name, whatever its case.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<&'a str>;

/// What the caller wants to hear about the rows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ask {
    /// The rows.
    Features,
    /// Groups with statistics, or distinct values.
    Groups,
    /// How many groups there are.
    GroupCount,
    /// How many rows there are.
    Count,
    /// Their ids.
    Ids,
    /// Their extent, and their number when `count` is set.
    Extent {
        /// `returnCountOnly` came with it.
        count: bool,
    },
}

/// A parsed request.
#[derive(Clone, Debug)]
pub struct QueryRequest {
    /// What is asked of the store.
    pub query: Query,
    /// What the answer is about.
    pub ask: Ask,
    /// How geometries are written.
    pub shape: ShapeOptions,
    /// Spatial reference of the answer.
    pub out_reference: SpatialReference,
    /// Whether centroids are wanted.
    pub centroid: bool,
    /// Answer no rows when there are more than fit.
    pub all_or_nothing: bool,
}

fn invalid(name: &str, why: impl std::fmt::Display) -> Error {
    Error::invalid(format!("'{name}' parameter is invalid\n{why}"))
}

fn text<'a>(get: Lookup<'a>, name: &str) -> Option<&'a str> {
    get(name).map(str::trim).filter(|text| !text.is_empty())
}

fn flag(get: Lookup<'_>, name: &str, default: bool) -> bool {
    match text(get, name) {
        None => default,
        Some(text) => ["true", "1", "yes", "on"].iter().any(|yes| text.eq_ignore_ascii_case(yes)),
    }
}

fn reference(get: Lookup<'_>, name: &str) -> Result<Option<SpatialReference>> {
    get(name).map_or(Ok(None), parse_spatial_reference).map_err(|error| invalid(name, error))
}

fn decimal(get: Lookup<'_>, name: &str) -> Result<Option<f64>> {
    let Some(text) = text(get, name).filter(|text| *text != "null") else { return Ok(None) };
    let number: Option<f64> = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.map(Some).ok_or_else(|| invalid(name, format!("`{}` is not a number", head(text))))
}

pub(super) fn head(text: &str) -> String {
    text.chars().take(60).collect()
}

/// Reads all parameters of `query`. Unknown parameters are never looked at.
pub fn parse_query(
    get: Lookup<'_>,
    schema: &Schema,
    limits: Limits,
    time_fields: &[usize],
    format: WireFormat,
) -> Result<QueryRequest> {
    let mut selection = parse_selection(get, schema)?;
    add_time(get, schema, time_fields, &mut selection)?;
    let count = flag(get, "returnCountOnly", false);
    let distinct = flag(get, "returnDistinctValues", false);
    let fields = out_fields(get, schema)?;
    let (ask, output) = if let Some(json) = text(get, "outStatistics").filter(|text| *text != "[]") {
        let mut groups = statistics::parse(get, json, schema)?;
        groups.paging = paging::paging(get, limits)?;
        (if count { Ask::GroupCount } else { Ask::Groups }, Output::Groups(groups))
    } else if flag(get, "returnExtentOnly", false) {
        (Ask::Extent { count }, Output::Extent)
    } else if flag(get, "returnIdsOnly", false) {
        (Ask::Ids, Output::Ids(order_by(get, schema)?))
    } else if distinct {
        let mut groups = Groups { keys: fields, ..Groups::default() };
        groups.order_by = statistics::order_of_columns(get, schema, &groups)?;
        if !count {
            groups.paging = paging::paging(get, limits)?;
        }
        (if count { Ask::GroupCount } else { Ask::Groups }, Output::Groups(groups))
    } else if count {
        (Ask::Count, Output::Count)
    } else {
        let centroid = flag(get, "returnCentroid", false);
        let geometry = schema.geometry_type.is_some() && (flag(get, "returnGeometry", true) || centroid);
        let rows =
            Rows { fields, geometry, order_by: order_by(get, schema)?, paging: paging::paging(get, limits)? };
        (Ask::Features, Output::Rows(rows))
    };
    let wgs84 = SpatialReference { wkid: Some(4326), ..SpatialReference::default() };
    let default = if format == WireFormat::GeoJson { wgs84 } else { schema.spatial_reference.clone() };
    let out_reference = reference(get, "outSR")?.unwrap_or(default);
    let projector = if schema.geometry_type.is_some() {
        Projector::new(&schema.spatial_reference, &out_reference).map_err(|error| invalid("outSR", error))?
    } else {
        None
    };
    let quantization = match text(get, "quantizationParameters") {
        Some(json) if format == WireFormat::Esri => Quantization::parse(json, &out_reference)
            .map_err(|error| invalid("quantizationParameters", error))?,
        _ => None,
    };
    let shape = ShapeOptions {
        projector,
        precision: paging::number(get, "geometryPrecision")?.and_then(|digits| u32::try_from(digits).ok()),
        tolerance: decimal(get, "maxAllowableOffset")?.filter(|tolerance| *tolerance > 0.0),
        quantization,
        z: schema.has_z && flag(get, "returnZ", format == WireFormat::GeoJson),
        m: schema.has_m && flag(get, "returnM", false),
    };
    Ok(QueryRequest {
        query: Query { selection, output },
        ask,
        shape,
        out_reference,
        centroid: schema.geometry_type.is_some() && flag(get, "returnCentroid", false),
        all_or_nothing: !flag(get, "returnExceededLimitFeatures", true),
    })
}

/// Reads what selects rows: `where`, `objectIds`, `geometry`.
pub fn parse_selection(get: Lookup<'_>, schema: &Schema) -> Result<Selection> {
    let filter = match text(get, "where") {
        None => None,
        Some(clause) => parse(clause)
            .and_then(|expr| bind(expr, schema))
            .map_err(|error| Error::invalid(format!("'where' clause is invalid\n{error}")))?,
    };
    let object_ids = match text(get, "objectIds") {
        None => None,
        Some(list) => Some(super::read_object_ids(list).map_err(|error| invalid("objectIds", error))?),
    };
    let spatial = match text(get, "geometry").filter(|_| schema.geometry_type.is_some()) {
        None | Some("{}" | "null") => None,
        Some(geometry) => {
            let (shape, own) = parse_filter_shape(geometry, text(get, "geometryType"))
                .map_err(|error| invalid("geometry", error))?;
            let request = FilterRequest {
                shape,
                reference: own.map_or_else(|| reference(get, "inSR"), |own| Ok(Some(own)))?,
                relation: relation(text(get, "spatialRel"))?,
                distance: decimal(get, "distance")?.unwrap_or(0.0),
                unit: match text(get, "units") {
                    None => None,
                    Some(name) => Some(
                        LinearUnit::find(name)
                            .ok_or_else(|| invalid("units", format!("there is no unit `{}`", head(name))))?,
                    ),
                },
            };
            let filter = spatial_filter(request, &schema.spatial_reference);
            Some(filter.map_err(|error| invalid("geometry", error))?)
        }
    };
    Ok(Selection { filter, object_ids, spatial })
}

fn relation(name: Option<&str>) -> Result<SpatialRelation> {
    let Some(name) = name else { return Ok(SpatialRelation::Intersects) };
    let short = name.strip_prefix("esriSpatialRel").unwrap_or(name);
    Ok(match short.to_ascii_lowercase().as_str() {
        "intersects" => SpatialRelation::Intersects,
        "envelopeintersects" | "indexintersects" => SpatialRelation::EnvelopeIntersects,
        "contains" => SpatialRelation::Within,
        "within" => SpatialRelation::Contains,
        "touches" => SpatialRelation::Touches,
        "crosses" => SpatialRelation::Crosses,
        "overlaps" => SpatialRelation::Overlaps,
        _ => {
            return Err(invalid(
                "spatialRel",
                format!("`{}` is not supported; use esriSpatialRelIntersects or a kin of it", head(name)),
            ));
        }
    })
}

fn out_fields(get: Lookup<'_>, schema: &Schema) -> Result<Vec<usize>> {
    let all =
        || (0..schema.fields.len()).filter(|index| schema.field_type(*index) != FieldType::Blob).collect();
    let Some(list) = text(get, "outFields") else { return Ok(all()) };
    let mut fields = Vec::new();
    for name in list.split(',').map(|name| name.trim().trim_matches('"')).filter(|name| !name.is_empty()) {
        if name == "*" {
            return Ok(all());
        }
        let short = name.rsplit('.').next().unwrap_or(name);
        let index = schema.index_of(name).or_else(|| schema.index_of(short));
        let index =
            index.ok_or_else(|| invalid("outFields", format!("there is no field `{}`", head(name))))?;
        if !fields.contains(&index) {
            fields.push(index);
        }
    }
    Ok(fields)
}

/// Reads `orderByFields`: names with `ASC` or `DESC`, blanks wherever clients put them.
pub(super) fn order_terms(text: &str) -> impl Iterator<Item = (&str, bool)> {
    text.split(',').map(str::trim).filter(|term| !term.is_empty()).map(|term| {
        let (name, direction) = term.rsplit_once(char::is_whitespace).unwrap_or((term, ""));
        match direction.to_ascii_uppercase().as_str() {
            "ASC" => (name.trim(), false),
            "DESC" => (name.trim(), true),
            _ => (term, false),
        }
    })
}

fn order_by(get: Lookup<'_>, schema: &Schema) -> Result<Vec<OrderBy>> {
    let Some(text) = text(get, "orderByFields") else { return Ok(Vec::new()) };
    order_terms(text)
        .map(|(name, descending)| {
            let name = name.trim_matches('"');
            let field = schema
                .index_of(name)
                .ok_or_else(|| invalid("orderByFields", format!("there is no field `{}`", head(name))))?;
            Ok(OrderBy { field, descending })
        })
        .collect()
}

/// Adds the `time` filter: rows whose time (or span between two fields) meets the asked span.
fn add_time(
    get: Lookup<'_>,
    schema: &Schema,
    time_fields: &[usize],
    selection: &mut Selection,
) -> Result<()> {
    let (Some(time), Some(start)) = (text(get, "time"), time_fields.first()) else { return Ok(()) };
    let mut sides = time.split(',').map(|side| match side.trim() {
        "" | "null" | "NULL" => Ok(None),
        side => side.parse::<i64>().map(Some).map_err(|_| {
            invalid("time", format!("`{}` is not a number of milliseconds since 1970", head(side)))
        }),
    });
    let from = sides.next().unwrap_or(Ok(None))?;
    let to = match sides.next() {
        None => from,
        Some(to) => to?,
    };
    let end = time_fields.get(1).unwrap_or(start);
    let side = |field: usize, op: CompareOp, moment: i64| {
        let literal = match schema.field_type(field) {
            FieldType::DateOnly => Literal::Text(crate::query::date::print_day(moment)),
            _ => Literal::Date(moment),
        };
        Expr::Compare { op, left: Box::new(Expr::Field(field)), right: Box::new(Expr::Literal(literal)) }
    };
    let parts = [
        from.map(|from| side(*end, CompareOp::GreaterOrEqual, from)),
        to.map(|to| side(*start, CompareOp::LessOrEqual, to)),
    ];
    let mut all: Vec<_> = selection.filter.take().into_iter().chain(parts.into_iter().flatten()).collect();
    selection.filter = match all.len() {
        0 | 1 => all.pop(),
        _ => Some(Expr::And(all)),
    };
    Ok(())
}

/// Reads the JSON list of a parameter.
pub(super) fn json_list(name: &str, text: &str) -> Result<Vec<Value>> {
    match crate::geometry::parse_relaxed(text).map_err(|error| invalid(name, error))? {
        Value::Array(list) => Ok(list),
        one @ Value::Object(_) => Ok(vec![one]),
        _ => Err(invalid(name, "it is not a list")),
    }
}
