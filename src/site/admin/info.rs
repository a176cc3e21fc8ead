//! What the server says about itself.

use serde_json::{Value, json};

use super::Call;
use crate::auth::Role;
use crate::error::Result;
use crate::params::Params;
use crate::portal::SERVER_VERSION;
use crate::reply::Reply;

const FULL_VERSION: &str = "11.3.0";

/// Answers `rest/info`; clients see by it whether the server is federated.
pub(super) fn server(params: &Params, alone: bool) -> Value {
    let origin = params.origin();
    let tokens = if alone { "arcgis/tokens/generateToken" } else { "portal/sharing/rest/generateToken" };
    let mut info = json!({
        "currentVersion": SERVER_VERSION,
        "fullVersion": FULL_VERSION,
        "soapUrl": null,
        "secureSoapUrl": null,
        "authInfo": {
            "isTokenBasedSecurity": true,
            "tokenServicesUrl": format!("{origin}/{tokens}"),
            "shortLivedTokenValidity": 60,
        },
    });
    if !alone {
        info["owningSystemUrl"] = json!(format!("{origin}/portal"));
    }
    info
}

/// Answers `admin`.
pub(super) fn root() -> Value {
    json!({
        "resources": [
            "services", "uploads", "logs", "system", "data", "security", "info", "machines", "clusters", "mode"
        ],
        "currentVersion": SERVER_VERSION,
        "fullVersion": FULL_VERSION,
        "currentbuild": env!("CARGO_PKG_VERSION"),
        "acceptLanguage": null,
    })
}

/// Answers the small resources below `admin`; nothing for one that is unknown.
pub(super) fn route(call: &Call<'_>, path: &[&str]) -> Option<Result<Reply>> {
    let machine = call.params.origin().split("://").nth(1).unwrap_or_default();
    let machine = machine.split(':').next().unwrap_or_default().to_ascii_uppercase();
    let reply = match path {
        ["info"] => json!({
            "timezone": "UTC",
            "loggedInUser": &*call.caller.username,
            "loggedInUserPrivilege": if call.caller.is_administrator() { "ADMINISTER" } else { "PUBLISH" },
            "currentversion": SERVER_VERSION,
            "fullVersion": FULL_VERSION,
            "currentbuild": env!("CARGO_PKG_VERSION"),
        }),
        ["clusters"] => json!({ "clusters": [cluster(&machine)] }),
        ["clusters", "default"] => cluster(&machine),
        ["machines"] => {
            json!({ "machines": [{ "machineName": machine, "adminURL": null, "role": "server" }] })
        }
        ["machines", _] => json!({
            "machineName": machine,
            "configuredState": "STARTED",
            "synchronize": true,
            "platform": std::env::consts::OS,
        }),
        ["machines", _, "status"] => json!({ "configuredState": "STARTED", "realTimeState": "STARTED" }),
        ["mode"] => json!({ "siteMode": "EDITABLE", "copyConfigLocal": false, "lastModified": 0 }),
        ["system"] => json!({ "resources": ["properties", "directories"] }),
        ["system", "properties"] => json!({ "WebContextURL": format!("{}/server", call.params.origin()) }),
        ["system", "directories"] => json!({ "directories": [] }),
        ["logs"] => json!({ "resources": [] }),
        ["security"] => json!({ "resources": ["config", "users", "roles", "tokens"] }),
        ["security", rest @ ..] => return Some(security(call, rest)),
        _ => return None,
    };
    Some(Ok(reply.into()))
}

fn cluster(machine: &str) -> Value {
    json!({
        "clusterName": "default",
        "clusterProtocol": { "type": "TCP", "tcpClusterPort": "4004" },
        "configuredState": "STARTED",
        "machineNames": [machine],
        "configurationState": "STARTED",
    })
}

fn security(call: &Call<'_>, path: &[&str]) -> Result<Reply> {
    call.caller.require(Role::Administrator)?;
    let origin = call.params.origin();
    Ok(match path {
        ["config"] => json!({
            "securityEnabled": true,
            "authenticationMode": "ARCGIS_PORTAL_TOKEN",
            "authenticationTier": "ARCGIS_PORTAL",
            "allowDirectAccess": true,
            "portalProperties": { "portalUrl": format!("{origin}/portal"), "portalMode": "ARCGIS_PORTAL_FEDERATION" },
        }),
        ["tokens"] => json!({ "type": "BUILTIN", "properties": {} }),
        ["psa"] => json!({ "disabled": true }),
        ["users", ..] => json!({ "users": [], "hasMore": false }),
        ["roles", ..] => json!({ "roles": [], "hasMore": false }),
        _ => {
            return Err(crate::error::SiteError::not_found("Resource or operation not found.")
                .detail("people are administered in the portal"));
        }
    }
    .into())
}
