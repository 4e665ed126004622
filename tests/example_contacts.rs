//! The example `contacts`, run as a user runs it.

#[path = "support/example.rs"]
mod example;
#[path = "support/serving.rs"]
mod serving;

use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};

use example::run_example;
use serving::{LONG, Serving};

/// The three ways of the tutorial.
const WAYS: [&str; 3] = ["/shortcut", "/failing", "/contacts"];

#[test]
fn contacts_are_served_in_each_of_the_three_ways() {
    let server = Serving::start("contacts", &[]);
    for way in WAYS {
        let answer = server.get(&format!("{way}?username=ada"));
        assert_eq!(
            answer,
            (200, r#"{"contacts":["bob","eve"]}"#.into()),
            "{way}"
        );
        let answer = server.get(&format!("{way}?page=2&username=b%6Fb"));
        assert_eq!(answer, (200, r#"{"contacts":[]}"#.into()), "{way}");
    }
    let answer = server.post("/contacts", r#"{"username": "ada"}"#);
    assert_eq!(answer, (200, r#"{"contacts":["bob","eve"]}"#.into()));
    assert_eq!(server.messages(), "");
}

#[test]
fn a_missing_name_is_told_as_json_in_each_of_the_three_ways() {
    let server = Serving::start("contacts", &[]);
    for way in WAYS {
        for query in ["", "?", "?name=ada", "?Username=ada"] {
            let answer = server.get(&format!("{way}{query}"));
            let expected = r#"{"error":"no username specified"}"#;
            assert_eq!(answer, (400, expected.into()), "{way}{query}");
        }
        for name in ["", "../ada", "%00", "a%20b", "%ff", &"a".repeat(65)] {
            let (status, body) = server.get(&format!("{way}?username={name}"));
            assert_eq!(status, 400, "{way} {name}");
            assert!(
                body.starts_with(r#"{"error":"a username is up to 64"#),
                "{body}"
            );
        }
    }
    assert_eq!(server.messages(), "", "the messenger was not asked");
}

#[test]
fn an_errback_that_is_not_terminal_sees_failures_of_the_service_and_lets_them_go_on() {
    let server = Serving::start("contacts", &[]);
    for way in WAYS {
        let answer = server.get(&format!("{way}?username=nobody"));
        assert_eq!(
            answer,
            (404, r#"{"error":"no such user: nobody"}"#.into()),
            "{way}"
        );
    }
    assert_eq!(
        server.messages(),
        "contacts: no such user: nobody\n".repeat(3)
    );
}

#[test]
fn it_does_not_see_a_failure_of_the_callback_and_the_terminal_one_does() {
    let server = Serving::start("contacts", &[]);
    for way in WAYS {
        let answer = server.get(&format!("{way}?username=eve"));
        let expected = r#"{"error":"a contact has no username"}"#;
        assert_eq!(answer, (502, expected.into()), "{way}");
    }
    assert_eq!(server.messages(), "");
}

#[test]
fn a_messenger_that_is_down_or_garbled_is_told_and_may_come_back() {
    let dir = tempfile::tempdir().expect("a directory");
    let lists = dir.path().join("lists.json");
    let server = Serving::start(
        "contacts",
        &["--lists", lists.to_str().expect("it is text")],
    );
    let (status, body) = server.get("/contacts?username=ada");
    assert_eq!(status, 503);
    assert!(
        body.starts_with(r#"{"error":"the messenger is down: "#),
        "{body}"
    );

    for garbled in ["", "[]", r#"{"ada": [{"username": 7}]}"#] {
        fs::write(&lists, garbled).expect("the directory is there");
        let (status, body) = server.get("/contacts?username=ada");
        assert_eq!(status, 502, "{garbled}");
        assert!(
            body.starts_with(r#"{"error":"the messenger is garbled: "#),
            "{body}"
        );
    }

    fs::write(&lists, r#"{"ada": [{"username": "cy"}]}"#).expect("the directory is there");
    let answer = server.get("/contacts?username=ada");
    assert_eq!(answer, (200, r#"{"contacts":["cy"]}"#.into()));
    assert_eq!(server.messages().lines().count(), 4);
}

#[test]
fn bad_requests_are_refused_with_a_reason() {
    let server = Serving::start("contacts", &[]);
    let reason = |(status, body): (u16, String)| {
        let value: serde_json::Value = serde_json::from_str(&body).expect("it is JSON");
        let why = value["error"].as_str().expect("a reason").to_owned();
        assert!(!why.is_empty());
        status
    };
    assert_eq!(reason(server.get("/")), 404);
    assert_eq!(reason(server.post("/shortcut", "{}")), 405);
    assert_eq!(reason(server.post("/contacts", "{")), 400);
    assert_eq!(reason(server.post("/contacts", "{}")), 422);
    assert_eq!(reason(server.post("/contacts", r#"{"username": 7}"#)), 422);
    assert_eq!(reason(server.post("/contacts", r#"{"username": ""}"#)), 400);
    let large = format!(r#"{{"username": "{}"}}"#, "a".repeat(2000));
    assert_eq!(reason(server.post("/contacts", &large)), 413);
    let no_json = b"POST /contacts HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\
        content-length: 2\r\n\r\n{}";
    assert_eq!(reason(server.ask(no_json)), 415);
    let (status, _) = server.ask(b"nonsense\r\n\r\n");
    assert_eq!(status, 400);
}

/// The server has hung up, and not this socket lost its patience.
fn hung_up(outcome: &io::Result<usize>) -> bool {
    match outcome {
        Ok(read) => *read == 0,
        Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
    }
}

fn connect(server: &Serving) -> TcpStream {
    let stream = TcpStream::connect(server.address).expect("it listens");
    stream.set_read_timeout(Some(LONG)).expect("it is not zero");
    stream
        .set_write_timeout(Some(LONG))
        .expect("it is not zero");
    stream
}

#[test]
fn a_client_that_does_not_send_its_request_is_given_up() {
    let server = Serving::start("contacts", &["--patience=1000", "--connections=1"]);
    let mut silent = connect(&server);
    silent.write_all(b"GET /cont").expect("it listens");
    // There is room for one connection: this one waits until that one is gone.
    let (status, _) = server.get("/contacts?username=ada");
    assert_eq!(status, 200);
    let ended = silent.read(&mut [0]);
    assert!(hung_up(&ended), "{ended:?}");
}

#[test]
fn a_client_that_does_not_take_its_answers_is_given_up() {
    let server = Serving::start("contacts", &["--patience=1000"]);
    let mut deaf = connect(&server);
    let requests = b"GET /contacts?username=ada HTTP/1.1\r\nhost: a\r\n\r\n".repeat(100);
    // As long as the server reads, it answers.
    let ended = loop {
        if let Err(error) = deaf.write_all(&requests) {
            break Err(error);
        }
    };
    assert!(hung_up(&ended), "{ended:?}");
    assert_eq!(server.get("/contacts?username=ada").0, 200);
}

#[test]
fn a_client_that_sends_more_than_a_request_is_given_up_at_once() {
    let server = Serving::start("contacts", &["--patience=3600000"]);
    let mut chatty = connect(&server);
    // Nothing but the server ends this: the head has no end, and there is patience.
    let head = format!("GET / HTTP/1.1\r\na: {}", "a".repeat(100_000));
    let ended = match chatty.write_all(head.as_bytes()) {
        Ok(()) => chatty.read(&mut [0]),
        Err(error) => Err(error),
    };
    assert!(hung_up(&ended), "{ended:?}");
    assert_eq!(server.get("/contacts?username=ada").0, 200);
}

#[test]
fn the_command_line() {
    for arg in ["--help", "-h"] {
        let help = run_example("contacts", [arg]);
        assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""));
        assert!(
            help.stdout.contains("usage: contacts [--port N]"),
            "{}",
            help.stdout
        );
    }
    for bad in [
        "--port=65536",
        "--lists",
        "--connections=0",
        "--patience=soon",
        "--what",
        "ada",
    ] {
        let run = run_example("contacts", [bad]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{bad}");
        assert!(
            run.stderr.starts_with("contacts: "),
            "{bad}: {}",
            run.stderr
        );
        assert!(
            run.stderr.contains("\nusage: contacts "),
            "{bad}: {}",
            run.stderr
        );
    }
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = taken.local_addr().expect("it is bound").port();
    let run = run_example("contacts", [format!("--port={port}")]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    assert!(run.stderr.starts_with("contacts: "), "{}", run.stderr);
}
