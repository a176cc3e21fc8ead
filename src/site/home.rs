//! Pages outside the REST trees: where people land when they open the site in a browser.

use std::fmt::Write as _;

use serde_json::json;

use crate::auth::may_view;
use crate::error::{Result, SiteError};
use crate::html;
use crate::params::Params;
use crate::reply::Reply;
use crate::state::{Context, items};

/// Answers `/`, `/portal` and `/portal/home/...`.
pub(crate) fn route(context: &Context, params: &Params, segments: &[String]) -> Result<Reply> {
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        [] | ["portal"] | ["portal", "home"] | ["portal", "home", "index.html"] => home(context, params),
        ["portal", "home", "item.html"] => item(context, params),
        ["portal", "info"] | ["portal", "rest", "info"] => {
            Ok(json!({ "owningSystemUrl": format!("{}/portal", params.origin()) }).into())
        }
        _ => Err(SiteError::not_found("There is nothing at this address.")),
    }
}

fn home(context: &Context, params: &Params) -> Result<Reply> {
    let caller = params.caller()?;
    let mut rows = String::new();
    let mut found = Vec::new();
    context.database().read(|connection| {
        items::for_each(connection, |item| found.push(item))?;
        found.sort_by_key(|item| std::cmp::Reverse(item.modified));
        for item in &found {
            let Some(sharing) = items::sharing(connection, &item.id)? else { continue };
            if may_view(caller, &sharing) {
                let _ = write!(
                    rows,
                    "<tr><td><a href=\"/portal/home/item.html?id={}\">{}</a></td><td>{}</td><td>{}</td></tr>",
                    item.id,
                    html::escape(&item.title),
                    html::escape(&item.kind),
                    html::escape(&item.owner),
                );
            }
        }
        Ok(())
    })?;
    let body = format!(
        "<p><a href=\"/server/rest/services\">Services directory</a> · \
<a href=\"/portal/sharing/rest/portals/self?f=html\">Portal</a></p>\
<table><tr><th>Title</th><th>Type</th><th>Owner</th></tr>{rows}</table>"
    );
    Ok(Reply::Html(html::page(params, context.portal_name(), &body)))
}

fn item(context: &Context, params: &Params) -> Result<Reply> {
    let (item, _) = crate::portal::content::visible_item(context, params, params.require("id")?)?;
    let access = item.access.clone();
    Ok(Reply::Html(html::value_page(params, &item.to_json(params.origin(), context.portal_id(), &access))))
}
