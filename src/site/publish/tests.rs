use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, BinaryArray, Int64Array, RecordBatch, StringArray};
use geosharing_core::dataset::{
    Dataset, Field, FieldType, GEOMETRY_COLUMN, GeometryType, MemoryDatasets, OID_COLUMN, SpatialReference,
};
use geosharing_core::error::Code;
use geosharing_core::package::archive::{Entry, Profile, WriteOptions, write};
use geosharing_core::query::{Row, Rows, Selection, Value as Attribute};
use serde_json::json;

use super::*;
use crate::store::FeatureStore;

fn datasets() -> MemoryDatasets {
    let mut point = vec![1, 1, 0, 0, 0];
    point.extend(1.5_f64.to_le_bytes());
    point.extend(2.5_f64.to_le_bytes());
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("Kind", Arc::new(StringArray::from(vec![Some("oak"), None]))),
        (OID_COLUMN, Arc::new(Int64Array::from(vec![4, 9]))),
        (GEOMETRY_COLUMN, Arc::new(BinaryArray::from_iter([Some(&*point), None]))),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    )
    .unwrap();
    let dataset = Dataset {
        name: "trees_1".into(),
        alias: None,
        driver: "OpenFileGDB".into(),
        geometry_type: Some(GeometryType::Point),
        has_z: false,
        has_m: false,
        spatial_reference: Some(SpatialReference { wkid: Some(102_100), latest_wkid: Some(3857), wkt: None }),
        extent: None,
        count: 2,
        oid_field: Some("OBJECTID".into()),
        global_id_field: None,
        fields: vec![Field {
            name: "Kind".into(),
            field_type: FieldType::String,
            alias: "Kind of tree".into(),
            length: Some(20),
            nullable: true,
            editable: true,
            domain: None,
            default_value: None,
        }],
        subtypes: None,
    };
    let mut datasets = MemoryDatasets::default();
    datasets.insert(dataset, batch.schema(), vec![batch]);
    datasets
}

fn staged(folder: &Path, feature_server: &Value) -> std::path::PathBuf {
    let path = folder.join("a.sd");
    let document = json!({"layerDefinitions": [{
        "type": "CIMFeatureLayer", "name": "Trees of the city", "serviceLayerID": 3,
        "featureTable": {"dataConnection": {
            "workspaceConnectionString": "DATABASE=..\\cd\\City.gdb", "dataset": "trees_1"}},
    }]});
    let entries = vec![
        Entry::bytes("manifest.xml", "<SVCManifest/>"),
        Entry::bytes("serviceconfiguration.json", "{}"),
        Entry::bytes("cd/city.gdb/gdb", "x"),
        Entry::bytes("p30/city.mapx", document.to_string()),
        Entry::bytes("servicedescriptions/featureserver/featureserver.json", feature_server.to_string()),
    ];
    write(&path, entries, Profile::Compatible, &WriteOptions::default(), &mut |_, _| true).unwrap();
    path
}

fn order<'a>(sd: &'a Path, folder: &'a Path) -> Order<'a> {
    Order { sd, folder, name: "city", configuration: None, registered: &|_| false }
}

fn feature_server() -> Value {
    json!({
        "name": "FeatureServer",
        "contents": {"capabilities": "Query,Create", "layers": [{"id": 3, "name": "Trees"}], "tables": []},
        "resources": [{"name": "layers", "contents": null, "resources": [
            {"name": "2", "contents": {"id": 2, "name": "Nature", "type": "Group Layer"}},
            {"name": "3", "contents": {
                "id": 3, "name": "Trees", "type": "Feature Layer", "objectIdField": "OBJECTID",
                "geometryType": "esriGeometryPoint", "drawingInfo": {"renderer": {"type": "simple"}},
                "fields": [
                    {"name": "OBJECTID", "type": "esriFieldTypeOID", "alias": "id"},
                    {"name": "Shape", "type": "esriFieldTypeGeometry", "alias": "Shape"},
                    {"name": "Kind", "type": "esriFieldTypeString", "alias": "What", "length": 50,
                     "domain": null, "editable": true, "nullable": true},
                ],
            }},
        ]}],
    })
}

