//! Leaves whose life is recorded, and polling by hand.
#![allow(dead_code, reason = "no test uses all of it")]

use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use defer::prelude::*;
use defer::{Chain, Wrapped};

/// What happened, in order. A clone is the same log.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn add(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// Without the ends of leaves, whose moment within a poll is open.
    pub(crate) fn without_drops(&self) -> Vec<String> {
        let mut all = self.all();
        all.retain(|what| !what.starts_with("drop"));
        all
    }
}

/// How often a leaf was polled, and whether it is gone. A clone sees the same leaf.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen(Arc<(AtomicUsize, AtomicBool)>);

impl Seen {
    pub(crate) fn polls(&self) -> usize {
        self.0.0.load(SeqCst)
    }

    pub(crate) fn dropped(&self) -> bool {
        self.0.1.load(SeqCst)
    }
}

/// A future that is pending for a number of polls and wakes itself each time.
#[derive(Debug)]
pub(crate) struct Leaf<T> {
    pending: usize,
    outcome: Option<T>,
    seen: Seen,
    name: &'static str,
    log: Log,
}

impl<T> Unpin for Leaf<T> {}

impl<T> Future for Leaf<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        self.seen.0.0.fetch_add(1, SeqCst);
        self.log.add(format!("poll {}", self.name));
        if self.pending == 0 {
            return Poll::Ready(
                self.outcome
                    .take()
                    .expect("the leaf was polled once too often"),
            );
        }
        self.pending -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<T> Drop for Leaf<T> {
    fn drop(&mut self) {
        self.seen.0.1.store(true, SeqCst);
        self.log.add(format!("drop {}", self.name));
    }
}

/// The deferred of a leaf.
pub(crate) type Watched<T> = Deferred<T, Wrapped<Leaf<T>>>;

/// A leaf that yields `outcome` after it was pending for `pending` polls.
pub(crate) fn leaf<T>(pending: usize, outcome: T) -> (Watched<T>, Seen) {
    let seen = Seen::default();
    let (name, log) = ("", Log::default());
    (
        defer(Leaf {
            pending,
            outcome: Some(outcome),
            seen: seen.clone(),
            name,
            log,
        }),
        seen,
    )
}

/// A leaf that is never done.
pub(crate) fn never<T>() -> (Watched<T>, Seen) {
    let seen = Seen::default();
    let (name, log) = ("", Log::default());
    (
        defer(Leaf {
            pending: usize::MAX,
            outcome: None,
            seen: seen.clone(),
            name,
            log,
        }),
        seen,
    )
}

/// A leaf that writes its polls and its end into a log.
pub(crate) fn told<T>(name: &'static str, log: &Log, pending: usize, outcome: T) -> Watched<T> {
    let (seen, log) = (Seen::default(), log.clone());
    defer(Leaf {
        pending,
        outcome: Some(outcome),
        seen,
        name,
        log,
    })
}

/// Sets a flag when it goes.
#[derive(Debug, Default)]
pub(crate) struct Flag(pub(crate) Arc<AtomicBool>);

impl Flag {
    pub(crate) fn new() -> (Self, Arc<AtomicBool>) {
        let flag = Flag::default();
        let seen = flag.0.clone();
        (flag, seen)
    }
}

impl Drop for Flag {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

/// Poll once, with a waker that does nothing.
pub(crate) fn poll_once<O, F: Chain<Output = O>>(deferred: Pin<&mut Deferred<O, F>>) -> Poll<O> {
    deferred.poll(&mut Context::from_waker(Waker::noop()))
}

/// Poll to the end, however long; the number of polls comes along.
pub(crate) fn poll_to_end<O, F: Chain<Output = O>>(deferred: Deferred<O, F>) -> (O, usize) {
    let mut deferred = pin!(deferred);
    for polls in 1.. {
        if let Poll::Ready(out) = poll_once(deferred.as_mut()) {
            return (out, polls);
        }
    }
    unreachable!("a leaf is pending for a limited number of polls")
}

/// A waker that counts.
#[derive(Debug, Default)]
pub(crate) struct Wakes(AtomicUsize);

impl Wakes {
    pub(crate) fn new() -> (Arc<Self>, Waker) {
        let wakes = Arc::new(Wakes::default());
        (wakes.clone(), wakes.into())
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(SeqCst)
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}
