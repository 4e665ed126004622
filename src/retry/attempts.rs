//! The chain that makes one attempt after another.

use core::fmt;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use defer_core::__private::{Sealed, finished, node};
use defer_core::attempts::{Attempt, GaveUp, History, Reason};
use defer_core::{Chain, Deferred, Draw, Node, Unwind};
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep};

use super::{Failed, Next, Policy};
use crate::time::remaining;

/// What becomes of the attempts when there is no further one: [`Whole`] or [`Bare`].
///
/// ```
/// use defer::retry::{Bare, GaveUp, Report, Whole};
///
/// let whole: Option<<Whole as Report<String>>::Error> = None::<GaveUp<String>>;
/// let bare: Option<<Bare as Report<String>>::Error> = None::<String>;
/// # assert!(whole.is_none() && bare.is_none());
/// ```
pub trait Report<E>: Sized {
    /// What the call fails with.
    type Error;
    #[doc(hidden)]
    fn gave_up(gave_up: GaveUp<E>, by: Node) -> Self::Error;
    /// A cancellation after attempts that failed; `None`: it leaves the call as it came.
    #[doc(hidden)]
    fn cancelled(attempts: History<E>, by: Node) -> Option<Self::Error>;
}

/// All of them, in a [`GaveUp`]: [`RetryingCall::start`](super::RetryingCall::start).
#[derive(Debug)]
pub enum Whole {}

impl<E> Report<E> for Whole {
    type Error = GaveUp<E>;
    fn gave_up(gave_up: GaveUp<E>, _: Node) -> GaveUp<E> {
        gave_up
    }
    fn cancelled(_: History<E>, _: Node) -> Option<GaveUp<E>> {
        None
    }
}

/// The last error as it is; all of them on its trail, if it is a [`Failure`](crate::Failure):
/// [`RetryingCall::start_bare`](super::RetryingCall::start_bare).
#[derive(Debug)]
pub enum Bare {}

impl<E: 'static> Report<E> for Bare {
    type Error = E;
    fn gave_up(gave_up: GaveUp<E>, by: Node) -> E {
        gave_up.into_told(by)
    }
    fn cancelled(attempts: History<E>, by: Node) -> Option<E> {
        // Without any there is nothing to tell.
        (attempts.count() > 0).then(|| attempts.cancelled(by))?
    }
}

