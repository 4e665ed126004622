//! Cancelling, by hand: a second deferred, whose canceller stops the work, is chained to the
//! first. In Twisted it has to be so, since `coiterate` leaves the iterator alone when its
//! deferred is cancelled. Here it need not: see [`here`](crate::here).

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use defer::Cancelled;
use defer::prelude::*;
use defer::task::{cooperate, give_way};
use defer::time::call_later;

use crate::coiterate_03::{print_pause, wait_some_time};
use crate::say;

/// The work, and what it leaves behind when it is closed early.
struct SumSteps {
    numbers: Range<u64>,
    pause: Duration,
    context: Arc<AtomicU64>,
    at_its_end: bool,
}

impl Iterator for SumSteps {
    type Item = Deferred<Result<(), Failure>>;

    fn next(&mut self) -> Option<Self::Item> {
        let Some(i) = self.numbers.next() else {
            self.at_its_end = true;
            return None;
        };
        self.context.fetch_add(i, Relaxed);
        say(format_args!("Adding {i} to result"));
        Some(print_pause(wait_some_time(self.pause)).boxed())
    }
}

/// Python's `GeneratorExit`. The pause that it waited in has been cancelled already.
impl Drop for SumSteps {
    fn drop(&mut self) {
        if !self.at_its_end {
            say("---\nEarly termination...");
        }
    }
}

#[callback]
fn extract_result(_done: (), #[value] context: Arc<AtomicU64>) -> Option<u64> {
    Some(context.load(Relaxed))
}

#[errback]
pub(crate) fn suppress_cancel_log(failure: Failure) -> Result<Option<u64>, Failure> {
    failure.trap::<Cancelled>()?;
    Ok(None)
}

fn sum_all_integers_being_nice_to_reactor(
    n: u64,
    pause: Duration,
) -> Deferred<Result<Option<u64>, Failure>> {
    let context = Arc::new(AtomicU64::new(0));
    let all_sum_steps = cooperate(SumSteps {
        numbers: 0..n,
        pause,
        context: context.clone(),
        at_its_end: false,
    });
    let done = all_sum_steps.when_done();
    let (resolver, deferred) = Deferred::<Result<(), Failure>, _>::with_canceller(move || {
        // It may have come to its end by itself.
        let _ = all_sum_steps.stop();
        None
    });
    let done = done.chain_into(resolver).add_errback(|_| ());
    done.start().detach();
    suppress_cancel_log(extract_result(deferred, context)).boxed()
}

#[callback]
pub(crate) fn print_result(result: Option<u64>) {
    if let Some(sum) = result {
        say(format_args!("Got result = {sum}"));
    }
}

pub(crate) async fn main(n: u64, pause: Duration, cancel_after: Duration) -> Result<(), Failure> {
    let sum = print_result(sum_all_integers_being_nice_to_reactor(n, pause));
    let (sum, canceller) = sum.cancellable();
    let _call = call_later(cancel_after, move || canceller.cancel());
    sum.await?;
    // Nobody waits for the work that was stopped: its turn, in which it is closed, is the next.
    give_way().await;
    Ok(())
}
