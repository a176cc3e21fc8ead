//! The resources of the portal, called without a socket.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use crate::app::app;
use crate::auth::Role;
use crate::state::users::{self, NewUser};
use crate::state::{Context, Settings};

struct Portal {
    _folder: tempfile::TempDir,
    context: Context,
    app: Router,
}

const BASE: &str = "/portal/sharing/rest";

impl Portal {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let context = Context::open(Settings::new(folder.path(), "secret")).unwrap();
        users::add(context.database(), &NewUser::new("ann", "ann-pw", Role::Publisher)).unwrap();
        users::add(context.database(), &NewUser::new("bob", "bob-pw", Role::User)).unwrap();
        let app = app(context.clone());
        Self { _folder: folder, context, app }
    }

    async fn send(&self, request: Request<Body>) -> (axum::http::response::Parts, Vec<u8>) {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        (parts, body.collect().await.unwrap().to_bytes().to_vec())
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = Request::post(format!("{BASE}{path}"))
            .header("host", "site.test:1")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap();
        let (parts, body) = self.send(request).await;
        assert_eq!(parts.status, 200);
        serde_json::from_slice(&body).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&body)))
    }

    async fn get(&self, path: &str) -> Value {
        let request =
            Request::get(format!("{BASE}{path}")).header("host", "site.test:1").body(Body::empty()).unwrap();
        let (_, body) = self.send(request).await;
        serde_json::from_slice(&body).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&body)))
    }

    async fn token(&self, user: &str, password: &str) -> String {
        let form = [("username", user), ("password", password), ("client", "requestip")];
        let reply = self.post("/generateToken", &form).await;
        reply["token"].as_str().unwrap_or_else(|| panic!("{reply}")).to_owned()
    }

    async fn upload(
        &self,
        path: &str,
        token: &str,
        fields: &[(&str, &str)],
        name: &str,
        data: &[u8],
    ) -> Value {
        let mut body = Vec::new();
        for (key, value) in fields.iter().chain([&("token", token)]) {
            body.extend_from_slice(
                format!("--b\r\ncontent-disposition: form-data; name=\"{key}\"\r\n\r\n{value}\r\n")
                    .as_bytes(),
            );
        }
        let head =
            format!("--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(data);
        body.extend_from_slice(b"\r\n--b--\r\n");
        let request = Request::post(format!("{BASE}{path}"))
            .header("content-type", "multipart/form-data; boundary=b")
            .body(Body::from(body))
            .unwrap();
        let (_, body) = self.send(request).await;
        serde_json::from_slice(&body).unwrap()
    }
}

fn code(reply: &Value) -> i64 {
    reply["error"]["code"].as_i64().unwrap_or_default()
}

#[tokio::test]
async fn addresses_echo_the_caller_s_host() {
    let portal = Portal::new();
    let info = portal.get("/info").await;
    assert_eq!(info["authInfo"]["tokenServicesUrl"], "http://site.test:1/portal/sharing/rest/generateToken");
    assert_eq!(portal.get("//info/").await, info);
}

#[tokio::test]
async fn a_password_buys_a_token_and_a_wrong_one_does_not() {
    let portal = Portal::new();
    let token = portal.token("ANN", "ann-pw").await;
    let this = portal.get(&format!("/community/self?token={token}")).await;
    assert_eq!(this["username"], "ann");
    assert_eq!(this["role"], "org_publisher");
    let refused = portal.post("/generateToken", &[("username", "ann"), ("password", "x")]).await;
    assert_eq!(refused["error"]["details"][0], "Invalid username or password.");
    assert_eq!(code(&portal.get("/community/self").await), 499);
    assert_eq!(code(&portal.get("/community/self?token=made-up").await), 498);
    assert_eq!(code(&portal.get("/generateToken?username=ann&password=ann-pw&f=json").await), 405);
}

