//! Pages for people: small, plain, and with every value escaped.

use std::fmt::Write as _;

use serde_json::Value;

use crate::params::Params;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;color:#222;background:#fff;max-width:60rem;\
margin:0 auto;padding:1rem 1.25rem 3rem}nav{border-bottom:1px solid #ccd;padding-bottom:.5rem;\
margin-bottom:1rem}a{color:#0b5394}h1{font-size:1.4rem}dl{margin:0}dt{font-weight:600;float:left;clear:left;\
padding-right:.5rem}dd{margin:0 0 .2rem 1.5rem;overflow-wrap:anywhere}dd>dl,dd>ul{clear:both}\
ul{margin:.1rem 0;padding-left:1.2rem}table{border-collapse:collapse}td,th{border:1px solid #ccd;\
padding:.15rem .5rem;text-align:left}input,select,textarea{font:inherit}footer{margin-top:2rem;color:#667}\
form p{margin:.4rem 0}label{display:inline-block;min-width:14rem}input[size]{width:26rem;max-width:100%;\
box-sizing:border-box}.wide{overflow-x:auto}.wide td,.wide th{white-space:nowrap}.wide td{max-width:24rem;\
overflow:hidden;text-overflow:ellipsis}pre{overflow-x:auto}.error{color:#a00}";

/// Replaces what has a meaning in HTML.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// Puts a body, which is HTML already, into a page with a title and the way back up.
pub fn page(params: &Params, title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
<meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head><body>\
<nav>{crumbs}</nav><h1>{title}</h1>{body}<footer>geosharing</footer></body></html>",
        title = escape(title),
        crumbs = crumbs(&params.request().path),
    )
}

/// Shows a JSON document as a page.
pub fn value_page(params: &Params, value: &Value) -> String {
    let path = &params.request().path;
    let title = ["name", "title", "mapName", "username"]
        .iter()
        .find_map(|key| value.get(key)?.as_str())
        .or_else(|| value.get("error").map(|_| "Error"))
        .filter(|title| !title.is_empty())
        .map_or_else(|| last_segment(path), str::to_owned);
    let mut body = String::new();
    write_value(&mut body, value, params.origin(), 0);
    let json = format!("{}?f=pjson", escape(path));
    let _ = write!(body, "<p><a href=\"{json}\">JSON</a></p>");
    page(params, &title, &body)
}

fn last_segment(path: &str) -> String {
    let segment = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    form_urlencoded::parse(segment.as_bytes())
        .next()
        .map_or_else(|| "Home".to_owned(), |(name, _)| name.into_owned())
}

fn crumbs(path: &str) -> String {
    let mut out = String::from("<a href=\"/\">Home</a>");
    let mut link = String::new();
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        link.push('/');
        link.push_str(segment);
        let _ = write!(out, " &gt; <a href=\"{}\">{}</a>", escape(&link), escape(segment));
    }
    out
}

fn write_value(out: &mut String, value: &Value, origin: &str, depth: usize) {
    match value {
        Value::Null => out.push_str("<i>none</i>"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) => write_text(out, text, origin),
        _ if depth > 12 => out.push_str("..."),
        Value::Array(list) if list.is_empty() => out.push_str("<i>none</i>"),
        Value::Array(list) => {
            out.push_str("<ul>");
            for entry in list.iter().take(1000) {
                out.push_str("<li>");
                write_value(out, entry, origin, depth + 1);
                out.push_str("</li>");
            }
            if list.len() > 1000 {
                let _ = write!(out, "<li>... {} more</li>", list.len() - 1000);
            }
            out.push_str("</ul>");
        }
        Value::Object(map) => {
            out.push_str("<dl>");
            for (key, entry) in map {
                let _ = write!(out, "<dt>{}:</dt><dd>", escape(key));
                write_value(out, entry, origin, depth + 1);
                out.push_str("</dd>");
            }
            out.push_str("</dl>");
        }
    }
}

/// Only addresses of this site become links: a stored `javascript:` or foreign address stays text.
fn write_text(out: &mut String, text: &str, origin: &str) {
    let ours = text.strip_prefix(origin).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let safe = escape(text);
    if ours {
        let _ = write!(out, "<a href=\"{safe}\">{safe}</a>");
    } else {
        out.push_str(&safe);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_markup_stays_text() {
        let params = Params::of(&[]);
        let value = serde_json::json!({
            "title": "<script>alert(1)</script>",
            "<b>": ["javascript:alert(1)", "\"onmouseover=\"x"],
        });
        let page = value_page(&params, &value);
        assert!(!page.contains("<script") && !page.contains("<b>"));
        assert!(!page.contains("href=\"javascript"));
        assert!(!page.contains("\"onmouseover"));
    }
}
