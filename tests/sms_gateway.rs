//! The example `sms_gateway`, run as an operator runs it.

#[path = "support/example.rs"]
mod example;
#[path = "support/sms.rs"]
mod sms;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use example::run_example;
use sms::{Carrier, Server, count, id, ids, logged};

/// A directory, with the store of a gateway in it.
struct World {
    dir: TempDir,
}

impl World {
    fn new() -> World {
        let dir = tempfile::tempdir().expect("a directory");
        World { dir }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn args(&self, more: &[&str]) -> Vec<String> {
        let store = self.path("store");
        let mut args = vec!["--store".to_string(), text(&store).to_string()];
        // Nothing is given up because the machine is busy.
        args.extend(["--timeout=3600000", "--retry-delay=1"].map(String::from));
        args.extend(more.iter().map(ToString::to_string));
        args
    }

    /// A gateway that sends to this carrier.
    async fn gateway(&self, carrier: &Carrier, more: &[&str]) -> Server {
        let url = carrier.url();
        let mut all = vec!["--carrier", &url];
        all.extend(more);
        Server::start(self.args(&all)).await
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("it is text")
}

#[test]
fn it_tells_how_it_is_used() {
    let help = run_example("sms_gateway", ["--help"]);
    assert_eq!(help.code, Some(0));
    for option in [
        "--store",
        "--width",
        "--grace",
        "--connections",
        "--patience",
        "--carrier",
        "--log",
    ] {
        assert!(help.stdout.contains(option), "{option} is not in it");
    }
}

#[test]
fn bad_arguments_are_refused() {
    let cases: [&[&str]; 15] = [
        &["--width", "-1"],
        &["--width", "1001"],
        &["--rate", "0"],
        &["--fail", "101"],
        &["--listen", "localhost"],
        &["--carrier", "ftp://127.0.0.1/"],
        &["--carrier", "http://127.0.0.1/", "--fail", "3"],
        &["--timeout", "soon"],
        &["--connections", "0"],
        &["--patience", "-1"],
        &["carrier", "--patience", "1000"],
        &["--what"],
        &["nobody"],
        &["carrier", "--width", "3"],
        &["carrier", "carrier"],
    ];
    for args in cases {
        let run = run_example("sms_gateway", args);
        assert_eq!(run.code, Some(2), "{args:?}");
        assert!(run.stderr.starts_with("sms_gateway: "), "{}", run.stderr);
        assert!(run.stderr.contains("usage:"), "{}", run.stderr);
        assert_eq!(run.stdout, "");
    }
}

#[tokio::test]
async fn a_message_is_accepted_and_sent() {
    let world = World::new();
    let log = world.path("log");
    let log_of = text(&log).to_string();
    let fake = ["--carrier-delay=1", "--fail=0", "--log", &log_of];
    let gateway = Server::start(world.args(&fake)).await;
    let body = json!({"number": "+49 (151) 23-45.678", "text": " Hello, Zoë \n", "priority": 5});
    let answer = gateway.ask(Method::POST, "/sms", Some(body)).await;
    assert_eq!(answer.status, 202);
    let job = answer.good();
    let path = format!("/jobs/{}", id(&job));
    assert_eq!(answer.headers["location"], path);
    assert_eq!(
        (&job["number"], &job["text"]),
        (&json!("+491512345678"), &json!("Hello, Zoë"))
    );
    assert_eq!(job["priority"], 5);

    gateway.until_sent(1).await;
    let job = gateway.get(&path).await;
    assert_eq!(job["state"], "finished");
    assert_eq!(job["receipt"], 1);
    assert_eq!(job["attempts"], 1);
    assert!(job["queued"].as_u64() <= job["started"].as_u64());
    assert!(job["started"].as_u64() <= job["stopped"].as_u64());
    let all = gateway.get("/jobs").await;
    assert_eq!(
        (ids(&all, "over"), count(&all, "accepted")),
        (vec![id(&job)], 1)
    );

    let lines = logged(&log);
    assert_eq!(lines.len(), 1);
    assert_eq!(
        (&lines[0]["number"], &lines[0]["text"]),
        (&json!("+491512345678"), &json!("Hello, Zoë"))
    );
    assert_eq!(lines[0]["from"], format!("sms_gateway/{}", gateway.pid()));
}

#[tokio::test]
async fn bad_messages_are_refused_with_a_reason() {
    let world = World::new();
    let carrier = Carrier::start().await;
    let gateway = world.gateway(&carrier, &["--width=0"]).await;
    let sms = |number: &str, text: &str| json!({"number": number, "text": text});
    let good = "+4915123456";
    let long = "x".repeat(1_601);
    let cases = [
        (sms("", "Hello"), 400, "7 to 15 digits"),
        (sms("0151 2345678", "Hello"), 400, "7 to 15 digits"),
        (sms("+0151 2345678", "Hello"), 400, "7 to 15 digits"),
        (sms("+49 15", "Hello"), 400, "7 to 15 digits"),
        (sms("+49151234567890123", "Hello"), 400, "7 to 15 digits"),
        (sms("+49 151 CALLNOW", "Hello"), 400, "7 to 15 digits"),
        (sms("+٤٩١٥١٢٣٤٥٦", "Hello"), 400, "7 to 15 digits"),
        (sms(good, ""), 400, "empty"),
        (sms(good, " \n "), 400, "empty"),
        (sms(good, &long), 400, "1601 characters"),
        (sms(good, "a\u{0}b"), 400, "U+0000"),
        (json!({"number": good}), 422, "text"),
        (json!({"number": 49, "text": "Hello"}), 422, "number"),
        (
            json!({"number": good, "text": "Hello", "prio": 1}),
            422,
            "prio",
        ),
        (
            json!({"number": good, "text": "Hello", "priority": 1.5}),
            422,
            "priority",
        ),
        (
            json!({"number": good, "text": "Hello", "priority": 2_000_000}),
            400,
            "priority",
        ),
        (json!("Hello"), 422, "expected"),
    ];
    for (body, status, says) in cases {
        let answer = gateway.ask(Method::POST, "/sms", Some(body.clone())).await;
        let reason = answer.refused(status);
        assert!(reason.contains(says), "{body}: {reason}");
    }
    let json = ("content-type", "application/json");
    let raw = [
        (json, "{\"number\": ".to_string(), 400),
        (json, "\u{feff}".to_string(), 400),
        (
            json,
            format!("{{\"number\": \"{}\"}}", "1".repeat(40_000)),
            413,
        ),
        (
            ("content-type", "text/plain"),
            sms(good, "Hello").to_string(),
            415,
        ),
    ];
    for (header, body, status) in raw {
        let headers = [header];
        let answer = gateway.ask_with(Method::POST, "/sms", &headers, Some(body));
        answer.await.refused(status);
    }
    // The longest that is allowed, as it is longest in a body.
    let longest: String = "\\ud83d\\ude00".repeat(1_600);
    let body = format!("{{\"number\": \"{good}\", \"text\": \"{longest}\"}}");
    let answer = gateway
        .ask_with(Method::POST, "/sms", &[json], Some(body))
        .await;
    assert_eq!(answer.status, 202);
    assert_eq!(count(&gateway.get("/jobs").await, "pending"), 1);
}

#[tokio::test]
async fn whatever_else_is_bad_is_refused_with_a_reason() {
    let world = World::new();
    let carrier = Carrier::start().await;
    let gateway = world.gateway(&carrier, &["--width=1"]).await;
    let underway = gateway.sms("first").await;
    gateway
        .until("underway", |now| count(now, "underway") == 1)
        .await;
    let pending = gateway.sms("second").await;
    let of_underway = format!("/jobs/{underway}");
    let cases = [
        (Method::PATCH, "/width", Some(json!({"width": -3})), 400),
        (Method::PATCH, "/width", Some(json!({"width": 1_001})), 400),
        (Method::PATCH, "/width", Some(json!({"width": "wide"})), 422),
        (Method::PATCH, "/width", Some(json!({})), 422),
        (Method::PATCH, "/width", None, 415),
        (Method::PATCH, "/rate", Some(json!({"rate": 0})), 400),
        (Method::PATCH, "/rate", Some(json!({"rate": -1})), 400),
        (Method::PATCH, "/rate", Some(json!({})), 422),
        (Method::POST, "/resume", Some(json!({"width": -1})), 400),
        (Method::GET, "/jobs/999", None, 404),
        (Method::GET, "/jobs/-1", None, 400),
        (Method::GET, "/jobs/x%FFy", None, 400),
        (Method::GET, "/jobs?limit=few", None, 400),
        (Method::GET, "/dead?limit=-1", None, 400),
        (
            Method::PATCH,
            "/jobs/999",
            Some(json!({"priority": 1})),
            404,
        ),
        (
            Method::PATCH,
            &of_underway,
            Some(json!({"priority": 1})),
            409,
        ),
        (
            Method::PATCH,
            &of_underway,
            Some(json!({"priority": -1_000_001})),
            400,
        ),
        (Method::DELETE, "/jobs/999", None, 404),
        (Method::DELETE, "/jobs/12345678901234567890123", None, 400),
        (Method::DELETE, &of_underway, None, 409),
        (Method::DELETE, "/dead/999", None, 404),
        (Method::POST, "/dead/999/revive", None, 404),
        (Method::GET, "/nothing", None, 404),
        (Method::PUT, "/sms", Some(json!({})), 405),
    ];
    for (method, path, body, status) in cases {
        let case = format!("{method} {path} {body:?}");
        let answer = gateway.ask(method, path, body).await;
        assert_eq!(answer.status, status, "{case}: {answer:?}");
        answer.refused(status);
    }
    let now = gateway.get("/jobs").await;
    assert_eq!(
        (ids(&now, "underway"), ids(&now, "pending")),
        (vec![underway], vec![pending])
    );
    carrier.let_go(2);
    gateway.until_sent(2).await;
    let done = format!("/jobs/{pending}");
    let reason = gateway.ask(Method::DELETE, &done, None).await.refused(409);
    assert!(reason.contains("finished"), "{reason}");
    let patch = Some(json!({"priority": 1}));
    gateway.ask(Method::PATCH, &done, patch).await.refused(409);
}

#[tokio::test]
async fn the_width_says_how_many_are_underway() {
    let world = World::new();
    let carrier = Carrier::start().await;
    let gateway = world.gateway(&carrier, &["--width=0"]).await;
    for n in 0..6 {
        gateway.sms(&format!("message {n}")).await;
    }
    let now = gateway.get("/jobs").await;
    assert_eq!((count(&now, "pending"), count(&now, "underway")), (6, 0));
    assert_eq!(now["state"], "paused");

    let status = gateway.patch("/width", json!({"width": 2})).await;
    assert_eq!(status["width"], 2);
    let is_wide = |wide| move |now: &Value| count(now, "underway") == wide;
    gateway.until("two at once", is_wide(2)).await;
    gateway.patch("/width", json!({"width": 4})).await;
    gateway.until("four at once", is_wide(4)).await;
    // Narrower: those underway end, and no others begin before there is room.
    gateway.patch("/width", json!({"width": 1})).await;
    carrier.let_go(3);
    let now = gateway
        .until("three are sent", |now| count(now, "sent") == 3)
        .await;
    assert_eq!((count(&now, "underway"), count(&now, "pending")), (1, 2));
    carrier.let_go(3);
    gateway.until_sent(6).await;
    assert_eq!(carrier.came().len(), 6);
}

#[tokio::test]
async fn a_priority_says_who_is_next() {
    let world = World::new();
    let carrier = Carrier::start().await;
    let gateway = world.gateway(&carrier, &["--width=0"]).await;
    let mut jobs = Vec::new();
    for text in ["one", "two", "three", "four"] {
        jobs.push(gateway.sms(text).await);
    }
    let job = gateway
        .patch(&format!("/jobs/{}", jobs[2]), json!({"priority": -1}))
        .await;
    assert_eq!(
        (&job["priority"], &job["state"]),
        (&json!(-1), &json!("pending"))
    );
    gateway
        .patch(&format!("/jobs/{}", jobs[0]), json!({"priority": 9}))
        .await;
    let order = [jobs[2], jobs[1], jobs[3], jobs[0]];
    assert_eq!(ids(&gateway.get("/jobs").await, "pending"), order);
    assert_eq!(
        ids(&gateway.get("/jobs?limit=2").await, "pending"),
        order[..2]
    );
    carrier.let_go(4);
    // There is no width to go back to.
    gateway
        .ask(Method::POST, "/resume", None)
        .await
        .refused(409);
    let wide = Some(json!({"width": 1}));
    gateway.ask(Method::POST, "/resume", wide).await.good();
    gateway.until_sent(4).await;
    assert_eq!(carrier.came(), ["three", "two", "four", "one"]);
}

#[tokio::test]
async fn what_is_cancelled_is_not_sent() {
    let world = World::new();
    let carrier = Carrier::start().await;
    let gateway = world.gateway(&carrier, &["--width=1"]).await;
    let underway = gateway.sms("underway").await;
    gateway
        .until("underway", |now| count(now, "underway") == 1)
        .await;
    let pending = gateway.sms("pending").await;
    gateway.sms("stays").await;

    let path = format!("/jobs/{pending}");
    let job = gateway.ask(Method::DELETE, &path, None).await.good();
    assert_eq!(job["state"], "cancelled");
    let reason = gateway.ask(Method::DELETE, &path, None).await.refused(409);
    assert!(reason.contains("cancelled"), "{reason}");
    assert_eq!(gateway.get(&path).await["state"], "cancelled");

    // One that is underway is given up only by those who know that it is.
    let path = format!("/jobs/{underway}");
    gateway.ask(Method::DELETE, &path, None).await.refused(409);
    let knowing = format!("{path}?underway=yes");
    let given_up = gateway.ask(Method::DELETE, &knowing, None);
    given_up.await.good();
    gateway
        .until("given up", |now| count(now, "cancelled") == 2)
        .await;
    carrier.let_go(2);
    gateway.until_sent(1).await;
    assert!(!carrier.came().contains(&"pending".to_string()));
    assert!(carrier.answered().contains(&"stays".to_string()));

    gateway.patch("/width", json!({"width": 0})).await;
    for n in 0..3 {
        gateway.sms(&format!("cleared {n}")).await;
    }
    let cleared = gateway.ask(Method::DELETE, "/jobs", None).await.good();
    assert_eq!(cleared["cancelled"], 3);
    assert_eq!(count(&gateway.get("/jobs").await, "pending"), 0);
}

#[tokio::test]
async fn it_pauses_and_goes_on() {
    let world = World::new();
    let carrier = Carrier::start().await;
    let gateway = world.gateway(&carrier, &["--width=2"]).await;
    for n in 0..5 {
        gateway.sms(&format!("message {n}")).await;
    }
    gateway
        .until("underway", |now| count(now, "underway") == 2)
        .await;
    let status = gateway.post("/pause").await;
    assert_eq!(status["state"], "pausing");
    // It takes messages meanwhile.
    gateway.sms("while it pauses").await;
    assert_eq!(gateway.get("/healthz").await["state"], "pausing");
    carrier.let_go(6);
    let now = gateway
        .until("paused", |now| now["state"] == "paused")
        .await;
    assert_eq!((count(&now, "sent"), count(&now, "pending")), (2, 4));

    let resume = Some(json!({"width": 3}));
    let status = gateway.ask(Method::POST, "/resume", resume).await.good();
    assert_eq!(
        (&status["state"], &status["width"]),
        (&json!("running"), &json!(3))
    );
    gateway.until_sent(6).await;
    gateway.post("/pause").await;
    assert_eq!(gateway.post("/resume").await["width"], 3);
}

#[tokio::test]
async fn the_rate_can_be_set() {
    let world = World::new();
    let carrier = Carrier::start().await;
    let gateway = world.gateway(&carrier, &["--width=5", "--rate=7"]).await;
    assert_eq!(gateway.get("/jobs").await["rate"], 7);
    let status = gateway.patch("/rate", json!({"rate": 100})).await;
    assert_eq!(status["rate"], 100);
    carrier.let_go(20);
    for n in 0..20 {
        gateway.sms(&format!("message {n}")).await;
    }
    gateway.until_sent(20).await;
    let status = gateway.patch("/rate", json!({"rate": null})).await;
    assert_eq!(status["rate"], Value::Null);
}

#[tokio::test]
async fn it_refuses_more_than_it_may_hold() {
    let world = World::new();
    let carrier = Carrier::start().await;
    let gateway = world.gateway(&carrier, &["--width=0", "--bound=2"]).await;
    gateway.sms("one").await;
    let two = gateway.sms("two").await;
    let body = json!({"number": "+4915123456", "text": "three"});
    let full = gateway.ask(Method::POST, "/sms", Some(body.clone())).await;
    assert_eq!(full.headers["retry-after"], "1");
    full.refused(429);
    let path = format!("/jobs/{two}");
    gateway.ask(Method::DELETE, &path, None).await.good();
    gateway.ask(Method::POST, "/sms", Some(body)).await.good();
}

#[tokio::test]
async fn what_may_pass_is_sent_again() {
    let world = World::new();
    let carrier = Carrier::start().await;
    let gateway = world.gateway(&carrier, &["--retries=4"]).await;
    carrier.answer([503, 500, 502, 408]);
    carrier.let_go(5);
    let job = gateway.sms("stubborn").await;
    gateway.until_sent(1).await;
    assert_eq!(carrier.came(), ["stubborn"; 5]);
    assert_eq!(
        gateway.get(&format!("/jobs/{job}")).await["state"],
        "finished"
    );
}

#[tokio::test]
async fn what_fails_for_good_is_a_dead_letter() {
    let world = World::new();
    let carrier = Carrier::start().await;
    let mut gateway = world.gateway(&carrier, &["--retries=1"]).await;
    // One is refused, the other fails as often as it may.
    carrier.answer([422]);
    carrier.let_go(1);
    let refused = gateway.sms("refused").await;
    gateway
        .until("refused", |now| count(now, "failed") == 1)
        .await;
    carrier.answer([503, 503]);
    carrier.let_go(2);
    let broken = gateway.sms("broken").await;
    gateway
        .until("broken", |now| count(now, "failed") == 2)
        .await;
    assert_eq!(carrier.came(), ["refused", "broken", "broken"]);
    assert_eq!(
        gateway.get(&format!("/jobs/{refused}")).await["state"],
        "failed"
    );

    // They outlive it.
    gateway.kill().await;
    let gateway = world.gateway(&carrier, &[]).await;
    let dead = gateway.get("/dead").await;
    assert_eq!(ids(&dead, "dead"), [refused, broken]);
    assert_eq!(ids(&gateway.get("/dead?limit=1").await, "dead"), [refused]);
    let why = |n: usize| dead["dead"][n]["error"].as_str().expect("it has a reason");
    assert!(why(0).contains("refused"), "{}", why(0));
    assert!(why(1).contains("failed"), "{}", why(1));
    assert_eq!(count(&gateway.get("/jobs").await, "dead"), 2);

    carrier.let_go(1);
    gateway.post(&format!("/dead/{broken}/revive")).await;
    gateway.until_sent(1).await;
    assert_eq!(carrier.answered(), ["broken"]);
    let path = format!("/dead/{refused}");
    gateway.ask(Method::DELETE, &path, None).await.good();
    gateway.ask(Method::DELETE, &path, None).await.refused(404);
    let now = gateway
        .until("none left", |now| count(now, "dead") == 0)
        .await;
    assert_eq!(count(&now, "pending"), 0);
}

#[tokio::test]
async fn after_a_crash_it_goes_on() {
    let world = World::new();
    let carrier = Carrier::start().await;
    let mut gateway = world.gateway(&carrier, &["--width=2"]).await;
    let mut jobs = Vec::new();
    for n in 0..5 {
        jobs.push(gateway.sms(&format!("message {n}")).await);
    }
    gateway
        .until("underway", |now| count(now, "underway") == 2)
        .await;
    gateway
        .patch(&format!("/jobs/{}", jobs[4]), json!({"priority": -1}))
        .await;
    gateway.kill().await;

    let gateway = world.gateway(&carrier, &["--width=0"]).await;
    assert!(
        gateway
            .greeting
            .contains(&"5 messages of before go on".to_string())
    );
    let now = gateway.get("/jobs").await;
    assert_eq!(
        ids(&now, "pending"),
        [jobs[4], jobs[0], jobs[1], jobs[2], jobs[3]]
    );
    assert_eq!(count(&now, "recovered"), 5);
    assert_eq!(now["pending"][1]["attempts"], 1);
    let new = gateway.sms("new").await;
    assert!(!jobs.contains(&new));
    carrier.let_go(10);
    gateway
        .ask(Method::POST, "/resume", Some(json!({"width": 1})))
        .await
        .good();
    gateway.until_sent(6).await;
    let mut answered = carrier.answered();
    answered.sort();
    answered.dedup();
    assert_eq!(answered.len(), 6, "{answered:?}");
}

#[tokio::test]
async fn what_was_answered_outlives_a_crash() {
    let world = World::new();
    let carrier = Carrier::start().await;
    let mut gateway = world.gateway(&carrier, &["--width=0"]).await;
    // The crash comes at once after the answer.
    let cleared = gateway.sms("cleared").await;
    gateway.ask(Method::DELETE, "/jobs", None).await.good();
    gateway.kill().await;
    let mut gateway = world.gateway(&carrier, &["--width=0"]).await;
    assert_eq!(count(&gateway.get("/jobs").await, "recovered"), 0);

    let mut jobs = Vec::new();
    for n in 0..3 {
        jobs.push(gateway.sms(&format!("message {n}")).await);
    }
    let urgent = json!({"priority": -1});
    gateway.patch(&format!("/jobs/{}", jobs[2]), urgent).await;
    let cancelled = format!("/jobs/{}", jobs[0]);
    gateway.ask(Method::DELETE, &cancelled, None).await.good();
    gateway.kill().await;
    let gateway = world.gateway(&carrier, &["--width=0"]).await;
    let pending = ids(&gateway.get("/jobs").await, "pending");
    assert_eq!(pending, [jobs[2], jobs[1]]);
    assert!(!jobs.contains(&cleared));
}

#[tokio::test]
async fn a_signal_stops_it_and_nothing_is_lost() {
    for signal in ["INT", "TERM"] {
        let world = World::new();
        let carrier = Carrier::start().await;
        let mut gateway = world
            .gateway(&carrier, &["--width=2", "--grace=86400"])
            .await;
        for n in 0..5 {
            gateway.sms(&format!("message {n}")).await;
        }
        gateway
            .until("underway", |now| count(now, "underway") == 2)
            .await;
        gateway.signal(signal);
        let line = gateway.line().await;
        assert!(line.starts_with("stopping: 2 underway"), "{line}");
        assert!(line.contains("3 pending"), "{line}");
        // It says so to whoever asks, and takes nothing.
        let body = json!({"number": "+4915123456", "text": "late"});
        let refused = gateway.ask(Method::POST, "/sms", Some(body)).await;
        assert!(refused.headers.contains_key("retry-after"));
        refused.refused(503);
        let health = gateway.ask(Method::GET, "/healthz", None).await;
        assert_eq!(
            (health.status, &health.json()["state"]),
            (503, &json!("stopping"))
        );
        gateway
            .ask(Method::PATCH, "/width", Some(json!({"width": 9})))
            .await
            .refused(503);
        gateway
            .ask(Method::POST, "/resume", None)
            .await
            .refused(503);

        carrier.let_go(2);
        let (status, said) = gateway.ended().await;
        assert_eq!(status.code(), Some(0), "{said}");
        assert!(said.contains("stopped: 3 kept"), "{said}");
        assert_eq!(carrier.came().len(), 2);

        carrier.let_go(3);
        let gateway = world.gateway(&carrier, &[]).await;
        gateway.until_sent(3).await;
        let mut answered = carrier.answered();
        answered.sort();
        assert_eq!(answered, [0, 1, 2, 3, 4].map(|n| format!("message {n}")));
    }
}

#[tokio::test]
async fn it_does_not_wait_for_ever_when_it_stops() {
    let world = World::new();
    let carrier = Carrier::start().await;
    let gateway = world.gateway(&carrier, &["--width=2", "--grace=0"]).await;
    for n in 0..3 {
        gateway.sms(&format!("message {n}")).await;
    }
    gateway
        .until("underway", |now| count(now, "underway") == 2)
        .await;
    let mut looks_on = false;
    let last = gateway.until("stopped", |now| {
        if !std::mem::replace(&mut looks_on, true) {
            gateway.signal("INT");
        }
        now["state"] == "stopped"
    });
    let last = last.await;
    assert_eq!((count(&last, "pending"), count(&last, "cancelled")), (3, 0));
    let (status, said) = gateway.ended().await;
    assert_eq!(status.code(), Some(0), "{said}");
    assert!(said.contains("stopped: 3 kept"), "{said}");
    carrier.let_go(5);
    let gateway = world.gateway(&carrier, &[]).await;
    gateway.until_sent(3).await;
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let world = World::new();
    let carrier = Carrier::start().await;
    let mut gateway = world.gateway(&carrier, &["--grace=86400"]).await;
    gateway.sms("underway").await;
    gateway
        .until("underway", |now| count(now, "underway") == 1)
        .await;
    gateway.signal("INT");
    assert!(gateway.line().await.starts_with("stopping: "));
    gateway.signal("INT");
    let (status, said) = gateway.ended().await;
    assert_eq!(status.code(), Some(130), "{said}");
    carrier.let_go(2);
    let gateway = world.gateway(&carrier, &[]).await;
    gateway.until_sent(1).await;
}

#[tokio::test]
async fn it_is_stopped_over_http() {
    let world = World::new();
    let carrier = Carrier::start().await;
    let gateway = world
        .gateway(&carrier, &["--width=1", "--grace=86400"])
        .await;
    gateway.sms("underway").await;
    gateway.sms("pending").await;
    gateway
        .until("underway", |now| count(now, "underway") == 1)
        .await;
    let answer = gateway.ask(Method::POST, "/stop", None).await;
    assert_eq!(answer.status, 202);
    assert_eq!(answer.good()["state"], "stopping");
    let mut looks_on = false;
    let last = gateway.until("stopped", |now| {
        if !std::mem::replace(&mut looks_on, true) {
            carrier.let_go(1);
        }
        now["state"] == "stopped"
    });
    let last = last.await;
    assert_eq!((count(&last, "sent"), count(&last, "pending")), (1, 1));
    let (status, said) = gateway.ended().await;
    assert_eq!(status.code(), Some(0), "{said}");
}

#[tokio::test]
async fn a_client_that_does_nothing_does_not_keep_it() {
    let world = World::new();
    let carrier = Carrier::start().await;
    let gateway = world.gateway(&carrier, &[]).await;
    let address = gateway.base.trim_start_matches("http://");
    let mut idle = TcpStream::connect(address).await.expect("it listens");
    idle.write_all(b"POST /sms HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-")
        .await
        .expect("it reads");
    gateway.signal("TERM");
    let (status, said) = gateway.ended().await;
    assert_eq!(status.code(), Some(0), "{said}");
}

#[tokio::test]
async fn a_store_belongs_to_one_process() {
    let world = World::new();
    let carrier = Carrier::start().await;
    let gateway = world.gateway(&carrier, &["--width=0"]).await;
    let (status, error) = Server::fails(world.args(&[])).await;
    assert_eq!(status.code(), Some(1));
    assert!(error.contains("store"), "{error}");
    gateway.sms("it goes on").await;
}

#[tokio::test]
async fn what_is_no_store_is_left_as_it_is() {
    let world = World::new();
    let path = world.path("store");
    let precious = "a letter that somebody wrote\n".repeat(1_000);
    fs::write(&path, &precious).expect("a file");
    let (status, error) = Server::fails(world.args(&[])).await;
    assert_eq!(status.code(), Some(1));
    assert!(error.starts_with("sms_gateway: "), "{error}");
    assert!(error.contains(text(&path)), "{error}");
    assert_eq!(fs::read_to_string(&path).expect("it is there"), precious);
}

#[tokio::test]
async fn a_port_that_is_taken_is_said() {
    let world = World::new();
    let carrier = Carrier::start().await;
    let taken = carrier.address.to_string();
    let (status, error) = Server::fails(world.args(&["--listen", &taken])).await;
    assert_eq!(status.code(), Some(1));
    assert!(error.contains(&taken), "{error}");
    assert!(!world.path("store").exists());
}

#[tokio::test]
async fn pages_of_other_sites_may_not_steer_it() {
    let world = World::new();
    let carrier = Carrier::start().await;
    let gateway = world.gateway(&carrier, &["--name", "gateway.test"]).await;
    let address = gateway.base.trim_start_matches("http://").to_string();
    let port = address
        .rsplit_once(':')
        .expect("it has a port")
        .1
        .to_string();
    let own = [
        ("host", address.clone(), "origin", gateway.base.clone()),
        (
            "host",
            format!("localhost:{port}"),
            "origin",
            format!("http://localhost:{port}"),
        ),
        (
            "host",
            "gateway.test".into(),
            "origin",
            "https://gateway.test".into(),
        ),
    ];
    for (host, name, origin, site) in own {
        let headers = [(host, &*name), (origin, &*site)];
        let answer = gateway
            .ask_with(Method::POST, "/pause", &headers, None)
            .await;
        assert_eq!(answer.status, 200, "{headers:?}: {answer:?}");
    }
    gateway.post("/resume").await;
    let foreign = [
        (address.clone(), "http://evil.test".to_string()),
        (address.clone(), "null".into()),
        (address.clone(), "http://127.0.0.1:1".into()),
        ("evil.test".into(), "http://evil.test".into()),
    ];
    for (name, site) in foreign {
        let headers = [("host", &*name), ("origin", &*site)];
        let answer = gateway
            .ask_with(Method::POST, "/pause", &headers, None)
            .await;
        answer.refused(403);
    }
    assert_eq!(gateway.get("/jobs").await["state"], "running");
}

#[tokio::test]
async fn the_page_brings_all_that_it_needs() {
    let world = World::new();
    let carrier = Carrier::start().await;
    let gateway = world.gateway(&carrier, &[]).await;
    let page = gateway.ask(Method::GET, "/", None).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    let policy = page.headers["content-security-policy"]
        .to_str()
        .expect("it is text");
    let nonce = policy
        .split("script-src 'nonce-")
        .nth(1)
        .expect("there is a nonce");
    let nonce = nonce.split('\'').next().expect("it ends");
    assert_eq!(page.text.matches(&format!("nonce=\"{nonce}\"")).count(), 2);
    assert!(!page.text.contains("{{"), "something is left to fill in");
    for outside in ["http://", "https://", "//cdn"] {
        assert!(!page.text.contains(outside), "it fetches from {outside}");
    }
    let again = gateway.ask(Method::GET, "/", None).await;
    assert_ne!(again.headers["content-security-policy"], policy);
}

#[tokio::test]
async fn the_fake_carrier_is_as_bad_as_it_is_told() {
    let world = World::new();
    let log = world.path("log");
    let fake = [
        "carrier",
        "--carrier-delay=0",
        "--fail=30",
        "--lose=30",
        "--log",
        text(&log),
    ];
    let carrier = Server::start(fake).await;
    let mut statuses = Vec::new();
    for n in 0..100 {
        let order = json!({"reference": format!("r{n}"), "number": "+4915123456", "text": "x"});
        let answer = carrier.ask(Method::POST, "/messages", Some(order)).await;
        statuses.push(answer.status);
    }
    let of = |status| statuses.iter().filter(|is| **is == status).count();
    let lines = logged(&log);
    let lost = lines.iter().filter(|line| line["lost"] == true).count();
    assert_eq!(of(200) + of(502) + of(503), 100);
    assert_eq!((lines.len(), lost), (of(200) + of(502), of(502)));
    assert!(of(200) > 20 && of(502) > 5 && of(503) > 10, "{statuses:?}");

    let nobody = json!({"reference": "r", "number": "+9991234567", "text": "x"});
    let mut refused = carrier
        .ask(Method::POST, "/messages", Some(nobody.clone()))
        .await;
    while refused.status == 503 {
        refused = carrier
            .ask(Method::POST, "/messages", Some(nobody.clone()))
            .await;
    }
    refused.refused(422);
    assert_eq!(logged(&log).len(), lines.len());
}

#[tokio::test]
async fn a_carrier_that_is_not_there_fails_the_message() {
    let world = World::new();
    // Bound and closed again.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", nobody.local_addr().expect("it is bound"));
    drop(nobody);
    let gateway = Server::start(world.args(&["--carrier", &url, "--retries=0"])).await;
    let job = gateway.sms("to nobody").await;
    gateway
        .until("failed", |now| count(now, "failed") == 1)
        .await;
    let job = gateway.get(&format!("/jobs/{job}")).await;
    let error = job["error"].as_str().expect("it has a reason");
    assert!(error.contains("carrier failed"), "{error}");
    assert_eq!(job["attempts"], 1);
}

#[cfg(unix)]
#[tokio::test]
async fn a_full_disk_loses_nothing() {
    let world = World::new();
    let carrier = Carrier::start().await;
    let url = carrier.url();
    let args = world.args(&["--carrier", &url, "--width=0"]);
    let mut gateway = Server::spawn_on_small_disk(4_000, &args);
    let listens = gateway.listening().await;
    listens.expect("there is room for a store of nothing");
    let mut accepted = Vec::new();
    let refused = loop {
        let text = format!("{:0>1600}", accepted.len());
        let body = json!({"number": "+4915123456", "text": text});
        let answer = gateway.ask(Method::POST, "/sms", Some(body)).await;
        if answer.status != 202 {
            break answer;
        }
        accepted.push(id(&answer.good()));
        assert!(accepted.len() < 5_000, "the disk is not full");
    };
    let reason = refused.refused(500);
    assert!(reason.contains("not be stored"), "{reason}");
    // It does not go on as if nothing were.
    let (status, said) = gateway.ended().await;
    assert_eq!(status.code(), Some(1), "{said}");
    assert!(said.contains("sms_gateway: "), "{said}");

    let gateway = Server::start(&args).await;
    let now = gateway.get("/jobs").await;
    let pending = ids(&now, "pending");
    let lost: Vec<_> = accepted.iter().filter(|id| !pending.contains(id)).collect();
    assert!(lost.is_empty(), "{lost:?} of {accepted:?}");
    gateway.sms("there is room again").await;
}

#[tokio::test]
async fn those_who_listen_hear_of_it_even_when_nothing_happens() {
    let world = World::new();
    let carrier = Carrier::start().await;
    let gateway = world.gateway(&carrier, &[]).await;
    let mut heard = 0;
    gateway
        .until("two overviews of the same", |_| {
            heard += 1;
            heard == 2
        })
        .await;
    // Whoever hangs up harms nobody.
    let address = gateway.base.trim_start_matches("http://").to_string();
    for _ in 0..20 {
        let mut rude = TcpStream::connect(&address).await.expect("it listens");
        let request = format!("GET /events HTTP/1.1\r\nHost: {address}\r\n\r\n");
        rude.write_all(request.as_bytes()).await.expect("it reads");
        let mut some = [0; 64];
        let read = tokio::time::timeout(Duration::from_secs(60), rude.read(&mut some)).await;
        assert!(read.expect("it answers").expect("it answers") > 0);
    }
    carrier.let_go(1);
    gateway.sms("as if nothing were").await;
    gateway.until_sent(1).await;
}
