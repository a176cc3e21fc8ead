//! What properties do to drafts of maps, tiles, images; what contradicts.

use serde_json::{Value, json};

use super::super::*;
use crate::analyze::Severity;
use crate::sddraft::table::ServiceKind;
use crate::sddraft::{Document, PropertySet};

fn map(kind: ServiceKind, settings: &[(&str, Value)]) -> SharingDraft {
    let source = json!({
        "document": "/p/Roads.aprx", "folder": "/p", "cim_path": "CIMPATH=map/map.json", "map_name": "Map",
        "extent": {"xmin": 0.0, "ymin": 0.0, "xmax": 50_000.0, "ymax": 40_000.0},
        "members": [
            {"uri": "CIMPATH=map/roads.json", "long_name": "Roads", "kind": "feature"},
            {"uri": "CIMPATH=map/dem.json", "long_name": "Heights", "kind": "raster", "type_name": "CIMRasterLayer"}
        ],
        "text": {"summary": "s", "tags": "t"},
        "portal": {"url": "https://gis/portal", "user": "me", "version": "11.1", "is_portal": true}
    });
    let mut draft = SharingDraft::of(kind, "Roads", serde_json::from_value(source).unwrap()).unwrap();
    for (name, value) in settings {
        draft.properties.set(name, value).unwrap();
    }
    draft
}

fn value(document: &Document, set: PropertySet<'_>, key: &str) -> String {
    document.property(set, key).unwrap_or_else(|| "absent".into())
}

#[test]
fn a_map_image_layer_goes_to_its_federated_server() {
    let url = json!("https://gis/server/");
    let mut draft =
        map(ServiceKind::MapImage, &[("federatedServerUrl", url), ("serverFolder", json!("Water"))]);
    draft.properties.set("copyDataToServer", &json!("true")).unwrap();
    draft.properties.set("portalFolder", &json!("Mine")).unwrap();
    let document = draft.to_document().unwrap();
    let staging = |key: &str| value(&document, PropertySet::Staging, key);
    assert!(staging("ServerConnectionString").ends_with("SERVERURL=https://gis/server"));
    assert_eq!(
        ["PortalURL", "UserName", "ServerRunTimeVersion"].map(staging),
        ["https://gis/portal/", "me", "310"]
    );
    assert_eq!(staging("IncludeDataInSDFile"), "TRUE");
    assert_eq!(staging("PortalFolderName"), "Mine");
    assert!(!document.by_reference());
    assert_eq!(document.service_folder(), "Water");
    assert_eq!(
        value(&document, PropertySet::ExtensionProps("FeatureServer"), "onlineResource"),
        "https://gis/server/services/Water/Roads/MapServer/FeatureServer"
    );
    assert!(draft.check().iter().all(|found| found.severity != Severity::Error), "{:?}", draft.check());
}

#[test]
fn without_a_server_a_draft_says_what_is_missing() {
    for kind in [ServiceKind::MapImage, ServiceKind::MapService] {
        let found = map(kind, &[]).check();
        assert!(found[0].text.starts_with("Missing target server"), "{kind:?}");
        assert!(map(kind, &[("offline", json!(true))]).check().is_empty(), "{kind:?}");
    }
}

#[test]
fn nested_properties_reach_their_places() {
    let document = map(
        ServiceKind::MapService,
        &[
            ("offline", json!(true)),
            ("extension.feature.isEnabled", json!(true)),
            ("extension.feature.featureCapabilities", json!("Query, create")),
            ("extension.feature.zDefault.value", json!(7.5)),
            ("extension.wms.isEnabled", json!(true)),
            ("extension.wms.title", json!("Water & roads")),
            ("pooling.type", json!("shared")),
            ("pooling.maxInstances", json!(4)),
            ("mapOperations", json!("Map,Query")),
            ("cache.exportTiles", json!(true)),
            ("cache.exportTilesCount", json!(50)),
            ("enableCache", json!(true)),
            ("cache.useExistingCache", json!(true)),
            ("timezone.ID", json!("UTC")),
        ],
    )
    .to_document()
    .unwrap();
    let feature = PropertySet::ExtensionInfo("FeatureServer");
    assert_eq!(value(&document, feature, "WebCapabilities"), "Query,Create");
    assert_eq!(value(&document, PropertySet::ExtensionProps("FeatureServer"), "zDefaultValue"), "7.5");
    assert_eq!(value(&document, PropertySet::ExtensionProps("WMSServer"), "title"), "Water & roads");
    let on: Vec<String> = document
        .extensions()
        .into_iter()
        .filter(|found| found.enabled)
        .map(|found| found.type_name)
        .collect();
    assert_eq!(on, ["WMSServer", "FeatureServer"]);
    assert_eq!(value(&document, PropertySet::Props, "provider"), "DMaps");
    assert_eq!(value(&document, PropertySet::Props, "MaxInstances"), "4");
    assert_eq!(value(&document, PropertySet::Info, "WebCapabilities"), "Map,Query");
    let configuration = |key| value(&document, PropertySet::Configuration, key);
    assert_eq!(configuration("isCached"), "true");
    assert_eq!(configuration("exportTilesAllowed"), "true");
    assert_eq!(configuration("maxExportTilesCount"), "50");
    assert_eq!(configuration("dateFieldsTimezoneID"), "UTC");
    assert_eq!(document.text_at("KeepExistingMapCache").unwrap(), "true");
    assert!(document.to_text().contains("<Key>maxExportTilesCount</Key><Value xsi:type='xs:int'>50<"));
}

