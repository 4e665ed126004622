//! Fetch a page for many callers at once, and only once.
//!
//! `cargo run --example memoized_fetch` asks a server of its own.
//!
//! Terry Jones' blog has `memoize`, in "Promises are first-class objects for function calls": what
//! it keeps are promises, so that a call that comes before the first one has its value does not
//! begin a second. What to look at are the counts: the same function, as it is and memoized.

use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use axum::Router;
use axum::routing::get;
use defer::list::deferred_list;
use defer::prelude::*;
use defer::share::memoize;
use lexopt::prelude::*;
use reqwest::{Client, StatusCode, Url};
use tokio::net::TcpListener;

const USAGE: &str = "usage: memoized_fetch [--callers N] [--url URL] [--help]";

const HELP: &str = "\
Fetch a page for many callers at once, memoized, and then as it is.

usage: memoized_fetch [--callers N] [--url URL] [--help]

  --callers N      so many at once (default 100, at most 1000)
  --url URL        fetch this page; without it, one of a server of its own on a
                   loopback port
  -h, --help       print this

exit code: 0 if nobody has failed, 1 if somebody has, 2 for bad arguments
";

/// An answer that is not a page.
#[derive(Debug)]
struct Refused(StatusCode);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}
impl std::error::Error for Refused {}

/// What there is to ask with, and how often it was.
struct Web {
    client: Client,
    requests: AtomicUsize,
}

#[callback]
async fn fetch(#[value] web: Arc<Web>, url: Url) -> Result<String, Failure> {
    web.requests.fetch_add(1, Relaxed);
    let answer = web.client.get(url).send().await?;
    match answer.status() {
        StatusCode::OK => Ok(answer.text().await?),
        status => Err(Refused(status).into()),
    }
}

/// A server of one page, which counts how often it is asked; its address.
async fn serve(asked: Arc<AtomicUsize>) -> io::Result<Url> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let page = async move || {
        asked.fetch_add(1, Relaxed);
        "a page"
    };
    let router = Router::new().route("/", get(page));
    tokio::spawn(async { axum::serve(listener, router).await });
    Ok(Url::parse(&format!("http://{address}/")).expect("an address makes a URL"))
}

/// Make the calls, all at once, and tell what has come of them: whether none has failed.
async fn told<F>(
    what: &str,
    web: &Web,
    calls: impl Iterator<Item = Deferred<Result<String, Failure>, F>>,
) -> io::Result<bool>
where
    F: defer::Chain<Output = Result<String, Failure>>,
{
    let before = web.requests.load(Relaxed);
    let outcomes = deferred_list(calls).await;
    let requests = web.requests.load(Relaxed) - before;
    let failed = outcomes.iter().filter(|outcome| outcome.is_err()).count();
    let calls = outcomes.len();
    writeln!(
        io::stdout(),
        "{what:10} {calls:4} calls, {requests:4} requests, {failed:4} failed"
    )?;
    if let Some(Err(why)) = outcomes.iter().find(|outcome| outcome.is_err()) {
        writeln!(io::stderr(), "memoized_fetch: {why}")?;
    }
    Ok(failed == 0)
}

struct Args {
    callers: usize,
    url: Option<Url>,
}

/// What is asked for; `None`: for help.
fn read() -> Result<Option<Args>, lexopt::Error> {
    let mut args = Args {
        callers: 100,
        url: None,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("callers") => args.callers = parser.value()?.parse_with(callers)?,
            Long("url") => args.url = Some(parser.value()?.parse_with(Url::parse)?),
            Short('h') | Long("help") => return Ok(None),
            _ => return Err(arg.unexpected()),
        }
    }
    Ok(Some(args))
}

fn callers(text: &str) -> Result<usize, &'static str> {
    match text.parse() {
        Ok(number @ 1..=1000) => Ok(number),
        _ => Err("--callers takes a number from 1 to 1000"),
    }
}

async fn run(args: Args) -> io::Result<ExitCode> {
    // An error means that there is a provider already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = match &args.url {
        Some(_) => Client::builder(),
        None => Client::builder().no_proxy(),
    };
    let web = Arc::new(Web {
        client: client.build().map_err(io::Error::other)?,
        requests: AtomicUsize::new(0),
    });
    let asked = Arc::new(AtomicUsize::new(0));
    let (url, own) = match args.url {
        Some(url) => (url, false),
        None => (serve(asked.clone()).await?, true),
    };

    let same = web.clone();
    let memoized = memoize(move |url: Url| fetch(same.clone(), url));
    let all = || (0..args.callers).map(|_| url.clone());
    let mut good = told("memoized", &web, all().map(|url| memoized.call(url))).await?;
    let later = [memoized.call(url.clone())].into_iter();
    good &= told("later", &web, later).await?;
    good &= told("as it is", &web, all().map(|url| fetch(web.clone(), url))).await?;
    if own {
        let asked = asked.load(Relaxed);
        writeln!(io::stdout(), "the server has counted {asked} requests")?;
    }
    Ok(match good {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match read() {
        Ok(Some(args)) => run(args).await,
        Ok(None) => write!(io::stdout(), "{HELP}").map(|()| ExitCode::SUCCESS),
        Err(error) => {
            writeln!(io::stderr(), "memoized_fetch: {error}\n{USAGE}").map(|()| ExitCode::from(2))
        }
    };
    done.unwrap_or(ExitCode::FAILURE)
}
