//! The task that takes items, makes jobs of them and polls those.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::vec::Vec;

use defer_core::__private::{Kind, Sealed, caught, finished, node};
use defer_core::{Chain, Draw, Node, Returned, Unwind};

use super::sink::Sink;
use super::slots::{Came, Slots};
use super::{ChainOf, FailureOf, ValueOf};
use crate::task::JobKind;

/// So many jobs are polled in one poll, and so many begin, so that jobs that never wait do not
/// keep the thread, and those that tokio sends away, because this task has done enough, are not
/// polled for nothing.
const MOST: usize = 128;

/// What a task of [`parallel`](super::parallel) is.
pub(super) struct Drive<I, F, R: Returned<M>, M, S>
where
    R::Kind: JobKind,
{
    /// `None` when there are no more, or no more are wanted.
    items: Option<I>,
    make: F,
    limit: usize,
    /// Whether a failure cancels the others, or drops them.
    cancels: bool,
    slots: Slots<ChainOf<R, M>>,
    sink: S,
    /// How many have begun.
    begun: usize,
    polled: bool,
    stage: Stage<FailureOf<R, M>>,
}

enum Stage<E> {
    Runs,
    /// A job has failed; the others were cancelled.
    Failed(E),
    /// It was cancelled itself. Some things that were to be done are not.
    Cancelled {
        incomplete: bool,
        failure: Option<E>,
    },
    Done,
}

type Whole<R, M, S> = Result<<S as Sink<ValueOf<R, M>, FailureOf<R, M>>>::Out, FailureOf<R, M>>;

impl<I, F, R, M, S> Drive<I, F, R, M, S>
where
    R: Returned<M>,
    R::Kind: JobKind,
{
    pub(super) fn new(items: I, make: F, limit: usize, cancels: bool, sink: S) -> Self {
        Drive {
            items: Some(items),
            make,
            limit,
            cancels,
            slots: Slots::new(),
            sink,
            begun: 0,
            polled: false,
            stage: Stage::Runs,
        }
    }
}

impl<I, F, R, M, S> Drive<I, F, R, M, S>
where
    I: Iterator,
    F: FnMut(I::Item) -> R,
    R: Returned<M>,
    R::Kind: JobKind,
    S: Sink<ValueOf<R, M>, FailureOf<R, M>>,
{
    /// `None`: a cancellation has left it.
    fn advance(&mut self, cx: &Context<'_>) -> Poll<Option<Whole<R, M, S>>> {
        if matches!(self.stage, Stage::Done) {
            finished();
        }
        self.polled = true;
        self.slots.begin(cx);
        for _ in 0..MOST {
            let Some(index) = self.slots.next() else {
                break;
            };
            if let Some(failure) = self.poll(index) {
                return self.fail(failure, cx);
            }
        }
        for begun in 0.. {
            let room = self.slots.alive() < self.limit;
            if self.items.is_none() || !room || !self.sink.room(self.slots.alive(), cx) {
                break;
            }
            if begun == MOST {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            // Not before there is a slot for it.
            let Some(item) = self.items.as_mut().and_then(Iterator::next) else {
                self.items = None;
                break;
            };
            if let Some(failure) = self.begin(item) {
                return self.fail(failure, cx);
            }
        }
        if self.slots.in_round() {
            cx.waker().wake_by_ref();
        }
        if self.items.is_none() && self.slots.alive() == 0 {
            return Poll::Ready(self.end());
        }
        Poll::Pending
    }

    /// Make a job of an item, and poll it. A failure of the whole comes out.
    fn begin(&mut self, item: I::Item) -> Option<FailureOf<R, M>> {
        let place = self.begun;
        self.begun += 1;
        let make = &mut self.make;
        match caught(|| make(item).into_chain()) {
            Ok(chain) => {
                let index = self.slots.add(chain, place);
                self.poll(index)
            }
            Err(panicked) => self.take(place, Err(panicked)),
        }
    }

    fn poll(&mut self, index: usize) -> Option<FailureOf<R, M>> {
        match self.slots.poll(index) {
            Poll::Ready(Some((place, came))) => self.take(place, came),
            Poll::Ready(None) | Poll::Pending => None,
        }
    }

    fn take(
        &mut self,
        place: usize,
        came: Came<<ChainOf<R, M> as Future>::Output>,
    ) -> Option<FailureOf<R, M>> {
        let outcome = match came {
            Ok(Some(out)) => R::Kind::outcome(out).map_err(R::Kind::failure),
            Ok(None) => {
                if let Stage::Cancelled { incomplete, .. } = &mut self.stage {
                    *incomplete = true;
                }
                return None;
            }
            Err(panicked) => Err(panicked.into()),
        };
        let failed = self.sink.take(place, outcome).err()?;
        match &mut self.stage {
            Stage::Runs => return Some(failed),
            Stage::Cancelled { failure, .. } => {
                failure.get_or_insert(failed);
            }
            // The first one is told; of the others nobody would know what to make.
            Stage::Failed(_) | Stage::Done => {}
        }
        None
    }

    /// A job has failed, and so does the whole.
    fn fail(&mut self, failure: FailureOf<R, M>, cx: &Context<'_>) -> Poll<Option<Whole<R, M, S>>> {
        self.items = None;
        if self.cancels && self.slots.alive() > 0 {
            self.slots.ask();
            // Those that had been woken before are not told again.
            cx.waker().wake_by_ref();
            self.stage = Stage::Failed(failure);
            return Poll::Pending;
        }
        self.slots.clear();
        self.stage = Stage::Done;
        Poll::Ready(Some(Err(failure)))
    }

    fn end(&mut self) -> Option<Whole<R, M, S>> {
        match core::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Failed(failure) => Some(Err(failure)),
            Stage::Cancelled {
                failure: Some(failure),
                ..
            } => Some(Err(failure)),
            Stage::Cancelled {
                incomplete: true, ..
            } => None,
            Stage::Cancelled { .. } | Stage::Runs => Some(Ok(self.sink.end())),
            Stage::Done => finished(),
        }
    }
}