#[test]
fn a_tiling_scheme_file_describes_the_cache() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scheme.xml");
    let scheme = crate::tiling::TilingScheme::web_mercator(3).drawn("JPEG", 80, false);
    std::fs::write(&file, scheme.to_xml()).unwrap();
    let path = file.to_str().unwrap();
    let document = map(ServiceKind::Tile, &[("cache.configuration", json!(path))]).to_document().unwrap();
    assert_eq!(document.select("CacheSchema/TileCacheInfo/LODInfos/LODInfo").len(), 3);
    assert_eq!(document.select("InitCacheLevels/InitialCacheInfos/SVCInitialCacheInfo").len(), 3);
    assert_eq!(document.text_at("CacheSchema/TileImageInfo/CompressionQuality").unwrap(), "80");
    assert_eq!(document.staging("TileCacheSchemaFile").as_deref(), Some(path));
    let wrong = map(ServiceKind::Tile, &[("cache.configuration", json!("/no/scheme.xml"))]).to_document();
    assert!(wrong.unwrap_err().to_string().contains("/no/scheme.xml"));
}

#[test]
fn a_subset_is_listed_and_rasters_belong_to_maps_only() {
    let mut draft = map(ServiceKind::MapService, &[("offline", json!(true))]);
    assert_eq!(draft.to_document().unwrap().layer_uris(), [""; 0]);
    draft.source.subset = true;
    let listed = ["CIMPATH=map/roads.json", "CIMPATH=map/dem.json"];
    assert_eq!(draft.to_document().unwrap().layer_uris(), listed);
    assert_eq!(map(ServiceKind::Tile, &[]).to_document().unwrap().layer_uris(), listed);
    assert_eq!(map(ServiceKind::Feature, &[]).to_document().unwrap().layer_uris(), listed[..1]);
}

#[test]
fn contradictions_are_named_with_both_properties() {
    let texts = |settings: &[(&str, Value)]| -> Vec<(Severity, String)> {
        let found = map(ServiceKind::MapService, settings).contradictions();
        found.into_iter().map(|found| (found.severity, found.text)).collect()
    };
    assert!(texts(&[("offline", json!(true)), ("offlineTarget", json!("ENTERPRISE_11"))]).is_empty());
    let pool = texts(&[("pooling.minInstances", json!(5))]);
    assert_eq!(pool[0].0, Severity::Error);
    assert!(pool[0].1.contains("`pooling.minInstances` is 5 and `pooling.maxInstances` is 2"));
    for (settings, said) in [
        (("cache.useExistingCache", json!(true)), "while `enableCache` is False"),
        (("extension.wfs.title", json!("x")), "`extension.wfs.isEnabled` is False"),
        (("offlineTarget", json!("ENTERPRISE_11")), "while `offline` is False"),
    ] {
        let found = texts(&[settings]);
        assert!(
            found.len() == 1 && found[0].0 == Severity::Warning && found[0].1.contains(said),
            "{found:?}"
        );
    }
}

#[test]
fn an_extension_that_no_untouched_draft_has_is_added_when_it_is_switched_on() {
    let rows: Vec<&str> =
        crate::sddraft::table::rows(ServiceKind::MapService).map(|row| row.property).collect();
    for property in rows.iter().filter(|name| name.ends_with("isEnabled")) {
        let document = map(ServiceKind::MapService, &[("offline", json!(true)), (property, json!(true))])
            .to_document()
            .unwrap();
        let on: Vec<_> = document.extensions().into_iter().filter(|found| found.enabled).collect();
        assert_eq!(on.len(), 1, "{property}");
        assert!(!on[0].type_name.is_empty() && on[0].info[0].0.eq_ignore_ascii_case("WebEnabled"));
    }
}

#[test]
fn kinds_without_a_draft_file_say_so() {
    let refused = map(ServiceKind::Scene, &[]).to_document().unwrap_err().to_string();
    assert!(refused.contains("no draft file of `SCENE_LAYER`"), "{refused}");
}
