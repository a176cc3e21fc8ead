//! Tests over whole documents: genuine drafts, drafts in foreign hands, hostile files.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;

pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/sddraft").join(name)
}

fn corpus() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/sddraft");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: {} is not here", folder.display());
        return Vec::new();
    };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.filter(|path| path.extension().is_some_and(|end| end == "sddraft")).collect()
}

fn text_of(tree: &Tree, id: NodeId, out: &mut String) {
    let _ = write!(out, "<{} {:?}>{}", tree.name(id), tree.attributes(id), tree.text(id).trim());
    tree.children(id).for_each(|child| text_of(tree, child, out));
    out.push_str("</>");
}

fn shape(document: &Document) -> String {
    let mut out = String::new();
    text_of(document.tree(), document.tree().root(), &mut out);
    out
}

#[test]
fn every_genuine_draft_comes_back_byte_for_byte() {
    let own = [fixture("hosted_feature_pro23.sddraft"), fixture("map_service_pro30.sddraft")];
    for path in corpus().into_iter().chain(own) {
        let bytes = std::fs::read(&path).unwrap();
        let document = Document::open(&path).unwrap();
        assert_eq!(document.to_bytes(), bytes, "{}", path.display());
        assert!(!document.service_name().is_empty() || !document.type_name().is_empty());
    }
}

#[test]
fn the_envelope_of_a_genuine_map_service_draft_is_read() {
    let draft = Document::open(&fixture("map_service_pro30.sddraft")).unwrap();
    assert_eq!(draft.service_name(), "Test");
    assert_eq!(draft.type_name(), "MapServer");
    assert_eq!(draft.server_type(), ServerType::Full);
    assert!(draft.by_reference() && !draft.replaces_existing());
    assert_eq!(draft.state(), "esriSDState_Draft");
    assert_eq!(draft.schema_version(), "3.0.0");
    assert_eq!(draft.resource().cim_path, "CIMPATH=layers/layers.xml");
    assert!(draft.resource().on_premise_path.ends_with(r"\test_mapping_complex.aprx"));
    assert_eq!(draft.item_info().wkid, 102_100);
    assert!(draft.metadata_xml().starts_with("<?xml version=\"1.0\"?>\n<metadata"));
    let names: Vec<String> = draft.extensions().into_iter().map(|found| found.type_name).collect();
    assert_eq!(names, ["WCSServer", "WMSServer", "FeatureServer", "NAServer", "KmlServer", "WFSServer"]);
    assert_eq!(draft.property(PropertySet::ExtensionInfo("WCSServer"), "WebCapabilities"), None);
    assert_eq!(draft.property(PropertySet::Props, "provider").as_deref(), Some("ArcObjects11"));
    assert_eq!(draft.extensions().iter().filter(|found| found.enabled).count(), 0);
}

#[test]
fn a_service_configuration_has_the_products_keys_in_the_products_order() {
    let draft = Document::open(&fixture("map_service_pro30.sddraft")).unwrap();
    let json = to_service_configuration(&draft);
    let keys: Vec<&str> = json["service"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "serviceName",
            "type",
            "description",
            "capabilities",
            "properties",
            "clusterName",
            "maxIdleTime",
            "isolationLevel",
            "loadBalancing",
            "configuredState",
            "minInstancesPerNode",
            "maxInstancesPerNode",
            "maxWaitTime",
            "maxUsageTime",
            "maxStartupTime",
            "instancesPerContainer",
            "keepAliveInterval",
            "extensions",
            "provider",
        ]
    );
    assert_eq!(json["folderName"], "Test");
    assert_eq!(json["service"]["isolationLevel"], "HIGH");
    assert_eq!(json["service"]["maxIdleTime"], 1800);
    assert_eq!(json["service"]["properties"]["maxImageHeight"], "4096");
    assert_eq!(json["service"]["extensions"][0]["enabled"], "false");
    assert_eq!(json["service"]["extensions"][0]["capabilities"], "");
    let hosted = Document::open(&fixture("hosted_feature_pro23.sddraft")).unwrap();
    assert_eq!(
        to_service_configuration(&hosted).to_string(),
        concat!(
            r#"{"folderName":"test","service":{"serviceName":"hosted_feature","type":"FeatureServer","#,
            r#""description":"","capabilities":"Query","properties":{"supportedImageReturnTypes":"MIME","#,
            r#""maxRecordCount":"2000","exportTilesAllowed":"false","maxExportTilesCount":"100000","#,
            r#""cacheOnDemand":"false","clientCachingAllowed":"true","ignoreCache":"false","#,
            r#""antialiasingMode":"Best","textAntialiasingMode":"Force","minScale":"12769767.100485953","#,
            r#""maxScale":"4513.988705","isCached":"false","allowGeometryUpdates":"true","#,
            r#""allowTrueCurvesUpdates":"false","onlyAllowTrueCurveUpdatesByTrueCurveClients":"false","#,
            r#""enableZDefaults":"true","zDefaultValue":"0","allowUpdateWithoutMValues":"true"},"#,
            r#""extensions":[{"enabled":"false","typeName":"FeatureServer","capabilities":"Query"}]}}"#,
        )
    );
}

