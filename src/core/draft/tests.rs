//! The drafts that we write against what ArcGIS Pro 3.3 writes (reference: Annex A, FEATURE).

mod genuine;
mod kinds;

use serde_json::{Value, json};

use super::*;
use crate::analyze::Severity;
use crate::sddraft::table::{self, ServiceKind};
use crate::sddraft::{Document, PropertySet, ServerType, to_service_configuration};

fn source() -> MapSource {
    serde_json::from_value(json!({
        "document": r"C:\project\Roads.aprx", "folder": r"C:\project", "cim_path": "CIMPATH=map/map.json",
        "map_name": "Map", "machine": "PC",
        "extent": {"xmin": 1.5, "ymin": 2.0, "xmax": 3.0, "ymax": 4.25},
        "members": [
            {"uri": "CIMPATH=map/roads.json", "long_name": "Net\\Roads", "kind": "feature"},
            {"uri": "CIMPATH=map/base.json", "long_name": "Base", "kind": "other", "type_name": "CIMTiledServiceLayer"},
            {"uri": "CIMPATH=map/signs.json", "long_name": "Signs", "kind": "feature"},
            {"uri": "CIMPATH=map/list.json", "long_name": "List", "kind": "table"}
        ],
        "text": {"summary": "from the map", "tags": "a, b", "credits": "us & them"},
        "portal": {"url": "https://www.arcgis.com", "user": "me", "version": "2024.2"}
    }))
    .unwrap()
}

fn draft() -> FeatureSharingDraft {
    FeatureSharingDraft::new("Roads", source()).unwrap()
}

fn with(settings: &[(&str, Value)]) -> Document {
    let mut draft = draft();
    for (name, value) in settings {
        draft.properties.set(name, value).unwrap();
    }
    draft.to_document().unwrap()
}

fn keys(document: &Document, set: PropertySet<'_>) -> String {
    document.properties(set).into_iter().map(|(key, _)| key).collect::<Vec<_>>().join(" ")
}

fn children(document: &Document, path: &str) -> String {
    let tree = document.tree();
    let id = document.find(path).unwrap();
    tree.children(id).map(|id| tree.name(id)).collect::<Vec<_>>().join(" ")
}

#[test]
fn elements_and_keys_stand_in_the_products_order() {
    let document = with(&[]);
    assert_eq!(
        children(&document, "."),
        "Databases Resources ID Name OnPremisePath StagingPath ServerPath InPackagePath ByReference Type State \
         ServerType DataFolder StagingSettings TemplateSettings KeepExistingData KeepExistingMapCache \
         ClientHostName OnServerName Configurations CacheSchema ItemInfo Metadata"
    );
    assert_eq!(
        children(&document, "Resources/SVCResource"),
        "ID Name OnPremisePath StagingPath ServerPath InPackagePath OnServerName ClientName CIMPath RepositoryID"
    );
    assert_eq!(
        children(&document, "ItemInfo"),
        "Name GUID Type TypeID TypeKeywords TypeFilters TypeInfo CatalogPath physicalPath Title Description Tags \
         Snippet Url Extent SpatialReference AccessInformation MinScale MaxScale Credits spatialReference"
    );
    assert_eq!(
        children(&document, "Configurations/SVCConfiguration/Definition"),
        "Description ConfigurationProperties Info Props RecyclingInterval RecyclingStart Extensions Cluster"
    );
    assert_eq!(
        keys(&document, PropertySet::Staging),
        "PackageUnderMyContent PackageUnderMyOrg PackageIsPublic PackageShareGroups PackageGroupIDs \
         ServerConnectionString SaveToSDFile IncludeDataInSDFile dataInGdb datasetInspected creatorPresent \
         hasEditorTrackingDates hasEditorField hasEditorTrackingDatesInUTC hasEditorTrackingDatesInDbTimezone \
         PackageLayerList preserveEditUsersAndTimestamps SDCreatorVersion GeodataServiceName ServiceSubType \
         ServiceTitle PackageTableList CallingContext IsHostedServer AGSServerVersion AdminVersion PortalVersion \
         IsPortal ServerRunTimeVersion PortalURL UserName HasBDAW cdwLayerInitInfo DropNonReferencedTables \
         exportTilesAllowed useMapServiceLayerID WriteCIMSymbolsToWebLayer"
    );
    assert_eq!(
        keys(&document, PropertySet::Configuration),
        "supportedImageReturnTypes maxRecordCount exportTilesAllowed maxExportTilesCount cacheOnDemand \
         clientCachingAllowed antialiasingMode textAntialiasingMode minScale maxScale isCached ignoreCache \
         allowGeometryUpdates allowTrueCurvesUpdates onlyAllowTrueCurveUpdatesByTrueCurveClients EnableZDefaults \
         zDefaultValue allowUpdateWithoutMValues"
    );
    assert_eq!(keys(&document, PropertySet::Info), "webCapabilities webEnabled");
    assert_eq!(keys(&document, PropertySet::ExtensionInfo("FeatureServer")), "WebEnabled WebCapabilities");
    assert_eq!(keys(&document, PropertySet::Props), "");
}

