//! Descriptions read, checked, written; and the identities between their forms.

mod faults;
mod generated;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{ServiceDescription, blank};
use crate::sddraft::table::Form;
use crate::sddraft::{Document, diff};

/// The request of the documentation of Create Service.
fn documented() -> Value {
    json!({
        "serviceName": "Test",
        "type": "MapServer",
        "description": "my map service",
        "capabilities": "map,query,data",
        "clusterName": "default",
        "minInstancesPerNode": 1,
        "maxInstancesPerNode": 2,
        "maxWaitTime": 60,
        "maxStartupTime": 300,
        "maxIdleTime": 1800,
        "maxUsageTime": 600,
        "recycleInterval": 24,
        "loadBalancing": "ROUND_ROBIN",
        "isolationLevel": "HIGH",
        "properties": {
            "maxBufferCount": "100",
            "virtualCacheDir": "https://server:6080/arcgis/server/arcgiscache",
            "maxImageHeight": "2048",
            "maxRecordCount": "1000",
            "filePath": "\\\\machine\\data\\Corine\\CORINE6.msd",
            "maxImageWidth": "2048",
            "cacheOnDemand": "false",
            "virtualOutputDir": "https://server:6080/arcgis/server/arcgisoutput",
            "outputDir": "C:\\arcgisserver\\arcgisoutput",
            "supportedImageReturnTypes": "MIME+URL",
            "isCached": "false",
            "ignoreCache": "false",
            "clientCachingAllowed": "false",
            "cacheDir": "C:\\arcgisserver\\arcgiscache\\Corine"
        },
        "extensions": [
            {
                "typeName": "KmlServer",
                "enabled": true,
                "capabilities": "SingleImage,SeparateImages,Vectors",
                "properties": {
                    "minRefreshPeriod": "30",
                    "compatibilityMode": "GoogleEarth",
                    "imageSize": "1024",
                    "dpi": "96",
                    "endPointURL": "",
                    "featureLimit": "1000000",
                    "useDefaultSnippets": "false"
                }
            },
            {
                "typeName": "WFSServer",
                "enabled": true,
                "capabilities": "",
                "properties": {
                    "appSchemaURI": "https://grid5:6080/arcgis",
                    "appSchemaPrefix": "arcgis",
                    "enableTransactions": "false"
                }
            },
            { "typeName": "WCSServer", "enabled": false, "capabilities": "", "properties": {} }
        ],
        "frameworkProperties": { "javaHeapSize": "64" }
    })
}

fn corpus() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = ["map_service_pro30.sddraft", "hosted_feature_pro23.sddraft"];
    let own = own.map(|name| root.join("../../tests/fixtures/sddraft").join(name));
    let Ok(entries) = std::fs::read_dir(root.join("../../../shared/corpus/sddraft")) else {
        println!("skipped: the corpus is not here");
        return own.to_vec();
    };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.filter(|path| path.extension().is_some_and(|end| end == "sddraft")).chain(own).collect()
}

/// A draft with nothing between its elements, so that two of them can be compared.
fn canonical(draft: &Document) -> String {
    super::envelope::value(draft).to_string()
}

#[test]
fn the_request_of_the_documentation_is_accepted_and_read_back_equal() {
    let description = ServiceDescription::from_json(&documented().to_string()).unwrap();
    assert_eq!(description.validate(), []);
    let mut expected = documented();
    // Servers write flags of extensions as texts.
    expected["extensions"][0]["enabled"] = "true".into();
    expected["extensions"][1]["enabled"] = "true".into();
    expected["extensions"][2]["enabled"] = "false".into();
    assert_eq!(description.to_json(), expected);
    let again = ServiceDescription::from_json(&description.to_json().to_string()).unwrap();
    assert_eq!(again.to_json(), expected);
}

