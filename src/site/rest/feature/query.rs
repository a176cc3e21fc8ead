//! `query` of layers and of the service, one feature by its id, `validateSQL`.

use geosharing_core::Error;
use geosharing_core::geometry::number::{push_i64, push_text};
use geosharing_core::geometry::{wire_form, write_envelope};
use geosharing_core::query::{Output, Paging, Row, Rows, Selection, bind, parse};
use geosharing_core::rest::{Ask, Lookup, PageWriter, QueryRequest, WireFormat, parse_query, write_groups};
use serde_json::{Value, json};

use super::layer::{limits, time_fields};
use super::{Call, page, raw, refusal};
use crate::auth::Need;
use crate::error::{Result, SiteError};
use crate::outlet::Pieces;
use crate::params::Params;
use crate::reply::{Format, Reply};
use crate::store::Layer;

/// Bytes of an answer from which on it is sent in pieces, each about as large.
const PIECE: usize = 512 << 10;
const REFUSED: &str = "Cannot perform query. Invalid query parameters.";

/// Answers `/{layer}/query`.
pub(super) fn layer(call: &Call<'_>, layer: &Layer) -> Result<Reply> {
    require_query(call, layer)?;
    let format = wire_format(call.params);
    let get = lookup(|name| call.params.get(name));
    if call.params.format() == Format::Html {
        let asked = ["where", "objectIds", "geometry", "outStatistics"];
        if !asked.iter().any(|name| call.params.text(name).is_some()) {
            return Ok(Reply::Html(page::query(call.params, layer, None)));
        }
        let answer = execute(call, layer, &get, WireFormat::Esri, None).map_err(|error| error.to_json());
        let answer = answer.map(|json| serde_json::from_slice(&json).unwrap_or(Value::Null));
        return Ok(Reply::Html(page::query(call.params, layer, Some(&answer.unwrap_or_else(|error| error)))));
    }
    let content_type = match format {
        WireFormat::Esri => "application/json;charset=UTF-8",
        WireFormat::GeoJson => "application/geo+json;charset=UTF-8",
    };
    // Indented answers and scripts are made of the whole text.
    let pieces = call.params.format() != Format::Pjson && call.params.callback().is_none();
    let json = execute(call, layer, &get, format, pieces.then_some(content_type))?;
    if json.is_empty() { Ok(Reply::Sent) } else { raw(call.params, json, content_type) }
}

/// Gives a closure the signature of a look-up, which inference does not find by itself.
pub(in crate::rest) fn lookup<'a, F: Fn(&str) -> Option<&'a str>>(get: F) -> F {
    get
}

fn wire_format(params: &Params) -> WireFormat {
    if params.format() == Format::GeoJson { WireFormat::GeoJson } else { WireFormat::Esri }
}

fn require_query(call: &Call<'_>, layer: &Layer) -> Result<()> {
    let capabilities = super::layer::capabilities(call, layer);
    let offered = capabilities.split(',').any(|name| name.trim().eq_ignore_ascii_case("Query"));
    if offered || (call.allow)(Need::Manage).is_ok() {
        return Ok(());
    }
    Err(SiteError::bad_request("This operation is not supported.")
        .detail("the service does not have the capability 'Query'"))
}

/// Runs a query and writes its answer. With a media type, a large answer goes out in pieces, and
/// nothing is returned.
fn execute(
    call: &Call<'_>,
    layer: &Layer,
    get: Lookup<'_>,
    format: WireFormat,
    pieces: Option<&'static str>,
) -> Result<Vec<u8>> {
    let request = parse_query(get, &layer.schema, limits(call, layer), &time_fields(layer), format)
        .map_err(refusal(REFUSED))?;
    let selection = &request.query.selection;
    let mut out = Vec::new();
    match (&request.ask, &request.query.output) {
        (Ask::Count, _) => {
            let count = call.store.count(layer.id, selection)?;
            return Ok(count_document(count, format));
        }
        (Ask::Ids, Output::Ids(order_by)) => {
            let ids = call.store.ids(layer.id, selection, order_by)?;
            // Clients of GeoJSON read the ids inside the properties, Esri's own at the top.
            out.extend_from_slice(b"{\"objectIdFieldName\":");
            push_text(&mut out, layer.schema.oid_name());
            out.extend_from_slice(b",\"objectIds\":");
            push_ids(&mut out, &ids);
            if format == WireFormat::GeoJson {
                out.extend_from_slice(
                    b",\"type\":\"FeatureCollection\",\"features\":[],\"properties\":{\"objectIdFieldName\":",
                );
                push_text(&mut out, layer.schema.oid_name());
                out.extend_from_slice(b",\"objectIds\":");
                push_ids(&mut out, &ids);
                out.push(b'}');
            }
            out.push(b'}');
        }
        (Ask::Extent { count }, _) => extent(call, layer, &request, *count, format, &mut out)?,
        (Ask::GroupCount, Output::Groups(groups)) => {
            let table = call.store.groups(layer.id, selection, groups)?;
            return Ok(count_document(table.rows.len() as u64, format));
        }
        (Ask::Groups, Output::Groups(groups)) => {
            let table = call.store.groups(layer.id, selection, groups)?;
            out = write_groups(&layer.schema, groups, &table.rows, table.more, format);
        }
        (_, Output::Rows(rows)) => out = features(call, layer, &request, rows, format, pieces)?,
        _ => return Err(SiteError::internal("a query asks for one thing and plans another")),
    }
    Ok(out)
}

