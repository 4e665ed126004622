//! The place of one of several arguments.
//!
//! The value is taken out by `unsafe`: what pin-project-lite's `project_replace` makes for it is a
//! fifth of all functions of a program of nested calls, and an `Option` costs a quarter more
//! instructions (`benches/README.md` has the figures).

use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::ptr;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use crate::arg::Arg;
use crate::boxed::Boxes;
use crate::call::finished;
use crate::chain::{Chain, Unwind, opaque_debug};
use crate::kind::{Kind, Lift, OutOf};
use crate::passing::Drawn;
use crate::plan::{Draw, leaf};

pin_project! {
    /// One of several arguments: waiting, or there.
    #[project = SlotProj]
    #[allow(missing_docs, reason = "the macro takes no docs on fields")]
    pub enum Slot<F, K, T> {
        // For the argument.
        Waiting {
            // The argument.
            #[pin] chain: F,
            // How it can fail.
            kind: PhantomData<fn() -> K>,
        },
        // The argument has its value.
        There {
            // The value.
            value: T,
        },
        // The body has the value, or nobody wants it.
        Taken,
        // The argument was cancelled and has no value.
        Gone,
    }
}

impl<F, K, T> Slot<F, K, T> {
    /// For what a chain yields.
    #[inline]
    pub fn of(chain: F) -> Self {
        Slot::Waiting {
            chain,
            kind: PhantomData,
        }
    }

    /// From the argument as it was passed.
    #[inline]
    pub fn new<A, M>(argument: A) -> Self
    where
        A: Arg<T, M, Chain = F>,
        F: Chain,
    {
        Slot::of(argument.into_chain())
    }

    /// Poll, and keep the value in the slot: whether it is still waiting.
    #[inline(always)]
    pub(crate) fn poll_slot<E>(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Result<bool, E>
    where
        K: Lift<E>,
        F: Chain<Output = OutOf<K, T>>,
    {
        F::fill(self, cx).map_err(K::lift)
    }

    /// What [`Chain::fill`] does for a chain that may wait.
    #[inline(always)]
    pub(crate) fn poll_chain(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Result<bool, K::Error>
    where
        K: Kind,
        F: Future<Output = OutOf<K, T>>,
    {
        let SlotProj::Waiting { chain, .. } = self.as_mut().project() else {
            return Ok(false);
        };
        let Poll::Ready(out) = chain.poll(cx) else {
            return Ok(true);
        };
        let value = K::outcome(out)?;
        self.set(Slot::There { value });
        Ok(false)
    }

    /// What [`Chain::take`] does for a chain that may wait.
    #[inline(always)]
    pub(crate) fn take_value(self: Pin<&mut Self>) -> T {
        // SAFETY: nothing that is pinned is moved: only the chain of `Waiting` is, and the slot
        // is left as it is unless it is `There`. No code of others runs between reading the
        // value and writing `Taken` over it, so it is neither dropped twice nor lost.
        unsafe {
            let slot = self.get_unchecked_mut();
            let Slot::There { value } = slot else {
                finished()
            };
            let value = ptr::read(value);
            ptr::write(slot, Slot::Taken);
            value
        }
    }

    /// The chain in the slot, if it is there.
    #[inline(always)]
    pub(crate) fn chain(self: Pin<&mut Self>) -> Option<Pin<&mut F>> {
        match self.project() {
            SlotProj::Waiting { chain, .. } => Some(chain),
            _ => None,
        }
    }

    /// Whether it was waiting, and what became of it. A failure is handed out.
    #[cold]
    #[inline(never)]
    pub(crate) fn cancel<E>(mut self: Pin<&mut Self>) -> Unwind<Option<E>>
    where
        K: Lift<E>,
        F: Chain<Output = OutOf<K, T>>,
    {
        let SlotProj::Waiting { chain, .. } = self.as_mut().project() else {
            return Unwind::Idle;
        };
        match chain.cancel() {
            Unwind::Idle => Unwind::Idle,
            Unwind::Stays => Unwind::Stays,
            Unwind::Is(out) => Unwind::Is(self.keep(Some(out))),
            Unwind::Out => {
                self.set(Slot::Gone);
                Unwind::Out
            }
        }
    }

    /// As [`poll_slot`](Slot::poll_slot) after a cancellation; a failure is handed out.
    #[cold]
    #[inline(never)]
    pub(crate) fn poll_settle<E>(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<E>>
    where
        K: Lift<E>,
        F: Chain<Output = OutOf<K, T>>,
    {
        let SlotProj::Waiting { chain, .. } = self.as_mut().project() else {
            return Poll::Ready(None);
        };
        if !chain.waits() {
            // It stays where it is taken from.
            return Poll::Ready(F::fill(self, cx).err().map(K::lift));
        }
        let settled = ready!(chain.poll_settle(cx));
        Poll::Ready(self.keep(settled))
    }

    /// The slot after its chain has settled. What failed has no value either.
    #[cold]
    #[inline(never)]
    fn keep<E>(mut self: Pin<&mut Self>, settled: Option<OutOf<K, T>>) -> Option<E>
    where
        K: Lift<E>,
    {
        match settled.map(K::outcome) {
            Some(Ok(value)) => self.set(Slot::There { value }),
            None => self.set(Slot::Gone),
            Some(Err(error)) => {
                self.set(Slot::Gone);
                return Some(K::lift(error));
            }
        }
        None
    }

    pub(crate) fn is_gone(&self) -> bool {
        matches!(self, Slot::Gone)
    }

    pub(crate) fn is_waiting(&self) -> bool
    where
        F: Chain,
    {
        matches!(self, Slot::Waiting { chain, .. } if chain.waits())
    }

    pub(crate) fn describe(&self, to: &mut dyn Draw)
    where
        F: Chain,
    {
        match self {
            Slot::Waiting { chain, .. } => chain.describe(to),
            _ => leaf(to, "value"),
        }
    }

    pub(crate) fn boxes(self: Pin<&mut Self>, to: &mut Boxes)
    where
        F: Chain,
    {
        if let SlotProj::Waiting { chain, .. } = self.project() {
            chain.boxes(to);
        }
    }
}

/// What waits in the slot, if it waits.
impl<F: Chain, K, T> Drawn for Slot<F, K, T> {
    fn draw(&self, to: &mut dyn Draw) {
        if let Slot::Waiting { chain, .. } = self {
            if chain.waits() {
                chain.describe(to);
            }
        }
    }
}

opaque_debug!(Slot<F, K, T>);
