//! The services directory and what stands below it.

pub(crate) mod catalog;
pub mod feature;

use crate::auth::{Need, authorize};
use crate::error::{Result, SiteError};
use crate::params::{Params, shorten};
use crate::reply::Reply;
use crate::state::Context;

/// Answers a resource below `/rest/services`: `[folder/]name/Type/...`, all segments decoded.
pub(crate) fn route(context: &Context, params: &Params, below: &[String]) -> Result<Reply> {
    let found = below.iter().enumerate().skip(1).take(2).find(|(_, part)| is_kind(part));
    let Some((_, kind)) = found else {
        return Err(SiteError::not_found(format!("Service {} not found", shorten(&below.join("/")))));
    };
    match kind.to_ascii_lowercase().as_str() {
        "featureserver" => feature::route(context, params, below),
        _ => unserved(context, params, below, kind),
    }
}

fn is_kind(part: &str) -> bool {
    part.len() > "Server".len() && part.to_ascii_lowercase().ends_with("server")
}

/// Says of a service that is configured, and of a type that this site does not serve, that it is so.
fn unserved(context: &Context, params: &Params, below: &[String], kind: &str) -> Result<Reply> {
    let at = below.iter().position(|part| part == kind).unwrap_or_default();
    let (folder, name) = match below.get(..at) {
        Some([name]) => ("", name.as_str()),
        Some([folder, name]) => (folder.as_str(), name.as_str()),
        _ => ("", ""),
    };
    let service = context.services().get(folder, name, kind)?;
    authorize(params, &service, Need::View)?;
    service.require_started()?;
    Err(SiteError::new(501, format!("Service {} cannot be served here.", service.path())).detail(format!(
        "this site keeps services of type {} and their configuration; it does not answer their requests",
        service.kind
    )))
}
