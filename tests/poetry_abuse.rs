//! The servers of poetry among two thousand connections, half of which are slow or broken.
//!
//! No limit of time is tested by a clock: the good clients are done while the others are still
//! there.
#![cfg(unix)]
#![allow(
    clippy::print_stdout,
    reason = "what was measured, or left out, is to be seen"
)]

#[path = "support/example.rs"]
mod example;
#[path = "support/poetry.rs"]
mod poetry;

use std::env;
use std::io;
use std::net::Ipv4Addr;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use example::example;
use poetry::{FASCINATION, SCIENCE, Server, asked, file, netstring};

const BAD: usize = 1_000;
const GOOD: usize = 1_000;

/// For both sides of all connections, each in its process, and for what a process has beside.
const DESCRIPTORS: u64 = 3_000;

/// Set in a test that was begun again with more descriptors.
const AGAIN: &str = "POETRY_ABUSE_AGAIN";

/// One test at a time, so that they need no more descriptors than one does.
///
/// If this process may not have as many, it is begun again as one that may, or is left out.
fn among_many(test: &str, body: impl Future<Output = ()>) {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let limit = |which: &str| {
        let shell = Command::new("sh")
            .args(["-c", &format!("ulimit {which}")])
            .output();
        let told = String::from_utf8(shell.expect("sh is there").stdout).expect("it is text");
        // What is no number is "unlimited".
        told.trim().parse().unwrap_or(u64::MAX)
    };
    if limit("-Sn") >= DESCRIPTORS {
        return runtime().block_on(body);
    }
    assert!(env::var_os(AGAIN).is_none(), "the limit was not raised");
    if limit("-Hn") < DESCRIPTORS {
        println!("{test} is left out: it needs `ulimit -n {DESCRIPTORS}`");
        return;
    }
    let raised = format!("ulimit -Sn {DESCRIPTORS} && exec \"$0\" \"$@\"");
    let again = Command::new("sh")
        .args(["-c", &raised])
        .arg(env::current_exe().expect("a test has a path"))
        .args(["--exact", test, "--nocapture"])
        .env(AGAIN, "1")
        .status();
    assert!(again.expect("sh is there").success(), "{test}, begun again");
}

fn runtime() -> Runtime {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("there can be a runtime")
}

async fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await;
    stream.expect("the server accepts")
}

/// Connect, and send something, of which the server may not want the end.
async fn sent(port: u16, bytes: &[u8]) -> TcpStream {
    let mut stream = connect(port).await;
    let _ = stream.write_all(bytes).await;
    stream
}

/// All that comes; being reset is an end as well.
async fn rest(mut stream: TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    let _ = stream.read_to_end(&mut all).await;
    all
}

