//! Waiting for a key.

use core::fmt;
use core::future::Future;
use core::hash::Hash;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::Arc;

use defer_core::__private::{Sealed, finished, leaf_of};
use defer_core::{Chain, Draw, Failure, Unwind};

use super::error::DictClosed;
use super::state::{Looked, Shared, Waits};

/// The chain of [`DeferredDict::get`](super::DeferredDict::get).
#[must_use = "a chain does nothing until it is polled"]
pub struct LookUp<K: Eq + Hash, V> {
    /// `None` when the outcome was yielded.
    dict: Option<Arc<Shared<K, V>>>,
    key: K,
    /// `None` before the first poll.
    waits: Option<Waits<V>>,
}

impl<K: Eq + Hash, V> LookUp<K, V> {
    pub(super) fn new(dict: Arc<Shared<K, V>>, key: K) -> Self {
        LookUp {
            dict: Some(dict),
            key,
            waits: None,
        }
    }

    fn leave(&mut self) {
        if let (Some(dict), Some(waits)) = (self.dict.take(), self.waits.take()) {
            let _gone = dict.with(|state| state.leave(&self.key, &waits));
        }
    }
}

impl<K: Eq + Hash + Clone, V: Clone> Future for LookUp<K, V> {
    type Output = Result<V, Failure>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let Some(dict) = &this.dict else { finished() };
        let outcome = if let Some(waits) = &this.waits {
            if let Ok(_old) = dict.with(|state| state.wait(&this.key, waits, cx)) {
                return Poll::Pending;
            }
            waits.answer.get().ok_or(DictClosed)
        } else {
            match dict.with(|state| state.look_up(&this.key, cx)) {
                Looked::Found(value) => Ok(value),
                Looked::Closed => Err(DictClosed),
                Looked::Waits(waits) => {
                    this.waits = Some(waits);
                    return Poll::Pending;
                }
            }
        };
        this.dict = None;
        this.waits = None;
        Poll::Ready(outcome.map_err(Failure::from))
    }
}

// The key is never pinned.
impl<K: Eq + Hash, V> Unpin for LookUp<K, V> {}
impl<K: Eq + Hash, V> Sealed for LookUp<K, V> {}

impl<K: Eq + Hash + Clone, V: Clone> Chain for LookUp<K, V> {
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
        let (Some(dict), Some(waits)) = (&self.dict, &self.waits) else {
            return Unwind::Idle;
        };
        // What was inserted before stands, and so does the closing.
        if !dict.with(|state| state.waits(&self.key, waits)) {
            return Unwind::Idle;
        }
        self.leave();
        Unwind::Out
    }
    fn describe(&self, to: &mut dyn Draw) {
        leaf_of::<Self::Output>(to, "look up");
    }
}

impl<K: Eq + Hash, V> Drop for LookUp<K, V> {
    fn drop(&mut self) {
        self.leave();
    }
}

impl<K: Eq + Hash, V> fmt::Debug for LookUp<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LookUp")
            .field("waits", &self.waits.is_some())
            .finish_non_exhaustive()
    }
}
