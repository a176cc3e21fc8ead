//! What the request itself tells, apart from its parameters.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::{HeaderMap, Method, header};

/// The address from which a connection came; the listener attaches it.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// The scheme that a connection speaks; the listener attaches it.
#[derive(Clone, Copy, Debug)]
pub struct Scheme(pub &'static str);

/// Where a request went and how it came.
#[derive(Clone, Debug, Default)]
pub struct RequestInfo {
    /// `scheme://host[:port]` as the caller addressed the site.
    pub origin: String,
    /// The path, percent-encoded.
    pub path: String,
    /// Sent with POST.
    pub post: bool,
    /// The `Referer` header.
    pub referer: Option<String>,
    /// Whence the connection came.
    pub peer: Option<IpAddr>,
    /// The token of an authorization header.
    pub bearer: Option<String>,
    /// The `Accept` header asks for a page, as browsers do.
    pub wants_html: bool,
}

impl RequestInfo {
    pub(super) fn read(request: &Request) -> Self {
        let headers = request.headers();
        let scheme = request.extensions().get::<Scheme>().map_or("http", |scheme| scheme.0);
        let host = headers
            .get(header::HOST)
            .and_then(|value| value.to_str().ok())
            .or_else(|| request.uri().authority().map(axum::http::uri::Authority::as_str))
            .filter(|host| is_host(host))
            .unwrap_or("localhost");
        Self {
            origin: format!("{scheme}://{host}"),
            path: request.uri().path().to_owned(),
            post: request.method() == Method::POST,
            referer: text(headers, "referer"),
            peer: request.extensions().get::<Peer>().map(|peer| peer.0),
            bearer: bearer(headers),
            wants_html: headers
                .get(header::ACCEPT)
                .and_then(|value| value.to_str().ok())
                .is_some_and(|accept| accept.contains("text/html")),
        }
    }
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    ["x-esri-authorization", "authorization"].iter().find_map(|name| {
        let value = headers.get(*name)?.to_str().ok()?;
        let (scheme, token) = value.split_once(' ')?;
        let token = token.trim();
        (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| token.to_owned())
    })
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

/// Hosts go into addresses and pages, so only what a host can consist of is echoed.
fn is_host(host: &str) -> bool {
    !host.is_empty()
        && host.len() <= 255
        && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-_:[]".contains(c))
}
