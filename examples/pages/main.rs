//! Fetch web pages, a few at once, and print a table of them.
//!
//! `cargo run --release --example pages` fetches the pages of a site of its own, half of
//! which fail in some way; `cargo run --release --example pages -- URL...` fetches others.
//!
//! The whole job of a page is [`visit`]: annotated functions, called as plain ones are.

mod args;
mod error;
mod fetch;
mod page;
mod progress;
mod site;
mod table;

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Instant;

use defer::Chain;
use defer::prelude::*;

use crate::args::{Args, Command};
use crate::fetch::{Page, Web, accept, fetch};
use crate::page::{cleanup, survey};
use crate::site::Site;
use crate::table::{Row, errcheck, reformat, tabulate};

/// One page, from its address to its row of the table.
///
/// Whichever call fails, `errcheck` makes a row of it: no error is left in the type.
fn visit(web: &Web, page: &Page) -> Deferred<Row, impl Chain<Output = Row>> {
    let facts = survey(cleanup(accept(fetch(web, page))));
    errcheck(reformat(facts, page), page)
}

/// All the pages: `tabulate` takes a list of rows, and is given a list of deferreds.
async fn run(args: Args) -> io::Result<ExitCode> {
    let site = if args.urls.is_empty() {
        Some(Site::start().await?)
    } else {
        None
    };
    let urls = site.as_ref().map_or(args.urls, Site::urls);
    let web = Web::new(args.at_once, args.deadline, site.is_none());
    let pages: Vec<Page> = urls.into_iter().map(Page::new).collect();
    if args.plan {
        write!(io::stdout(), "{}", visit(&web, &pages[0]).plan())?;
        return Ok(ExitCode::SUCCESS);
    }

    let start = Instant::now();
    let bar = progress::bar(pages.len());
    let rows = pages
        .iter()
        .map(|page| progress::tick(visit(&web, page), &bar));
    let report = tabulate(rows.collect::<Vec<_>>(), table::width()).await;
    bar.finish_and_clear();

    writeln!(
        io::stdout(),
        "{report} in {} ms",
        start.elapsed().as_millis()
    )?;
    Ok(if report.good > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match args::read() {
        Ok(Command::Run(args)) => run(args).await,
        Ok(Command::Help) => write!(io::stdout(), "{}", args::HELP).map(|()| ExitCode::SUCCESS),
        Err(error) => {
            writeln!(io::stderr(), "pages: {error}\n{}", args::USAGE).map(|()| ExitCode::from(2))
        }
    };
    match done {
        Ok(code) => code,
        // Whoever read the output has seen enough, as `head` has.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "pages: {error}");
            ExitCode::FAILURE
        }
    }
}
