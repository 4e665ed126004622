//! Obtaining the result: the iterator puts it into a context, a callback takes it out.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use defer::prelude::*;
use defer::task::coiterate;

use crate::say;

/// What the iterator and the callback share.
type Context = Arc<AtomicU64>;

fn make_iterator_to_sum_all_integers_until(
    n: u64,
    context: Context,
) -> impl Iterator<Item = ()> + Send {
    (0..n).map(move |i| {
        context.fetch_add(i, Relaxed);
        say(format_args!("Adding {i} to result"));
    })
}

#[callback]
fn extract_result(_done: (), #[value] context: Context) -> u64 {
    let sum = context.load(Relaxed);
    say(format_args!("Got result = {sum}"));
    sum
}

pub(crate) fn sum_all_integers_being_nice_to_reactor(n: u64) -> Deferred<Result<u64, Failure>> {
    let context = Context::default();
    let all_sum_steps = make_iterator_to_sum_all_integers_until(n, context.clone());
    extract_result(coiterate(all_sum_steps), context).boxed()
}
