//! The chain that cancels what is inside it when its time is over.

use core::any::Any;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use defer_core::__private::{Sealed, finished, node};
use defer_core::{Chain, Draw, Failure, Node, TimedOut, Unwind};
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep, sleep_until};

use super::scope::Scope;

/// When the time is over.
#[derive(Clone, Copy)]
enum Limit {
    /// So long after the first poll.
    After(Duration),
    /// At this moment.
    At(Instant),
    /// At this moment; so much was left at the first poll.
    Counting(Instant, Duration),
}

/// How far a cancellation has come, and whose it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// None was raised.
    Runs,
    /// The time is over, and the chain had its outcome, or was on its way, when it was told.
    Over,
    /// Raised because the time is over; the chain settles.
    TimedOut,
    /// Raised by who waits for the chain; it settles.
    Cancelled,
}

pin_project! {
    /// A chain that is cancelled when its time is over: made by `timeout` and `deadline`.
    #[must_use = "a chain does nothing until it is polled"]
    pub struct Timeout<F> {
        // `None` when the outcome was yielded.
        #[pin]
        chain: Option<F>,
        // From the first poll until the time is over.
        #[pin]
        timer: Option<Sleep>,
        limit: Limit,
        stage: Stage,
    }
}

impl<F> Timeout<F> {
    pub(super) fn after(chain: F, limit: Duration) -> Self {
        Timeout::new(chain, Limit::After(limit))
    }

    pub(super) fn at(chain: F, time: Instant) -> Self {
        Timeout::new(chain, Limit::At(time))
    }

    fn new(chain: F, limit: Limit) -> Self {
        Timeout {
            chain: Some(chain),
            timer: None,
            limit,
            stage: Stage::Runs,
        }
    }

    /// The moment at which the time is over; it is counted from the first time on.
    fn count(self: Pin<&mut Self>) -> Instant {
        let mut this = self.project();
        let timer = match *this.limit {
            Limit::Counting(at, _) => return at,
            Limit::After(limit) => sleep(limit),
            Limit::At(at) => sleep_until(at),
        };
        // Of a limit beyond all times the timer knows what is left.
        let at = timer.deadline();
        let allowed = match *this.limit {
            Limit::After(limit) => limit,
            _ => at.saturating_duration_since(Instant::now()),
        };
        *this.limit = Limit::Counting(at, allowed);
        this.timer.set(Some(timer));
        at
    }

    fn timed_out(&self) -> TimedOut {
        TimedOut::after(match self.limit {
            Limit::After(allowed) | Limit::Counting(_, allowed) => allowed,
            Limit::At(_) => Duration::ZERO,
        })
    }

    /// What comes out, once the chain has ended with `outcome`, or was left.
    fn end<T, E>(mut self: Pin<&mut Self>, outcome: Option<Result<T, E>>) -> Option<Result<T, E>>
    where
        E: From<TimedOut> + 'static,
    {
        let mut this = self.as_mut().project();
        this.chain.set(None);
        this.timer.set(None);
        if *this.stage != Stage::TimedOut {
            return outcome;
        }
        match outcome {
            Some(Ok(value)) => Some(Ok(value)),
            Some(Err(error)) => Some(Err(late(error, self.timed_out()))),
            None => Some(Err(self.timed_out().into())),
        }
    }

