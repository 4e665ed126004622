//! Has one poem transformed, and waits for it: a program that is not asynchronous.
//!
//! It is the script for netcat of part 12 of "An Introduction to Asynchronous Programming and
//! Twisted" (krondo.com), and its exercise 5, a synchronous client. Look at [`main`]: `wait` is
//! where a synchronous caller meets a deferred.

mod ask;
mod netstring;
mod options;
mod proxy;

use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::time::Duration;

use defer::prelude::*;
use lexopt::prelude::*;

use crate::options::Command;
use crate::proxy::TransformProxy;

const USAGE: &str = "usage: transform-test [--timeout SECONDS] [--max-bytes N] [--help] \
    TRANSFORM_SERVER [NAME] < POEM";

const HELP: &str = "\
Have the poem on the standard input transformed, and print what became of it.

usage: transform-test [--timeout SECONDS] [--max-bytes N] [--help]
                      TRANSFORM_SERVER [NAME] < POEM

  TRANSFORM_SERVER   where poems are transformed: PORT, or HOST:PORT
  NAME               what to have done (default cummingsify)
  --timeout SECONDS  give up after so long (default 30)
  --max-bytes N      give up on what is longer (default 1048576)
  -h, --help         print this

exit code: 0 if the poem was transformed, 1 if not, 2 for bad arguments
";

/// The poem, transformed.
#[callback]
fn transformed(proxy: TransformProxy, poem: String) -> Deferred<Result<String, Failure>> {
    proxy.xform(&poem).boxed()
}

fn read() -> Result<Command<TransformProxy>, lexopt::Error> {
    let mut limits = (Duration::from_secs(30), 1 << 20);
    let mut values = Vec::new();
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("timeout") => limits.0 = options::seconds("--timeout", &mut parser)?,
            Long("max-bytes") => {
                limits.1 = options::number("--max-bytes", 1..=1 << 30, &mut parser)?;
            }
            Short('h') | Long("help") => return Ok(Command::Help),
            Value(text) if values.len() < 2 => values.push(text.string()?),
            _ => return Err(arg.unexpected()),
        }
    }
    let mut values = values.into_iter();
    let server = values.next().ok_or("where is the transform server?")?;
    let name = values.next();
    Ok(Command::Run(TransformProxy {
        server: options::server(&server)?,
        name: options::transform(name.as_deref().unwrap_or("cummingsify"))?,
        limits,
    }))
}

fn transform(proxy: TransformProxy) -> io::Result<ExitCode> {
    let mut poem = String::new();
    io::stdin().lock().read_to_string(&mut poem)?;
    let poem = match transformed(proxy, poem).wait() {
        Ok(poem) => poem.map_err(io::Error::other)?,
        Err(error) => return Err(io::Error::other(error)),
    };
    write!(io::stdout(), "{poem}").map(|()| ExitCode::SUCCESS)
}

fn main() -> ExitCode {
    options::run("transform-test", (HELP, USAGE), read(), transform)
}
