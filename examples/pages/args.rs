//! The command line.

use std::ffi::OsStr;
use std::ops::RangeInclusive;
use std::time::Duration;

use lexopt::prelude::*;
use reqwest::Url;

pub(crate) const USAGE: &str = "usage: pages [-n N] [--deadline MS] [--plan] [--help] [URL...]";

pub(crate) const HELP: &str = "\
Fetch web pages, a few at once, and print a table of them.

usage: pages [-n N] [--deadline MS] [--plan] [--help] [URL...]

  URL...           http and https addresses; without any, a site of its own on
                   a loopback port, half of whose pages fail in some way
  -n N             fetch at most N pages at once (default 4)
  --deadline MS    give up on a page after so many milliseconds (default 2000)
  --plan           draw the calls that make a row of the table, and stop
  -h, --help       print this

exit code: 0 if a page could be read, 1 if none could, 2 for bad arguments
";

/// What is asked for.
pub(crate) enum Command {
    Run(Args),
    Help,
}

pub(crate) struct Args {
    pub(crate) at_once: usize,
    pub(crate) deadline: Duration,
    pub(crate) plan: bool,
    pub(crate) urls: Vec<Url>,
}

pub(crate) fn read() -> Result<Command, lexopt::Error> {
    let mut args = Args {
        at_once: 4,
        deadline: Duration::from_secs(2),
        plan: false,
        urls: Vec::new(),
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Short('n') => args.at_once = number("-n", 1..=1_000, &mut parser)? as usize,
            Long("deadline") => {
                let millis = number("--deadline", 1..=3_600_000, &mut parser)?;
                args.deadline = Duration::from_millis(millis.into());
            }
            Long("plan") => args.plan = true,
            Short('h') | Long("help") => return Ok(Command::Help),
            Value(text) => args.urls.push(url(&text)?),
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