#[test]
fn strings_and_typed_values_say_the_same() {
    let typed = json!({
        "serviceName": "A", "type": "MapServer", "minInstancesPerNode": "1", "private": "true",
        "isolationLevel": "low",
        "properties": {
            "filePath": "/a.mapx", "outputDir": "/o", "virtualOutputDir": "/rest/o", "maxRecordCount": 5,
            "isCached": true, "minScale": 0.5
        }
    });
    let description = ServiceDescription::from_value(typed).unwrap();
    assert_eq!(description.validate(), []);
    let written = description.to_json();
    assert_eq!(written["minInstancesPerNode"], 1);
    assert_eq!(written["private"], true);
    assert_eq!(written["isolationLevel"], "LOW");
    assert_eq!(written["properties"]["maxRecordCount"], "5");
    assert_eq!(written["properties"]["isCached"], "true");
    assert_eq!(written["properties"]["minScale"], "0.5");
}

#[test]
fn the_time_zone_is_written_right_after_the_record_count() {
    let text = r#"{"serviceName": "A", "type": "FeatureServer", "properties": {
        "dateFieldsRespectsDaylightSavingTime": true, "dateFieldsTimezoneID": "UTC", "maxRecordCount": 1, "x": 1}}"#;
    let description = ServiceDescription::from_json(text).unwrap();
    let expected = ["maxRecordCount", "dateFieldsTimezoneID", "dateFieldsRespectsDaylightSavingTime", "x"];
    let names = |value: &Value| value["properties"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&description.to_json()), expected);
    let draft = description.to_sddraft().unwrap();
    let keys = draft.properties(crate::sddraft::PropertySet::Configuration);
    let at = keys.iter().position(|(name, _)| name == "maxRecordCount").unwrap();
    assert_eq!(keys[at + 1].0, "dateFieldsTimezoneID");
    assert!(keys[at + 2].0.eq_ignore_ascii_case("dateFieldsRespectsDaylightSavingTime"));
}

#[test]
fn genuine_drafts_survive_the_way_through_json() {
    for path in corpus() {
        let draft = Document::open(&path).unwrap();
        let description = ServiceDescription::from_sddraft(&draft);
        let name = path.display();
        assert_eq!(description.to_sddraft().unwrap().to_bytes(), draft.to_bytes(), "{name}");
        let text = description.to_envelope().to_string();
        let again = ServiceDescription::from_json(&text).unwrap();
        assert_eq!(again.to_envelope(), description.to_envelope(), "{name}");
        let back = again.to_sddraft().unwrap();
        assert_eq!(canonical(&back), canonical(&draft), "{name}");
        assert!(diff(&draft, &back).is_empty(), "{name}");
        let third = ServiceDescription::from_sddraft(&back);
        assert_eq!(third.to_json(), description.to_json(), "{name}");
    }
}

#[test]
fn the_services_of_genuine_drafts_survive_without_their_drafts() {
    for path in corpus() {
        let mut service = ServiceDescription::from_sddraft(&Document::open(&path).unwrap()).to_json();
        // What its maker or editor got wrong, and the directories that older drafts leave to the server.
        for fault in ServiceDescription::from_value(service.clone()).unwrap().validate() {
            let pointer = fault.path.trim_start_matches("service").replace(['.', '['], "/").replace(']', "");
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            let members = service.pointer_mut(parent).and_then(Value::as_object_mut).unwrap();
            if fault.text.starts_with("it is missing") {
                members.insert(name.into(), "/data".into());
            } else if !fault.warning {
                members.shift_remove(name).unwrap();
            }
        }
        let description = ServiceDescription::from_value(service).unwrap();
        let draft = Document::from_text(description.to_sddraft().unwrap().to_text()).unwrap();
        let back = ServiceDescription::from_sddraft(&draft);
        assert_eq!(back.to_json(), description.to_json(), "{}", path.display());
    }
}

