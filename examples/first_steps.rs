//! A result that is not there yet, a second callback, and a failure.
//!
//! `cargo run --example first_steps` runs all three programs.
//!
//! The first three programs of the deferred tutorial, in its order. What to look at are
//! [`print_user_info`], [`get_user_name`] with [`print_user_name`], and [`print_page_title`],
//! with the annotated functions that they call.

use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::ExitCode;

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use defer::Chain;
use defer::prelude::*;
use lexopt::prelude::*;
use reqwest::Client;
use tokio::net::TcpListener;

const USAGE: &str = "usage: first_steps [--users FILE] [--user NAME] [--url URL] [--help]";

const HELP: &str = "\
Print what is known of a user, the name of a user, and the title of a page.

usage: first_steps [--users FILE] [--user NAME] [--url URL] [--help]

  --users FILE     the users: a line for each, as in: ada Ada Lovelace (default:
                   ada and bob)
  --user NAME      whom to look up (default ada)
  --url URL        the page; without it, one of a server of its own on a
                   loopback port
  -h, --help       print this

exit code: 0 if nothing has failed, 1 if something has, 2 for bad arguments
";

/// The users, one in a line.
struct Database(Option<PathBuf>);

#[derive(Debug)]
struct User {
    account: String,
    name: String,
}

impl Database {
    /// The user, if there is one of that account.
    #[callback]
    async fn get_user(&self, account: &str) -> Result<Option<User>, Failure> {
        let text = match &self.0 {
            None => "ada Ada Lovelace\nbob Robert Frost\n".to_owned(),
            Some(path) => tokio::fs::read_to_string(path).await?,
        };
        let mut users = text.lines().filter_map(|line| line.split_once(' '));
        let found = users.find(|(known, _)| *known == account);
        Ok(found.map(|(account, name)| User {
            account: account.to_owned(),
            name: name.to_owned(),
        }))
    }
}

/// The first program: something happens when the result is there.
#[callback]
fn got_info(user: Option<User>) -> Result<(), Failure> {
    let user = user.ok_or(Failure::msg("there is no such user"))?;
    Ok(writeln!(
        io::stdout(),
        "info: {} is {}",
        user.account,
        user.name
    )?)
}

async fn print_user_info(database: &Database, account: &str) -> Result<(), Failure> {
    got_info(database.get_user(account)).await
}

/// The second: a callback passes its result on to the next one.
#[callback]
fn extract_name(user: Option<User>) -> String {
    user.map_or("(unknown)".to_owned(), |user| user.name)
}

fn get_user_name(
    database: &Database,
    account: &str,
) -> Deferred<Result<String, Failure>, impl Chain<Output = Result<String, Failure>>> {
    extract_name(database.get_user(account))
}

#[callback]
fn print_name(name: String) -> Result<(), Failure> {
    Ok(writeln!(io::stdout(), "name: {name}")?)
}

async fn print_user_name(database: &Database, account: &str) -> Result<(), Failure> {
    print_name(get_user_name(database, account)).await
}

/// The third: a failure goes to the errback.
#[callback]
async fn get_page(client: &Client, url: &str) -> Result<String, Failure> {
    let answer = client.get(url).send().await?.error_for_status()?;
    Ok(answer.text().await?)
}

#[callback]
fn title(page: String) -> Result<String, Failure> {
    let title = page.split_once("<title>").map(|(_, rest)| rest);
    let title = title.and_then(|rest| rest.split_once("</title>"));
    let (title, _) = title.ok_or(Failure::msg("the page has no title"))?;
    Ok(title.trim().to_owned())
}

/// Whether there was a title. A pair: the errback is not for failures of the callback beside it.
async fn print_page_title(client: &Client, url: &str) -> io::Result<bool> {
    let told = title(get_page(client, url)).add_callbacks(
        |title| (true, format!("title: {title}")),
        |failure| (false, format!("failed! {failure}")),
    );
    let (good, line) = told.await;
    writeln!(io::stdout(), "{line}")?;
    Ok(good)
}

/// A page with a title; its address.
async fn serve() -> io::Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let url = format!("http://{}/", listener.local_addr()?);
    let page = Html("<!doctype html><title>Deferred gratification</title><p>Later.");
    let router = Router::new().route("/", get(async move || page));
    tokio::spawn(async { axum::serve(listener, router).await });
    Ok(url)
}

struct Args {
    users: Option<PathBuf>,
    user: String,
    url: Option<String>,
}

/// What is asked for; `None`: for help.
fn read() -> Result<Option<Args>, lexopt::Error> {
    let mut args = Args {
        users: None,
        user: "ada".into(),
        url: None,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("users") => args.users = Some(parser.value()?.into()),
            Long("user") => args.user = parser.value()?.string()?,
            Long("url") => args.url = Some(parser.value()?.string()?),
            Short('h') | Long("help") => return Ok(None),
            _ => return Err(arg.unexpected()),
        }
    }
    Ok(Some(args))
}

async fn run(args: Args) -> io::Result<ExitCode> {
    // An error means that there is a provider already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = match &args.url {
        Some(_) => Client::builder(),
        None => Client::builder().no_proxy(),
    };
    let client = client.build().map_err(io::Error::other)?;
    let url = match args.url {
        Some(url) => url,
        None => serve().await?,
    };
    let database = Database(args.users);
    let mut good = true;
    // These two have no errback: their failures come out of them.
    let info = print_user_info(&database, &args.user).await;
    let name = print_user_name(&database, &args.user).await;
    for (program, outcome) in [("info", info), ("name", name)] {
        if let Err(failure) = outcome {
            writeln!(io::stderr(), "first_steps: {program}: {failure}")?;
            good = false;
        }
    }
    good &= print_page_title(&client, &url).await?;
    Ok(match good {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match read() {
        Ok(Some(args)) => run(args).await,
        Ok(None) => write!(io::stdout(), "{HELP}").map(|()| ExitCode::SUCCESS),
        Err(error) => {
            writeln!(io::stderr(), "first_steps: {error}\n{USAGE}").map(|()| ExitCode::from(2))
        }
    };
    done.unwrap_or(ExitCode::FAILURE)
}
