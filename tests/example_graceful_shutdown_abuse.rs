//! The example `graceful_shutdown` under clients that nobody would like to have, and stopped
//! while they are there.

#![cfg(unix)]

#[path = "support/crowd.rs"]
mod crowd;
#[path = "support/example.rs"]
mod example;
#[path = "support/serving.rs"]
mod serving;

use std::io::{self, Write};
use std::net::SocketAddr;

use crowd::{connections, crowd};
use serving::{LONG, Serving};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// What the server may need for all of them, in bytes. It has needed 60 MB, unoptimized; the
/// longest texts that it takes, of all, would be 128 MiB.
const MEMORY: u64 = 256 << 20;

/// The kinds of clients that do not know how to behave.
const KINDS: usize = 12;

/// Those of them that are underway until the server breaks them off.
const UNDERWAY: [usize; 4] = [0, 1, 2, 3];

/// Each patience that a client tries to wear out is longer than a test.
const PATIENT: &str = "--patience=3600000";

fn head(framing: &str) -> String {
    format!("PUT /count HTTP/1.1\r\nhost: a\r\n{framing}\r\n")
}

async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.expect("it listens")
}

/// A request whose text is awaited when this is over: the server has said that it may come.
async fn begin(stream: &mut TcpStream, framing: &str) -> io::Result<()> {
    let head = head(&format!("expect: 100-continue\r\n{framing}\r\n"));
    stream.write_all(head.as_bytes()).await?;
    let mut told = [0; b"HTTP/1.1 100 Continue\r\n\r\n".len()];
    stream.read_exact(&mut told).await?;
    let told = String::from_utf8_lossy(&told);
    match told.starts_with("HTTP/1.1 100 ") {
        true => Ok(()),
        false => Err(io::Error::other(told)),
    }
}

/// The whole answer of this status with this text.
async fn answers(stream: &mut TcpStream, status: &str, text: &str) {
    let mut answer = Vec::new();
    let end = format!("\r\n\r\n{text}");
    while !answer.ends_with(end.as_bytes()) {
        let read = stream.read_buf(&mut answer).await.expect("an answer");
        let said = String::from_utf8_lossy(&answer);
        assert!(read > 0, "a whole answer, and not {said}");
    }
    let start = format!("HTTP/1.1 {status} ");
    assert!(answer.starts_with(start.as_bytes()));
}

/// A client that knows how to behave: several requests on one connection, the tenth of them long.
async fn asks(stream: &mut TcpStream, times: usize) {
    for time in 1..=times {
        let (text, words) = match time {
            10 => ("ab ".repeat(20_000), "20000\n"),
            _ => ("one two three".to_owned(), "3\n"),
        };
        let request = head(&format!("content-length: {}\r\n", text.len())) + &text;
        let sent = stream.write_all(request.as_bytes()).await;
        sent.expect("it listens");
        answers(stream, "200", words).await;
    }
}

/// Four mebibytes more than this, or until the server has enough of it.
async fn send_on(stream: &mut TcpStream, beginning: &str) {
    let mut sent = stream.write_all(beginning.as_bytes()).await;
    for _ in 0..64 {
        if sent.is_ok() {
            sent = stream.write_all(&[b'a'; 1 << 16]).await;
        }
    }
}

