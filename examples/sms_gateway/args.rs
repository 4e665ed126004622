//! The command line.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use lexopt::prelude::*;
use reqwest::Url;

use crate::carrier::fake::Manners;
use crate::connections::Limits;
use crate::limits::{MAX_RATE, MAX_UNANSWERED, MAX_WIDTH};

pub(crate) const USAGE: &str = "\
usage: sms_gateway [OPTION...]
       sms_gateway carrier [OPTION...]
       sms_gateway --help";

pub(crate) const HELP: &str = "\
Take messages over HTTP and send them to a carrier, a few at a time. What was
accepted is sent, over restarts and crashes, at least once.

usage: sms_gateway [OPTION...]            the gateway, and a page to steer it
       sms_gateway carrier [OPTION...]    only the fake carrier

the gateway
  --listen ADDRESS   where it serves (default 127.0.0.1:8080; port 0: any).
                     Whoever reaches it can steer it: there is no password
  --name NAME        a name that it is asked for by, besides localhost and its
                     addresses; may be given several times
  --store FILE       where messages are kept until they are sent
                     (default sms_gateway.redb)
  --width N          send so many at once; 0: none, until resumed (default 5)
  --rate N           begin at most N a second (default: no limit)
  --bound N          refuse messages while so many wait (default 10000)
  --retries N        send again, up to N times, what failed in a way that may
                     pass (default 8)
  --retry-delay MS   wait so long before the first of them, then twice as long
                     each time, up to a minute (default 500)
  --timeout MS       give up on an attempt after so long (default 10000)
  --grace SECONDS    when it stops, wait so long for what is underway (default 20)
  --connections N    have so many at once, the others wait (default 4096)
  --patience MS      give a client up that has not sent its request, or not taken
                     its answer, for so long (default 60000)
  --carrier URL      the carrier; without it, a fake one is started

the fake carrier
  --listen ADDRESS   where it serves, if it runs alone (default 127.0.0.1:8081)
  --carrier-delay MS a message takes so long, on average (default 800)
  --fail PERCENT     it does not take so many of them (default 10)
  --lose PERCENT     it takes so many of them and does not say so (default 0)
  --at-once N        it takes so many at once (default 50)
  --seed N           where its luck begins (default 1)
  --log FILE         write down each message it took, before it says so

  -h, --help         print this

Ctrl-C and SIGTERM stop it: nothing new is accepted, what is underway may end,
the rest is kept for the next start. A second one ends it at once.

exit code: 0 if it was stopped, 1 if it could not start or its store failed,
2 for bad arguments, 130 if it was ended at once
";

/// What is asked for.
pub(crate) enum Command {
    Gateway(Box<Gateway>),
    Carrier(SocketAddr, Manners),
    Help,
}

pub(crate) struct Gateway {
    pub(crate) listen: SocketAddr,
    pub(crate) names: Vec<String>,
    pub(crate) store: PathBuf,
    pub(crate) width: usize,
    pub(crate) rate: Option<NonZeroU32>,
    pub(crate) bound: usize,
    pub(crate) retries: usize,
    pub(crate) retry_delay: Duration,
    pub(crate) timeout: Duration,
    pub(crate) grace: Duration,
    /// What clients may take of it.
    pub(crate) limits: Limits,
    pub(crate) carrier: Option<Url>,
    /// Of the fake carrier, if that is the one.
    pub(crate) manners: Manners,
}

