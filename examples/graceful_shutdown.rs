//! A server that stops without breaking off what it does: seed 001's "Graceful shutdown of a
//! Twisted service with outstanding deferreds", with its `DeferredPool`.
//!
//! `cargo run --example graceful_shutdown`, then send it a text slowly and press Ctrl-C
//! meanwhile: `(echo one two; sleep 5; echo three) | curl -T - http://127.0.0.1:8001/count`.
//!
//! What to look at: [`count`] puts each request into the pool, with an errback inside, so that
//! one that is cancelled answers before it goes; [`stop`] is the whole of the shutdown.

#[path = "support/connections.rs"]
mod connections;

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::put;
use axum::serve::Listener;
use defer::Plain;
use defer::prelude::*;
use defer::sync::DeferredPool;
use futures::{FutureExt, StreamExt};
use lexopt::prelude::*;
use tokio::signal::ctrl_c;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::connections::{Limits, Patient};

const USAGE: &str =
    "usage: graceful_shutdown [--port PORT] [--limit MS] [--connections N] [--patience MS]";

const HELP: &str = "\
Serve on loopback, counting the words of what is PUT to /count, until Ctrl-C. Then
accept nothing more, finish what is underway, and leave.

usage: graceful_shutdown [--port PORT] [--limit MS] [--connections N] [--patience MS]

  --port PORT      listen on this port; 0 for any that is free (default 8001)
  --limit MS       how long requests that are underway may take after Ctrl-C; those
                   that take longer are answered with 503 (default 10000). A second
                   Ctrl-C does not wait any longer
  --connections N  have so many at once, the others wait (default 4096)
  --patience MS    give a client up that has not sent its request, or not taken
                   its answer, for so long (default 60000)
  -h, --help       print this

exit code: 0 if every request was finished, 1 if one was broken off or the server
could not run, 2 for bad arguments
";

/// No text is longer, in bytes: each that is underway is kept until all of it is there.
const LONGEST: usize = 1 << 16;

/// What the head of a request may have beside its text, and how it comes in pieces, in bytes.
const AROUND: usize = 1 << 14;

/// How long connections may take to close when all is answered.
const CLOSING: Duration = Duration::from_secs(1);

/// What a request comes to.
struct Answer(StatusCode, String);

impl Plain for Answer {}

/// The text of a request, which comes as fast as its sender likes.
#[callback]
async fn receive(#[value] body: Body) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece?;
        if text.len() + piece.len() > LONGEST {
            return Err(io::Error::other("the text is too long").into());
        }
        // Put together at once: many small pieces take more room than their text.
        text.extend_from_slice(&piece);
    }
    Ok(text)
}

#[callback]
fn words(text: Vec<u8>) -> Answer {
    let words = String::from_utf8_lossy(&text).split_whitespace().count();
    Answer(StatusCode::OK, format!("{words}\n"))
}

#[errback]
fn explain(why: Failure) -> Answer {
    match why.is_cancelled() {
        true => stopping(),
        false => Answer(StatusCode::BAD_REQUEST, format!("{why}\n")),
    }
}

fn stopping() -> Answer {
    let text = "the server is stopping\n";
    Answer(StatusCode::SERVICE_UNAVAILABLE, text.to_string())
}

/// One request: a member of the pool until it has its answer.
async fn count(State(underway): State<DeferredPool>, body: Body) -> (StatusCode, String) {
    let answer = underway.add(explain(words(receive(body))));
    say(format_args!("a request; {} underway", underway.len()));
    // One that came too late has not begun.
    let Answer(status, text) = answer.await.unwrap_or_else(|_| stopping());
    (status, text)
}

/// The next Ctrl-C from now on, and not only from when it is awaited.
fn interrupted() -> impl Future<Output = io::Result<()>> {
    let mut signal = Box::pin(ctrl_c());
    let early = signal.as_mut().now_or_never();
    async {
        match early {
            Some(came) => came,
            None => signal.await,
        }
    }
}

/// Take no new request, finish the others, and after the limit, or a second Ctrl-C, answer those
/// with an apology; how many that were.
async fn stop(underway: &DeferredPool, limit: Duration) -> usize {
    let again = interrupted();
    say(format_args!("stopping; {} underway", underway.len()));
    tokio::select! {
        broken_off = underway.shutdown(limit) => broken_off,
        Ok(()) = again => {
            let broken_off = underway.cancel_all();
            underway.when_empty().await;
            broken_off
        }
    }
}

async fn run(args: Args) -> io::Result<ExitCode> {
    let interrupted = interrupted();
    let listener = Patient::listen(args.address, args.limits)?;
    say(format_args!(
        "listening on http://{}",
        listener.local_addr()?
    ));
    let underway = DeferredPool::new();
    let router = Router::new().route("/count", put(count));
    let router = router.with_state(underway.clone());
    let (close, closed) = oneshot::channel::<()>();
    let server = axum::serve(listener, router).with_graceful_shutdown(async {
        // Whether it was sent or dropped.
        let _ = closed.await;
    });
    let server = tokio::spawn(server.into_future());

    interrupted.await?;
    drop(close);
    let broken_off = stop(&underway, args.limit).await;
    // The answers are on their way, to those who take them.
    let _ = timeout(CLOSING, server).await;
    say(format_args!("stopped; {broken_off} broken off"));
    Ok(ExitCode::from(u8::from(broken_off > 0)))
}

/// Nobody listens to what cannot be written.
fn say(what: std::fmt::Arguments<'_>) {
    let _ = writeln!(io::stdout(), "{what}");
}

struct Args {
    address: SocketAddr,
    limit: Duration,
    limits: Limits,
}

/// What is asked for; `None`: for help.
fn read() -> Result<Option<Args>, lexopt::Error> {
    let mut args = Args {
        address: (Ipv4Addr::LOCALHOST, 8001).into(),
        limit: Duration::from_secs(10),
        limits: Limits {
            connections: 4096,
            patience: Duration::from_secs(60),
            unanswered: LONGEST + AROUND,
        },
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("port") => args.address.set_port(parser.value()?.parse()?),
            Long("limit") => args.limit = Duration::from_millis(parser.value()?.parse()?),
            Long("connections") => args.limits.read_connections(&mut parser)?,
            Long("patience") => args.limits.read_patience(&mut parser)?,
            Short('h') | Long("help") => return Ok(None),
            _ => return Err(arg.unexpected()),
        }
    }
    Ok(Some(args))
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match read() {
        Ok(Some(args)) => run(args).await,
        Ok(None) => write!(io::stdout(), "{HELP}").map(|()| ExitCode::SUCCESS),
        Err(error) => writeln!(io::stderr(), "graceful_shutdown: {error}\n{USAGE}")
            .map(|()| ExitCode::from(2)),
    };
    done.unwrap_or_else(|error| {
        let _ = writeln!(io::stderr(), "graceful_shutdown: {error}");
        ExitCode::FAILURE
    })
}
