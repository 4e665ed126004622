//! The sum of the first integers, a little at a time: the programs of "Making use of twisted
//! coiterate".
//!
//! `cargo run --example coiterate -- 3` runs the third one; without a number all of them run.
//! Each has a file, named as its gist is:
//!
//! | run | file | what to look at |
//! | --- | --- | --- |
//! | `1` | [`coiterate_01`] | an iterator is work: each item is a unit of it |
//! | `2` | [`coiterate_02`] | a result has to be put somewhere, and taken from there |
//! | `3` | [`coiterate_03`] | items that are deferreds are waited for |
//! | `4` | [`coiterate_04`] | cancelling, put together by hand as it has to be in Twisted |
//! | `here` | [`here`] | the fourth one as it is in this library: no context, no second deferred |
//!
//! The function that all of them replace, a plain loop, keeps a server waiting: the example
//! `fairness` measures for how long.

mod args;
mod coiterate_01;
mod coiterate_02;
mod coiterate_03;
mod coiterate_04;
mod here;

use std::fmt::Display;
use std::io::{self, Write};
use std::process::{ExitCode, exit};

use defer::prelude::*;

use crate::args::{Args, Command, Program};

/// Print a line. When nobody reads any more the program ends, as it does under `head`.
fn say(line: impl Display) {
    if let Err(error) = writeln!(io::stdout(), "{line}") {
        exit(i32::from(error.kind() != io::ErrorKind::BrokenPipe));
    }
}

async fn run(args: &Args) -> Result<(), Failure> {
    let &Args { n, pause, .. } = args;
    for program in &args.programs {
        say(format_args!("== {}", program.name()));
        match program {
            Program::Steps => coiterate_01::sum_all_integers_being_nice_to_reactor(n).await?,
            Program::Result => {
                coiterate_02::sum_all_integers_being_nice_to_reactor(n).await?;
            }
            Program::Waiting => {
                coiterate_03::sum_all_integers_being_nice_to_reactor(n, pause).await?;
            }
            Program::Cancelling => coiterate_04::main(n, pause, args.cancel_after).await?,
            Program::Here => here::main(n, pause, args.cancel_after).await?,
        }
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match args::read() {
        Ok(Command::Run(args)) => match run(&args).await {
            Ok(()) => return ExitCode::SUCCESS,
            Err(failure) => {
                // Nobody else is told.
                let _ = writeln!(io::stderr(), "coiterate: {failure:#}");
            }
        },
        Ok(Command::Help) => {
            say(args::HELP.trim_end());
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "coiterate: {error}\n{}", args::USAGE);
            return ExitCode::from(2);
        }
    }
    ExitCode::FAILURE
}
