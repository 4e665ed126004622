//! What the programs' command lines have in common.
#![allow(dead_code, reason = "no program uses all of it")]

use std::fmt::Display;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

/// What is asked for.
pub(crate) enum Command<A> {
    Run(A),
    Help,
}

/// A loopback address, where nobody else can come from.
pub(crate) const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The value of an option that takes a number.
pub(crate) fn number<N: FromStr + PartialOrd + Display>(
    option: &str,
    range: RangeInclusive<N>,
    parser: &mut lexopt::Parser,
) -> Result<N, lexopt::Error> {
    let text = parser.value()?;
    match text.to_str().and_then(|text| text.parse().ok()) {
        Some(number) if range.contains(&number) => Ok(number),
        _ => {
            let (least, most) = range.into_inner();
            Err(format!("{option} takes a number from {least} to {most}, not {text:?}").into())
        }
    }
}

/// The value of an option that takes a time in seconds.
pub(crate) fn seconds(
    option: &str,
    parser: &mut lexopt::Parser,
) -> Result<Duration, lexopt::Error> {
    number(option, 0.001..=86_400.0, parser).map(Duration::from_secs_f64)
}

/// The address of an interface of this machine.
pub(crate) fn interface(parser: &mut lexopt::Parser) -> Result<IpAddr, lexopt::Error> {
    let text = parser.value()?;
    let known = match text.to_str() {
        Some("localhost") => Some(LOOPBACK),
        other => other.and_then(|text| text.parse().ok()),
    };
    known
        .ok_or_else(|| format!("--iface takes an address as 127.0.0.1 or ::1, not {text:?}").into())
}

/// Where a server is: `PORT`, of this machine, or `HOST:PORT`.
pub(crate) fn server(text: &str) -> Result<String, lexopt::Error> {
    let (host, port) = text.rsplit_once(':').unwrap_or(("127.0.0.1", text));
    match port.parse::<u16>() {
        Ok(1..) if !host.is_empty() => Ok(format!("{host}:{port}")),
        _ => Err("a server is PORT or HOST:PORT".into()),
    }
}

/// Say what is served, and where, to whoever waits for it.
pub(crate) fn announce(what: impl Display, address: SocketAddr) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "Serving {what} on {address}.")?;
    stdout.flush()
}

/// The name of a transform, whatever a server makes of it.
pub(crate) fn transform(text: &str) -> Result<String, lexopt::Error> {
    match text.contains('.') || text.is_empty() {
        true => Err("a transform has a name without dots".into()),
        false => Ok(text.to_string()),
    }
}

/// Do what was asked for, and tell how it went.
pub(crate) fn run<A>(
    program: &str,
    (help, usage): (&str, &str),
    asked: Result<Command<A>, lexopt::Error>,
    main: impl FnOnce(A) -> io::Result<ExitCode>,
) -> ExitCode {
    let done = match asked {
        Ok(Command::Run(args)) => main(args),
        Ok(Command::Help) => write!(io::stdout(), "{help}").map(|()| ExitCode::SUCCESS),
        Err(error) => {
            writeln!(io::stderr(), "{program}: {error}\n{usage}").map(|()| ExitCode::from(2))
        }
    };
    match done {
        Ok(code) => code,
        // Whoever read the output has seen enough, as `head` has.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{program}: {error}");
            ExitCode::FAILURE
        }
    }
}
