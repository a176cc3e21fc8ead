//! The parameters of a request, wherever the client put them.
//!
//! Esri's clients spell names in any case, split parameters between address and body, and send the
//! token in four places. [`Params`] merges all of it; files of a multipart body are already on disk
//! when the resource runs.

mod body;
mod request;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::str::FromStr;

use axum::extract::{FromRequest, Request};
use serde_json::Value;

pub use body::Upload;
pub use request::{Peer, RequestInfo, Scheme};

use crate::auth::Caller;
use crate::error::{Result, SiteError};
use crate::outlet::Outlet;
use crate::reply::Format;
use crate::state::Context;

/// The merged parameters of one request and who sent it.
#[derive(Debug)]
pub struct Params {
    values: Vec<(String, String)>,
    files: Vec<Upload>,
    request: RequestInfo,
    caller: Result<Option<Caller>>,
    outlet: Outlet,
}

impl Params {
    /// Makes parameters without a request, for tests and for calls inside the site.
    pub fn of(values: &[(&str, &str)]) -> Self {
        Self {
            values: values.iter().map(|(k, v)| (k.to_ascii_lowercase(), (*v).to_owned())).collect(),
            files: Vec::new(),
            request: RequestInfo::default(),
            caller: Ok(None),
            outlet: Outlet::default(),
        }
    }

    /// Sets the caller, for tests and for calls inside the site.
    #[must_use]
    pub fn by(mut self, caller: Caller) -> Self {
        self.caller = Ok(Some(caller));
        self
    }

    /// Makes the request a POST, for tests and for calls inside the site.
    #[must_use]
    pub fn posted(mut self) -> Self {
        self.request.post = true;
        self
    }

    /// Lets the answer be sent in pieces.
    pub(crate) fn set_outlet(&mut self, outlet: Outlet) {
        self.outlet = outlet;
    }

    /// Returns the way out for answers that are sent in pieces.
    pub fn outlet(&self) -> &Outlet {
        &self.outlet
    }