/// Whether the server keeps a connection on which it has sent nothing.
fn is_kept(stream: &TcpStream) -> bool {
    let read = stream.try_read(&mut [0]);
    matches!(read, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
}

/// Go, without a word: what is on the way is lost on both sides.
fn reset(stream: &TcpStream) {
    stream.set_zero_linger().expect("an option");
}

/// Good clients, all at once; each of them gets what it has asked for.
async fn good_clients(
    port: impl Fn(usize) -> u16,
    request: impl Fn(usize) -> Vec<u8>,
    answer: impl Fn(usize) -> Vec<u8>,
) {
    let mut clients = JoinSet::new();
    for number in 0..GOOD {
        let stream = sent(port(number), &request(number)).await;
        clients.spawn(async move { (number, rest(stream).await) });
    }
    while let Some(client) = clients.join_next().await {
        let (number, answered) = client.expect("a client does not panic");
        let right = answered.ends_with(&answer(number));
        let said = String::from_utf8_lossy(&answered);
        assert!(right, "client {number}: {said}");
    }
}

/// It runs, nothing in it has panicked, and it never had more memory than this.
#[track_caller]
fn sound(server: &mut Server, name: &str, mebibytes: usize) {
    assert!(server.runs(), "{}", server.stderr());
    let said = server.stderr();
    assert!(!said.contains("panicked"), "{said}");
    if let Some(peak) = server.peak() {
        println!("{name}: {peak} kB of memory at most");
        assert!(peak <= mebibytes * 1024, "{peak} kB");
    }
}

fn post(name: &str, length: &str, poem: &str) -> Vec<u8> {
    let head = format!("POST /{name} HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n\r\n");
    (head + poem).into_bytes()
}

/// What a slow client of the transform server sends before it waits. `true`: in HTTP.
fn slow_requests() -> Vec<(bool, Vec<u8>)> {
    let half = "a".repeat(59_000);
    let chunk = "transfer-encoding: chunked\r\n\r\ne678\r\n";
    vec![
        (false, Vec::new()),
        (false, b"6".to_vec()),
        (false, b"60000:".to_vec()),
        (false, format!("60000:shout.{half}").into_bytes()),
        (true, Vec::new()),
        (true, b"POST /shout HTTP/1.1\r\nhost: a\r\nx-slow:".to_vec()),
        (true, post("shout", "60000", &half)),
        (
            true,
            format!("POST /shout HTTP/1.1\r\nhost: a\r\n{chunk}{half}").into_bytes(),
        ),
    ]
}

/// What no client should send.
fn broken_requests() -> Vec<(bool, Vec<u8>)> {
    let endless = "a".repeat(300_000);
    // Sorting them takes eight times the memory of the poem; the answer is not wanted.
    let verses = "a\n".repeat(32_000);
    let growing = "\u{0390}".repeat(32_000);
    vec![
        (false, b"99999999999999999999:".to_vec()),
        (false, b"65549:shout.".to_vec()),
        (false, endless.clone().into_bytes()),
        (false, format!("300000:{endless},").into_bytes()),
        (false, b"007:shout.".to_vec()),
        (false, b"-1:,".to_vec()),
        (false, b"7:shout.a;".to_vec()),
        (false, b"5:shout,".to_vec()),
        (false, b"4:\xff.\xfe\xfd,".to_vec()),
        (false, netstring("__init__.a").into_bytes()),
        (false, netstring("sonnet.a").into_bytes()),
        (false, netstring(&format!("shout.{growing}")).into_bytes()),
        (false, netstring(&format!("alphabet.{verses}")).into_bytes()),
        (false, b"GET / HTTP/1.1\r\nhost: a\r\n\r\n".to_vec()),
        (true, b"7:shout.a,\r\n\r\n".to_vec()),
        (true, post("shout", "99999999999999", "")),
        (true, post("shout", "99999999999999999999999", "")),
        (true, post("shout", "-1", "a")),
        (true, post("sonnet", "1", "a")),
        (true, post("../../etc/passwd", "1", "a")),
        (true, post("shout", "64000", &growing)),
        (
            true,
            format!("GET / HTTP/1.1\r\nx: {endless}\r\n\r\n").into_bytes(),
        ),
        (
            true,
            b"POST /shout HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffffff\r\n"
                .to_vec(),
        ),
    ]
}

#[test]
fn the_transform_server_serves_good_clients_among_others() {
    among_many(
        "the_transform_server_serves_good_clients_among_others",
        async {
            // Nobody is left for being slow while this test runs.
            let mut server = Server::start("transformedpoetry", 2, &["--timeout=3600"]);
            let [netstrings, in_http] = server.ports[..] else {
                panic!("two ports")
            };
            let port = |http: bool| if http { in_http } else { netstrings };

            let mut slow = Vec::new();
            let mut broken = Vec::new();
            let requests = slow_requests().into_iter().cycle();
            let wrong = broken_requests().into_iter().cycle();
            for (number, (to_wait, to_fail)) in requests.zip(wrong).take(BAD / 2).enumerate() {
                slow.push(sent(port(to_wait.0), &to_wait.1).await);
                let stream = sent(port(to_fail.0), &to_fail.1).await;
                if number % 3 == 0 {
                    reset(&stream);
                } else {
                    broken.push((to_fail.0, stream));
                }
            }

            let shout = |poem: &str| poem.to_uppercase();
            let lower = netstring(&SCIENCE.to_lowercase()).into_bytes();
            let upper = shout(FASCINATION).into_bytes();
            let one = netstring(&format!("cummingsify.{SCIENCE}")).into_bytes();
            let other = post("shout", &FASCINATION.len().to_string(), FASCINATION);
            let is_http = |number: usize| number % 2 == 1;
            good_clients(
                |number| port(is_http(number)),
                |number| {
                    if is_http(number) {
                        other.clone()
                    } else {
                        one.clone()
                    }
                },
                |number| {
                    if is_http(number) {
                        upper.clone()
                    } else {
                        lower.clone()
                    }
                },
            )
            .await;

            assert_eq!(slow.len(), BAD / 2);
            let kept = slow.iter().filter(|stream| is_kept(stream)).count();
            assert_eq!(kept, slow.len(), "the slow ones are still there");
            for (http, stream) in broken {
                let answer = rest(stream).await;
                let said = String::from_utf8_lossy(&answer);
                // Of what is no HTTP at all the connection may be closed at once.
                let refused = ["HTTP/1.1 4", "HTTP/1.1 5"]
                    .iter()
                    .any(|status| said.starts_with(status));
                let sorted = said.starts_with("64000:a\n");
                assert!(answer.is_empty() || sorted || http && refused, "{said}");
            }
            drop(slow);
            assert_eq!(asked(netstrings, "7:shout.a,"), b"1:A,");
            sound(&mut server, "transformedpoetry", 160);
        },
    );
}

/// What clients do to a server that only sends.
async fn listen_badly(port: u16) -> Vec<TcpStream> {
    let mut there = Vec::new();
    for number in 0..BAD {
        let mut stream = connect(port).await;
        match number % 4 {
            // Nothing is read, ever.
            0 => {}
            1 => {
                let _ = stream.write_all(&[b'?'; 20_000]).await;
            }
            2 => {
                let _ = stream.shutdown().await;
            }
            _ => {
                let _ = stream.read(&mut [0; 10]).await;
                reset(&stream);
                continue;
            }
        }
        there.push(stream);
    }
    there
}

#[test]
fn the_fast_server_serves_good_clients_among_others() {
    among_many("the_fast_server_serves_good_clients_among_others", async {
        let dir = tempfile::tempdir().expect("there is room");
        let epic = dir.path().join("epic.txt");
        // More than the system keeps for a client that does not read.
        let length = 16 << 20;
        std::fs::write(&epic, vec![b'a'; length]).expect("there is room");
        let epic = epic.to_str().expect("it is text");
        let args = ["--timeout=3600", &file("science"), epic];
        let mut server = Server::start("fastpoetry", 2, &args);
        let [port, long] = server.ports[..] else {
            panic!("two ports")
        };
        let there = listen_badly(port).await;
        let mut readers = Vec::new();
        for _ in 0..8 {
            let mut stream = connect(long).await;
            stream.read_exact(&mut [0; 10]).await.expect("it begins");
            readers.push(stream);
        }
        good_clients(|_| port, |_| Vec::new(), |_| SCIENCE.into()).await;
        drop(there);
        // The slow readers were there all the time: the rest comes.
        for reader in readers {
            assert_eq!(rest(reader).await.len(), length - 10);
        }
        sound(&mut server, "fastpoetry", 96);
    });
}

#[test]
fn the_slow_server_serves_good_clients_among_others() {
    among_many("the_slow_server_serves_good_clients_among_others", async {
        let args = ["--num-bytes=100", "--delay=0.2", &file("science")];
        let mut server = Server::start("slowpoetry", 1, &args);
        let port = server.ports[0];
        let there = listen_badly(port).await;
        good_clients(|_| port, |_| Vec::new(), |_| SCIENCE.into()).await;
        drop(there);
        sound(&mut server, "slowpoetry", 64);
    });
}

#[test]
fn when_all_places_are_taken_a_good_client_waits_for_one() {
    among_many(
        "when_all_places_are_taken_a_good_client_waits_for_one",
        async {
            let args = ["--connections=20", "--timeout=0.5"];
            let mut server = Server::start("transformedpoetry", 2, &args);
            let mut idle = Vec::new();
            for number in 0..60 {
                idle.push(connect(server.ports[number % 2]).await);
            }
            let stream = sent(server.ports[0], b"7:shout.a,").await;
            assert_eq!(rest(stream).await, b"1:A,");
            sound(&mut server, "20 places", 64);
        },
    );
}

/// A server that gets no more descriptors waits until it has some again.
#[test]
fn descriptors_may_run_out() {
    among_many("descriptors_may_run_out", async {
        let program = example("transformedpoetry");
        let mut command = Command::new("sh");
        command
            .args(["-c", "ulimit -n 40 && exec \"$0\" \"$@\""])
            .arg(program.get_program())
            .arg("--timeout=0.5");
        let mut server = Server::spawn(command, 2);
        let mut idle = Vec::new();
        for number in 0..100 {
            idle.push(connect(server.ports[number % 2]).await);
        }
        let stream = sent(server.ports[0], b"7:shout.a,").await;
        assert_eq!(rest(stream).await, b"1:A,");
        sound(&mut server, "40 descriptors", 64);
    });
}
