use axum::body::Body;
use axum::http::Request;

use super::*;

fn context() -> (tempfile::TempDir, Context) {
    let folder = tempfile::tempdir().unwrap();
    let context = Context::open(crate::state::Settings::new(folder.path(), "secret")).unwrap();
    (folder, context)
}

async fn read(request: Request<Body>) -> Params {
    let (_folder, context) = context();
    Params::from_request(request, &context).await.unwrap()
}

#[tokio::test]
async fn address_and_form_are_merged_whatever_the_case() {
    let request = Request::post("/x?partNum=1&F=pjson")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("host", "maps.example:8080")
        .body(Body::from("itemID=a%20b&tags=x&tags=y&empty="))
        .unwrap();
    let params = read(request).await;
    assert_eq!(params.get("PARTNUM"), Some("1"));
    assert_eq!(params.get("itemid"), Some("a b"));
    assert_eq!(params.all("Tags"), ["x", "y"]);
    assert_eq!(params.text("empty"), None);
    assert_eq!(params.format(), Format::Pjson);
    assert_eq!(params.origin(), "http://maps.example:8080");
}

#[tokio::test]
async fn a_multipart_file_is_on_disk_under_a_harmless_name() {
    let (_folder, context) = context();
    let body = "--b\r\ncontent-disposition: form-data; name=\"Title\"\r\n\r\nRoads\r\n\
--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"..\\..\\../etc/passwd\"\r\n\r\ndata\r\n--b--\r\n";
    let request = Request::post("/x")
        .header("content-type", "multipart/form-data; boundary=b")
        .body(Body::from(body))
        .unwrap();
    let params = Params::from_request(request, &context).await.unwrap();
    assert_eq!(params.get("title"), Some("Roads"));
    let file = params.file("FILE").unwrap();
    assert_eq!(file.file_name, "passwd");
    assert_eq!(std::fs::read(file.path()).unwrap(), b"data");
    let path = file.path().to_owned();
    assert!(path.starts_with(context.folder()));
    drop(params);
    assert!(!path.exists());
}

#[tokio::test]
async fn a_host_that_is_none_is_not_echoed() {
    let request = Request::get("/x").header("host", "a\"><script>").body(Body::empty()).unwrap();
    assert_eq!(read(request).await.origin(), "http://localhost");
}

#[tokio::test]
async fn a_callback_must_be_a_name() {
    for (callback, legal) in
        [("fn", true), ("window._leaflet.cb[3]", true), ("alert(1)//", false), ("a;b", false), ("<x>", false)]
    {
        let params = Params::of(&[("callback", callback)]);
        assert_eq!(params.callback().is_some(), legal, "{callback}");
    }
}

#[tokio::test]
async fn strangers_cannot_fill_the_disk() {
    let (_folder, context) = context();
    let mut body = b"--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n".to_vec();
    body.resize(body.len() + (2 << 20), b'x');
    body.extend_from_slice(b"\r\n--b--\r\n");
    let request = Request::post("/x")
        .header("content-type", "multipart/form-data; boundary=b")
        .body(Body::from(body))
        .unwrap();
    let response = Params::from_request(request, &context).await.unwrap_err();
    let bytes = http_body_util::BodyExt::collect(response.into_body()).await.unwrap().to_bytes();
    assert!(String::from_utf8_lossy(&bytes).contains("Token Required"));
    assert_eq!(std::fs::read_dir(context.folder().join("tmp")).unwrap().count(), 0);
}