    fn advance<T, E>(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<T, E>>>
    where
        F: Chain<Output = Result<T, E>>,
        E: From<TimedOut> + 'static,
    {
        if self.chain.is_none() {
            finished()
        }
        // What cleans up after a cancellation from outside has no limit.
        let limited = self.stage != Stage::Cancelled;
        let _scope = limited.then(|| Scope::within(self.as_mut().count()));
        loop {
            let mut this = self.as_mut().project();
            let Some(mut chain) = this.chain.as_mut().as_pin_mut() else {
                finished()
            };
            let polled = match this.stage {
                Stage::Runs | Stage::Over => chain.as_mut().poll(cx).map(Some),
                Stage::TimedOut | Stage::Cancelled => chain.as_mut().poll_settle(cx),
            };
            if let Poll::Ready(outcome) = polled {
                return Poll::Ready(self.end(outcome));
            }
            match this.stage {
                Stage::Runs => {
                    if poll_timer(this.timer.as_mut().as_pin_mut(), cx).is_pending() {
                        return Poll::Pending;
                    }
                    this.timer.set(None);
                }
                Stage::Over => {}
                Stage::TimedOut | Stage::Cancelled => return Poll::Pending,
            }
            let before = core::mem::replace(this.stage, Stage::TimedOut);
            match chain.as_mut().cancel() {
                Unwind::Stays => {}
                Unwind::Is(outcome) => return Poll::Ready(self.end(Some(outcome))),
                Unwind::Out => return Poll::Ready(self.end(None)),
                Unwind::Idle => {
                    // What it waited for has arrived since it was polled. If it waits for
                    // something else then, that is cancelled.
                    *this.stage = Stage::Over;
                    if before != Stage::Over {
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                    // It is there and held back, maybe for long: whatever moves wakes it, if it
                    // was polled since it was told.
                    return match chain.poll(cx) {
                        Poll::Ready(outcome) => Poll::Ready(self.end(Some(outcome))),
                        Poll::Pending => Poll::Pending,
                    };
                }
            }
        }
    }
}

/// The chain may have used up what tokio lets a task do in one poll; the timer is polled all
/// the same, or a chain that is always busy would never be stopped.
fn poll_timer(timer: Option<Pin<&mut Sleep>>, cx: &mut Context<'_>) -> Poll<()> {
    match timer {
        Some(timer) => Pin::new(&mut tokio::task::unconstrained(timer)).poll(cx),
        None => Poll::Pending,
    }
}

/// The failure of what was too late: a [`Failure`] that says it was cancelled says why, and
/// keeps its trail. Any other error stays.
fn late<E: 'static>(mut error: E, why: TimedOut) -> E {
    if let Some(failure) = (&mut error as &mut dyn Any).downcast_mut::<Failure>() {
        if failure.is_cancelled() {
            *failure = failure.clone().with_error(why);
        }
    }
    error
}

impl<T, E, F> Future for Timeout<F>
where
    E: From<TimedOut> + 'static,
    F: Chain<Output = Result<T, E>>,
{
    type Output = Result<T, E>;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Only a cancellation from outside leaves it without an outcome.
        self.advance(cx)
            .map(|outcome| outcome.unwrap_or_else(|| finished()))
    }
}

impl<F> Sealed for Timeout<F> {}

impl<T, E, F> Chain for Timeout<F>
where
    E: From<TimedOut> + 'static,
    F: Chain<Output = Result<T, E>>,
{
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
        // Errbacks may run at once. They have no limit, unless its end is why they run.
        let _scope = match self.limit {
            Limit::Counting(at, _) if self.stage == Stage::TimedOut => Some(Scope::within(at)),
            _ => None,
        };
        let mut this = self.as_mut().project();
        let Some(chain) = this.chain.as_mut().as_pin_mut() else {
            return Unwind::Idle;
        };
        match chain.cancel() {
            Unwind::Idle => Unwind::Idle,
            Unwind::Stays => {
                if *this.stage != Stage::TimedOut {
                    *this.stage = Stage::Cancelled;
                    this.timer.set(None);
                }
                Unwind::Stays
            }
            Unwind::Is(outcome) => self.end(Some(outcome)).map_or(Unwind::Out, Unwind::Is),
            Unwind::Out => self.end(None).map_or(Unwind::Out, Unwind::Is),
        }
    }
    fn poll_settle(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        self.advance(cx)
    }
    fn describe(&self, to: &mut dyn Draw) {
        if let Some(chain) = &self.chain {
            let limited = match self.limit {
                Limit::After(limit) | Limit::Counting(_, limit) => Node::Limited {
                    name: "timeout",
                    limit: Some(limit),
                },
                Limit::At(_) => Node::Limited {
                    name: "deadline",
                    limit: None,
                },
            };
            node(to, limited, |to| chain.describe(to));
        }
    }
}

impl<F> fmt::Debug for Timeout<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timeout").finish_non_exhaustive()
    }
}
