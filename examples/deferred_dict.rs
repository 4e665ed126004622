//! Exchange a dictionary: a producer makes entries in its order, a consumer asks in another one.
//!
//! From seed 001, "How to asynchronously exchange a dictionary using Twisted deferreds". Look at
//! `consume`: it asks for everything at once, and does not care what is there. Each line says
//! what happens when it happens.
//!
//! `cargo run --example deferred_dict -- --producer c,a,b --consumer a,b,c`

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use defer::list::select_all;
use defer::prelude::*;
use defer::sync::DeferredDict;
use lexopt::prelude::*;
use tokio::time::sleep;

const USAGE: &str = "usage: deferred_dict [--producer KEYS] [--consumer KEYS] [--delay MS]";

const HELP: &str = "\
Exchange a dictionary between a producer and a consumer that work in different orders.

usage: deferred_dict [--producer KEYS] [--consumer KEYS] [--delay MS]

  --producer KEYS  what is made, in this order, with commas between
                   (default gamma,delta,alpha,beta); each value is the length of its key
  --consumer KEYS  what is asked for, in this order, all of it at once
                   (default alpha,beta,gamma,alpha,delta)
  --delay MS       how long the producer works at an entry (default 5)
  -h, --help       print this

When the producer has made everything it closes the dictionary: what is still waited for then
will not come.

exit code: 0 if all came that was asked for, 1 if not, 2 for bad arguments
";

type Dict = DeferredDict<String, usize>;

/// Make the entries, one after the other.
async fn produce(dict: Dict, keys: Vec<String>, delay: Duration) -> Result<(), Failure> {
    for key in keys {
        sleep(delay).await;
        let length = key.chars().count();
        writeln!(io::stdout(), "producer: makes {key}")?;
        dict.insert(key, length)
            .map_err(|error| Failure::msg(error.to_string()))?;
    }
    dict.close();
    Ok(())
}

/// How many times a key is worth its length.
#[callback]
fn times(length: usize, factor: usize) -> usize {
    length * factor
}

/// Ask for everything at once, and take it as it comes. How many did not come.
async fn consume(dict: &Dict, keys: &[String]) -> io::Result<usize> {
    for key in keys {
        let there = if dict.contains_key(key) {
            "there"
        } else {
            "missing"
        };
        writeln!(io::stdout(), "consumer: asks for {key}, which is {there}")?;
    }
    let asked = keys.iter().map(|key| times(dict.get(key.clone()), 10));
    let mut answers = select_all(asked);
    let mut missing = 0;
    while let Some((place, answer)) = answers.next().await {
        let key = &keys[place];
        match answer {
            Ok(value) => writeln!(io::stdout(), "consumer: has {key} = {value}")?,
            Err(failure) => {
                missing += 1;
                writeln!(io::stdout(), "consumer: never gets {key}: {failure}")?;
            }
        }
    }
    Ok(missing)
}

struct Args {
    producer: Vec<String>,
    consumer: Vec<String>,
    delay: Duration,
}

/// What is asked for; `None`: for help.
fn read() -> Result<Option<Args>, lexopt::Error> {
    let mut args = Args {
        producer: keys("gamma,delta,alpha,beta")?,
        consumer: keys("alpha,beta,gamma,alpha,delta")?,
        delay: Duration::from_millis(5),
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("producer") => args.producer = parser.value()?.parse_with(keys)?,
            Long("consumer") => args.consumer = parser.value()?.parse_with(keys)?,
            Long("delay") => {
                let millis = parser.value()?.parse::<u32>()?;
                args.delay = Duration::from_millis(millis.into());
            }
            Short('h') | Long("help") => return Ok(None),
            _ => return Err(arg.unexpected()),
        }
    }
    Ok(Some(args))
}

fn keys(text: &str) -> Result<Vec<String>, String> {
    let key = |key: &str| match key.trim() {
        "" => Err(format!("a key of {text:?} is empty")),
        key => Ok(key.to_string()),
    };
    text.split(',').map(key).collect()
}

async fn run(args: Args) -> io::Result<ExitCode> {
    let dict = Dict::new();
    let producer = defer(produce(dict.clone(), args.producer, args.delay)).start();
    let missing = consume(&dict, &args.consumer).await?;
    producer.await.map_err(io::Error::other)?;
    Ok(ExitCode::from(u8::from(missing > 0)))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let done = match read() {
        Ok(Some(args)) => run(args).await,
        Ok(None) => write!(io::stdout(), "{HELP}").map(|()| ExitCode::SUCCESS),
        Err(error) => {
            writeln!(io::stderr(), "deferred_dict: {error}\n{USAGE}").map(|()| ExitCode::from(2))
        }
    };
    done.unwrap_or(ExitCode::FAILURE)
}
