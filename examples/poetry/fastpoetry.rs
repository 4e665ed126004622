//! Serves poems as fast as it can.
//!
//! It is the server of part 11 of "An Introduction to Asynchronous Programming and Twisted"
//! (krondo.com), with its exercise 4: several poems, each on a port of its own. Look at
//! [`recite`], which is all of the protocol, and at `connection.rs`, which keeps clients within
//! their limits.

mod connection;
mod netstring;
mod options;
mod poem;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use defer::prelude::*;
use lexopt::prelude::*;
use tokio::io::AsyncWriteExt;
use tokio::sync::Semaphore;

use crate::connection::{Connection, Limits, Port};
use crate::options::{Command, announce};

const USAGE: &str = "usage: fastpoetry [--port N] [--iface ADDRESS] [--netstring] \
    [--connections N] [--timeout SECONDS] [--help] POEM...";

const HELP: &str = "\
Serve poems, each on a port of its own, as fast as possible.

usage: fastpoetry [--port N] [--iface ADDRESS] [--netstring]
                  [--connections N] [--timeout SECONDS] [--help] POEM...

  POEM...            files with poems
  --port N           the port of the first poem, the next ones follow
                     (default: any that are free)
  --iface ADDRESS    listen there (default 127.0.0.1: only this machine)
  --netstring        send netstrings, which tell when a half is missing
  --connections N    serve so many clients at once; more of them wait
                     (default 4096)
  --timeout SECONDS  give up on a client that takes so long to read
                     (default 30)
  -h, --help         print this

exit code: 1 if a poem cannot be served, 2 for bad arguments; it serves until
it is stopped
";

/// Send the poem: all of it, whatever the client says.
#[callback]
async fn recite(mut connection: Connection, poem: Arc<[u8]>) -> Result<(), Failure> {
    connection.write_all(&poem).await?;
    Ok(connection.shutdown().await?)
}

struct Args {
    port: u16,
    iface: IpAddr,
    netstring: bool,
    connections: usize,
    time: Duration,
    poems: Vec<PathBuf>,
}

fn read() -> Result<Command<Args>, lexopt::Error> {
    let mut args = Args {
        port: 0,
        iface: options::LOOPBACK,
        netstring: false,
        connections: 4096,
        time: Duration::from_secs(30),
        poems: Vec::new(),
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("port") => args.port = options::number("--port", 0..=u16::MAX, &mut parser)?,
            Long("iface") => args.iface = options::interface(&mut parser)?,
            Long("netstring") => args.netstring = true,
            Long("connections") => {
                args.connections = options::number("--connections", 1..=1_000_000, &mut parser)?;
            }
            Long("timeout") => args.time = options::seconds("--timeout", &mut parser)?,
            Short('h') | Long("help") => return Ok(Command::Help),
            Value(path) => args.poems.push(path.into()),
            _ => return Err(arg.unexpected()),
        }
    }
    match args.poems.len() {
        0 => Err("which poem? Give at least one file".into()),
        poems if args.port != 0 && usize::from(args.port) + poems - 1 > usize::from(u16::MAX) => {
            Err(format!("{poems} ports from {} on are too many", args.port).into())
        }
        _ => Ok(Command::Run(args)),
    }
}

#[tokio::main]
async fn serve(args: Args) -> io::Result<ExitCode> {
    let places = Arc::new(Semaphore::new(args.connections));
    let limits = Limits {
        time: args.time,
        bytes: 0,
    };
    let mut ports = Vec::new();
    for (path, number) in args.poems.iter().zip(0..) {
        let poem = poem::read(path, args.netstring)?;
        let port = if args.port == 0 {
            0
        } else {
            args.port + number
        };
        let address = SocketAddr::new(args.iface, port);
        let port = Port::listen(address, &places, limits)?;
        announce(path.display(), port.address()?)?;
        ports.push(port.serve(move |connection| recite(connection, poem.clone()).boxed()));
    }
    futures::future::join_all(ports).await;
    Ok(ExitCode::SUCCESS)
}

fn main() -> ExitCode {
    options::run("fastpoetry", (HELP, USAGE), read(), serve)
}
