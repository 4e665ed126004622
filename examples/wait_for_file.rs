//! Wait until a file is there.
//!
//! `cargo run --example wait_for_file -- FILE`, and `touch FILE` elsewhere.
//!
//! The deferred tutorial's `wait_for_file`: a `LoopingCall` that looks again and again, and
//! stops itself. What to look at is [`wait_for_file`]. The deferred of the loop is the deferred
//! to wait for, so nothing is fired by hand; and where looking itself fails, so does the wait.
//! (The original calls its function without the name of the file, which fails the loop, of which
//! nobody hears.)

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use defer::Chain;
use defer::prelude::*;
use defer::time::{LoopControl, LoopingCall};
use lexopt::prelude::*;

const USAGE: &str = "usage: wait_for_file [--interval MS] [--within MS] [--help] FILE";

const HELP: &str = "\
Wait until FILE is there.

usage: wait_for_file [--interval MS] [--within MS] [--help] FILE

  --interval MS    look each MS milliseconds (default 1000)
  --within MS      lose patience after so many milliseconds
  -h, --help       print this

exit code: 0 if it is there, 1 if not, 2 for bad arguments
";

/// Look once.
#[callback]
async fn look(#[value] path: PathBuf, #[value] control: LoopControl) -> Result<(), Failure> {
    if tokio::fs::try_exists(path).await? {
        control.stop()?;
    }
    Ok(())
}

/// Yields when the file is there.
fn wait_for_file(
    path: PathBuf,
    interval: Duration,
) -> Deferred<Result<(), Failure>, impl Chain<Output = Result<(), Failure>>> {
    let poll = LoopingCall::with_control(move |control, _| look(path.clone(), control));
    poll.start(interval).expect("it does not run yet")
}

struct Args {
    file: PathBuf,
    interval: Duration,
    within: Option<Duration>,
}

/// What is asked for; `None`: for help.
fn read() -> Result<Option<Args>, lexopt::Error> {
    let mut file = None;
    let mut interval = Duration::from_secs(1);
    let mut within = None;
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("interval") => interval = millis(parser.value()?.parse()?),
            Long("within") => within = Some(millis(parser.value()?.parse()?)),
            Short('h') | Long("help") => return Ok(None),
            Value(name) if file.is_none() => file = Some(PathBuf::from(name)),
            _ => return Err(arg.unexpected()),
        }
    }
    Ok(Some(Args {
        file: file.ok_or("a FILE is missing")?,
        interval,
        within,
    }))
}

fn millis(number: u32) -> Duration {
    Duration::from_millis(number.into())
}

async fn run(args: Args) -> Result<(), Failure> {
    let name = args.file.display().to_string();
    writeln!(io::stdout(), "waiting for {name}")?;
    let there = wait_for_file(args.file, args.interval);
    match args.within {
        Some(limit) => there.timeout(limit).await?,
        None => there.await?,
    }
    Ok(writeln!(io::stdout(), "{name} is there")?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let done = match read() {
        Ok(Some(args)) => run(args).await,
        Ok(None) => write!(io::stdout(), "{HELP}").map_err(Failure::from),
        Err(error) => {
            let _ = writeln!(io::stderr(), "wait_for_file: {error}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(io::stderr(), "wait_for_file: {failure}");
            ExitCode::FAILURE
        }
    }
}
