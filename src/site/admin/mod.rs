//! The server beside its services: tokens, and its administration.
//!
//! Below `/server` the server is federated with the portal; below `/arcgis` the same server answers as
//! one that stands alone, with tokens of its own.

mod catalog;
mod create;
mod data;
mod description;
mod info;
mod publishing;
mod service;
#[cfg(test)]
mod tests;
mod uploads;

use crate::auth::{Caller, Role};
use crate::error::{Result, SiteError};
use crate::params::Params;
use crate::portal::generate_token;
use crate::reply::Reply;
use crate::rest::{self, feature};
use crate::state::Context;

/// Answers everything below `/server` and `/arcgis` that is not a service.
pub(crate) fn route(context: &Context, params: &Params, segments: &[String]) -> Result<Reply> {
    let alone = segments.first().is_some_and(|first| first.eq_ignore_ascii_case("arcgis"));
    let segments = segments.get(1..).unwrap_or_default();
    let lower: Vec<String> = segments.iter().map(|s| s.to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    match lower.as_slice() {
        [] | ["rest"] => {
            let face = if alone { "arcgis" } else { "server" };
            Ok(Reply::Redirect(format!("{}/{face}/rest/services", params.origin())))
        }
        ["rest", "info"] | ["info"] => Ok(info::server(params, alone).into()),
        ["rest", "services"] => rest::catalog::catalog(context, params, None),
        ["rest", "services", _] => {
            rest::catalog::catalog(context, params, segments.last().map(String::as_str))
        }
        ["rest", "directories", "arcgisoutput", _] => {
            rest::map::outputs(context, segments.last().map_or("", String::as_str))
        }
        ["rest", "services", "system", "publishingtools" | "publishingtoolsex", "gpserver", ..] => {
            publishing::route(context, params, segments.get(5..).unwrap_or_default())
        }
        ["services", .., "wmsserver"] => rest::route(context, params, segments.get(1..).unwrap_or_default()),
        ["rest", "services", ..] => rest::route(context, params, segments.get(2..).unwrap_or_default()),
        ["rest", "directories", "arcgisjobs", ..] => {
            rest::gp::directories(context, params, segments.get(2..).unwrap_or_default())
        }
        ["rest", "admin", "services", _, _, ..] => {
            feature::administer(context, params, segments.get(3..).unwrap_or_default())
        }
        ["tokens"] | ["tokens" | "admin", "generatetoken"] => generate_token(context, params),
        ["admin", ..] => administer(context, params, &lower, segments),
        _ => Err(unknown(segments)),
    }
}

/// Answers the administration; `lower` matches, `raw` names.
fn administer(context: &Context, params: &Params, lower: &[&str], raw: &[String]) -> Result<Reply> {
    let caller = params.require_caller()?;
    caller.require(Role::Publisher)?;
    let call = Call { context, params, caller };
    match lower.get(1..).unwrap_or_default() {
        [] => Ok(info::root().into()),
        ["services", rest @ ..] => catalog::route(&call, rest, raw.get(2..).unwrap_or_default()),
        ["uploads", rest @ ..] => uploads::route(&call, rest, raw.get(2..).unwrap_or_default()),
        ["data", rest @ ..] => data::route(&call, rest, raw.get(2..).unwrap_or_default()),
        rest => info::route(&call, rest).unwrap_or_else(|| Err(unknown(raw))),
    }
}

fn unknown(segments: &[String]) -> SiteError {
    SiteError::not_found("Resource or operation not found.").detail(format!("`{}`", segments.join("/")))
}

/// One request of somebody who may publish.
struct Call<'a> {
    context: &'a Context,
    params: &'a Params,
    caller: &'a Caller,
}
