//! The example `retry`, run as a user runs it.

#[path = "support/example.rs"]
mod example;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};

use example::{Run, refuses, run_example};

fn run(args: &[&str]) -> Run {
    run_example("retry", args)
}

/// The statuses that the attempts are said to have failed with.
fn told(lines: &str) -> Vec<&str> {
    let status = |line: &str| {
        line.split_whitespace()
            .position(|word| word.parse::<u16>().is_ok() && word.len() == 3)
    };
    lines
        .lines()
        .filter(|line| line.trim_start().starts_with("attempt"))
        .filter_map(|line| line.split_whitespace().nth(status(line)?))
        .collect()
}

#[test]
fn errors_of_the_server_and_one_404_pass() {
    let run = run(&["--delay", "1", "terry"]);
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (Some(0), "{\"screen_name\": \"terry\"}\n")
    );
    assert_eq!(told(&run.stderr), ["503", "404", "502"]);
    let first = run.stderr.lines().next().unwrap();
    assert_eq!(first, "attempt 1: 503 Service Unavailable; again in 1ms");
}

#[test]
fn a_second_404_is_final_and_all_attempts_are_told_of() {
    let run = run(&["--answers=404,500,404,200", "--delay=1"]);
    assert_eq!(run.code, Some(1));
    assert_eq!(told(&run.stdout), ["404", "500", "404"]);
    let first = run.stdout.lines().next().unwrap();
    assert!(first.starts_with("gave up after 3 attempts in "), "{first}");
    assert!(
        first.ends_with(" (not to be retried): 404 Not Found"),
        "{first}"
    );
    assert!(
        run.stderr
            .ends_with("attempt 3: 404 Not Found; that is all\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn of_the_store_only_a_504_passes() {
    let run = run(&["--store", "--delay=1", "--answers=504,504,200", "terry"]);
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (Some(0), "{\"screen_name\": \"terry\"}\n")
    );
    assert_eq!(told(&run.stderr), ["504", "504"]);

    let run = self::run(&["--store", "--delay=1", "--answers=504,503,200"]);
    assert_eq!(run.code, Some(1));
    assert_eq!(told(&run.stdout), ["504", "503"]);
}

#[test]
fn attempts_come_to_an_end() {
    let run = run(&["--answers", "503", "--attempts", "4", "--delay", "1"]);
    assert_eq!(run.code, Some(1));
    assert_eq!(told(&run.stdout), ["503"; 4]);
}

#[test]
fn another_server_that_fails_as_it_is_told() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a port");
    let url = format!(
        "http://{}",
        listener.local_addr().expect("it has an address")
    );
    let server = std::thread::spawn(move || {
        for answer in ["502 Bad Gateway", "200 OK"] {
            let (mut stream, _) = listener.accept().expect("it is asked");
            let mut asked = Vec::new();
            while !asked.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).expect("a request has an end");
                asked.extend(byte);
            }
            assert!(asked.starts_with(b"GET /users/glyf HTTP/1.1\r\n"));
            let head =
                format!("HTTP/1.1 {answer}\r\nconnection: close\r\ncontent-length: 2\r\n\r\nhi");
            stream.write_all(head.as_bytes()).expect("it listens");
        }
    });
    let run = run(&["--url", &url]);
    server.join().expect("it was asked twice");
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "hi\n"));
    assert_eq!(told(&run.stderr), ["502"]);
}

#[test]
fn the_command_line() {
    refuses(
        "retry",
        &[
            (&["--answers=7"], ""),
            (&["--attempts=0"], ""),
            (&["--what"], ""),
            (&["--delay=x"], ""),
        ],
    );
}
