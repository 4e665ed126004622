//! What the handles and the gets of a priority queue share.

use core::task::{Context, Poll, Waker};
use std::sync::{Mutex, PoisonError};
use std::vec::Vec;

use super::super::queue::{GetError, PutError, QueueClosed, QueueOverflow, QueueUnderflow};
use crate::sync::in_line::InLine;
use crate::sync::ordered::{Key, Ordered};

/// An item that is out of the order: where it stood comes along, for the way back.
type Taken<T, P> = (Key, P, T);

pub(super) struct State<T, P> {
    /// There are none while somebody waits.
    pub(super) items: Ordered<P, T>,
    pub(super) gets: InLine<Taken<T, P>>,
    pub(super) size: Option<usize>,
    pub(super) backlog: Option<usize>,
    pub(super) closed: bool,
}

pub(super) struct Shared<T, P>(Mutex<State<T, P>>);

impl<T, P> Shared<T, P> {
    pub(super) const fn new(size: Option<usize>, backlog: Option<usize>) -> Self {
        Shared(Mutex::new(State {
            items: Ordered::new(),
            gets: InLine::new(),
            size,
            backlog,
            closed: false,
        }))
    }

    /// No waker is called in here, and no item dropped.
    pub(super) fn with<R>(&self, change: impl FnOnce(&mut State<T, P>) -> R) -> R {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<T, P: Ord + Clone> State<T, P> {
    /// An item comes. Who has waited for it is to be woken.
    pub(super) fn put(
        &mut self,
        item: T,
        priority: P,
    ) -> Result<(Key, Option<Waker>), PutError<T>> {
        if self.closed {
            return Err(PutError::Closed(QueueClosed::with(item)));
        }
        let full = self.size.filter(|size| self.items.len() >= *size);
        if let (Some(size), 0) = (full, self.gets.waiting()) {
            return Err(PutError::Overflow(QueueOverflow::new(item, size)));
        }
        let key = self.items.insert(priority, item);
        Ok((key, self.serve()))
    }

    /// Give the first item to whom has waited longest, who is to be woken.
    fn serve(&mut self) -> Option<Waker> {
        if self.gets.waiting() == 0 {
            return None;
        }
        let taken = self.items.pop()?;
        match self.gets.give(taken) {
            Ok(waker) => Some(waker),
            Err((was, priority, item)) => {
                self.items.put_back(was, priority, item);
                None
            }
        }
    }

    /// A get that is polled.
    pub(super) fn poll_get(
        &mut self,
        place: &mut Option<Key>,
        cx: &Context<'_>,
    ) -> (Poll<Result<T, GetError>>, Option<Waker>) {
        if let Some(waits) = *place {
            let (given, old) = self.gets.poll(waits, cx);
            return match given {
                Poll::Ready((_, _, item)) => {
                    *place = None;
                    (Poll::Ready(Ok(item)), old)
                }
                // Who waited when it was closed has no place any more.
                Poll::Pending if self.closed => {
                    *place = None;
                    (Poll::Ready(Err(GetError::Closed(QueueClosed::new()))), old)
                }
                Poll::Pending => (Poll::Pending, old),
            };
        }
        let outcome = if let Some((_, _, item)) = self.items.pop() {
            Poll::Ready(Ok(item))
        } else if self.closed {
            Poll::Ready(Err(GetError::Closed(QueueClosed::new())))
        } else if let Some(backlog) = self
            .backlog
            .filter(|backlog| self.gets.waiting() >= *backlog)
        {
            Poll::Ready(Err(GetError::Underflow(QueueUnderflow::new(backlog))))
        } else {
            *place = Some(self.gets.join(cx));
            Poll::Pending
        };
        (outcome, None)
    }

    /// A get goes. What it was given goes to the next one, or back to where it was.
    pub(super) fn leave(&mut self, place: Key) -> (Option<Waker>, Option<Waker>) {
        let (given, old) = self.gets.leave(place);
        if let Some((was, priority, item)) = given {
            self.items.put_back(was, priority, item);
        }
        (self.serve(), old)
    }
}

impl<T, P> State<T, P> {
    /// Nothing more comes. Those who wait are to be woken.
    pub(super) fn close(&mut self) -> Vec<Waker> {
        self.closed = true;
        self.gets.leave_all()
    }
}
