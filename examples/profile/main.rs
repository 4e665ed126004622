//! A page of user cards, for which three back ends are asked: with a request for each thing,
//! and with a batch for each back end.
//!
//! `cargo run --release --example profile` starts the back ends on loopback ports, makes the
//! page both ways, and prints what the back ends counted.
//!
//! A card is a nested call of annotated functions, as if there were no batches: see
//! [`card::batched`].

mod args;
mod ask;
mod back_end;
mod card;
mod report;

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Instant;

use defer::prelude::*;
use defer::{Node, Plan};

use crate::args::{Args, Command};
use crate::back_end::BackEnds;
use crate::card::{Card, Way, page};
use crate::report::Run;

/// Make the page, one way.
async fn run(way: Way, args: &Args, back_ends: &BackEnds) -> Run {
    let cards = (0..args.cards).map(|id| way.card(id, args.teams));
    let page = page(cards.collect::<Vec<Deferred<Card>>>());
    let calls = calls(&page.plan());
    back_ends.reset();
    let start = Instant::now();
    let cards = page.await;
    Run {
        way,
        calls,
        took: start.elapsed(),
        counted: back_ends.counted(),
        cards,
    }
}

/// The calls of a page for something of a back end, which it does not have to be run for.
fn calls(plan: &Plan) -> usize {
    let asks = |(_, node)| match node {
        Node::Call(site) => site.batch.is_some() || site.name.ends_with("_alone"),
        _ => false,
    };
    plan.nodes().filter(|node| asks(*node)).count()
}

async fn compare(args: Args) -> io::Result<ExitCode> {
    if args.plan {
        let card = Way::Batched.card(0, args.teams);
        write!(io::stdout(), "{}", card.plan())?;
        return Ok(ExitCode::SUCCESS);
    }
    let back_ends = BackEnds::start(args.latency).await?;
    ask::reach(back_ends.addresses());
    let alone = run(Way::Alone, &args, &back_ends).await;
    let batched = run(Way::Batched, &args, &back_ends).await;
    write!(io::stdout(), "{}", report::tell(&alone, &batched))?;
    let good = batched.cards.iter().any(|card| card.is_good());
    Ok(if good && alone.cards == batched.cards {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match args::read() {
        Ok(Command::Run(args)) => compare(args).await,
        Ok(Command::Help) => write!(io::stdout(), "{}", args::HELP).map(|()| ExitCode::SUCCESS),
        Err(error) => {
            writeln!(io::stderr(), "profile: {error}\n{}", args::USAGE).map(|()| ExitCode::from(2))
        }
    };
    match done {
        Ok(code) => code,
        // Whoever read the output has seen enough, as `head` has.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "profile: {error}");
            ExitCode::FAILURE
        }
    }
}
