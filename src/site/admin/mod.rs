//! The server beside its services: `rest/info`, tokens, and what clients ask of its administration.

use serde_json::json;

use crate::auth::Role;
use crate::error::{Result, SiteError};
use crate::params::Params;
use crate::portal::{SERVER_VERSION, generate_token};
use crate::reply::Reply;
use crate::rest::{self, catalog::catalog, feature};
use crate::state::Context;

/// Answers everything below `/server` and `/arcgis` that is not a service.
pub(crate) fn route(context: &Context, params: &Params, segments: &[String]) -> Result<Reply> {
    let segments = segments.get(1..).unwrap_or_default();
    let lower: Vec<String> = segments.iter().map(|s| s.to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    match lower.as_slice() {
        [] | ["rest"] => Ok(Reply::Redirect(format!("{}/server/rest/services", params.origin()))),
        ["rest", "info"] | ["info"] => Ok(info(params).into()),
        ["rest", "services"] => catalog(context, params, None),
        ["rest", "services", _] => catalog(context, params, segments.last().map(String::as_str)),
        ["rest", "directories", "arcgisoutput", _] => {
            rest::map::outputs(context, segments.last().map_or("", String::as_str))
        }
        ["rest", "services", ..] => rest::route(context, params, segments.get(2..).unwrap_or_default()),
        ["rest", "admin", "services", _, _, ..] => {
            feature::administer(context, params, segments.get(3..).unwrap_or_default())
        }
        ["tokens"] | ["tokens" | "admin", "generatetoken"] => generate_token(context, params),
        ["admin"] => root(params),
        ["admin", "info"] => admin_info(params),
        ["admin", "services"] => services(context, params, ""),
        ["admin", "services", _] => services(context, params, segments.last().map_or("", String::as_str)),
        _ => Err(SiteError::not_found("Resource or operation not found.")
            .detail(format!("`{}`", segments.join("/")))),
    }
}

fn info(params: &Params) -> serde_json::Value {
    let origin = params.origin();
    json!({
        "currentVersion": SERVER_VERSION,
        "fullVersion": "11.3.0",
        "owningSystemUrl": format!("{origin}/portal"),
        "authInfo": {
            "isTokenBasedSecurity": true,
            "tokenServicesUrl": format!("{origin}/portal/sharing/rest/generateToken"),
            "shortLivedTokenValidity": 60,
        },
    })
}

fn root(params: &Params) -> Result<Reply> {
    params.require_caller()?.require(Role::Publisher)?;
    Ok(json!({
        "resources": ["services", "uploads", "logs", "system", "data", "security", "info"],
        "currentVersion": SERVER_VERSION,
        "fullVersion": "11.3.0",
        "currentbuild": env!("CARGO_PKG_VERSION"),
        "acceptLanguage": null,
    })
    .into())
}

fn admin_info(params: &Params) -> Result<Reply> {
    let caller = params.require_caller()?;
    caller.require(Role::Publisher)?;
    Ok(json!({
        "timezone": "UTC",
        "loggedInUser": &*caller.username,
        "loggedInUserPrivilege": if caller.is_administrator() { "ADMINISTER" } else { "PUBLISH" },
        "currentversion": SERVER_VERSION,
        "fullVersion": "11.3.0",
        "currentbuild": env!("CARGO_PKG_VERSION"),
    })
    .into())
}

fn services(context: &Context, params: &Params, folder: &str) -> Result<Reply> {
    params.require_caller()?.require(Role::Publisher)?;
    let listed: Vec<_> = context
        .services()
        .all()
        .iter()
        .filter(|service| service.folder.eq_ignore_ascii_case(folder))
        .map(|service| {
            json!({
                "folderName": if service.folder.is_empty() { "/" } else { &service.folder },
                "serviceName": service.name,
                "type": service.kind,
                "description": "",
            })
        })
        .collect();
    Ok(json!({
        "folderName": if folder.is_empty() { "/" } else { folder },
        "description": if folder.is_empty() { "Root" } else { "" },
        "webEncrypted": false,
        "isDefault": folder.is_empty(),
        "folders": if folder.is_empty() { vec!["Hosted"] } else { vec![] },
        "foldersDetail": [],
        "services": listed,
    })
    .into())
}