#[tokio::test]
async fn a_token_for_a_referer_serves_only_that_referer() {
    let portal = Portal::new();
    let form =
        [("username", "ann"), ("password", "ann-pw"), ("client", "referer"), ("referer", "https://a.test")];
    let token = portal.post("/generateToken", &form).await["token"].as_str().unwrap().to_owned();
    let ask = |referer: &'static str| {
        let request = Request::get(format!("{BASE}/community/self?token={token}"))
            .header("referer", referer)
            .body(Body::empty())
            .unwrap();
        portal.send(request)
    };
    assert!(String::from_utf8(ask("https://a.test/page").await.1).unwrap().contains("\"ann\""));
    assert!(String::from_utf8(ask("https://b.test/").await.1).unwrap().contains("498"));
}

#[tokio::test]
async fn items_are_added_found_shared_and_deleted() {
    let portal = Portal::new();
    let (ann, bob) = (portal.token("ann", "ann-pw").await, portal.token("bob", "bob-pw").await);
    let fields =
        [("title", "Roads"), ("type", "Service Definition"), ("tags", "a, b,a"), ("TypeKeywords", "x")];
    let added = portal.upload("/content/users/ann/addItem", &ann, &fields, "roads.sd", b"7z data").await;
    assert_eq!(added["success"], true, "{added}");
    let id = added["id"].as_str().unwrap();

    let item = portal.get(&format!("/content/items/{id}?token={ann}")).await;
    assert_eq!(item["tags"], serde_json::json!(["a", "b"]));
    assert_eq!(item["size"], 7);
    assert_eq!(item["name"], "roads.sd");
    assert_eq!(code(&portal.get(&format!("/content/items/{id}?token={bob}")).await), 400);
    assert_eq!(code(&portal.get(&format!("/content/items/{id}")).await), 499);
    let again = portal.upload("/content/users/ann/addItem", &ann, &fields, "roads.sd", b"x").await;
    assert_eq!(again["error"]["messageCode"], "CONT_0008");

    let q = "q=title%3Aroads%20AND%20%20(type%3A%22service%20definition%22)";
    assert_eq!(portal.get(&format!("/search?{q}&token={bob}")).await["total"], 0);
    let shared = portal
        .post("/content/users/ann/shareItems", &[("items", id), ("org", "true"), ("token", &ann)])
        .await;
    assert_eq!(shared["results"][0]["success"], true);
    assert_eq!(portal.get(&format!("/search?{q}&token={bob}")).await["total"], 1);
    assert_eq!(portal.get(&format!("/search?{q}")).await["total"], 0);
    // Clients also share by the item alone.
    let place = format!("/content/items/{id}/share");
    assert_eq!(code(&portal.post(&place, &[("everyone", "true"), ("token", &bob)]).await), 403);
    let public = portal.post(&place, &[("everyone", "true"), ("token", &ann)]).await;
    assert_eq!(public["notSharedWith"], serde_json::json!([]), "{public}");
    assert_eq!(portal.get(&format!("/search?{q}")).await["total"], 1);
    assert_eq!(
        portal.get(&format!("/search?{q}&token={bob}&start=-1")).await["results"],
        serde_json::json!([])
    );

    let stolen = portal.post(&format!("/content/users/ann/items/{id}/delete"), &[("token", &bob)]).await;
    assert_eq!(code(&stolen), 403);
    let by_link = portal.get(&format!("/content/users/ann/items/{id}/delete?token={ann}")).await;
    assert_eq!(code(&by_link), 405);
    portal.post(&format!("/content/users/ann/items/{id}/protect"), &[("token", &ann)]).await;
    let kept = portal.post(&format!("/content/users/ann/items/{id}/delete"), &[("token", &ann)]).await;
    assert_eq!(kept["error"]["messageCode"], "CONT_0048");
    portal.post(&format!("/content/users/ann/items/{id}/unprotect"), &[("token", &ann)]).await;
    let gone = portal.post(&format!("/content/users/ann/items/{id}/delete"), &[("token", &ann)]).await;
    assert_eq!(gone["success"], true);
    assert_eq!(std::fs::read_dir(portal.context.item_file("")).unwrap().count(), 0);
}