fn push_ids(out: &mut Vec<u8>, ids: &[i64]) {
    out.push(b'[');
    for (index, id) in ids.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_i64(out, *id);
    }
    out.push(b']');
}

fn count_document(count: u64, format: WireFormat) -> Vec<u8> {
    match format {
        WireFormat::Esri => format!("{{\"count\":{count}}}").into_bytes(),
        WireFormat::GeoJson => format!(
            "{{\"type\":\"FeatureCollection\",\"count\":{count},\"properties\":{{\"count\":{count}}},\"features\":[]}}"
        )
        .into_bytes(),
    }
}

fn features(
    call: &Call<'_>,
    layer: &Layer,
    request: &QueryRequest,
    rows: &Rows,
    format: WireFormat,
    pieces: Option<&'static str>,
) -> Result<Vec<u8>> {
    let writer = || PageWriter::new(&layer.schema, request, format, &rows.fields, rows.geometry);
    let mut page = writer();
    // A map tile may still turn out to be too large and be dropped as a whole.
    let mut pieces = pieces.filter(|_| !request.all_or_nothing);
    let mut outlet: Option<Pieces> = None;
    let gone = |error: std::io::Error| Error::internal(format!("the answer could not be sent: {error}"));
    let more = call.store.rows(layer.id, &request.query.selection, rows, &mut |row: &dyn Row| {
        page.row(row)?;
        if page.pending() < PIECE || (outlet.is_none() && pieces.is_none()) {
            return Ok(());
        }
        if let Some(content_type) = pieces.take() {
            outlet = call.params.outlet().open(content_type);
        }
        outlet.as_ref().map_or(Ok(()), |outlet| outlet.send(page.take()).map_err(gone))
    })?;
    // A map tile that does not fit is asked for again in quarters; part of it would be in vain.
    if more && request.all_or_nothing {
        page = writer();
    }
    let rest = page.finish(more);
    let Some(outlet) = outlet else { return Ok(rest) };
    outlet.send(rest).and_then(|()| outlet.end()).map_err(gone)?;
    Ok(Vec::new())
}

fn extent(
    call: &Call<'_>,
    layer: &Layer,
    request: &QueryRequest,
    count: bool,
    format: WireFormat,
    out: &mut Vec<u8>,
) -> Result<()> {
    let (extent, number) = call.store.extent(layer.id, &request.query.selection)?;
    let extent = match (extent, &request.shape.projector) {
        (Some(extent), Some(projector)) => projector.envelope(extent),
        (extent, _) => extent,
    };
    if format == WireFormat::GeoJson {
        out.extend_from_slice(b"{\"type\":\"FeatureCollection\"");
        if let Some(extent) = extent {
            let sides =
                format!(",\"bbox\":[{},{},{},{}]", extent.xmin, extent.ymin, extent.xmax, extent.ymax);
            out.extend_from_slice(sides.as_bytes());
        }
        if count {
            out.extend_from_slice(format!(",\"count\":{number}").as_bytes());
        }
        out.extend_from_slice(b",\"features\":[]}");
        return Ok(());
    }
    out.push(b'{');
    if count {
        out.extend_from_slice(format!("\"count\":{number},").as_bytes());
    }
    out.extend_from_slice(b"\"extent\":");
    if layer.has_geometry() {
        write_envelope(out, extent);
        out.extend_from_slice(b",\"spatialReference\":");
        out.extend_from_slice(json!(wire_form(&request.out_reference)).to_string().as_bytes());
        out.extend_from_slice(b"}}");
    } else {
        out.extend_from_slice(b"null}");
    }
    Ok(())
}

/// Answers `/query` of the service: `layerDefs` says which layers, and with which clause.
pub(super) fn service(call: &Call<'_>) -> Result<Reply> {
    let definitions = layer_definitions(call)?;
    let format = wire_format(call.params);
    let mut out = b"{\"layers\":[".to_vec();
    for (index, (layer, clause, fields)) in definitions.iter().enumerate() {
        require_query(call, layer)?;
        if index > 0 {
            out.push(b',');
        }
        let get = lookup(|name| {
            if name.eq_ignore_ascii_case("where") {
                Some(clause.as_str())
            } else if name.eq_ignore_ascii_case("outFields") {
                Some(fields.as_str())
            } else {
                call.params.get(name)
            }
        });
        let answer = execute(call, layer, &get, format, None)?;
        out.extend_from_slice(format!("{{\"id\":{},", layer.id).as_bytes());
        out.extend_from_slice(answer.get(1..).unwrap_or_default());
    }
    out.extend_from_slice(b"]}");
    raw(call.params, out, "application/json;charset=UTF-8")
}

