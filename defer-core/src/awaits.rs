//! An asynchronous body, and what it waits for: a cancellation comes out of its `.await`.
//!
//! A body is one opaque future, so a cancellation cannot be handed to the deferred that it
//! waits for now. It is asked for instead: the body is polled once while a thread-local word
//! says so (`raised`), and the `.await`s of the body, which the attributes write as
//! [`Awaited`], look at that word. An `.await` of anything but a deferred does not; a body
//! that waits there is dropped. Without `std` there is no such word, and every body is.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::chain::{Chain, Unwind, opaque_debug, sealed};
use crate::plan::{Draw, leaf_of};
use crate::returns::IsDeferred;

pin_project! {
    /// The chain of an asynchronous body.
    #[must_use = "a chain does nothing until it is polled"]
    pub struct Asynchronous<F> {
        #[pin]
        body: F,
    }
}
opaque_debug!(Asynchronous<F>);

/// An asynchronous body as what a call waits for.
#[inline]
pub const fn asynchronous<F>(body: F) -> Asynchronous<F> {
    Asynchronous { body }
}

// As if it were in a deferred: one type less for each body.
impl<F: Future> IsDeferred for Asynchronous<F> {
    type Chain = Self;
    #[inline]
    fn into_chain(self) -> Self {
        self
    }
}

impl<F: Future> Future for Asynchronous<F> {
    type Output = F::Output;
    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().body.poll(cx)
    }
}

impl<F> sealed::Sealed for Asynchronous<F> {}

impl<F: Future> Chain for Asynchronous<F> {
    #[cfg(not(feature = "std"))]
    fn cancel(self: Pin<&mut Self>) -> Unwind<F::Output> {
        Unwind::Out
    }
    #[cfg(feature = "std")]
    #[cold]
    fn cancel(self: Pin<&mut Self>) -> Unwind<F::Output> {
        let body = self.project().body;
        // Whoever cancels polls again, with its own waker.
        let mut cx = Context::from_waker(core::task::Waker::noop());
        match raised::heard(true, || body.poll(&mut cx)) {
            (Poll::Ready(out), _) => Unwind::Is(out),
            // What was cancelled cleans up, or the body went on and waits for something else.
            (Poll::Pending, heard) if heard.stays || (heard.taken && !heard.out) => Unwind::Stays,
            (Poll::Pending, _) => Unwind::Out,
        }
    }
    #[cfg(feature = "std")]
    #[cold]
    fn poll_settle(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<F::Output>> {
        let body = self.project().body;
        match raised::heard(false, || body.poll(cx)) {
            (Poll::Pending, heard) if heard.out && !heard.stays => Poll::Ready(None),
            (polled, _) => polled.map(Some),
        }
    }
    fn describe(&self, to: &mut dyn Draw) {
        leaf_of::<Self::Output>(to, "future");
    }
}

/// What a body and its `.await`s tell one another while it is polled.
#[cfg(feature = "std")]
mod raised {
    use core::cell::Cell;

    #[derive(Clone, Copy)]
    pub(super) struct Word {
        /// A cancellation is raised.
        pub(super) asked: bool,
        /// An `.await` has dealt with it: those that begin now are not meant.
        pub(super) taken: bool,
        /// An `.await` goes on waiting.
        pub(super) stays: bool,
        /// An `.await` was left, and its error cannot say so: the body is to be left.
        pub(super) out: bool,
    }

    const SILENT: Word = Word {
        asked: false,
        taken: false,
        stays: false,
        out: false,
    };

    std::thread_local!(static WORD: Cell<Word> = const { Cell::new(SILENT) });

    /// What the `.await`s said while `poll` ran.
    pub(super) fn heard<R>(asked: bool, poll: impl FnOnce() -> R) -> (R, Word) {
        /// Puts the word of the body around this one back, after a panic too.
        struct Before(Word);
        impl Drop for Before {
            fn drop(&mut self) {
                WORD.set(self.0);
            }
        }
        let _before = Before(WORD.replace(Word { asked, ..SILENT }));
        let polled = poll();
        (polled, WORD.get())
    }

    // Not inline: a thread-local of another crate costs more where it is used than a call.
    #[inline(never)]
    pub(super) fn asked() -> bool {
        WORD.get().asked
    }

    pub(super) fn word() -> Word {
        WORD.get()
    }

    pub(super) fn say(change: impl FnOnce(&mut Word)) {
        let mut word = WORD.get();
        change(&mut word);
        WORD.set(word);
    }
}

#[cfg(feature = "std")]
mod awaited {
    use core::marker::PhantomData;

    use super::*;
    use crate::{Cancelled, Deferred};

    /// Whether an `.await` that is cancelled has an error to come out with.
    pub trait Cancels<O> {
        /// The cancellation as an outcome.
        fn outcome() -> Option<O>;
    }

