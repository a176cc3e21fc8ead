//! People, as the portal shows them to each other.

use serde_json::{Value, json};

use super::search::Page;
use crate::error::{Result, SiteError};
use crate::params::Params;
use crate::reply::Reply;
use crate::state::users::User;
use crate::state::{Context, groups, users};

/// Answers `community/self` and `community/users/...`; `lower` matches, `raw` names.
pub(super) fn route(context: &Context, params: &Params, lower: &[&str], raw: &[String]) -> Result<Reply> {
    match (lower, raw) {
        (["community", "self"], _) => {
            let caller = params.require_caller()?;
            Ok(shown(context, &caller.username.clone())?.into())
        }
        (["community"], _) => Ok(json!({}).into()),
        (["community", "users"], _) => search(context, params),
        (["community", "users", _], [_, _, name]) => {
            // Who there is, is not for strangers.
            params.require_caller()?;
            Ok(shown(context, name)?.into())
        }
        (["community", "users", _, "notifications"], _) => {
            params.require_caller()?;
            Ok(json!({ "notifications": [] }).into())
        }
        (["community", "users", _, "tags"], [_, _, name, _]) => tags(context, params, name),
        _ => Err(SiteError::not_found("Unknown resource of the community.")),
    }
}

fn shown(context: &Context, name: &str) -> Result<Value> {
    context.database().read(|connection| {
        let user = users::find(connection, name)?.ok_or_else(|| {
            SiteError::bad_request("User does not exist or is inaccessible.").coded("COM_0018")
        })?;
        let mut shown = user.to_json(context.portal_id());
        shown["groups"] = groups::of_user(connection, &user.username)?
            .iter()
            .map(|(group, role)| group.to_json(Some(role)))
            .collect();
        Ok(shown)
    })
}

fn search(context: &Context, params: &Params) -> Result<Reply> {
    params.require_caller()?;
    let words = params.text("q").unwrap_or_default().to_lowercase();
    let wanted = |user: &User| {
        words
            .split_whitespace()
            .filter(|word| {
                !["and", "or"].contains(word)
                    && !word.starts_with("accountid:")
                    && !word.starts_with("orgid:")
            })
            .map(|word| word.rsplit(':').next().unwrap_or(word).trim_matches(['"', '*', '(', ')']))
            .all(|word| {
                user.username.to_lowercase().contains(word)
                    || user.full_name.to_lowercase().contains(word)
                    || user.email.to_lowercase().contains(word)
            })
    };
    let found: Vec<Value> = context
        .database()
        .read(users::all)?
        .iter()
        .filter(|user| wanted(user))
        .map(|user| user.to_json(context.portal_id()))
        .collect();
    Ok(Page::of(params)?.reply(&found, params.text("q")).into())
}

fn tags(context: &Context, params: &Params, name: &str) -> Result<Reply> {
    if !params.require_caller()?.controls(name) {
        return Err(SiteError::forbidden());
    }
    let mut counts: std::collections::BTreeMap<String, u64> = std::collections::BTreeMap::new();
    context.database().read(|connection| {
        crate::state::items::for_each(connection, |item| {
            if item.owner.eq_ignore_ascii_case(name) {
                for tag in item.texts("tags") {
                    *counts.entry(tag.to_owned()).or_default() += 1;
                }
            }
        })
    })?;
    let tags: Vec<Value> = counts.iter().map(|(tag, count)| json!({ "tag": tag, "count": count })).collect();
    Ok(json!({ "tags": tags }).into())
}
