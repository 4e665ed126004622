//! Waiting for deferreds: an item that is one holds the work back until it has fired.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use defer::prelude::*;
use defer::task::coiterate;
use defer::time::defer_later;

use crate::say;

/// A pause, or anything else that gives a deferred.
pub(crate) fn wait_some_time(time: Duration) -> Deferred<String> {
    defer_later(time, move || {
        format!("I was paused {:.2} seconds", time.as_secs_f64())
    })
    .boxed()
}

#[callback]
pub(crate) fn print_pause(msg: String) -> Result<(), Failure> {
    say(msg);
    Ok(())
}

#[callback]
fn extract_result(_done: (), #[value] context: Arc<AtomicU64>) -> u64 {
    let sum = context.load(Relaxed);
    say(format_args!("Got result = {sum}"));
    sum
}

pub(crate) fn sum_all_integers_being_nice_to_reactor(
    n: u64,
    pause: Duration,
) -> Deferred<Result<u64, Failure>> {
    let context = Arc::new(AtomicU64::new(0));
    let sum = context.clone();
    let all_sum_steps = (0..n).map(move |i| {
        sum.fetch_add(i, Relaxed);
        say(format_args!("Adding {i} to result"));
        print_pause(wait_some_time(pause)) // the next item is taken after it has fired
    });
    extract_result(coiterate(all_sum_steps), context).boxed()
}
