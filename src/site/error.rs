//! How the site says no: Esri's error object, under HTTP 200 as its clients expect.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use geosharing_core::Kind;
use serde_json::{Value, json};

/// A result whose error is [`SiteError`].
pub type Result<T, E = SiteError> = std::result::Result<T, E>;

/// A refusal with the code, the text and the details that go into the reply's body.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SiteError {
    /// Esri's code: 400, 403, 404, 409, 498, 499, 500.
    pub code: u16,
    /// Portal's text code, such as `CONT_0001`.
    pub message_code: Option<&'static str>,
    /// One sentence.
    pub message: Cow<'static, str>,
    /// What else is known.
    pub details: Vec<String>,
}

impl SiteError {
    /// Makes an error with a code and a sentence.
    pub fn new(code: u16, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message_code: None, message: message.into(), details: Vec::new() }
    }

    /// The request's values are not acceptable (400).
    pub fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, message)
    }

    /// A required parameter is missing (400), named in the details.
    pub fn missing(parameter: &str) -> Self {
        Self::new(400, format!("'{parameter}' parameter is required."))
    }

    /// The resource does not exist (404).
    pub fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(404, message)
    }

    /// The item does not exist, or the caller may not know that it does (400, `CONT_0001`).
    pub fn no_item() -> Self {
        Self::new(400, "Item does not exist or is inaccessible.").coded("CONT_0001")
    }

    /// Nobody signed in and the resource asks for somebody (499).
    pub fn token_required() -> Self {
        Self::new(499, "Token Required")
    }

    /// The token is unknown, expired, or bound to another client (498).
    pub fn invalid_token() -> Self {
        Self::new(498, "Invalid token.")
    }

    /// The caller is known and may not (403).
    pub fn forbidden() -> Self {
        Self::new(403, "You do not have permissions to access this resource or perform this operation.")
            .coded("GWM_0003")
    }

    /// The operation changes something and came as a plain link (405).
    pub fn post_only() -> Self {
        Self::new(405, "Method not allowed.").detail("this operation changes the site; send it with POST")
    }

    /// A fault of ours; `what` goes to the log, not to the caller (500).
    pub fn internal(what: impl std::fmt::Display) -> Self {
        tracing::error!("{what}");
        Self::new(500, "Internal error of the site; its log has the cause.")
    }

    /// A write that found no room; `what` goes to the log, since it names files (507).
    fn full(what: impl std::fmt::Display) -> Self {
        tracing::error!("{what}");
        Self::new(507, "The site's disk is full; free space on it and try again.")
    }

    /// Attaches Portal's text code.
    #[must_use]
    pub fn coded(mut self, code: &'static str) -> Self {
        self.message_code = Some(code);
        self
    }

    /// Adds a detail.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.details.push(detail.into());
        self
    }

    /// Returns the body of the portal and of `/rest`.
    pub fn to_json(&self) -> Value {
        let mut error = serde_json::Map::new();
        error.insert("code".to_owned(), json!(self.code));
        if let Some(code) = self.message_code {
            error.insert("messageCode".to_owned(), json!(code));
        }
        error.insert("message".to_owned(), json!(self.message));
        error.insert("details".to_owned(), json!(self.details));
        json!({ "error": error })
    }

    /// Returns the body of `/admin`.
    pub fn to_admin_json(&self) -> Value {
        let messages: Vec<&str> =
            std::iter::once(self.message.as_ref()).chain(self.details.iter().map(String::as_str)).collect();
        json!({ "status": "error", "messages": messages, "code": self.code })
    }
}

impl std::fmt::Display for SiteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.code, self.message)?;
        for detail in &self.details {
            write!(f, "; {detail}")?;
        }
        Ok(())
    }
}

impl std::error::Error for SiteError {}

impl IntoResponse for SiteError {
    fn into_response(self) -> Response {
        axum::Json(self.to_json()).into_response()
    }
}

impl From<geosharing_core::Error> for SiteError {
    fn from(error: geosharing_core::Error) -> Self {
        let code = match error.kind() {
            Kind::InvalidInput | Kind::Unsupported => 400,
            Kind::NotFound => 404,
            Kind::Denied => 403,
            Kind::Conflict => 409,
            Kind::Limit => 413,
            _ if disk_is_full(&error) => return Self::full(error),
            _ => return Self::internal(error),
        };
        Self::new(code, error.to_string())
    }
}

impl From<SiteError> for geosharing_core::Error {
    fn from(error: SiteError) -> Self {
        let kind = match error.code {
            404 => Kind::NotFound,
            403 | 498 | 499 => Kind::Denied,
            409 => Kind::Conflict,
            413 => Kind::Limit,
            501 => Kind::Unsupported,
            507 => Kind::Io,
            400..=499 => Kind::InvalidInput,
            _ => Kind::Internal,
        };
        let mut text = error.message.into_owned();
        for detail in &error.details {
            text.push_str("; ");
            text.push_str(detail);
        }
        Self::new(kind, text)
    }
}

impl From<rusqlite::Error> for SiteError {
    fn from(error: rusqlite::Error) -> Self {
        if disk_is_full(&error) {
            return Self::full(error);
        }
        Self::internal(format!("site database: {error}"))
    }
}

impl From<std::io::Error> for SiteError {
    fn from(error: std::io::Error) -> Self {
        if disk_is_full(&error) {
            return Self::full(error);
        }
        Self::internal(format!("site folder: {error}"))
    }
}

/// Tells whether a write failed for want of space, a quota and a bound on files among it.
fn disk_is_full(error: &(dyn std::error::Error + 'static)) -> bool {
    use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    let mut cause = Some(error);
    while let Some(error) = cause {
        let full = if let Some(error) = error.downcast_ref::<std::io::Error>() {
            matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
        } else if let Some(rusqlite::Error::SqliteFailure(error, _)) = error.downcast_ref() {
            [rusqlite::ffi::SQLITE_FULL, rusqlite::ffi::SQLITE_IOERR_WRITE].contains(&error.extended_code)
        } else {
            false
        };
        if full {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_has_code_message_and_details() {
        let body = SiteError::missing("title").to_json();
        assert_eq!(body["error"]["code"], 400);
        assert_eq!(body["error"]["message"], "'title' parameter is required.");
        assert_eq!(body["error"]["details"], json!([]));
    }

    #[test]
    fn a_full_disk_is_told_whoever_met_it() {
        let full = || std::io::Error::from(std::io::ErrorKind::StorageFull);
        let deep = geosharing_core::Error::io("write", std::path::Path::new("/secret"), full());
        for error in [SiteError::from(full()), SiteError::from(deep.context("layer `a`"))] {
            assert_eq!(error.code, 507);
            assert!(error.message.contains("disk is full"), "{error}");
        }
    }

    #[test]
    fn internal_causes_stay_in_the_log() {
        let body = SiteError::internal("/secret/path is broken").to_json().to_string();
        assert!(!body.contains("secret"));
    }
}
