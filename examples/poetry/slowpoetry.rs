//! Serves a poem slowly: some bytes, a pause, some more bytes.
//!
//! It is exercise 3 of part 11 of "An Introduction to Asynchronous Programming and Twisted"
//! (krondo.com), the blocking slow server made asynchronous. Look at [`recite`]: where Twisted
//! has a `LoopingCall` there is a loop over ticks, and a client that leaves, or does not read,
//! ends it with a failure.

mod connection;
mod netstring;
mod options;
mod poem;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use defer::prelude::*;
use defer::time::Interval;
use lexopt::prelude::*;
use tokio::io::AsyncWriteExt;
use tokio::sync::Semaphore;

use crate::connection::{Connection, Limits, Port};
use crate::options::{Command, announce};

const USAGE: &str = "usage: slowpoetry [--num-bytes N] [--delay SECONDS] [--port N] \
    [--iface ADDRESS] [--netstring] [--connections N] [--timeout SECONDS] [--help] POEM";

const HELP: &str = "\
Serve a poem slowly.

usage: slowpoetry [--num-bytes N] [--delay SECONDS] [--port N]
                  [--iface ADDRESS] [--netstring] [--connections N]
                  [--timeout SECONDS] [--help] POEM

  POEM               a file with a poem
  --num-bytes N      send so many bytes at a time (default 10)
  --delay SECONDS    and wait so long in between (default 0.7)
  --port N           listen on this port (default: any that is free)
  --iface ADDRESS    listen there (default 127.0.0.1: only this machine)
  --netstring        send a netstring, which tells when a half is missing
  --connections N    serve so many clients at once; more of them wait
                     (default 4096)
  --timeout SECONDS  give up on a client that reads nothing for so long
                     (default 30)
  -h, --help         print this

exit code: 1 if the poem cannot be served, 2 for bad arguments; it serves until
it is stopped
";

/// How to recite.
#[derive(Clone, Copy)]
struct Manner {
    num_bytes: NonZeroUsize,
    delay: Duration,
    patience: Duration,
}

/// Send a little.
#[callback]
async fn say(connection: &mut Connection, bytes: &[u8]) -> Result<(), Failure> {
    Ok(connection.write_all(bytes).await?)
}

/// Send the poem, in its manner.
#[inline_callbacks]
fn recite(mut connection: Connection, poem: Arc<[u8]>, manner: Manner) -> Result<(), Failure> {
    let mut ticks = Interval::every(manner.delay);
    for bytes in poem.chunks(manner.num_bytes.get()) {
        ticks.tick().await;
        say(&mut connection, bytes).timeout(manner.patience).await?;
    }
    Ok(connection.shutdown().await?)
}

struct Args {
    port: u16,
    iface: IpAddr,
    netstring: bool,
    connections: usize,
    manner: Manner,
    poem: PathBuf,
}

fn read() -> Result<Command<Args>, lexopt::Error> {
    let mut port = 0;
    let mut iface = options::LOOPBACK;
    let mut netstring = false;
    let mut connections = 4096;
    let mut manner = Manner {
        num_bytes: const { NonZeroUsize::new(10).unwrap() },
        delay: Duration::from_millis(700),
        patience: Duration::from_secs(30),
    };
    let mut poems = Vec::new();
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("num-bytes") => {
                let all = NonZeroUsize::MIN..=NonZeroUsize::MAX;
                manner.num_bytes = options::number("--num-bytes", all, &mut parser)?;
            }
            Long("delay") => manner.delay = options::seconds("--delay", &mut parser)?,
            Long("port") => port = options::number("--port", 0..=u16::MAX, &mut parser)?,
            Long("iface") => iface = options::interface(&mut parser)?,
            Long("netstring") => netstring = true,
            Long("connections") => {
                connections = options::number("--connections", 1..=1_000_000, &mut parser)?;
            }
            Long("timeout") => manner.patience = options::seconds("--timeout", &mut parser)?,
            Short('h') | Long("help") => return Ok(Command::Help),
            Value(path) => poems.push(PathBuf::from(path)),
            _ => return Err(arg.unexpected()),
        }
    }
    let [poem] = <[PathBuf; 1]>::try_from(poems).map_err(|_| "give exactly one poem")?;
    Ok(Command::Run(Args {
        port,
        iface,
        netstring,
        connections,
        manner,
        poem,
    }))
}

#[tokio::main]
async fn serve(args: Args) -> io::Result<ExitCode> {
    let poem = poem::read(&args.poem, args.netstring)?;
    let places = Arc::new(Semaphore::new(args.connections));
    // A recital takes as long as the poem is; it is each of its parts that has a limit.
    let limits = Limits {
        time: Duration::MAX,
        bytes: 0,
    };
    let address = SocketAddr::new(args.iface, args.port);
    let port = Port::listen(address, &places, limits)?;
    announce(args.poem.display(), port.address()?)?;
    let manner = args.manner;
    port.serve(move |connection| recite(connection, poem.clone(), manner).boxed())
        .await;
    Ok(ExitCode::SUCCESS)
}

fn main() -> ExitCode {
    options::run("slowpoetry", (HELP, USAGE), read(), serve)
}