#[test]
fn a_service_definition_becomes_a_service_with_its_ids_aliases_and_drawing() {
    let folder = tempfile::tempdir().unwrap();
    let sd = staged(folder.path(), &feature_server());
    let target = folder.path().join("store");
    std::fs::create_dir(&target).unwrap();
    let made = publish(&datasets(), &order(&sd, &target)).unwrap();
    assert_eq!(made.len(), 1);
    let definition = &made[0].definition;
    assert_eq!(definition["capabilities"], "Query,Create");
    assert!(definition.get("layers").is_none());
    let store = HostedStore::open(&target).unwrap();
    let layer = store.layer(3).unwrap();
    assert_eq!(store.layers().len(), 1);
    assert_eq!(layer.schema.field(1).unwrap().alias, "What");
    assert_eq!(layer.schema.field(1).unwrap().length, Some(50));
    assert_eq!(layer.schema.spatial_reference.latest_wkid, Some(3857));
    assert_eq!(layer.definition["drawingInfo"]["renderer"]["type"], "simple");
    let mut rows = Vec::new();
    let mut sink = |row: &dyn Row| {
        rows.push((row.value(0).into_owned(), row.value(1).into_owned(), row.shape().is_some()));
        Ok(())
    };
    store.rows(3, &Selection::default(), &Rows::default(), &mut sink).unwrap();
    assert_eq!(rows, [(Attribute::Int(4), "oak".into(), true), (Attribute::Int(9), Attribute::Null, false)]);
    let names = std::fs::read_dir(&target).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(names.into_iter().all(|name| !name.to_string_lossy().starts_with("data-")));
}

#[test]
fn what_cannot_be_published_says_so_and_leaves_an_empty_folder() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("store");
    std::fs::create_dir(&target).unwrap();
    let sd = staged(folder.path(), &feature_server());
    let error = publish(&MemoryDatasets::default(), &order(&sd, &target)).unwrap_err();
    assert_eq!(error.code(), Some(Code::CREATE_FAILED));
    assert!(error.to_string().contains("no data for layer `Trees`"), "{error}");
    std::fs::write(&sd, "no archive").unwrap();
    let error = publish(&datasets(), &order(&sd, &target)).unwrap_err();
    assert_eq!(error.code(), Some(Code::EXTRACT_FAILED));
    assert_eq!(std::fs::read_dir(&target).unwrap().count(), 0);
}

#[test]
fn a_file_of_data_becomes_a_service_too() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("store");
    std::fs::create_dir(&target).unwrap();
    let file = folder.path().join("7f");
    std::fs::write(&file, "{}").unwrap();
    let parameters = json!({"layerInfo": {"capabilities": "Query,Update"}, "maxRecordCount": 10});
    let kind = DataKind::of("geojson").unwrap();
    let upload = Upload { kind, path: &file, file_name: "trees.json", parameters: &parameters };
    let definition = publish_data(&datasets(), &upload, &target, "trees").unwrap();
    assert_eq!(definition["capabilities"], "Query,Update");
    assert_eq!(definition["maxRecordCount"], 10);
    let store = HostedStore::open(&target).unwrap();
    assert_eq!(store.layers()[0].name, "trees_1");
    assert_eq!(store.layers()[0].schema.oid_name(), "OBJECTID");
    assert_eq!(store.count(0, &Selection::default()).unwrap(), 2);
}

#[test]
fn a_file_that_is_not_what_it_is_said_to_be_is_refused_before_it_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("7f");
    let refused = |kind: &str, bytes: &[u8]| {
        std::fs::write(&file, bytes).unwrap();
        let parameters = Value::Null;
        let kind = DataKind::of(kind).unwrap();
        let upload = Upload { kind, path: &file, file_name: "a", parameters: &parameters };
        publish_data(&datasets(), &upload, folder.path(), "a").unwrap_err().to_string()
    };
    let leads_elsewhere = b"<OGRVRTDataSource><OGRVRTLayer name=\"x\"/></OGRVRTDataSource>";
    assert!(refused("csv", leads_elsewhere).contains("is not what its type"));
    assert!(refused("geojson", b"https://example.org/a.json").contains("is not what its type"));
    assert!(refused("geoPackage", b"a,b\n").contains("is not what its type"));
    assert!(refused("shapefile", b"a,b\n").contains("no zip archive"));
    assert!(refused("fileGeodatabase", b"PK\x03\x04").contains("cannot be unpacked"));
}
