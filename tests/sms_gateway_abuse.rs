//! The example `sms_gateway` under clients that nobody would like to have: whoever knows how to
//! behave is served among them, and what was accepted is sent.

#[path = "support/crowd.rs"]
mod crowd;
#[path = "support/example.rs"]
mod example;
#[path = "support/serving.rs"]
mod serving;
#[path = "support/sms.rs"]
mod sms;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crowd::{connections, crowd};
use serving::{LONG, peak};
use sms::{Server, count, id, ids, logged};

/// What the gateway may need for all of them, in bytes. It has needed 104 MB, unoptimized.
const MEMORY: u64 = 400 << 20;

/// The kinds of clients that do not know how to behave.
const KINDS: usize = 17;

/// The kind that listens for ever, if it is told something now and then.
const LISTENS: usize = 12;

/// The kind that puts messages, all of them good, and so many.
const PUTS: usize = 15;
const PUT: usize = 20;

/// A directory with a store, and with what the carrier took.
struct World {
    dir: TempDir,
    carrier: Server,
}

impl World {
    async fn new() -> World {
        let dir = tempfile::tempdir().expect("a directory");
        let log = text(&dir.path().join("log"));
        let carrier = ["carrier", "--carrier-delay=1", "--fail=0", "--log", &log];
        let carrier = Server::start(carrier).await;
        World { dir, carrier }
    }

    /// A gateway that sends nothing before it is told to.
    async fn gateway(&self, more: &[&str]) -> (Server, SocketAddr) {
        let store = text(&self.dir.path().join("store"));
        // No message is sent twice because the machine is busy.
        let args = ["--store", &store, "--width=0", "--timeout=3600000"];
        let carrier = ["--carrier", &self.carrier.base];
        let args = args.iter().chain(&carrier).chain(more);
        let gateway = Server::start(args).await;
        let address = gateway.base.trim_start_matches("http://").parse();
        (gateway, address.expect("it is an address"))
    }

    /// The texts that the carrier took, each of them once.
    fn sent(&self) -> BTreeSet<String> {
        let lines = logged(&self.dir.path().join("log"));
        let text = |line: &Value| line["text"].as_str().map(str::to_owned);
        let texts: BTreeSet<_> = lines.iter().filter_map(text).collect();
        assert_eq!(texts.len(), lines.len(), "some are sent again");
        texts
    }
}

fn text(path: &Path) -> String {
    path.to_str().expect("it is text").to_owned()
}

async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.expect("it listens")
}

fn head(asked: &str, framing: &str) -> String {
    let json = "content-type: application/json";
    format!("{asked} HTTP/1.1\r\nhost: localhost\r\n{json}\r\n{framing}\r\n")
}

/// A request with this body.
fn request(asked: &str, body: &str) -> String {
    head(asked, &format!("content-length: {}\r\n", body.len())) + body
}

fn message(text: &str) -> String {
    let message = json!({"number": "+49 151 2345678", "text": text});
    request("POST /sms", &message.to_string())
}

/// What is answered to this: the status, and the body, which is JSON.
async fn ask(stream: &mut TcpStream, request: &str) -> io::Result<(u16, Value)> {
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    loop {
        let read = stream.read_buf(&mut answer).await?;
        let said = String::from_utf8_lossy(&answer);
        if read == 0 {
            return Err(io::Error::other(format!("no whole answer: {said}")));
        }
        let Some((head, body)) = said.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|line| {
            let length = line.strip_prefix("content-length: ")?;
            length.parse().ok()
        });
        let length: usize = length.expect("its length is told");
        if body.len() == length {
            let status = head
                .split(' ')
                .nth(1)
                .and_then(|status| status.parse().ok());
            return Ok((
                status.expect("it has a status"),
                serde_json::from_str(body)?,
            ));
        }
    }
}

/// Ask for something that is done.
async fn good(stream: &mut TcpStream, request: &str) -> Value {
    let (status, body) = ask(stream, request).await.expect("an answer");
    assert!((200..300).contains(&status), "{request}: {status} {body}");
    body
}