#[test]
fn the_bytes_are_in_the_products_style() {
    let text = with(&[]).to_text();
    assert!(text.starts_with(
        "<SVCManifest xsi:type='typens:SVCManifest' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' \
         xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns:typens='http://www.esri.com/schemas/ArcGIS/3.3.0'>\
         <Databases xsi:type='typens:ArrayOfSVCDatabase'></Databases>"
    ));
    let outside = text.split("<XmlDoc>").next().unwrap();
    assert!(!outside.contains('\n') && !outside.contains("/>") && !outside.contains("> <"));
    assert!(!text.contains('"'), "quotes are written as &quot;");
    assert!(text.contains("<Key>maxScale</Key><Value xsi:type='xs:double'>4513.9887049999998</Value>"));
    assert!(text.contains("<Key>CallingContext</Key><Value xsi:type='xs:int'>3</Value>"));
    assert!(text.contains("us &amp; them"));
    assert_eq!(text.matches("<Key>").count(), text.matches("<Value").count());
}

#[test]
fn the_first_of_each_name_is_the_services_own() {
    let text = with(&[]).to_text();
    for (name, owner) in
        [("<Info ", "<Extensions "), ("<Type>", "<ItemInfo "), ("<Name>Roads<", "<Configurations ")]
    {
        assert!(text.find(name) < text.find(owner), "{name}");
    }
}

#[test]
fn the_same_draft_is_the_same_file() {
    assert_eq!(with(&[]).to_text(), with(&[]).to_text());
    let mut other = draft();
    other.source.members.pop();
    assert_ne!(other.to_document().unwrap().id(), with(&[]).id());
    let id = with(&[]).id();
    assert_eq!(id.len(), 36);
    assert_eq!(id, id.to_uppercase());
}

#[test]
fn the_draft_names_its_map_its_layers_and_its_portal() {
    let document = with(&[]);
    assert_eq!(document.server_type(), ServerType::Hosted);
    assert_eq!(document.type_name(), "FeatureServer");
    assert_eq!(document.resource().on_premise_path, r"C:\project\Roads.aprx");
    assert_eq!(document.resource().name, "map.json");
    assert_eq!(document.layer_uris(), ["CIMPATH=map/roads.json", "CIMPATH=map/signs.json"]);
    assert_eq!(document.table_uris(), ["CIMPATH=map/list.json"]);
    assert_eq!(document.item_info().extent, Some([1.5, 2.0, 3.0, 4.25]));
    assert_eq!(document.item_info().wkid, 102_100);
    assert_eq!(document.item_info().url, "https://www.arcgis.com/");
    let connection = document.staging("ServerConnectionString").unwrap();
    assert!(connection.contains("SERVERURL=https://www.arcgis.com/;TOKENPROVIDERTYPE="));
    assert_eq!(document.staging("ServerRunTimeVersion").as_deref(), Some("330"));
}

