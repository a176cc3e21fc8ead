mod double;
mod mounted;

use geosharing_core::query::Value as Cell;
use serde_json::{Value, json};

use super::{Call, answer};
use crate::error::{Result, SiteError};
use crate::params::Params;
use crate::reply::Reply;
use double::MemoryStore;

fn reply(store: &MemoryStore, path: &[&str], pairs: &[(&str, &str)], post: bool) -> Result<Reply> {
    let params = if post { Params::of(pairs).posted() } else { Params::of(pairs) };
    let call = Call {
        store,
        params: &params,
        allow: &|_| Ok(()),
        name: "towns",
        item_id: "abc",
        definition: &Value::Null,
    };
    let path: Vec<String> = path.iter().map(|part| (*part).to_owned()).collect();
    answer(&call, &path)
}

fn text(store: &MemoryStore, path: &[&str], pairs: &[(&str, &str)]) -> String {
    match reply(store, path, pairs, true) {
        Ok(Reply::Json(value)) => value.to_string(),
        Ok(Reply::Bytes(bytes, _)) => String::from_utf8(bytes).unwrap(),
        Ok(Reply::Html(page)) => page,
        Ok(other) => panic!("{other:?}"),
        Err(error) => error.to_json().to_string(),
    }
}

fn ask(store: &MemoryStore, pairs: &[(&str, &str)]) -> Value {
    let text = text(store, &["0", "query"], pairs);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn a_page_of_rows_has_all_that_clients_read() {
    let store = MemoryStore::towns();
    let answer = ask(
        &store,
        &[
            ("where", "pop > 100"),
            ("outFields", "name,pop"),
            ("orderByFields", "pop DESC"),
            ("resultRecordCount", "2"),
            ("outSR", "4326"),
            ("geometryPrecision", "3"),
        ],
    );
    assert_eq!(
        answer["features"][0],
        json!({"attributes": {"name": "Ulm", "pop": 900}, "geometry": {"x": 9.99, "y": 48.4}})
    );
    assert_eq!(answer["features"].as_array().unwrap().len(), 2);
    assert_eq!(answer["exceededTransferLimit"], json!(true));
    assert_eq!(answer["spatialReference"], json!({"wkid": 4326, "latestWkid": 4326}));
    assert_eq!(answer["objectIdFieldName"], "OBJECTID");
    assert_eq!(answer["fields"][1]["type"], "esriFieldTypeInteger");
    let last = ask(&store, &[("where", "pop > 100"), ("resultOffset", "2"), ("resultRecordCount", "2")]);
    assert!(last.get("exceededTransferLimit").is_none());
}

#[test]
fn geojson_says_twice_that_there_is_more() {
    let store = MemoryStore::towns();
    let answer =
        ask(&store, &[("where", "1=1"), ("f", "geojson"), ("resultRecordCount", "1"), ("outFields", "name")]);
    assert_eq!(answer["exceededTransferLimit"], json!(true));
    assert_eq!(answer["properties"]["exceededTransferLimit"], json!(true));
    assert_eq!(answer["features"][0]["id"], 1);
    assert_eq!(answer["features"][0]["geometry"]["type"], "Point");
    assert!((answer["features"][0]["geometry"]["coordinates"][0].as_f64().unwrap() - 9.99).abs() < 1e-6);
}

#[test]
fn counts_ids_and_extents_have_their_own_forms() {
    let store = MemoryStore::towns();
    assert_eq!(ask(&store, &[("where", "1=1"), ("returnCountOnly", "true")]), json!({"count": 4}));
    assert_eq!(
        ask(&store, &[("where", "pop < 500"), ("returnIdsOnly", "true")]),
        json!({"objectIdFieldName": "OBJECTID", "objectIds": [2, 3, 4]})
    );
    let both = ask(&store, &[("returnExtentOnly", "true"), ("returnCountOnly", "true"), ("where", "1=1")]);
    assert_eq!(both["count"], 4);
    assert_eq!(both["extent"]["spatialReference"]["wkid"], 102_100);
    let bbox = ask(&store, &[("returnExtentOnly", "true"), ("f", "geojson")]);
    assert_eq!(bbox["bbox"].as_array().unwrap().len(), 4);
    assert_eq!(
        ask(&store, &[("objectIds", "3"), ("outFields", "name")])["features"][0]["attributes"]["name"],
        "Aalen"
    );
    let nothing = ask(&store, &[("where", "1=2"), ("returnExtentOnly", "true")]);
    assert_eq!(nothing["extent"]["xmin"], "NaN");
}

#[test]
fn groups_and_distinct_values_come_without_geometry() {
    let store = MemoryStore::towns();
    let answer = ask(
        &store,
        &[
            (
                "outStatistics",
                r#"[{"statisticType":"sum","onStatisticField":"pop","outStatisticFieldName":"total"}]"#,
            ),
            ("groupByFieldsForStatistics", "land"),
            ("having", "COUNT(*) > 1"),
            ("orderByFields", "total DESC"),
        ],
    );
    assert_eq!(answer["features"], json!([{"attributes": {"land": "BW", "total": 1300}}]));
    assert!(answer.get("geometryType").is_none());
    let distinct =
        ask(&store, &[("returnDistinctValues", "true"), ("outFields", "land"), ("returnGeometry", "false")]);
    assert_eq!(distinct["features"].as_array().unwrap().len(), 2);
    let count =
        ask(&store, &[("returnDistinctValues", "true"), ("outFields", "land"), ("returnCountOnly", "true")]);
    assert_eq!(count, json!({"count": 2}));
}

#[test]
fn boxes_select_in_any_spatial_reference() {
    let store = MemoryStore::towns();
    for geometry in [
        "9.9,48.3,10.1,48.5",
        "10.1,48.5,9.9,48.3",
        r#"{"xmin":9.9,"ymin":48.3,"xmax":10.1,"ymax":48.5,"spatialReference":{"wkid":4326}}"#,
    ] {
        let answer = ask(
            &store,
            &[
                ("geometry", geometry),
                ("geometryType", "esriGeometryEnvelope"),
                ("inSR", "4326"),
                ("spatialRel", "esriSpatialRelEnvelopeIntersects"),
                ("outFields", "name"),
            ],
        );
        assert_eq!(answer["features"].as_array().unwrap().len(), 1, "{geometry}");
    }
    let near = ask(
        &store,
        &[
            ("geometry", "9.99,48.4"),
            ("geometryType", "esriGeometryPoint"),
            ("inSR", "4326"),
            ("distance", "100"),
            ("units", "esriSRUnit_Kilometer"),
            ("returnCountOnly", "true"),
        ],
    );
    assert_eq!(near, json!({"count": 3}));
}

#[test]
fn tiles_that_do_not_fit_are_empty_when_the_client_says_so() {
    let store = MemoryStore::towns();
    let answer = ask(
        &store,
        &[
            ("where", "1=1"),
            ("resultRecordCount", "2"),
            ("returnExceededLimitFeatures", "false"),
            (
                "quantizationParameters",
                r#"{"extent":{"xmin":0,"ymin":0,"xmax":100,"ymax":100},"mode":"view","originPosition":"upperLeft","tolerance":10}"#,
            ),
        ],
    );
    assert_eq!(answer["features"], json!([]));
    assert_eq!(answer["exceededTransferLimit"], json!(true));
    assert_eq!(answer["transform"]["scale"], json!([10, 10]));
}

#[test]
fn refusals_have_the_shape_of_esri() {
    let store = MemoryStore::towns();
    insta::assert_snapshot!(text(&store, &["0", "query"], &[("where", "pop >")]), @r#"{"error":{"code":400,"message":"Cannot perform query. Invalid query parameters.","details":["'where' clause is invalid","the expression ends where a value is expected at position 6"]}}"#);
    for (name, value) in [
        ("outFields", "nothing"),
        ("orderByFields", "pop; DROP TABLE x"),
        ("geometry", "{\"rings\":[[[1]]]}"),
        ("outSR", "999999"),
        ("objectIds", "1 OR 1=1"),
        ("resultOffset", "-5"),
        ("outStatistics", "[{\"statisticType\":\"evil\"}]"),
        ("spatialRel", "esriSpatialRelEvil"),
        ("f", "pbf"),
    ] {
        let mut pairs = vec![("where", "1=1"), (name, value)];
        if name == "spatialRel" {
            pairs.push(("geometry", "1,1"));
        }
        assert_eq!(ask(&store, &pairs)["error"]["code"], 400, "{name}");
    }
    assert_eq!(ask(&store, &[("where", &"(".repeat(100_000))])["error"]["code"], 400);
    let missing: Value = serde_json::from_str(&text(&store, &["9"], &[])).unwrap();
    assert_eq!(missing["error"]["code"], 404);
    assert_eq!(
        ask(&store, &[("where", "1=1"), ("unheardOf", "x"), ("sqlFormat", "none")])["features"]
            .as_array()
            .unwrap()
            .len(),
        4
    );
}

#[test]
fn the_layer_has_every_key_that_clients_break_without() {
    let store = MemoryStore::towns();
    let layer: Value = serde_json::from_str(&text(&store, &["0"], &[])).unwrap();
    for key in [
        "objectIdField",
        "fields",
        "geometryType",
        "maxRecordCount",
        "supportedQueryFormats",
        "capabilities",
        "type",
        "name",
        "hasZ",
        "hasM",
        "globalIdField",
        "uniqueIdField",
        "dateFieldsTimeReference",
        "editFieldsInfo",
        "types",
        "templates",
        "drawingInfo",
        "extent",
        "advancedQueryCapabilities",
        "displayField",
    ] {
        assert!(layer.get(key).is_some(), "{key}");
    }
    assert_eq!(layer["extent"]["spatialReference"], json!({"wkid": 102_100, "latestWkid": 3857}));
    assert_eq!(layer["supportedQueryFormats"], "JSON, geoJSON");
    assert_eq!(layer["advancedQueryCapabilities"]["supportsPagination"], json!(true));
    assert_eq!(layer["description"], "as published");
    let service: Value = serde_json::from_str(&text(&store, &[], &[])).unwrap();
    assert_eq!(service["layers"][0]["name"], "Towns");
    assert_eq!(service["spatialReference"]["wkid"], 102_100);
    let all: Value = serde_json::from_str(&text(&store, &["layers"], &[])).unwrap();
    assert_eq!(all["layers"][0]["id"], 0);
}

#[test]
fn edits_are_all_or_nothing_unless_asked_otherwise() {
    let store = MemoryStore::towns();
    let adds = r#"[{"attributes":{"name":"Bonn","pop":5},"geometry":{"x":7.1,"y":50.7,"spatialReference":{"wkid":4326}}},
                   {"attributes":{"name":"Bad","pop":"many"}}]"#;
    let edit = |pairs: &[(&str, &str)]| -> Value {
        serde_json::from_str(&text(&store, &["0", "applyEdits"], pairs)).unwrap()
    };
    let refused = edit(&[("adds", adds), ("deletes", "1")]);
    assert_eq!(refused["addResults"][0]["success"], json!(false));
    assert_eq!(refused["addResults"][0]["error"]["code"], 1003);
    assert_eq!(refused["addResults"][1]["error"]["code"], 1000);
    assert_eq!(store.len(), 4);
    let partial = edit(&[("adds", adds), ("deletes", "1"), ("rollbackOnFailure", "false")]);
    assert_eq!(partial["addResults"][0]["success"], json!(true));
    assert_eq!(partial["deleteResults"][0]["success"], json!(true));
    assert_eq!(store.len(), 4);
    let updated = edit(&[("updates", r#"[{"attributes":{"OBJECTID":2,"pop":77}}]"#)]);
    assert_eq!(updated["updateResults"][0]["success"], json!(true));
    assert_eq!(store.value(2, 2), Cell::Int(77));
    let gone: Value =
        serde_json::from_str(&text(&store, &["0", "deleteFeatures"], &[("where", "pop = 77")])).unwrap();
    assert_eq!(gone["deleteResults"][0]["objectId"], 2);
    let whole: Value =
        serde_json::from_str(&text(&store, &["applyEdits"], &[("edits", r#"[{"id":0,"deletes":[3]}]"#)]))
            .unwrap();
    assert_eq!(whole[0]["deleteResults"][0]["success"], json!(true));
}

#[test]
fn edits_need_post_and_permission() {
    let store = MemoryStore::towns();
    let by_get = reply(&store, &["0", "deleteFeatures"], &[("where", "1=1")], false).unwrap_err();
    assert_eq!(by_get.code, 405);
    let params = Params::of(&[("features", "[]"), ("where", "1=1")]).posted();
    let allow = |need: crate::auth::Need| match need {
        crate::auth::Need::View => Ok(()),
        _ => Err(SiteError::token_required()),
    };
    let call = Call {
        store: &store,
        params: &params,
        allow: &allow,
        name: "towns",
        item_id: "abc",
        definition: &Value::Null,
    };
    let refused = answer(&call, &["0".to_owned(), "deleteFeatures".to_owned()]).unwrap_err();
    assert_eq!(refused.code, 499);
    assert_eq!(store.len(), 4);
}

#[test]
fn single_features_callbacks_and_pages_are_answered() {
    let store = MemoryStore::towns();
    let one: Value = serde_json::from_str(&text(&store, &["0", "1"], &[])).unwrap();
    assert_eq!(one["feature"]["attributes"]["name"], "Ulm");
    let missing: Value = serde_json::from_str(&text(&store, &["0", "99"], &[])).unwrap();
    assert_eq!(missing["error"]["code"], 404);
    assert_eq!(
        text(&store, &["0", "query"], &[("where", "1=1"), ("returnCountOnly", "true"), ("callback", "cb")]),
        "/**/cb({\"count\":4});"
    );
    let page = text(&store, &["0", "query"], &[("where", "name = '<b>'"), ("f", "html")]);
    assert!(page.contains("<form") && page.contains("0 rows") && !page.contains("'<b>'"));
    assert!(text(&store, &["0"], &[("f", "html")]).contains("OBJECTID"));
    assert!(text(&store, &[], &[("f", "html")]).contains("Towns"));
    let several: Value = serde_json::from_str(&text(
        &store,
        &["query"],
        &[("layerDefs", "{\"0\":\"pop > 100\"}"), ("returnCountOnly", "true")],
    ))
    .unwrap();
    assert_eq!(several, json!({"layers": [{"id": 0, "count": 3}]}));
    let valid: Value =
        serde_json::from_str(&text(&store, &["0", "validateSQL"], &[("sql", "pop = ")])).unwrap();
    assert_eq!(valid["isValidSQL"], json!(false));
}
