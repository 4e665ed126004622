//! The example `graceful_shutdown`, run as a user runs it, stopped as a user stops it.

#![cfg(unix)]

#[path = "support/example.rs"]
mod example;

use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};

use example::{example, run_example};

struct Server {
    process: Child,
    says: Lines<BufReader<ChildStdout>>,
    address: String,
}

impl Server {
    fn start(args: &[&str]) -> Self {
        let mut program = example("graceful_shutdown");
        program.args(["--port", "0"]).args(args);
        let mut process = program.stdout(Stdio::piped()).spawn().unwrap();
        let mut says = BufReader::new(process.stdout.take().unwrap()).lines();
        let first = says.next().unwrap().unwrap();
        let address = first.strip_prefix("listening on http://").unwrap().into();
        Server {
            process,
            says,
            address,
        }
    }

    fn says(&mut self, what: &str) {
        assert_eq!(self.says.next().expect("it has not ended").unwrap(), what);
    }

    /// What Ctrl-C does.
    fn interrupt(&self) {
        let kill = format!("kill -INT {}", self.process.id());
        let killed = Command::new("sh").args(["-c", &kill]).status().unwrap();
        assert!(killed.success());
    }

    /// A request of which a part was sent.
    fn request(&mut self, length: usize, part: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head = format!("PUT /count HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n\r\n");
        stream.write_all((head + part).as_bytes()).unwrap();
        stream
    }

    /// Wait until nobody is let in any more.
    fn is_closed(&self) {
        // One that came just before is dropped.
        while TcpStream::connect(&self.address).is_ok() {}
    }

    fn ends(mut self) -> Option<i32> {
        assert!(self.says.next().is_none());
        self.process.wait().unwrap().code()
    }
}

/// The status of the answer, and its text.
fn answer(mut stream: TcpStream) -> (String, String) {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, text) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().into(), text.into())
}

#[test]
fn what_is_underway_is_finished_and_nothing_new_is_let_in() {
    let mut server = Server::start(&[]);
    let mut first = server.request(9, "one ");
    server.says("a request; 1 underway");
    let mut second = server.request(3, "");
    server.says("a request; 2 underway");
    server.interrupt();
    server.says("stopping; 2 underway");
    server.is_closed();

    first.write_all(b"two 3").unwrap();
    assert_eq!(answer(first), ("200".into(), "3\n".into()));
    second.write_all(b"one").unwrap();
    assert_eq!(answer(second), ("200".into(), "1\n".into()));
    server.says("stopped; 0 broken off");
    assert_eq!(server.ends(), Some(0));
}

#[test]
fn what_takes_too_long_is_answered_with_an_apology() {
    let mut server = Server::start(&["--limit", "50"]);
    let stuck = server.request(9, "one ");
    server.says("a request; 1 underway");
    server.interrupt();
    server.says("stopping; 1 underway");
    let sorry = "the server is stopping\n";
    assert_eq!(answer(stuck), ("503".into(), sorry.into()));
    server.says("stopped; 1 broken off");
    assert_eq!(server.ends(), Some(1));
}

#[test]
fn a_second_signal_does_not_wait_for_the_limit() {
    let mut server = Server::start(&["--limit", "100000000"]);
    let stuck = server.request(9, "one ");
    server.says("a request; 1 underway");
    server.interrupt();
    server.says("stopping; 1 underway");
    server.interrupt();
    assert_eq!(answer(stuck).0, "503");
    server.says("stopped; 1 broken off");
    assert_eq!(server.ends(), Some(1));
}

#[test]
fn a_client_that_goes_is_not_waited_for() {
    let mut server = Server::start(&["--limit", "100000000"]);
    let gone = server.request(9, "one ");
    server.says("a request; 1 underway");
    drop(gone);
    server.interrupt();
    let said = server.says.next().unwrap().unwrap();
    assert!(said.starts_with("stopping; "), "{said}");
    server.says("stopped; 0 broken off");
    assert_eq!(server.ends(), Some(0));
}

#[test]
fn nothing_underway_is_over_at_once() {
    let mut server = Server::start(&[]);
    let done = server.request(3, "one");
    server.says("a request; 1 underway");
    server.interrupt();
    let said = server.says.next().unwrap().unwrap();
    assert!(said.starts_with("stopping; "), "{said}");
    assert_eq!(answer(done), ("200".into(), "1\n".into()));
    server.says("stopped; 0 broken off");
    assert_eq!(server.ends(), Some(0));
}

#[test]
fn a_text_has_a_longest_length() {
    let mut server = Server::start(&[]);
    let longest = "a ".repeat(32_768);
    let done = server.request(65_536, &longest);
    server.says("a request; 1 underway");
    server.interrupt();
    assert_eq!(answer(done), ("200".into(), "32768\n".into()));

    let mut server = Server::start(&[]);
    let refused = server.request(65_537, &(longest + "a"));
    server.says("a request; 1 underway");
    server.interrupt();
    let why = "the text is too long\n";
    assert_eq!(answer(refused), ("400".into(), why.into()));
    let said = server.says.next().unwrap().unwrap();
    assert!(said.starts_with("stopping; "), "{said}");
    server.says("stopped; 0 broken off");
    assert_eq!(server.ends(), Some(0));
}

#[test]
fn a_port_that_is_taken_is_said() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let run = run_example("graceful_shutdown", ["--port", &port]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    assert!(run.stderr.starts_with("graceful_shutdown: "));
}

#[test]
fn the_command_line() {
    let help = run_example("graceful_shutdown", ["--help"]);
    assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""));
    let usage =
        "usage: graceful_shutdown [--port PORT] [--limit MS] [--connections N] [--patience MS]";
    assert!(help.stdout.contains(usage));
    for bad in [
        "--port=x",
        "--limit=-1",
        "--connections=0",
        "--patience=soon",
        "--what",
        "more",
    ] {
        let run = run_example("graceful_shutdown", [bad]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{bad}");
        assert!(run.stderr.ends_with(&format!("{usage}\n")), "{bad}");
    }
}
