//! Ask a server for a user; it is not always there, and may say 404 once without meaning it.
//!
//! `cargo run --example retry` asks a server of its own, which answers as it is told:
//! `cargo run --example retry -- --answers 503,404,500,200`.
//!
//! "Twisted code for retrying function calls" of Terry Jones' blog has both testers: one for a
//! store that is slow at times, a function ([`ignores_504`]), and one for a service that may say
//! 404 once, which has to remember it ([`TwitterFailureTester`]). What to look at is
//! [`get_user_by_screen_name`]: what was one call to get a page is one call still.

use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use defer::Chain;
use defer::prelude::*;
use defer::retry::{GaveUp, Retry, RetryingCall, SimpleBackoff, Tester, Verdict};
use lexopt::prelude::*;
use reqwest::Client;
use tokio::net::TcpListener;

const USAGE: &str =
    "usage: retry [--answers LIST] [--attempts N] [--delay MS] [--store] [--url URL] [NAME]";

const HELP: &str = "\
Ask a server for a user, again if it fails in a way that may pass.

usage: retry [--answers LIST] [--attempts N] [--delay MS] [--store] [--url URL] [NAME]

  NAME             the user to ask for (default glyf)
  --answers LIST   what the server of its own answers, one status after another;
                   the last one stays (default 503,404,502,200)
  --attempts N     ask at most N times (default 10)
  --delay MS       wait so long before the second attempt, then twice as long each
                   time (default 10)
  --store          be patient as with the store: only 504 passes
  --url URL        ask this server, in place of its own
  -h, --help       print this

500, 502 and 503 pass, one 404 may, all else is final; but see --store.

exit code: 0 if the user was found, 1 if not, 2 for bad arguments
";

/// Why there is no user yet.
#[derive(Debug)]
enum FetchError {
    Status(StatusCode),
    Http(reqwest::Error),
}

impl std::fmt::Display for FetchError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FetchError::Status(status) => write!(f, "{status}"),
            FetchError::Http(error) => write!(f, "{error}"),
        }
    }
}

impl From<reqwest::Error> for FetchError {
    fn from(error: reqwest::Error) -> Self {
        FetchError::Http(error)
    }
}

#[callback]
async fn get_page(#[value] client: Client, url: String) -> Result<String, FetchError> {
    let answer = client.get(url).send().await?;
    match answer.status() {
        StatusCode::OK => Ok(answer.text().await?),
        status => Err(FetchError::Status(status)),
    }
}

/// Errors of the server pass, and exactly one 404 may be an error of the server, too.
#[derive(Default)]
struct TwitterFailureTester {
    seen_404: bool,
}

impl Tester<FetchError> for TwitterFailureTester {
    fn test(&mut self, error: &FetchError) -> Verdict {
        let FetchError::Status(status) = error else {
            return Verdict::GiveUp;
        };
        match status.as_u16() {
            404 => Verdict::from(!std::mem::replace(&mut self.seen_404, true)),
            500 | 502 | 503 => Verdict::Retry,
            _ => Verdict::GiveUp,
        }
    }
}

/// The store is slow at times, and nothing else passes.
fn ignores_504(error: &FetchError) -> bool {
    matches!(error, FetchError::Status(StatusCode::GATEWAY_TIMEOUT))
}

type Found = Result<String, GaveUp<FetchError>>;

/// The user, from whatever attempt it was.
fn get_user_by_screen_name(
    client: Client,
    url: String,
    delays: SimpleBackoff,
    store: bool,
) -> Deferred<Found, impl Chain<Output = Found>> {
    let policy = Retry::before_each(delays);
    let policy = match store {
        true => policy.when(ignores_504),
        false => policy.tester(TwitterFailureTester::default()),
    };
    let policy = policy.on_failure(|attempt, error, delay| {
        let next = match delay {
            Some(delay) => format!("again in {delay:?}"),
            None => "that is all".to_string(),
        };
        // Nobody listens to what cannot be written.
        let _ = writeln!(io::stderr(), "attempt {attempt}: {error}; {next}");
    });
    RetryingCall::new(move || get_page(client.clone(), url.clone())).start(policy)
}

/// A server that answers with one status after another; its address.
async fn serve(answers: Vec<StatusCode>) -> io::Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let last = answers.last().copied().unwrap_or(StatusCode::OK);
    let answers = Arc::new(Mutex::new(answers.into_iter()));
    let answer = move |Path(name): Path<String>| async move {
        let next = answers.lock().ok().and_then(|mut answers| answers.next());
        (
            next.unwrap_or(last),
            format!("{{\"screen_name\": \"{name}\"}}"),
        )
    };
    let router = Router::new().route("/users/{name}", get(answer));
    tokio::spawn(async { axum::serve(listener, router).await });
    Ok(url)
}

struct Args {
    name: String,
    answers: Vec<StatusCode>,
    delays: SimpleBackoff,
    store: bool,
    url: Option<String>,
}

/// What is asked for; `None`: for help.
fn read() -> Result<Option<Args>, lexopt::Error> {
    let mut args = Args {
        name: "glyf".to_string(),
        answers: statuses("503,404,502,200")?,
        delays: SimpleBackoff::default(),
        store: false,
        url: None,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("answers") => args.answers = parser.value()?.parse_with(statuses)?,
            Long("attempts") => {
                let attempts = parser.value()?.parse::<std::num::NonZeroU32>()?;
                args.delays = args.delays.max_results(attempts.get() as usize);
            }
            Long("delay") => {
                let millis = parser.value()?.parse::<u32>()?;
                let delay = Duration::from_millis(millis.into());
                args.delays = args.delays.init_delay(delay);
            }
            Long("store") => args.store = true,
            Long("url") => args.url = Some(parser.value()?.string()?),
            Short('h') | Long("help") => return Ok(None),
            Value(name) => args.name = name.string()?,
            _ => return Err(arg.unexpected()),
        }
    }
    Ok(Some(args))
}

fn statuses(text: &str) -> Result<Vec<StatusCode>, String> {
    let status = |text: &str| {
        let known = text
            .parse()
            .ok()
            .filter(|status: &StatusCode| status.as_u16() >= 200);
        known.ok_or_else(|| format!("{text:?} is no status of an answer"))
    };
    text.split(',').map(status).collect()
}

async fn run(args: Args) -> io::Result<ExitCode> {
    // An error means that there is a provider already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = match &args.url {
        Some(_) => Client::builder(),
        None => Client::builder().no_proxy(),
    };
    let client = client.build().map_err(io::Error::other)?;
    let server = match args.url {
        Some(url) => url,
        None => serve(args.answers).await?,
    };
    let url = format!("{server}/users/{}", args.name);
    match get_user_by_screen_name(client, url, args.delays, args.store).await {
        Ok(user) => writeln!(io::stdout(), "{user}").map(|()| ExitCode::SUCCESS),
        Err(gave_up) => writeln!(io::stdout(), "{gave_up:#}").map(|()| ExitCode::FAILURE),
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match read() {
        Ok(Some(args)) => run(args).await,
        Ok(None) => write!(io::stdout(), "{HELP}").map(|()| ExitCode::SUCCESS),
        Err(error) => writeln!(io::stderr(), "retry: {error}\n{USAGE}").map(|()| ExitCode::from(2)),
    };
    done.unwrap_or(ExitCode::FAILURE)
}
