//! A server beside a long computation, on one thread: how long its clients wait.
//!
//! `cargo run --release --example fairness` sums 1,000,000,000 integers three times, in turns
//! of a millisecond, in turns of ten, and in one go, and prints how long the answers of a
//! server beside it took. A number after `--` is summed up to instead. It fails unless turns
//! of a millisecond, which are the default, let 99 of 100 requests have their answer within 5
//! milliseconds, and one go does not.
//!
//! The sum in one go is the function that the programs of the example `coiterate` replace.
//!
//! The client has a thread of its own and sends a request every 2 milliseconds, whether the
//! ones before have been answered or not. The first row is the server alone, for as long as
//! a second: what it misses is the machine's, which is busy with something else.

use std::hint::black_box;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use defer::prelude::*;
use defer::task::{Cooperator, give_way};
use lexopt::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const USAGE: &str = "usage: fairness [--help] [N]";

const HELP: &str = "\
Sum integers beside a server, on one thread, and tell how long its clients wait.

usage: fairness [--help] [N]

  N            sum the integers below N, up to 1000000000000 (default 1000000000)
  -h, --help   print this

exit code: 0 if 99 of 100 requests were answered within 5 ms with turns of 1 ms, and
not in one go; 1 if that was missed, or there is no port; 2 for bad arguments
";

const UPTO: u64 = 1_000_000_000;
/// Integers of one unit of work.
const UNIT: u64 = 10_000;
const EVERY: Duration = Duration::from_millis(2);
const LIMIT: Duration = Duration::from_millis(5);

/// The computation: nothing about it is asynchronous but that it gives way.
#[callback]
async fn sum(upto: u64) -> Result<u64, Failure> {
    let mut sum = 0_u64;
    for begin in (0..upto).step_by(UNIT as usize) {
        for n in begin..upto.min(begin + UNIT) {
            sum = sum.wrapping_add(black_box(n));
        }
        give_way().await;
    }
    Ok(sum)
}

/// Give back what comes, request by request.
async fn serve(listener: TcpListener) -> io::Result<()> {
    let (mut stream, _) = listener.accept().await?;
    stream.set_nodelay(true)?;
    let mut request = [0; 8];
    while stream.read_exact(&mut request).await.is_ok() {
        stream.write_all(&request).await?;
    }
    Ok(())
}

/// How long the answers took, of requests that are sent until `done`.
fn ask(server: SocketAddr, done: &AtomicBool) -> io::Result<Vec<Duration>> {
    let mut sends = TcpStream::connect(server)?;
    sends.set_nodelay(true)?;
    let mut answers = sends.try_clone()?;
    let begin = Instant::now();
    // A request is the moment at which it was to be sent.
    let reads = thread::spawn(move || -> io::Result<Vec<Duration>> {
        let mut waited = Vec::new();
        let mut answer = [0; 8];
        while answers.read_exact(&mut answer).is_ok() {
            let sent = Duration::from_nanos(u64::from_le_bytes(answer));
            waited.push(begin.elapsed().saturating_sub(sent));
        }
        Ok(waited)
    });
    let mut at = Duration::ZERO;
    while !done.load(Relaxed) {
        thread::sleep(at.saturating_sub(begin.elapsed()));
        sends.write_all(&(at.as_nanos() as u64).to_le_bytes())?;
        at += EVERY;
    }
    sends.shutdown(std::net::Shutdown::Write)?;
    reads.join().expect("the reader does not panic")
}

/// The answers to the requests of one computation, or of a second without one, sorted, and how
/// long it took.
fn measure(
    cooperator: Option<&Cooperator>,
    upto: u64,
) -> Result<(Vec<Duration>, Duration), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let done = Arc::new(AtomicBool::new(false));
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let server = tokio::spawn(serve(listener));
        let over = done.clone();
        let client = thread::spawn(move || ask(address, &over));
        // The first requests find nothing else to do.
        tokio::time::sleep(10 * EVERY).await;

        let begin = Instant::now();
        match cooperator {
            Some(cooperator) => {
                let total = cooperator.coiterate(sum(upto)).await?;
                let expected = u128::from(upto) * u128::from(upto.max(1) - 1) / 2;
                assert_eq!(u128::from(total), expected);
            }
            None => tokio::time::sleep(Duration::from_secs(1)).await,
        }
        let took = begin.elapsed();
        done.store(true, Relaxed);
        server.await??;
        let mut waited = client.join().expect("the client does not panic")?;
        waited.sort_unstable();
        Ok((waited, took))
    })
}

/// How many of 100 were answered in time.
fn in_time(waited: &[Duration]) -> f64 {
    let in_time = waited.iter().filter(|time| **time <= LIMIT).count();
    100.0 * in_time as f64 / waited.len().max(1) as f64
}

/// What to sum up to; `None`: help is asked for.
fn read() -> Result<Option<u64>, lexopt::Error> {
    let mut upto = UPTO;
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Short('h') | Long("help") => return Ok(None),
            Value(text) => match text.to_str().map(str::parse) {
                Some(Ok(number)) if number <= 1_000_000_000_000 => upto = number,
                _ => return Err(format!("{text:?} is no number up to 1000000000000").into()),
            },
            _ => return Err(arg.unexpected()),
        }
    }
    Ok(Some(upto))
}

fn run(upto: u64) -> Result<bool, Failure> {
    let turns = |turn: Duration| Cooperator::builder().budget(turn).build();
    let one_go = Cooperator::builder().until(|_| false).build();
    let cases = [
        ("the server alone", None),
        ("1 ms (default)", Some(Cooperator::new())),
        ("10 ms (Twisted)", Some(turns(Duration::from_millis(10)))),
        ("one go", Some(one_go)),
    ];
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "summing {upto} integers beside a server, on one thread"
    )?;
    writeln!(
        out,
        "{:<16} {:>8} {:>10} {:>10} {:>10} {:>12} {:>9}",
        "turn", "requests", "median", "99 of 100", "longest", "within 5 ms", "took"
    )?;
    let mut shares = Vec::new();
    for (name, cooperator) in cases {
        let (waited, took) = measure(cooperator.as_ref(), upto)?;
        let at = |part: f64| {
            let place = (waited.len() as f64 * part) as usize;
            let time = waited.get(place.min(waited.len().saturating_sub(1)));
            format!(
                "{:.2} ms",
                time.map_or(0.0, |time| time.as_secs_f64() * 1e3)
            )
        };
        let share = in_time(&waited);
        writeln!(
            out,
            "{:<16} {:>8} {:>10} {:>10} {:>10} {:>10.1} % {:>7.2} s",
            name,
            waited.len(),
            at(0.5),
            at(0.99),
            at(1.0),
            share,
            took.as_secs_f64()
        )?;
        shares.push(share);
    }
    let held = shares[1] >= 99.0 && shares[3] < 99.0;
    let verdict = if held { "held" } else { "missed" };
    writeln!(
        out,
        "99 of 100 within 5 ms with the default turns, and not in one go: {verdict}"
    )?;
    Ok(held)
}

fn main() -> ExitCode {
    let ran = match read() {
        Ok(Some(upto)) => run(upto),
        Ok(None) => write!(io::stdout(), "{HELP}")
            .map(|()| true)
            .map_err(Failure::from),
        Err(error) => {
            // Nobody else is told.
            let _ = writeln!(io::stderr(), "fairness: {error}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match ran {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            let _ = writeln!(io::stderr(), "fairness: {failure}");
            ExitCode::FAILURE
        }
    }
}
