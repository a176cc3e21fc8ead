//! The organisation: `portals/self` and what hangs below it.

use serde_json::{Value, json};

use super::info::PORTAL_VERSION;
use crate::auth::Role;
use crate::error::{Result, SiteError};
use crate::params::Params;
use crate::reply::Reply;
use crate::state::{Context, groups, users};

/// Answers `portals/...`; the segments are in lower case.
pub(super) fn route(context: &Context, params: &Params, segments: &[&str]) -> Result<Reply> {
    let ours = context.portal_id().to_ascii_lowercase();
    match segments {
        ["portals", id, ..] if *id != "self" && *id != ours => {
            Err(SiteError::not_found("The organization does not exist or is inaccessible."))
        }
        ["portals", _] => Ok(organisation(context, params)?.into()),
        ["portals", _, "servers"] => servers(context, params),
        ["portals", _, "servers", "computeprivateserviceurl"] => {
            // No service of ours has an address of its own for the organisation.
            Ok(json!({ "privateServiceUrl": params.text("serviceUrl") }).into())
        }
        ["portals", _, "urls"] => {
            let host = host(params);
            Ok(json!({ "urls": { "features": { "http": [host], "https": [host] } } }).into())
        }
        ["portals", _, "isservicenameavailable"] => is_name_available(context, params),
        ["portals", _, "users"] => list_users(context, params),
        ["portals", _, "roles"] => Ok(list("roles", &[]).into()),
        ["portals", _, "resources"] => Ok(list("resources", &[]).into()),
        ["portals", _, "subscriptioninfo"] => {
            params.require_caller()?;
            Ok(json!({ "id": context.portal_id(), "type": "ArcGIS Enterprise", "state": "active" }).into())
        }
        ["portals", _, "settings"] => {
            Ok(json!({ "sharingRules": null, "allowedRedirectUris": [], "clearEmptyFields": true }).into())
        }
        ["portals", _, "categoryschema"] => Ok(json!({ "categorySchema": [] }).into()),
        _ => Err(SiteError::not_found("Unknown resource of the organization.")),
    }
}

fn host(params: &Params) -> &str {
    params.origin().split_once("://").map_or("localhost", |(_, host)| host)
}

fn organisation(context: &Context, params: &Params) -> Result<Value> {
    let origin = params.origin();
    let extent = json!({
        "type": "extent", "xmin": -20_037_508.34, "ymin": -20_037_508.34,
        "xmax": 20_037_508.34, "ymax": 20_037_508.34, "spatialReference": { "wkid": 102_100 },
    });
    let mut reply = json!({
        "access": "public",
        "allSSL": false,
        "allowedRedirectUris": [],
        "analysisLayersGroupQuery": "",
        "authorizedCrossOriginDomains": [],
        "authorizedCrossOriginNoCorsDomains": [],
        "basemapGalleryGroupQuery": "",
        "canListApps": false,
        "canListData": false,
        "canListPreProvisionedItems": false,
        "canProvisionDirectPurchase": false,
        "canSearchPublic": false,
        "canShareBingPublic": false,
        "canSharePublic": true,
        "canSignInArcGIS": true,
        "canSignInIDP": false,
        "clearEmptyFields": true,
        "commentsEnabled": false,
        "culture": "en",
        "cultureFormat": "us",
        "currentVersion": PORTAL_VERSION,
        "customBaseUrl": "",
        "default3DBasemapQuery": "",
        "defaultBasemap": { "title": "None", "baseMapLayers": [] },
        "defaultExtent": extent,
        "description": "",
        "eueiEnabled": false,
        "featuredGroups": [],
        "hasCategorySchema": false,
        "helperServices": {
            "geocode": [],
            "geometry": null,
            "printTask": null,
        },
        "homePageFeaturedContent": "",
        "httpPort": 80,
        "httpsPort": 443,
        "id": context.portal_id(),
        "isPortal": true,
        "isReadOnly": false,
        "livingAtlasGroupQuery": "",
        "name": context.portal_name(),
        "platform": "geosharing",
        "portalHostname": format!("{}/portal", host(params)),
        "portalMode": "singletenant",
        "portalName": context.portal_name(),
        "portalProperties": {},
        "portalThumbnail": null,
        "region": "WO",
        "rotatorPanels": [],
        "showHomePageDescription": false,
        "staticImagesUrl": format!("{origin}/portal/images"),
        "supportsHostedServices": true,
        "supportsOAuth": true,
        "supportsSceneServices": false,
        "thumbnail": null,
        "units": "metric",
        "urlKey": null,
        "use3dBasemaps": false,
        "useStandardizedQuery": true,
    });
    if let Some(caller) = params.caller()? {
        reply["appInfo"] = json!({ "appId": "arcgisonline" });
        reply["availableCredits"] = json!(0);
        reply["user"] = user(context, &caller.username)?;
        reply["subscriptionInfo"] =
            json!({ "id": context.portal_id(), "type": "ArcGIS Enterprise", "state": "active" });
    }
    Ok(reply)
}

fn user(context: &Context, username: &str) -> Result<Value> {
    context.database().read(|connection| {
        let user = users::find(connection, username)?.ok_or_else(SiteError::invalid_token)?;
        let mut shown = user.to_json(context.portal_id());
        shown["groups"] = groups::of_user(connection, username)?
            .iter()
            .map(|(group, role)| group.to_json(Some(role)))
            .collect();
        Ok(shown)
    })
}

fn servers(context: &Context, params: &Params) -> Result<Reply> {
    params.require_caller()?;
    let origin = params.origin();
    Ok(json!({
        "servers": [{
            "id": context.portal_id(),
            "name": host(params),
            "url": format!("{origin}/server"),
            "adminUrl": format!("{origin}/server"),
            "isHosted": true,
            "serverKey": null,
            "serverType": "ARCGIS",
            "serverRole": "HOSTING_SERVER",
            "serverFunction": "",
        }]
    })
    .into())
}

fn is_name_available(context: &Context, params: &Params) -> Result<Reply> {
    params.require_caller()?;
    let name = params.require("name")?;
    let kind = server_type(params.text("type").unwrap_or("Feature Service"));
    let available = context.services().find("Hosted", name, kind).is_none();
    Ok(json!({ "available": available }).into())
}

/// Returns the type below `/rest/services` of what items call `Feature Service` and drafts `featureService`.
pub(crate) fn server_type(item_type: &str) -> &'static str {
    match item_type.replace(' ', "").to_ascii_lowercase().as_str() {
        "mapservice" | "mapserver" => "MapServer",
        "imageservice" | "imageserver" => "ImageServer",
        "sceneservice" | "sceneserver" => "SceneServer",
        "vectortileservice" | "vectortileserver" => "VectorTileServer",
        "geoprocessingservice" | "gpserver" => "GPServer",
        "geocodingservice" | "geocodeserver" => "GeocodeServer",
        _ => "FeatureServer",
    }
}

fn list_users(context: &Context, params: &Params) -> Result<Reply> {
    params.require_caller()?.require(Role::Publisher)?;
    let all = context.database().read(users::all)?;
    let shown: Vec<Value> = all.iter().map(|user| user.to_json(context.portal_id())).collect();
    Ok(list("users", &shown).into())
}

fn list(name: &str, values: &[Value]) -> Value {
    let total = values.len();
    json!({ "total": total, "start": 1, "num": total, "nextStart": -1, name: values })
}
