//! `/rest/services` and its folders: the services that the caller may see.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::auth::{Role, may_view};
use crate::error::{Result, SiteError};
use crate::html;
use crate::params::Params;
use crate::portal::SERVER_VERSION;
use crate::reply::{Format, Reply};
use crate::state::services::ServiceState;
use crate::state::{Context, folders};

/// Answers the catalogue's root, or one folder of it.
pub(crate) fn catalog(context: &Context, params: &Params, folder: Option<&str>) -> Result<Reply> {
    let caller = params.caller()?;
    let all = context.services().all();
    let folders: Vec<String> =
        context.database().read(folders::all)?.into_iter().map(|folder| folder.name).collect();
    let wanted = folder.unwrap_or_default();
    if !wanted.is_empty() && !folders.iter().any(|name| name.eq_ignore_ascii_case(wanted)) {
        return Err(SiteError::not_found(format!("Folder {wanted} not found")));
    }
    let visible: Vec<_> = all
        .iter()
        .filter(|service| {
            service.folder.eq_ignore_ascii_case(wanted)
                && service.state == ServiceState::Started
                && may_view(caller, &service.sharing())
        })
        .collect();
    if params.format() == Format::Html {
        return Ok(Reply::Html(page(params, wanted, &folders, &visible)));
    }
    let mut services: Vec<Value> =
        visible.iter().map(|service| json!({ "name": service.full_name(), "type": service.kind })).collect();
    // Clients look here for the tool that publishes.
    if wanted.eq_ignore_ascii_case(folders::SYSTEM)
        && caller.is_some_and(|caller| caller.role >= Role::Publisher)
    {
        services.push(json!({ "name": "System/PublishingTools", "type": "GPServer" }));
    }
    let folders = if wanted.is_empty() { folders } else { Vec::new() };
    Ok(json!({ "currentVersion": SERVER_VERSION, "folders": folders, "services": services }).into())
}

fn page(
    params: &Params,
    wanted: &str,
    folders: &[String],
    visible: &[&std::sync::Arc<crate::state::services::Service>],
) -> String {
    let base = params.request().path.trim_end_matches('/');
    let root = if wanted.is_empty() { base } else { base.rsplit_once('/').map_or(base, |(root, _)| root) };
    let mut body = format!("<p>Current version: {SERVER_VERSION}</p>");
    if wanted.is_empty() {
        body.push_str("<h2>Folders</h2><ul>");
        for folder in folders {
            let link = html::escape(&format!("{root}/{folder}"));
            let _ = write!(body, "<li><a href=\"{link}\">{}</a></li>", html::escape(folder));
        }
        body.push_str("</ul>");
    }
    if !visible.is_empty() {
        body.push_str("<h2>Services</h2>");
    }
    body.push_str("<ul>");
    for service in visible {
        let link = html::escape(&format!("{root}/{}", service.path()));
        let name = html::escape(&service.full_name());
        let _ = write!(body, "<li><a href=\"{link}\">{name}</a> ({})</li>", html::escape(&service.kind));
    }
    body.push_str("</ul>");
    html::page(params, if wanted.is_empty() { "Services" } else { wanted }, &body)
}