pub(in crate::rest) type Definition = (std::sync::Arc<Layer>, String, String);

/// Reads `layerDefs`: layers with a clause each, and the fields that are wanted.
pub(in crate::rest) fn layer_definitions(call: &Call<'_>) -> Result<Vec<Definition>> {
    let text = call.params.text("layerDefs").unwrap_or_default();
    let broken =
        |why: String| SiteError::bad_request(REFUSED).detail("'layerDefs' parameter is invalid").detail(why);
    let mut wanted: Vec<(String, String, String)> = Vec::new();
    if text.is_empty() {
        for layer in call.store.layers() {
            wanted.push((layer.id.to_string(), String::new(), String::new()));
        }
    } else if text.starts_with(['{', '[']) {
        let value =
            geosharing_core::geometry::parse_relaxed(text).map_err(|error| broken(error.to_string()))?;
        match value {
            Value::Object(map) => {
                for (id, clause) in map {
                    wanted.push((id, clause.as_str().unwrap_or_default().to_owned(), String::new()));
                }
            }
            Value::Array(list) => {
                for entry in list {
                    let id = entry.get("layerId").map(ToString::to_string).unwrap_or_default();
                    let part =
                        |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
                    wanted.push((id, part("where"), part("outFields")));
                }
            }
            _ => return Err(broken("it is neither an object nor a list".to_owned())),
        }
    } else {
        for part in text.split(';').filter(|part| !part.trim().is_empty()) {
            let (id, clause) = part.split_once(':').unwrap_or((part, ""));
            wanted.push((id.trim().to_owned(), clause.trim().to_owned(), String::new()));
        }
    }
    wanted
        .into_iter()
        .map(|(id, clause, fields)| Ok((super::find(call, id.trim_matches('"'))?, clause, fields)))
        .collect()
}

/// Answers `/{layer}/{object id}`.
pub(super) fn feature(call: &Call<'_>, layer: &Layer, id: &str) -> Result<Reply> {
    require_query(call, layer)?;
    let id: i64 = id.parse().map_err(|_| super::unknown(id))?;
    let get = lookup(|name| call.params.get(name).filter(|_| !name.eq_ignore_ascii_case("where")));
    let mut request = parse_query(&get, &layer.schema, limits(call, layer), &[], WireFormat::Esri)
        .map_err(refusal(REFUSED))?;
    request.query.selection = Selection { object_ids: Some(vec![id]), ..Selection::default() };
    let fields: Vec<usize> = (0..layer.schema.fields.len()).collect();
    let paging = Paging { offset: 0, limit: Some(1) };
    let rows = Rows { fields, geometry: layer.has_geometry(), order_by: Vec::new(), paging };
    let json = features(call, layer, &request, &rows, WireFormat::Esri, None)?;
    let mut value: Value = serde_json::from_slice(&json).map_err(SiteError::internal)?;
    let feature = value.get_mut("features").and_then(|list| list.get_mut(0)).map(Value::take);
    match feature {
        Some(feature) => Ok(json!({ "feature": feature }).into()),
        None => Err(SiteError::not_found(format!("Feature {id} not found"))),
    }
}

/// Answers `/{layer}/validateSQL`.
pub(super) fn validate(call: &Call<'_>, layer: &Layer) -> Reply {
    let clause = call.params.text("sql").unwrap_or_default();
    let outcome = parse(clause).and_then(|expr| bind(expr, &layer.schema));
    match outcome {
        Ok(_) => json!({ "isValidSQL": true, "validationErrors": [] }),
        Err(error) => json!({
            "isValidSQL": false,
            "validationErrors": [{ "errorCode": 3001, "description": error.to_string() }],
        }),
    }
    .into()
}

/// Runs a query for rows of a selection that the caller made, with the other parameters of the request.
pub(in crate::rest) fn rows_as_json(
    call: &Call<'_>,
    layer: &Layer,
    selection: Selection,
    get: Lookup<'_>,
) -> Result<Value> {
    let own = lookup(|name| get(name).filter(|_| !name.eq_ignore_ascii_case("objectIds")));
    let mut request = parse_query(&own, &layer.schema, limits(call, layer), &[], WireFormat::Esri)
        .map_err(refusal(REFUSED))?;
    let mut selection = selection;
    if let Some(own) = request.query.selection.filter.take() {
        selection.filter = Some(match selection.filter.take() {
            Some(filter) => geosharing_core::query::Expr::And(vec![filter, own]),
            None => own,
        });
    }
    request.query.selection = selection;
    let Output::Rows(rows) = request.query.output.clone() else {
        return Err(SiteError::bad_request(REFUSED).detail("related records come as rows only"));
    };
    let json = features(call, layer, &request, &rows, WireFormat::Esri, None)?;
    serde_json::from_slice(&json).map_err(SiteError::internal)
}