#[test]
fn genuine_drafts_have_no_fault_but_those_that_people_made() {
    for path in corpus() {
        let description = ServiceDescription::from_sddraft(&Document::open(&path).unwrap());
        // Somebody wrote the names of the keys into the values of this one.
        let edited = path.ends_with("DavidWhittingham__agsconfig__imageservice.sddraft");
        for fault in description.validate().into_iter().filter(|fault| !fault.warning) {
            // The product's own slip, `false0` or `false2`.
            let slip = fault.path.ends_with("onlyAllowTrueCurveUpdatesByTrueCurveClients");
            assert!(slip || edited, "{}: {fault}", path.display());
        }
    }
}

#[test]
fn an_edit_of_the_json_is_the_only_change_of_the_draft() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/sddraft/map_service_pro30.sddraft");
    let draft = Document::open(&path).unwrap();
    let mut json = ServiceDescription::from_sddraft(&draft).to_envelope();
    json["service"]["properties"]["maxRecordCount"] = 5000.into();
    json["service"]["extensions"][1]["enabled"] = true.into();
    json["service"]["properties"]["dateFieldsTimezoneID"] = "UTC".into();
    json["service"]["minInstancesPerNode"] = 0.into();
    json["service"]["extensions"][4]["properties"].as_object_mut().unwrap().shift_remove("dpi");
    let back = ServiceDescription::from_value(json).unwrap().to_sddraft().unwrap();
    let mut changes: Vec<String> = diff(&draft, &back)
        .into_iter()
        .map(|change| format!("{} {:?}", change.path.rsplit('/').next().unwrap(), change.after))
        .collect();
    changes.sort();
    let expected = [
        "ConfigurationProperties[dateFieldsTimezoneID] Some(\"UTC\")",
        "ConfigurationProperties[maxRecordCount] Some(\"5000\")",
        "Enabled Some(\"true\")",
        "Props[MinInstances] Some(\"0\")",
        "Props[dpi] None",
    ];
    assert_eq!(changes, expected);
}

#[test]
fn the_request_of_the_documentation_becomes_a_full_draft_and_comes_back() {
    let description = ServiceDescription::from_value(documented()).unwrap();
    let draft = description.to_sddraft().unwrap();
    let kept = Document::from_text(draft.to_text()).unwrap();
    let untouched = blank(Form::MapService).unwrap();
    for set in [crate::sddraft::PropertySet::Configuration, crate::sddraft::PropertySet::Props] {
        let names =
            |draft: &Document| draft.properties(set).into_iter().map(|found| found.0).collect::<Vec<_>>();
        let ours = names(&kept);
        assert!(names(&untouched).iter().all(|name| ours.contains(name)));
    }
    assert_eq!(ServiceDescription::from_sddraft(&kept).to_json(), description.to_json());
}

#[test]
fn an_untouched_draft_has_the_elements_of_the_genuine_one() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/sddraft/listings");
    let forms = [
        (Form::MapService, "map_service"),
        (Form::Feature, "feature"),
        (Form::Tile, "tile"),
        (Form::VectorTile, "vector_tile"),
        (Form::Image, "image"),
        (Form::Geocode, "geocode"),
        (Form::GeoData, "geodata"),
        (Form::WebTool, "web_tool"),
        (Form::GeoprocessingService, "gp_service"),
    ];
    for (form, file) in forms {
        let golden = std::fs::read_to_string(format!("{folder}/{file}.tsv")).unwrap();
        let wanted = |set: &str| {
            let rows = golden.lines().filter_map(|line| line.split_once('\t'));
            rows.filter(|row| row.0 == set).map(|row| row.1.to_owned()).collect::<Vec<_>>()
        };
        let draft = blank(form).unwrap();
        let tree = draft.tree();
        let names = |id| tree.children(id).map(|id| tree.name(id).to_owned()).collect::<Vec<_>>();
        assert_eq!(names(tree.root()), wanted("Root"), "{form:?}");
        assert_eq!(names(draft.find("ItemInfo").unwrap()), wanted("ItemInfo"), "{form:?}");
        let description = ServiceDescription::from_sddraft(&draft);
        assert_eq!(canonical(&description.to_sddraft().unwrap()), canonical(&draft));
        let faults: Vec<_> = description.validate().into_iter().filter(|fault| !fault.warning).collect();
        // Nobody has named the service yet.
        assert!(faults.iter().all(|fault| fault.path == "service.serviceName"), "{form:?} {faults:?}");
    }
}

