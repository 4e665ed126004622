//! Errors with and without `From<Cancelled>`, and a log of the thread that tests tell what
//! happens.
#![allow(dead_code, reason = "no test uses all of it")]

use std::cell::RefCell;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use defer::Cancelled;

/// An error that does not know of cancellations.
#[derive(Debug, PartialEq)]
pub(crate) struct Typed;

#[derive(Debug, PartialEq)]
pub(crate) enum App {
    Cancelled,
    Other,
}
impl From<Cancelled> for App {
    fn from(_: Cancelled) -> Self {
        App::Cancelled
    }
}
impl From<Typed> for App {
    fn from(_: Typed) -> Self {
        App::Other
    }
}

thread_local!(static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) });

pub(crate) fn say(what: &str) {
    LOG.with_borrow_mut(|log| log.push(what.to_string()));
}
pub(crate) fn said() -> Vec<String> {
    LOG.take()
}

/// Says when it is dropped.
pub(crate) struct Guard(pub(crate) &'static str);
impl Drop for Guard {
    fn drop(&mut self) {
        say(self.0);
    }
}

/// Poll once.
pub(crate) fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}
