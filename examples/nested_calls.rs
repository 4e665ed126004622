//! Nested calls in place of callbacks that are added, and of lists.
//!
//! `cargo run --example nested_calls`; `--fail 2` lets the second page of its server fail.
//!
//! "Simpler Twisted deferred code via decorated callbacks" of Terry Jones' blog, where the
//! attributes of this library come from. What to look at: `decorated` says in calls what
//! `added` says in methods, and `nested` says in one line what takes two lists in `verbose`,
//! and in `compact` a line that nobody can read. All of them come to the same, which the output
//! shows, with a page that fails as without.
//!
//! The last two take lists themselves. The type of the parameter chooses the manner: `gathered`
//! wants every page, `outcomes` wants to know what came of each.

use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::process::ExitCode;

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use defer::list::gather;
use defer::prelude::*;
use lexopt::prelude::*;
use reqwest::{Client, StatusCode};
use tokio::net::TcpListener;

const USAGE: &str = "usage: nested_calls [--fail N]... [--server URL] [--help]";

const HELP: &str = "\
Say the same in nested calls, with added callbacks, and with lists.

usage: nested_calls [--fail N]... [--server URL] [--help]

  --fail N         let page N of its server fail: 1, 2 or 3; may be repeated
  --server URL     fetch URL/1, URL/2 and URL/3, in place of a server of its own
  -h, --help       print this

exit code: 0 if those that are to agree do, 1 if not, 2 for bad arguments
";

/// Why there is no page.
#[derive(Clone, Debug, PartialEq)]
struct FetchError(String);

impl std::fmt::Display for FetchError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<reqwest::Error> for FetchError {
    fn from(error: reqwest::Error) -> Self {
        // The address is another in every run.
        FetchError(error.without_url().to_string())
    }
}

/// Where pages come from.
struct Web {
    client: Client,
    server: String,
}

#[callback]
async fn get_page(web: &Web, number: u8) -> Result<String, FetchError> {
    let url = format!("{}/{number}", web.server.trim_end_matches('/'));
    let answer = web.client.get(url).send().await?;
    match answer.status() {
        StatusCode::OK => Ok(answer.text().await?),
        status => Err(FetchError(status.to_string())),
    }
}

#[errback]
fn errcheck(failure: FetchError) -> String {
    format!("({failure})")
}