#[test]
fn what_drafts_cannot_hold_is_refused() {
    let wrong =
        |value: Value| ServiceDescription::from_value(value).unwrap().to_sddraft().unwrap_err().to_string();
    let mut service = documented();
    service["description"] = "a\u{1}b".into();
    assert!(wrong(service).contains("`service.description` holds the character U+0001"));
    assert!(wrong(json!({"serviceName": "A", "type": "SceneServer"})).contains("no drafts"));
    assert!(wrong(json!({"serviceName": "A", "type": "Maps"})).contains("`service.type`"));
}

#[test]
fn texts_that_are_no_description_are_refused() {
    let refusal = |text: &str| ServiceDescription::from_json(text).err().unwrap().to_string();
    assert!(refusal("[]").contains("not a JSON object"));
    assert!(refusal("{").contains("no JSON"));
    assert!(refusal(r#"{"service": {}, "draft": ["a b"]}"#).contains("no name of an element"));
    assert!(refusal(r#"{"service": {}, "draft": ["Other"]}"#).contains("root element"));
    assert!(refusal(r#"{"service": {}, "draft": {}}"#).contains("no list"));
}

/// Every property set of a draft: its path, its keys and their types.
fn keys_of(draft: &Document) -> Vec<(String, Vec<String>)> {
    let tree = draft.tree();
    let sets =
        |path: &str| draft.select(path).into_iter().map(|id| (path.to_owned(), id)).collect::<Vec<_>>();
    let definition = "Configurations/SVCConfiguration/Definition";
    let mut found = sets("StagingSettings");
    found.extend(sets("TemplateSettings"));
    for set in ["ConfigurationProperties", "Info", "Props"] {
        found.extend(sets(&format!("{definition}/{set}")));
    }
    for id in draft.select(&format!("{definition}/Extensions/SVCExtension")) {
        let name = tree.text(tree.child(id, "TypeName").unwrap()).into_owned();
        found.extend(["Info", "Props"].map(|set| (format!("{name}/{set}"), tree.child(id, set).unwrap())));
    }
    let entry = |id| {
        let value = tree.child(id, "Value").unwrap();
        let kind = tree.attribute(value, "type").unwrap_or_else(|| "nil".into());
        format!("{} {kind}", tree.text(tree.child(id, "Key").unwrap()))
    };
    let keys = |id| {
        tree.child(id, "PropertyArray").map(|id| tree.children(id).map(entry).collect()).unwrap_or_default()
    };
    found.into_iter().map(|(path, id)| (path, keys(id))).collect()
}

#[test]
fn an_untouched_draft_has_the_keys_of_the_genuine_ones_in_their_order() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/sddraft");
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/sddraft");
    let genuine = [
        (Form::MapService, own.join("map_service_pro30.sddraft")),
        (Form::GeoData, folder.join("DavidWhittingham__agsconfig__geodataservice.sddraft")),
        (Form::Geocode, folder.join("DavidWhittingham__agsconfig__geocodeservice.sddraft")),
        (Form::Image, folder.join("DavidWhittingham__arcpyext__imageservice.sddraft")),
    ];
    for (form, path) in genuine {
        let Ok(draft) = Document::open(&path) else {
            println!("skipped: {} is not here", path.display());
            continue;
        };
        assert_eq!(keys_of(&blank(form).unwrap()), keys_of(&draft), "{form:?}");
    }
}
