//! The example `parallel_lookup`, run as a user runs it.

#[path = "support/answering.rs"]
mod answering;
#[path = "support/example.rs"]
mod example;

use std::sync::Barrier;
use std::thread;

use answering::{Answering, closed, command_line};
use example::run_example;

#[test]
fn its_own_server_does_not_know_one() {
    let run = run_example("parallel_lookup", [""; 0]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let lines: Vec<_> = run.stdout.lines().collect();
    let expected = [
        "ada: Ada Lovelace",
        "bob: Robert Frost",
        "eve: none (404 Not Found)",
    ];
    assert_eq!(lines, expected);
}

/// The server answers nobody before it was asked for all.
#[test]
fn all_are_looked_up_at_once() {
    let all = Barrier::new(8);
    let server = Answering::start(move |path| {
        all.wait();
        (200, path.to_uppercase())
    });
    let users = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let args = [
        "--deadline=600000".to_owned(),
        format!("--server={}", server.url()),
    ];
    let run = run_example(
        "parallel_lookup",
        args.into_iter().chain(users.map(String::from)),
    );
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let lines: Vec<_> = run.stdout.lines().collect();
    let expected = users.map(|user| format!("{user}: /USERS/{}", user.to_uppercase()));
    assert_eq!(lines, expected);
}

/// One each for every way to fail; the one that is known is found all the same.
#[test]
fn whoever_is_not_found_is_none_with_a_reason() {
    let server = Answering::start(|path| match path {
        "/at/users/known" => (200, "somebody".into()),
        "/at/users/broken" => (500, String::new()),
        "/at/users/gone" => (0, String::new()),
        "/at/users/a%2Fb%20c" => (403, String::new()),
        path => panic!("{path} was not asked for"),
    });
    let server_at = format!("--server={}/at/", server.url());
    let args = [
        &server_at,
        "--deadline=600000",
        "known",
        "broken",
        "gone",
        "a/b c",
    ];
    let run = run_example("parallel_lookup", args);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let lines: Vec<_> = run.stdout.lines().collect();
    let [a_b_c, broken, gone, known] = lines[..] else {
        panic!("{}", run.stdout)
    };
    assert_eq!(a_b_c, "a/b c: none (403 Forbidden)");
    assert_eq!(broken, "broken: none (500 Internal Server Error)");
    assert!(
        gone.starts_with("gone: none (error sending request"),
        "{gone}"
    );
    assert_eq!(known, "known: somebody");
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    let server = Answering::start(|_| {
        loop {
            thread::park();
        }
    });
    let args = ["--server", &server.url(), "--deadline=30", "ada"];
    let run = run_example("parallel_lookup", args);
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""));
    assert_eq!(run.stdout, "ada: none (timed out after 30ms)\n");
}

#[test]
fn nobody_is_found_where_nobody_listens() {
    let (_held, server) = closed();
    let run = run_example("parallel_lookup", ["--server", &server, "ada"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""));
    assert!(run.stdout.starts_with("ada: none ("), "{}", run.stdout);
}

#[test]
fn the_command_line() {
    let bad = [
        &["--server"][..],
        &["--server=ftp://a/"],
        &["--server=a"],
        &["--deadline=x"],
    ];
    command_line("parallel_lookup", &bad);
}
