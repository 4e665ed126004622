//! The command line.

use std::ffi::OsStr;
use std::ops::RangeInclusive;
use std::time::Duration;

use lexopt::prelude::*;

pub(crate) const USAGE: &str =
    "usage: coiterate [-n N] [--pause MS] [--cancel-after MS] [--help] [PROGRAM...]";

pub(crate) const HELP: &str = "\
Sum the first integers, a little at a time, in five ways.

usage: coiterate [-n N] [--pause MS] [--cancel-after MS] [--help] [PROGRAM...]

  PROGRAM              1, 2, 3, 4, or `here` (default: all of them, in this order)
  -n N                 sum the first N integers (default 8)
  --pause MS           3, 4 and `here` wait so long after each (default 1000)
  --cancel-after MS    4 and `here` are cancelled after so long (default 3000)
  -h, --help           print this

exit code: 0 if all went well, a cancellation included, 1 if not, 2 for bad arguments
";

/// What is asked for.
pub(crate) enum Command {
    Run(Args),
    Help,
}

pub(crate) struct Args {
    pub(crate) programs: Vec<Program>,
    pub(crate) n: u64,
    pub(crate) pause: Duration,
    pub(crate) cancel_after: Duration,
}

/// One of the programs.
#[derive(Clone, Copy)]
pub(crate) enum Program {
    Steps,
    Result,
    Waiting,
    Cancelling,
    Here,
}

impl Program {
    const ALL: [Program; 5] = [
        Program::Steps,
        Program::Result,
        Program::Waiting,
        Program::Cancelling,
        Program::Here,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Program::Steps => "1",
            Program::Result => "2",
            Program::Waiting => "3",
            Program::Cancelling => "4",
            Program::Here => "here",
        }
    }

    fn named(name: &OsStr) -> Result<Program, String> {
        let found = Program::ALL.into_iter().find(|one| name == one.name());
        found.ok_or_else(|| format!("{name:?} is no program: there are 1, 2, 3, 4 and `here`"))
    }
}

pub(crate) fn read() -> Result<Command, lexopt::Error> {
    let mut args = Args {
        programs: Vec::new(),
        n: 8,
        pause: Duration::from_secs(1),
        cancel_after: Duration::from_secs(3),
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Short('n') => args.n = number("-n", 0..=1_000_000, &mut parser)?,
            Long("pause") => args.pause = millis("--pause", &mut parser)?,
            Long("cancel-after") => args.cancel_after = millis("--cancel-after", &mut parser)?,
            Short('h') | Long("help") => return Ok(Command::Help),
            Value(name) => args.programs.push(Program::named(&name)?),
            _ => return Err(arg.unexpected()),
        }
    }
    if args.programs.is_empty() {
        args.programs.extend(Program::ALL);
    }
    Ok(Command::Run(args))
}

fn millis(option: &str, parser: &mut lexopt::Parser) -> Result<Duration, lexopt::Error> {
    number(option, 0..=3_600_000, parser).map(Duration::from_millis)
}

/// The value of an option that takes a number.
fn number(
    option: &str,
    range: RangeInclusive<u64>,
    parser: &mut lexopt::Parser,
) -> Result<u64, lexopt::Error> {
    let text = parser.value()?;
    match text.to_str().and_then(|text| text.parse().ok()) {
        Some(number) if range.contains(&number) => Ok(number),
        _ => {
            let (least, most) = range.into_inner();
            Err(format!("{option} takes a number from {least} to {most}, not {text:?}").into())
        }
    }
}
