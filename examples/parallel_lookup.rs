//! Look several users up at once.
//!
//! `cargo run --example parallel_lookup` asks a server of its own, which knows two of three.
//!
//! The deferred tutorial's `parallelLookup`, which puts a deferred for each user into a
//! DeferredList, and then sorts out what has come. What to look at is [`parallel_lookup`]: a map
//! of deferreds goes in, a map of outcomes comes out. (The original looks at the wrong variable,
//! and gives every user the outcome of the first two; here there is none to take for another.)

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use defer::Chain;
use defer::list::deferred_list;
use defer::prelude::*;
use lexopt::prelude::*;
use reqwest::{Client, Url};
use tokio::net::TcpListener;

const USAGE: &str = "usage: parallel_lookup [--server URL] [--deadline MS] [--help] [USER...]";

const HELP: &str = "\
Look several users up at once.

usage: parallel_lookup [--server URL] [--deadline MS] [--help] [USER...]

  USER...          whom to look up (default: ada bob eve)
  --server URL     ask this server for URL/users/USER; without it, one of its
                   own on a loopback port, which does not know eve
  --deadline MS    give up on a user after so many milliseconds (default 2000)
  -h, --help       print this

exit code: 0 if one was found, 1 if none was, 2 for bad arguments
";

/// An answer that is not a user.
#[derive(Debug)]
struct Refused(StatusCode);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}
impl std::error::Error for Refused {}

/// What a server knows of a user.
#[callback]
async fn get_user_info(#[value] client: Client, url: Url) -> Result<String, Failure> {
    let answer = client.get(url).send().await?;
    match answer.status() {
        StatusCode::OK => Ok(answer.text().await?),
        status => Err(Refused(status).into()),
    }
}

type Found = BTreeMap<String, Result<String, Failure>>;

/// All at once; one that fails does not matter to the others.
fn parallel_lookup(
    client: &Client,
    server: &Url,
    deadline: Duration,
    users: Vec<String>,
) -> Deferred<Found, impl Chain<Output = Found>> {
    let look_up = |user: String| {
        let mut url = server.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["users", &user]);
        }
        (user, get_user_info(client.clone(), url).timeout(deadline))
    };
    deferred_list(users.into_iter().map(look_up).collect::<BTreeMap<_, _>>())
}

/// A server that knows two users; its address.
async fn serve() -> io::Result<Url> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let router = Router::new().route(
        "/users/{name}",
        get(async |Path(name): Path<String>| match name.as_str() {
            "ada" => Ok("Ada Lovelace"),
            "bob" => Ok("Robert Frost"),
            _ => Err(StatusCode::NOT_FOUND),
        }),
    );
    tokio::spawn(async { axum::serve(listener, router).await });
    Ok(Url::parse(&format!("http://{address}")).expect("an address makes a URL"))
}

struct Args {
    server: Option<Url>,
    deadline: Duration,
    users: Vec<String>,
}

/// What is asked for; `None`: for help.
fn read() -> Result<Option<Args>, lexopt::Error> {
    let mut args = Args {
        server: None,
        deadline: Duration::from_secs(2),
        users: Vec::new(),
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("server") => args.server = Some(parser.value()?.parse_with(server)?),
            Long("deadline") => {
                let deadline = parser.value()?.parse::<u32>()?;
                args.deadline = Duration::from_millis(deadline.into());
            }
            Short('h') | Long("help") => return Ok(None),
            Value(user) => args.users.push(user.string()?),
            _ => return Err(arg.unexpected()),
        }
    }
    if args.users.is_empty() {
        args.users = ["ada", "bob", "eve"].map(String::from).into();
    }
    Ok(Some(args))
}

fn server(text: &str) -> Result<Url, String> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
        Ok(_) => Err("--server takes http or https".into()),
        Err(error) => Err(format!("--server takes an address: {error}")),
    }
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
    let infos = parallel_lookup(&client, &server, args.deadline, args.users).await;
    for (user, info) in &infos {
        match info {
            Ok(info) => writeln!(io::stdout(), "{user}: {info}")?,
            Err(why) => writeln!(io::stdout(), "{user}: none ({why})")?,
        }
    }
    Ok(match infos.values().any(Result::is_ok) {
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
            writeln!(io::stderr(), "parallel_lookup: {error}\n{USAGE}").map(|()| ExitCode::from(2))
        }
    };
    done.unwrap_or(ExitCode::FAILURE)
}
