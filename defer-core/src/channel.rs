//! What a resolver and its deferred share: one outcome, from one side to the other.

#[cfg(not(loom))]
use alloc::sync::Arc;
use core::mem;
use core::task::{Context, Poll, Waker};
#[cfg(loom)]
use loom::sync::Arc;

use crate::lock::{Lock, register, wake};

struct Shared<O> {
    fired: Option<Fired<O>>,
    /// The receiver takes nothing any more.
    closed: bool,
    /// Waits for the sender.
    receiver: Option<Waker>,
    /// Waits for the receiver to go.
    sender: Option<Waker>,
}

/// What came from the sender.
pub(crate) enum Fired<O> {
    /// An outcome.
    Outcome(O),
    /// The receiver is to be cancelled; this is its outcome if its canceller has none.
    Cancel(O),
    /// The sender is gone.
    Gone,
    /// It has been received.
    Taken,
}

/// The side that fires.
pub(crate) struct Sender<O> {
    shared: Option<Arc<Lock<Shared<O>>>>,
}

/// The side that waits.
pub(crate) struct Receiver<O> {
    shared: Option<Arc<Lock<Shared<O>>>>,
}

/// Both sides, in one allocation.
pub(crate) fn channel<O>() -> (Sender<O>, Receiver<O>) {
    let shared = Some(Arc::new(Lock::new(Shared {
        fired: None,
        closed: false,
        receiver: None,
        sender: None,
    })));
    let sender = Sender {
        shared: shared.clone(),
    };
    (sender, Receiver { shared })
}

impl<O> Sender<O> {
    /// Fire. What nobody takes comes back.
    pub(crate) fn send(mut self, fired: Fired<O>) -> Result<(), Fired<O>> {
        match self.shared.take() {
            Some(shared) => fire(&shared, fired),
            None => Err(fired),
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.shared
            .as_ref()
            .is_none_or(|shared| shared.with(|shared| shared.closed))
    }

    /// Wait until the receiver takes nothing any more.
    pub(crate) fn poll_closed(&mut self, cx: &Context<'_>) -> Poll<()> {
        let Some(shared) = &self.shared else {
            return Poll::Ready(());
        };
        let (closed, _old) = shared.with(|shared| {
            let closed = shared.closed;
            let old = if closed {
                None
            } else {
                register(&mut shared.sender, cx)
            };
            (closed, old)
        });
        if closed {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

fn fire<O>(shared: &Lock<Shared<O>>, fired: Fired<O>) -> Result<(), Fired<O>> {
    let waiting = shared.with(|shared| {
        if shared.closed {
            return Err(fired);
        }
        shared.fired = Some(fired);
        Ok(shared.receiver.take())
    })?;
    wake(waiting);
    Ok(())
}

impl<O> Drop for Sender<O> {
    fn drop(&mut self) {
        if let Some(shared) = self.shared.take() {
            // Nobody waits for this either: nothing comes back that matters.
            let _ = fire(&shared, Fired::Gone);
        }
    }
}

impl<O> Receiver<O> {
    /// Wait for the sender. After that it has nothing to do with it any more.
    #[inline]
    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<Fired<O>> {
        let Some(shared) = &self.shared else {
            crate::call::finished()
        };
        let (fired, _old) = shared.with(|shared| match &mut shared.fired {
            Some(fired) => (Some(mem::replace(fired, Fired::Taken)), None),
            None => (None, register(&mut shared.receiver, cx)),
        });
        let Some(fired) = fired else {
            return Poll::Pending;
        };
        self.shared = None;
        Poll::Ready(fired)
    }

    /// Whether it has nothing to wait for.
    pub(crate) fn is_fired(&self) -> bool {
        self.shared
            .as_ref()
            .is_none_or(|shared| shared.with(|shared| shared.fired.is_some()))
    }

    /// Take nothing any more, but for what has come already.
    pub(crate) fn close(&mut self) -> Option<Fired<O>> {
        let shared = self.shared.take()?;
        let (fired, watching, _old) = shared.with(|shared| {
            shared.closed = true;
            (
                shared.fired.take(),
                shared.sender.take(),
                shared.receiver.take(),
            )
        });
        wake(watching);
        fired
    }
}

impl<O> Drop for Receiver<O> {
    fn drop(&mut self) {
        // What has come is dropped here, on the thread of who waited for it.
        let _ = self.close();
    }
}
