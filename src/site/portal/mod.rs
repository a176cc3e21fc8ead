//! The portal's sharing API: people, items, publishing.

mod community;
pub(crate) mod content;
mod groups;
mod info;
mod portals;
mod search;
#[cfg(test)]
mod tests;
mod token;

pub(crate) use info::SERVER_VERSION;
pub(crate) use token::{generate as generate_token, sign_in};

use crate::auth::oauth;
use crate::error::{Result, SiteError};
use crate::params::Params;
use crate::reply::Reply;
use crate::state::Context;

/// Answers everything below `/portal/sharing` and `/sharing`, with or without `rest`.
pub(crate) fn route(context: &Context, params: &Params, segments: &[String]) -> Result<Reply> {
    let start = segments.iter().position(|s| s == "sharing").map_or(0, |at| at + 1);
    let segments = segments.get(start..).unwrap_or_default();
    let segments = match segments.split_first() {
        Some((first, rest)) if first.eq_ignore_ascii_case("rest") => rest,
        _ => segments,
    };
    let lower: Vec<String> = segments.iter().map(|s| s.to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    match lower.as_slice() {
        [] => Ok(info::root().into()),
        ["info"] => Ok(info::info(params).into()),
        ["generatetoken"] => token::generate(context, params),
        ["oauth2", "authorize"] => oauth::authorize(context, params),
        ["oauth2", "signin"] => oauth::sign_in(context, params),
        ["oauth2", "approval"] => Ok(oauth::approval(params)),
        ["oauth2", "token"] => oauth::token(context, params),
        ["oauth2", "revoketoken" | "signout"] => oauth::revoke(context, params),
        ["portals", ..] => portals::route(context, params, &lower),
        ["community", "groups", ..] | ["community", "creategroup"] => {
            groups::route(context, params, &lower, segments)
        }
        ["community", ..] => community::route(context, params, &lower, segments),
        ["content", ..] => content::route(context, params, &lower, segments),
        ["search"] => search::search(context, params),
        _ => Err(SiteError::not_found("Unknown resource of the sharing API.")
            .detail(format!("`{}`", lower.join("/")))),
    }
}