/// Ask to be told what happens.
async fn listens(stream: &mut TcpStream) {
    let asked = request("GET /events", "");
    let sent = stream.write_all(asked.as_bytes()).await;
    sent.expect("it listens");
}

/// A client that knows how to behave: it puts messages with these texts, and reads them.
async fn puts_and_reads(stream: &mut TcpStream, texts: &[String]) {
    for text in texts {
        let job = good(stream, &message(text)).await;
        let asked = format!("GET /jobs/{}", id(&job));
        let read = good(stream, &request(&asked, "")).await;
        assert_eq!(
            (&read["text"], &read["state"]),
            (&json!(text), &json!("pending"))
        );
        let all = good(stream, &request("GET /jobs?limit=3", "")).await;
        assert!(count(&all, "pending") > 0, "{all}");
    }
}

/// The texts of the client of this number.
fn texts(kind: &str, number: usize, so_many: usize) -> Vec<String> {
    (0..so_many)
        .map(|n| format!("{kind} {number}, message {n}"))
        .collect()
}

/// Ten mebibytes more than this, or until the server has enough of it.
async fn send_on(stream: &mut TcpStream, beginning: &str) {
    let mut sent = stream.write_all(beginning.as_bytes()).await;
    for _ in 0..160 {
        if sent.is_ok() {
            sent = stream.write_all(&[b'a'; 1 << 16]).await;
        }
    }
}

/// It is refused so, and says why.
async fn is_refused(stream: &mut TcpStream, request: &str, with: u16) -> io::Result<()> {
    let (status, said) = ask(stream, request).await?;
    assert_eq!(status, with, "{request}: {said}");
    assert!(said["error"].is_string(), "{said}");
    Ok(())
}