/// One of several kinds of clients that do not, and its connection, of which it has not enough.
async fn abuses(mut stream: TcpStream, kind: usize) -> io::Result<TcpStream> {
    let bytes = match kind {
        // Never comes to the end of its text.
        0 => {
            begin(&mut stream, "content-length: 100").await?;
            stream.write_all(b"one ").await?;
            return Ok(stream);
        }
        // Announces more than there is memory.
        1 => {
            begin(&mut stream, "content-length: 1000000000000000000").await?;
            stream.write_all(b"one ").await?;
            return Ok(stream);
        }
        // Sends nearly as much as it may, and then no more.
        2 => {
            begin(&mut stream, "content-length: 65536").await?;
            stream.write_all(&[b'a'; 65_000]).await?;
            return Ok(stream);
        }
        // The same, a byte at a time.
        3 => {
            begin(&mut stream, "transfer-encoding: chunked").await?;
            stream.write_all(&b"1\r\na\r\n".repeat(5_000)).await?;
            return Ok(stream);
        }
        // Goes when its text is half sent, and another comes.
        4 => {
            let address = stream.peer_addr()?;
            begin(&mut stream, "content-length: 100").await?;
            stream.write_all(b"one ").await?;
            stream.set_zero_linger()?;
            drop(stream);
            return TcpStream::connect(address).await;
        }
        // Says nothing.
        5 => return Ok(stream),
        // Never comes to the end of its head.
        6 => head("x-slow: ").as_bytes()[..20].to_vec(),
        // Sends a text that is too long.
        7 => {
            send_on(&mut stream, &head("content-length: 4194304\r\n")).await;
            return Ok(stream);
        }
        // Sends a head that is too large.
        8 => {
            send_on(&mut stream, "GET / HTTP/1.1\r\na: ").await;
            return Ok(stream);
        }
        // Speaks another language.
        9 => vec![0x16, 3, 1, 0xff, 0, b'\n', 0xfe],
        // Speaks one that the server might speak.
        10 => b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(),
        // Asks and asks, and does not listen.
        _ => (head("content-length: 3\r\n") + "one")
            .repeat(1000)
            .into_bytes(),
    };
    stream.writable().await?;
    // What the system does not take at once is not sent: the server may never take it, and it may
    // have hung up.
    let _ = stream.try_write(&bytes);
    Ok(stream)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_connections_half_of_them_bad() {
    let connections = connections();
    // None is broken off before it is told so.
    let args = ["--port=0", "--limit=100000000", PATIENT];
    let mut server = Serving::start("graceful_shutdown", &args);
    let address = server.address;
    let mut there = crowd(address, connections, |number, mut stream| async move {
        if number % 2 == 0 {
            asks(&mut stream, 3).await;
            return stream;
        }
        let there = abuses(stream, number / 2 % KINDS).await;
        there.expect("it serves them")
    })
    .await;

    // They are all there still, and one comes who only wants to know.
    let late = async {
        for _ in 0..20 {
            asks(&mut connect(address).await, 10).await;
        }
    };
    timeout(LONG, late).await.expect("it serves a good client");
    // It is stopped with all of them there. Who has begun well comes to an end.
    let mut stream = connect(address).await;
    let begun = begin(&mut stream, "content-length: 13").await;
    begun.expect("it listens");
    server.interrupt();
    let underway = server.says("stopping; ");
    let sent = stream.write_all(b"one two three").await;
    sent.expect("it listens");
    let answered = timeout(LONG, answers(&mut stream, "200", "3\n")).await;
    answered.expect("it finishes what is underway");

    if let Some(peak) = server.peak() {
        let told = format!("{connections} connections, {} MB", peak >> 20);
        writeln!(io::stdout(), "{told}").expect("somebody reads");
        assert!(peak < MEMORY, "{peak} bytes");
    }

    assert!(server.is_alive());
    server.interrupt();
    let broken_off = server.says("stopped; ");
    assert_eq!(server.ends(), Some(1));
    let count = |said: &str, what: &str| -> usize {
        let number = said.strip_suffix(what).and_then(|said| said.parse().ok());
        number.unwrap_or_else(|| panic!("{said}"))
    };
    let bad = (0..connections).filter(|number| number % 2 == 1);
    let held = bad.filter(|number| UNDERWAY.contains(&(number / 2 % KINDS)));
    let held = held.count();
    assert!(count(&underway, " underway") > held, "{underway}");
    let broken_off = count(&broken_off, " broken off");
    assert!((held..=connections / 2).contains(&broken_off));
    let mut sorry = 0;
    for stream in &mut there {
        let mut told = Vec::new();
        let _ = timeout(LONG, stream.read_to_end(&mut told))
            .await
            .expect("it hangs up");
        sorry += usize::from(told.ends_with(b"\r\n\r\nthe server is stopping\n"));
    }
    // So are those who asked too late to be underway.
    assert!(sorry >= held, "{sorry} of {held} are told");
    let messages = server.messages();
    assert!(!messages.contains("panicked"), "{messages}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_that_are_slow_are_given_up() {
    let args = ["--port=0", "--patience=2000", "--connections=60"];
    let mut server = Serving::start("graceful_shutdown", &args);
    let address = server.address;
    // There is room for fewer than come: some are served when others are gone.
    let slow = crowd(address, 100, move |number, stream| async move {
        match abuses(stream, number % KINDS).await {
            Ok(stream) => stream,
            // It was given up in the middle of it.
            Err(_) => connect(address).await,
        }
    })
    .await;
    let good = async { asks(&mut connect(address).await, 10).await };
    timeout(LONG, good).await.expect("it serves a good client");
    for mut stream in slow {
        // Until it is hung up on, whatever it is told before.
        let mut told = Vec::new();
        let _ = timeout(LONG, stream.read_to_end(&mut told))
            .await
            .expect("it hangs up");
    }
    assert!(server.is_alive());
    server.interrupt();
    assert_eq!(server.says("stopped; "), "0 broken off");
    assert_eq!(server.ends(), Some(0));
    assert!(!server.messages().contains("panicked"));
}
