//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use lexopt::prelude::*;
use reqwest::Url;

use crate::user::User;

pub(crate) const USAGE: &str =
    "usage: avatar [--dir DIR] [--server URL] [--deadline MS] [--plan] [--help] [USER...]";

pub(crate) const HELP: &str = "\
Look users' avatars up in a cache, in files and in the network at once, and
write down where each was found and where it was missing.

usage: avatar [--dir DIR] [--server URL] [--deadline MS] [--plan] [--help] [USER...]

  USER...          the users, one after another: letters, digits, '-' and '_'
                   (default: ada ada bob eve, of whom bob's file is there and
                   nobody knows eve)
  --dir DIR        keep the files here, as USER.svg; without it, in a directory
                   that is removed at the end
  --server URL     ask this server for URL/USER.svg; without it, one of its own
                   on a loopback port
  --deadline MS    give up on the network after so many milliseconds
                   (default 2000)
  --plan           draw the calls of one search, and stop
  -h, --help       print this

exit code: 0 if an avatar was found, 1 if none was, 2 for bad arguments
";

/// What is asked for.
pub(crate) enum Command {
    Run(Args),
    Help,
}

pub(crate) struct Args {
    pub(crate) dir: Option<PathBuf>,
    pub(crate) server: Option<Url>,
    pub(crate) deadline: Duration,
    pub(crate) plan: bool,
    pub(crate) users: Vec<User>,
}

pub(crate) fn read() -> Result<Command, lexopt::Error> {
    let mut args = Args {
        dir: None,
        server: None,
        deadline: Duration::from_secs(2),
        plan: false,
        users: Vec::new(),
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("dir") => args.dir = Some(parser.value()?.into()),
            Long("server") => args.server = Some(parser.value()?.parse_with(server)?),
            Long("deadline") => args.deadline = parser.value()?.parse_with(millis)?,
            Long("plan") => args.plan = true,
            Short('h') | Long("help") => return Ok(Command::Help),
            Value(name) => args.users.push(name.parse()?),
            _ => return Err(arg.unexpected()),
        }
    }
    Ok(Command::Run(args))
}

fn millis(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(millis @ 1..=3_600_000) => Ok(Duration::from_millis(millis)),
        _ => Err("--deadline takes a number from 1 to 3600000".into()),
    }
}

fn server(text: &str) -> Result<Url, String> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
        Ok(url) => Err(format!(
            "--server takes http or https, not {}",
            url.scheme()
        )),
        Err(error) => Err(format!("--server takes an address: {error}")),
    }
}
