//! What happens when one deferred is to fire another.
//!
//! `cargo run --example chain_deferred` runs all five programs; name some to run those.
//!
//! Terry Jones' blog asks whether Twisted's `chainDeferred` is too simple, and answers with five
//! programs, `boom1`, `boom2`, `uncalled`, `unexpected1` and `unexpected2`, and a class that does
//! better. Each is a function here, of the same name. What to look at is what it prints: first
//! what stock Twisted does, then what is done here.

use std::io::{self, Write};
use std::process::ExitCode;

use defer::prelude::*;
use defer::{Chain, Resolver};
use lexopt::prelude::*;
use tokio::join;

const USAGE: &str = "usage: chain_deferred [--help] [PROGRAM...]";

const HELP: &str = "\
Show what happens when one deferred is to fire another.

usage: chain_deferred [--help] [PROGRAM...]

  PROGRAM...       boom1, boom2, uncalled, unexpected1, unexpected2 (default: all)
  -h, --help       print this

exit code: 0, or 2 for bad arguments
";

type Outcome = Result<&'static str, Failure>;
type Fire = Resolver<&'static str, Failure>;

fn made() -> (Fire, Deferred<Outcome, impl Chain<Output = Outcome>>) {
    Deferred::new()
}

/// It tells when it is cancelled.
fn made_with(told: &'static str) -> (Fire, Deferred<Outcome, impl Chain<Output = Outcome>>) {
    Deferred::with_canceller(move || {
        here(told);
        None
    })
}

/// The outcome goes to whoever waits.
fn fire(resolver: Fire, value: &'static str) -> Result<(), Failure> {
    let fired = resolver.callback(value);
    fired.map_err(|_| Failure::msg("nobody waits for it"))
}

fn stock(what: &str) {
    // Whoever does not want to read it any more is not told.
    let _ = writeln!(io::stdout(), "  stock: {what}");
}

fn here(what: &str) {
    let _ = writeln!(io::stdout(), "  here:  {what}");
}

/// Says so if a deferred was cancelled; a failure of another kind goes on.
fn report_cancel(failure: Failure, which: &str) -> Result<&'static str, Failure> {
    if !failure.is_cancelled() {
        return Err(failure);
    }
    here(&format!("cancelled {which}"));
    Ok("")
}

/// The second was cancelled before the first fires it.
async fn boom1() -> Result<(), Failure> {
    stock("cancelling, cancelled, then AlreadyCalledError: the second was called already");
    let (resolver, first) = made();
    let (hand_on, second) = made_with("cancelling");
    let second = second.add_errback(|failure| report_cancel(failure, "the second"));
    let (second, canceller) = second.cancellable();
    let first = first.chain_into(hand_on);
    let (second, ()) = join!(second, async { canceller.cancel() });
    second?;
    fire(resolver, "hey")?;
    here(&format!("the first has {:?}", first.await?));
    Ok(())
}

/// The second is fired by hand, though the first is to fire it.
async fn boom2() -> Result<(), Failure> {
    stock("AlreadyCalledError, when the first fires the second again");
    let (resolver, first) = made();
    let (hand_on, second) = made();
    let first = first.chain_into(hand_on);
    here("`hand_on.callback(\"hey\")` does not compile: `hand_on` was moved into the first");
    fire(resolver, "jude")?;
    let (first, second) = (first.await?, second.await?);
    here(&format!("the first has {first:?}, the second {second:?}"));
    Ok(())
}

/// The first is cancelled.
///
/// The work behind the first hears of it from the resolver. If the first had a canceller, it
/// would fail by itself, and the second be fired with that failure, as by any other. The same
/// goes for an errback that is added before `chain_into`.
async fn uncalled() -> Result<(), Failure> {
    stock("cancel one, cancelled one; the canceller of the second is not called");
    let (mut resolver, first) = made();
    let (hand_on, second) = made_with("cancel two");
    let second = second.add_errback(|failure| report_cancel(failure, "two"));
    let first = first
        .chain_into(hand_on)
        .add_errback(|failure| report_cancel(failure, "one"));
    let (first, canceller) = first.cancellable();
    let work = async {
        resolver.cancelled().await;
        here("cancel one");
    };
    let (first, second, (), ()) = join!(first, second, work, async { canceller.cancel() });
    first?;
    second?;
    canceller.cancel();
    here("to cancel again does nothing");
    Ok(())
}

/// A callback is added to the first, behind the second.
async fn unexpected1() -> Result<(), Failure> {
    stock("called: None");
    let (resolver, first) = made();
    let (hand_on, _second) = made();
    let first = first
        .chain_into(hand_on)
        .add_callback(|result| here(&format!("called: {result}")));
    fire(resolver, "hey")?;
    first.await
}

/// Two are to be fired by the first.
async fn unexpected2() -> Result<(), Failure> {
    stock("called 2: hey, called 3: None");
    let (resolver, first) = made();
    let (hand_on, second) = made();
    let (hand_on_too, third) = made();
    let second = second.add_callback(|result| here(&format!("called 2: {result}")));
    let third = third.add_callback(|result| here(&format!("called 3: {result}")));
    let first = first.chain_into(hand_on).chain_into(hand_on_too);
    fire(resolver, "hey")?;
    first.await?;
    second.await?;
    third.await
}

const PROGRAMS: [&str; 5] = ["boom1", "boom2", "uncalled", "unexpected1", "unexpected2"];

/// Which programs are asked for; `None`: help is.
fn read() -> Result<Option<Vec<&'static str>>, lexopt::Error> {
    let mut programs = Vec::new();
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Short('h') | Long("help") => return Ok(None),
            Value(name) => {
                let name = name.string()?;
                let known = PROGRAMS.into_iter().find(|known| *known == name);
                programs.push(known.ok_or(format!("there is no program {name:?}"))?);
            }
            _ => return Err(arg.unexpected()),
        }
    }
    if programs.is_empty() {
        programs = PROGRAMS.into();
    }
    Ok(Some(programs))
}

async fn run(programs: Vec<&str>) -> Result<(), Failure> {
    for program in programs {
        writeln!(io::stdout(), "{program}")?;
        match program {
            "boom1" => boom1().await?,
            "boom2" => boom2().await?,
            "uncalled" => uncalled().await?,
            "unexpected1" => unexpected1().await?,
            _ => unexpected2().await?,
        }
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let done = match read() {
        Ok(Some(programs)) => run(programs).await,
        Ok(None) => write!(io::stdout(), "{HELP}").map_err(Failure::from),
        Err(error) => {
            let _ = writeln!(io::stderr(), "chain_deferred: {error}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(io::stderr(), "chain_deferred: {failure:#}");
            ExitCode::FAILURE
        }
    }
}
