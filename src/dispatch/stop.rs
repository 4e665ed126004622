//! Waiting until nothing is underway; what a queue that was stopped says.

use core::error::Error;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::vec::Vec;

use defer_core::__private::{Sealed, finished, leaf};
use defer_core::{Chain, Draw, Unwind};

use super::{Job, ResizableDispatchQueue};

/// The error of what cannot be asked of a queue that was stopped. `txrdq`: `QueueStopped`.
///
/// ```
/// use defer::dispatch::{QueueStopped, ResizableDispatchQueue};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let queue = ResizableDispatchQueue::new(|n: u32| n, 1);
/// queue.stop().await;
/// assert_eq!(queue.resume(None), Err(QueueStopped));
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct QueueStopped;

impl fmt::Display for QueueStopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the queue was stopped")
    }
}

impl Error for QueueStopped {}

/// Why a job has no other priority.
///
/// `txrdq` raises `KeyError` and `RuntimeError`.
///
/// ```
/// use defer::dispatch::NotPending;
/// assert_eq!(NotPending::Underway.to_string(), "the job is underway");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NotPending {
    /// There is no such job, or it has ended.
    Unknown,
    /// It was begun.
    Underway,
}

impl fmt::Display for NotPending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotPending::Unknown => "there is no such job in the queue",
            NotPending::Underway => "the job is underway",
        })
    }
}

impl Error for NotPending {}

/// Waits for a queue, which stays as long; `None` when it has waited.
struct Idle<A, T, E> {
    queue: Option<ResizableDispatchQueue<A, T, E>>,
    id: Option<u64>,
}

impl<A, T, E> Idle<A, T, E> {
    fn poll(
        &mut self,
        or_resumed: bool,
        cx: &Context<'_>,
    ) -> Poll<ResizableDispatchQueue<A, T, E>> {
        let Some(queue) = &self.queue else { finished() };
        ready!(queue.engine().poll_idle(&mut self.id, or_resumed, cx));
        self.queue.take().map_or(Poll::Pending, Poll::Ready)
    }

    fn cancel<O>(&mut self) -> Unwind<O> {
        if self.id.is_none() || self.queue.is_none() {
            return Unwind::Idle;
        }
        self.forget();
        Unwind::Out
    }

    fn forget(&mut self) {
        if let Some(queue) = self.queue.take() {
            queue.engine().forget(self.id);
        }
    }
}

impl<A, T, E> Drop for Idle<A, T, E> {
    fn drop(&mut self) {
        self.forget();
    }
}

/// The chain of [`pause`](super::ResizableDispatchQueue::pause): it waits until nothing is
/// underway.
///
/// Dropping or cancelling it stops the waiting; the queue is paused all the same.
#[must_use = "the queue is paused; to wait for what is underway this has to be awaited"]
pub struct Pausing<A, T, E>(Idle<A, T, E>);

/// The chain of [`stop`](super::ResizableDispatchQueue::stop): it waits until nothing is underway
/// and yields what was not done.
///
/// Dropping or cancelling it stops the waiting; the queue is stopped all the same.
#[must_use = "the queue is stopped; to have what was not done this has to be awaited"]
pub struct Stopping<A, T, E>(Idle<A, T, E>);

macro_rules! waits {
    ($Chain:ident -> $Output:ty, $or_resumed:literal, $name:literal, |$queue:ident| $then:expr) => {
        impl<A, T, E> $Chain<A, T, E> {
            pub(super) fn new(queue: ResizableDispatchQueue<A, T, E>) -> Self {
                $Chain(Idle {
                    queue: Some(queue),
                    id: None,
                })
            }
        }
        impl<A, T, E> Future for $Chain<A, T, E>
        where
            A: Clone + Send + Sync + 'static,
            T: Send + 'static,
            E: Send + 'static,
        {
            type Output = $Output;
            fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                let $queue = ready!(self.0.poll($or_resumed, cx));
                Poll::Ready($then)
            }
        }
        impl<A, T, E> Unpin for $Chain<A, T, E> {}
        impl<A, T, E> Sealed for $Chain<A, T, E> {}
        impl<A, T, E> Chain for $Chain<A, T, E>
        where
            A: Clone + Send + Sync + 'static,
            T: Send + 'static,
            E: Send + 'static,
        {
            fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
                self.0.cancel()
            }
            fn describe(&self, to: &mut dyn Draw) {
                leaf(to, $name);
            }
        }
        impl<A, T, E> fmt::Debug for $Chain<A, T, E> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($Chain)).finish_non_exhaustive()
            }
        }
    };
}

waits!(Pausing -> (), true, "pause", |_queue| ());
waits!(Stopping -> Vec<Job<A>>, false, "stop", |queue| queue.engine().undone());
