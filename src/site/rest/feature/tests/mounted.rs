//! The FeatureServer where it is mounted, over the real store.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use geosharing_core::dataset::{Field, FieldType, GeometryType, MemoryDatasets, SpatialReference};
use geosharing_core::query::Schema;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::app::app;
use crate::state::items::{self, Item};
use crate::state::services::{self, NewService};
use crate::state::{Context, Settings};
use crate::store::{HostedStore, Layer, LayerSource, ServiceDescription, ServiceSource};

const BASE: &str = "/server/rest/services/Hosted/Towns/FeatureServer";

fn field(name: &str, field_type: FieldType) -> Field {
    let free = field_type != FieldType::Oid;
    Field {
        name: name.to_owned(),
        field_type,
        alias: name.to_owned(),
        length: None,
        nullable: free,
        editable: free,
        domain: None,
        default_value: None,
    }
}

/// A site with one service that has one empty layer.
fn site(access: &str) -> (tempfile::TempDir, Router) {
    let folder = tempfile::tempdir().unwrap();
    let context = Context::open(Settings::new(folder.path(), "secret")).unwrap();
    let definition = json!({"capabilities": "Query,Create,Delete"});
    let schema = Schema {
        fields: vec![
            field("OBJECTID", FieldType::Oid),
            field("name", FieldType::String),
            field("pop", FieldType::Integer),
            field("founded", FieldType::Date),
            field("GlobalID", FieldType::GlobalId),
        ],
        global_id: Some(4),
        geometry_type: Some(GeometryType::Polygon),
        spatial_reference: SpatialReference { wkid: Some(4326), latest_wkid: Some(4326), wkt: None },
        ..Schema::default()
    };
    let columns = vec![None; schema.fields.len()];
    let layer =
        LayerSource { layer: Layer::new(0, "Towns", schema, json!({})).unwrap(), source: None, columns };
    let service = ServiceDescription { definition: definition.clone(), item_data: None };
    let source = ServiceSource { service, layers: vec![layer] };
    let store = context.services_folder().join("towns");
    HostedStore::create(&store, &source, &MemoryDatasets::default()).unwrap();
    let mut item =
        Item::new("0123456789abcdef0123456789abcdef".to_owned(), "ann", "Feature Service", "Towns");
    item.access = access.to_owned();
    let entry = NewService {
        folder: "Hosted".to_owned(),
        name: "Towns".to_owned(),
        kind: "FeatureServer".to_owned(),
        item_id: item.id.clone(),
        store: "towns".into(),
        definition,
        ..NewService::default()
    };
    let written = context.database().write(|t| {
        items::put(t, &item)?;
        services::put(t, &entry)
    });
    written.unwrap();
    context.services().refresh(context.database(), "Hosted", "Towns", "FeatureServer").unwrap();
    (folder, app(context))
}

async fn post(app: &Router, path: &str, form: &[(&str, &str)]) -> Value {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let request = Request::post(format!("{BASE}{path}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .unwrap();
    let response = app.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    serde_json::from_slice(&body).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&body)))
}

#[tokio::test]
async fn what_is_added_over_http_is_answered_over_http() {
    let (_folder, app) = site("public");
    let square = |x: i32| {
        json!({
            "attributes": {"name": format!("town {x}"), "pop": x * 10, "founded": 0},
            "geometry": {"rings": [[[x, 0], [x, 1], [x + 1, 1], [x + 1, 0], [x, 0]]]},
        })
    };
    let features = Value::Array((0..5).map(square).collect()).to_string();
    let added = post(&app, "/0/addFeatures", &[("features", &features)]).await;
    assert_eq!(added["addResults"].as_array().unwrap().len(), 5, "{added}");
    assert!(added["addResults"][0]["globalId"].as_str().unwrap().starts_with('{'));
    let page = post(
        &app,
        "/0/query",
        &[
            ("where", "pop >= 10 AND founded < CURRENT_TIMESTAMP"),
            ("outFields", "*"),
            ("orderByFields", "pop DESC"),
            ("resultRecordCount", "3"),
            ("outSR", "102100"),
        ],
    )
    .await;
    assert_eq!(page["features"].as_array().unwrap().len(), 3, "{page}");
    assert_eq!(page["exceededTransferLimit"], json!(true));
    assert_eq!(page["features"][0]["attributes"]["name"], "town 4");
    assert_eq!(page["features"][0]["geometry"]["rings"][0].as_array().unwrap().len(), 5);
    let inside = [
        ("geometry", "2.2,0.2,2.8,0.8"),
        ("geometryType", "esriGeometryEnvelope"),
        ("returnCountOnly", "true"),
    ];
    assert_eq!(post(&app, "/0/query", &inside).await, json!({"count": 1}));
    let sums = post(
        &app,
        "/0/query",
        &[(
            "outStatistics",
            r#"[{"statisticType":"sum","onStatisticField":"pop","outStatisticFieldName":"s"}]"#,
        )],
    )
    .await;
    assert_eq!(sums["features"][0]["attributes"]["s"], 100);
    let extent = post(&app, "/0", &[]).await["extent"].clone();
    assert_eq!([&extent["xmin"], &extent["xmax"]], [&json!(0.0), &json!(5.0)]);
    let gone =
        post(&app, "/0/deleteFeatures", &[("where", "name LIKE 'town %'"), ("returnDeleteResults", "false")])
            .await;
    assert_eq!(gone, json!({"success": true}));
    assert_eq!(post(&app, "/0/query", &[("returnCountOnly", "true")]).await, json!({"count": 0}));
    let refused =
        post(&app, "/0/updateFeatures", &[("features", r#"[{"attributes":{"OBJECTID":1}}]"#)]).await;
    assert!(refused["error"]["code"].is_number(), "the service does not offer updates: {refused}");
}

#[tokio::test]
async fn private_layers_ask_for_a_token_on_every_resource() {
    let (_folder, app) = site("private");
    for path in ["", "/0", "/layers", "/0/query", "/0/applyEdits", "/0/1", "/query"] {
        assert_eq!(post(&app, path, &[("where", "1=1")]).await["error"]["code"], 499, "{path}");
    }
}