/// One of several kinds of clients that do not, and its connection, of which it has not enough.
async fn abuses(mut stream: TcpStream, number: usize, kind: usize) -> io::Result<TcpStream> {
    let bytes = match kind {
        // Never comes to the end of its body.
        0 => head("POST /sms", "content-length: 100\r\n") + "{\"number\": ",
        // Announces more than there is memory.
        1 => head("POST /sms", "content-length: 1000000000000000000\r\n") + "{",
        // Sends nearly as much as it may, and then no more.
        2 => head("POST /sms", "content-length: 32768\r\n") + &" ".repeat(32_000),
        // The same, a byte at a time.
        3 => head("POST /sms", "transfer-encoding: chunked\r\n") + &"1\r\n \r\n".repeat(5_000),
        // Goes when its body is half sent, and another comes.
        4 => {
            let address = stream.peer_addr()?;
            let half = head("POST /sms", "content-length: 100\r\n") + "{\"number\": ";
            stream.write_all(half.as_bytes()).await?;
            stream.set_zero_linger()?;
            drop(stream);
            return TcpStream::connect(address).await;
        }
        // Says nothing.
        5 => return Ok(stream),
        // Never comes to the end of its head.
        6 => head("POST /sms", "x-slow: ")[..30].to_owned(),
        // Sends a body that is too long.
        7 => {
            let beginning = head("POST /sms", "content-length: 10485760\r\n");
            send_on(&mut stream, &beginning).await;
            return Ok(stream);
        }
        // Sends a head that is too large.
        8 => {
            send_on(&mut stream, "GET / HTTP/1.1\r\na: ").await;
            return Ok(stream);
        }
        // Speaks another language.
        9 => "\u{16}\u{3}\u{1}\u{0}\n\u{fe}".to_owned(),
        // Speaks one that the server might speak.
        10 => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u{ff}\u{ff}\u{ff}\u{ff}".to_owned(),
        // Asks and asks, and does not listen.
        11 => request("GET /", "").repeat(1_000),
        // Wants to be told what happens, and does not listen.
        LISTENS => request("GET /events", ""),
        // Has a wrong idea of JSON.
        13 => {
            for body in ["{\"number\": ", "]", "\u{feff}"] {
                is_refused(&mut stream, &request("POST /sms", body), 400).await?;
            }
            for body in ["\"\"", &"[".repeat(30_000)] {
                is_refused(&mut stream, &request("POST /sms", body), 422).await?;
            }
            return Ok(stream);
        }
        // Has a wrong idea of where it is.
        14 => {
            for asked in ["GET /admin.php", "POST /jobs/1/2", "GET /../../etc/passwd"] {
                is_refused(&mut stream, &request(asked, ""), 404).await?;
            }
            is_refused(&mut stream, &request("PUT /sms", "{}"), 405).await?;
            return Ok(stream);
        }
        // Puts one message after another, and does not hear whether they are accepted.
        PUTS => {
            let messages = texts("hasty", number, PUT);
            let messages: String = messages.iter().map(|text| message(text)).collect();
            stream.write_all(messages.as_bytes()).await?;
            return Ok(stream);
        }
        // Wants to know everything, and does not listen.
        _ => request("GET /jobs", ""),
    };
    stream.writable().await?;
    // What the system does not take at once is not sent: the server may never take it, and it may
    // have hung up.
    let _ = stream.try_write(bytes.as_bytes());
    Ok(stream)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_connections_half_of_them_bad() {
    let connections = connections();
    let world = World::new().await;
    // Nobody is given up before the end: those that are silent stay.
    let (gateway, address) = world.gateway(&["--patience=3600000"]).await;
    let there = crowd(address, connections, |number, mut stream| async move {
        if number % 2 == 0 {
            puts_and_reads(&mut stream, &texts("good", number, 2)).await;
            return stream;
        }
        let there = abuses(stream, number, number / 2 % KINDS).await;
        there.expect("it serves them")
    })
    .await;

    // They are all there still, and one comes who only wants to put messages and read them.
    let late = texts("late", 0, 20);
    let serve_late = async {
        for text in late.chunks(2) {
            puts_and_reads(&mut connect(address).await, text).await;
        }
        let width = request("PATCH /width", "{\"width\": 20}");
        good(&mut connect(address).await, &width).await;
    };
    timeout(LONG, serve_late)
        .await
        .expect("it serves a good client");

    let mut accepted: BTreeSet<String> = late.into_iter().collect();
    for number in 0..connections {
        match (number % 2, number / 2 % KINDS) {
            (0, _) => accepted.extend(texts("good", number, 2)),
            (_, PUTS) => accepted.extend(texts("hasty", number, PUT)),
            _ => (),
        }
    }
    let all = accepted.len() as u64;
    let now = gateway.until("all are sent", |now| count(now, "sent") == all);
    let now = now.await;
    let counts = ["accepted", "pending", "underway", "failed", "dead"].map(|of| count(&now, of));
    assert_eq!(counts, [all, 0, 0, 0, 0]);
    assert!(world.sent() == accepted, "others are sent than were put");

    if let Some(peak) = peak(gateway.pid()) {
        let told = format!(
            "{connections} connections, {all} messages, {} MB",
            peak >> 20
        );
        writeln!(io::stdout(), "{told}").expect("somebody reads");
        assert!(peak < MEMORY, "{peak} bytes");
    }

    // It is stopped with all of them there.
    gateway.signal("TERM");
    let (status, said) = gateway.ended().await;
    assert_eq!(status.code(), Some(0), "{said}");
    assert!(said.contains("stopped: 0 kept"), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    drop(there);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_that_are_slow_are_given_up() {
    let world = World::new().await;
    let args = ["--patience=2000", "--connections=60"];
    let (gateway, address) = world.gateway(&args).await;
    // There is room for fewer than come: some are served when others are gone.
    let slow = crowd(address, 100, move |number, stream| async move {
        // Who is told something all the time is not slow.
        let kind = match number % KINDS {
            LISTENS => 0,
            kind => kind,
        };
        match abuses(stream, number, kind).await {
            Ok(stream) => stream,
            // It was given up in the middle of it.
            Err(_) => connect(address).await,
        }
    })
    .await;
    let good = async { puts_and_reads(&mut connect(address).await, &texts("good", 0, 3)).await };
    timeout(LONG, good).await.expect("it serves a good client");
    for mut stream in slow {
        // Until it is hung up on, whatever it is told before.
        let mut told = Vec::new();
        let _ = timeout(LONG, stream.read_to_end(&mut told))
            .await
            .expect("it hangs up");
    }
    gateway.signal("TERM");
    let (status, said) = gateway.ended().await;
    assert_eq!(status.code(), Some(0), "{said}");
    assert!(!said.contains("panicked"), "{said}");
}

#[tokio::test]
async fn who_listens_no_more_is_given_up() {
    let world = World::new().await;
    let args = ["--patience=1000", "--connections=2"];
    let (_gateway, address) = world.gateway(&args).await;
    let mut steers = connect(address).await;
    for n in 0..100 {
        // So that much is told.
        let long = format!("{n:03}{}", "\u{1f600}".repeat(1_500));
        good(&mut steers, &message(&long)).await;
    }
    let mut listener = connect(address).await;
    listens(&mut listener).await;
    let begun = listener.read_exact(&mut [0; 12]).await;
    begun.expect("an answer");
    // Both places are taken. There is one when the listener is gone, who is told more and more.
    let late = async { good(&mut connect(address).await, &request("GET /healthz", "")).await };
    let steer = async {
        for rate in (1..=1_000).cycle() {
            let body = json!({"rate": rate}).to_string();
            good(&mut steers, &request("PATCH /rate", &body)).await;
        }
    };
    let served = async {
        tokio::select! {
            served = late => served,
            () = steer => unreachable!("it has no end"),
        }
    };
    let served = timeout(LONG, served).await.expect("there is a place");
    assert_eq!(count(&served, "pending"), 100);
}

#[tokio::test]
async fn who_listens_is_told_that_nothing_happens_before_it_is_given_up() {
    let world = World::new().await;
    // Overviews come less often.
    let (_gateway, address) = world.gateway(&["--patience=1500"]).await;
    let mut stream = connect(address).await;
    listens(&mut stream).await;
    let mut told = Vec::new();
    let comments = |told: &[u8]| told.windows(5).filter(|now| now == b"\n:\n\n\r").count();
    let listening = async {
        // They take longer than the patience lasts.
        while comments(&told) < 5 {
            let read = stream.read_buf(&mut told).await.expect("it goes on");
            assert!(read > 0, "{}", String::from_utf8_lossy(&told));
        }
    };
    timeout(LONG, listening).await.expect("it is told");
    let overviews = String::from_utf8_lossy(&told);
    assert!(overviews.contains("event: overview\n"), "{overviews}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn few_at_once_have_all_jobs_kept_for_them() {
    let world = World::new().await;
    let (gateway, address) = world.gateway(&["--patience=3600000"]).await;
    // More than the system takes of an answer that nobody reads: many megabytes.
    let puts = crowd(address, 50, |number, mut stream| async move {
        for n in 0..60 {
            let long = format!("{number:03}{n:03}{}", "\u{1f600}".repeat(1_590));
            good(&mut stream, &message(&long)).await;
        }
        stream
    });
    drop(puts.await);
    let mut deaf = Vec::new();
    for _ in 0..4 {
        let mut stream = connect(address).await;
        let asked = request("GET /jobs", "");
        let sent = stream.write_all(asked.as_bytes()).await;
        sent.expect("it listens");
        let mut begun = [0; 12];
        let read = stream.read_exact(&mut begun).await;
        read.expect("an answer");
        assert_eq!(&begun, b"HTTP/1.1 200");
        deaf.push(stream);
    }
    let mut stream = connect(address).await;
    for asked in ["GET /jobs", "GET /jobs?limit=101", "GET /dead"] {
        let refused = is_refused(&mut stream, &request(asked, ""), 503).await;
        refused.expect("an answer");
    }
    // A few of them need no room.
    let some = good(&mut stream, &request("GET /jobs?limit=100", "")).await;
    assert_eq!(count(&some, "pending"), 3_000);
    good(&mut stream, &request("GET /dead?limit=100", "")).await;

    deaf.pop();
    let room = async {
        loop {
            let answer = gateway.ask(Method::GET, "/jobs", None).await;
            if answer.status != 503 {
                return answer.good();
            }
        }
    };
    let all = timeout(LONG, room).await.expect("there is room again");
    assert_eq!(ids(&all, "pending").len(), 3_000);
}
