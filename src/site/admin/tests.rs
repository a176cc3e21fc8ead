//! The administration over HTTP, without data.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::app::app;
use crate::auth::tokens::{Binding, Kind};
use crate::auth::{Caller, Role};
use crate::state::users::NewUser;
use crate::state::{Context, Settings};

struct Server {
    app: Router,
    token: String,
    context: Context,
    folder: tempfile::TempDir,
}

fn server(role: Role) -> Server {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(folder.path().join("site"), "secret");
    settings.users.push(NewUser::new("pia", "pia.password", role));
    let context = Context::open(settings).unwrap();
    let token = token(&context, "pia", role);
    Server { app: app(context.clone()), token, context, folder }
}

fn token(context: &Context, name: &str, role: Role) -> String {
    let caller = Caller::new(name, role);
    context.tokens().issue(context.database(), &caller, Kind::Access, 60, Binding::None).unwrap().0
}

impl Server {
    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Value {
        self.post_as(&self.token, path, form).await
    }

    async fn post_as(&self, token: &str, path: &str, form: &[(&str, &str)]) -> Value {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("token", token)
            .append_pair("f", "json")
            .extend_pairs(form)
            .finish();
        let request = Request::post(format!("/server/{path}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap();
        answer(self.app.clone().oneshot(request).await.unwrap()).await
    }

    async fn get(&self, path: &str) -> Value {
        let mark = if path.contains('?') { '&' } else { '?' };
        let request =
            Request::get(format!("{path}{mark}f=json&token={}", self.token)).body(Body::empty()).unwrap();
        answer(self.app.clone().oneshot(request).await.unwrap()).await
    }

    async fn create(&self, folder: &str, service: &Value) -> Value {
        let path = format!("admin/services/{folder}createService");
        self.post(&path, &[("service", &service.to_string())]).await
    }
}

async fn answer(response: axum::response::Response) -> Value {
    assert_eq!(response.status(), 200);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    serde_json::from_slice(&body).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&body)))
}

fn geometry() -> Value {
    json!({ "serviceName": "Geometry", "type": "GeometryServer", "capabilities": "", "properties": {} })
}

#[tokio::test]
async fn a_service_is_made_listed_edited_stopped_and_deleted() {
    let server = server(Role::Publisher);
    assert_eq!(
        server.post("admin/services/createFolder", &[("folderName", "Plans")]).await["status"],
        "success"
    );
    assert_eq!(server.create("Plans/", &geometry()).await, json!({ "status": "success" }));
    assert_eq!(server.create("plans/", &geometry()).await["code"], 409, "names are unique in any case");
    let path = "admin/services/Plans/Geometry.GeometryServer";
    let listed = server.post("admin/services/Plans", &[]).await;
    assert_eq!(listed["services"][0]["serviceName"], "Geometry");
    let exists = [("folderName", "/Plans"), ("serviceName", "geometry"), ("type", "GeometryServer")];
    assert_eq!(server.post("admin/services/exists", &exists).await, json!({ "exists": true }));
    let mut shown = server.post(path, &[]).await;
    assert_eq!(shown["maxInstancesPerNode"], 2, "{shown}");
    shown["maxInstancesPerNode"] = json!(5);
    let edited = server.post(&format!("{path}/edit"), &[("service", &shown.to_string())]).await;
    assert_eq!(edited["status"], "success", "{edited}");
    assert_eq!(server.post(path, &[]).await["maxInstancesPerNode"], 5);
    server.post(&format!("{path}/stop"), &[]).await;
    assert_eq!(server.post(&format!("{path}/status"), &[]).await["configuredState"], "STOPPED");
    let refused = server.post("rest/services/Plans/Geometry/GeometryServer", &[]).await;
    assert_eq!(refused["error"]["message"], "Service Plans/Geometry/GeometryServer not started");
    assert_eq!(refused["error"]["code"], 500);
    let all = r#"{"services":[{"folderName":"Plans","serviceName":"Geometry","type":"GeometryServer"}]}"#;
    assert_eq!(server.post("admin/services/startServices", &[("services", all)]).await["status"], "success");
    let honest = server.post("rest/services/Plans/Geometry/GeometryServer", &[]).await;
    assert_eq!(honest["error"]["code"], 501, "{honest}");
    assert_eq!(server.post("admin/services/Plans/deleteFolder", &[]).await["code"], 409, "not empty");
    assert_eq!(server.post(&format!("{path}/delete"), &[]).await["status"], "success");
    assert_eq!(server.post(path, &[]).await["code"], 404);
    assert_eq!(server.post("admin/services/Plans/deleteFolder", &[]).await["status"], "success");
}

