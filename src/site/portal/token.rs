//! `generateToken`: a name and a password, or a token of this portal, for a new token.

use std::net::IpAddr;

use serde_json::json;

use crate::auth::Caller;
use crate::auth::tokens::{Binding, Kind};
use crate::error::{Result, SiteError};
use crate::params::Params;
use crate::reply::Reply;
use crate::state::{Context, users};

const DEFAULT_MINUTES: i64 = 60;
const MOST_MINUTES: i64 = 20_160;

/// Answers `generateToken` of the portal, the server and the server's administration.
pub(crate) fn generate(context: &Context, params: &Params) -> Result<Reply> {
    if params.text("f").is_none() && !params.request().post {
        return Ok(page(params));
    }
    // A password in an address ends up in logs and histories.
    params.require_post()?;
    let caller = if params.text("username").is_some() || params.text("password").is_some() {
        with_password(context, params)?
    } else if params.token().is_some() {
        params.require_caller()?.clone()
    } else {
        return Err(refused("'username' must be specified."));
    };
    let minutes = params.number::<f64>("expiration")?.map_or(DEFAULT_MINUTES, |minutes| minutes as i64);
    let minutes = if minutes <= 0 { DEFAULT_MINUTES } else { minutes.min(MOST_MINUTES) };
    let (token, expires) =
        context.tokens().issue(context.database(), &caller, Kind::Access, minutes, binding(params)?)?;
    let ssl = params.origin().starts_with("https");
    Ok(json!({ "token": token, "expires": expires, "ssl": ssl }).into())
}

fn with_password(context: &Context, params: &Params) -> Result<Caller> {
    if params.flag("encrypted") {
        return Err(refused("This site takes passwords as they are over TLS, not encrypted with its key."));
    }
    let username = params.require("username").map_err(|_| refused("'username' must be specified."))?;
    let password = params.get("password").filter(|p| !p.is_empty());
    let password = password.ok_or_else(|| refused("'password' must be specified."))?;
    sign_in(context, params, username, password)?.ok_or_else(|| refused("Invalid username or password."))
}

/// Checks a name and a password, counting failures.
pub(crate) fn sign_in(
    context: &Context,
    params: &Params,
    username: &str,
    password: &str,
) -> Result<Option<Caller>> {
    let peer = params.request().peer;
    context.throttle().check(username, peer)?;
    let caller = users::verify(context.database(), username, password)?;
    match caller {
        Some(_) => context.throttle().succeeded(username, peer),
        None => context.throttle().failed(username, peer),
    }
    Ok(caller)
}

fn binding(params: &Params) -> Result<Binding> {
    let client = params.text("client").unwrap_or_default().to_ascii_lowercase();
    let referer = params.text("referer");
    let address = |text: &str| -> Result<Binding> {
        let ip: IpAddr = text.parse().map_err(|_| refused("'ip' is not an address."))?;
        Ok(Binding::Ip(ip))
    };
    match (client.as_str(), referer, params.text("ip")) {
        ("requestip", ..) | ("", None, None) => Ok(params.request().peer.map_or(Binding::None, Binding::Ip)),
        ("ip", _, Some(ip)) | ("", None, Some(ip)) => address(ip),
        ("ip", _, None) => Err(refused("'ip' must be specified.")),
        // Some clients name themselves in `client` and mean the referer.
        (_, Some(referer), _) => Ok(Binding::Referer(referer.to_owned())),
        ("referer", None, _) => Err(refused("'referer' must be specified.")),
        (_, None, _) => Ok(Binding::None),
    }
}

fn refused(detail: &str) -> SiteError {
    SiteError::new(400, "Unable to generate token.").detail(detail)
}

fn page(params: &Params) -> Reply {
    let form = "<form method=\"post\"><p><label for=\"u\">Username</label><input id=\"u\" name=\"username\"></p>\
<p><label for=\"p\">Password</label><input id=\"p\" name=\"password\" type=\"password\"></p>\
<p><label for=\"e\">Minutes</label><input id=\"e\" name=\"expiration\" value=\"60\"></p>\
<input type=\"hidden\" name=\"client\" value=\"requestip\"><input type=\"hidden\" name=\"f\" value=\"pjson\">\
<p><button>Generate token</button></p></form>";
    Reply::Html(crate::html::page(params, "Generate token", form))
}
