//! Uploads and publishing against a loopback portal that fails at the worst moments.

#![allow(missing_docs, dead_code, unreachable_pub, clippy::pedantic)]

mod fake;

use std::io::Write;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fake::{Answer, Asked, Fake};
use geosharing_client::{Address, Definition, Kind, Options, Secret, Session, Sharing};

const ITEM: &str = "0123456789abcdef0123456789abcdef";

async fn signed_in(url: &str) -> Session {
    let options = Options {
        repeats: 2,
        pause: Duration::from_millis(5),
        silence: Duration::from_secs(10),
        ..Options::default()
    };
    let session = Session::new(Address::parse(url).expect("an address"), options).expect("a session");
    session.sign_in("me", Secret::new("p")).await.expect("a token");
    session
}

fn file(megabytes: usize) -> tempfile::NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(".sd").tempfile().expect("a file");
    for number in 0..megabytes {
        let block: Vec<u8> =
            (0..1 << 20).map(|index: usize| ((index * 31 + number * 7) % 251) as u8).collect();
        file.write_all(&block).expect("a write");
    }
    file.write_all(b"the end").expect("a write");
    file
}

fn definition(file: &tempfile::NamedTempFile) -> Definition {
    Definition {
        path: file.path().to_path_buf(),
        service_name: "Roads".into(),
        patience: Some(Duration::from_secs(2)),
        ..Definition::default()
    }
}

/// A portal that does everything right.
fn good(asked: &Asked) -> Answer {
    let path =
        asked.path.split('?').next().unwrap_or("").split("/sharing/rest/").last().unwrap_or("").to_owned();
    let json = |text: &str| Answer::Json(text.to_owned());
    match path.rsplit('/').next().unwrap_or("") {
        "generateToken" => json("{\"token\":\"T\",\"expires\":4102444800000}"),
        "isServiceNameAvailable" => json("{\"available\":true}"),
        "addItem" | "update" | "commit" | "delete" | "cancel" | "addPart" => {
            Answer::Json(format!("{{\"success\":true,\"id\":\"{ITEM}\"}}"))
        }
        "status" => json("{\"status\":\"completed\"}"),
        "publish" => Answer::Json(
            "{\"services\":[{\"type\":\"Feature Service\",\"serviceurl\":\"https://h/rest/services/Roads/FeatureServer\",\
             \"jobId\":\"J\",\"serviceItemId\":\"5e1f\"}]}"
                .to_owned(),
        ),
        "share" => json("{\"notSharedWith\":[],\"itemId\":\"5e1f\"}"),
        "search" => json("{\"results\":[],\"nextStart\":-1}"),
        "createFolder" => json("{\"success\":true,\"folder\":{\"id\":\"f00\",\"title\":\"New\"}}"),
        "me" if path.starts_with("community") => {
            json("{\"username\":\"me\",\"groups\":[{\"id\":\"g1\",\"title\":\"Planners\"}]}")
        }
        "me" => json("{\"items\":[],\"folders\":[{\"id\":\"f01\",\"title\":\"Old\"}]}"),
        _ => json("{\"items\":[],\"url\":\"https://h\"}"),
    }
}

#[tokio::test]
async fn a_small_file_is_one_request_and_arrives_whole() {
    let fake = Fake::start(|asked, _| good(asked)).await;
    let file = file(1);
    let published =
        signed_in(&fake.url).await.publish_definition(&definition(&file), None).await.expect("published");
    assert_eq!(published.services[0].url, "https://h/rest/services/Roads/FeatureServer");
    assert!(!published.replaced);
    let sent = &fake.asked("addItem")[0];
    assert!(sent.file() == std::fs::read(file.path()).expect("the file"), "the bytes differ");
    let text = String::from_utf8_lossy(&sent.body);
    assert!(text.find("name=\"token\"") < text.find("name=\"file\""), "the token comes first");
    assert!(fake.asked("addPart").is_empty());
}

