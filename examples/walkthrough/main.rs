//! "Async Batching with Twisted: A Walkthrough", example by example.
//!
//! `cargo run --example walkthrough -- 3` runs the third one, against a small site that it
//! starts on a loopback port; `-- 3 URL...` fetches from elsewhere; without a number all of
//! them run. Each has a file:
//!
//! | run | file | what to look at |
//! | --- | --- | --- |
//! | `1` | [`ex1_list`] | a parameter `Vec<Result<…>>` is a deferred list |
//! | `2` | [`ex2_results`] | every outcome is a `Result`, not a pair with a flag |
//! | `3` | [`ex3_page_callbacks`] | a callback around each page: nested calls |
//! | `4` | [`ex4_structure`] | the dictionary is a struct |
//! | `5` | [`ex5_passing_values`] | a callback's other arguments are arguments; or a closure |
//! | `6` | [`ex6_errors`] | with a terminal errback no `Result` is left in the list |
//! | `7` | [`ex7_semaphore`] | one at a time beside four at a time |
//! | `8` | [`ex8_cooperator`] | how many requests exist at once |
//!
//! Twisted has its reactor; here `#[tokio::main]` starts and stops it.

mod args;
mod ex1_list;
mod ex2_results;
mod ex3_page_callbacks;
mod ex4_structure;
mod ex5_passing_values;
mod ex6_errors;
mod ex7_semaphore;
mod ex8_cooperator;
mod get_page;
mod site;

use std::fmt::Display;
use std::io::{self, Write};
use std::process::{ExitCode, exit};

use defer::prelude::*;

use crate::args::{Args, Command};
use crate::site::Site;

const HEADINGS: [&str; 8] = [
    "just a deferred list",
    "simple result manipulation",
    "page callbacks too",
    "results with more structure",
    "passing values to callbacks",
    "adding some error checking",
    "batching with a semaphore",
    "throttling with a cooperator",
];

/// Print a line. When nobody reads any more the program ends, as it does under `head`.
fn say(line: impl Display) {
    if let Err(error) = writeln!(io::stdout(), "{line}") {
        exit(i32::from(error.kind() != io::ErrorKind::BrokenPipe));
    }
}

async fn run(args: Args) -> Result<(), Failure> {
    let site = if args.urls.is_empty() {
        Some(Site::start().await?)
    } else {
        None
    };
    get_page::proxies(site.is_none());
    for example in args.examples {
        let urls = site
            .as_ref()
            .map_or_else(|| args.urls.clone(), |site| site.urls(example));
        say(format_args!(
            "== {example}: {}",
            HEADINGS[usize::from(example) - 1]
        ));
        match example {
            1 => ex1_list::run(urls).await,
            2 => ex2_results::run(urls).await,
            3 => ex3_page_callbacks::run(urls).await,
            4 => ex4_structure::run(urls).await,
            5 => ex5_passing_values::run(urls).await,
            6 => ex6_errors::run(urls).await,
            7 => ex7_semaphore::run(urls).await,
            _ => ex8_cooperator::run(urls).await?,
        }
    }
    Ok(())
}

#[tokio::main]
async fn main() -> ExitCode {
    match args::read() {
        Ok(Command::Run(args)) => match run(args).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                // Nobody else is told.
                let _ = writeln!(io::stderr(), "walkthrough: {failure:#}");
                ExitCode::FAILURE
            }
        },
        Ok(Command::Help) => {
            say(args::HELP.trim_end());
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "walkthrough: {error}\n{}", args::USAGE);
            ExitCode::from(2)
        }
    }
}
