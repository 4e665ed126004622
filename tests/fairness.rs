//! A server beside a long computation, on one thread: how many units of it are done while a
//! request waits. Nothing here is measured in time; `examples/fairness.rs` does that.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use defer::prelude::*;
use defer::task::{CooperativeTask, Cooperator};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Units of the whole computation.
const UNITS: usize = 200_000;
/// Units of a turn that is over in time.
const TURN: usize = 100;

/// A computation, and how many of its units are done.
fn compute(cooperator: &Cooperator) -> (CooperativeTask, Arc<AtomicUsize>) {
    let done = Arc::new(AtomicUsize::new(0));
    let counts = done.clone();
    let task = cooperator.cooperate((0..UNITS).map(move |_| {
        counts.fetch_add(1, SeqCst);
    }));
    (task, done)
}

/// A server that gives back each byte.
async fn serve(listener: TcpListener) -> std::io::Result<()> {
    let (mut stream, _) = listener.accept().await?;
    let mut byte = [0];
    while stream.read(&mut byte).await? == 1 {
        stream.write_all(&byte).await?;
    }
    Ok(())
}

/// Ask it while the computation goes on: the units that were done during each request.
async fn ask(done: &AtomicUsize, requests: usize) -> Vec<usize> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(serve(listener));
    let mut client = TcpStream::connect(address).await.unwrap();
    client.set_nodelay(true).unwrap();
    let mut waited = Vec::new();
    for n in 0..requests {
        let before = done.load(SeqCst);
        client.write_all(&[n as u8]).await.unwrap();
        let mut byte = [0];
        client.read_exact(&mut byte).await.unwrap();
        assert_eq!(byte, [n as u8]);
        waited.push(done.load(SeqCst) - before);
    }
    drop(client);
    server.await.unwrap().unwrap();
    waited
}

#[tokio::test]
async fn with_turns_a_server_answers_while_the_computation_goes_on() {
    let cooperator = Cooperator::builder().units(TURN).build();
    let (task, done) = compute(&cooperator);
    let waited = ask(&done, 100).await;
    assert!(
        !task.is_finished(),
        "the computation was to be the longer one"
    );
    // A request passes through the sockets four times or so; each may wait for a turn.
    let slow = waited.iter().filter(|units| **units > 20 * TURN).count();
    assert!(slow <= 1, "{waited:?}");
    task.when_done().await.unwrap();
    assert_eq!(done.load(SeqCst), UNITS);
}

#[tokio::test]
async fn without_turns_a_server_waits_for_the_whole_computation() {
    let cooperator = Cooperator::builder().until(|_| false).build();
    let (task, done) = compute(&cooperator);
    let waited = ask(&done, 100).await;
    // Before the first answer the computation had begun, and then it was at its end.
    assert_eq!(done.load(SeqCst), UNITS);
    assert!(task.is_finished());
    assert!(waited[1..].iter().all(|units| *units == 0), "{waited:?}");
}

#[tokio::test]
async fn a_task_of_the_runtime_waits_for_two_turns_at_most() {
    let cooperator = Cooperator::builder().units(TURN).build();
    let (task, done) = compute(&cooperator);
    let counts = done.clone();
    let ended = Arc::new(AtomicBool::new(false));
    let stops = ended.clone();
    let other = tokio::spawn(async move {
        let mut longest = 0;
        while !stops.load(SeqCst) {
            let before = counts.load(SeqCst);
            tokio::task::yield_now().await;
            longest = longest.max(counts.load(SeqCst) - before);
        }
        longest
    });
    task.when_done().await.unwrap();
    ended.store(true, SeqCst);
    // tokio wakes those that gave way last first: one waits for a turn at the end of a round
    // and for one at the beginning of the next.
    let longest = other.await.unwrap();
    assert!((1..=2 * TURN).contains(&longest), "{longest}");
}

#[tokio::test]
async fn two_long_computations_share_the_turns_evenly() {
    let cooperator = Cooperator::builder().units(TURN).build();
    let ((a, of_a), (b, of_b)) = (compute(&cooperator), compute(&cooperator));
    while !a.is_finished() && !b.is_finished() {
        tokio::task::yield_now().await;
        let (of_a, of_b) = (of_a.load(SeqCst), of_b.load(SeqCst));
        assert!(of_a.abs_diff(of_b) <= 1, "{of_a} and {of_b}");
    }
    b.when_done().await.unwrap();
}

#[callback]
async fn sum(upto: u64) -> u64 {
    let mut sum = 0;
    for n in 0..upto {
        sum += n;
        defer::task::give_way().await;
    }
    sum
}

#[tokio::test]
async fn a_body_that_gives_way_is_as_fair() {
    let cooperator = Cooperator::builder().units(TURN).build();
    let work = cooperator.cooperate(sum(UNITS as u64));
    let waited = ask(&AtomicUsize::new(0), 100).await;
    assert_eq!(waited.len(), 100);
    assert!(!work.is_finished());
    let upto = UNITS as u64;
    assert_eq!(work.when_done().await.unwrap(), upto * (upto - 1) / 2);
}
