//! A class whose construction is asynchronous: a table of a store on loopback.
//!
//! From seed 001, the metaclass that lets `__init__` return a deferred, and the mixin that lets
//! methods be called before it is done. Look at `at_once`: it has a handle of a table that is not
//! there yet, and calls its methods; `when_it_is_there` waits for the table itself.
//!
//! `cargo run --example ready`, or with `--refuse` to see the construction fail.

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use defer::Chain;
use defer::list::deferred_list;
use defer::prelude::*;
use defer::sync::Ready;
use lexopt::prelude::*;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

const USAGE: &str = "usage: ready [--time MS] [--refuse] [--port N]";

const HELP: &str = "\
Use a table of a store before it has been created, and when it has been.

usage: ready [--time MS] [--refuse] [--port N]

  --time MS   how long the store takes to create a table (default 20)
  --refuse    the store creates no table
  --port N    ask a store at this port of 127.0.0.1, in place of one of its own; it is asked
              one line a connection: create TABLE, put KEY VALUE, get KEY
  -h, --help  print this

exit code: 0 if all went well, 1 if not, 2 for bad arguments
";

/// Nobody listens to what cannot be written.
fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

type Answer = Result<String, Failure>;

/// Ask the store one thing.
async fn ask(store: SocketAddr, question: String) -> Answer {
    let mut stream = BufReader::new(TcpStream::connect(store).await?);
    stream.write_all(format!("{question}\n").as_bytes()).await?;
    let mut answer = String::new();
    stream.read_line(&mut answer).await?;
    match answer.trim_end().split_once(' ') {
        Some(("ok", answer)) => Ok(answer.to_string()),
        Some(("error", why)) => Err(Failure::msg(why.to_string())),
        _ => Err(Failure::msg(format!("the store answered {answer:?}"))),
    }
}

/// A table, which exists once it has been constructed.
struct Table {
    store: SocketAddr,
    name: String,
}

#[callback]
async fn create(#[value] store: SocketAddr, name: String) -> Result<Table, Failure> {
    ask(store, format!("create {name}")).await?;
    Ok(Table { store, name })
}

impl Table {
    fn put(&self, key: &str, value: u32) -> Deferred<Answer, impl Chain<Output = Answer> + use<>> {
        defer(ask(self.store, format!("put {key} {value}")))
    }
    fn get(&self, key: &str) -> Deferred<Answer, impl Chain<Output = Answer> + use<>> {
        defer(ask(self.store, format!("get {key}")))
    }
}

/// The handle at once: calls wait until the table is there, and begin in their order.
async fn at_once(table: &Ready<Table>) -> bool {
    say("client: calls three methods of a table that is not there yet");
    let calls = deferred_list((
        table.call(|table| table.put("apples", 3)),
        table.call(|table| table.put("pears", 4)),
        table.call(|table| table.get("apples")),
    ));
    let (apples, pears, get) = calls.await;
    let mut well = true;
    for (what, answer) in [
        ("put apples", apples),
        ("put pears", pears),
        ("get apples", get),
    ] {
        match answer {
            Ok(answer) => say(&format!("client: {what}: {answer}")),
            Err(failure) => {
                well = false;
                say(&format!("client: {what} fails: {failure}"));
            }
        }
    }
    well
}

/// The value when it is constructed.
async fn when_it_is_there(table: &Ready<Table>) -> Result<(), Failure> {
    let table = table.value().await?;
    say(&format!("client: has the table {}", table.name));
    let pears = table.get("pears").await?;
    say(&format!("client: get pears: {pears}"));
    Ok(())
}

/// A store of its own; its address.
async fn serve(time: Duration, refuse: bool) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(answer(listener, time, refuse));
    Ok(address)
}

/// Answer one question after the other.
async fn answer(listener: TcpListener, time: Duration, refuse: bool) -> io::Result<()> {
    let mut entries = Vec::new();
    loop {
        let (stream, _) = listener.accept().await?;
        let mut stream = BufReader::new(stream);
        let mut question = String::new();
        stream.read_line(&mut question).await?;
        let question = question.trim_end();
        say(&format!("store: is asked to {question}"));
        let words: Vec<&str> = question.split(' ').collect();
        let answer = match words[..] {
            ["create", name] => {
                sleep(time).await;
                match refuse {
                    true => format!("error there is no room for the table {name}"),
                    false => "ok created".to_string(),
                }
            }
            ["put", key, value] => {
                entries.push((key.to_string(), value.to_string()));
                "ok done".to_string()
            }
            ["get", key] => match entries.iter().rfind(|(known, _)| known == key) {
                Some((_, value)) => format!("ok {value}"),
                None => format!("error there are no {key}"),
            },
            _ => "error what is that?".to_string(),
        };
        stream.write_all(format!("{answer}\n").as_bytes()).await?;
    }
}

struct Args {
    time: Duration,
    refuse: bool,
    port: Option<u16>,
}

/// What is asked for; `None`: for help.
fn read() -> Result<Option<Args>, lexopt::Error> {
    let mut args = Args {
        time: Duration::from_millis(20),
        refuse: false,
        port: None,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("time") => {
                let millis = parser.value()?.parse::<u32>()?;
                args.time = Duration::from_millis(millis.into());
            }
            Long("refuse") => args.refuse = true,
            Long("port") => args.port = Some(parser.value()?.parse()?),
            Short('h') | Long("help") => return Ok(None),
            _ => return Err(arg.unexpected()),
        }
    }
    Ok(Some(args))
}

async fn run(args: Args) -> io::Result<ExitCode> {
    let store = match args.port {
        Some(port) => SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        None => serve(args.time, args.refuse).await?,
    };
    let table = Ready::new(create(store, "fruit".to_string()));
    let mut well = at_once(&table).await;
    if let Err(failure) = when_it_is_there(&table).await {
        say(&format!("client: has no table: {failure}"));
        well = false;
    }
    Ok(ExitCode::from(u8::from(!well)))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let done = match read() {
        Ok(Some(args)) => run(args).await,
        Ok(None) => write!(io::stdout(), "{HELP}").map(|()| ExitCode::SUCCESS),
        Err(error) => writeln!(io::stderr(), "ready: {error}\n{USAGE}").map(|()| ExitCode::from(2)),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            // Nobody listens to what cannot be written.
            let _ = writeln!(io::stderr(), "ready: {error}");
            ExitCode::FAILURE
        }
    }
}
