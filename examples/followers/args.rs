//! The command line.

use axum::http::StatusCode;
use lexopt::prelude::*;
use reqwest::Url;

use crate::Kind;

pub(crate) const USAGE: &str =
    "usage: followers [--server URL] [--answers LIST] [--help] [KIND [NAME]]";

pub(crate) const HELP: &str = "\
Get all friends or followers of a user, though the service gives them page by
page, some of them twice, and is not always there.

usage: followers [--server URL] [--answers LIST] [--help] [KIND [NAME]]

  KIND             friends, followers, friend-ids or follower-ids (default:
                   followers)
  NAME             the user (default terrycojones)
  --answers LIST   what the service of its own answers first, one status after
                   another; then all is well (default 500,502,503)
  --server URL     ask this service, in place of its own
  -h, --help       print this

The statuses 500, 502 and 503 pass, nine times in all; any other error, and the
tenth, is the end.

exit code: 0 if it has all of them, 1 if not, 2 for bad arguments
";

/// What is asked for.
pub(crate) enum Command {
    Run(Args),
    Help,
}

pub(crate) struct Args {
    pub(crate) server: Option<Url>,
    pub(crate) answers: Vec<StatusCode>,
    pub(crate) kind: Kind,
    pub(crate) name: String,
}

pub(crate) fn read() -> Result<Command, lexopt::Error> {
    let mut server = None;
    let mut answers = vec![
        StatusCode::INTERNAL_SERVER_ERROR,
        StatusCode::BAD_GATEWAY,
        StatusCode::SERVICE_UNAVAILABLE,
    ];
    let mut kind = None;
    let mut name = None;
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("server") => server = Some(parser.value()?.parse_with(address)?),
            Long("answers") => answers = parser.value()?.parse_with(statuses)?,
            Short('h') | Long("help") => return Ok(Command::Help),
            Value(text) if kind.is_none() => kind = Some(text.parse_with(kind_of)?),
            Value(text) if name.is_none() => name = Some(text.parse_with(user)?),
            _ => return Err(arg.unexpected()),
        }
    }
    Ok(Command::Run(Args {
        server,
        answers,
        kind: kind.unwrap_or(Kind::Followers),
        name: name.unwrap_or("terrycojones".into()),
    }))
}

fn kind_of(text: &str) -> Result<Kind, String> {
    match text {
        "friends" => Ok(Kind::Friends),
        "followers" => Ok(Kind::Followers),
        "friend-ids" => Ok(Kind::FriendIds),
        "follower-ids" => Ok(Kind::FollowerIds),
        _ => Err("KIND is friends, followers, friend-ids or follower-ids".into()),
    }
}

fn user(text: &str) -> Result<String, String> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if !text.is_empty() && text.bytes().all(good) {
        Ok(text.to_owned())
    } else {
        Err("NAME has letters, digits and '_'".into())
    }
}

fn statuses(text: &str) -> Result<Vec<StatusCode>, String> {
    let status = |text: &str| {
        let known = text.parse::<StatusCode>().ok();
        let known = known.filter(|status| status.as_u16() >= 400);
        known.ok_or_else(|| format!("{text:?} is no status of an error"))
    };
    let texts = text.split(',').filter(|text| !text.is_empty());
    texts.map(status).collect()
}

fn address(text: &str) -> Result<Url, String> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
        Ok(_) => Err("--server takes http or https".into()),
        Err(error) => Err(format!("--server takes an address: {error}")),
    }
}