#[tokio::test]
async fn parts_come_in_any_order_and_are_joined_by_number() {
    let portal = Portal::new();
    let ann = portal.token("ann", "ann-pw").await;
    let begin = [
        ("title", "big"),
        ("type", "Service Definition"),
        ("multipart", "true"),
        ("fileName", "big.sd"),
        ("token", &ann),
    ];
    let id = portal.post("/content/users/ann/addItem", &begin).await["id"].as_str().unwrap().to_owned();
    let path = format!("/content/users/ann/items/{id}");
    assert_eq!(portal.post(&format!("{path}/status"), &[("token", &ann)]).await["status"], "partial");
    for (number, data) in [("3", "cc"), ("1", "x"), ("1", "aaaa"), ("2", "bbb")] {
        let reply =
            portal.upload(&format!("{path}/addPart?partNum={number}"), &ann, &[], "p", data.as_bytes()).await;
        assert_eq!(reply["success"], true, "{reply}");
    }
    let done =
        portal.post(&format!("{path}/commit"), &[("token", &ann), ("type", "Service Definition")]).await;
    assert_eq!(done["success"], true, "{done}");
    assert_eq!(portal.post(&format!("{path}//status"), &[("token", &ann)]).await["status"], "completed");
    let request =
        Request::get(format!("{BASE}/content/items/{id}/data?token={ann}")).body(Body::empty()).unwrap();
    let (parts, body) = portal.send(request).await;
    assert_eq!(body, b"aaaabbbcc");
    assert!(parts.headers["content-disposition"].to_str().unwrap().contains("filename=\"big.sd\""));
}

#[tokio::test]
async fn a_gap_between_parts_is_reported() {
    let portal = Portal::new();
    let ann = portal.token("ann", "ann-pw").await;
    let begin =
        [("title", "big"), ("type", "CSV"), ("multipart", "true"), ("fileName", "b.csv"), ("token", &ann)];
    let id = portal.post("/content/users/ann/addItem", &begin).await["id"].as_str().unwrap().to_owned();
    let path = format!("/content/users/ann/items/{id}");
    portal.upload(&format!("{path}/addPart?partNum=2"), &ann, &[], "p", b"x").await;
    let reply = portal.post(&format!("{path}/commit"), &[("token", &ann)]).await;
    assert_eq!(reply["error"]["message"], "Parts are missing.");
    assert_eq!(portal.post(&format!("{path}/cancel"), &[("token", &ann)]).await["success"], true);
    assert_eq!(code(&portal.get(&format!("/content/items/{id}?token={ann}")).await), 400);
}

#[tokio::test]
async fn groups_let_their_members_see_items() {
    let portal = Portal::new();
    let (ann, bob) = (portal.token("ann", "ann-pw").await, portal.token("bob", "bob-pw").await);
    let made = portal
        .post("/community/createGroup", &[("title", "team"), ("access", "private"), ("token", &ann)])
        .await;
    let group = made["group"]["id"].as_str().unwrap().to_owned();
    let item = [("title", "note"), ("type", "Web Map"), ("text", "{}"), ("token", &ann)];
    let id = portal.post("/content/users/ann/addItem", &item).await["id"].as_str().unwrap().to_owned();
    portal
        .post(&format!("/content/users/ann/items/{id}/share"), &[("groups", &group), ("token", &ann)])
        .await;
    assert_eq!(code(&portal.get(&format!("/content/items/{id}?token={bob}")).await), 400);
    portal
        .post(&format!("/community/groups/{group}/addUsers"), &[("users", "bob,nobody"), ("token", &ann)])
        .await;
    let seen = portal.get(&format!("/content/items/{id}?token={bob}")).await;
    assert_eq!(seen["access"], "shared");
    assert_eq!(portal.get(&format!("/content/groups/{group}?token={bob}")).await["items"][0]["id"], *id);
    assert_eq!(code(&portal.get(&format!("/community/groups/{group}")).await), 400);
}

