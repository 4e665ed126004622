//! The cooperator that all share.

use core::fmt;
use core::panic::Location;
use std::sync::{Mutex, PoisonError, Weak};
use std::vec::Vec;

use defer_core::{Deferred, Panicked};
use tokio::runtime::{Handle, Id};

use super::coiterate::Coiterate;
use super::queue::Queue;
use super::task::CooperativeTask;
use super::{Cooperator, Work};
use crate::task::TaskFinished;

// One for each runtime: work that another one does would end with that. They are few.
static SHARED: Mutex<Vec<(Id, Weak<Queue>)>> = Mutex::new(Vec::new());

/// The cooperator that all share who run on this runtime.
#[track_caller]
pub(super) fn here() -> Cooperator {
    let runtime = Handle::current().id();
    // Nothing panics while the lock is held.
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    shared.retain(|(_, queue)| queue.strong_count() > 0);
    let known = shared.iter().find(|(of, _)| *of == runtime);
    if let Some(queue) = known.and_then(|(_, queue)| queue.upgrade()) {
        return Cooperator::of(queue);
    }
    let cooperator = Cooperator::new();
    shared.retain(|(of, _)| *of != runtime);
    shared.push((runtime, std::sync::Arc::downgrade(&cooperator.queue)));
    cooperator
}

/// Do work beside other work: [`Cooperator::cooperate`] of the cooperator that all share who
/// run on this runtime.
///
/// Twisted: `task.cooperate`.
///
/// # Panics
///
/// Outside of a tokio runtime.
///
/// ```
/// use defer::prelude::*;
/// use defer::task::{TaskFinished, cooperate};
/// use defer::time::defer_later;
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let second = Duration::from_secs(1);
/// let rounds = (0..8).map(move |n| defer_later(second, move || println!("round {n}")));
/// let task = cooperate(rounds); // each round waits until its second is over
/// tokio::time::sleep(3 * second).await;
/// task.stop().unwrap();
/// let failure = task.when_done().await.unwrap_err();
/// assert_eq!(failure.check(), Some(&TaskFinished::Stopped));
/// # }
/// ```
#[track_caller]
pub fn cooperate<W, M>(work: W) -> CooperativeTask<W::Value, W::Error>
where
    W: Work<M>,
    W::Chain: Send + 'static,
    W::Value: Send + 'static,
    W::Error: From<TaskFinished> + From<Panicked> + fmt::Debug + Send + 'static,
{
    CooperativeTask::of(here().add(work.into_chain(), Location::caller()))
}

/// A deferred that has work done beside other work: [`Cooperator::coiterate`] of the cooperator
/// that all share who run on this runtime.
///
/// The runtime is the one in which it is polled first. Twisted: `task.coiterate`.
///
/// # Panics
///
/// The first poll panics outside of a tokio runtime.
///
/// ```
/// use defer::prelude::*;
/// use defer::task::{coiterate, give_way};
///
/// #[callback]
/// async fn sum(upto: u64) -> Result<u64, Failure> {
///     let mut sum = 0;
///     for n in 0..upto {
///         sum += n;
///         give_way().await;
///     }
///     Ok(sum)
/// }
///
/// #[callback]
/// fn add(a: u64, b: u64) -> u64 { a + b }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let both = add(coiterate(sum(10)), coiterate(sum(100)));
/// assert_eq!(both.await.unwrap(), 45 + 4950);
/// # }
/// ```
#[track_caller]
pub fn coiterate<W, M>(
    work: W,
) -> Deferred<Result<W::Value, W::Error>, Coiterate<W::Chain, W::Value, W::Error>>
where
    W: Work<M>,
    W::Chain: Send + 'static,
    W::Value: Send + 'static,
    W::Error: From<TaskFinished> + From<Panicked> + fmt::Debug + Send + 'static,
{
    Deferred::from_chain(Coiterate::new(None, work.into_chain()))
}
