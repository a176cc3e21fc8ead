//! The staging settings that name a portal or a server.

use super::manifest::Manifest;
use super::{Portal, SharingDraft};

/// Settings that only drafts with a portal have.
const OF_PORTAL: &[&str] = &[
    "IsHostedServer",
    "AGSServerVersion",
    "AdminVersion",
    "PortalVersion",
    "IsPortal",
    "PortalURL",
    "UserName",
];
/// The version of staging for the newest servers.
const NEWEST: i64 = 330;

/// The version number that staging and servers compare, from the portal's own.
pub(super) fn runtime_version(portal_version: &str) -> i64 {
    let mut parts = portal_version.split('.').map(|part| part.parse::<i64>().unwrap_or(0));
    match (parts.next().unwrap_or(0), parts.next().unwrap_or(0), parts.next().unwrap_or(0)) {
        (10, 9, 1) => 209,
        (10, 9, _) => 208,
        (10, 8, 1) => 206,
        (10, 8, _) => 205,
        (10, 7, 1) => 204,
        (10, 7, _) => 203,
        (10, _, _) => 102,
        (11, minor @ 0..=2, _) => 300 + minor * 10,
        _ => NEWEST,
    }
}

/// What a draft without a target is for: the version of staging, and the word for it.
fn offline(draft: &SharingDraft) -> (i64, &'static str) {
    match draft.properties.text("offlineTarget").as_str() {
        "ENTERPRISE_11" => (NEWEST, "offlineSDVersion11x"),
        "ONLINE" => (NEWEST, "offlineSDVersionOnline"),
        _ => (209, "offlineSDVersion10x"),
    }
}

fn portal_settings(portal: &Portal) -> [(&'static str, String); 7] {
    let version = if portal.version.is_empty() { "11.2" } else { &portal.version };
    [
        ("IsHostedServer", "false".to_owned()),
        ("AGSServerVersion", if portal.is_portal { version } else { "11.2" }.to_owned()),
        ("AdminVersion", version.to_owned()),
        ("PortalVersion", version.to_owned()),
        ("IsPortal", portal.is_portal.to_string()),
        ("PortalURL", portal.address()),
        ("UserName", portal.user.clone()),
    ]
}

fn portal_runtime(portal: &Portal) -> i64 {
    if portal.is_portal && !portal.version.is_empty() { runtime_version(&portal.version) } else { NEWEST }
}

/// Settings of a hosted layer.
pub(super) fn to_portal(draft: &SharingDraft, manifest: &mut Manifest<'_>) {
    let kind = draft.kind().type_name();
    let Some(portal) = draft.portal() else {
        let (runtime, target) = offline(draft);
        manifest.staging.leave_out(OF_PORTAL).set("ServerRunTimeVersion", runtime.to_string());
        manifest.staging.add_before("exportTilesAllowed", "offlineSDVersion", target);
        return;
    };
    let url = portal.address();
    let connection = format!(
        "SERVERTYPE=esriAGSServerTypeAGO;CONNECTIONMODE=esriAGSConnectionModeAdmin;SERVERURL={url};\
         TOKENPROVIDERTYPE={url};REFERER=http://www.esri.com/AGO/{}",
        manifest.referer()
    );
    let staging = &mut manifest.staging;
    staging.set("ServerConnectionString", connection);
    for (key, value) in portal_settings(portal) {
        staging.set(key, value);
    }
    staging.set("ServerRunTimeVersion", portal_runtime(portal).to_string());
    let service = format!("{url}services/{}/{kind}", manifest.name);
    manifest.serve_at(&service);
    manifest.url = url;
}

/// Settings of a service on a server.
pub(super) fn to_server(draft: &SharingDraft, manifest: &mut Manifest<'_>) {
    let (runtime, target) = offline(draft);
    let Some(server) = draft.server() else {
        manifest.staging.set("ServerRunTimeVersion", runtime.to_string()).set("offlineSDVersion", target);
        return;
    };
    let connection = format!(
        "MESSAGEFORMAT=esriAGSInternetMessageFormatBin;SERVERTYPE=esriAGSServerTypeDiscovery;\
         CONNECTIONMODE=esriAGSConnectionModePublisher;SERVERURL={server}"
    );
    let known = draft.source.server.as_ref().map(|server| server.version.as_str()).unwrap_or_default();
    let portal = draft.portal().filter(|_| manifest_has_portal(draft));
    let runtime = match portal {
        _ if !known.is_empty() => runtime_version(known),
        Some(portal) => portal_runtime(portal),
        None => runtime,
    };
    let staging = &mut manifest.staging;
    if staging.get("ServerConnectionString").is_none() {
        staging.add_before("ConnectionFile", "ServerConnectionString", connection);
    } else {
        staging.set("ServerConnectionString", connection);
    }
    if let Some(found) = draft.source.server.as_ref().filter(|server| !server.connection_file.is_empty()) {
        staging.set("ConnectionFile", found.connection_file.as_str());
    }
    staging.set("ServerRunTimeVersion", runtime.to_string()).leave_out(&["offlineSDVersion"]);
    // No genuine draft of a map image layer is known: these are the keys of hosted layers, in their place.
    for (key, value) in portal.into_iter().flat_map(portal_settings) {
        staging.add_before("HasBDAW", key, value);
    }
    let folder = draft.properties.text("serverFolder");
    let path = if folder.is_empty() { manifest.name.clone() } else { format!("{folder}/{}", manifest.name) };
    manifest.serve_at(&format!("{server}/services/{path}/{}", draft.kind().type_name()));
}

fn manifest_has_portal(draft: &SharingDraft) -> bool {
    draft.properties.text("serverType") == "FEDERATED_SERVER"
}
