//! The deferred of work that a cooperator does.

use core::fmt;
use core::future::Future;
use core::panic::Location;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use defer_core::__private::{Sealed, finished, leaf, node};
use defer_core::{Chain, Draw, Node, Panicked, Unwind};

use super::done::End;
use super::task::Owned;
use super::{Cooperator, shared};
use crate::task::TaskFinished;

enum State<F, T, E> {
    /// Nobody has polled it.
    Idle(Option<Cooperator>, F),
    Waits(Owned<T, E>),
    Done,
}

/// A chain that has a cooperator do its work: made by
/// [`Cooperator::coiterate`].
#[must_use = "a chain does nothing until it is polled"]
pub struct Coiterate<F, T, E> {
    state: State<F, T, E>,
    id: Option<u64>,
    cancelled: bool,
    made: &'static Location<'static>,
}

impl<F, T, E> Coiterate<F, T, E> {
    /// Without a cooperator it is the one of the runtime in which it is polled.
    #[track_caller]
    pub(super) fn new(cooperator: Option<Cooperator>, work: F) -> Self {
        Coiterate {
            state: State::Idle(cooperator, work),
            id: None,
            cancelled: false,
            made: Location::caller(),
        }
    }

    /// `None`: a cancellation has left it.
    fn poll_end(&mut self, cx: &Context<'_>) -> Poll<Option<Result<T, E>>>
    where
        E: From<TaskFinished>,
    {
        let State::Waits(owned) = &self.state else {
            finished()
        };
        let end = ready!(owned.done.poll(&mut self.id, cx, Option::take));
        let left = self.cancelled && matches!(end, Some(End::Interrupted(_)));
        self.state = State::Done;
        Poll::Ready(match end {
            _ if left => None,
            Some(end) => Some(end.outcome()),
            None => finished(),
        })
    }
}

// The work is not polled here, but where the cooperator has it.
impl<F, T, E> Unpin for Coiterate<F, T, E> {}

impl<F, T, E> Future for Coiterate<F, T, E>
where
    F: Chain<Output = Result<T, E>> + Send + 'static,
    T: Send + 'static,
    E: From<TaskFinished> + From<Panicked> + fmt::Debug + Send + 'static,
{
    type Output = Result<T, E>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let State::Idle(..) = self.state {
            let made = self.made;
            let State::Idle(cooperator, work) = core::mem::replace(&mut self.state, State::Done)
            else {
                finished()
            };
            let cooperator = cooperator.unwrap_or_else(shared::here);
            self.state = State::Waits(cooperator.add(work, made));
        }
        let outcome = ready!(self.poll_end(cx));
        Poll::Ready(outcome.unwrap_or_else(|| finished()))
    }
}

impl<F, T, E> Sealed for Coiterate<F, T, E> {}

impl<F, T, E> Chain for Coiterate<F, T, E>
where
    F: Chain<Output = Result<T, E>> + Send + 'static,
    T: Send + 'static,
    E: From<TaskFinished> + From<Panicked> + fmt::Debug + Send + 'static,
{
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
        let State::Waits(owned) = &self.state else {
            return Unwind::Idle;
        };
        if owned.done.is_set() {
            return Unwind::Idle;
        }
        owned.cell.cancel();
        self.cancelled = true;
        Unwind::Stays
    }
    fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        if !self.cancelled {
            return self.poll(cx).map(Some);
        }
        self.poll_end(cx)
    }
    fn describe(&self, to: &mut dyn Draw) {
        match &self.state {
            State::Idle(_, work) => node(to, Node::Named("coiterate"), |to| work.describe(to)),
            _ => leaf(to, "coiterate"),
        }
    }
}

impl<F, T, E> fmt::Debug for Coiterate<F, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Coiterate").finish_non_exhaustive()
    }
}
