//! The fourth one, as it is in this library: the work is an asynchronous body, which has a
//! result and can wait; cancelling its deferred cancels what it waits for, and an errback
//! there cleans up.

use std::time::Duration;

use defer::prelude::*;
use defer::task::coiterate;
use defer::time::call_later;

use crate::coiterate_03::{print_pause, wait_some_time};
use crate::coiterate_04::{print_result, suppress_cancel_log};
use crate::say;

#[callback]
async fn sum_all_integers_until(n: u64, pause: Duration) -> Result<Option<u64>, Failure> {
    let mut sum = 0;
    for i in 0..n {
        sum += i;
        say(format_args!("Adding {i} to result"));
        early_termination(print_pause(wait_some_time(pause))).await?;
    }
    Ok(Some(sum))
}

#[errback]
fn early_termination(failure: Failure) -> Result<(), Failure> {
    say("---\nEarly termination...");
    Err(failure)
}

pub(crate) async fn main(n: u64, pause: Duration, cancel_after: Duration) -> Result<(), Failure> {
    let sum = coiterate(sum_all_integers_until(n, pause));
    let (sum, canceller) = print_result(suppress_cancel_log(sum)).cancellable();
    let _call = call_later(cancel_after, move || canceller.cancel());
    sum.await
}
