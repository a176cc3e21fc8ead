//! What a resource answers, and the form in which the caller wants it.

use std::path::PathBuf;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio_util::io::ReaderStream;

use crate::error::{Result, SiteError};
use crate::html;
use crate::params::Params;

/// The forms in which resources answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// Compact JSON.
    Json,
    /// Indented JSON.
    Pjson,
    /// A page for people.
    Html,
    /// GeoJSON, where a resource offers it.
    GeoJson,
    /// Anything else; resources refuse or fall back to JSON.
    Other,
}

/// The answer of a resource before it is put into the caller's form.
#[derive(Debug)]
pub enum Reply {
    /// A JSON document, shown as a page when the caller asks for HTML.
    Json(Value),
    /// A finished page.
    Html(String),
    /// A file of the site.
    File {
        /// Where it lies.
        path: PathBuf,
        /// The name that the caller sees.
        name: String,
        /// The media type.
        content_type: String,
        /// Offered as a download rather than shown.
        attachment: bool,
    },
    /// Bytes with a media type.
    Bytes(Vec<u8>, &'static str),
    /// A redirect (302) to a checked address.
    Redirect(String),
    /// Nothing more: the answer went out through the request's outlet.
    Sent,
}

impl Reply {
    /// Turns the reply into the response that `params` asked for.
    pub async fn respond(self, params: &Params) -> Response {
        match self {
            Self::Json(value) => json_response(&value, params),
            Self::Html(page) => page_response(page),
            Self::Bytes(bytes, content_type) => {
                ([(header::CONTENT_TYPE, content_type)], bytes).into_response()
            }
            Self::Redirect(address) => redirect(&address),
            Self::Sent => StatusCode::OK.into_response(),
            Self::File { path, name, content_type, attachment } => {
                match file(&path, &name, &content_type, attachment).await {
                    Ok(response) => response,
                    Err(error) => error.respond(params),
                }
            }
        }
    }
}

impl From<Value> for Reply {
    fn from(value: Value) -> Self {
        Self::Json(value)
    }
}

impl SiteError {
    /// Turns the error into the form that `params` asked for.
    pub fn respond(self, params: &Params) -> Response {
        let body = if params.is_admin() { self.to_admin_json() } else { self.to_json() };
        json_response(&body, params)
    }
}

/// Serialises `value` as JSON, indented JSON, JSONP or a page, as `params` asks.
pub fn json_response(value: &Value, params: &Params) -> Response {
    if params.format() == Format::Html {
        return page_response(html::value_page(params, value));
    }
    let text = if params.format() == Format::Pjson { format!("{value:#}") } else { value.to_string() };
    if let Some(callback) = params.callback() {
        let mut script = String::with_capacity(text.len() + callback.len() + 8);
        // The leading comment keeps a reply from being taken for another file type by its first bytes.
        script.push_str("/**/");
        script.push_str(callback);
        script.push('(');
        // U+2028 and U+2029 end a line in older JavaScript and are legal in JSON.
        script.push_str(&text.replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029"));
        script.push_str(");");
        return (
            [
                (header::CONTENT_TYPE, "text/javascript;charset=utf-8"),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            ],
            script,
        )
            .into_response();
    }
    let content_type = if params.format() == Format::Pjson {
        "text/plain;charset=utf-8"
    } else {
        "application/json;charset=UTF-8"
    };
    ([(header::CONTENT_TYPE, content_type), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], text)
        .into_response()
}

/// Sends a page with headers that keep it from loading or being framed by anything foreign.
pub fn page_response(page: String) -> Response {
    (
        [
            (header::CONTENT_TYPE, "text/html;charset=utf-8"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::X_FRAME_OPTIONS, "DENY"),
            (header::REFERRER_POLICY, "same-origin"),
            (
                header::CONTENT_SECURITY_POLICY,
                "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
            ),
        ],
        page,
    )
        .into_response()
}

fn redirect(address: &str) -> Response {
    match HeaderValue::from_str(address) {
        Ok(location) => (
            StatusCode::FOUND,
            [(header::LOCATION, location), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))],
        )
            .into_response(),
        Err(_) => {
            SiteError::bad_request("the redirect address has characters that no header takes").into_response()
        }
    }
}

async fn file(path: &std::path::Path, name: &str, content_type: &str, attachment: bool) -> Result<Response> {
    let file = tokio::fs::File::open(path).await?;
    let length = file.metadata().await?.len();
    let mut headers = HeaderMap::new();
    let kind = HeaderValue::from_str(content_type)
        .unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Uploaded pages and drawings must not run as pages of this site.
    headers.insert(
        HeaderName::from_static("content-security-policy"),
        HeaderValue::from_static("default-src 'none'; sandbox"),
    );
    if attachment {
        headers.insert(header::CONTENT_DISPOSITION, disposition(name));
    }
    let body = Body::from_stream(ReaderStream::with_capacity(file, 256 * 1024));
    Ok((headers, body).into_response())
}

fn disposition(name: &str) -> HeaderValue {
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_graphic() && !"\"\\;%".contains(c) || c == ' ' { c } else { '_' })
        .collect();
    let encoded: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let text = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", encoded.replace('+', "%20"));
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_break_out_of_its_header() {
        let value = disposition("a\"\r\nSet-Cookie: x=1;.sd");
        let text = value.to_str().unwrap();
        assert!(!text.contains('\r') && !text.contains('\n'));
        assert_eq!(text.matches('"').count(), 2);
    }
}