    /// No, as far as the types tell.
    #[derive(Debug)]
    pub enum Passes {}

    impl<O> Cancels<O> for Passes {
        fn outcome() -> Option<O> {
            None
        }
    }

    /// Yes, an error with `From<Cancelled>`.
    #[derive(Debug)]
    pub enum Takes {}

    impl<T, E: From<Cancelled>> Cancels<Result<T, E>> for Takes {
        fn outcome() -> Option<Result<T, E>> {
            Some(Err(Cancelled.into()))
        }
    }

    pin_project! {
        /// A deferred that an asynchronous body waits for.
        #[must_use = "a deferred does nothing until it is awaited"]
        pub struct Awaited<F, A> {
            #[pin]
            chain: F,
            stage: Stage,
            adopts: PhantomData<fn() -> A>,
        }
    }
    opaque_debug!(Awaited<F, A>);

    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    enum Stage {
        New,
        Runs,
        Settles,
        /// The cancellation has left it: it has no outcome, and the body is to be dropped.
        Left,
    }

    impl<O, F: Chain<Output = O>> Deferred<O, F> {
        /// What the attributes write before `.await`.
        #[doc(hidden)]
        #[inline]
        pub fn __defer_wait(self) -> Awaited<F, Passes> {
            Awaited {
                chain: self.into_chain(),
                stage: Stage::New,
                adopts: PhantomData,
            }
        }
    }

    impl<T, E: From<Cancelled>, F: Chain<Output = Result<T, E>>> Awaited<F, Passes> {
        /// What the attributes write after it: found only where the error can say so.
        #[doc(hidden)]
        #[inline]
        pub fn __defer_adopt(self) -> Awaited<F, Takes> {
            Awaited {
                chain: self.chain,
                stage: self.stage,
                adopts: PhantomData,
            }
        }
    }

    impl<F: Chain, A: Cancels<F::Output>> Future for Awaited<F, A> {
        type Output = F::Output;
        #[inline]
        fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
            if self.stage >= Stage::Settles || raised::asked() {
                if let Some(polled) = self.as_mut().unwind(cx) {
                    return polled;
                }
            }
            let this = self.project();
            *this.stage = Stage::Runs;
            this.chain.poll(cx)
        }
    }

    impl<F: Chain, A: Cancels<F::Output>> Awaited<F, A> {
        /// A poll while a cancellation is raised, or afterwards. `None`: as if there were none.
        #[cold]
        #[inline(never)]
        fn unwind(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Option<Poll<F::Output>> {
            let this = self.project();
            let word = raised::word();
            match *this.stage {
                // Clean-up that begins after the `.await` which was cancelled.
                Stage::New if word.taken => return None,
                // What has not begun does not begin.
                Stage::New | Stage::Left => {}
                Stage::Runs | Stage::Settles if word.asked => match this.chain.cancel() {
                    Unwind::Idle => {
                        // Its outcome is there, and the body goes on to what it waits for
                        // next; or it is held back, and so is the body.
                        raised::say(|word| word.stays = true);
                        return (*this.stage == Stage::Settles).then_some(Poll::Pending);
                    }
                    Unwind::Is(out) => {
                        raised::say(|word| word.taken = true);
                        return Some(Poll::Ready(out));
                    }
                    Unwind::Stays => {
                        *this.stage = Stage::Settles;
                        raised::say(|word| (word.taken, word.stays) = (true, true));
                        return Some(Poll::Pending);
                    }
                    Unwind::Out => {}
                },
                Stage::Runs => return None,
                Stage::Settles => match this.chain.poll_settle(cx) {
                    Poll::Pending => {
                        raised::say(|word| word.stays = true);
                        return Some(Poll::Pending);
                    }
                    Poll::Ready(Some(out)) => return Some(Poll::Ready(out)),
                    Poll::Ready(None) => {}
                },
            }
            if let Some(out) = A::outcome() {
                raised::say(|word| word.taken = true);
                return Some(Poll::Ready(out));
            }
            *this.stage = Stage::Left;
            raised::say(|word| (word.taken, word.out) = (true, true));
            Some(Poll::Pending)
        }
    }
}
#[cfg(feature = "std")]
pub use awaited::{Awaited, Cancels, Passes, Takes};

/// What the attributes write before every `.await`: on anything but a deferred it is that
/// thing again.
pub trait AwaitExt: Sized {
    /// Itself.
    #[inline]
    #[must_use]
    fn __defer_wait(self) -> Self {
        self
    }
    /// Itself.
    #[inline]
    #[must_use]
    fn __defer_adopt(self) -> Self {
        self
    }
}

impl<T> AwaitExt for T {}