#[tokio::test]
async fn a_large_file_goes_in_parts_one_of_which_fails_and_one_meets_an_old_token() {
    let failures = AtomicUsize::new(0);
    let fake = Fake::start(move |asked, _| {
        if asked.path.contains("partNum=2") && failures.fetch_add(1, Ordering::SeqCst) < 2 {
            return match failures.load(Ordering::SeqCst) {
                1 => Answer::Status(503, String::new(), String::new()),
                _ => Answer::Json("{\"error\":{\"code\":498,\"message\":\"Invalid token.\"}}".into()),
            };
        }
        good(asked)
    })
    .await;
    let file = file(70);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let last = Arc::new(AtomicU64::new(0));
    let at = Arc::clone(&last);
    let session = signed_in(&fake.url).await;
    session
        .publish_definition(
            &definition(&file),
            Some(Arc::new(move |done, total| {
                at.store(done, Ordering::SeqCst);
                log.lock().expect("the log").push((done, total));
            })),
        )
        .await
        .expect("published");
    let mut parts = fake.asked("addPart");
    assert_eq!(parts.len(), 5, "three parts, one of them three times");
    parts.sort_by_key(|part| part.path.clone());
    parts.dedup_by_key(|part| part.path.clone());
    let whole: Vec<u8> = parts.iter().flat_map(|part| part.file().to_vec()).collect();
    assert!(whole == std::fs::read(file.path()).expect("the file"), "the bytes differ");
    assert!(parts[..2].iter().all(|part| part.file().len() >= 5_000_000));
    let total = file.path().metadata().expect("its size").len();
    assert!(seen.lock().expect("the log").iter().all(|(done, of)| *of == total && *done <= total));
    assert_eq!(last.load(Ordering::SeqCst), total);
    let paths = fake.paths();
    let place = |word: &str| paths.iter().position(|path| path.ends_with(word)).expect(word);
    assert!(place("commit") > place("addItem"));
    assert_eq!(fake.asked("addItem")[0].field("multipart").as_deref(), Some("true"));
}

#[tokio::test]
async fn an_upload_that_fails_leaves_no_item() {
    let fake = Fake::start(|asked, _| {
        if asked.path.contains("addPart") {
            return Answer::Json("{\"error\":{\"code\":400,\"message\":\"disk full\"}}".into());
        }
        good(asked)
    })
    .await;
    let file = file(11);
    let refused =
        signed_in(&fake.url).await.publish_definition(&definition(&file), None).await.expect_err("disk full");
    assert_eq!(refused.message(), "disk full");
    assert_eq!(fake.asked("cancel").len(), 1);
    assert_eq!(fake.asked("delete").len(), 1);
    assert!(fake.asked("publish").is_empty());
}

#[tokio::test]
async fn a_failed_job_tells_its_messages_and_leaves_no_item() {
    let fake = Fake::start(|asked, _| {
        if asked.path.ends_with("status") {
            return Answer::Json(
                "{\"status\":\"failed\",\"statusMessage\":\"ERROR 001369: Failed to create the service.\\nno room\"}"
                    .into(),
            );
        }
        good(asked)
    })
    .await;
    let file = file(0);
    let failed =
        signed_in(&fake.url).await.publish_definition(&definition(&file), None).await.expect_err("failed");
    assert_eq!(failed.kind(), Kind::JobFailed);
    assert_eq!(failed.message(), "ERROR 001369: Failed to create the service.");
    assert_eq!(failed.details(), ["no room"]);
    assert_eq!(fake.asked("delete").len(), 1);
}

#[tokio::test]
async fn a_job_that_never_ends_is_given_up() {
    let fake = Fake::start(|asked, _| {
        if asked.path.ends_with("status") {
            return Answer::Json("{\"status\":\"processing\"}".into());
        }
        good(asked)
    })
    .await;
    let file = file(0);
    let session = signed_in(&fake.url).await;
    let wanted = Definition { patience: Some(Duration::from_millis(300)), ..definition(&file) };
    let late = session.publish_definition(&wanted, None).await.expect_err("late");
    assert_eq!(late.kind(), Kind::JobTimeout);
}

#[tokio::test]
async fn an_answer_without_services_or_with_a_refused_one_is_an_error() {
    for (reply, text) in [
        ("{\"services\":[]}", "names no service"),
        (
            "{\"services\":[{\"success\":false,\"error\":{\"code\":409,\"message\":\"name taken\"}}]}",
            "name taken",
        ),
        ("{\"services\":[{\"type\":\"Feature Service\"}]}", "without an item"),
    ] {
        let fake = Fake::start(move |asked, _| {
            if asked.path.ends_with("publish") { Answer::Json(reply.into()) } else { good(asked) }
        })
        .await;
        let file = file(0);
        let refused =
            signed_in(&fake.url).await.publish_definition(&definition(&file), None).await.expect_err(text);
        assert!(refused.message().contains(text), "{refused}");
    }
}

