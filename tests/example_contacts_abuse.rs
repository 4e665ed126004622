//! The example `contacts` under clients that nobody would like to have.

#[path = "support/example.rs"]
mod example;
#[path = "support/serving.rs"]
mod serving;

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;

use serving::{LONG, Serving, most_open_files};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How many there are at once, if the system lets a process have so many sockets.
const CONNECTIONS: usize = 2000;

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

async fn connect(address: SocketAddr, turns: &Semaphore) -> TcpStream {
    let _turn = turns.acquire().await.expect("it is not closed");
    TcpStream::connect(address).await.expect("it listens")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_connections_half_of_them_bad() {
    let connections = CONNECTIONS.min(most_open_files().saturating_sub(100));
    // Nobody is given up before the end: those that are silent stay.
    let mut server = Serving::start("contacts", &["--patience=3600000"]);
    let address = server.address;
    // The queue of a listener is not endless.
    let turns = Arc::new(Semaphore::new(100));
    let release = Arc::new(Semaphore::new(0));
    let (told, mut ready) = tokio::sync::mpsc::unbounded_channel();

    let mut clients = JoinSet::new();
    for number in 0..connections {
        let (turns, release, told) = (turns.clone(), release.clone(), told.clone());
        clients.spawn(async move {
            let mut stream = connect(address, &turns).await;
            if number % 2 == 0 {
                asks(&mut stream, 3).await;
            } else {
                abuses(&mut stream, number / 2 % 8).await;
            }
            let _ = told.send(());
            // Connected until all have been.
            let _end = release.acquire().await;
            stream
        });
    }
    let all = async {
        for _ in 0..connections {
            ready.recv().await.expect("all say so");
        }
    };
    timeout(LONG, all).await.expect("it serves them");

    // They are all there still, and one comes who only wants to know.
    let late = async {
        for _ in 0..20 {
            asks(&mut connect(address, &turns).await, 5).await;
        }
    };
    timeout(LONG, late).await.expect("it serves a good client");
    if let Some(peak) = server.peak() {
        let told = format!("{connections} connections, {} MB", peak >> 20);
        writeln!(std::io::stdout(), "{told}").expect("somebody reads");
        assert!(peak < MEMORY, "{peak} bytes");
    }

    release.add_permits(connections);
    while let Some(client) = clients.join_next().await {
        client.expect("no client panics");
    }
    assert!(server.is_alive());
    let messages = server.messages();
    assert!(!messages.contains("panicked"), "{messages}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_that_are_slow_are_given_up() {
    let mut server = Serving::start("contacts", &["--patience=2000", "--connections=60"]);
    let address = server.address;
    let turns = Semaphore::new(1);
    let mut slow = JoinSet::new();
    for number in 0..100 {
        let mut stream = connect(address, &turns).await;
        slow.spawn(async move {
            abuses(&mut stream, number % 8).await;
            // Until it is hung up on, whatever it is told before.
            let mut told = Vec::new();
            let _ = timeout(LONG, stream.read_to_end(&mut told))
                .await
                .expect("it hangs up");
        });
    }
    // There is room for fewer than came: it is served when some of them are gone.
    let good = async { asks(&mut connect(address, &turns).await, 3).await };
    timeout(LONG, good).await.expect("it serves a good client");
    while let Some(client) = slow.join_next().await {
        client.expect("no client panics");
    }
    assert!(server.is_alive());
    assert!(!server.messages().contains("panicked"));
}
