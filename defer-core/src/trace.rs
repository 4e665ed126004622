//! Where somebody may look on while annotated calls run.
//!
//! Each poll of a call asks one flag, `on`. Unless a [`Tracer`] was set and told to look on,
//! that is all that happens. A call that is looked at has a number, which it carries: it is in
//! a `Mark`, so that nobody has to look it up.

use core::sync::atomic::{AtomicBool, Ordering};
use core::task::Poll;
use std::sync::OnceLock;

use crate::chain::Unwind;
use crate::kind::Kind;
use crate::mark::Mark;
use crate::plan::Site;

static ON: AtomicBool = AtomicBool::new(false);
static TRACER: OnceLock<&'static dyn Tracer> = OnceLock::new();

/// Who looks on. Its functions are called where the calls run, on any thread. They must not run
/// calls of their own.
pub trait Tracer: Sync {
    /// A call is polled for the first time: a number for it, which is not 0.
    fn number(&self) -> u32;
    /// A poll of a call begins.
    fn enter(&self, site: &'static Site, call: u32, first: bool);
    /// The arguments of a call are there, and its body begins.
    fn run(&self, call: u32);
    /// The poll of a call that began last on this thread has ended.
    fn leave(&self, call: u32, left: Left);
    /// A cancellation has ended a call which was not polled for it.
    fn unwound(&self, site: &'static Site, call: u32, left: Left);
}

/// How a poll of a call has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Left {
    /// It waits.
    Pending,
    /// It has its value.
    Succeeded,
    /// It has failed, or an argument of it has.
    Failed,
    /// A cancellation has left it.
    Cancelled,
    /// It has panicked.
    Panicked,
}

impl Left {
    /// Of a poll.
    pub(crate) fn of<K: Kind, T>(polled: &Poll<K::Out<T>>) -> Self {
        match polled {
            Poll::Pending => Left::Pending,
            Poll::Ready(out) if K::failed(out) => Left::Failed,
            Poll::Ready(_) => Left::Succeeded,
        }
    }

    /// Of a poll after a cancellation.
    pub(crate) fn settled<K: Kind, T>(settled: &Poll<Option<K::Out<T>>>) -> Self {
        match settled {
            Poll::Pending => Left::Pending,
            Poll::Ready(None) => Left::Cancelled,
            Poll::Ready(Some(out)) if K::failed(out) => Left::Failed,
            Poll::Ready(Some(_)) => Left::Succeeded,
        }
    }
}

/// Let this one look on, now or later. There is one for the whole of the process.
///
/// # Errors
///
/// If there is another one.
pub fn set(tracer: &'static dyn Tracer) -> Result<(), &'static dyn Tracer> {
    TRACER.set(tracer)
}

/// Whether it looks on.
pub fn look(whether: bool) {
    ON.store(whether && TRACER.get().is_some(), Ordering::Relaxed);
}

/// Whether somebody looks on.
#[inline(always)]
pub(crate) fn on() -> bool {
    ON.load(Ordering::Relaxed)
}

impl Mark {
    /// Whether somebody looks at this call, or did.
    pub(crate) const fn is_looked_at(self) -> bool {
        self.0 != 0
    }

    /// A poll begins.
    #[cold]
    pub(crate) fn enter(&mut self, site: &'static Site) -> Entered {
        if let Some(tracer) = TRACER.get() {
            let first = self.0 == 0;
            if first {
                self.0 = tracer.number();
            }
            tracer.enter(site, self.0, first);
        }
        Entered {
            call: self.0,
            left: Left::Panicked,
        }
    }

    /// A cancellation was raised in the call.
    pub(crate) fn unwound<K: Kind, T>(self, site: &'static Site, unwind: &Unwind<K::Out<T>>) {
        let left = match unwind {
            Unwind::Idle | Unwind::Stays => return,
            Unwind::Out => Left::Cancelled,
            Unwind::Is(out) if K::failed(out) => Left::Failed,
            Unwind::Is(_) => Left::Succeeded,
        };
        if let Some(tracer) = TRACER.get().filter(|_| self.0 != 0) {
            tracer.unwound(site, self.0, left);
        }
    }

    /// The arguments are there.
    #[inline]
    pub(crate) fn run(self) {
        if self.0 != 0 {
            ran(self.0);
        }
    }
}

#[cold]
fn ran(call: u32) {
    if let Some(tracer) = TRACER.get() {
        tracer.run(call);
    }
}

/// While a call is polled.
#[must_use = "the poll ends when this is dropped"]
pub(crate) struct Entered {
    call: u32,
    left: Left,
}

impl Entered {
    /// The poll has ended so.
    pub(crate) fn leave(mut self, left: Left) {
        self.left = left;
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        if let Some(tracer) = TRACER.get().filter(|_| self.call != 0) {
            tracer.leave(self.call, self.left);
        }
    }
}
