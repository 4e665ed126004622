//! Deferred all the way down: a callback gives a deferred, and the chain around it waits.
//!
//! `cargo run --example outer_inner` shows it three times; `-- --fail` lets what is waited for
//! fail.
//!
//! It re-tells `defer-10.py`, the program that part 13 of "An Introduction to Asynchronous
//! Programming and Twisted" (krondo.com) shows nested deferreds with, and exercise 4 of that
//! part, in which it is an errback that gives a deferred. What to look at is the order of the
//! lines: while the outer deferred waits the program goes on, and the next of its pairs goes by
//! what becomes of the inner one.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::{ExitCode, exit};
use std::time::Duration;

use defer::Chain;
use defer::prelude::*;
use defer::time::defer_later;
use lexopt::prelude::*;

const USAGE: &str = "usage: outer_inner [--delay MS] [--fail] [--help] [PROGRAM...]";

const HELP: &str = "\
Show what becomes of a deferred that a callback, or an errback, gives.

usage: outer_inner [--delay MS] [--fail] [--help] [PROGRAM...]

  PROGRAM      plain: callbacks that give values
               callback: one that gives a deferred
               errback: an errback that gives one
               (default: all of them, in this order)
  --delay MS   the inner deferred is fired after so long, up to 3600000 (default 200)
  --fail       it fails
  -h, --help   print this

exit code: 0, or 2 for bad arguments
";

/// A deferred that is fired by hand: both kinds are, here.
type Fired = Result<&'static str, Failure>;

struct Args {
    programs: Vec<Program>,
    delay: Duration,
    fail: bool,
}

#[derive(Clone, Copy)]
enum Program {
    Plain,
    Callback,
    Errback,
}

/// Four pairs, as the figure has them; the inner deferred comes from the second one.
fn plain() -> Deferred<()> {
    let (resolver, outer) = Deferred::<Fired, _>::new();
    let _ = resolver.callback("outer");
    let outer = outer
        .add_callback(|result| passes(1, result))
        .add_callback(|result| passes(2, result));
    last_two(outer).boxed()
}

fn callback<F: Chain<Output = Fired> + Send + 'static>(inner: Deferred<Fired, F>) -> Deferred<()> {
    let (resolver, outer) = Deferred::<Fired, _>::new();
    let _ = resolver.callback("outer");
    let outer = outer
        .add_callback(|result| passes(1, result))
        .add_callback(|result| {
            say(format_args!(
                "callback 2 got {result}, and gives a deferred"
            ));
            inner
        });
    last_two(outer).boxed()
}

fn errback<F: Chain<Output = Fired> + Send + 'static>(inner: Deferred<Fired, F>) -> Deferred<()> {
    let (resolver, outer) = Deferred::<Fired, _>::new();
    let _ = resolver.errback(Failure::msg("outer failure"));
    let outer = outer
        .add_callback(|result| passes(1, result))
        .add_errback(|failure: Failure| {
            say(format_args!(
                "errback 2 got {failure}, and gives a deferred"
            ));
            inner
        });
    last_two(outer).boxed()
}

fn passes(layer: u8, result: &'static str) -> &'static str {
    say(format_args!("callback {layer} got {result}"));
    result
}

/// The third pair, and one callback after it, since the third one recovers.
fn last_two<F: Chain<Output = Fired>>(
    outer: Deferred<Fired, F>,
) -> Deferred<(), impl Chain<Output = ()>> {
    let recovers = |failure: Failure| {
        say(format_args!("errback 3 got {failure}"));
        "recovered"
    };
    let third = outer.add_callbacks(|result| passes(3, result), recovers);
    third.add_callback(|result| {
        passes(4, result);
    })
}

async fn run(program: Program, delay: Duration, fail: bool) -> Result<(), Failure> {
    let (resolver, inner) = Deferred::<Fired, _>::new();
    let outer = match program {
        Program::Plain => {
            say("== plain");
            plain().await;
            return Ok(());
        }
        Program::Callback => {
            say("== callback");
            callback(inner)
        }
        Program::Errback => {
            say("== errback");
            errback(inner)
        }
    };
    let outer = outer.start();
    // The outer one runs as far as it can; then there is time for this.
    defer_later(delay, || say("meanwhile")).await;
    let fired = match fail {
        false => resolver.callback("inner"),
        true => resolver
            .errback(Failure::msg("inner failure"))
            .map_err(|_| ""),
    };
    say(match fired {
        Ok(()) => "the inner deferred was fired",
        Err(_) => "nobody waits for the inner deferred",
    });
    outer.await
}

/// What is asked for; `None`: for help.
fn read() -> Result<Option<Args>, lexopt::Error> {
    let mut args = Args {
        programs: Vec::new(),
        delay: Duration::from_millis(200),
        fail: false,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("delay") => {
                let text = parser.value()?;
                let millis = text.to_str().and_then(|text| text.parse().ok());
                let millis = millis.filter(|millis| *millis <= 3_600_000);
                let millis = millis.ok_or_else(|| {
                    format!("--delay takes milliseconds up to 3600000, not {text:?}")
                })?;
                args.delay = Duration::from_millis(millis);
            }
            Long("fail") => args.fail = true,
            Short('h') | Long("help") => return Ok(None),
            Value(name) => args.programs.push(match name.to_str() {
                Some("plain") => Program::Plain,
                Some("callback") => Program::Callback,
                Some("errback") => Program::Errback,
                _ => return Err(format!("{name:?} is not `plain`, `callback` or `errback`").into()),
            }),
            _ => return Err(arg.unexpected()),
        }
    }
    if args.programs.is_empty() {
        let all = [Program::Plain, Program::Callback, Program::Errback];
        args.programs.extend(all);
    }
    Ok(Some(args))
}

/// Print a line. When nobody reads any more the program ends, as it does under `head`.
fn say(line: impl Display) {
    if let Err(error) = writeln!(io::stdout(), "{line}") {
        exit(i32::from(error.kind() != io::ErrorKind::BrokenPipe));
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match read() {
        Ok(Some(args)) => {
            for program in args.programs {
                if let Err(failure) = run(program, args.delay, args.fail).await {
                    // Nobody else is told.
                    let _ = writeln!(io::stderr(), "outer_inner: {failure:#}");
                    return ExitCode::FAILURE;
                }
            }
            ExitCode::SUCCESS
        }
        Ok(None) => {
            say(HELP.trim_end());
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "outer_inner: {error}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}
