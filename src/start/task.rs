//! What runs on the runtime.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use defer_core::__private::{Asked, Course, caught, finished};
use defer_core::{Chain, Panicked};
use pin_project_lite::pin_project;
use tokio::time::Instant;

use super::unhandled::{Outcome, Unhandled};
use crate::time::scope::Scope;

pin_project! {
    /// A chain on its own, with all that has to be known of it where it runs.
    pub(super) struct Task<F, E> {
        // `None` when it is done.
        #[pin]
        chain: Option<F>,
        asked: Asked,
        course: Course,
        // Of the chain in which it was started.
        deadline: Option<Instant>,
        unhandled: Unhandled<E>,
    }
}

impl<F, E> Task<F, E> {
    pub(super) fn new(
        chain: F,
        asked: Asked,
        deadline: Option<Instant>,
        unhandled: Unhandled<E>,
    ) -> Self {
        Task {
            chain: Some(chain),
            asked,
            course: Course::default(),
            deadline,
            unhandled,
        }
    }

    /// `None`: a cancellation has left the chain.
    fn advance(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<F::Output>>
    where
        F: Chain,
    {
        let mut this = self.project();
        let Some(chain) = this.chain.as_mut().as_pin_mut() else {
            finished()
        };
        let asked = this.asked.poll(cx);
        this.unhandled.asked |= asked;
        this.course.poll(chain, asked, cx)
    }
}

impl<T, E, F> Future for Task<F, E>
where
    F: Chain<Output = Result<T, E>>,
    E: From<Panicked>,
{
    type Output = Outcome<T, E>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Its own and no other: whoever polls it is not what it is a part of.
        let _scope = Scope::of(self.deadline);
        let polled = caught(|| self.as_mut().advance(cx));
        let mut this = self.project();
        let mut outcome = match polled {
            Ok(polled) => ready!(Poll::map(polled, Ok)),
            Err(panicked) => Err(panicked),
        };
        // A value that was made is worth less than the panic of what made it.
        if let Err(panicked) = caught(|| this.chain.set(None)) {
            outcome = outcome.and(Err(panicked));
        }
        let outcome = outcome.unwrap_or_else(|panicked| Some(Err(panicked.into())));
        Poll::Ready(Outcome::new(outcome, *this.unhandled))
    }
}