impl<I, F, R: Returned<M>, M, S> Unpin for Drive<I, F, R, M, S> where R::Kind: JobKind {}
impl<I, F, R: Returned<M>, M, S> Sealed for Drive<I, F, R, M, S> where R::Kind: JobKind {}

impl<I, F, R, M, S> Future for Drive<I, F, R, M, S>
where
    I: Iterator,
    F: FnMut(I::Item) -> R,
    R: Returned<M>,
    R::Kind: JobKind,
    S: Sink<ValueOf<R, M>, FailureOf<R, M>>,
{
    type Output = Whole<R, M, S>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Only a cancellation leaves it without an outcome.
        self.advance(cx)
            .map(|out| out.unwrap_or_else(|| finished()))
    }
}

impl<I, F, R, M, S> Chain for Drive<I, F, R, M, S>
where
    I: Iterator,
    F: FnMut(I::Item) -> R,
    R: Returned<M>,
    R::Kind: JobKind,
    S: Sink<ValueOf<R, M>, FailureOf<R, M>>,
{
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
        if !self.polled || matches!(self.stage, Stage::Done) {
            return Unwind::Idle;
        }
        let incomplete = self.items.take().is_some();
        if matches!(self.stage, Stage::Runs) {
            self.stage = Stage::Cancelled {
                incomplete,
                failure: None,
            };
        }
        if self.slots.alive() == 0 {
            // It waited for somebody to take outcomes.
            self.stage = Stage::Done;
            return Unwind::Out;
        }
        self.slots.ask();
        Unwind::Stays
    }
    fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        self.advance(cx)
    }
    fn describe(&self, to: &mut dyn Draw) {
        let chains: Vec<_> = self.slots.chains();
        node(to, Node::Named("parallel"), |to| {
            for chain in &chains {
                chain.describe(to);
            }
        });
    }
}

impl<I, F, R: Returned<M>, M, S> fmt::Debug for Drive<I, F, R, M, S>
where
    R::Kind: JobKind,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drive").finish_non_exhaustive()
    }
}
