//! The command line.

use std::ops::RangeInclusive;
use std::time::Duration;

use lexopt::prelude::*;

pub(crate) const USAGE: &str =
    "usage: profile [--cards N] [--latency MS] [--teams] [--plan] [--help]";

pub(crate) const HELP: &str = "\
Make a page of user cards from three back ends, with and without batches.

usage: profile [--cards N] [--latency MS] [--teams] [--plan] [--help]

  --cards N        so many cards (default 200); every fiftieth user is unknown
  --latency MS     what a back end takes for a request, however many things it
                   is asked for (default 5)
  --teams          also ask for the team of each user, which is known when the
                   user is there
  --plan           draw the calls that make a card, and stop
  -h, --help       print this

exit code: 0 if the page was made, and the same both ways; 1 if not; 2 for bad
arguments
";

/// What is asked for.
pub(crate) enum Command {
    Run(Args),
    Help,
}

pub(crate) struct Args {
    pub(crate) cards: u32,
    pub(crate) latency: Duration,
    pub(crate) teams: bool,
    pub(crate) plan: bool,
}

pub(crate) fn read() -> Result<Command, lexopt::Error> {
    let mut args = Args {
        cards: 200,
        latency: Duration::from_millis(5),
        teams: false,
        plan: false,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("cards") => args.cards = number("--cards", 1..=5_000, &mut parser)?,
            Long("latency") => {
                let millis = number("--latency", 0..=10_000, &mut parser)?;
                args.latency = Duration::from_millis(millis.into());
            }
            Long("teams") => args.teams = true,
            Long("plan") => args.plan = true,
            Short('h') | Long("help") => return Ok(Command::Help),
            _ => return Err(arg.unexpected()),
        }
    }
    Ok(Command::Run(args))
}

/// The value of an option that takes a number.
fn number(
    option: &str,
    range: RangeInclusive<u32>,
    parser: &mut lexopt::Parser,
) -> Result<u32, lexopt::Error> {
    let text = parser.value()?;
    match text.to_str().and_then(|text| text.parse().ok()) {
        Some(number) if range.contains(&number) => Ok(number),
        _ => {
            let (least, most) = range.into_inner();
            Err(format!("{option} takes a number from {least} to {most}, not {text:?}").into())
        }
    }
}