    /// Returns the first value of a parameter, whatever the case of its name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Returns the first value that is not blank.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.named(name).map(str::trim).find(|value| !value.is_empty())
    }

    /// Returns a value that must be there.
    pub fn require(&self, name: &str) -> Result<&str> {
        self.text(name).ok_or_else(|| SiteError::missing(name))
    }

    /// Returns every value of a repeated parameter.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.named(name).collect()
    }

    fn named<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a str> + use<'a, 'n> {
        self.values
            .iter()
            .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Returns every parameter with its name in lower case.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Returns `true` for `true`, `1`, `yes` and `on` in any case.
    pub fn flag(&self, name: &str) -> bool {
        self.flag_or(name, false)
    }

    /// Returns a truth value, or `default` when the parameter is absent or empty.
    pub fn flag_or(&self, name: &str, default: bool) -> bool {
        match self.text(name) {
            None => default,
            Some(value) => ["true", "1", "yes", "on"].iter().any(|yes| value.eq_ignore_ascii_case(yes)),
        }
    }

    /// Returns a number, nothing when the parameter is absent or empty.
    pub fn number<T: FromStr>(&self, name: &str) -> Result<Option<T>> {
        let Some(value) = self.text(name) else { return Ok(None) };
        value.parse().map(Some).map_err(|_| {
            SiteError::bad_request(format!("Invalid value for parameter '{name}'."))
                .detail(format!("`{}` is not a number", shorten(value)))
        })
    }

    /// Returns a parameter's JSON value, nothing when it is absent or empty.
    pub fn json(&self, name: &str) -> Result<Option<Value>> {
        let Some(value) = self.text(name) else { return Ok(None) };
        serde_json::from_str(value).map(Some).map_err(|error| {
            SiteError::bad_request(format!("Invalid value for parameter '{name}'."))
                .detail(format!("not JSON: {error}"))
        })
    }

    /// Returns the items of a comma separated list without blanks around them.
    pub fn list(&self, name: &str) -> Vec<&str> {
        self.named(name).flat_map(|v| v.split(',')).map(str::trim).filter(|v| !v.is_empty()).collect()
    }

    /// Returns the first file under this name.
    pub fn file(&self, name: &str) -> Option<&Upload> {
        self.files.iter().find(|file| file.field.eq_ignore_ascii_case(name))
    }

    /// Returns every file.
    pub fn files(&self) -> &[Upload] {
        &self.files
    }

    /// Takes a file's place on disk, so that it is not removed with the request.
    pub fn take_file(&mut self, name: &str) -> Option<Upload> {
        let index = self.files.iter().position(|file| file.field.eq_ignore_ascii_case(name))?;
        Some(self.files.swap_remove(index))
    }

    /// Returns the form in which the caller wants the answer; browsers get pages, programs JSON.
    pub fn format(&self) -> Format {
        match self.text("f").map(str::to_ascii_lowercase).as_deref() {
            Some("json") => Format::Json,
            Some("pjson") => Format::Pjson,
            Some("html") => Format::Html,
            Some("geojson") => Format::GeoJson,
            Some(_) => Format::Other,
            None if self.request.wants_html => Format::Html,
            None => Format::Json,
        }
    }

    /// Returns the JSONP function if its name is one that a script may call.
    pub fn callback(&self) -> Option<&str> {
        let name = self.text("callback")?;
        let legal = name.len() <= 128
            && name.split('.').all(|part| {
                part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '$')
                    && part.chars().all(|c| c.is_ascii_alphanumeric() || "_$[]".contains(c))
            });
        legal.then_some(name)
    }

    /// Returns `scheme://host[:port]` as the caller addressed the site; every absolute address echoes it.
    pub fn origin(&self) -> &str {
        &self.request.origin
    }

    /// Returns what else is known about the request.
    pub fn request(&self) -> &RequestInfo {
        &self.request
    }

    /// Returns whether the request came to an administrative resource, whose errors look different.
    pub fn is_admin(&self) -> bool {
        self.request.path.split('/').nth(2).is_some_and(|part| part.eq_ignore_ascii_case("admin"))
    }

    /// Returns who asks; nothing for an anonymous caller, an error (498) for a bad token.
    pub fn caller(&self) -> Result<Option<&Caller>> {
        match &self.caller {
            Ok(caller) => Ok(caller.as_ref()),
            Err(error) => Err(error.clone()),
        }
    }

    /// Returns who asks, or that a token is required (499).
    pub fn require_caller(&self) -> Result<&Caller> {
        self.caller()?.ok_or_else(SiteError::token_required)
    }

    /// Returns an error unless the request was sent with POST.
    pub fn require_post(&self) -> Result<()> {
        if self.request.post { Ok(()) } else { Err(SiteError::post_only()) }
    }

    /// Returns the token of the request, wherever the client put it.
    pub fn token(&self) -> Option<&str> {
        self.request.bearer.as_deref().or_else(|| self.text("token"))
    }
}

impl FromRequest<Context> for Params {
    type Rejection = axum::response::Response;

    async fn from_request(request: Request, context: &Context) -> Result<Self, Self::Rejection> {
        let info = RequestInfo::read(&request);
        let mut params = Self { request: info, ..Self::of(&[]) };
        if let Some(query) = request.uri().query() {
            body::parse_pairs(query.as_bytes(), &mut params.values);
        }
        match body::read(request, context, &mut params).await {
            Ok(()) => {
                params.identify(context);
                Ok(params)
            }
            Err(error) => Err(error.respond(&params)),
        }
    }
}

impl Params {
    fn identify(&mut self, context: &Context) {
        self.caller = match self.token() {
            None => Ok(None),
            Some(token) => {
                context.tokens().caller(token, self.request.referer.as_deref(), self.request.peer).map(Some)
            }
        };
    }
}

/// A file name without the folders that a client may have put before it.
pub(crate) fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String =
        last.chars().filter(|c| !c.is_control() && !"<>:\"|?*".contains(*c)).take(200).collect();
    let clean = clean.trim().trim_start_matches('.').trim();
    if clean.is_empty() { "file".to_owned() } else { clean.to_owned() }
}

/// The head of a value that goes into an error's text.
pub(crate) fn shorten(value: &str) -> String {
    let head: String = value.chars().take(60).collect();
    if head.len() < value.len() { format!("{head}...") } else { head }
}

/// Removes a file when the request that brought it is over.
#[derive(Debug)]
pub struct TemporaryFile(pub(crate) PathBuf);

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
