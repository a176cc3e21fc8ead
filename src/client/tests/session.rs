//! Sign-in, tokens, repeats and lies, against a loopback portal that behaves badly.

#![allow(missing_docs, dead_code, unreachable_pub, clippy::pedantic)]

mod fake;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fake::{Answer, Fake};
use geosharing_client::{Address, Kind, Options, Repeat, Secret, Session};

fn session(url: &str) -> Session {
    let options = Options {
        repeats: 2,
        pause: Duration::from_millis(5),
        silence: Duration::from_millis(400),
        ..Options::default()
    };
    Session::new(Address::parse(url).expect("an address"), options).expect("a session")
}

fn token(name: &str) -> Answer {
    Answer::Json(format!("{{\"token\":\"{name}\",\"expires\":4102444800000,\"ssl\":true}}"))
}

fn error(code: i64, message: &str) -> Answer {
    Answer::Json(format!("{{\"error\":{{\"code\":{code},\"message\":\"{message}\",\"details\":[]}}}}"))
}

#[tokio::test]
async fn a_call_carries_the_token_in_form_and_header() {
    let fake = Fake::start(|asked, _| match asked.path.as_str() {
        "/portal/sharing/rest/generateToken" => token("T1"),
        _ => Answer::Json("{\"ok\":1}".into()),
    })
    .await;
    let session = session(&fake.url);
    session.sign_in("me", Secret::new("p&ss word")).await.expect("a token");
    session.call("portals/self", &[("x", "1")], Repeat::Safe).await.expect("a reply");
    let asked = &fake.asked("generateToken")[0];
    assert_eq!(asked.field("password").as_deref(), Some("p%26ss+word"));
    assert_eq!(asked.field("client").as_deref(), Some("referer"));
    let asked = &fake.asked("portals/self")[0];
    assert_eq!(asked.field("token").as_deref(), Some("T1"));
    assert!(asked.head.to_lowercase().contains("x-esri-authorization: bearer t1"));
    assert!(asked.head.to_lowercase().contains("referer: http\r\n"));
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_the_call_repeated() {
    let fake = Fake::start(|asked, before| match asked.path.as_str() {
        "/portal/sharing/rest/generateToken" => token(&format!("T{before}")),
        _ if asked.field("token").as_deref() == Some("T0") => error(498, "Invalid token."),
        _ => Answer::Json("{\"ok\":1}".into()),
    })
    .await;
    let session = session(&fake.url);
    session.sign_in("me", Secret::new("p")).await.expect("a token");
    session.call("content", &[], Repeat::Careful).await.expect("a reply");
    assert_eq!(fake.paths(), ["generateToken", "content", "generateToken", "content"]);
}

#[tokio::test]
async fn a_portal_that_never_likes_a_token_is_not_asked_for_ever() {
    let fake = Fake::start(|asked, before| match asked.path.as_str() {
        "/portal/sharing/rest/generateToken" => token(&format!("T{before}")),
        _ => error(498, "Invalid token."),
    })
    .await;
    let session = session(&fake.url);
    session.sign_in("me", Secret::new("p")).await.expect("a token");
    let refused = session.call("content", &[], Repeat::Safe).await.expect_err("refused");
    assert_eq!((refused.kind(), refused.code()), (Kind::Authentication, Some(498)));
    assert_eq!(fake.paths().len(), 4);
}

#[tokio::test]
async fn a_token_about_to_end_is_renewed_before_use() {
    let soon = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map(|since| since.as_millis() + 301_000)
        .expect("a clock");
    let fake = Fake::start(move |asked, before| match asked.path.as_str() {
        "/portal/sharing/rest/generateToken" if before == 0 => {
            Answer::Json(format!("{{\"token\":\"OLD\",\"expires\":{soon}}}"))
        }
        "/portal/sharing/rest/generateToken" => token("NEW"),
        _ => Answer::Json("{\"ok\":1}".into()),
    })
    .await;
    let session = session(&fake.url);
    session.sign_in("me", Secret::new("p")).await.expect("a token");
    tokio::time::sleep(Duration::from_millis(1100)).await;
    session.call("content", &[], Repeat::Safe).await.expect("a reply");
    assert_eq!(fake.asked("content")[0].field("token").as_deref(), Some("NEW"));
}

#[tokio::test]
async fn a_wrong_password_is_an_authentication_error_that_does_not_hold_it() {
    let fake = Fake::start(|_, _| error(400, "Unable to generate token.")).await;
    let session = session(&fake.url);
    let refused = session.sign_in("me", Secret::new("hunter2")).await.expect_err("refused");
    assert_eq!(refused.kind(), Kind::Authentication);
    assert!(!format!("{refused} {refused:?} {session:?}").contains("hunter2"));
}

#[tokio::test]
async fn passing_failures_are_repeated_only_where_nothing_can_happen_twice() {
    let fake = Fake::start(|_, before| match before {
        0 => Answer::Status(503, String::new(), "busy".into()),
        1 => Answer::Hang,
        _ => Answer::Json("{\"ok\":1}".into()),
    })
    .await;
    let session = session(&fake.url);
    session.call("read", &[], Repeat::Safe).await.expect("the third answer");
    assert_eq!(fake.paths().len(), 3);

    let fake = Fake::start(|_, _| Answer::Status(503, String::new(), "busy".into())).await;
    let refused = self::session(&fake.url).call("create", &[], Repeat::Careful).await.expect_err("busy");
    assert_eq!((refused.kind(), refused.code()), (Kind::Portal, Some(503)));
    assert_eq!(fake.paths().len(), 1);
}

#[tokio::test]
async fn a_busy_administration_is_waited_for_even_when_creating() {
    let fake = Fake::start(|_, before| match before {
        0 => error(500, "Another administrative operation is currently in progress."),
        _ => Answer::Json("{\"ok\":1}".into()),
    })
    .await;
    session(&fake.url).call("create", &[], Repeat::Careful).await.expect("the second answer");
}

#[tokio::test]
async fn what_is_no_portal_is_called_so() {
    let fake = Fake::start(|_, _| Answer::Status(200, String::new(), "<html>hello</html>".into())).await;
    let refused = session(&fake.url).call("x", &[], Repeat::Safe).await.expect_err("no JSON");
    assert_eq!(refused.kind(), Kind::Unreachable);
    assert!(refused.message().contains("a web page"), "{refused}");

    let fake = Fake::start(|_, _| Answer::Json("[1,2]".into())).await;
    assert!(session(&fake.url).call("x", &[], Repeat::Safe).await.is_err());

    let fake = Fake::start(|_, _| Answer::Json("{}".into())).await;
    let refused = session(&fake.url).sign_in("me", Secret::new("p")).await.expect_err("no token");
    assert!(refused.message().contains("no token"), "{refused}");
}

#[tokio::test]
async fn a_dead_a_silent_and_an_endless_portal_end_in_errors() {
    let refused = session("http://127.0.0.1:1/portal").call("x", &[], Repeat::Safe).await.expect_err("dead");
    assert!(refused.message().starts_with("cannot connect to `127.0.0.1:"), "{refused}");

    let fake = Fake::start(|_, _| Answer::Silence).await;
    let refused = session(&fake.url).call("x", &[], Repeat::Careful).await.expect_err("silent");
    assert!(refused.message().contains("does not answer"), "{refused}");

    let fake = Fake::start(|_, _| Answer::Endless).await;
    let refused = session(&fake.url).call("x", &[], Repeat::Safe).await.expect_err("endless");
    assert!(refused.message().contains("longer than"), "{refused}");
}

#[tokio::test]
async fn a_redirect_keeps_the_post_and_never_leaves_the_host() {
    static REACHED: AtomicUsize = AtomicUsize::new(0);
    let new = Fake::start(|asked, _| {
        REACHED.fetch_add(1, Ordering::SeqCst);
        assert!(asked.head.starts_with("POST "));
        token("T1")
    })
    .await;
    let target = new.url.clone();
    let old = Fake::start(move |_, _| {
        let place = format!("Location: {target}/sharing/rest/generateToken\r\n");
        Answer::Status(301, place, String::new())
    })
    .await;
    let session = session(&old.url);
    session.sign_in("me", Secret::new("p")).await.expect("a token");
    assert_eq!(new.asked("generateToken")[0].field("username").as_deref(), Some("me"));
    assert_eq!(session.address().await.root(), format!("{}/", new.url));

    let target = new.url.replace("127.0.0.1", "localhost");
    let old = Fake::start(move |_, _| {
        Answer::Status(302, format!("Location: {target}/sharing/rest/x\r\n"), String::new())
    })
    .await;
    let before = REACHED.load(Ordering::SeqCst);
    let refused = self::session(&old.url).sign_in("me", Secret::new("p")).await.expect_err("elsewhere");
    assert!(refused.message().contains("not itself"), "{refused}");
    assert_eq!(REACHED.load(Ordering::SeqCst), before);
}

#[tokio::test]
async fn a_circle_of_redirects_ends() {
    let fake = Fake::start(|_, _| Answer::Status(307, "Location: /portal/x\r\n".into(), String::new())).await;
    let refused = session(&fake.url).call("x", &[], Repeat::Safe).await.expect_err("a circle");
    assert!(refused.message().contains("circles"), "{refused}");
}

#[tokio::test]
async fn a_password_is_not_sent_in_plain_text_over_a_network() {
    let refused =
        session("http://gis.example.org/portal").sign_in("me", Secret::new("p")).await.expect_err("plain");
    assert_eq!(refused.kind(), Kind::Input);
    assert!(refused.message().contains("plain http"), "{refused}");
}

#[tokio::test]
async fn paging_ends_though_the_portal_says_otherwise() {
    let fake =
        Fake::start(|_, _| Answer::Json("{\"results\":[{\"id\":\"a\"}],\"nextStart\":2}".into())).await;
    let found = session(&fake.url).search("x", 5).await.expect("results");
    assert_eq!(found.len(), 2);
    assert_eq!(fake.paths().len(), 2, "the same page is not asked for again");
}