#[tokio::test]
async fn a_feature_service_without_data_has_no_layers_and_takes_edits_of_its_configuration() {
    let server = server(Role::Publisher);
    let mut service =
        json!({ "serviceName": "Empty", "type": "FeatureServer", "capabilities": "Query,Create" });
    assert_eq!(server.create("", &service).await["status"], "success");
    let root = server.post("rest/services/Empty/FeatureServer", &[]).await;
    assert_eq!((&root["layers"], &root["capabilities"]), (&json!([]), &json!("Query,Create")), "{root}");
    service["capabilities"] = json!("Query");
    service["properties"] = json!({ "maxRecordCount": "17" });
    let path = "admin/services/Empty.FeatureServer";
    let edited = server.post(&format!("{path}/edit"), &[("service", &service.to_string())]).await;
    assert_eq!(edited["status"], "success", "{edited}");
    let root = server.post("rest/services/Empty/FeatureServer", &[]).await;
    assert_eq!((&root["capabilities"], &root["maxRecordCount"]), (&json!("Query"), &json!(17)), "{root}");
    service["type"] = json!("MapServer");
    let refused = server.post(&format!("{path}/edit"), &[("service", &service.to_string())]).await;
    assert!(refused["messages"][1].as_str().unwrap().starts_with("`service.type`"), "{refused}");
    let items = server.context.services().all();
    assert_eq!(&*items[0].sharing().owner, "pia");
}

#[tokio::test]
async fn a_service_is_renamed_and_its_address_with_it() {
    let server = server(Role::Publisher);
    server.create("", &geometry()).await;
    let form = [("serviceName", "Geometry"), ("serviceType", "GeometryServer"), ("serviceNewName", "Shapes")];
    assert_eq!(server.post("admin/services/renameService", &form).await["status"], "success");
    assert_eq!(server.post("admin/services/Shapes.GeometryServer", &[]).await["serviceName"], "Shapes");
    assert_eq!(server.post("admin/services/Geometry.GeometryServer", &[]).await["code"], 404);
}

#[tokio::test]
async fn what_cannot_be_a_service_is_refused() {
    let server = server(Role::Publisher);
    let with = |key: &str, value: Value| {
        let mut service = geometry();
        service[key] = value;
        service
    };
    for (folder, service, code) in [
        ("", with("serviceName", json!("../x")), 400),
        ("", with("serviceName", json!("")), 400),
        ("", with("serviceName", json!("a b")), 400),
        ("", with("serviceName", json!("n".repeat(121))), 400),
        ("", with("type", json!("NoServer")), 400),
        ("", with("provider", json!("ArcObjects")), 500),
        ("", json!([]), 400),
        ("Nowhere/", geometry(), 404),
        ("System/", geometry(), 403),
        ("%2e%2e/", geometry(), 404),
    ] {
        let refused = server.create(folder, &service).await;
        assert_eq!(refused["code"], code, "{folder} {service}: {refused}");
        assert_eq!(refused["status"], "error");
    }
    for name in ["", "..", "a/b", "a b", "Hosted/x", "<script>", "Hosted", &"n".repeat(161)] {
        let refused = server.post("admin/services/createFolder", &[("folderName", name)]).await;
        assert_eq!(refused["status"], "error", "{name}");
    }
    assert!(server.context.services().all().is_empty());
}

#[tokio::test]
async fn the_administration_is_for_publishers_and_services_for_their_owners() {
    let server = server(Role::User);
    for path in
        ["admin", "admin/services", "admin/uploads", "admin/data/findItems", "admin/services/createService"]
    {
        assert_eq!(server.post(path, &[]).await["code"], 403, "{path}");
        assert_eq!(server.post_as("nonsense", path, &[]).await["code"], 498, "{path}");
    }
    let publisher = token(&server.context, "admin", Role::Administrator);
    let made = [("service", geometry().to_string())];
    let made: Vec<(&str, &str)> = made.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let done = server.post_as(&publisher, "admin/services/createService", &made).await;
    assert_eq!(done["status"], "success", "{done}");
    let other = token(&server.context, "pia", Role::Publisher);
    let refused = server.post_as(&other, "admin/services/Geometry.GeometryServer/delete", &[]).await;
    assert_eq!(refused["code"], 403, "{refused}");
}

