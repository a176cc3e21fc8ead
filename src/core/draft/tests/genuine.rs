//! Our drafts against genuine ones, node by node: names, types, order, texts.

use serde_json::{Value, json};

use super::super::*;
use crate::sddraft::table::{Form, ServiceKind, listing_of};
use crate::sddraft::{Document, NodeId, PropertySet, Tree, XsType};

/// One element: its path with keys of properties, its type, its text.
type Node = (String, String, String);

fn walk(tree: &Tree, id: NodeId, path: &str, out: &mut Vec<Node>) {
    let attribute =
        |name: &str| tree.attribute(id, name).map(std::borrow::Cow::into_owned).unwrap_or_default();
    let kind = format!("{}{}", attribute("type"), if attribute("nil") == "true" { "nil" } else { "" });
    let children: Vec<NodeId> = tree.children(id).collect();
    let text = if children.is_empty() { tree.text(id).trim().to_owned() } else { String::new() };
    out.push((path.to_owned(), kind, text));
    for child in children {
        let key =
            tree.child(child, "Key").or_else(|| tree.child(child, "TypeName")).map(|key| tree.text(key));
        let key = key.map(|key| format!("[{key}]")).unwrap_or_default();
        walk(tree, child, &format!("{path}/{}{key}", tree.name(child)), out);
    }
}

fn nodes(document: &Document) -> Vec<Node> {
    let mut out = Vec::new();
    walk(document.tree(), document.tree().root(), "", &mut out);
    out
}

/// Compares lists line by line: whole ones are longer than anyone reads.
fn same(ours: &[String], wanted: &[String]) {
    for (ours, wanted) in ours.iter().zip(wanted) {
        assert_eq!(ours, wanted);
    }
    assert_eq!(ours.len(), wanted.len());
}

fn corpus(name: &str) -> Option<Document> {
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/sddraft").join(name);
    if !path.exists() {
        // The corpus is not part of the repository.
        eprintln!("skipped: no {}", path.display());
        return None;
    }
    Some(Document::open(&path).unwrap())
}

fn draft(kind: ServiceKind, source: Value) -> SharingDraft {
    SharingDraft::of(kind, "Test", serde_json::from_value(source).unwrap()).unwrap()
}

fn written(draft: &mut SharingDraft, settings: &[(&str, Value)]) -> Document {
    for (name, value) in settings {
        draft.properties.set(name, value).unwrap();
    }
    draft.to_document().unwrap()
}

/// The facts of the project that the genuine draft was made of, as `tests/mapping` reads them from it.
fn complex() -> Value {
    json!({
        "document": r"E:\public\arcpyext\tests\samples\test_mapping_complex.aprx",
        "folder": r"E:\public\arcpyext\tests\samples", "machine": "NRM07431",
        "cim_path": "CIMPATH=layers/layers.xml", "map_name": "Layers", "repository_id": 8,
        "spatial_reference": {"wkid": 4283, "latestWkid": 4283, "wkt": "GEOGCS[\"GCS_GDA_1994\"]"},
        "extent": {
            "xmin": 131.878_064_808_426, "ymin": -30.024_483_214_253_47,
            "xmax": 159.157_454_815_396_45, "ymax": -8.155_251_560_620_728
        },
        "members": [
            {"uri": "CIMPATH=layers/layer_1.xml", "long_name": "Layer 1", "kind": "feature"},
            {"uri": "CIMPATH=layers/layer_2.xml", "long_name": "Layer 2", "kind": "feature"},
            {"uri": "CIMPATH=layers/new_group_layer.xml", "long_name": "New Group Layer", "kind": "group"},
            {"uri": "CIMPATH=layers/layer_3.xml", "long_name": "New Group Layer\\Layer 3", "kind": "feature"},
            {"uri": "CIMPATH=layers/datatabletest.xml", "long_name": "DataTableTest", "kind": "table"}
        ]
    })
}

/// What the machine, the clock and the product's random numbers decide.
const DIFFERENT: &[&str] =
    &["/ID", "/ResourceID", "/PropertySetProperty[TileCacheSchemaFile]/Value", "/Metadata/XmlDoc"];

#[test]
fn the_map_service_draft_is_the_genuine_one_node_by_node() {
    let Some(genuine) = corpus("DavidWhittingham__arcpyext__test_mapping_complex.sddraft") else { return };
    let mut own = draft(ServiceKind::MapService, complex());
    // The script that made the genuine draft set these two.
    let ours = nodes(&written(&mut own, &[("offline", json!(true)), ("serverFolder", json!("Test"))]));
    let wanted = nodes(&genuine);
    let shape =
        |nodes: &[Node]| nodes.iter().map(|(path, kind, _)| format!("{path} {kind}")).collect::<Vec<_>>();
    same(&shape(&ours), &shape(&wanted));
    for ((path, _, ours), (_, _, theirs)) in ours.iter().zip(&wanted) {
        if ours == theirs || DIFFERENT.iter().any(|end| path.ends_with(end)) {
            continue;
        }
        // The last digits of a projected extent.
        let close = path.starts_with("/InitCacheLevels/Extent/")
            && (ours.parse::<f64>().unwrap() - theirs.parse::<f64>().unwrap()).abs() < 1e-8;
        assert!(close, "{path}: `{ours}` and not `{theirs}`");
    }
    let scheme = |nodes: &[Node]| {
        let found = nodes.iter().find(|(path, ..)| path.ends_with("[TileCacheSchemaFile]/Value")).unwrap();
        found.2.rsplit('\\').next().unwrap().to_owned()
    };
    assert_eq!(scheme(&ours), scheme(&wanted));
}

