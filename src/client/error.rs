//! Why a portal did not do what it was asked.

use std::fmt;
use std::path::Path;

use serde_json::Value;

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The classes of failure that callers tell apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Kind {
    /// Name, password or token refused.
    Authentication,
    /// The portal answered with an error.
    Portal,
    /// No answer, or one that is no answer of a portal.
    Unreachable,
    /// A job ended without success.
    JobFailed,
    /// A job did not end in time.
    JobTimeout,
    /// The caller's value is not acceptable.
    Input,
    /// A local file could not be read.
    File,
}

/// A failure, with the fields of Esri's error body. It never holds a token or password.
#[derive(Clone, Debug)]
pub struct Error {
    inner: Box<Inner>,
}

#[derive(Clone, Debug)]
struct Inner {
    kind: Kind,
    message: String,
    code: Option<i64>,
    message_code: Option<String>,
    details: Vec<String>,
    url: String,
}

impl Error {
    /// Makes an error of one kind.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            inner: Box::new(Inner {
                kind,
                message: message.into(),
                code: None,
                message_code: None,
                details: Vec::new(),
                url: String::new(),
            }),
        }
    }

    pub(crate) fn file(doing: &str, path: &Path, error: &std::io::Error) -> Self {
        Self::new(Kind::File, format!("cannot {doing} `{}`: {error}", path.display()))
    }

    /// Reads Esri's `{"error": {...}}` or `{"success": false, ...}`; `None` if the reply is neither.
    pub(crate) fn from_reply(reply: &Value) -> Option<Self> {
        let body = match reply.get("error") {
            Some(body) if !body.is_null() => body,
            _ if reply.get("status").and_then(Value::as_str) == Some("error") => reply,
            _ if reply.get("success") == Some(&Value::Bool(false)) => reply,
            _ => return None,
        };
        let text = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
        let code = body
            .get("code")
            .and_then(|code| code.as_i64().or_else(|| code.as_str().and_then(|text| text.parse().ok())));
        let details: Vec<String> = ["details", "messages"]
            .iter()
            .filter_map(|key| body.get(*key))
            .flat_map(|value| match value {
                Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
                Value::String(line) => vec![line.as_str()],
                _ => Vec::new(),
            })
            .filter(|line| !line.trim().is_empty())
            .map(str::to_owned)
            .collect();
        let message = text("message")
            .or_else(|| body.as_str().map(str::to_owned))
            .filter(|message| !message.trim().is_empty())
            .or_else(|| details.first().cloned())
            .unwrap_or_else(|| "the portal refused without saying why".to_owned());
        let kind = if matches!(code, Some(401 | 498 | 499)) { Kind::Authentication } else { Kind::Portal };
        let mut error = Self::new(kind, message);
        error.inner.code = code;
        error.inner.message_code = text("messageCode");
        error.inner.details = details;
        Some(error)
    }

    #[must_use]
    pub(crate) fn at(mut self, url: &reqwest::Url) -> Self {
        let mut clean = url.clone();
        clean.set_query(None);
        clean.set_fragment(None);
        // Neither fails for the http addresses that get here.
        let _ = clean.set_username("");
        let _ = clean.set_password(None);
        self.inner.url = clean.into();
        self
    }

    #[must_use]
    pub(crate) fn with_kind(mut self, kind: Kind) -> Self {
        self.inner.kind = kind;
        self
    }

    #[must_use]
    pub(crate) fn with_code(mut self, code: i64) -> Self {
        self.inner.code = Some(code);
        self
    }

    #[must_use]
    pub(crate) fn with_details(mut self, details: Vec<String>) -> Self {
        self.inner.details = details;
        self
    }

    #[must_use]
    pub(crate) fn context(mut self, doing: impl fmt::Display) -> Self {
        self.inner.message = format!("{doing}: {}", self.inner.message);
        self
    }

    #[must_use]
    pub(crate) fn explain(mut self, reasons: &str) -> Self {
        self.inner.message = format!("{} {reasons}", self.inner.message);
        self
    }

    /// The kind of failure.
    pub fn kind(&self) -> Kind {
        self.inner.kind
    }

    /// The text without address and details.
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// The portal's code, an HTTP status where it sent no Esri error.
    pub fn code(&self) -> Option<i64> {
        self.inner.code
    }

    /// The portal's identifier such as `CONT_0001`.
    pub fn message_code(&self) -> Option<&str> {
        self.inner.message_code.as_deref()
    }

    /// Further lines of the portal.
    pub fn details(&self) -> &[String] {
        &self.inner.details
    }

    /// Address of the request without its query; empty when none was sent.
    pub fn url(&self) -> &str {
        &self.inner.url
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.inner.message)?;
        // The cause stands in the details: "Unable to generate token" alone helps nobody.
        for detail in self.inner.details.iter().take(3).filter(|line| !self.inner.message.contains(*line)) {
            write!(f, " {detail}")?;
        }
        if let Some(code) = self.inner.code {
            write!(f, " (code {code}")?;
            if let Some(name) = &self.inner.message_code {
                write!(f, ", {name}")?;
            }
            f.write_str(")")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_three_shapes_of_failure_are_read() {
        let portal = json!({"error": {"code": 400, "messageCode": "CONT_0001", "message": "Gone.", "details": ["Deleted.", "Gone."]}});
        let error = Error::from_reply(&portal).expect("an error");
        assert_eq!(error.to_string(), "Gone. Deleted. (code 400, CONT_0001)");
        assert_eq!((error.kind(), error.details().len()), (Kind::Portal, 2));

        let token = json!({"status": "error", "messages": ["Invalid Token"], "code": "498"});
        let error = Error::from_reply(&token).expect("an error");
        assert_eq!((error.kind(), error.message()), (Kind::Authentication, "Invalid Token"));

        assert!(Error::from_reply(&json!({"success": false})).is_some());
        assert!(Error::from_reply(&json!({"success": true, "error": null})).is_none());
    }

    #[test]
    fn an_address_in_an_error_has_no_query() {
        let url = reqwest::Url::parse("https://u:p@host/portal?token=secret").expect("a url");
        assert_eq!(Error::new(Kind::Portal, "x").at(&url).url(), "https://host/portal");
    }
}
