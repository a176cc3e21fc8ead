//! Signing in through a page, as browsers and the official Python client do.
//!
//! The client reads the page's `oAuthInfo`, which must be the first braces in it and on one line.
//! Redirects go only to this site, to the caller's own machine, or out of band.

use std::fmt::Write as _;

use base64::Engine as _;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Caller;
use super::password::same;
use super::sessions::Pending;
use super::tokens::{Binding, Kind};
use crate::error::Result;
use crate::html::escape;
use crate::params::Params;
use crate::portal::sign_in as verify;
use crate::reply::Reply;
use crate::state::{Context, users};

const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";
/// How the fields of the page look.
const INPUT: &str = "font:inherit;width:100%;box-sizing:border-box;padding:.3rem";
const DEFAULT_MINUTES: i64 = 30;
const MOST_MINUTES: i64 = 20_160;
const REFRESH_MINUTES: i64 = 129_600;

/// Answers `oauth2/authorize`: the page with the sign-in form.
pub(crate) fn authorize(context: &Context, params: &Params) -> Result<Reply> {
    let redirect_uri = params.text("redirect_uri").unwrap_or(OUT_OF_BAND);
    if !may_redirect(redirect_uri, params.origin()) {
        return Ok(page(&json!({ "error": "Invalid redirect_uri" }), "Invalid redirect_uri", None));
    }
    let response_type = params.text("response_type").unwrap_or("token");
    if !["token", "code"].contains(&response_type) {
        return Ok(page(&json!({ "error": "Invalid response_type" }), "Invalid response_type", None));
    }
    let challenge = params.text("code_challenge").map(|challenge| {
        (params.text("code_challenge_method").unwrap_or("plain").to_owned(), challenge.to_owned())
    });
    let pending = Pending {
        client_id: params.text("client_id").unwrap_or_default().to_owned(),
        redirect_uri: redirect_uri.to_owned(),
        response_type: response_type.to_owned(),
        state: params.get("state").unwrap_or_default().to_owned(),
        challenge,
        expiration: params.number::<f64>("expiration")?.map(|minutes| minutes as i64),
        username: None,
    };
    Ok(form(context, pending, &[]))
}

/// Answers `oauth2/signin`: checks the password and sends the browser back.
pub(crate) fn sign_in(context: &Context, params: &Params) -> Result<Reply> {
    params.require_post()?;
    let secret = params.require("oauth_state")?;
    let Some(pending) = context.sessions().get(secret) else {
        return Ok(page(
            &json!({ "error": "OAUTH_0015" }),
            "This sign-in page is out of date; open the application again.",
            None,
        ));
    };
    let username = params.text("username").unwrap_or_default();
    let password = params.get("password").unwrap_or_default();
    let caller = match verify(context, params, username, password) {
        Ok(Some(caller)) => caller,
        Ok(None) => return Ok(form(context, pending, &["Invalid username or password."])),
        Err(error) => {
            let text = error.details.first().map_or(error.message.as_ref(), String::as_str);
            return Ok(form(context, pending, &[text]));
        }
    };
    context.sessions().take(secret);
    if pending.response_type == "code" {
        return Ok(send_code(context, pending, &caller));
    }
    let minutes = minutes(pending.expiration);
    let (token, _) =
        context.tokens().issue(context.database(), &caller, Kind::Access, minutes, Binding::None)?;
    if pending.redirect_uri == OUT_OF_BAND {
        return Ok(page(&json!({ "username": &*caller.username }), "SUCCESS", Some(&token)));
    }
    let fragment = form_urlencoded::Serializer::new(String::new())
        .append_pair("access_token", &token)
        .append_pair("expires_in", &(minutes * 60).to_string())
        .append_pair("username", &caller.username)
        .append_pair("ssl", "true")
        .append_pair("state", &pending.state)
        .append_pair("persist", "false")
        .finish();
    Ok(Reply::Redirect(format!("{}#{fragment}", pending.redirect_uri)))
}

