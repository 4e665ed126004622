//! Gets poems from several servers at once, and has each transformed by another server.
//!
//! It is the client 6.0 of part 13 of "An Introduction to Asynchronous Programming and Twisted"
//! (krondo.com), with its exercises 1 to 3. Look at [`try_to_transform`], a callback that returns
//! a deferred, whose errback has the poem as it was; at [`show`], whose parameter makes a list
//! of outcomes of the poems; and at `ask.rs`, where a deferred is made by hand and fired.

mod ask;
mod netstring;
mod options;
mod proxy;

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use defer::prelude::*;
use lexopt::prelude::*;

use crate::ask::{ToTheEnd, ask};
use crate::netstring::Decoder;
use crate::options::Command;
use crate::proxy::TransformProxy;

const USAGE: &str = "usage: get-poetry [--transform NAME] [--no-transform] [--netstring] \
    [--timeout SECONDS] [--max-bytes N] [--help] TRANSFORM_SERVER POETRY_SERVER...";

const HELP: &str = "\
Get poems from several servers at once, and have each transformed by another
server. A poem that cannot be transformed is shown as it is.

usage: get-poetry [--transform NAME] [--no-transform] [--netstring]
                  [--timeout SECONDS] [--max-bytes N] [--help]
                  TRANSFORM_SERVER POETRY_SERVER...

  TRANSFORM_SERVER   where poems are transformed: PORT, or HOST:PORT
  POETRY_SERVER...   where poems are: PORT, or HOST:PORT
  --transform NAME   have this done to the poems (default cummingsify)
  --no-transform     have nothing done to them; all servers are for poems
  --netstring        the poems come as netstrings: a half is no poem
  --timeout SECONDS  give up on a poem, and on a transform, after so long
                     (default 120)
  --max-bytes N      give up on what is longer (default 1048576)
  -h, --help         print this

exit code: 0 if all poems came, 1 if one did not, 2 for bad arguments
";

/// How to get what is asked for.
#[derive(Clone, Copy)]
struct Manner {
    netstring: bool,
    time: Duration,
    max_bytes: usize,
}

/// Get a poem.
#[callback]
fn get_poetry(server: String, manner: Manner) -> Deferred<Result<String, Failure>> {
    let poem = if manner.netstring {
        ask(server, Vec::new(), Decoder::new(manner.max_bytes)).boxed()
    } else {
        ask(server, Vec::new(), ToTheEnd::new(manner.max_bytes)).boxed()
    };
    poem.timeout(manner.time).boxed()
}

/// Have a poem transformed, if that can be done.
#[callback]
fn try_to_transform(poem: String, proxy: Arc<TransformProxy>) -> Deferred<String> {
    untransformed(proxy.xform(&poem), poem, proxy).boxed()
}

/// The poem as it was.
#[errback]
fn untransformed(failure: Failure, poem: String, proxy: Arc<TransformProxy>) -> String {
    say(format_args!("{} failed: {failure}", proxy.name));
    poem
}

/// Print the poems, and say which have not come: whether all have.
#[callback]
fn show(servers: &[String], poems: Vec<Result<String, Failure>>) -> io::Result<bool> {
    let all = poems.iter().all(Result::is_ok);
    for (server, poem) in servers.iter().zip(poems) {
        match poem {
            Ok(poem) => writeln!(io::stdout(), "{poem}")?,
            Err(failure) => say(format_args!("no poem from {server}: {failure}")),
        }
    }
    Ok(all)
}

fn say(what: std::fmt::Arguments<'_>) {
    // Nobody listens to what cannot be written.
    let _ = writeln!(io::stderr(), "get-poetry: {what}");
}

struct Args {
    proxy: Option<TransformProxy>,
    servers: Vec<String>,
    manner: Manner,
}

fn read() -> Result<Command<Args>, lexopt::Error> {
    let mut name = "cummingsify".to_string();
    let mut transform = true;
    let mut manner = Manner {
        netstring: false,
        time: Duration::from_secs(120),
        max_bytes: 1 << 20,
    };
    let mut servers = Vec::new();
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("transform") => name = parser.value()?.parse_with(options::transform)?,
            Long("no-transform") => transform = false,
            Long("netstring") => manner.netstring = true,
            Long("timeout") => manner.time = options::seconds("--timeout", &mut parser)?,
            Long("max-bytes") => {
                manner.max_bytes = options::number("--max-bytes", 1..=1 << 30, &mut parser)?;
            }
            Short('h') | Long("help") => return Ok(Command::Help),
            Value(text) => servers.push(text.parse_with(options::server)?),
            _ => return Err(arg.unexpected()),
        }
    }
    let limits = (manner.time, manner.max_bytes);
    let mut servers = servers.into_iter();
    let proxy = if transform {
        let server = servers.next().ok_or("where is the transform server?")?;
        Some(TransformProxy {
            server,
            name,
            limits,
        })
    } else {
        None
    };
    let servers: Vec<String> = servers.collect();
    if servers.is_empty() {
        return Err("where are the poems? Give at least one poetry server".into());
    }
    Ok(Command::Run(Args {
        proxy,
        servers,
        manner,
    }))
}

#[tokio::main]
async fn get_all(args: Args) -> io::Result<ExitCode> {
    let proxy = args.proxy.map(Arc::new);
    let poems = args.servers.iter().map(|server| {
        let poem = get_poetry(server.clone(), args.manner);
        match &proxy {
            Some(proxy) => try_to_transform(poem, proxy.clone()).boxed(),
            None => poem.boxed(),
        }
    });
    let poems: Vec<Deferred<Result<String, Failure>>> = poems.collect();
    Ok(match show(&args.servers, poems).await? {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

fn main() -> ExitCode {
    options::run("get-poetry", (HELP, USAGE), read(), get_all)
}
