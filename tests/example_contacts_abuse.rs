//! The example `contacts` under clients that nobody would like to have.

#[path = "support/crowd.rs"]
mod crowd;
#[path = "support/example.rs"]
mod example;
#[path = "support/serving.rs"]
mod serving;

use std::io::Write;
use std::net::SocketAddr;

use crowd::{connections, crowd};
use serving::{LONG, Serving};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// What the server may need for all of them, in bytes. It has needed 60 MB, unoptimized.
const MEMORY: u64 = 400 << 20;

const GOOD: &[u8] = b"GET /contacts?username=ada HTTP/1.1\r\nhost: a\r\n\r\n";

/// A client that knows how to behave: several requests on one connection.
async fn asks(stream: &mut TcpStream, times: usize) {
    for _ in 0..times {
        stream.write_all(GOOD).await.expect("it listens");
        let mut answer = Vec::new();
        while !answer.ends_with(b"]}") {
            let read = stream.read_buf(&mut answer).await.expect("an answer");
            assert!(read > 0, "a whole answer, and not {answer:?}");
        }
        assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
        assert!(answer.ends_with(br#"{"contacts":["bob","eve"]}"#));
    }
}

/// One of several kinds of clients that do not. What the system does not take at once is not
/// sent: the server may never take it.
async fn abuses(stream: &mut TcpStream, kind: usize) {
    let head = "POST /contacts HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n";
    let bytes = match kind {
        // Says nothing.
        0 => return,
        // Never comes to the end of its head.
        1 => GOOD[..20].to_vec(),
        // Never comes to the end of its body.
        2 => format!("{head}content-length: 100\r\n\r\n{{").into(),
        // Announces more than there is memory.
        3 => format!("{head}content-length: {}\r\n\r\n{{", u64::MAX).into(),
        // Sends a body that is too large.
        4 => format!(
            "{head}content-length: 1000000\r\n\r\n{}",
            " ".repeat(1_000_000)
        )
        .into(),
        // Sends a head that is too large.
        5 => format!("GET / HTTP/1.1\r\na: {}", "a".repeat(1_000_000)).into(),
        // Speaks another language.
        6 => vec![0x16, 3, 1, 0xff, 0, b'\n', 0xfe],
        // Asks and asks, and does not listen.
        _ => GOOD.repeat(5000),
    };
    stream.writable().await.expect("it listens");
    // The server may have hung up.
    let _ = stream.try_write(&bytes);
}

async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.expect("it listens")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_connections_half_of_them_bad() {
    let connections = connections();
    // Nobody is given up before the end: those that are silent stay.
    let mut server = Serving::start("contacts", &["--patience=3600000"]);
    let address = server.address;
    let there = crowd(address, connections, |number, mut stream| async move {
        if number % 2 == 0 {
            asks(&mut stream, 3).await;
        } else {
            abuses(&mut stream, number / 2 % 8).await;
        }
        stream
    })
    .await;

    // They are all there still, and one comes who only wants to know.
    let late = async {
        for _ in 0..20 {
            asks(&mut connect(address).await, 5).await;
        }
    };
    timeout(LONG, late).await.expect("it serves a good client");
    if let Some(peak) = server.peak() {
        let told = format!("{connections} connections, {} MB", peak >> 20);
        writeln!(std::io::stdout(), "{told}").expect("somebody reads");
        assert!(peak < MEMORY, "{peak} bytes");
    }

    drop(there);
    assert!(server.is_alive());
    let messages = server.messages();
    assert!(!messages.contains("panicked"), "{messages}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_that_are_slow_are_given_up() {
    let mut server = Serving::start("contacts", &["--patience=2000", "--connections=60"]);
    let address = server.address;
    let slow = crowd(address, 100, |number, mut stream| async move {
        abuses(&mut stream, number % 8).await;
        stream
    })
    .await;
    // There is room for fewer than came: it is served when some of them are gone.
    let good = async { asks(&mut connect(address).await, 3).await };
    timeout(LONG, good).await.expect("it serves a good client");
    for mut stream in slow {
        // Until it is hung up on, whatever it is told before.
        let mut told = Vec::new();
        let _ = timeout(LONG, stream.read_to_end(&mut told))
            .await
            .expect("it hangs up");
    }
    assert!(server.is_alive());
    assert!(!server.messages().contains("panicked"));
}