#[test]
fn an_offline_draft_names_no_portal() {
    let document = with(&[("offline", json!(true)), ("offlineTarget", json!("ENTERPRISE_11"))]);
    assert_eq!(document.staging("ServerConnectionString").as_deref(), Some(""));
    assert_eq!(document.staging("PortalURL"), None);
    assert_eq!(document.staging("offlineSDVersion").as_deref(), Some("offlineSDVersion11x"));
    assert!(!document.to_text().contains("arcgis.com/<"));
}

#[test]
fn every_property_is_written_where_the_table_says_and_read_back() {
    let settings = [
        ("serviceName", json!("Other")),
        ("summary", json!("S <1>")),
        ("tags", json!("one; two,three, ")),
        ("description", json!("D")),
        ("credits", json!("C")),
        ("useLimitations", json!("U")),
        ("overwriteExistingService", json!("true")),
        ("portalFolder", json!("Folder")),
        ("featureCapabilities", json!("Query,Create,Update,Delete,Editing,Sync")),
        ("allowExporting", json!(true)),
        ("maxRecordCount", json!("10000")),
        ("allowUpdateWithoutMValues", json!(false)),
        ("approvePublicDataCollection", json!(true)),
        ("checkUniqueIDAssignment", json!(true)),
        ("preserveEditUsersAndTimestamps", json!(true)),
        ("useCIMSymbols", json!(1)),
        ("sharing.sharingLevel", json!("everyone")),
        ("sharing.groups", json!(["g1", "g2"])),
        ("timezone.ID", json!("UTC")),
        ("timezone.DaylightSavingTime", json!(false)),
        ("timezone.preferredTimezoneID", json!("Pacific Standard Time")),
        ("timezone.preferredTimezoneIDDaylightSavingTime", json!(true)),
        ("zDefault.enable", json!(false)),
        ("zDefault.value", json!(12.5)),
    ];
    let document = with(&settings);
    let read = |name: &str| table::read(&document, table::row(ServiceKind::Feature, name).unwrap()).unwrap();
    for (name, value) in &settings {
        let wanted = match *name {
            "overwriteExistingService" | "useCIMSymbols" => json!(true),
            "maxRecordCount" => json!(10000),
            "sharing.sharingLevel" => json!("EVERYONE"),
            "sharing.groups" => json!("g1,g2"),
            "tags" => json!("one, two, three, "),
            "featureCapabilities" => json!("Query,Extract,Create,Update,Delete,Editing,Sync"),
            _ => value.clone(),
        };
        assert_eq!(read(name), wanted, "{name}");
    }
    for row in table::rows(ServiceKind::Feature) {
        for place in row.places {
            assert!(document.find(&place.xpath()).is_some(), "{}: {}", row.property, place.xpath());
        }
    }
    assert!(document.replaces_existing());
    assert_eq!(document.service_folder(), "Folder");
    assert_eq!(document.staging("PackageShareGroups").as_deref(), Some("true"));
    let service = &to_service_configuration(&document)["service"];
    for row in table::rows(ServiceKind::Feature).filter(|row| row.service_json.is_some()) {
        let pointer = format!("/{}", row.service_json.unwrap().replace('.', "/"));
        let found = service.pointer(&pointer).or_else(|| (pointer == "/folderName").then_some(service));
        assert!(found.is_some(), "{pointer}");
    }
    assert_eq!(service["properties"]["maxRecordCount"], "10000");
}

#[test]
fn unset_properties_take_their_defaults_and_the_words_of_the_map() {
    let document = with(&[]);
    let info = document.item_info();
    assert_eq!((info.snippet.as_str(), info.credits.as_str()), ("from the map", "us & them"));
    assert_eq!(info.tags, ["a", "b"]);
    assert_eq!(document.configuration_property("dateFieldsTimezoneID"), None);
    assert_eq!(document.staging("PackageGroupIDs").as_deref(), Some("false"));
    for row in table::rows(ServiceKind::Feature) {
        let known = ["summary", "tags", "credits", "serviceName"].contains(&row.property);
        if let Some(value) = table::read(&document, row).filter(|_| !known) {
            assert_eq!(value, row.default.to_value(), "{}", row.property);
        }
    }
}