fn send_code(context: &Context, mut pending: Pending, caller: &Caller) -> Reply {
    pending.username = Some(caller.username.to_string());
    let (redirect, state) = (pending.redirect_uri.clone(), pending.state.clone());
    let code = context.sessions().put(pending);
    if redirect == OUT_OF_BAND {
        return page(&json!({ "code": code }), &format!("SUCCESS code={code}"), Some(&code));
    }
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("code", &code)
        .append_pair("state", &state)
        .finish();
    let join = if redirect.contains('?') { '&' } else { '?' };
    Reply::Redirect(format!("{redirect}{join}{query}"))
}

/// Answers `oauth2/approval`, where nothing is left to do.
pub(crate) fn approval(params: &Params) -> Reply {
    let code = params.text("code").unwrap_or_default();
    page(&json!({ "code": code }), &format!("SUCCESS code={code}"), None)
}

/// Answers `oauth2/token`: a code or a refresh token for an access token.
pub(crate) fn token(context: &Context, params: &Params) -> Result<Reply> {
    params.require_post()?;
    let grant = params.text("grant_type").unwrap_or_default();
    let (caller, what) = match grant {
        "authorization_code" => (redeem(context, params)?, "authorization_code"),
        "refresh_token" | "exchange_refresh_token" => {
            (context.tokens().refresher(params.require("refresh_token")?), "refresh_token")
        }
        _ => return Ok(oauth_error("unsupported_grant_type", "Unsupported grant_type")),
    };
    let Some(caller) = caller else {
        return Ok(oauth_error("invalid_grant", &format!("Invalid {what}")));
    };
    let minutes = minutes(params.number::<f64>("expiration")?.map(|minutes| minutes as i64));
    let database = context.database();
    let (access, _) = context.tokens().issue(database, &caller, Kind::Access, minutes, Binding::None)?;
    let mut reply = json!({
        "access_token": access,
        "expires_in": minutes * 60,
        "username": &*caller.username,
        "ssl": true,
    });
    if grant != "refresh_token" {
        let (refresh, _) =
            context.tokens().issue(database, &caller, Kind::Refresh, REFRESH_MINUTES, Binding::None)?;
        reply["refresh_token"] = json!(refresh);
        reply["refresh_token_expires_in"] = json!(REFRESH_MINUTES * 60);
    }
    Ok(reply.into())
}

/// Answers `oauth2/revokeToken`.
pub(crate) fn revoke(context: &Context, params: &Params) -> Result<Reply> {
    params.require_post()?;
    for name in ["auth_token", "refresh_token", "token"] {
        if let Some(token) = params.text(name) {
            context.tokens().revoke(context.database(), token)?;
        }
    }
    Ok(json!({ "success": true }).into())
}

fn redeem(context: &Context, params: &Params) -> Result<Option<Caller>> {
    let Some(pending) = context.sessions().take(params.require("code")?) else { return Ok(None) };
    let Some(username) = pending.username else { return Ok(None) };
    let redirect = params.text("redirect_uri").unwrap_or(&pending.redirect_uri);
    if redirect != pending.redirect_uri || params.text("client_id").unwrap_or_default() != pending.client_id {
        return Ok(None);
    }
    if let Some((method, challenge)) = &pending.challenge {
        let verifier = params.text("code_verifier").unwrap_or_default();
        let answer = if method.eq_ignore_ascii_case("S256") {
            base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
        } else {
            verifier.to_owned()
        };
        if !same(answer.as_bytes(), challenge.as_bytes()) {
            return Ok(None);
        }
    }
    let user = context.database().read(|c| users::find(c, &username))?;
    Ok(user.filter(|user| !user.disabled).map(|user| Caller::new(&user.username, user.role)))
}

fn minutes(asked: Option<i64>) -> i64 {
    asked.filter(|minutes| *minutes > 0).map_or(DEFAULT_MINUTES, |minutes| minutes.min(MOST_MINUTES))
}

