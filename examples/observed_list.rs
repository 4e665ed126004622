//! Look on while the deferreds of a list fire, and make other deferreds of what is seen.
//!
//! `cargo run --example observed_list` fires three; `-- 1=b 0!a` fires two of your own.
//!
//! It re-tells Terry Jones' `txdlo`: his `deferredList`, which is built on an observer, and two
//! more of the combinations that he names. What to look at are [`deferred_list`], [`first`] and
//! [`last_resort`]: an observer has the counts with each event, and can keep a history. (This
//! library has all three of them, and in `list` as functions as well. The example `avatar` is
//! the one that he gives at more length.)

use std::fmt::Display;
use std::io::{self, Write};
use std::process::{ExitCode, exit};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use defer::Abandoned;
use defer::list::{DeferredListObserver, History};
use defer::prelude::*;
use lexopt::prelude::*;

const USAGE: &str = "usage: observed_list [--first N] [--help] [FIRE...]";

const HELP: &str = "\
Fire the deferreds of a list in some order, and tell what becomes of the list.

usage: observed_list [--first N] [--help] [FIRE...]

  FIRE         PLACE=VALUE: the deferred at this place, counted from 0, succeeds
               PLACE!WHY: it fails
               (default 2=c 0!a 1=b)
  --first N    tell when so many have fired (default 2)
  -h, --help   print this

Each place of the list is fired once.

exit code: 0, or 2 for bad arguments
";

type Outcome = Result<String, Failure>;
type Observer = DeferredListObserver<String, Failure, History<String, Failure>>;

/// A simplified `DeferredList`: fires when all have, with what became of them, in order.
fn deferred_list(observer: &Observer) -> Deferred<Vec<Outcome>> {
    let looked_on = observer.clone();
    let in_order = move |_counts| {
        let mut history = looked_on.history();
        history.sort_by_key(|event| event.index);
        let outcomes = history.iter().filter_map(|event| event.outcome.as_deref());
        outcomes.cloned().collect::<Vec<_>>()
    };
    observer.all_done().add_callback(in_order).boxed()
}

/// Fires when so many have, with the places of these. It fails if there are not so many.
fn first(observer: &Observer, n: usize) -> Deferred<Result<Vec<usize>, Abandoned>> {
    let places = Arc::new(Mutex::new(Vec::new()));
    let fired = places.clone();
    observer.observe(move |event| lock(&fired).push(event.index));
    let places = move |_counts| lock(&places)[..n].to_vec();
    observer.when_n(n).add_callback(places).boxed()
}

/// Ignores failures until one succeeds; fails with the last one if none does.
fn last_resort(observer: &Observer) -> Deferred<Outcome> {
    let (resolver, answer) = Deferred::<Outcome, _>::new();
    let resolver = Mutex::new(Some(resolver));
    observer.observe(move |event| {
        let Some(outcome) = event.outcome else { return };
        if outcome.is_ok() || event.counts.pending == 0 {
            // Those that come later do not matter, and nobody may be waiting any more.
            let _ = lock(&resolver)
                .take()
                .map(|one| one.resolve(outcome.clone()));
        }
    });
    answer.boxed()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn shown(outcome: &Outcome) -> String {
    match outcome {
        Ok(value) => format!("{value:?}"),
        Err(failure) => format!("failure {:?}", failure.to_string()),
    }
}

/// A member that is fired, and how.
struct Fire {
    place: usize,
    outcome: Result<String, String>,
}

impl Fire {
    fn parse(text: &str) -> Result<Fire, String> {
        let wrong = || format!("{text:?} is neither PLACE=VALUE nor PLACE!WHY");
        let at = text.find(['=', '!']).ok_or_else(wrong)?;
        let place = text[..at].parse().map_err(|_| wrong())?;
        let told = text[at + 1..].to_string();
        let outcome = if text[at..].starts_with('=') {
            Ok(told)
        } else {
            Err(told)
        };
        Ok(Fire { place, outcome })
    }
}

struct Args {
    first: usize,
    fires: Vec<Fire>,
}

/// What is asked for; `None`: for help.
fn read() -> Result<Option<Args>, lexopt::Error> {
    let (mut first, mut fires) = (2, Vec::new());
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("first") => first = parser.value()?.parse()?,
            Short('h') | Long("help") => return Ok(None),
            Value(text) => fires.push(Fire::parse(&text.string()?)?),
            _ => return Err(arg.unexpected()),
        }
    }
    if fires.is_empty() {
        let some = ["2=c", "0!a", "1=b"].map(Fire::parse);
        fires = some.into_iter().collect::<Result<_, _>>()?;
    }
    let mut places: Vec<_> = fires.iter().map(|fire| fire.place).collect();
    places.sort_unstable();
    if !places.iter().copied().eq(0..places.len()) {
        return Err("the places of a list begin with 0, and each is fired once".into());
    }
    Ok(Some(Args { first, fires }))
}

/// Print a line. When nobody reads any more the program ends, as it does under `head`.
fn say(line: impl Display) {
    if let Err(error) = writeln!(io::stdout(), "{line}") {
        exit(i32::from(error.kind() != io::ErrorKind::BrokenPipe));
    }
}

async fn run(args: Args) {
    let observer: Observer = DeferredListObserver::with_history();
    let made = args.fires.iter().map(|_| {
        let (resolver, deferred) = Deferred::<Outcome, _>::new();
        Some((resolver, observer.append(deferred)))
    });
    let mut members: Vec<_> = made.collect();
    observer.observe(|event| {
        let outcome = event.outcome.map_or_else(String::new, shown);
        let (place, pending) = (event.index, event.counts.pending);
        say(format_args!("#{place}: {outcome}, {pending} pending"));
    });
    let all = deferred_list(&observer);
    let first_few = first(&observer, args.first);
    let answer = last_resort(&observer);
    // Who might add more keeps the list open.
    drop(observer);

    for Fire { place, outcome } in args.fires {
        let Some((resolver, member)) = members[place].take() else {
            continue;
        };
        let fired = resolver.resolve(outcome.map_err(Failure::msg));
        fired.expect("it is waited for in the next line");
        // Its outcome is told by those who look on.
        let _ = member.await;
    }
    let results: Vec<_> = all.await.iter().map(shown).collect();
    say(format_args!("all: [{}]", results.join(", ")));
    match first_few.await {
        Ok(places) => say(format_args!("the first {}: {places:?}", args.first)),
        Err(_) => say(format_args!(
            "the first {}: there are not so many",
            args.first
        )),
    }
    say(format_args!(
        "one success, or the last failure: {}",
        shown(&answer.await)
    ));
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
            let _ = writeln!(io::stderr(), "observed_list: {error}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}