fn raster() -> Value {
    json!({
        "document": "D:/rasters/dem.tif", "folder": "D:/drafts", "machine": "PC",
        "spatial_reference": {"wkid": 4283, "latestWkid": 4283, "wkt": "GEOGCS[]"},
        "extent": {"xmin": 0.0, "ymin": 0.0, "xmax": 9.0, "ymax": 9.0},
        "raster": {"workspace": "D:/rasters", "name": "dem.tif", "mosaic": true, "fields": ["NAME", "MINPS"]}
    })
}

/// Elements with their types, without the digits that a sample's maker chose.
fn shape(document: &Document) -> Vec<String> {
    let nodes = nodes(document);
    let counted = |path: &str| !path.contains("/String") && !path.contains("/LODInfos/");
    nodes.iter().filter(|(path, ..)| counted(path)).map(|(path, kind, _)| format!("{path} {kind}")).collect()
}

#[test]
fn an_image_draft_has_the_elements_keys_order_and_types_of_the_genuine_one() {
    let Some(genuine) = corpus("DavidWhittingham__arcpyext__imageservice.sddraft") else { return };
    let ours = written(&mut draft(ServiceKind::Image, raster()), &[]);
    same(&shape(&ours), &shape(&genuine));
    let value = |document: &Document, key| document.property(PropertySet::Configuration, key);
    for key in ["MaxImageWidth", "AllowedMosaicMethods", "EsriImageServiceSourceType", "HasValidSR"] {
        assert_eq!(value(&ours, key), value(&genuine, key), "{key}");
    }
    assert_eq!(value(&ours, "AllowedFields").as_deref(), Some("NAME,MINPS"));
    assert!(ours.by_reference());
}

#[test]
fn a_geocode_draft_has_the_elements_keys_order_and_types_of_the_genuine_one() {
    let Some(genuine) = corpus("DavidWhittingham__agsconfig__geocodeservice.sddraft") else { return };
    let source = json!({
        "document": "D:/locators/addresses.loc", "folder": "D:/drafts",
        "locator": {"folder": "D:/locators/", "name": "addresses"}, "text": {"tags": "a"}
    });
    let ours = written(&mut draft(ServiceKind::Geocode, source), &[]);
    same(&shape(&ours), &shape(&genuine));
    assert_eq!(ours.property(PropertySet::Configuration, "locator").as_deref(), Some("addresses"));
}

#[test]
fn every_kind_lists_the_keys_of_its_untouched_draft_with_their_values() {
    // What follows from the source or the target, and so is not the listing's.
    const OWN: &[&str] = &[
        "ServerConnectionString",
        "GeodataServiceName",
        "ServiceTitle",
        "PackageLayerList",
        "PackageTableList",
        "DependantLayerList",
        "DependantTableList",
        "TileCacheSchemaFile",
        "PortalURL",
        "UserName",
        "AdminVersion",
        "PortalVersion",
        "AGSServerVersion",
        "IsPortal",
        "ServerRunTimeVersion",
        "onlineResource",
        "minScale",
        "maxScale",
        "Raster",
        "ConnectionString",
        "AllowedFields",
        "AvailableFields",
        "name",
        "HasValidSR",
        "EsriImageServiceSourceType",
    ];
    let portal = json!({"url": "https://portal/", "user": "me", "version": "10.9.1", "is_portal": true});
    for (kind, form) in [
        (ServiceKind::Feature, Form::Feature),
        (ServiceKind::Tile, Form::Tile),
        (ServiceKind::MapService, Form::MapService),
        (ServiceKind::Image, Form::Image),
        (ServiceKind::Geocode, Form::Geocode),
    ] {
        let mut source = if kind == ServiceKind::Image { raster() } else { complex() };
        let hosted = kind.is_hosted();
        source["portal"] = if hosted { portal.clone() } else { Value::Null };
        let settings: &[(&str, Value)] = if hosted { &[] } else { &[("offline", json!(true))] };
        let document = written(&mut draft(kind, source), settings);
        let listing = listing_of(form);
        let check = |set: PropertySet<'_>, listed: &[crate::sddraft::table::Entry]| {
            let found = document.properties(set);
            let names: Vec<&str> = found.iter().map(|(key, _)| key.as_str()).collect();
            assert_eq!(names, listed.iter().map(|entry| entry.name).collect::<Vec<_>>(), "{kind:?} {set:?}");
            for (entry, (_, value)) in listed.iter().zip(&found) {
                if !OWN.contains(&entry.name) {
                    let wanted = entry.kind.map(|_: XsType| entry.value.to_owned());
                    assert_eq!(*value, wanted, "{kind:?} {set:?} {}", entry.name);
                }
            }
        };
        check(PropertySet::Staging, &listing.staging);
        check(PropertySet::Template, &listing.template);
        check(PropertySet::Configuration, &listing.configuration);
        check(PropertySet::Info, &listing.info);
        check(PropertySet::Props, &listing.props);
        for extension in &listing.extensions {
            check(PropertySet::ExtensionInfo(extension.extension.name), &extension.info);
            check(PropertySet::ExtensionProps(extension.extension.name), &extension.props);
        }
    }
}
