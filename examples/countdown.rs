//! Count down, one number a second.
//!
//! `cargo run --example countdown -- --from 5`.
//!
//! The deferred tutorial's `countDown`, to show how a function gives a deferred and fires it
//! later. [`count_down`] does it as there: a timer for the next number, and a deferred that is
//! made and fired by hand. [`in_a_loop`] is the same without hands; `--loop` runs that one.
//! Whoever waits cannot tell one from the other.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use defer::prelude::*;
use defer::time::{call_later, defer_later};
use defer::{Chain, Resolver};
use lexopt::prelude::*;

const USAGE: &str = "usage: countdown [--from N] [--interval MS] [--within MS] [--loop] [--help]";

const HELP: &str = "\
Count down to 0.

usage: countdown [--from N] [--interval MS] [--within MS] [--loop] [--help]

  --from N         begin with N (default 3)
  --interval MS    a number each MS milliseconds (default 1000)
  --within MS      lose patience after so many milliseconds
  --loop           as a loop, and not by timers and a deferred that is fired by hand
  -h, --help       print this

exit code: 0 if it came to 0, 1 if not, 2 for bad arguments
";

fn say(n: u32) -> io::Result<()> {
    writeln!(io::stdout(), "{n}")
}

/// Fires when 0 was said.
fn count_down(
    from: u32,
    interval: Duration,
) -> Deferred<Result<(), Failure>, impl Chain<Output = Result<(), Failure>>> {
    let (done, deferred) = Deferred::new();
    count(from, interval, done);
    deferred
}

/// Say one number, and see to the next. Nobody awaits this: the resolver goes along.
fn count(n: u32, interval: Duration, done: Resolver<(), Failure>) {
    if done.is_cancelled() {
        return;
    }
    // In the original a number that cannot be said is a deferred that never fires.
    let outcome = match say(n) {
        Err(error) => Err(error.into()),
        Ok(()) if n == 0 => Ok(()),
        Ok(()) => {
            call_later(interval, move || count(n - 1, interval, done)).detach();
            return;
        }
    };
    // If it comes back, nobody waits for it any more.
    let _ = done.resolve(outcome);
}

/// The same.
#[inline_callbacks]
fn in_a_loop(from: u32, #[value] interval: Duration) -> Result<(), Failure> {
    for n in (1..=from).rev() {
        say(n)?;
        defer_later(interval, || ()).await;
    }
    Ok(say(0)?)
}

struct Args {
    from: u32,
    interval: Duration,
    within: Option<Duration>,
    in_a_loop: bool,
}

/// What is asked for; `None`: for help.
fn read() -> Result<Option<Args>, lexopt::Error> {
    let mut args = Args {
        from: 3,
        interval: Duration::from_secs(1),
        within: None,
        in_a_loop: false,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("from") => args.from = parser.value()?.parse()?,
            Long("interval") => args.interval = millis(parser.value()?.parse()?),
            Long("within") => args.within = Some(millis(parser.value()?.parse()?)),
            Long("loop") => args.in_a_loop = true,
            Short('h') | Long("help") => return Ok(None),
            _ => return Err(arg.unexpected()),
        }
    }
    Ok(Some(args))
}

fn millis(number: u32) -> Duration {
    Duration::from_millis(number.into())
}

async fn run(args: Args) -> Result<(), Failure> {
    let counted = if args.in_a_loop {
        in_a_loop(args.from, args.interval).boxed()
    } else {
        count_down(args.from, args.interval).boxed()
    };
    match args.within {
        Some(limit) => counted.timeout(limit).await,
        None => counted.await,
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let done = match read() {
        Ok(Some(args)) => run(args).await,
        Ok(None) => write!(io::stdout(), "{HELP}").map_err(Failure::from),
        Err(error) => {
            let _ = writeln!(io::stderr(), "countdown: {error}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(io::stderr(), "countdown: {failure}");
            ExitCode::FAILURE
        }
    }
}
