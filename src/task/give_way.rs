//! The end of a unit of work, in an asynchronous body.

use core::cell::Cell;
use core::future::Future;
use core::pin::{Pin, pin};
use core::task::{Context, Poll};

use defer_core::__private::{Sealed, leaf};
use defer_core::{Chain, Deferred, Draw, Unwind};

std::thread_local! {
    static COOPERATES: Cell<bool> = const { Cell::new(false) };
}

/// A cooperator polls on this thread, for as long as this lives; a panic ends it too.
pub(super) struct Turn {
    before: bool,
}

impl Turn {
    pub(super) fn begin() -> Self {
        Turn {
            before: COOPERATES.replace(true),
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        COOPERATES.set(self.before);
    }
}

/// Let others go on before this: the end of a unit of work.
///
/// In work that a [`Cooperator`](super::Cooperator) does the next task of it has its turn, or
/// the runtime, if the time of the turn is over. Elsewhere it is the runtime's turn, as with
/// `tokio::task::yield_now`. So a long computation is written as what it is, and what a
/// generator yields in Twisted is an `.await` here.
///
/// It cannot fail. Cancelling or dropping the body drops it there, with all that it has.
///
/// ```
/// use defer::prelude::*;
/// use defer::task::{cooperate, give_way};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let work = async {
///     let mut text = String::new();
///     for letter in ["a", "b", "c"] {
///         text += letter;
///         give_way().await;
///     }
///     Ok::<_, Failure>(text)
/// };
/// assert_eq!(cooperate(work.defer()).when_done().await.unwrap(), "abc");
/// # }
/// ```
pub fn give_way() -> Deferred<(), GiveWay> {
    Deferred::from_chain(GiveWay { gave: false })
}

/// A chain that is pending once: made by [`give_way`](give_way()).
#[derive(Debug)]
#[must_use = "a chain does nothing until it is polled"]
pub struct GiveWay {
    gave: bool,
}

impl Future for GiveWay {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.gave {
            return Poll::Ready(());
        }
        self.gave = true;
        if COOPERATES.get() {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        pin!(tokio::task::yield_now()).poll(cx)
    }
}

impl Sealed for GiveWay {}

impl Chain for GiveWay {
    fn cancel(self: Pin<&mut Self>) -> Unwind<()> {
        if self.gave { Unwind::Out } else { Unwind::Idle }
    }
    fn describe(&self, to: &mut dyn Draw) {
        leaf(to, "give_way");
    }
}