#[test]
fn a_manifest_has_the_envelope_only_and_one_line() {
    let extras = ManifestExtras {
        schema_version: "3.3.0".into(),
        service_provider: "SDS".into(),
        in_package_path: r"p30\project.aprx".into(),
        dataset_ids: vec!["{A}".into()],
        databases: vec![DatabaseEntry {
            id: "{B}".into(),
            in_package_path: r"cd\x.gdb".into(),
            datasets: vec![DatasetEntry { name: "roads".into(), ..DatasetEntry::default() }],
            ..DatabaseEntry::default()
        }],
        ..ManifestExtras::default()
    };
    for name in ["hosted_feature_pro23.sddraft", "map_service_pro30.sddraft"] {
        let draft = Document::open(&fixture(name)).unwrap();
        let text = to_manifest(&draft, &extras);
        assert!(!text.contains('\n') && !text.contains("> <"), "{name}");
        let manifest = Document::from_text(text).unwrap();
        let expected: Vec<&str> = draft
            .tree()
            .children(draft.tree().root())
            .map(|id| draft.tree().name(id))
            .filter(|name| {
                !["Configurations", "CacheSchema", "ItemInfo", "Metadata", "InitCacheLevels"].contains(name)
            })
            .collect();
        let tree = manifest.tree();
        let found: Vec<&str> = tree.children(tree.root()).map(|id| tree.name(id)).collect();
        assert_eq!(found, expected);
        assert_eq!(manifest.schema_version(), "3.3.0");
        assert_eq!(manifest.state(), "esriSDState_Staged");
        assert_eq!(manifest.staging("ServiceProvider").as_deref(), Some("SDS"));
        assert_eq!(manifest.staging("ServerConnectionString"), None);
        assert_eq!(manifest.text_at("Resources/SVCResource/DatasetIDs/String").unwrap(), "{A}");
        assert_eq!(manifest.text_at("Databases/SVCDatabase/Datasets/SVCDataset/Name").unwrap(), "roads");
    }
}

#[test]
fn a_tiling_scheme_and_a_first_cache_come_out_of_the_draft() {
    let draft = Document::open(&fixture("map_service_pro30.sddraft")).unwrap();
    let scheme = Tree::parse(to_tiling_service(&draft, "3.0.0").unwrap()).unwrap();
    assert_eq!(scheme.name(scheme.root()), "CacheInfo");
    let first: Vec<&str> = scheme.children(scheme.root()).map(|id| scheme.name(id)).collect();
    assert_eq!(first, ["TileCacheInfo", "TileImageInfo", "CacheStorageInfo"]);
    let cache = to_initial_cache_settings(&draft).unwrap();
    assert_eq!(cache["lodInfos"].as_array().unwrap().len(), 24);
    assert_eq!(cache["lodInfos"][3]["estimatedNumberOfTiles"], "2");
    let hosted = Document::open(&fixture("hosted_feature_pro23.sddraft")).unwrap();
    assert!(to_initial_cache_settings(&hosted).is_none());
}