pin_project! {
    #[project = StageProj]
    enum Stage<C> {
        // Before the first poll.
        New,
        // For the next attempt; without a timer, for the next poll.
        Waiting { #[pin] timer: Option<Sleep> },
        // For the outcome of an attempt.
        Trying { #[pin] chain: C, began: Duration },
        // The outcome was yielded, or a cancellation has left.
        Done,
    }
}

/// How far a cancellation has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    No,
    /// It found an attempt that had its outcome, or was on its way: raise it again, if that
    /// waits for something else.
    Again,
    /// It is in the attempt, which settles.
    Raised,
}

pin_project! {
    /// A chain that makes one attempt after another: made by
    /// [`RetryingCall`](super::RetryingCall).
    ///
    /// `F` makes the attempts, whose chains are `C`; `P` is the policy, `E` their error, and
    /// `R` says what comes of it: [`Whole`] or [`Bare`].
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::retry::{Bare, Retry, RetryingCall, Retrying};
    /// use defer::Value;
    ///
    /// type Outcome = Result<u8, Failure>;
    /// type Attempt = Value<Outcome>;
    ///
    /// struct Request {
    ///     answer: Deferred<
    ///         Outcome,
    ///         Retrying<fn() -> Deferred<Outcome, Attempt>, Attempt, Retry<Failure>, Failure, Bare>,
    ///     >,
    /// }
    ///
    /// fn ask() -> Deferred<Outcome, Attempt> { succeed(Ok(42)) }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let call = RetryingCall::new(ask as fn() -> _);
    /// let request = Request { answer: call.start_bare(Retry::default()) };
    /// assert_eq!(request.answer.await.unwrap(), 42);
    /// # }
    /// ```
    #[must_use = "a chain does nothing until it is polled"]
    pub struct Retrying<F, C, P, E, R> {
        #[pin]
        stage: Stage<C>,
        // Both until there is an outcome: what they hold goes then.
        function: Option<F>,
        policy: Option<P>,
        name: &'static str,
        failed: History<E>,
        // At the first poll.
        begin: Option<Instant>,
        asked: Asked,
        report: PhantomData<fn() -> R>,
    }
}

impl<F, C, P, E, R> Retrying<F, C, P, E, R> {
    pub(super) fn new(function: F, policy: P) -> Self
    where
        P: Policy<E>,
    {
        Retrying {
            stage: Stage::New,
            name: policy.name(),
            function: Some(function),
            policy: Some(policy),
            failed: History::default(),
            begin: None,
            asked: Asked::No,
            report: PhantomData,
        }
    }
}

impl<F, C, P, E, R> Retrying<F, C, P, E, R> {
    fn by(&self) -> Node {
        Node::Named(self.name)
    }

    /// There is no further attempt.
    fn stop(self: Pin<&mut Self>) -> History<E> {
        let mut this = self.project();
        this.stage.set(Stage::Done);
        *this.function = None;
        *this.policy = None;
        core::mem::take(this.failed)
    }
}

impl<T, E, F, C, P, R> Retrying<F, C, P, E, R>
where
    F: FnMut() -> Deferred<Result<T, E>, C>,
    C: Chain<Output = Result<T, E>>,
    P: Policy<E>,
    R: Report<E>,
{
    fn elapsed(self: Pin<&mut Self>) -> Duration {
        let now = Instant::now();
        now - *self.project().begin.get_or_insert(now)
    }

    /// Wait, then make an attempt.
    fn wait(self: Pin<&mut Self>, delay: Duration) {
        let timer = (!delay.is_zero()).then(|| sleep(delay));
        self.project().stage.set(Stage::Waiting { timer });
    }

    fn attempt(mut self: Pin<&mut Self>) {
        let began = self.as_mut().elapsed();
        let mut this = self.project();
        // If making it panics, there is none.
        this.stage.set(Stage::Done);
        let Some(function) = this.function else {
            finished()
        };
        let chain = function().into_chain();
        this.stage.set(Stage::Trying { chain, began });
    }

    /// What is yielded, now that an attempt has this outcome; none, if another one follows.
    fn ended(mut self: Pin<&mut Self>, outcome: Result<T, E>) -> Option<Result<T, R::Error>> {
        let ended = self.as_mut().elapsed();
        let by = self.by();
        let mut this = self.as_mut().project();
        let StageProj::Trying { began, .. } = this.stage.as_mut().project() else {
            finished()
        };
        let began = *began;
        // The attempt is dropped here, before anything follows.
        this.stage.set(Stage::Done);
        let error = match outcome {
            Ok(value) => {
                self.stop();
                return Some(Ok(value));
            }
            Err(error) => error,
        };
        let Some(policy) = this.policy else {
            finished()
        };
        let number = this.failed.count() + 1;
        let failed = Failed::new(number, &error, ended);
        let next = match this.asked {
            Asked::No => in_time(policy.next(&failed)),
            Asked::Again | Asked::Raised => Next::GiveUp(Reason::Cancelled),
        };
        let delay = match next {
            Next::After(delay) => Some(delay),
            Next::GiveUp(_) => None,
        };
        policy.decided(&failed, delay);
        let attempt = Attempt::new(number, began, ended, error);
        match next {
            Next::After(delay) => {
                this.failed.push(attempt);
                self.wait(delay);
                None
            }
            Next::GiveUp(reason) => {
                let gave_up = GaveUp::new(self.stop(), attempt, reason);
                Some(Err(R::gave_up(gave_up, by)))
            }
        }
    }

    /// A cancellation leaves, from between two attempts or through one.
    fn left(self: Pin<&mut Self>) -> Option<Result<T, R::Error>> {
        let by = self.by();
        R::cancelled(self.stop(), by).map(Err)
    }

    fn advance(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<T, R::Error>>> {
        loop {
            let this = self.as_mut().project();
            let outcome = match this.stage.project() {
                StageProj::New => {
                    self.as_mut().elapsed();
                    let policy = self.as_mut().project().policy.as_mut();
                    let delay = policy.map_or(Duration::ZERO, Policy::first);
                    self.as_mut().wait(delay);
                    continue;
                }
                StageProj::Waiting { timer } => {
                    if let Some(timer) = timer.as_pin_mut() {
                        ready!(timer.poll(cx));
                    }
                    self.as_mut().attempt();
                    continue;
                }
                StageProj::Trying { mut chain, .. } => match this.asked {
                    Asked::No => Some(ready!(chain.poll(cx))),
                    Asked::Raised => ready!(chain.poll_settle(cx)),
                    Asked::Again => match chain.as_mut().poll(cx) {
                        Poll::Ready(outcome) => Some(outcome),
                        Poll::Pending => match chain.cancel() {
                            Unwind::Idle => return Poll::Pending,
                            Unwind::Stays => {
                                *this.asked = Asked::Raised;
                                continue;
                            }
                            Unwind::Is(outcome) => Some(outcome),
                            Unwind::Out => None,
                        },
                    },
                },
                StageProj::Done => finished(),
            };
            let Some(outcome) = outcome else {
                return Poll::Ready(self.left());
            };
            if let Some(outcome) = self.as_mut().ended(outcome) {
                return Poll::Ready(Some(outcome));
            }
            if let Stage::Waiting { timer: None } = &self.stage {
                // Attempts that fail at once, one after another, would leave the thread to
                // nobody else.
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
    }
}

/// Give up what cannot begin before the deadline of what runs now.
fn in_time(next: Next) -> Next {
    match (next, remaining()) {
        (Next::After(delay), Some(left)) if delay >= left => {
            Next::GiveUp(Reason::NoTimeLeft { left, delay })
        }
        _ => next,
    }
}

impl<T, E, F, C, P, R> Future for Retrying<F, C, P, E, R>
where
    F: FnMut() -> Deferred<Result<T, E>, C>,
    C: Chain<Output = Result<T, E>>,
    P: Policy<E>,
    R: Report<E>,
{
    type Output = Result<T, R::Error>;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Only a cancellation leaves it without an outcome.
        self.advance(cx)
            .map(|outcome| outcome.unwrap_or_else(|| finished()))
    }
}

impl<F, C, P, E, R> Sealed for Retrying<F, C, P, E, R> {}

impl<T, E, F, C, P, R> Chain for Retrying<F, C, P, E, R>
where
    F: FnMut() -> Deferred<Result<T, E>, C>,
    C: Chain<Output = Result<T, E>>,
    P: Policy<E>,
    R: Report<E>,
{
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
        let this = self.as_mut().project();
        let unwind = match this.stage.project() {
            StageProj::New | StageProj::Done => return Unwind::Idle,
            StageProj::Waiting { .. } => Unwind::Out,
            StageProj::Trying { chain, .. } => {
                let unwind = chain.cancel();
                *this.asked = match unwind {
                    Unwind::Idle => Asked::Again,
                    _ => Asked::Raised,
                };
                unwind
            }
        };
        let outcome = match unwind {
            // Nothing has changed in the attempt, but it is the last one.
            Unwind::Idle | Unwind::Stays => return Unwind::Stays,
            Unwind::Is(outcome) => self.ended(outcome),
            Unwind::Out => self.left(),
        };
        outcome.map_or(Unwind::Out, Unwind::Is)
    }
    fn poll_settle(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        self.advance(cx)
    }
    fn describe(&self, to: &mut dyn Draw) {
        node(to, self.by(), |to| {
            if let Stage::Trying { chain, .. } = &self.stage {
                chain.describe(to);
            }
        });
    }
}

impl<F, C, P, E, R> fmt::Debug for Retrying<F, C, P, E, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retrying").finish_non_exhaustive()
    }
}
