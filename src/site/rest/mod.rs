//! The services directory and what stands below it.

pub(crate) mod catalog;
pub mod feature;
pub(crate) mod gp;
pub mod map;

use std::sync::Arc;

use crate::auth::{Need, authorize};
use crate::error::{Result, SiteError};
use crate::params::{Params, shorten};
use crate::reply::Reply;
use crate::state::Context;
use crate::state::services::Service;
use crate::store::HostedStore;

/// Answers a resource below `/rest/services`: `[folder/]name/Type/...`, all segments decoded.
pub(crate) fn route(context: &Context, params: &Params, below: &[String]) -> Result<Reply> {
    let found = below.iter().enumerate().skip(1).take(2).find(|(_, part)| is_kind(part));
    let Some((_, kind)) = found else {
        return Err(SiteError::not_found(format!("Service {} not found", shorten(&below.join("/")))));
    };
    match kind.to_ascii_lowercase().as_str() {
        "featureserver" => feature::route(context, params, below),
        "gpserver" => gp::route(context, params, below),
        "mapserver" => map::route(context, params, below),
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

/// Opens the store behind a service; services over one store share it, so that all see every edit.
pub(crate) fn store_of(context: &Context, service: &Service) -> Result<Arc<HostedStore>> {
    let main = context.services().find(&service.folder, &service.name, map::KIND);
    let main = main.filter(|main| main.store == service.store);
    let holder = main.as_deref().unwrap_or(service);
    let folder = context.services_folder();
    let opened = holder.opened(|service| Ok(HostedStore::open(&folder.join(&service.store))?))?;
    Ok(Arc::clone(&*opened))
}
