//! What the compiler tells the users of `defer-flow`: see `tests/`.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// The outcome of a deferred that waits for nothing: what the passing cases look at.
///
/// # Panics
///
/// If the deferred is not ready at the first poll.
pub fn now<F: Future>(deferred: F) -> F::Output {
    match pin!(deferred).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => panic!("a case waits for something that nobody fires"),
    }
}