#[tokio::test]
async fn folders_of_data_are_registered_found_and_checked() {
    let server = server(Role::Publisher);
    let data = server.folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let item = json!({ "path": "/fileShares/Data", "type": "folder", "info": { "path": data } }).to_string();
    let done = server.post("admin/data/registerItem", &[("item", &item)]).await;
    assert_eq!(done["success"], true, "{done}");
    let again = server.post("admin/data/registerItem", &[("item", &item)]).await;
    assert_eq!(again["messages"][0], "Client database entry is already registered.");
    let found =
        server.post("admin/data/findItems", &[("parentPath", "/fileShares"), ("types", "folder")]).await;
    assert_eq!(found["items"][0]["path"], "/fileShares/Data");
    assert_eq!(server.get("/server/admin/data/items/fileShares").await["childItems"], json!(["Data"]));
    assert_eq!(server.post("admin/data/validateDataItem", &[("item", &item)]).await["status"], "success");
    std::fs::remove_dir(&data).unwrap();
    assert_eq!(server.post("admin/data/validateDataItem", &[("item", &item)]).await["status"], "error");
    let gone = [("itemPath", "/fileShares/Data")];
    assert_eq!(server.post("admin/data/unregisterItem", &gone).await["success"], true);
    assert_eq!(server.post("admin/data/unregisterItem", &gone).await["code"], 404);
}

#[tokio::test]
async fn uploads_in_parts_become_one_file_and_belong_to_their_sender() {
    let server = server(Role::Publisher);
    let refused = server.post("admin/uploads/register", &[("itemName", "../a.exe")]).await;
    assert_eq!(refused["status"], "error");
    let item = server.post("admin/uploads/register", &[("itemName", "a.sd")]).await["item"].clone();
    let id = item["itemID"].as_str().unwrap();
    for (number, text) in [("2", "world"), ("1", "hello ")] {
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"partNumber\"\r\n\r\n{number}\r\n\
             --b\r\nContent-Disposition: form-data; name=\"partFile\"; filename=\"p\"\r\n\r\n{text}\r\n--b--\r\n"
        );
        let request =
            Request::post(format!("/server/admin/uploads/{id}/uploadPart?f=json&token={}", server.token))
                .header("content-type", "multipart/form-data; boundary=b")
                .body(Body::from(body))
                .unwrap();
        let done = answer(server.app.clone().oneshot(request).await.unwrap()).await;
        assert_eq!(done["status"], "success", "{done}");
    }
    let early = server.get(&format!("/server/admin/uploads/{id}/serviceconfiguration.json")).await;
    assert_eq!(early["code"], 400, "not committed: {early}");
    let done = server.post(&format!("admin/uploads/{id}/commit"), &[]).await;
    assert_eq!(done["item"]["committed"], true, "{done}");
    assert_eq!(std::fs::read(server.context.server_upload_file(id)).unwrap(), b"hello world");
    let broken = server.get(&format!("/server/admin/uploads/{id}/serviceconfiguration.json")).await;
    assert!(!broken.to_string().contains("server-uploads"), "{broken}");
    assert_eq!(broken["status"], "error");
    let other = token(&server.context, "zoe", Role::Publisher);
    assert_eq!(server.post_as(&other, &format!("admin/uploads/{id}"), &[]).await["code"], 404);
    let task = "rest/services/System/PublishingTools/GPServer/Publish%20Service%20Definition/submitJob";
    let refused = server.post(task, &[("in_sdp_id", id)]).await;
    assert!(refused["error"]["code"].is_number(), "{refused}");
    assert_eq!(server.post(&format!("admin/uploads/{id}/delete"), &[]).await["status"], "success");
    assert_eq!(server.post(&format!("admin/uploads/{id}"), &[]).await["code"], 404);
}

#[tokio::test]
async fn the_server_stands_alone_below_its_second_name() {
    let server = server(Role::Publisher);
    assert!(server.get("/server/rest/info").await["owningSystemUrl"].is_string());
    let alone = server.get("/arcgis/rest/info").await;
    assert!(alone.get("owningSystemUrl").is_none());
    assert!(
        alone["authInfo"]["tokenServicesUrl"].as_str().unwrap().ends_with("/arcgis/tokens/generateToken")
    );
    let system = server.get("/arcgis/rest/services/System").await;
    assert_eq!(system["services"][0]["name"], "System/PublishingTools");
}
