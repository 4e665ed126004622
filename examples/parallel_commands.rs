//! One result, by several functions that compete for it.
//!
//! `cargo run --example parallel_commands`; `--without network` takes a way away.
//!
//! `txdpce` of Terry Jones' blog, whose `DeferredParallelCommandExecutor` runs all functions that
//! were registered, takes what the fastest of them has, and cancels the others: a result may be
//! in a cache, in the network, or be computed here. What to look at is [`run`], where the three
//! are registered. Those that are not needed clean up before the answer is told. (In the
//! original, where all of them fail, an exception holds the failures; here the error prints them.)

use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use defer::list::ParallelCommandExecutor;
use defer::prelude::*;
use lexopt::prelude::*;
use reqwest::Client;
use tokio::net::TcpListener;
use tokio::time::sleep;

const USAGE: &str =
    "usage: parallel_commands [--without WAY]... [--server URL] [--slow MS] [--help] [NUMBER]";

const HELP: &str = "\
Find the square of a number in a cache, in the network, and by computing it.

usage: parallel_commands [--without WAY]... [--server URL] [--slow MS] [--help] [NUMBER]

  NUMBER           from 0 to 65535 (default 12; the cache has those below 10)
  --without WAY    do without cache, network or computer; may be repeated
  --server URL     ask URL/NUMBER; without it, a server of its own on a
                   loopback port
  --slow MS        how long the computer takes (default 500)
  -h, --help       print this

exit code: 0 if it was found, 1 if not, 2 for bad arguments
";

const WAYS: [&str; 3] = ["cache", "network", "computer"];

/// There at once, or not at all.
#[callback]
fn in_cache(#[value] number: u16) -> Result<u32, Failure> {
    match number {
        ..10 => Ok(square(number)),
        _ => Err(Failure::msg("no entry")),
    }
}

#[callback]
async fn in_network(
    #[value] client: Client,
    #[value] server: String,
    #[value] number: u16,
) -> Result<u32, Failure> {
    let url = format!("{}/{number}", server.trim_end_matches('/'));
    let answer = client.get(url).send().await?.error_for_status()?;
    Ok(answer.text().await?.parse()?)
}

/// A slow machine: it comes last, if the others know.
#[callback]
async fn by_computer(#[value] slow: Duration, #[value] number: u16) -> Result<u32, Failure> {
    sleep(slow).await;
    Ok(square(number))
}

/// Says that it was not needed. A failure of its own goes on as it is.
#[errback]
fn put_away(failure: Failure, #[value] way: &'static str) -> Result<u32, Failure> {
    if failure.is_cancelled() {
        // Nobody has to know, if nobody reads it.
        let _ = writeln!(io::stdout(), "{way}: not needed");
    }
    Err(failure)
}

fn square(number: u16) -> u32 {
    u32::from(number) * u32::from(number)
}

/// A server that knows squares; its address.
async fn serve() -> io::Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let server = format!("http://{}", listener.local_addr()?);
    let router = Router::new().route(
        "/{number}",
        get(async |Path(number): Path<u16>| square(number).to_string()),
    );
    tokio::spawn(async { axum::serve(listener, router).await });
    Ok(server)
}

struct Args {
    without: Vec<&'static str>,
    server: Option<String>,
    slow: Duration,
    number: u16,
}

/// What is asked for; `None`: for help.
fn read() -> Result<Option<Args>, lexopt::Error> {
    let mut without = Vec::new();
    let mut server = None;
    let mut slow = 500_u32;
    let mut number = None;
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("without") => without.push(parser.value()?.parse_with(way)?),
            Long("slow") => slow = parser.value()?.parse()?,
            Long("server") => server = Some(parser.value()?.string()?),
            Short('h') | Long("help") => return Ok(None),
            Value(text) if number.is_none() => number = Some(text.parse()?),
            _ => return Err(arg.unexpected()),
        }
    }
    Ok(Some(Args {
        without,
        server,
        slow: Duration::from_millis(slow.into()),
        number: number.unwrap_or(12),
    }))
}

fn way(text: &str) -> Result<&'static str, &'static str> {
    let known = WAYS.into_iter().find(|known| *known == text);
    known.ok_or("--without takes cache, network or computer")
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
        None => serve().await?,
    };

    let mut squares = ParallelCommandExecutor::<u16, u32>::new();
    for way in WAYS.into_iter().filter(|way| !args.without.contains(way)) {
        let (client, server, slow) = (client.clone(), server.clone(), args.slow);
        match way {
            "cache" => squares.register_named(way, in_cache),
            "network" => squares.register_named(way, move |number| {
                put_away(in_network(client.clone(), server.clone(), number), way)
            }),
            _ => {
                squares.register_named(way, move |number| put_away(by_computer(slow, number), way))
            }
        };
    }
    match squares.execute(args.number).await {
        Ok(answer) => {
            let way = answer.name.unwrap_or("somebody");
            writeln!(io::stdout(), "{way}: {}", answer.value)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            writeln!(io::stderr(), "parallel_commands: {error:#}")?;
            Ok(ExitCode::FAILURE)
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match read() {
        Ok(Some(args)) => run(args).await,
        Ok(None) => write!(io::stdout(), "{HELP}").map(|()| ExitCode::SUCCESS),
        Err(error) => writeln!(io::stderr(), "parallel_commands: {error}\n{USAGE}")
            .map(|()| ExitCode::from(2)),
    };
    done.unwrap_or(ExitCode::FAILURE)
}
