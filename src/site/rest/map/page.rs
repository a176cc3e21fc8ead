//! Pages of the services directory for map services.

use std::fmt::Write as _;

use serde_json::Value;

use crate::html::{escape, page};
use crate::params::Params;

fn here(params: &Params) -> String {
    escape(params.request().path.trim_end_matches('/'))
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The page of a service: a picture of it, its layers, and what can be asked.
pub(super) fn service(params: &Params, document: &Value) -> String {
    let here = here(params);
    let mut body = format!("<p>{}</p>", escape(text(document, "serviceDescription")));
    let side =
        |extent: &str, key: &str| document.pointer(&format!("/{extent}/{key}")).and_then(Value::as_f64);
    let corners = |extent: &str| {
        let sides = ["xmin", "ymin", "xmax", "ymax"].map(|key| side(extent, key));
        let [Some(a), Some(b), Some(c), Some(d)] = sides else { return None };
        Some(format!("{a},{b},{c},{d}"))
    };
    if let Some(bbox) = corners("initialExtent").or_else(|| corners("fullExtent")) {
        let _ = write!(
            body,
            "<p><img alt=\"the map\" width=\"600\" height=\"400\" style=\"max-width:100%;height:auto;border:1px solid #ccd\" \
             src=\"{here}/export?bbox={bbox}&amp;size=600,400&amp;f=image\"></p>"
        );
    }
    for (key, title) in [("layers", "Layers"), ("tables", "Tables")] {
        let list = document.get(key).and_then(Value::as_array).filter(|list| !list.is_empty());
        let Some(list) = list else { continue };
        let _ = write!(body, "<h2>{title}</h2>");
        tree(&mut body, list, None, &here, 0);
    }
    let scale = |key: &str| document.get(key).cloned().unwrap_or_default();
    let _ = write!(
        body,
        "<dl><dt>Map:</dt><dd>{}</dd><dt>Units:</dt><dd>{}</dd><dt>Tiles:</dt><dd>{}</dd><dt>Pictures:</dt><dd>{}, up to {} by {} \
pixels</dd><dt>Capabilities:</dt><dd>{}</dd></dl>",
        escape(text(document, "mapName")),
        escape(text(document, "units").trim_start_matches("esri")),
        scale("singleFusedMapCache"),
        escape(text(document, "supportedImageFormatTypes")),
        scale("maxImageWidth"),
        scale("maxImageHeight"),
        escape(text(document, "capabilities")),
    );
    let _ = write!(
        body,
        "<p><a href=\"{here}/export\">Export</a> | <a href=\"{here}/identify\">Identify</a> | <a href=\"{here}/find\">Find</a> | \
<a href=\"{here}/legend?f=html\">Legend</a> | <a href=\"{here}/layers?f=pjson\">all layers as JSON</a> | \
<a href=\"{here}?f=pjson\">JSON</a></p>"
    );
    let name =
        params.request().path.trim_end_matches('/').rsplit('/').nth(1).unwrap_or("MapServer").to_owned();
    page(params, &name, &body)
}

/// Layers as a list in a list for each group.
fn tree(body: &mut String, list: &[Value], parent: Option<i64>, here: &str, depth: usize) {
    let inside =
        |entry: &&Value| entry.get("parentLayerId").and_then(Value::as_i64).filter(|id| *id >= 0) == parent;
    body.push_str("<ul>");
    for entry in list.iter().filter(inside) {
        let id = entry.get("id").cloned().unwrap_or_default();
        let _ = write!(body, "<li><a href=\"{here}/{id}\">{}</a> ({id})", escape(text(entry, "name")));
        let children =
            entry.get("subLayerIds").and_then(Value::as_array).is_some_and(|list| !list.is_empty());
        if let (true, Some(id), true) = (children, id.as_i64(), depth < 64) {
            tree(body, list, Some(id), here, depth + 1);
        }
        body.push_str("</li>");
    }
    body.push_str("</ul>");
}

/// The page of a layer, group or table.
pub(super) fn layer(params: &Params, document: &Value) -> String {
    let here = here(params);
    let mut body = format!("<p>{}</p>", escape(text(document, "description")));
    let _ = write!(
        body,
        "<dl><dt>Type:</dt><dd>{}</dd><dt>Geometry:</dt><dd>{}</dd></dl>",
        escape(text(document, "type")),
        escape(text(document, "geometryType")),
    );
    if let Some(inside) = document.get("subLayers").and_then(Value::as_array).filter(|list| !list.is_empty())
    {
        let up = here.rsplit_once('/').map_or("", |(up, _)| up);
        body.push_str("<h2>Layers</h2><ul>");
        for entry in inside {
            let id = entry.get("id").cloned().unwrap_or_default();
            let _ = write!(body, "<li><a href=\"{up}/{id}\">{}</a> ({id})</li>", escape(text(entry, "name")));
        }
        body.push_str("</ul>");
    }
    if let Some(fields) = document.get("fields").and_then(Value::as_array) {
        body.push_str(
            "<h2>Fields</h2><div class=\"wide\"><table><tr><th>Name</th><th>Type</th><th>Alias</th></tr>",
        );
        for field in fields {
            let _ = write!(
                body,
                "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
                escape(text(field, "name")),
                escape(text(field, "type").trim_start_matches("esriFieldType")),
                escape(text(field, "alias"))
            );
        }
        let _ = write!(body, "</table></div><p><a href=\"{here}/query\">Query</a></p>");
    }
    let _ = write!(body, "<p><a href=\"{here}?f=pjson\">JSON</a></p>");
    page(params, text(document, "name"), &body)
}

/// A form with its inputs and, below it, the answer.
fn form(params: &Params, title: &str, inputs: &[(&str, &str)], answer: &str) -> String {
    let mut body = format!("<form method=\"get\" action=\"{}\">", here(params));
    for (name, default) in inputs {
        let value = escape(params.get(name).unwrap_or(default));
        let _ = write!(
            body,
            "<p><label for=\"{name}\">{name}</label> <input id=\"{name}\" name=\"{name}\" size=\"50\" value=\"{value}\"></p>"
        );
    }
    let _ = write!(
        body,
        "<p><label for=\"f\">Format</label> <select id=\"f\" name=\"f\"><option>html</option><option>json</option><option>pjson</option>\
</select> <button>{title}</button></p></form>{answer}"
    );
    page(params, title, &body)
}

/// The form of `export`, with the picture below it.
pub(super) fn export(params: &Params, answer: Option<&Value>) -> String {
    let shown = answer.map_or_else(String::new, |answer| {
        format!(
            "<p><img alt=\"the map\" style=\"max-width:100%\" src=\"{}\"></p><pre>{}</pre>",
            escape(text(answer, "href")),
            escape(&format!("{answer:#}"))
        )
    });
    let inputs = [
        ("bbox", ""),
        ("bboxSR", ""),
        ("imageSR", ""),
        ("size", "800,600"),
        ("dpi", "96"),
        ("format", "png"),
        ("transparent", "false"),
        ("layers", ""),
        ("layerDefs", ""),
    ];
    form(params, "Export", &inputs, &shown)
}

/// The form of `identify`, with the results below it.
pub(super) fn identify(params: &Params, answer: Option<&Value>) -> String {
    let inputs = [
        ("geometry", ""),
        ("geometryType", "esriGeometryPoint"),
        ("sr", ""),
        ("layers", "all"),
        ("tolerance", "3"),
        ("mapExtent", ""),
        ("imageDisplay", "800,600,96"),
        ("returnGeometry", "false"),
    ];
    form(params, "Identify", &inputs, &results(answer))
}

/// The form of `find`, with the results below it.
pub(super) fn find(params: &Params, answer: Option<&Value>) -> String {
    let inputs = [
        ("searchText", ""),
        ("contains", "true"),
        ("searchFields", ""),
        ("layers", "0"),
        ("returnGeometry", "false"),
    ];
    form(params, "Find", &inputs, &results(answer))
}

fn results(answer: Option<&Value>) -> String {
    let Some(list) = answer.and_then(|answer| answer.get("results")).and_then(Value::as_array) else {
        return String::new();
    };
    let mut body = format!("<h2>{} results</h2>", list.len());
    for result in list.iter().take(200) {
        let _ = write!(
            body,
            "<h3>{}: {}</h3><dl>",
            escape(text(result, "layerName")),
            escape(text(result, "value"))
        );
        for (name, value) in result.get("attributes").and_then(Value::as_object).into_iter().flatten() {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let _ = write!(body, "<dt>{}:</dt><dd>{}</dd>", escape(name), escape(&value));
        }
        body.push_str("</dl>");
    }
    body
}
