//! A server of the test's own, which answers as the test says, and what every command line has.
#![allow(dead_code, reason = "no test uses all of it")]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use tokio::net::TcpSocket;

use super::example::run_example;

/// A server that lives as long as the test.
pub(crate) struct Answering {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Answering {
    /// Answer a path with a status and a body. The answers are made on a thread each: they may
    /// wait for one another, or for ever. A status of 0 hangs up.
    pub(crate) fn start(answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("it is bound");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (paths, answer) = (asked.clone(), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (paths, answer) = (paths.clone(), answer.clone());
                let stream = stream.expect("a connection");
                thread::spawn(move || serve(stream, &paths, &*answer));
            }
        });
        Answering { address, asked }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The paths that it was asked for, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic").clone()
    }
}

fn serve(
    mut stream: TcpStream,
    paths: &Mutex<Vec<String>>,
    answer: &dyn Fn(&str) -> (u16, String),
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            // It has thought better of it.
            _ => return,
        }
    }
    let head = String::from_utf8(head).expect("it is text");
    let path = head.split(' ').nth(1).expect("it has a path").to_owned();
    paths.lock().expect("no panic").push(path.clone());
    let (status, body) = answer(&path);
    if status > 0 {
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status} {}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}",
            "Whatever"
        );
        // It may not wait any more.
        let _ = stream.write_all(head.as_bytes());
    }
}

/// The address of a port that is taken and answers nobody; it stays so while the socket lives.
pub(crate) fn closed() -> (TcpSocket, String) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket
        .bind((Ipv4Addr::LOCALHOST, 0).into())
        .expect("a port");
    let address = socket.local_addr().expect("it is bound");
    (socket, format!("http://{address}"))
}

/// `--help` helps; each of these is refused with exit code 2, the problem and a usage line.
#[track_caller]
pub(crate) fn command_line(name: &str, bad: &[&[&str]]) {
    for arg in ["--help", "-h"] {
        let help = run_example(name, [arg]);
        assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""), "{arg}");
        let usage = format!("\nusage: {name} ");
        assert!(help.stdout.contains(&usage), "{}", help.stdout);
        assert!(help.stdout.contains("\nexit code: 0"), "{}", help.stdout);
    }
    for args in bad.iter().chain([&["--bogus"][..], &["-q"]].iter()) {
        let run = run_example(name, *args);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{args:?}");
        let lines: Vec<_> = run.stderr.lines().collect();
        let [problem, usage] = lines[..] else {
            panic!("{args:?}: {}", run.stderr)
        };
        assert!(
            problem.starts_with(&format!("{name}: ")),
            "{args:?}: {problem}"
        );
        assert!(
            usage.starts_with(&format!("usage: {name} ")),
            "{args:?}: {usage}"
        );
    }
}