pub(crate) fn read() -> Result<Command, lexopt::Error> {
    let mut parser = lexopt::Parser::from_env();
    let mut alone = false;
    let mut listen = None;
    let mut manners = Manners::default();
    // Options of one that make no sense for the other.
    let (mut of_gateway, mut of_carrier) = (None, None);
    let mut args = Gateway {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
        names: Vec::new(),
        store: "sms_gateway.redb".into(),
        width: 5,
        rate: None,
        bound: 10_000,
        retries: 8,
        retry_delay: Duration::from_millis(500),
        timeout: Duration::from_secs(10),
        grace: Duration::from_secs(20),
        limits: Limits {
            connections: 4096,
            patience: Duration::from_secs(60),
            unanswered: MAX_UNANSWERED,
        },
        carrier: None,
        manners: manners.clone(),
    };
    while let Some(arg) = parser.next()? {
        let name = match &arg {
            Long(name) => format!("--{name}"),
            _ => String::new(),
        };
        match arg {
            Value(word) if !alone && word == "carrier" => alone = true,
            Long("listen") => listen = Some(parser.value()?.parse_with(address)?),
            Short('h') | Long("help") => return Ok(Command::Help),

            Long("carrier-delay") => manners.delay = parser.value()?.parse_with(millis)?,
            Long("fail") => manners.fail = parser.value()?.parse_with(percent)?,
            Long("lose") => manners.lose = parser.value()?.parse_with(percent)?,
            Long("at-once") => {
                manners.at_once = parser.value()?.parse_with(between(1, 1_000_000))?;
            }
            Long("seed") => manners.seed = parser.value()?.parse()?,
            Long("log") => manners.log = Some(parser.value()?.into()),

            Long("name") => args
                .names
                .push(parser.value()?.string()?.to_ascii_lowercase()),
            Long("store") => args.store = parser.value()?.into(),
            Long("width") => args.width = parser.value()?.parse_with(between(0, MAX_WIDTH))?,
            Long("rate") => {
                let rate = parser.value()?.parse_with(between(1, MAX_RATE as usize))?;
                args.rate = NonZeroU32::new(rate as u32);
            }
            Long("bound") => args.bound = parser.value()?.parse_with(between(1, 10_000_000))?,
            Long("retries") => args.retries = parser.value()?.parse_with(between(0, 1_000))?,
            Long("retry-delay") => args.retry_delay = parser.value()?.parse_with(some_millis)?,
            Long("timeout") => args.timeout = parser.value()?.parse_with(some_millis)?,
            Long("grace") => {
                let seconds = parser.value()?.parse_with(between(0, 86_400))?;
                args.grace = Duration::from_secs(seconds as u64);
            }
            Long("connections") => args.limits.read_connections(&mut parser)?,
            Long("patience") => args.limits.read_patience(&mut parser)?,
            Long("carrier") => args.carrier = Some(parser.value()?.parse_with(server)?),
            _ => return Err(arg.unexpected()),
        }
        match &*name {
            "--carrier-delay" | "--fail" | "--lose" | "--at-once" | "--seed" | "--log" => {
                of_carrier = Some(name);
            }
            "" | "--listen" => (),
            _ => of_gateway = Some(name),
        }
    }
    if alone {
        if let Some(name) = of_gateway {
            return Err(format!("the fake carrier alone takes no {name}").into());
        }
        let listen = listen.unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 8081)));
        return Ok(Command::Carrier(listen, manners));
    }
    if let (Some(name), Some(_)) = (of_carrier, &args.carrier) {
        return Err(format!("{name} is of the fake carrier, and --carrier is another").into());
    }
    args.listen = listen.unwrap_or(args.listen);
    args.manners = manners;
    Ok(Command::Gateway(Box::new(args)))
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let read = text.parse();
    read.map_err(|_| format!("--listen takes an address with a port, not {text:?}"))
}

fn millis(text: &str) -> Result<Duration, String> {
    let millis = between(0, 3_600_000)(text)?;
    Ok(Duration::from_millis(millis as u64))
}

fn some_millis(text: &str) -> Result<Duration, String> {
    let millis = between(1, 3_600_000)(text)?;
    Ok(Duration::from_millis(millis as u64))
}

fn percent(text: &str) -> Result<u8, String> {
    Ok(between(0, 100)(text)? as u8)
}

fn between(least: usize, most: usize) -> impl Fn(&str) -> Result<usize, String> {
    move |text| match text.parse() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(format!("a number from {least} to {most}, not {text:?}")),
    }
}

fn server(text: &str) -> Result<Url, String> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
        Ok(url) => Err(format!(
            "--carrier takes http or https, not {}",
            url.scheme()
        )),
        Err(error) => Err(format!("--carrier takes an address: {error}")),
    }
}