#[tokio::test]
async fn a_taken_name_and_an_unknown_group_are_met_before_the_upload() {
    let fake = Fake::start(|asked, _| {
        if asked.path.ends_with("isServiceNameAvailable") {
            return Answer::Json("{\"available\":false}".into());
        }
        good(asked)
    })
    .await;
    let file = file(0);
    let session = signed_in(&fake.url).await;
    let refused = session.publish_definition(&definition(&file), None).await.expect_err("taken");
    assert_eq!(refused.code(), Some(409));
    let sharing = Some(Sharing { groups: vec!["Nobody".into()], ..Sharing::default() });
    let wanted = Definition { sharing, ..definition(&file) };
    let refused = session.publish_definition(&wanted, None).await.expect_err("no group");
    assert!(refused.message().contains("the groups are: Planners"), "{refused}");
    assert!(fake.asked("addItem").is_empty());
}

#[tokio::test]
async fn overwriting_updates_the_item_that_is_there_in_its_folder() {
    let fake = Fake::start(|asked, _| {
        if asked.path.ends_with("search") {
            return Answer::Json(format!(
                "{{\"results\":[{{\"id\":\"ffff\",\"title\":\"Roads of elsewhere\",\"type\":\"Service Definition\",\"owner\":\"me\"}},\
                 {{\"id\":\"{ITEM}\",\"title\":\"roads\",\"type\":\"Service Definition\",\"owner\":\"me\"}}],\"nextStart\":-1}}"
            ));
        }
        if asked.path.ends_with(ITEM) {
            return Answer::Json("{\"ownerFolder\":\"f01\"}".into());
        }
        good(asked)
    })
    .await;
    let file = file(0);
    let wanted = Definition { overwrite: true, ..definition(&file) };
    let published = signed_in(&fake.url).await.publish_definition(&wanted, None).await.expect("published");
    assert!(published.replaced);
    let paths = fake.paths();
    assert!(paths.contains(&format!("content/users/me/f01/items/{ITEM}/update")), "{paths:?}");
    assert_eq!(fake.asked("publish")[0].field("overwrite").as_deref(), Some("true"));
    assert!(fake.asked("addItem").is_empty());
    assert!(fake.asked("delete").is_empty());
}

#[tokio::test]
async fn a_folder_is_found_or_made_and_the_layer_shared() {
    let fake = Fake::start(|asked, _| good(asked)).await;
    let file = file(0);
    let session = signed_in(&fake.url).await;
    let sharing = Some(Sharing { everyone: true, organization: false, groups: vec!["planners".into()] });
    for (title, id, create) in [("OLD", "f01", false), ("New", "f00", true)] {
        let wanted = Definition {
            folder: Some(title.into()),
            create_folder: create,
            sharing: sharing.clone(),
            ..definition(&file)
        };
        session.publish_definition(&wanted, None).await.expect("published");
        assert!(fake.paths().contains(&format!("content/users/me/{id}/addItem")));
    }
    let shared = &fake.asked("share")[0];
    assert_eq!(shared.field("everyone").as_deref(), Some("true"));
    assert_eq!(shared.field("groups").as_deref(), Some("g1"));
    let wanted = Definition { folder: Some("None".into()), ..definition(&file) };
    let refused = session.publish_definition(&wanted, None).await.expect_err("no folder");
    assert!(refused.message().contains("no folder `None`"), "{refused}");
}

#[tokio::test]
async fn a_file_that_is_missing_or_empty_is_named() {
    let fake = Fake::start(|asked, _| good(asked)).await;
    let session = signed_in(&fake.url).await;
    let empty = tempfile::NamedTempFile::new().expect("a file");
    for path in [std::path::PathBuf::from("nowhere.sd"), empty.path().to_path_buf()] {
        let wanted = Definition { path: path.clone(), service_name: "x".into(), ..Definition::default() };
        let refused = session.publish_definition(&wanted, None).await.expect_err("no file");
        assert!(refused.message().contains(&path.display().to_string()), "{refused}");
    }
}