#[tokio::test]
async fn folders_hold_items_and_go_with_them() {
    let portal = Portal::new();
    let ann = portal.token("ann", "ann-pw").await;
    let made = portal.post("/content/users/ann/createFolder", &[("title", "plans"), ("token", &ann)]).await;
    let folder = made["folder"]["id"].as_str().unwrap().to_owned();
    let item = [("title", "n"), ("type", "Web Map"), ("text", "{}"), ("token", &ann)];
    portal.post(&format!("/content/users/ann/{folder}/addItem"), &item).await;
    let listed = portal.get(&format!("/content/users/ann/{folder}?token={ann}")).await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!(listed["currentFolder"]["title"], "plans");
    let root = portal.get(&format!("/content/users/ann?token={ann}")).await;
    assert_eq!(root["items"].as_array().unwrap().len(), 0);
    assert_eq!(root["folders"][0]["id"], *folder);
    let twice = portal.post("/content/users/ann/createFolder", &[("title", "plans"), ("token", &ann)]).await;
    assert_eq!(code(&twice), 409);
    let gone = portal.post(&format!("/content/users/ann/{folder}/delete"), &[("token", &ann)]).await;
    assert_eq!(gone["success"], true);
    assert_eq!(portal.get(&format!("/search?q=owner:ann&token={ann}")).await["total"], 0);
}

#[tokio::test]
async fn the_sign_in_page_is_what_the_official_client_scrapes() {
    let portal = Portal::new();
    let uri = format!(
        "{BASE}/oauth2/authorize?response_type=token&client_id=pythonapi&redirect_uri=https%3A%2F%2Fsite.test%3A1&state=s%3C%2Fscript%3E&expiration=600"
    );
    let request = Request::get(uri).header("host", "site.test:1").body(Body::empty()).unwrap();
    let page = String::from_utf8(portal.send(request).await.1).unwrap();
    assert!(!page.contains("Invalid redirect_uri"));
    let line = page.lines().find(|line| line.contains('{')).unwrap();
    let info: Value =
        serde_json::from_str(&line[line.find('{').unwrap()..=line.rfind('}').unwrap()]).unwrap();
    let state = info["oauth_state"].as_str().unwrap();

    let send = |password: &str| {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("username", "ann"), ("password", password), ("oauth_state", state)])
            .finish();
        let request = Request::post("/portal/sharing/oauth2/signin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap();
        portal.send(request)
    };
    let (parts, body) = send("wrong").await;
    assert_eq!(parts.status, 200);
    assert!(String::from_utf8(body).unwrap().contains("Invalid username or password"));
    let (parts, _) = send("ann-pw").await;
    assert_eq!(parts.status, 302);
    let location = parts.headers["location"].to_str().unwrap();
    assert!(location.starts_with("https://site.test:1#access_token="), "{location}");
    assert!(location.ends_with("&state=s%3C%2Fscript%3E&persist=false"), "{location}");
    let (parts, body) = send("ann-pw").await;
    assert_eq!(parts.status, 200);
    assert!(String::from_utf8(body).unwrap().contains("OAUTH_0015"));
}

