//! The part of a node that its box sees: the chain, or what it has yielded.

use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::{Boxes, Tail};
use crate::call::finished;
use crate::chain::{Chain, Unwind};
use crate::plan::{Draw, Site, leaf};

/// How a cancellation that leaves a chain becomes its outcome: the function whose call
/// would have taken it in, had the box not become what that call waits for.
pub(crate) struct Adoption<O> {
    site: &'static Site,
    by: fn(&'static Site) -> Option<O>,
}

impl<O> Clone for Adoption<O> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<O> Copy for Adoption<O> {}

impl<O> Adoption<O> {
    pub(crate) fn new(site: &'static Site, by: fn(&'static Site) -> Option<O>) -> Self {
        Adoption { site, by }
    }

    fn adopt(&self) -> Option<O> {
        (self.by)(self.site)
    }

    /// The one of two that takes cancellations in; all calls of a tail have one error type,
    /// so that it does not matter which.
    pub(super) fn merge(inner: Option<Self>, outer: Option<Self>) -> Option<Self> {
        match (inner, outer) {
            (Some(inner), Some(outer)) => {
                let inner_does = core::ptr::eq(inner.site, outer.site) || inner.adopt().is_some();
                Some(if inner_does { inner } else { outer })
            }
            (inner, outer) => inner.or(outer),
        }
    }
}

pin_project! {
    /// The chain, or its outcome on the way to whoever polls the box.
    pub(super) struct Content<F: Chain> {
        #[pin]
        state: State<F, F::Output>,
        adoption: Option<Adoption<F::Output>>,
    }
}

pin_project! {
    #[project = StateProj]
    #[project_replace = StateOwn]
    enum State<F, O> {
        Chain { #[pin] chain: F },
        // `None`: it was cancelled and has no outcome.
        Stored { outcome: Option<O> },
        Gone,
    }
}

impl<F: Chain> Content<F> {
    pub(super) fn new(chain: F) -> Self {
        Content {
            state: State::Chain { chain },
            adoption: None,
        }
    }
}

/// A [`Content`] of whatever chain.
pub(super) trait Inside {
    type Output;
    /// `settles`: by `poll_settle` instead of `poll`.
    fn poll(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        settles: bool,
    ) -> Poll<Option<Self::Output>>;
    fn cancel(self: Pin<&mut Self>) -> Unwind<Self::Output>;
    fn describe(&self, to: &mut dyn Draw);
    /// What is told of its lifetime is less than what is so: it is the chain's.
    fn tail<'s>(self: Pin<&'s mut Self>) -> Option<Tail<'s, Self::Output>>;
    fn boxes(self: Pin<&mut Self>, to: &mut Boxes);
    /// Put the outcome where the chain was.
    fn store(self: Pin<&mut Self>, outcome: Option<Self::Output>);
    /// What was stored.
    fn take(self: Pin<&mut Self>) -> Option<Self::Output>;
    /// Drop whatever is there.
    fn clear(self: Pin<&mut Self>);
    fn adoption(self: Pin<&mut Self>) -> &mut Option<Adoption<Self::Output>>;
}

impl<F: Chain> Inside for Content<F> {
    type Output = F::Output;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>, settles: bool) -> Poll<Option<F::Output>> {
        let this = self.project();
        let StateProj::Chain { chain } = this.state.project() else {
            finished()
        };
        if !settles {
            return chain.poll(cx).map(Some);
        }
        let adopt = || this.adoption.and_then(|adoption| adoption.adopt());
        chain.poll_settle(cx).map(|settled| settled.or_else(adopt))
    }
    fn cancel(self: Pin<&mut Self>) -> Unwind<F::Output> {
        let this = self.project();
        let StateProj::Chain { chain } = this.state.project() else {
            return Unwind::Idle;
        };
        match chain.cancel() {
            Unwind::Out => match this.adoption.and_then(|adoption| adoption.adopt()) {
                Some(out) => Unwind::Is(out),
                None => Unwind::Out,
            },
            unwind => unwind,
        }
    }
    fn describe(&self, to: &mut dyn Draw) {
        match &self.state {
            State::Chain { chain } => chain.describe(to),
            State::Stored { .. } => leaf(to, "value"),
            State::Gone => {}
        }
    }
    fn tail<'s>(self: Pin<&'s mut Self>) -> Option<Tail<'s, F::Output>> {
        match self.project().state.project() {
            StateProj::Chain { chain } => chain.tail(),
            _ => None,
        }
    }
    fn boxes(self: Pin<&mut Self>, to: &mut Boxes) {
        if let StateProj::Chain { chain } = self.project().state.project() {
            chain.boxes(to);
        }
    }
    fn store(self: Pin<&mut Self>, outcome: Option<F::Output>) {
        self.project().state.set(State::Stored { outcome });
    }
    fn take(self: Pin<&mut Self>) -> Option<F::Output> {
        match self.project().state.project_replace(State::Gone) {
            StateOwn::Stored { outcome } => outcome,
            _ => finished(),
        }
    }
    fn clear(self: Pin<&mut Self>) {
        self.project().state.set(State::Gone);
    }
    fn adoption(self: Pin<&mut Self>) -> &mut Option<Adoption<F::Output>> {
        self.project().adoption
    }
}
