//! The example `sms_gateway` as a process, whom it sends to, and what is asked of it.
#![allow(dead_code, reason = "no test uses all of it")]

use std::ffi::OsStr;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Client, Method};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdout};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::example::example;

/// Longer than any machine is busy: what takes so long hangs.
const HANGS: Duration = Duration::from_secs(120);

/// Wait for this, and fail if it hangs.
pub(crate) async fn soon<F: Future>(what: &str, future: F) -> F::Output {
    let Ok(out) = timeout(HANGS, future).await else {
        panic!("{what}: nothing within {HANGS:?}")
    };
    out
}

/// A client that goes past proxies.
pub(crate) fn client() -> Client {
    // An error means that there is a provider already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().no_proxy().build();
    client.expect("the client has a provider of cryptography")
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let json = serde_json::from_str(&self.text);
        json.unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// What is asked for worked: its body.
    #[track_caller]
    pub(crate) fn good(&self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        self.json()
    }

    /// It was refused with this status: the reason.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{self:?}");
        let json = self.json();
        let reason = json["error"].as_str().expect("a reason in words");
        assert!(reason.len() > 8, "{reason:?} says nothing");
        reason.to_string()
    }
}

/// A running program, which ends with the test.
pub(crate) struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// The lines before it listened.
    pub(crate) greeting: Vec<String>,
    pub(crate) base: String,
    client: Client,
}

impl Server {
    /// Start it, on a port that it chooses unless it is told one, and wait until it listens.
    pub(crate) async fn start<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Server {
        let mut server = Server::spawn(args);
        if let Err((status, error)) = server.listening().await {
            panic!("it ends with {status} and says: {error}");
        }
        server
    }

    /// How it ends and what it says, where it is not to come to listening.
    pub(crate) async fn fails<A: AsRef<OsStr>>(
        args: impl IntoIterator<Item = A>,
    ) -> (ExitStatus, String) {
        let mut server = Server::spawn(args);
        match server.listening().await {
            Ok(()) => panic!("it listens"),
            Err(end) => end,
        }
    }

    /// Start it, and wait for nothing.
    pub(crate) fn spawn<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Server {
        Server::spawn_as(example("sms_gateway"), args)
    }

    /// With room for so many bytes in each file, on whose end it is told as on a full disk.
    pub(crate) fn spawn_on_small_disk<A: AsRef<OsStr>>(
        kilobytes: u32,
        args: impl IntoIterator<Item = A>,
    ) -> Server {
        let gateway = example("sms_gateway");
        let mut program = Command::new("bash");
        // Without the trap the first write that is too much ends the process.
        let limited = format!("trap '' XFSZ; ulimit -f {kilobytes}; exec \"$0\" \"$@\"");
        program.args(["-c", &limited]).arg(gateway.get_program());
        Server::spawn_as(program, args)
    }

    fn spawn_as<A: AsRef<OsStr>>(
        mut program: Command,
        args: impl IntoIterator<Item = A>,
    ) -> Server {
        program.args(["--listen", "127.0.0.1:0"]).args(args);
        program.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut program = tokio::process::Command::from(program);
        let mut child = program.kill_on_drop(true).spawn().expect("it starts");
        Server {
            stdout: BufReader::new(child.stdout.take().expect("it is a pipe")),
            child,
            greeting: Vec::new(),
            base: String::new(),
            client: client(),
        }
    }

    /// Wait until it listens; or how it ended and what it said, if it did not come to that.
    pub(crate) async fn listening(&mut self) -> Result<(), (ExitStatus, String)> {
        loop {
            let mut line = String::new();
            let read = soon("its address", self.stdout.read_line(&mut line)).await;
            if read.expect("it is text") == 0 {
                let mut error = String::new();
                let mut stderr = self.child.stderr.take().expect("it is a pipe");
                let read = soon("its message", stderr.read_to_string(&mut error)).await;
                read.expect("it is text");
                return Err((self.child.wait().await.expect("it ends"), error));
            }
            if let Some(base) = line.trim().strip_prefix("listening on ") {
                self.base = base.trim_end_matches('/').to_string();
                return Ok(());
            }
            self.greeting.push(line.trim().to_string());
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Send it a signal, as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(sent.expect("there is `kill`").success());
    }

    /// SIGKILL: it can do nothing about it.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.expect("it runs");
    }

    /// Its next line.
    pub(crate) async fn line(&mut self) -> String {
        let mut line = String::new();
        let read = soon("its next line", self.stdout.read_line(&mut line)).await;
        read.expect("it is text");
        line.trim().to_string()
    }

    /// Wait for its end: its status, and what it said until then, first without what it
    /// complained of.
    pub(crate) async fn ended(mut self) -> (ExitStatus, String) {
        let mut said = String::new();
        let read = soon("its end", self.stdout.read_to_string(&mut said)).await;
        read.expect("it is text");
        let mut stderr = self.child.stderr.take().expect("it is a pipe");
        let read = soon("its end", stderr.read_to_string(&mut said)).await;
        read.expect("it is text");
        let status = soon("its end", self.child.wait()).await;
        (status.expect("it ends"), said)
    }

