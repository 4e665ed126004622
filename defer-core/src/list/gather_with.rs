//! Every value of many deferreds, or the first failure, with options.

use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use super::assemble::Assemble;
use super::gather::{failed, there};
use super::losers::LetGo;
use super::places::Places;
use super::run::{Rule, Run};
use super::source::Source;
use crate::call::finished;
use crate::chain::{Chain, Unwind, sealed};
use crate::kind::{Kind, OutOf};
use crate::passing::keeps;
use crate::plan::Draw;

/// The chain of [`gather`](super::Options::gather) with options.
#[must_use = "a chain does nothing until it is polled"]
pub struct GatherWith<S: Source, K: Kind, T, A, L> {
    run: Run<S>,
    values: Places<T>,
    into: Option<A>,
    rule: Rule<L>,
    failed: Option<K::Error>,
    settles: bool,
    gone: bool,
    kind: PhantomData<fn() -> K>,
}

impl<S: Source, K: Kind, T, A, L> Unpin for GatherWith<S, K, T, A, L> {}

impl<S: Source, K: Kind, T, A, L> GatherWith<S, K, T, A, L> {
    pub(super) fn new(run: Run<S>, into: A, rule: Rule<L>) -> Self {
        GatherWith {
            run,
            values: Places::new(),
            into: Some(into),
            rule,
            failed: None,
            settles: false,
            gone: false,
            kind: PhantomData,
        }
    }
}

impl<S, K, T, A, L> Future for GatherWith<S, K, T, A, L>
where
    S: Source,
    S::Member: Chain<Output = OutOf<K, T>>,
    K: Kind,
    A: Assemble<T>,
    L: LetGo<S::Member>,
{
    type Output = OutOf<K, A::Out>;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Only a cancellation leaves it without an outcome.
        self.poll_settle(cx)
            .map(|out| out.unwrap_or_else(|| finished()))
    }
}

impl<S: Source, K: Kind, T, A, L> sealed::Sealed for GatherWith<S, K, T, A, L> {}

impl<S, K, T, A, L> Chain for GatherWith<S, K, T, A, L>
where
    S: Source,
    S::Member: Chain<Output = OutOf<K, T>>,
    K: Kind,
    A: Assemble<T>,
    L: LetGo<S::Member>,
{
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
        if self.run.is_done() {
            return Unwind::Idle;
        }
        self.settles = true;
        self.gone |= self.run.ask();
        Unwind::Stays
    }
    /// After a cancellation a failure waits, beside other members that clean up, and goes on
    /// only if it is the one thing that is missing: the list was cancelled, otherwise.
    fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        let this = &mut *self;
        if this.into.is_none() {
            finished()
        }
        while let Some((place, out)) = ready!(this.run.poll_next(cx)) {
            if this.failed.is_some() {
                // Losers, of which nobody wants to know.
                continue;
            }
            match out.map(K::outcome) {
                Some(Ok(value)) => this.values.put(place, value),
                Some(Err(mut error)) if !this.settles => {
                    if const { keeps::<K::Error>() } {
                        failed(this.run.members(), place, &mut error);
                    }
                    this.failed = Some(error);
                    this.values.clear();
                    this.run.let_go(&mut this.rule);
                }
                Some(Err(mut error)) if this.run.is_done() && !this.gone => {
                    if const { keeps::<K::Error>() } {
                        failed(this.run.members(), place, &mut error);
                    }
                    this.failed = Some(error);
                }
                Some(Err(_)) | None => this.gone = true,
            }
        }
        let into = this.into.take();
        if let Some(error) = this.failed.take() {
            return Poll::Ready(Some(K::out(Err(error))));
        }
        let (Some(into), false) = (into, this.gone) else {
            return Poll::Ready(None);
        };
        let values = core::mem::take(&mut this.values);
        let values = into.assemble(values.into_iter().map(there));
        Poll::Ready(Some(K::out(Ok(values))))
    }
    fn describe(&self, to: &mut dyn Draw) {
        self.run.describe("gather", to);
    }
}

impl<S: Source, K: Kind, T, A, L> core::fmt::Debug for GatherWith<S, K, T, A, L> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("GatherWith").finish_non_exhaustive()
    }
}
