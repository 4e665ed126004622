//! All friends or followers of a user, from a service that gives them page by page, and fails.
//!
//! `cargo run --example followers` asks a service of its own; `--help` has the rest.
//!
//! Terry Jones' blog has four classes for it, on a base that counts errors and asks again:
//! `FriendsFetcher`, `FollowersFetcher`, `FriendsIdFetcher` and `FollowersIdFetcher`. What to
//! look at is [`fetcher`], where each of them is a line; following the cursors, patience with
//! the service and leaving out what comes twice are three calls. (In the original an answer that
//! is no HTTP leaves the deferred pending for ever; here it is a failure.)

mod args;
mod fetcher;
mod service;

use std::io::{self, Write};
use std::process::ExitCode;

use reqwest::Client;

use crate::args::{Args, Command};
use crate::fetcher::{FetchError, Fetcher};

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Friends,
    Followers,
    FriendIds,
    FollowerIds,
}

/// A line for each of them.
async fn lines(fetcher: &Fetcher, kind: Kind, name: &str) -> Result<Vec<String>, FetchError> {
    Ok(match kind {
        Kind::Friends => told(fetcher.friends(name).await?),
        Kind::Followers => told(fetcher.followers(name).await?),
        Kind::FriendIds => told(fetcher.friend_ids(name).await?),
        Kind::FollowerIds => told(fetcher.follower_ids(name).await?),
    })
}

fn told<T: ToString>(all: Vec<T>) -> Vec<String> {
    all.iter().map(ToString::to_string).collect()
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
        None => service::start(args.answers).await?,
    };
    let fetcher = Fetcher::new(client, server);
    match lines(&fetcher, args.kind, &args.name).await {
        Ok(lines) => {
            for line in &lines {
                writeln!(io::stdout(), "{line}")?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            writeln!(io::stderr(), "followers: {error}")?;
            Ok(ExitCode::FAILURE)
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match args::read() {
        Ok(Command::Run(args)) => run(args).await,
        Ok(Command::Help) => write!(io::stdout(), "{}", args::HELP).map(|()| ExitCode::SUCCESS),
        Err(error) => writeln!(io::stderr(), "followers: {error}\n{}", args::USAGE)
            .map(|()| ExitCode::from(2)),
    };
    match done {
        Ok(code) => code,
        // Whoever read the output has seen enough, as `head` has.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "followers: {error}");
            ExitCode::FAILURE
        }
    }
}
