//! `info`, the version, and what the whole site says about how to sign in.

use serde_json::{Value, json};

use crate::params::Params;

/// The version that the services name.
pub(crate) const SERVER_VERSION: f64 = 11.3;
/// The version that the portal names.
pub(crate) const PORTAL_VERSION: &str = "2024.1";

/// Answers `/sharing/rest`.
pub(crate) fn root() -> Value {
    json!({ "currentVersion": PORTAL_VERSION })
}

/// Answers `/sharing/rest/info`.
pub(crate) fn info(params: &Params) -> Value {
    let origin = params.origin();
    json!({
        "owningSystemUrl": format!("{origin}/portal"),
        "authInfo": {
            "tokenServicesUrl": format!("{origin}/portal/sharing/rest/generateToken"),
            "isTokenBasedSecurity": true,
        },
    })
}
