//! A function with inline callbacks always gives a deferred.
//!
//! `cargo run --example alt_inline_callbacks` shows three functions; give it a number, or
//! something that is none.
//!
//! In his blog Terry Jones wants `inlineCallbacks` kinder and more consistent: a function that
//! does not yield, and one that raises before it yields, broke the decorator, or the caller.
//! What to look at are the three bodies, and that all of them are called in the same way.
//!
//! (His example of a returned object that happens to have a method `send` has no counterpart:
//! the type says what is a deferred.)

use std::io::{self, Write};
use std::num::ParseIntError;
use std::process::ExitCode;
use std::time::Duration;

use defer::prelude::*;
use defer::time::defer_later;
use lexopt::prelude::*;

const USAGE: &str = "usage: alt_inline_callbacks [--help] [NUMBER]";

const HELP: &str = "\
Double a number in three functions with inline callbacks.

usage: alt_inline_callbacks [--help] [NUMBER]

  NUMBER           what to double (default 21)
  -h, --help       print this

exit code: 0 if all have doubled it, 1 if not, 2 for bad arguments
";

/// There is nothing to wait for. In stock Twisted calling it is an error.
#[inline_callbacks]
fn never_waits(text: String) -> Result<u32, ParseIntError> {
    Ok(text.parse::<u32>()?.wrapping_mul(2))
}

/// It may fail before it waits. In the Twisted of that time whoever called it got an exception,
/// and no deferred.
#[inline_callbacks]
fn may_fail_first(text: String) -> Result<u32, ParseIntError> {
    let number = text.parse::<u32>()?;
    let half = Duration::from_millis(1);
    Ok(defer_later(half, move || number.wrapping_mul(2)).await)
}

/// As everybody expects it to be.
#[inline_callbacks]
fn waits_first(text: String) -> Result<u32, ParseIntError> {
    let text = defer_later(Duration::from_millis(1), move || text).await;
    Ok(text.parse::<u32>()?.wrapping_mul(2))
}

/// What has come of it, whichever it is.
fn told(outcome: Result<u32, ParseIntError>) -> Told {
    match outcome {
        Ok(number) => (true, format!("called back with {number}")),
        Err(error) => (false, format!("erred back: {error}")),
    }
}

type Told = (bool, String);

/// What to double; `None`: help is asked for.
fn read() -> Result<Option<String>, lexopt::Error> {
    let mut number = None;
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Short('h') | Long("help") => return Ok(None),
            Value(text) if number.is_none() => number = Some(text.string()?),
            _ => return Err(arg.unexpected()),
        }
    }
    Ok(Some(number.unwrap_or("21".into())))
}

async fn run(number: String) -> io::Result<ExitCode> {
    let (never, first, wait) = tokio::join!(
        never_waits(number.clone()).add_both(told),
        may_fail_first(number.clone()).add_both(told),
        waits_first(number).add_both(told),
    );
    let told = [
        ("never waits", never),
        ("may fail first", first),
        ("waits first", wait),
    ];
    for (name, (_, what)) in &told {
        writeln!(io::stdout(), "{name:14}  {what}")?;
    }
    Ok(match told.iter().all(|(_, (good, _))| *good) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let done = match read() {
        Ok(Some(number)) => run(number).await,
        Ok(None) => write!(io::stdout(), "{HELP}").map(|()| ExitCode::SUCCESS),
        Err(error) => writeln!(io::stderr(), "alt_inline_callbacks: {error}\n{USAGE}")
            .map(|()| ExitCode::from(2)),
    };
    done.unwrap_or(ExitCode::FAILURE)
}