#[test]
fn edits_keep_the_rest_as_it_was() {
    let path = fixture("map_service_pro30.sddraft");
    let before = std::fs::read_to_string(&path).unwrap();
    let mut draft = Document::open(&path).unwrap();
    draft.set_property(PropertySet::Configuration, "maxRecordCount", "5000", XsType::String);
    draft.set_property(PropertySet::ExtensionInfo("WCSServer"), "WebCapabilities", "a&b", XsType::String);
    draft.set_property(PropertySet::Staging, "New", "it's", XsType::Boolean);
    let expected = before
        .replacen("<Key>maxRecordCount</Key><Value xsi:type='xs:string'>2000", "<Key>maxRecordCount</Key><Value xsi:type='xs:string'>5000", 1)
        .replacen("<Key>WebCapabilities</Key><Value xsi:nil='true'/>", "<Key>WebCapabilities</Key><Value xsi:type='xs:string'>a&amp;b</Value>", 1)
        .replacen("</PropertyArray></StagingSettings>", "<PropertySetProperty xsi:type='typens:PropertySetProperty'><Key>New</Key><Value xsi:type='xs:boolean'>it&apos;s</Value></PropertySetProperty></PropertyArray></StagingSettings>", 1);
    assert_eq!(draft.to_text(), expected);
    assert!(draft.remove_property(PropertySet::Staging, "New"));
    assert_eq!(draft.staging("New"), None);
    assert_eq!(diff(&Document::open(&path).unwrap(), &draft).len(), 2);
}

#[test]
fn drafts_rewritten_by_python_are_read_alike() {
    let genuine = std::fs::read_to_string(fixture("map_service_pro30.sddraft")).unwrap();
    let original = shape(&Document::from_text(genuine.clone()).unwrap());
    let double = genuine.replace('\'', "\"");
    let empty = double.replace("></StagingPath>", "/>").replacen("<StagingPath", "\r\n\t<StagingPath", 1);
    let pretty = format!("<?xml version=\"1.0\" ?>\n{}", empty.replace("><", ">\r\n  <"));
    let mut marked = vec![0xEF, 0xBB, 0xBF];
    marked.extend(pretty.bytes());
    let wide: Vec<u8> = format!("\u{FEFF}{genuine}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [double.into_bytes(), empty.into_bytes(), marked, wide] {
        let document = Document::read(&bytes).unwrap();
        assert_eq!(shape(&document), original);
        assert_eq!(document.to_bytes(), bytes);
        assert!(diff(&Document::from_text(genuine.clone()).unwrap(), &document).is_empty());
    }
}

#[test]
fn a_draft_without_the_typens_declaration_and_with_ns0_is_read() {
    let text = "<SVCManifest xmlns:ns0=\"http://www.w3.org/2001/XMLSchema-instance\" ns0:type=\"typens:SVCManifest\">\
        <Configurations><SVCConfiguration><Definition><Info><PropertyArray><PropertySetProperty>\
        <Key>a</Key><Value ns0:nil=\"true\" /></PropertySetProperty></PropertyArray></Info></Definition>\
        </SVCConfiguration></Configurations></SVCManifest>";
    let document = Document::from_text(text.to_owned()).unwrap();
    assert_eq!(document.properties(PropertySet::Info), [("a".to_owned(), None)]);
}

fn refusal(bytes: &[u8]) -> String {
    Document::read(bytes).unwrap_err().to_string()
}

#[test]
fn hostile_and_broken_files_are_refused_with_their_fault_and_a_remedy() {
    let bomb = b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><SVCManifest>&b;</SVCManifest>";
    assert!(refusal(bomb).contains("document type declaration at line 1, column 22"));
    assert!(refusal(b"<SVCManifest>&b;</SVCManifest>").contains("entity `&b;`"));
    let deep = format!("<SVCManifest>{}{}</SVCManifest>", "<a>".repeat(10_000), "</a>".repeat(10_000));
    assert!(refusal(deep.as_bytes()).contains("more than 200 deep"));
    let property = "<P><Key>k</Key><Value>v</Value></P>";
    let many = format!("<SVCManifest>{}</SVCManifest>", property.repeat(1_000_000));
    assert!(refusal(many.as_bytes()).contains("more than 1000000 elements"));
    assert!(refusal(b"<Other/>").contains("root element is `Other`"));
    assert!(refusal(b"").contains("empty"));
    assert!(refusal(b"7z\xBC\xAF\x27\x1C\0\x04").contains("service definition (7-Zip)"));
    assert!(refusal(b"PK\x03\x04").contains("zip archive"));
    assert!(refusal(b"plain words").contains("text outside the root"));
    assert!(refusal("\u{FEFF}\u{FEFF}<SVCManifest/>".as_bytes()).contains("text outside the root"));
    assert!(refusal(b"<SVCManifest/><SVCManifest/>").contains("second root"));
    assert!(refusal(b"<SVCManifest><a></b></SVCManifest>").contains("not well formed"));
    assert!(refusal(b"<SVCManifest a='1' a='2'/>").contains("faulty attribute"));
}

