//! Messages are accepted over HTTP and sent to a carrier, a few at a time, and none is lost.
//!
//! `cargo run --example sms_gateway` serves a page on
//! <http://127.0.0.1:8080/>, with a carrier of its own that is slow and sometimes fails;
//! `README.md` in this folder is for whoever runs it, and `-- --help` tells the options.
//!
//! It is the use case with which Terry Jones introduced his resizable dispatch queue. Look at
//! [`gateway`]: all of the steering is the queue's, and so is what survives a crash.
//! [`carrier::client::send_sms`] is the function that the queue calls for each job.

mod args;
mod carrier;
#[path = "../support/connections.rs"]
mod connections;
mod ending;
mod gateway;
mod limits;
mod news;
mod past;
mod sms;
mod view;
mod web;

use std::error::Error;
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use axum::serve::Listener;
use reqwest::Url;
use tokio::time::timeout;

use crate::args::Command;
use crate::carrier::client::Carrier;
use crate::carrier::fake;
use crate::connections::Patient;
use crate::ending::Signals;
use crate::gateway::Gateway;

/// Answers that are underway when everything else has ended have so long.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

async fn serve(args: Box<args::Gateway>) -> Result<ExitCode, Box<dyn Error>> {
    let cannot = |error| format!("cannot serve on {}: {error}", args.listen);
    let listener = Patient::listen(args.listen, args.limits).map_err(cannot)?;
    let address = listener.local_addr()?;
    let carrier = match &args.carrier {
        Some(url) => Carrier::new(url, true),
        None => {
            let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            let (address, serving) = fake::start(any, args.manners.clone()).await?;
            tokio::spawn(serving);
            writeln!(io::stdout(), "a fake carrier is on http://{address}/")?;
            let url = Url::parse(&format!("http://{address}/"))?;
            Carrier::new(&url, false)
        }
    };
    let signals = Signals::new()?;
    let gateway = Gateway::open(&args, carrier).await?;
    let recovered = gateway.overview(0).status.counts.recovered;
    if recovered > 0 {
        writeln!(io::stdout(), "{recovered} messages of before go on")?;
    }
    if !address.ip().is_loopback() {
        writeln!(
            io::stderr(),
            "sms_gateway: whoever reaches {address} can steer it, without a password"
        )?;
    }
    // Scripts wait for this line.
    writeln!(io::stdout(), "listening on http://{address}/")?;
    io::stdout().flush()?;

    let (stopped, all_stopped) = tokio::sync::oneshot::channel::<()>();
    let router = web::router(gateway.clone(), args.limits.patience);
    let serving = axum::serve(listener, router).with_graceful_shutdown(async {
        let _ = all_stopped.await;
    });
    let serving = tokio::spawn(serving.into_future());
    let kept = ending::wait(&gateway, signals, args.grace).await;
    let _ = stopped.send(());
    // Somebody may hold a connection for ever; nothing depends on it.
    let _ = timeout(LAST_ANSWERS, serving).await;
    kept
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match args::read() {
        Ok(Command::Gateway(args)) => serve(args).await,
        Ok(Command::Carrier(listen, manners)) => carry(listen, manners).await,
        Ok(Command::Help) => write!(io::stdout(), "{}", args::HELP)
            .map(|()| ExitCode::SUCCESS)
            .map_err(Into::into),
        Err(error) => writeln!(io::stderr(), "sms_gateway: {error}\n{}", args::USAGE)
            .map(|()| ExitCode::from(2))
            .map_err(Into::into),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(io::stderr(), "sms_gateway: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The fake carrier alone, until somebody ends it.
async fn carry(listen: SocketAddr, manners: fake::Manners) -> Result<ExitCode, Box<dyn Error>> {
    let (address, serving) = fake::start(listen, manners).await?;
    writeln!(io::stdout(), "listening on http://{address}/")?;
    io::stdout().flush()?;
    serving.await?;
    Ok(ExitCode::SUCCESS)
}