#[callback]
fn cleanup(page: String, #[value] blank: char) -> String {
    page.split(blank)
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[callback]
fn reformat(page: String, #[value] width: usize) -> String {
    format!("{page:.^width$}")
}

/// Of two pages.
#[callback]
fn func2(a: String, b: String) -> String {
    format!("{} + {}", a.trim(), b.trim())
}

/// Of a page, and of what `func2` came to.
#[callback]
fn func1(a: String, b: String) -> String {
    format!("[{}] [{b}]", a.trim())
}

#[callback]
fn all(pages: Vec<String>) -> String {
    pages
        .iter()
        .map(|page| page.trim())
        .collect::<Vec<_>>()
        .join(", ")
}

#[callback]
fn each(pages: Vec<Result<String, FetchError>>) -> String {
    let each = pages.into_iter().map(|page| match page {
        Ok(page) => page.trim().to_owned(),
        Err(why) => format!("({why})"),
    });
    each.collect::<Vec<_>>().join(", ")
}

/// A name, and what came of it.
type Told = (&'static str, Result<String, FetchError>);

/// A page, its errors, and two callbacks.
async fn one_page(web: &Web) -> [Told; 3] {
    let added = get_page(web, 1)
        .add_errback(|failure| format!("({failure})"))
        .add_callback(|page| cleanup(page, ' '))
        .add_callback(|page| reformat(page, 32));

    let result1 = get_page(web, 1);
    let result2 = errcheck(result1);
    let result3 = cleanup(result2, ' ');
    let in_steps = reformat(result3, 32);

    let decorated = reformat(cleanup(errcheck(get_page(web, 1)), ' '), 32);
    [
        ("added", Ok(added.await)),
        ("in steps", Ok(in_steps.await)),
        ("decorated", Ok(decorated.await)),
    ]
}

/// Three pages, of which two are looked at together, and may fail.
async fn three_pages(web: &Web) -> [Told; 3] {
    let page = |number| get_page(web, number);

    let d1 = gather((page(2), page(3)))
        .add_callback(|(a, b)| func2(a, b))
        .add_errback(|failure| format!("({failure})"));
    let verbose = gather((page(1), d1)).add_callback(|(a, b)| func1(a, b));

    #[rustfmt::skip]
    let compact = gather((page(1), gather((page(2), page(3))).add_callback(
        |(a, b)| func2(a, b)).add_errback(|why| format!("({why})")))).add_callback(|(a, b)| func1(a, b));

    let nested = func1(page(1), errcheck(func2(page(2), page(3))));
    [
        ("verbose", verbose.await),
        ("compact", compact.await),
        ("nested", nested.await),
    ]
}

/// Lists that are passed.
async fn lists(web: &Web) -> [Told; 2] {
    let pages = || [1, 2, 3].map(|number| get_page(web, number)).into_iter();
    let gathered = all(pages().collect::<Vec<_>>());
    let outcomes = each(pages().collect::<Vec<_>>());
    [
        ("gathered", gathered.await),
        ("outcomes", Ok(outcomes.await)),
    ]
}

/// Three pages, some of which fail; their server.
async fn serve(failing: Vec<u8>) -> io::Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let server = format!("http://{}", listener.local_addr()?);
    let router = Router::new().route(
        "/{number}",
        get(async move |Path(number): Path<u8>| {
            if failing.contains(&number) {
                return Err(StatusCode::INTERNAL_SERVER_ERROR);
            }
            Ok(format!("  page   {number} "))
        }),
    );
    tokio::spawn(async { axum::serve(listener, router).await });
    Ok(server)
}

struct Args {
    failing: Vec<u8>,
    server: Option<String>,
}

/// What is asked for; `None`: for help.
fn read() -> Result<Option<Args>, lexopt::Error> {
    let mut args = Args {
        failing: Vec::new(),
        server: None,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("fail") => args.failing.push(parser.value()?.parse_with(number)?),
            Long("server") => args.server = Some(parser.value()?.string()?),
            Short('h') | Long("help") => return Ok(None),
            _ => return Err(arg.unexpected()),
        }
    }
    Ok(Some(args))
}

fn number(text: &str) -> Result<u8, &'static str> {
    match text.parse() {
        Ok(number @ 1..=3) => Ok(number),
        _ => Err("--fail takes 1, 2 or 3"),
    }
}

/// Tell what came of each; whether they agree.
fn show(all: &[Told]) -> io::Result<bool> {
    for (name, outcome) in all {
        match outcome {
            Ok(text) => writeln!(io::stdout(), "{name:10} {text}")?,
            Err(why) => writeln!(io::stdout(), "{name:10} failed: {why}")?,
        }
    }
    Ok(all.windows(2).all(|pair| pair[0].1 == pair[1].1))
}

async fn run(args: Args) -> io::Result<ExitCode> {
    // An error means that there is a provider already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = match &args.server {
        Some(_) => Client::builder(),
        None => Client::builder().no_proxy(),
    };
    let client = client.build().map_err(io::Error::other)?;
    let server = match args.server {
        Some(server) => server,
        None => serve(args.failing).await?,
    };
    let web = Web { client, server };
    let agree = show(&one_page(&web).await)? & show(&three_pages(&web).await)?;
    show(&lists(&web).await)?;
    Ok(match agree {
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
            writeln!(io::stderr(), "nested_calls: {error}\n{USAGE}").map(|()| ExitCode::from(2))
        }
    };
    done.unwrap_or(ExitCode::FAILURE)
}
