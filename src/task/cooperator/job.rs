//! A piece of work, whatever its types are.

use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::Arc;

use defer_core::__private::{Course, caught, finished};
use defer_core::Chain;
use pin_project_lite::pin_project;
use tokio::time::Instant;

use super::done::Done;
use crate::task::TaskFinished;
use crate::time::scope::Scope;

/// A piece of work, whatever its types are.
pub(super) trait Job: Send {
    /// Do a unit of it; if `asked`, cancel it before. Afterwards it is only to be finished.
    fn advance(self: Pin<&mut Self>, asked: bool, cx: &mut Context<'_>) -> Poll<Ended>;
    /// Drop what is left of it, and tell who waits.
    fn finish(self: Pin<&mut Self>, how: How);
}

/// How the work itself came to its end.
#[derive(Clone, Copy)]
pub(super) enum Ended {
    Done,
    Failed,
    /// A cancellation has left it.
    Left,
}

/// How its task came to its end.
#[derive(Clone, Copy)]
pub(super) struct How {
    pub(super) finished: TaskFinished,
    /// Who waits has cancelled it, and is to see what came of that.
    pub(super) cancelled: bool,
}

pin_project! {
    pub(super) struct Typed<F, T, E> {
        // `None` when it has ended.
        #[pin]
        chain: Option<F>,
        course: Course,
        // Of what it was begun in.
        deadline: Option<Instant>,
        outcome: Option<Result<T, E>>,
        done: Arc<Done<T, E>>,
    }
}

impl<F, T, E> Typed<F, T, E> {
    pub(super) fn new(chain: F, deadline: Option<Instant>, done: Arc<Done<T, E>>) -> Self {
        Typed {
            chain: Some(chain),
            course: Course::default(),
            deadline,
            outcome: None,
            done,
        }
    }
}

impl<F, T, E> Job for Typed<F, T, E>
where
    F: Chain<Output = Result<T, E>> + Send,
    T: Send,
    E: Send + 'static,
{
    fn advance(self: Pin<&mut Self>, asked: bool, cx: &mut Context<'_>) -> Poll<Ended> {
        let mut this = self.project();
        let _scope = Scope::of(*this.deadline);
        let Some(chain) = this.chain.as_mut().as_pin_mut() else {
            finished()
        };
        let mut outcome = match caught(|| this.course.poll(chain, asked, cx)) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(outcome)) => outcome,
            Err(panicked) => Some(Err(this.done.panicked(panicked))),
        };
        // A value that was made is worth less than the panic of what made it.
        if let Err(panicked) = caught(|| this.chain.set(None)) {
            if !matches!(outcome, Some(Err(_))) {
                outcome = Some(Err(this.done.panicked(panicked)));
            }
        }
        let ended = match &outcome {
            Some(Ok(_)) => Ended::Done,
            Some(Err(_)) => Ended::Failed,
            None => Ended::Left,
        };
        *this.outcome = outcome;
        Poll::Ready(ended)
    }

    fn finish(self: Pin<&mut Self>, how: How) {
        let mut this = self.project();
        // Nobody is to be told of a panic of what was stopped; the hook has reported it.
        let _ = caught(|| this.chain.set(None));
        this.done.set(this.outcome.take(), how);
    }
}
