//! Get from a queue before anything was put into it.
//!
//! `cargo run --example deferred_queue` plays a few steps; `-- get put=a get` plays yours.
//!
//! It re-tells the `DeferredQueue` of Terry Jones' "Asynchronous data structures with Twisted
//! Deferreds". What to look at is [`run`]: who gets has a deferred at once, whether there is a
//! value or not, and nobody has to wait, to ask again, or to know which it was. (His pops the
//! front of a list, and says that another container would be better; that is a matter of the
//! library here.)

use std::fmt::Display;
use std::io::{self, Write};
use std::process::{ExitCode, exit};

use defer::prelude::*;
use defer::sync::DeferredQueue;
use lexopt::prelude::*;

const USAGE: &str = "usage: deferred_queue [--size N] [--backlog N] [--help] [STEP...]";

const HELP: &str = "\
Put values into a queue and get them, in any order.

usage: deferred_queue [--size N] [--backlog N] [--help] [STEP...]

  STEP          get: get the next value, which may not be there yet
                put=VALUE: put one
                close: take no more; who waits then waits for nothing
                (default get get put=a put=b put=c get)
  --size N      hold at most N values that nobody has wanted (default: any number)
  --backlog N   let at most N wait for a value (default: any number)
  -h, --help    print this

Whoever still waits after the last step is told of, and given up.

exit code: 0, or 2 for bad arguments
";

enum Step {
    Get,
    Put(String),
    Close,
}

struct Args {
    size: Option<usize>,
    backlog: Option<usize>,
    steps: Vec<Step>,
}

/// What becomes of a `get`.
#[callback]
fn told(value: Result<String, Failure>, #[value] number: usize) -> Result<(), Failure> {
    match value {
        Ok(value) => say(format_args!("  get {number} has {value:?}")),
        Err(error) => say(format_args!("  get {number} fails: {error}")),
    }
    Ok(())
}

async fn run(args: Args) {
    let queue = DeferredQueue::with_bounds(args.size, args.backlog);
    let mut gets = Vec::new();
    for step in args.steps {
        match step {
            Step::Get => {
                let number = gets.len() + 1;
                say(format_args!("get {number}"));
                gets.push(told(queue.get(), number).start());
            }
            Step::Put(value) => {
                say(format_args!("put {value:?}"));
                if let Err(error) = queue.put(value) {
                    let why = error.to_string();
                    say(format_args!("  {why}: {:?} comes back", error.into_item()));
                }
            }
            Step::Close => {
                say("close");
                queue.close();
            }
        }
        // Whoever has something now says so before the next step.
        tokio::task::yield_now().await;
    }
    say(format_args!(
        "in the end {} wait, and {} values are left",
        queue.waiting(),
        queue.len()
    ));
}

/// What is asked for; `None`: for help.
fn read() -> Result<Option<Args>, lexopt::Error> {
    let mut args = Args {
        size: None,
        backlog: None,
        steps: Vec::new(),
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("size") => args.size = Some(parser.value()?.parse()?),
            Long("backlog") => args.backlog = Some(parser.value()?.parse()?),
            Short('h') | Long("help") => return Ok(None),
            Value(text) => args.steps.push(step(&text.string()?)?),
            _ => return Err(arg.unexpected()),
        }
    }
    if args.steps.is_empty() {
        let some = ["get", "get", "put=a", "put=b", "put=c", "get"].map(step);
        args.steps = some.into_iter().collect::<Result<_, _>>()?;
    }
    Ok(Some(args))
}

fn step(text: &str) -> Result<Step, String> {
    match (text, text.strip_prefix("put=")) {
        ("get", _) => Ok(Step::Get),
        ("close", _) => Ok(Step::Close),
        (_, Some(value)) => Ok(Step::Put(value.to_string())),
        _ => Err(format!("{text:?} is not `get`, `put=VALUE` or `close`")),
    }
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
            run(args).await;
            ExitCode::SUCCESS
        }
        Ok(None) => {
            say(HELP.trim_end());
            ExitCode::SUCCESS
        }
        Err(error) => {
            // Nobody else is told.
            let _ = writeln!(io::stderr(), "deferred_queue: {error}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}
