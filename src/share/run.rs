//! One run of a function for one key.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::boxed::Box;

use defer_core::__private::{Sealed, finished, node};
use defer_core::share::Shared;
use defer_core::{Chain, Deferred, Draw, Node, Unwind};

/// What a call of a [`Memo`](super::Memo) or a [`SingleFlight`](super::SingleFlight) gives: a
/// clone of the run.
///
/// A deferred as any other, that can be cloned.
pub type Promise<O> = Deferred<O, Shared<Run<O>>>;

/// The work that calls with the same key share: the chain inside of a [`Promise`].
#[must_use = "a chain does nothing until it is polled"]
pub struct Run<O> {
    job: Box<dyn Job<O>>,
    /// `None` before the first poll, and after the last.
    runs: Option<Deferred<O>>,
}

/// What a run knows of the table that it stands in.
pub(super) trait Job<O>: Send {
    /// Call the function.
    fn begin(&mut self) -> Deferred<O>;
    /// The outcome is there.
    fn ends(&mut self, outcome: O) -> O;
    /// There will be none that others could take.
    fn leaves(&mut self);
}

impl<O> Run<O> {
    pub(super) fn new(job: Box<dyn Job<O>>) -> Self {
        Run { job, runs: None }
    }
}

impl<O> Future for Run<O> {
    type Output = O;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<O> {
        // Only a cancellation leaves it without an outcome.
        self.poll_settle(cx)
            .map(|outcome| outcome.unwrap_or_else(|| finished()))
    }
}

impl<O> Unpin for Run<O> {}
impl<O> Sealed for Run<O> {}

impl<O> Chain for Run<O> {
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<O> {
        let this = &mut *self;
        let Some(runs) = &mut this.runs else {
            return Unwind::Idle;
        };
        // Whatever it comes to now: the next call begins anew.
        this.job.leaves();
        Pin::new(runs).cancel()
    }
    fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<O>> {
        let this = &mut *self;
        let job = &mut this.job;
        let runs = this.runs.get_or_insert_with(|| job.begin());
        let outcome = ready!(Pin::new(runs).poll_settle(cx));
        this.runs = None;
        Poll::Ready(outcome.map(|outcome| this.job.ends(outcome)))
    }
    fn describe(&self, to: &mut dyn Draw) {
        node(to, Node::Named("run"), |to| {
            if let Some(runs) = &self.runs {
                runs.describe(to);
            }
        });
    }
}

impl<O> Drop for Run<O> {
    fn drop(&mut self) {
        self.job.leaves();
    }
}

impl<O> fmt::Debug for Run<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").finish_non_exhaustive()
    }
}