#[tokio::test]
async fn a_code_is_redeemed_once_by_who_asked_for_it() {
    let portal = Portal::new();
    let uri = format!(
        "{BASE}/oauth2/authorize?response_type=code&client_id=app&code_challenge=abc&redirect_uri=urn%3Aietf%3Awg%3Aoauth%3A2.0%3Aoob"
    );
    let page =
        String::from_utf8(portal.send(Request::get(uri).body(Body::empty()).unwrap()).await.1).unwrap();
    let state = page.split("\"oauth_state\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let request = Request::post("/portal/sharing/oauth2/signin")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(format!("username=ann&password=ann-pw&oauth_state={state}")))
        .unwrap();
    let page = String::from_utf8(portal.send(request).await.1).unwrap();
    let code = page.split("SUCCESS code=").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let form = |verifier: &'static str| {
        [("grant_type", "authorization_code"), ("client_id", "app"), ("code_verifier", verifier)]
    };
    let mut right = form("abc").to_vec();
    right.push(("code", &code));
    let reply = portal.post("/oauth2/token", &right).await;
    let refresh = reply["refresh_token"].as_str().unwrap();
    assert_eq!(reply["username"], "ann");
    assert_eq!(portal.post("/oauth2/token", &right).await["error"]["error"], "invalid_grant");
    let renewed =
        portal.post("/oauth2/token", &[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
    let access = renewed["access_token"].as_str().unwrap();
    assert_eq!(portal.get(&format!("/community/self?token={access}")).await["username"], "ann");
    assert_eq!(code_of(&portal.get(&format!("/community/self?token={refresh}")).await), 498);
}

fn code_of(reply: &Value) -> i64 {
    code(reply)
}

#[tokio::test]
async fn pages_escape_what_users_wrote() {
    let portal = Portal::new();
    let ann = portal.token("ann", "ann-pw").await;
    let item =
        [("title", "<img src=x onerror=alert(1)>"), ("type", "Web Map"), ("text", "{}"), ("token", &ann)];
    let id = portal.post("/content/users/ann/addItem", &item).await["id"].as_str().unwrap().to_owned();
    for path in [format!("{BASE}/content/items/{id}?f=html&token={ann}"), format!("/?token={ann}")] {
        let request = Request::get(path).header("accept", "text/html").body(Body::empty()).unwrap();
        let (parts, body) = portal.send(request).await;
        let page = String::from_utf8(body).unwrap();
        assert!(page.contains("&lt;img"), "{page}");
        assert!(!page.contains("<img"));
        assert!(parts.headers["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    }
}

#[tokio::test]
async fn state_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (token, id) = {
        let context = Context::open(Settings::new(folder.path(), "secret")).unwrap();
        let portal = Portal { _folder: tempfile::tempdir().unwrap(), app: app(context.clone()), context };
        let token = portal.token("admin", "secret").await;
        let fields = [("title", "Roads"), ("type", "CSV")];
        let added = portal.upload("/content/users/admin/addItem", &token, &fields, "a.csv", b"a,b").await;
        (token, added["id"].as_str().unwrap().to_owned())
    };
    std::fs::write(folder.path().join("tmp/left-behind"), "x").unwrap();
    std::fs::create_dir(folder.path().join("services/half-made")).unwrap();
    let context = Context::open(Settings::new(folder.path(), "other")).unwrap();
    let portal = Portal { _folder: tempfile::tempdir().unwrap(), app: app(context.clone()), context };
    let item = portal.get(&format!("/content/items/{id}?token={token}")).await;
    assert_eq!(item["title"], "Roads");
    assert!(!folder.path().join("tmp/left-behind").exists());
    assert!(!folder.path().join("services/half-made").exists());
}

#[tokio::test]
async fn one_folder_serves_one_site() {
    let folder = tempfile::tempdir().unwrap();
    let _first = Context::open(Settings::new(folder.path(), "secret")).unwrap();
    let error = Context::open(Settings::new(folder.path(), "secret")).unwrap_err().to_string();
    assert!(error.contains("another site runs"), "{error}");
}

#[tokio::test]
async fn jsonp_and_pjson_are_forms_of_the_same_answer() {
    let portal = Portal::new();
    let ask = |query: &str| {
        let request = Request::get(format!("/server/rest/services?{query}")).body(Body::empty()).unwrap();
        portal.send(request)
    };
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    assert_eq!(
        text(ask("f=json").await.1),
        "{\"currentVersion\":11.3,\"folders\":[\"Hosted\",\"System\"],\"services\":[]}"
    );
    assert!(text(ask("f=pjson").await.1).contains("\n  \"folders\""));
    assert!(text(ask("callback=cb&f=json").await.1).starts_with("/**/cb({"));
    assert!(!text(ask("callback=alert(1)&f=json").await.1).contains("alert"));
    assert!(text(ask("f=html").await.1).contains("<a href=\"/server/rest/services/Hosted\">"));
    assert!(text(ask("f=json").await.1).len() < 100);
}
