//! Fire, fail or cancel a deferred in place of the original, which asks a server.
//!
//! From seed 001, "Yet another cancelable Twisted deferred class". Look at `own`: it has nothing
//! but the controller, and decides what the client gets. The server is a real one on loopback,
//! which sees whether anybody is left for its answer.
//!
//! `cargo run --example controllable -- --then errback --original drop`

use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use defer::prelude::*;
use defer::sync::{Controller, Original, controllable};
use lexopt::prelude::*;
use reqwest::Client;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{sleep, timeout};

const USAGE: &str =
    "usage: controllable [--then WHAT] [--original WHAT] [--after MS] [--server MS] [--status N]";

const HELP: &str = "\
Ask a slow server for a page, and have an owner who may decide before it answers.

usage: controllable [--then WHAT] [--original WHAT] [--after MS] [--server MS] [--status N]

  --then WHAT      what the owner does: callback, errback, cancel, or nothing
                   (default callback)
  --original WHAT  what becomes of the question to the server then: cancel, or drop
                   (default cancel)
  --after MS       the owner acts so long after the server was asked (default 20)
  --server MS      the server answers so long after it was asked (default 60000)
  --status N       what it answers with (default 200)
  -h, --help       print this

exit code: 0 if the client has a page, 1 if not, 2 for bad arguments
";

/// Nobody listens to what cannot be written.
fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

#[callback]
async fn get_page(#[value] client: Client, url: String) -> Result<String, Failure> {
    let answer = client.get(url).send().await?.error_for_status()?;
    Ok(answer.text().await?)
}

/// What the original does when it fails, if it is there to do it.
#[errback]
fn clean_up(failure: Failure) -> Result<String, Failure> {
    if failure.is_cancelled() {
        say("original: is cancelled, and cleans up");
    }
    Err(failure)
}

#[derive(Clone, Copy)]
enum Then {
    Callback,
    Errback,
    Cancel,
    Nothing,
}

/// Decide, some time after the server was asked.
async fn own(controller: Controller<String>, mut server: Server, after: Duration, then: Then) {
    server.next().await;
    sleep(after).await;
    let taken = match then {
        Then::Callback => {
            say("owner: gives a page from the cache");
            controller
                .callback("a page from the cache".to_string())
                .is_ok()
        }
        Then::Errback => {
            say("owner: fails it");
            controller
                .errback(Failure::msg("the owner has had enough"))
                .is_ok()
        }
        Then::Cancel => {
            say("owner: cancels it");
            let taken = !controller.is_over();
            controller.cancel();
            taken
        }
        Then::Nothing => return drop(controller),
    };
    if !taken {
        say("owner: is too late");
    }
}

/// What the server has to say of the question.
struct Server(UnboundedReceiver<&'static str>);

impl Server {
    async fn next(&mut self) {
        if let Some(line) = self.0.recv().await {
            say(line);
        }
    }
}

/// Tells how a question ended.
struct Question(UnboundedSender<&'static str>, &'static str);

impl Drop for Question {
    fn drop(&mut self) {
        // Nobody may listen any more.
        let _ = self.0.send(self.1);
    }
}

/// A server that takes its time; its address, and what it says when it is asked, and at the end.
async fn serve(time: Duration, status: StatusCode) -> io::Result<(String, Server, Server)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let url = format!("http://{}/page", listener.local_addr()?);
    let (asked, is_asked) = unbounded_channel();
    let (ended, is_ended) = unbounded_channel();
    let answer = move || async move {
        drop(Question(asked, "server: is asked"));
        let mut question = Question(ended, "server: is left alone before it has answered");
        sleep(time).await;
        question.1 = "server: answers";
        (status, "a page from the server")
    };
    let router = Router::new().route("/page", get(answer));
    tokio::spawn(async { axum::serve(listener, router).await });
    Ok((url, Server(is_asked), Server(is_ended)))
}

struct Args {
    then: Then,
    original: Original,
    after: Duration,
    server: Duration,
    status: StatusCode,
}

/// What is asked for; `None`: for help.
fn read() -> Result<Option<Args>, lexopt::Error> {
    let mut args = Args {
        then: Then::Callback,
        original: Original::Cancel,
        after: Duration::from_millis(20),
        server: Duration::from_secs(60),
        status: StatusCode::OK,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("then") => args.then = parser.value()?.parse_with(then)?,
            Long("original") => args.original = parser.value()?.parse_with(original)?,
            Long("after") => args.after = millis(&mut parser)?,
            Long("server") => args.server = millis(&mut parser)?,
            Long("status") => args.status = parser.value()?.parse_with(status)?,
            Short('h') | Long("help") => return Ok(None),
            _ => return Err(arg.unexpected()),
        }
    }
    Ok(Some(args))
}

fn millis(parser: &mut lexopt::Parser) -> Result<Duration, lexopt::Error> {
    let millis = parser.value()?.parse::<u32>()?;
    Ok(Duration::from_millis(millis.into()))
}

fn then(text: &str) -> Result<Then, &'static str> {
    Ok(match text {
        "callback" => Then::Callback,
        "errback" => Then::Errback,
        "cancel" => Then::Cancel,
        "nothing" => Then::Nothing,
        _ => return Err("an owner does callback, errback, cancel or nothing"),
    })
}

fn original(text: &str) -> Result<Original, &'static str> {
    match text {
        "cancel" => Ok(Original::Cancel),
        "drop" => Ok(Original::Drop),
        _ => Err("an original is for cancel or drop"),
    }
}

fn status(text: &str) -> Result<StatusCode, String> {
    let known = text.parse().ok();
    known
        .filter(|status: &StatusCode| status.as_u16() >= 200)
        .ok_or_else(|| format!("{text:?} is no status of an answer"))
}

async fn run(args: Args) -> io::Result<ExitCode> {
    // An error means that there is a provider already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder()
        .no_proxy()
        .build()
        .map_err(io::Error::other)?;
    let (url, asked, mut ended) = serve(args.server, args.status).await?;

    let asking = clean_up(get_page(client, url));
    let (page, controller) = controllable(asking, args.original);
    let owner = defer(own(controller, asked, args.after, args.then)).start();
    let outcome = page.await;
    // It has nothing to say if it was never asked.
    let _ = timeout(Duration::from_secs(5), ended.next()).await;
    drop(owner);
    Ok(match outcome {
        Ok(page) => {
            say(&format!("client: has {page}"));
            ExitCode::SUCCESS
        }
        Err(failure) => {
            say(&format!("client: fails: {failure}"));
            ExitCode::FAILURE
        }
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let done = match read() {
        Ok(Some(args)) => run(args).await,
        Ok(None) => write!(io::stdout(), "{HELP}").map(|()| ExitCode::SUCCESS),
        Err(error) => {
            writeln!(io::stderr(), "controllable: {error}\n{USAGE}").map(|()| ExitCode::from(2))
        }
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            // Nobody listens to what cannot be written.
            let _ = writeln!(io::stderr(), "controllable: {error}");
            ExitCode::FAILURE
        }
    }
}