fn oauth_error(error: &str, description: &str) -> Reply {
    json!({
        "error": {
            "code": 400,
            "error": error,
            "error_description": description,
            "message": description,
            "details": [],
        }
    })
    .into()
}

/// Only this site, loopback addresses and the out-of-band address: anything else would hand tokens away.
fn may_redirect(uri: &str, origin: &str) -> bool {
    if uri == OUT_OF_BAND {
        return true;
    }
    if uri.len() > 2000
        || !uri.bytes().all(|b| b.is_ascii_graphic())
        || uri.contains(['#', '\\', '"', '<', '>'])
    {
        return false;
    }
    let Some(host) = host_of(uri) else { return false };
    ["localhost", "127.0.0.1", "[::1]"].contains(&host.as_str())
        || host_of(origin).is_some_and(|own| own == host)
}

fn host_of(uri: &str) -> Option<String> {
    let rest = uri.strip_prefix("https://").or_else(|| uri.strip_prefix("http://"))?;
    let authority = rest.split(['/', '?']).next()?;
    if authority.contains('@') {
        return None;
    }
    let host = match authority.rfind(':') {
        Some(at) if !authority.get(at..)?.contains(']') => authority.get(..at)?,
        _ => authority,
    };
    Some(host.to_ascii_lowercase())
}

fn form(context: &Context, pending: Pending, messages: &[&str]) -> Reply {
    let client = pending.client_id.clone();
    let secret = context.sessions().put(pending);
    let info = json!({ "oauth_state": secret, "client_id": client, "messages": messages });
    let mut errors = String::new();
    for message in messages {
        let _ = write!(errors, "<p class=\"error\">{}</p>", escape(message));
    }
    let body = format!(
        "{errors}<form method=\"post\" action=\"signin\">\
<input type=\"hidden\" name=\"oauth_state\" value=\"{secret}\">\
<p><label for=\"u\">Username</label><br><input style=\"{INPUT}\" id=\"u\" name=\"username\" autocomplete=\"username\"></p>\
<p><label for=\"p\">Password</label><br><input style=\"{INPUT}\" id=\"p\" name=\"password\" type=\"password\" \
autocomplete=\"current-password\"></p><p><button style=\"font:inherit;padding:.3rem 1rem\">Sign in</button></p></form>"
    );
    render(&info, "Sign in", &body)
}

fn page(info: &Value, title: &str, secret: Option<&str>) -> Reply {
    let body = secret.map_or_else(String::new, |text| format!("<p><code>{}</code></p>", escape(text)));
    render(info, title, &body)
}

fn render(info: &Value, title: &str, body: &str) -> Reply {
    // Inside a script nothing may look like a tag, whatever a client put into its state.
    let info = info.to_string().replace('<', "\\u003c").replace('>', "\\u003e");
    let title = escape(title);
    Reply::Html(format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\n\
<script>var oAuthInfo = {info};</script>\n\
</head><body style=\"font:15px/1.5 system-ui,sans-serif;color:#222;margin:3rem auto;padding:0 1rem;max-width:24rem\">\
<h1>{title}</h1>{body}</body></html>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_sent_only_home() {
        let origin = "https://maps.example:7443";
        for good in
            ["https://maps.example:7443", "http://127.0.0.1:5000/cb?x=1", "http://[::1]:1/", OUT_OF_BAND]
        {
            assert!(may_redirect(good, origin), "{good}");
        }
        for bad in [
            "https://evil.test",
            "https://maps.example@evil.test",
            "https://maps.example.evil.test/",
            "https://evil.test\\@localhost",
            "http://localhost#x",
            "javascript:alert(1)",
            "//evil.test",
            "http://localhost/\r\nSet-Cookie:x",
        ] {
            assert!(!may_redirect(bad, origin), "{bad}");
        }
    }
}
