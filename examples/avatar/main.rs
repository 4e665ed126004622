//! A user's avatar, looked up in a cache, in files and in the network at once.
//!
//! `cargo run --release --example avatar` shows four searches, with a server and files of its
//! own; `cargo run --release --example avatar -- --help` tells how to use others.
//!
//! The whole of it is [`search::search`]: the first answer wins, failures before it matter only
//! if there is none, and the places that did not have the avatar are given it. It is the
//! example that Terry Jones gives for `txdlo`.

mod account;
mod args;
mod places;
mod search;
mod server;
mod user;

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

use defer::list::first_success;

use crate::account::Account;
use crate::args::{Args, Command};
use crate::places::Places;
use crate::server::Directory;
use crate::user::User;

async fn run(args: Args) -> io::Result<ExitCode> {
    let own_dir = match args.dir {
        Some(_) => None,
        None => Some(Directory::new()?),
    };
    let dir = own_dir.as_ref().map(|dir| dir.path().to_path_buf());
    let dir = dir.or(args.dir).unwrap_or_default();
    let proxies = args.server.is_some();
    let server = match args.server {
        Some(server) => server,
        None => server::start().await?,
    };
    let users = if args.users.is_empty() {
        server::USERS
            .map(|name| name.parse::<User>().expect("it is a name"))
            .into()
    } else {
        args.users
    };
    let places = Arc::new(Places::new(dir, server, args.deadline, proxies));
    if args.plan {
        let lookups = search::lookups(&places, &users[0]);
        write!(io::stdout(), "{}", first_success(lookups).plan())?;
        return Ok(ExitCode::SUCCESS);
    }

    let mut found = 0;
    for user in &users {
        let mut search = search::search(&places, user).await;
        found += usize::from(search.avatar.is_some());
        // Whoever wanted the avatar has it; the account waits until it is written.
        let mut written = Vec::new();
        for (place, writing) in search.writing.drain(..) {
            written.push((place, writing.await));
        }
        let account = Account {
            user,
            found: &search,
            written: &written,
        };
        writeln!(io::stdout(), "{account}")?;
    }
    writeln!(io::stdout(), "{found} of {} found", users.len())?;
    Ok(if found > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match args::read() {
        Ok(Command::Run(args)) => run(args).await,
        Ok(Command::Help) => write!(io::stdout(), "{}", args::HELP).map(|()| ExitCode::SUCCESS),
        Err(error) => {
            writeln!(io::stderr(), "avatar: {error}\n{}", args::USAGE).map(|()| ExitCode::from(2))
        }
    };
    match done {
        Ok(code) => code,
        // Whoever read the output has seen enough, as `head` has.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "avatar: {error}");
            ExitCode::FAILURE
        }
    }
}
