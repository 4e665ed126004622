//! Transforms poems: one service behind two protocols, netstrings and HTTP.
//!
//! It is the server of part 12 of "An Introduction to Asynchronous Programming and Twisted"
//! (krondo.com), with its exercises 1 to 4. Look at `service.rs`, which knows no protocol, at
//! `netstring_protocol.rs`, where a request is a nested call, and at `connection.rs` for what
//! keeps clients within their limits, whichever protocol they speak.

mod connection;
mod http_protocol;
mod netstring;
mod netstring_protocol;
mod options;
mod service;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use lexopt::prelude::*;
use tokio::sync::Semaphore;

use crate::connection::{Limits, Port};
use crate::options::{Command, announce};
use crate::service::TransformService;

const USAGE: &str = "usage: transformedpoetry [--port N] [--http-port N] [--iface ADDRESS] \
    [--max-bytes N] [--connections N] [--timeout SECONDS] [--help]";

const HELP: &str = "\
Transform poems, for clients that speak netstrings and for those that speak HTTP.

usage: transformedpoetry [--port N] [--http-port N] [--iface ADDRESS]
                         [--max-bytes N] [--connections N]
                         [--timeout SECONDS] [--help]

  --port N           the port for netstrings, NAME.POEM (default: any that is
                     free)
  --http-port N      the port for HTTP, POST /NAME (default: any that is free)
  --iface ADDRESS    listen there (default 127.0.0.1: only this machine)
  --max-bytes N      refuse poems that are longer (default 65536)
  --connections N    serve so many clients at once, on both ports together;
                     more of them wait (default 4096)
  --timeout SECONDS  give up on a client that takes so long for its request and
                     for the answer (default 10)
  -h, --help         print this

transforms: cummingsify, shout, backwards, alphabet, sonnet; the last one fails
where there are not 14 verses between a title and a poet

A client takes memory for what it has sent, not for what it declares. All of
them together take at most about 4 times connections times max-bytes.

exit code: 1 if it cannot serve, 2 for bad arguments; it serves until it is
stopped
";

struct Args {
    port: u16,
    http_port: u16,
    iface: IpAddr,
    max_bytes: usize,
    connections: usize,
    time: Duration,
}

fn read() -> Result<Command<Args>, lexopt::Error> {
    let mut args = Args {
        port: 0,
        http_port: 0,
        iface: options::LOOPBACK,
        max_bytes: 65_536,
        connections: 4096,
        time: Duration::from_secs(10),
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("port") => args.port = options::number("--port", 0..=u16::MAX, &mut parser)?,
            Long("http-port") => {
                args.http_port = options::number("--http-port", 0..=u16::MAX, &mut parser)?;
            }
            Long("iface") => args.iface = options::interface(&mut parser)?,
            Long("max-bytes") => {
                args.max_bytes = options::number("--max-bytes", 1..=1 << 30, &mut parser)?;
            }
            Long("connections") => {
                args.connections = options::number("--connections", 1..=1_000_000, &mut parser)?;
            }
            Long("timeout") => args.time = options::seconds("--timeout", &mut parser)?,
            Short('h') | Long("help") => return Ok(Command::Help),
            _ => return Err(arg.unexpected()),
        }
    }
    Ok(Command::Run(args))
}

#[tokio::main]
async fn serve(args: Args) -> io::Result<ExitCode> {
    let service = Arc::new(TransformService::new(args.max_bytes));
    let places = Arc::new(Semaphore::new(args.connections));
    let limits = |bytes| Limits {
        time: args.time,
        bytes,
    };
    let address = SocketAddr::new(args.iface, args.port);
    let bytes = netstring_protocol::limit(&service) + 4096;
    let netstrings = Port::listen(address, &places, limits(bytes))?;
    announce("transforms in netstrings", netstrings.address()?)?;

    let address = SocketAddr::new(args.iface, args.http_port);
    let bytes = http_protocol::limit(&service);
    let http = Port::listen(address, &places, limits(bytes))?;
    announce("transforms in HTTP", http.address()?)?;

    let router = http_protocol::router(service.clone());
    let netstrings = netstrings
        .serve(move |connection| netstring_protocol::answer(connection, service.clone()).boxed());
    let (http, ()) = tokio::join!(axum::serve(http, router), netstrings);
    http.map(|()| ExitCode::SUCCESS)
}

fn main() -> ExitCode {
    options::run("transformedpoetry", (HELP, USAGE), read(), serve)
}
