//! The command line.

use std::time::Duration;

use lexopt::prelude::*;

use crate::connections::Limits;
use crate::messenger::Messenger;

pub(crate) const USAGE: &str =
    "usage: contacts [--port N] [--lists FILE] [--connections N] [--patience MS] [--help]";

pub(crate) const HELP: &str = "\
Serve the names of a user's contacts as JSON, on loopback, until it is stopped.
The first line that it prints is its address.

usage: contacts [--port N] [--lists FILE] [--connections N] [--patience MS] [--help]

  --port N         listen there (default: any port that is free)
  --lists FILE     the lists of contacts, as JSON: {\"ada\": [{\"username\": \"bob\"}]};
                   read again for every request (default: lists of its own, of
                   ada, of bob, and of eve, who has a contact without a name)
  --connections N  have so many at once, the others wait (default 4096)
  --patience MS    give a client up that has not sent its request, or not taken
                   its answer, for so long (default 10000)
  -h, --help       print this

To be asked for, with NAME for ada:
  GET /contacts?username=NAME    the whole request in one chain
  GET /shortcut?username=NAME    what is wrong is answered before there is a chain
  GET /failing?username=NAME     what is wrong is a failure for the server
  POST /contacts                 with the body {\"username\": \"NAME\"}

exit code: 1 if it cannot listen, 2 for bad arguments
";

/// What is asked for.
pub(crate) enum Command {
    Run(Args),
    Help,
}

pub(crate) struct Args {
    pub(crate) port: u16,
    pub(crate) messenger: Messenger,
    pub(crate) limits: Limits,
}

pub(crate) fn read() -> Result<Command, lexopt::Error> {
    let mut args = Args {
        port: 0,
        messenger: Messenger::Own,
        limits: Limits {
            connections: 4096,
            patience: Duration::from_secs(10),
            unanswered: 16 * 1024,
        },
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("port") => args.port = parser.value()?.parse()?,
            Long("lists") => args.messenger = Messenger::File(parser.value()?.into()),
            Long("connections") => args.limits.read_connections(&mut parser)?,
            Long("patience") => args.limits.read_patience(&mut parser)?,
            Short('h') | Long("help") => return Ok(Command::Help),
            _ => return Err(arg.unexpected()),
        }
    }
    Ok(Command::Run(args))
}
