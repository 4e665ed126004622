//! The chain that makes the calls.

use core::fmt;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, ready};
use core::time::Duration;
use std::sync::{Arc, Mutex, PoisonError};

use defer_core::__private::{Sealed, finished, leaf, node};
use defer_core::{Chain, Draw, ErrOf, Kind, Node, OutOf, Unwind};
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};

use super::body::LoopBody;
use super::control::LoopControl;
use super::grid::Grid;

type Place<B> = Arc<Mutex<Option<B>>>;

/// The body, for as long as the loop runs; then it goes back to its place.
pub(super) struct Claim<B> {
    body: Option<B>,
    place: Place<B>,
    control: LoopControl,
}

impl<B> Claim<B> {
    /// `None`: somebody else has it.
    pub(super) fn new(place: &Place<B>, control: &LoopControl) -> Option<Self> {
        let body = lock(place).take()?;
        control.begin();
        Some(Claim {
            body: Some(body),
            place: place.clone(),
            control: control.clone(),
        })
    }
}

/// Nothing panics while the lock is held.
fn lock<B>(place: &Place<B>) -> std::sync::MutexGuard<'_, Option<B>> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<B> Drop for Claim<B> {
    fn drop(&mut self) {
        self.control.end();
        let _none = core::mem::replace(&mut *lock(&self.place), self.body.take());
    }
}

/// What the loop does next, when no call is under way.
enum Next {
    /// Nothing has begun.
    Begin,
    /// Find out when the next call is due.
    Schedule,
    /// The timer tells when.
    Wait,
    /// Call now.
    Call,
}

pin_project! {
    /// A chain that makes calls again and again: made by
    /// [`LoopingCall::start`](super::LoopingCall::start).
    #[must_use = "a chain does nothing until it is polled"]
    pub struct Looping<B, M>
    where
        B: LoopBody<M>,
    {
        // What a call gave, and is waited for.
        #[pin]
        call: Option<B::Chain>,
        #[pin]
        timer: Option<Sleep>,
        // `None` when it has ended.
        claim: Option<Claim<B>>,
        grid: Grid,
        now: bool,
        next: Next,
        cancelled: bool,
        marker: PhantomData<fn() -> M>,
    }
}

impl<B: LoopBody<M>, M> Looping<B, M> {
    pub(super) fn new(claim: Claim<B>, interval: Duration, now: bool) -> Self {
        Looping {
            call: None,
            timer: None,
            claim: Some(claim),
            // It begins anew with the first poll.
            grid: Grid::new(Instant::now(), interval, now),
            now,
            next: Next::Begin,
            cancelled: false,
            marker: PhantomData,
        }
    }

    /// It ends, with what it waits for; the body is free again.
    fn end(self: Pin<&mut Self>) {
        let mut this = self.project();
        this.call.set(None);
        this.timer.set(None);
        *this.claim = None;
    }

    /// Wait for what the last call gave, if it gave anything to wait for.
    fn poll_call(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), ErrOf<B::Kind>>> {
        let mut this = self.as_mut().project();
        let Some(call) = this.call.as_mut().as_pin_mut() else {
            return Poll::Ready(Ok(()));
        };
        let outcome = B::Kind::outcome(ready!(call.poll(cx)));
        this.call.set(None);
        Poll::Ready(outcome.map(drop))
    }

    /// Between two calls, until one is made; `Ready` if the loop was stopped.
    fn poll_pause(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        loop {
            let mut this = self.as_mut().project();
            let Some(claim) = this.claim.as_mut() else {
                finished()
            };
            let asked = claim.control.look(cx);
            if asked.stop {
                return Poll::Ready(true);
            }
            if let (Some(begin), false) = (asked.reset, matches!(this.next, Next::Begin)) {
                this.grid.reset(begin);
                this.timer.set(None);
                *this.next = Next::Schedule;
            }
            match this.next {
                Next::Begin => {
                    this.grid.begin(Instant::now());
                    *this.next = if *this.now {
                        Next::Call
                    } else {
                        Next::Schedule
                    };
                }
                Next::Schedule if this.grid.is_dense() => {
                    *this.next = Next::Call;
                    // Others run first: tokio wakes this task when all of them, and its
                    // sockets and timers, have had their turn.
                    return pin!(tokio::task::yield_now()).poll(cx).map(|()| false);
                }
                Next::Schedule => {
                    let time = this.grid.next(Instant::now());
                    this.timer.set(Some(sleep_until(time)));
                    *this.next = Next::Wait;
                }
                Next::Wait => {
                    if let Some(timer) = this.timer.as_mut().as_pin_mut() {
                        ready!(timer.poll(cx));
                    }
                    this.timer.set(None);
                    *this.next = Next::Call;
                }
                Next::Call => {
                    *this.next = Next::Schedule;
                    let count = this.grid.count(Instant::now());
                    let Claim { body, control, .. } = claim;
                    let Some(body) = body else { finished() };
                    let call = body.call(control, count);
                    this.call.set(Some(call));
                    return Poll::Ready(false);
                }
            }
        }
    }
}

impl<B: LoopBody<M>, M> Future for Looping<B, M> {
    type Output = OutOf<B::Kind, ()>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.claim.is_none() {
            finished()
        }
        let outcome = loop {
            if let Err(error) = ready!(self.as_mut().poll_call(cx)) {
                break Err(error);
            }
            if ready!(self.as_mut().poll_pause(cx)) {
                break Ok(());
            }
        };
        self.end();
        Poll::Ready(B::Kind::out(outcome))
    }
}

impl<B: LoopBody<M>, M> Sealed for Looping<B, M> {}

impl<B: LoopBody<M>, M> Chain for Looping<B, M> {
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
        let mut this = self.as_mut().project();
        if this.claim.is_none() || matches!(this.next, Next::Begin) {
            return Unwind::Idle;
        }
        let unwind = match this.call.as_mut().as_pin_mut() {
            None => Unwind::Out,
            Some(call) => call.cancel(),
        };
        match unwind {
            // What it waited for is there: the loop ends with that instead of going on.
            Unwind::Idle | Unwind::Stays => {
                *this.cancelled = true;
                Unwind::Stays
            }
            Unwind::Out => {
                self.end();
                Unwind::Out
            }
            Unwind::Is(out) => {
                let outcome = B::Kind::outcome(out).map(drop);
                self.end();
                Unwind::Is(B::Kind::out(outcome))
            }
        }
    }
    fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        if !self.cancelled {
            return self.poll(cx).map(Some);
        }
        let Some(call) = self.as_mut().project().call.as_pin_mut() else {
            finished()
        };
        let settled = ready!(call.poll_settle(cx));
        self.end();
        Poll::Ready(settled.map(|out| B::Kind::out(B::Kind::outcome(out).map(drop))))
    }
    fn describe(&self, to: &mut dyn Draw) {
        match &self.call {
            Some(call) => node(to, Node::Named("looping_call"), |to| call.describe(to)),
            None => leaf(to, "looping_call"),
        }
    }
}

impl<B: LoopBody<M>, M> fmt::Debug for Looping<B, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Looping").finish_non_exhaustive()
    }
}
