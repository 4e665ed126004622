//! The command line.

use std::ffi::OsStr;
use std::ops::RangeInclusive;

use lexopt::prelude::*;
use reqwest::Url;

pub(crate) const USAGE: &str = "usage: walkthrough [--help] [NUMBER [URL...]]";

pub(crate) const HELP: &str = "\
Fetch web pages in the eight ways of a walkthrough.

usage: walkthrough [--help] [NUMBER [URL...]]

  NUMBER       the example, from 1 to 8, or `all` (default)
  URL...       http and https addresses; without any, those of a site of its own
               on a loopback port
  -h, --help   print this

  1 a list                        5 passing values to callbacks
  2 simple result manipulation    6 error checking
  3 page callbacks                7 a semaphore, with timings
  4 structured results            8 a cooperator, with counts

exit code: 0, whatever became of the pages; 1 if there is no port; 2 for bad arguments
";

/// What is asked for.
pub(crate) enum Command {
    Run(Args),
    Help,
}

pub(crate) struct Args {
    pub(crate) examples: RangeInclusive<u8>,
    pub(crate) urls: Vec<Url>,
}

pub(crate) fn read() -> Result<Command, lexopt::Error> {
    let mut examples = None;
    let mut urls = Vec::new();
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Short('h') | Long("help") => return Ok(Command::Help),
            Value(text) if examples.is_none() => examples = Some(number(&text)?),
            Value(text) => urls.push(url(&text)?),
            _ => return Err(arg.unexpected()),
        }
    }
    let examples = examples.unwrap_or(1..=8);
    Ok(Command::Run(Args { examples, urls }))
}

fn number(text: &OsStr) -> Result<RangeInclusive<u8>, String> {
    match text.to_str().map(|text| (text, text.parse())) {
        Some(("all", _)) => Ok(1..=8),
        Some((_, Ok(number))) if (1..=8).contains(&number) => Ok(number..=number),
        _ => Err(format!(
            "{text:?} is no example: there are 1 to 8, and `all`"
        )),
    }
}

fn url(text: &OsStr) -> Result<Url, String> {
    let problem = match Url::parse(text.to_str().unwrap_or_default()) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => return Ok(url),
        Ok(url) => format!("its scheme is {}", url.scheme()),
        Err(error) => error.to_string(),
    };
    Err(format!(
        "{text:?} is not an http or https address: {problem}"
    ))
}