#[test]
fn a_draft_cut_anywhere_is_refused_and_never_panics() {
    let bytes = std::fs::read(fixture("hosted_feature_pro23.sddraft")).unwrap();
    for length in (0..bytes.len() - 1).step_by(97) {
        let text = refusal(&bytes[..length]);
        assert!(!text.is_empty());
    }
}

#[test]
fn a_missing_file_is_arcpys_000732() {
    let error = Document::open(Path::new("no/such.sddraft")).unwrap_err();
    assert_eq!(error.code(), Some(crate::error::Code::DATASET_MISSING));
    assert!(error.to_string().contains("no/such.sddraft"));
}

#[test]
fn a_refused_save_names_the_file_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let draft = Document::open(&fixture("map_service_pro30.sddraft")).unwrap();
    let error = draft.save(&folder.path().join("none/x.sddraft")).unwrap_err().to_string();
    assert!(error.contains("x.sddraft") && error.contains("create the folder first"), "{error}");
    draft.save(&folder.path().join("x.sddraft")).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn numbers_are_written_with_seventeen_digits() {
    let texts = [
        "0",
        "-400",
        "4513.9887049999998",
        "591657527.591555",
        "148923141.92838538",
        "-20037508.342787001",
        "0.001",
        "8.983152841195215e-09",
        "1.0000000000000001e+300",
    ];
    for text in texts {
        assert_eq!(number(text.parse().unwrap()), text);
    }
}

fn element() -> impl Strategy<Value = String> {
    let text =
        "[ -%'-;=-~\u{e9}\u{10d}\n]{0,12}".prop_map(|text| quick_xml::escape::escape(text).into_owned());
    let leaf =
        ("[A-Za-z][A-Za-z0-9]{0,6}", text.clone(), 0..3_u8).prop_map(|(name, text, style)| match style {
            0 => format!("<{name} xsi:type='xs:string'>{text}</{name}>"),
            1 => format!("<{name} a = \"{}\" />", text.replace('\n', " ")),
            _ => format!("<{name}><![CDATA[x]]>{text}<!-- c --></{name} >"),
        });
    leaf.prop_recursive(5, 40, 5, |inner| {
        ("[A-Za-z]{1,5}", prop::collection::vec(inner, 0..5), "[ \n\t]{0,2}")
            .prop_map(|(name, parts, gap)| format!("<{name}>{gap}{}</{name}>", parts.join(&gap)))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn what_is_read_is_written(parts in prop::collection::vec(element(), 0..6)) {
        let text = format!("<SVCManifest>{}</SVCManifest>\n", parts.concat());
        let document = Document::from_text(text.clone()).unwrap();
        prop_assert_eq!(document.to_text(), text);
    }

    #[test]
    fn an_edit_is_read_back_and_disturbs_nothing(parts in prop::collection::vec(element(), 1..6), value in "\\PC{0,20}") {
        let text = format!("<SVCManifest>{}<Name/></SVCManifest>", parts.concat());
        let mut document = Document::from_text(text).unwrap();
        document.set_text_at("Name", &value);
        let again = Document::from_text(document.to_text()).unwrap();
        let root = again.tree().root();
        let last = again.tree().children(root).last().unwrap();
        prop_assert_eq!(again.tree().text(last), value);
        prop_assert_eq!(again.to_text(), document.to_text());
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Document::read(&bytes);
        let mut framed = b"<SVCManifest>".to_vec();
        framed.extend(bytes);
        let _ = Document::read(&framed);
    }
}
