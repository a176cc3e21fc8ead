//! Pages of the services directory, with a form to query by hand.

use std::fmt::Write as _;

use geosharing_core::query::date;
use serde_json::Value;

use crate::html::{escape, page};
use crate::params::Params;
use crate::store::Layer;

/// Most rows of a table on a page.
const MOST_ROWS: usize = 200;

fn here(params: &Params) -> String {
    escape(params.request().path.trim_end_matches('/'))
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The page of a service: its layers and tables, then what else it says.
pub(super) fn service(params: &Params, document: &Value) -> String {
    let here = here(params);
    let mut body = String::new();
    let _ = write!(body, "<p>{}</p>", escape(text(document, "serviceDescription")));
    for (key, title) in [("layers", "Layers"), ("tables", "Tables")] {
        let list = document.get(key).and_then(Value::as_array).filter(|list| !list.is_empty());
        let Some(list) = list else { continue };
        let _ = write!(body, "<h2>{title}</h2><ul>");
        for entry in list {
            let id = entry.get("id").cloned().unwrap_or_default();
            let _ =
                write!(body, "<li><a href=\"{here}/{id}\">{}</a> ({id})</li>", escape(text(entry, "name")));
        }
        body.push_str("</ul>");
    }
    let _ = write!(
        body,
        "<p>Capabilities: {}</p><p><a href=\"{here}?f=pjson\">JSON</a> | <a href=\"{here}/layers?f=pjson\">all layers as JSON</a></p>",
        escape(text(document, "capabilities"))
    );
    let title =
        params.request().path.trim_end_matches('/').rsplit('/').nth(1).unwrap_or("FeatureServer").to_owned();
    page(params, &title, &body)
}

/// The page of a layer or table.
pub(super) fn layer(params: &Params, document: &Value) -> String {
    let here = here(params);
    let mut body = String::new();
    let _ = write!(body, "<p>{}</p>", escape(text(document, "description")));
    let _ = write!(
        body,
        "<dl><dt>Type:</dt><dd>{}</dd><dt>Geometry:</dt><dd>{}</dd><dt>Rows per answer:</dt><dd>{}</dd><dt>Capabilities:</dt><dd>{}</dd></dl>",
        escape(text(document, "type")),
        escape(text(document, "geometryType")),
        document.get("maxRecordCount").cloned().unwrap_or_default(),
        escape(text(document, "capabilities")),
    );
    body.push_str(
        "<h2>Fields</h2><div class=\"wide\"><table><tr><th>Name</th><th>Type</th><th>Alias</th></tr>",
    );
    for field in document.get("fields").and_then(Value::as_array).into_iter().flatten() {
        let _ = write!(
            body,
            "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
            escape(text(field, "name")),
            escape(text(field, "type").trim_start_matches("esriFieldType")),
            escape(text(field, "alias"))
        );
    }
    let _ = write!(
        body,
        "</table></div><p><a href=\"{here}/query\">Query</a> | <a href=\"{here}?f=pjson\">JSON</a></p>"
    );
    page(params, text(document, "name"), &body)
}

/// The form of a query, with the answer below it.
pub(super) fn query(params: &Params, layer: &Layer, answer: Option<&Value>) -> String {
    let here = here(params);
    let mut body = format!("<form method=\"get\" action=\"{here}\">");
    let inputs = [
        ("where", "1=1"),
        ("objectIds", ""),
        ("geometry", ""),
        ("inSR", ""),
        ("outFields", "*"),
        ("outSR", ""),
        ("orderByFields", ""),
        ("groupByFieldsForStatistics", ""),
        ("outStatistics", ""),
        ("having", ""),
        ("resultOffset", ""),
        ("resultRecordCount", "20"),
    ];
    for (name, default) in inputs {
        let value = escape(params.get(name).unwrap_or(default));
        let _ = write!(
            body,
            "<p><label for=\"{name}\">{name}</label> <input id=\"{name}\" name=\"{name}\" size=\"50\" value=\"{value}\"></p>"
        );
    }
    for (name, default) in
        [("returnGeometry", "false"), ("returnCountOnly", "false"), ("returnDistinctValues", "false")]
    {
        let chosen = params.text(name).unwrap_or(default).eq_ignore_ascii_case("true");
        let option = |value: bool| {
            format!("<option{}>{value}</option>", if value == chosen { " selected" } else { "" })
        };
        let _ = write!(
            body,
            "<p><label for=\"{name}\">{name}</label> <select id=\"{name}\" name=\"{name}\">{}{}</select></p>",
            option(true),
            option(false)
        );
    }
    body.push_str(
        "<p><label for=\"f\">Format</label> <select id=\"f\" name=\"f\"><option>html</option><option>json</option>\
<option>pjson</option><option>geojson</option></select> <button>Query</button></p></form>",
    );
    if let Some(answer) = answer {
        result(&mut body, answer);
    }
    page(params, &format!("Query: {}", layer.name), &body)
}

fn result(body: &mut String, answer: &Value) {
    if let Some(error) = answer.get("error") {
        let details = error.get("details").and_then(Value::as_array).into_iter().flatten();
        let _ = write!(body, "<p class=\"error\">{}</p>", escape(text(error, "message")));
        for detail in details.filter_map(Value::as_str) {
            let _ = write!(body, "<p class=\"error\">{}</p>", escape(detail));
        }
        return;
    }
    let Some(features) = answer.get("features").and_then(Value::as_array) else {
        let _ = write!(body, "<h2>Answer</h2><pre>{}</pre>", escape(&format!("{answer:#}")));
        return;
    };
    let fields: Vec<(&str, bool)> = answer
        .get("fields")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|field| (text(field, "name"), text(field, "type") == "esriFieldTypeDate"))
        .collect();
    let _ = write!(body, "<h2>{} rows</h2><div class=\"wide\"><table><tr>", features.len());
    for (field, _) in &fields {
        let _ = write!(body, "<th>{}</th>", escape(field));
    }
    body.push_str("</tr>");
    for feature in features.iter().take(MOST_ROWS) {
        body.push_str("<tr>");
        for (field, is_date) in &fields {
            let value = feature.get("attributes").and_then(|attributes| attributes.get(*field));
            let shown = match value {
                None | Some(Value::Null) => String::new(),
                Some(Value::String(text)) => escape(text),
                Some(Value::Number(at)) if *is_date => {
                    at.as_i64().map_or_else(|| at.to_string(), date::print)
                }
                Some(other) => escape(&other.to_string()),
            };
            let _ = write!(body, "<td>{shown}</td>");
        }
        body.push_str("</tr>");
    }
    body.push_str("</table></div>");
    if features.len() > MOST_ROWS || answer.get("exceededTransferLimit").is_some() {
        body.push_str("<p>There are more rows.</p>");
    }
}
