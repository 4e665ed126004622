//! Bodies of annotated functions that run elsewhere: what `blocking` and `spawn` expand to.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use defer_core::__private::{Sealed, finished, leaf_of};
use defer_core::{Chain, Deferred, Draw, Failure, Panicked, Unwind};

use super::thread::{Blocking, Lost};
use crate::start::{StartExt, Started};

/// The chain of a body on a thread. It fails as the body does; a panic goes on here.
#[must_use = "a chain does nothing until it is polled"]
pub struct OnThread<R> {
    // `None` when the outcome was yielded.
    running: Option<Blocking<R>>,
}

/// A body with its arguments, on a thread from now on.
pub fn blocking<R: Send + 'static>(
    body: impl FnOnce() -> R + Send + 'static,
) -> Deferred<R, OnThread<R>> {
    let running = Some(Blocking::begin(body));
    Deferred::from_chain(OnThread { running })
}

impl<R> Unpin for OnThread<R> {}

impl<R> Future for OnThread<R> {
    type Output = R;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R> {
        let Some(running) = &mut self.running else {
            finished()
        };
        running.poll(cx).map(|ended| {
            self.running = None;
            match ended {
                Ok(returned) => returned,
                Err(Lost::Panicked(panicked)) => panicked.resume(),
                Err(Lost::Never) => gone(),
            }
        })
    }
}

impl<R> Sealed for OnThread<R> {}

impl<R> Chain for OnThread<R> {
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<R> {
        match &self.running {
            Some(running) if !running.has_ended() => {
                self.running = None;
                Unwind::Out
            }
            _ => Unwind::Idle,
        }
    }
    fn describe(&self, to: &mut dyn Draw) {
        leaf_of::<Self::Output>(to, "thread");
    }
}

impl<R> fmt::Debug for OnThread<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnThread").finish_non_exhaustive()
    }
}

/// The chain of a body in a task of its own. It fails as the body does; a panic goes on here.
#[must_use = "what was started is aborted when this is dropped"]
pub struct OnTask<R> {
    started: Started<R>,
}

/// What an asynchronous body gives, in a task of its own from now on.
#[track_caller]
pub fn spawned<R, F>(body: Deferred<R, F>) -> Deferred<R, OnTask<R>>
where
    R: Send + 'static,
    F: Chain<Output = R> + Send + 'static,
{
    let started = StartExt::start(body);
    Deferred::from_chain(OnTask { started })
}

impl<R> OnTask<R> {
    /// A task fails in itself only by a panic, or goes with its runtime.
    fn returned(outcome: Result<R, Failure>) -> R {
        match outcome {
            Ok(returned) => returned,
            Err(failure) => match failure.check::<Panicked>() {
                Some(panicked) => panicked.resume(),
                None => gone(),
            },
        }
    }
}

impl<R> Unpin for OnTask<R> {}

impl<R> Future for OnTask<R> {
    type Output = R;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R> {
        Pin::new(&mut self.started).poll(cx).map(Self::returned)
    }
}

impl<R> Sealed for OnTask<R> {}

impl<R> Chain for OnTask<R> {
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<R> {
        Chain::cancel(Pin::new(&mut self.started)).map(Self::returned)
    }
    fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<R>> {
        let settled = Chain::poll_settle(Pin::new(&mut self.started), cx);
        settled.map(|outcome| outcome.map(Self::returned))
    }
    fn describe(&self, to: &mut dyn Draw) {
        self.started.describe(to);
    }
}

impl<R> fmt::Debug for OnTask<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnTask").finish_non_exhaustive()
    }
}

/// There is no error to say it with, and nothing to return.
#[cold]
fn gone() -> ! {
    panic!("the runtime was shut down before a body that it was given has run")
}