#[test]
fn extract_in_the_capabilities_allows_exporting_unless_the_script_forbids_it() {
    let capabilities = |document: &Document| document.property(PropertySet::Info, "webCapabilities").unwrap();
    let document = with(&[("featureCapabilities", json!("Query,Extract"))]);
    assert_eq!(capabilities(&document), "Query,Extract");
    assert_eq!(document.staging("exportTilesAllowed").as_deref(), Some("true"));
    let document = with(&[("featureCapabilities", json!("Query,Extract")), ("allowExporting", json!(false))]);
    assert_eq!(capabilities(&document), "Query");
    assert_eq!(capabilities(&with(&[("allowExporting", json!(true))])), "Query,Extract");
}

#[test]
fn a_name_with_spaces_is_published_with_underscores_and_keeps_its_title() {
    let document = FeatureSharingDraft::new("Roads of town", source()).unwrap().to_document().unwrap();
    assert_eq!(document.service_name(), "Roads_of_town");
    assert_eq!(document.item_info().title, "Roads of town");
}

#[test]
fn read_only_and_unknown_properties_are_refused_by_name() {
    let mut draft = draft();
    let text = draft.properties.set("serverType", &json!("X")).unwrap_err().to_string();
    assert!(text.contains("read-only"));
    let text = draft.properties.get("sumary").unwrap_err().to_string();
    assert_eq!(text, "`FeatureSharingDraft` has no property `sumary`; did you mean `summary`?");
}

fn findings(change: impl FnOnce(&mut FeatureSharingDraft)) -> Vec<(Severity, u32, Vec<String>)> {
    let mut draft = draft();
    change(&mut draft);
    draft.check().into_iter().map(|found| (found.severity, found.code, found.objects)).collect()
}

#[test]
fn a_draft_without_a_portal_says_so_unless_it_is_made_offline() {
    assert_eq!(findings(|_| {}), []);
    assert_eq!(findings(|draft| draft.source.portal = None), [(Severity::Error, 0, vec![])]);
    let offline = findings(|draft| {
        draft.source.portal = None;
        draft.properties.set("offline", &json!(true)).unwrap();
    });
    assert_eq!(offline, []);
}

#[test]
fn a_portals_version_decides_the_runtime_version() {
    let runtime = |version: &str| {
        let mut draft = draft();
        draft.source.portal = Some(Portal {
            version: version.into(),
            is_portal: true,
            url: "https://p/portal".into(),
            user: "u".into(),
        });
        draft.to_document().unwrap().staging("ServerRunTimeVersion").unwrap()
    };
    assert_eq!(["10.9.1", "11.1", "11.3", "11.5"].map(runtime), ["209", "310", "330", "330"]);
}

#[test]
fn a_geographic_reference_has_its_left_longitude_and_authority() {
    let mut draft = draft();
    draft.source.spatial_reference = Some(Reference {
        wkid: 4283,
        wkt: "GEOGCS[\"GCS_GDA_1994\",DATUM[\"D_GDA_1994\",SPHEROID[\"GRS_1980\",6378137.0,298.257222101]]]"
            .into(),
        ..Reference::default()
    });
    let document = draft.to_document().unwrap();
    assert_eq!(
        children(&document, "ItemInfo/SpatialReference"),
        "WKT XOrigin YOrigin XYScale ZOrigin ZScale MOrigin MScale XYTolerance ZTolerance MTolerance \
         HighPrecision LeftLongitude WKID LatestWKID"
    );
    assert!(document.item_info().wkt.ends_with(",AUTHORITY[\"EPSG\",4283]]"));
    assert_eq!(document.text_at("ItemInfo/SpatialReference/XYScale").unwrap(), "999999999.99999988");
}
