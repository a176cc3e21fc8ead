//! Servers: where their tokens come from, and publishing by their own tool.

#![allow(missing_docs, dead_code, unreachable_pub, clippy::pedantic)]

mod fake;

use std::sync::Arc;
use std::time::Duration;

use fake::{Answer, Fake};
use geosharing_client::{Address, Kind, Options, Secret, ServerDefinition, Session};

fn options() -> Options {
    Options {
        repeats: 1,
        pause: Duration::from_millis(5),
        silence: Duration::from_secs(5),
        ..Options::default()
    }
}

fn server(fake: &Fake) -> Session {
    let address = Address::parse_server(&format!("{}/rest/services", fake.url)).expect("an address");
    Session::new(address, options()).expect("a session")
}

fn json(text: &str) -> Answer {
    Answer::Json(text.to_owned())
}

fn token() -> Answer {
    json("{\"token\":\"T\",\"expires\":4102444800000}")
}

fn definition(folder: &tempfile::TempDir) -> ServerDefinition {
    let path = folder.path().join("roads.sd");
    std::fs::write(&path, b"a service definition").expect("a file");
    ServerDefinition {
        path,
        folder: Some("Town".to_owned()),
        create_folder: true,
        stopped: true,
        ..Default::default()
    }
}

/// Answers as a server whose tool stands in PublishingToolsEx and whose job ends with `last`.
fn publishing(last: &'static str) -> impl Fn(&fake::Asked, usize) -> Answer + Send + Sync {
    move |asked, _| {
        let path = asked.path.as_str();
        let ends = |end: &str| path.ends_with(end);
        if ends("rest/info") {
            json("{\"authInfo\":{\"tokenServicesUrl\":\"/portal/tokens/generateToken\"}}")
        } else if ends("tokens/generateToken") {
            token()
        } else if ends("admin/services") {
            json("{\"folders\":[\"System\"]}")
        } else if ends("uploads/upload") {
            json("{\"status\":\"success\",\"item\":{\"itemID\":\"i1\"}}")
        } else if ends("serviceconfiguration.json") {
            json(
                "{\"folderName\":\"\",\"service\":{\"serviceName\":\"Roads\",\"type\":\"MapServer\",\"x\":1}}",
            )
        } else if path.contains("/PublishingTools/") {
            json("{\"error\":{\"code\":404,\"message\":\"Service not found\",\"details\":[]}}")
        } else if ends("submitJob") {
            json("{\"jobId\":\"j1\",\"jobStatus\":\"esriJobSubmitted\"}")
        } else if ends("jobs/j1") {
            json(last)
        } else if ends("out_rest_svc_url") {
            json("{\"value\":\"https://h/rest/services/Town/Roads/MapServer\"}")
        } else {
            json("{\"status\":\"success\",\"value\":\"\"}")
        }
    }
}

#[tokio::test]
async fn a_definition_is_published_by_the_tool_with_its_whole_configuration() {
    let fake = Fake::start(publishing("{\"jobStatus\":\"esriJobSucceeded\"}")).await;
    let session = server(&fake);
    session.sign_in("me", Secret::new("secret")).await.expect("a token");
    let folder = tempfile::tempdir().expect("a folder");
    let published = session.publish_on_server(&definition(&folder), None).await.expect("a service");
    assert_eq!(published.url, "https://h/rest/services/Town/Roads/MapServer");
    assert_eq!(published.kind, "MapServer");
    assert_eq!(fake.asked("createFolder")[0].field("folderName").as_deref(), Some("Town"));
    let submitted = fake.asked("submitJob");
    assert!(submitted.last().expect("a job").path.contains("PublishingToolsEx"));
    let configuration = submitted[0].field("in_config_overwrite").expect("a configuration");
    for part in ["%22x%22%3A1", "STOPPED", "%22Town%22", "%22Roads%22"] {
        assert!(configuration.contains(part), "{part} in {configuration}");
    }
    assert!(fake.asked("i1/delete").is_empty(), "the server deletes what it has published");
}

#[tokio::test]
async fn a_failed_job_tells_all_its_errors_and_leaves_no_upload_behind() {
    let failed = "{\"jobStatus\":\"esriJobFailed\",\"messages\":[\
        {\"type\":\"esriJobMessageTypeInformative\",\"description\":\"Executing\"},\
        {\"type\":\"esriJobMessageTypeError\",\"description\":\"ERROR 001487: moved\"},\
        {\"type\":\"esriJobMessageTypeError\",\"description\":\"ERROR 001369: failed\"}]}";
    let fake = Fake::start(publishing(failed)).await;
    let session = server(&fake);
    session.sign_in("me", Secret::new("secret")).await.expect("a token");
    let folder = tempfile::tempdir().expect("a folder");
    let error = session.publish_on_server(&definition(&folder), None).await.expect_err("a failure");
    assert_eq!(error.kind(), Kind::JobFailed);
    assert_eq!(
        (error.message(), error.details()),
        ("ERROR 001487: moved", &["ERROR 001369: failed".to_owned()][..])
    );
    assert_eq!(fake.asked("i1/delete").len(), 1);
}

#[tokio::test]
async fn a_federated_server_takes_the_tokens_of_its_portal() {
    let fake = Fake::start(|asked, _| {
        if asked.path.ends_with("sharing/rest/generateToken") { token() } else { json("{\"ok\":1}") }
    })
    .await;
    let portal = Session::new(Address::parse(&fake.url).expect("an address"), options()).expect("a session");
    portal.sign_in("me", Secret::new("secret")).await.expect("a token");
    let address = Address::parse_server(&fake.url).expect("an address");
    let session = Session::federated(address, Arc::new(portal)).expect("a session");
    session.call("admin/info", &[], geosharing_client::Repeat::Safe).await.expect("a reply");
    assert_eq!(fake.asked("admin/info")[0].field("token").as_deref(), Some("T"));
}

#[tokio::test]
async fn a_password_is_not_sent_where_the_server_points_in_plain_text() {
    let fake = Fake::start(|_, _| {
        json("{\"authInfo\":{\"tokenServicesUrl\":\"http://elsewhere.example/generateToken\"}}")
    })
    .await;
    // Loopback servers are this machine's own; only the foreign host is in question here.
    let session = server(&fake);
    let error = session.sign_in("me", Secret::new("secret")).await.expect_err("a refusal");
    assert!(!error.to_string().contains("secret"), "{error}");
    assert_eq!(fake.asked("generateToken").len(), 0);
}
