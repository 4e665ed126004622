//! The contacts of a user, as JSON for a script in a browser.
//!
//! `cargo run --example contacts` serves until it is stopped; `--help` has the addresses to ask.
//!
//! It re-tells the contacts of the deferred tutorial, which asks a messenger for a list of
//! contacts and serves their names. What to look at is in [`ajax`]: an errback that is not
//! terminal, one that is, and the tutorial's three ways to treat a request without a user name.
//! Each of them is a handler as it is: a deferred is a future, and axum waits for it.

mod ajax;
mod args;
#[path = "../support/connections.rs"]
mod connections;
mod messenger;

use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::process::ExitCode;

use axum::serve::Listener;

use crate::args::{Args, Command};
use crate::connections::Patient;

async fn run(args: Args) -> io::Result<ExitCode> {
    let address = (Ipv4Addr::LOCALHOST, args.port).into();
    let listener = Patient::listen(address, args.limits)?;
    writeln!(io::stdout(), "http://{}", listener.local_addr()?)?;
    axum::serve(listener, ajax::router(args.messenger)).await?;
    Ok(ExitCode::SUCCESS)
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match args::read() {
        Ok(Command::Run(args)) => run(args).await,
        Ok(Command::Help) => write!(io::stdout(), "{}", args::HELP).map(|()| ExitCode::SUCCESS),
        Err(error) => {
            writeln!(io::stderr(), "contacts: {error}\n{}", args::USAGE).map(|()| ExitCode::from(2))
        }
    };
    match done {
        Ok(code) => code,
        // Whoever read the output has seen enough, as `head` has.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "contacts: {error}");
            ExitCode::FAILURE
        }
    }
}