    pub(crate) async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let body = body.map(|body| body.to_string());
        self.ask_with(
            method,
            path,
            &[(CONTENT_TYPE.as_str(), "application/json")],
            body,
        )
        .await
    }

    pub(crate) async fn ask_with(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Answer {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        for (name, value) in headers {
            if body.is_some() || *name != CONTENT_TYPE.as_str() {
                request = request.header(*name, *value);
            }
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let answer = soon(path, request.send()).await.expect("it answers");
        Answer {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            text: answer.text().await.expect("it is text"),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.ask(Method::GET, path, None).await.good()
    }

    pub(crate) async fn post(&self, path: &str) -> Value {
        self.ask(Method::POST, path, None).await.good()
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Value {
        self.ask(Method::PATCH, path, Some(body)).await.good()
    }

    /// Queue a message: the number of its job.
    pub(crate) async fn sms(&self, text: &str) -> u64 {
        let body = serde_json::json!({"number": "+49 151 2345678", "text": text});
        let job = self.ask(Method::POST, "/sms", Some(body)).await;
        assert_eq!(job.status, 202, "{job:?}");
        id(&job.good())
    }

    /// The first overview of which this is true, out of those that the page gets.
    pub(crate) async fn until(&self, what: &str, mut is: impl FnMut(&Value) -> bool) -> Value {
        let events = self.client.get(format!("{}/events", self.base)).send();
        let mut events = soon("the events", events).await.expect("it answers");
        assert_eq!(events.status().as_u16(), 200);
        let mut read = Vec::new();
        let mut last = Value::Null;
        let found = timeout(HANGS, async {
            loop {
                let chunk = events.chunk().await.expect("it goes on");
                let chunk = chunk.unwrap_or_else(|| panic!("{what}: it ends after {last}"));
                read.extend_from_slice(&chunk);
                while let Some(end) = read.windows(2).position(|two| two == b"\n\n") {
                    let event: Vec<u8> = read.drain(..end + 2).collect();
                    let event = String::from_utf8(event).expect("it is text");
                    let data = event.lines().find_map(|line| line.strip_prefix("data: "));
                    last =
                        serde_json::from_str(data.expect("an event has data")).expect("it is JSON");
                    if is(&last) {
                        return last.clone();
                    }
                }
            }
        });
        match found.await {
            Ok(found) => found,
            Err(_) => panic!("{what}: not within {HANGS:?}, but {last}"),
        }
    }

    /// Wait until so many were sent by this process.
    pub(crate) async fn until_sent(&self, sent: u64) {
        self.until("sent", |now| count(now, "sent") == sent).await;
    }
}

#[track_caller]
pub(crate) fn id(job: &Value) -> u64 {
    job["id"].as_u64().expect("a job has a number")
}

#[track_caller]
pub(crate) fn count(overview: &Value, of: &str) -> u64 {
    overview["counts"][of].as_u64().expect("it is counted")
}

/// The numbers of the jobs in this list of an overview.
#[track_caller]
pub(crate) fn ids(overview: &Value, list: &str) -> Vec<u64> {
    let list = overview[list].as_array().expect("it is a list");
    list.iter().map(id).collect()
}

/// What the fake carrier wrote down.
pub(crate) fn logged(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = |line| serde_json::from_str(line).expect("a line is JSON");
    text.lines().map(line).collect()
}

/// A carrier that answers when the test lets it.
pub(crate) struct Carrier {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    /// So many may be answered.
    gate: Semaphore,
    /// The texts, as they came.
    came: Mutex<Vec<String>>,
    /// The texts of those that were answered.
    answered: Mutex<Vec<String>>,
    /// What is answered next, in place of a receipt.
    statuses: Mutex<Vec<StatusCode>>,
}

impl Carrier {
    pub(crate) async fn start() -> Carrier {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("a port");
        let address = listener.local_addr().expect("it is bound");
        let shared = Arc::new(Shared {
            gate: Semaphore::new(0),
            came: Mutex::default(),
            answered: Mutex::default(),
            statuses: Mutex::default(),
        });
        let router = Router::new().route("/messages", post(take));
        let router = router.with_state(shared.clone());
        tokio::spawn(async { axum::serve(listener, router).await });
        Carrier { address, shared }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Let it answer so many.
    pub(crate) fn let_go(&self, so_many: usize) {
        self.shared.gate.add_permits(so_many);
    }

    /// Answer this to the next one, and so on.
    pub(crate) fn answer(&self, statuses: impl IntoIterator<Item = u16>) {
        let status = |status| StatusCode::from_u16(status).expect("it is a status");
        let mut all = self.shared.statuses.lock().unwrap();
        all.extend(statuses.into_iter().map(status));
    }

    pub(crate) fn came(&self) -> Vec<String> {
        self.shared.came.lock().unwrap().clone()
    }

    pub(crate) fn answered(&self) -> Vec<String> {
        self.shared.answered.lock().unwrap().clone()
    }
}

async fn take(
    State(shared): State<Arc<Shared>>,
    Json(order): Json<Value>,
) -> (StatusCode, Json<Value>) {
    let text = order["text"].as_str().expect("an order has a text");
    shared.came.lock().unwrap().push(text.to_string());
    shared.gate.acquire().await.expect("it stays open").forget();
    let status = {
        let mut statuses = shared.statuses.lock().unwrap();
        (!statuses.is_empty()).then(|| statuses.remove(0))
    };
    if let Some(status) = status {
        return (
            status,
            Json(serde_json::json!({"error": "as the test wants"})),
        );
    }
    let mut answered = shared.answered.lock().unwrap();
    answered.push(text.to_string());
    (
        StatusCode::OK,
        Json(serde_json::json!({"receipt": answered.len()})),
    )
}
