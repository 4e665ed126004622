//! The example `followers`, run as a user runs it.

#[path = "support/answering.rs"]
mod answering;
#[path = "support/example.rs"]
mod example;

use answering::{Answering, closed, command_line};
use example::{Run, run_example};

fn run(args: &[&str]) -> Run {
    run_example("followers", args)
}

const USERS: &str = "7 ada\n3 bob\n9 cy\n1 dot\n5 eve\n";
const IDS: &str = "7\n3\n9\n1\n5\n";

#[test]
fn all_of_each_kind_in_order_and_nobody_twice() {
    for (kind, expected) in [
        ("friends", USERS),
        ("followers", USERS),
        ("friend-ids", IDS),
        ("follower-ids", IDS),
    ] {
        let run = run(&[kind, "terrycojones"]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{kind}");
        assert_eq!(run.stdout, expected, "{kind}");
    }
}

#[test]
fn each_kind_has_its_address_and_goes_by_the_cursors() {
    for (kind, list, key) in [
        ("friends", "statuses/friends", "users"),
        ("followers", "statuses/followers", "users"),
        ("friend-ids", "friends/ids", "ids"),
        ("follower-ids", "followers/ids", "ids"),
    ] {
        let server = Answering::start(move |path| {
            let next = if path.ends_with("=-1") { 77 } else { 0 };
            (200, format!(r#"{{"{key}": [], "next_cursor": {next}}}"#))
        });
        let run = run(&["--server", &server.url(), kind, "jack"]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{kind}");
        let path = |cursor| format!("/{list}/jack.json?cursor={cursor}");
        assert_eq!(server.asked(), [path("-1"), path("77")]);
    }
}

#[test]
fn nine_errors_of_the_service_pass_and_the_tenth_does_not() {
    let nine = ["500", "502", "503"].repeat(3).join(",");
    let patient = run(&["--answers", &nine, "follower-ids"]);
    assert_eq!((patient.code, patient.stdout.as_str()), (Some(0), IDS));
    let ten = format!("{nine},503");
    let impatient = run(&["--answers", &ten, "follower-ids"]);
    assert_eq!((impatient.code, impatient.stdout.as_str()), (Some(1), ""));
    let expected = "followers: the service says 503 Service Unavailable\n";
    assert_eq!(impatient.stderr, expected);
}

#[test]
fn another_error_is_the_end_at_once() {
    for (status, told) in [("404", "404 Not Found"), ("501", "501 Not Implemented")] {
        let run = run(&["--answers", &format!("500,{status}")]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{status}");
        assert_eq!(run.stderr, format!("followers: the service says {told}\n"));
    }
}

#[test]
fn an_answer_that_cannot_be_read_is_the_end() {
    for body in ["", "<html>", "[]", r#"{"ids": ["x"]}"#] {
        let server = Answering::start(move |_| (200, body.into()));
        let run = run(&["--server", &server.url(), "friend-ids"]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{body}");
        let garbled = "followers: the service is garbled: ";
        assert!(run.stderr.starts_with(garbled), "{body}: {}", run.stderr);
        assert_eq!(server.asked().len(), 1, "{body}");
    }
}

/// It would go on for ever.
#[test]
fn a_cursor_that_comes_again_is_the_end() {
    let server = Answering::start(|_| (200, r#"{"ids": [1], "next_cursor": 5}"#.into()));
    let run = run(&["--server", &server.url(), "friend-ids"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    assert_eq!(server.asked().len(), 2);
    assert!(run.stderr.contains('5'), "{}", run.stderr);
}

/// The original waits for ever.
#[test]
fn what_is_no_http_is_the_end() {
    let server = Answering::start(|_| (0, String::new()));
    let (_held, nobody) = closed();
    for server in [server.url(), nobody] {
        let run = run(&["--server", &server]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
        assert!(
            run.stderr.starts_with("followers: error sending"),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn the_command_line() {
    let bad = [
        &["enemies"][..],
        &["friends", "a/b"],
        &["friends", "a", "b"],
        &["--answers=200"],
        &["--answers=x"],
        &["--server=ftp://a/"],
    ];
    command_line("followers", &bad);
}
