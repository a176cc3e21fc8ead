//! Which path leads to which resource.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Extensions, HeaderMap, StatusCode, Uri, Version, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use tower::ServiceExt;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};
use tower_http::cors::CorsLayer;
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};

use crate::error::{Result, SiteError};
use crate::outlet::Outlet;
use crate::params::Params;
use crate::reply::Reply;
use crate::state::Context;
use crate::{admin, home, portal};

/// Bytes up to which an answer fits into a packet or two and is not worth compressing.
const SMALL_ANSWER: u64 = 2048;

/// What answers one tree of resources: the path's segments below the tree, decoded.
pub(crate) type Route = fn(&Context, &Params, &[String]) -> Result<Reply>;

/// Builds the whole site over its state.
pub fn app(context: Context) -> Router {
    let limits = context.limits().clone();
    let inner = Router::new()
        .route("/portal/sharing", any(sharing))
        .route("/portal/sharing/{*path}", any(sharing))
        .route("/sharing", any(sharing))
        .route("/sharing/{*path}", any(sharing))
        .route("/server", any(server))
        .route("/server/{*path}", any(server))
        .route("/arcgis", any(server))
        .route("/arcgis/{*path}", any(server))
        .fallback(any(pages))
        .with_state(context)
        .layer(axum::extract::DefaultBodyLimit::disable())
        .layer(RequestBodyTimeoutLayer::new(limits.idle_time))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, limits.request_time))
        .layer(compression())
        .layer(CorsLayer::very_permissive());
    // Paths are cleaned before they are routed: clients send doubled and trailing slashes.
    Router::new().fallback(move |mut request: Request| {
        let inner = inner.clone();
        async move {
            if let Some(uri) = clean(request.uri()) {
                *request.uri_mut() = uri;
            }
            inner.oneshot(request).await.into_response()
        }
    })
}

async fn sharing(State(context): State<Context>, params: Params) -> Response {
    run(context, params, portal::route).await
}

async fn server(State(context): State<Context>, params: Params) -> Response {
    run(context, params, admin::route).await
}

async fn pages(State(context): State<Context>, params: Params) -> Response {
    run(context, params, home::route).await
}

/// Runs a resource on a thread that may block, since databases and files do.
pub(crate) async fn run(context: Context, mut params: Params, route: Route) -> Response {
    let (outlet, early) = Outlet::pair();
    params.set_outlet(outlet);
    let work = move || {
        let segments = segments(&params.request().path);
        let reply = route(&context, &params, &segments);
        (reply, params)
    };
    let work = tokio::task::spawn_blocking(work);
    let finished = tokio::select! {
        biased;
        Ok(early) = early => return early.into_response(),
        finished = work => finished,
    };
    match finished {
        Ok((Ok(reply), params)) => reply.respond(&params).await,
        Ok((Err(error), params)) => error.respond(&params),
        Err(error) => SiteError::internal(error).into_response(),
    }
}

/// Compresses text where the client asks for it: fast rather than small, since pages are made per
/// request, and not what is small or packed already.
fn compression() -> CompressionLayer<impl Predicate> {
    let text = |_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions| {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        ["application/json", "application/geo+json", "text/"].iter().any(|text| kind.starts_with(text))
    };
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(SMALL_ANSWER).and(text))
}

/// Splits a path into its decoded segments, leaving out empty ones.
pub(crate) fn segments(path: &str) -> Vec<String> {
    path.split('/').filter(|segment| !segment.is_empty()).map(decode).collect()
}

fn decode(segment: &str) -> String {
    let bytes = segment.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, tail)) = rest.split_first() {
        let escaped = (byte == b'%')
            .then(|| tail.get(..2))
            .flatten()
            .and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        out.push(escaped.unwrap_or(byte));
        rest = if escaped.is_some() { tail.get(2..).unwrap_or_default() } else { tail };
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn clean(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    if !path.contains("//") && (path.len() < 2 || !path.ends_with('/')) {
        return None;
    }
    let mut text = String::with_capacity(path.len());
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        text.push('/');
        text.push_str(segment);
    }
    if text.is_empty() {
        text.push('/');
    }
    if let Some(query) = uri.query() {
        text.push('?');
        text.push_str(query);
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubled_and_trailing_slashes_go() {
        let cleaned = |uri: &str| clean(&uri.parse().unwrap()).map(|uri| uri.to_string());
        assert_eq!(cleaned("/a//b/?x=1").as_deref(), Some("/a/b?x=1"));
        assert_eq!(cleaned("//").as_deref(), Some("/"));
        assert_eq!(cleaned("/a/b"), None);
    }

    #[test]
    fn segments_are_decoded_once() {
        assert_eq!(segments("/a%20b/%2e%2e/c%252f/%zz"), ["a b", "..", "c%2f", "%zz"]);
    }
}
