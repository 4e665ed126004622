//! What does the jobs: as many tasks as the queue is wide, while there is work.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::Arc;

use defer_core::__private::{Course, caught};
use defer_core::Panicked;
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep_until};

use super::engine::{Engine, Next};
use super::ticket::{Bell, Ticket};
use super::work::{Attempted, Attempts, JobWork};

/// So many jobs are done in one poll, so that jobs that never wait do not keep the thread.
const MOST: u32 = 128;
/// After so many nanoseconds of such jobs others have their turn.
const TURN: u64 = 250_000;

pin_project! {
    /// Does one job after the other; each in the same place, so that none is allocated for.
    pub(super) struct Worker<A, W>
    where
        A: Clone,
        A: Send,
        A: Sync,
        A: 'static,
        W: JobWork<A>,
    {
        engine: Arc<Engine<A, W::Value, W::Error>>,
        work: Arc<W>,
        place: usize,
        bell: Arc<Bell>,
        // `None` between two jobs.
        #[pin]
        chain: Option<W::Chain>,
        course: Course,
        job: Option<Arc<Ticket<A, W::Value, W::Error>>>,
        stage: Stage,
        // For the rate.
        #[pin]
        timer: Option<Sleep>,
    }

    impl<A, W> PinnedDrop for Worker<A, W>
    where
        A: Clone,
        A: Send,
        A: Sync,
        A: 'static,
        W: JobWork<A>,
    {
        fn drop(this: Pin<&mut Self>) {
            this.gone();
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    New,
    /// For the rate to let a job begin.
    AtGate,
    /// A job was begun, and was not polled yet.
    Begins,
    /// It has been polled.
    Waits,
    /// It has left the queue.
    Left,
}

impl<A, W> Worker<A, W>
where
    A: Clone + Send + Sync + 'static,
    W: JobWork<A>,
{
    pub(super) fn new(
        engine: Arc<Engine<A, W::Value, W::Error>>,
        work: Arc<W>,
        place: usize,
    ) -> Self {
        Worker {
            bell: engine.bell(place),
            engine,
            work,
            place,
            chain: None,
            course: Course::default(),
            job: None,
            stage: Stage::New,
            timer: None,
        }
    }

    /// Do what comes next: whether that is a job.
    fn take(self: Pin<&mut Self>, next: Next<A, W::Value, W::Error>) -> bool {
        let mut this = self.project();
        this.timer.set(None);
        match next {
            Next::Run { job, .. } => {
                *this.job = Some(job);
                *this.course = Course::default();
                *this.stage = Stage::Begins;
                true
            }
            Next::Wait(until) => {
                this.timer.set(Some(sleep_until(until)));
                *this.stage = Stage::AtGate;
                false
            }
            Next::Leave => {
                *this.stage = Stage::Left;
                false
            }
        }
    }

    /// The outcome of the job, once it has one.
    fn run(
        self: Pin<&mut Self>,
        job: &Arc<Ticket<A, W::Value, W::Error>>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<W::Value, W::Error>> {
        let mut this = self.project();
        if *this.stage == Stage::Begins {
            let owned = || -> Arc<dyn Attempted<A>> { job.clone() };
            let attempts = Attempts::of(&**job, &owned);
            let begun = caught(|| this.work.begin(&attempts));
            match begun {
                Ok(chain) => this.chain.set(Some(chain)),
                Err(panicked) => return Poll::Ready(Err(this.engine.panicked(panicked))),
            }
        }
        let mut asked = *this.stage == Stage::Waits && job.poll_cancelled(this.bell, cx);
        loop {
            let Some(chain) = this.chain.as_mut().as_pin_mut() else {
                return Poll::Pending;
            };
            let polled = match caught(|| this.course.poll(chain, asked, cx)) {
                Ok(Poll::Pending) if *this.stage == Stage::Begins => {
                    // Only what waits can be cancelled; what does not need not listen.
                    *this.stage = Stage::Waits;
                    asked = job.poll_cancelled(this.bell, cx);
                    if asked {
                        continue;
                    }
                    return Poll::Pending;
                }
                Ok(Poll::Pending) => return Poll::Pending,
                Ok(Poll::Ready(outcome)) => Ok(outcome),
                Err(panicked) => Err(panicked),
            };
            let dropped = caught(|| this.chain.set(None));
            return Poll::Ready(outcome(this.engine, polled, dropped));
        }
    }

    fn gone(self: Pin<&mut Self>) {
        let mut this = self.project();
        if *this.stage == Stage::Left {
            return;
        }
        // A panic of what is dropped with its runtime is nobody's business any more.
        let _ = caught(|| this.chain.set(None));
        match this.job.take() {
            Some(job) => this.engine.lost_with(*this.place, job),
            None => this.engine.lost(*this.place),
        }
    }
}

/// A value that was made is worth less than the panic of what made it.
fn outcome<A, T, E>(
    engine: &Engine<A, T, E>,
    polled: Result<Option<Result<T, E>>, Panicked>,
    dropped: Result<(), Panicked>,
) -> Result<T, E> {
    match (polled, dropped) {
        (Ok(Some(Err(error))), _) => Err(error),
        (Err(panicked), _) | (Ok(_), Err(panicked)) => Err(engine.panicked(panicked)),
        (Ok(Some(Ok(value))), Ok(())) => Ok(value),
        (Ok(None), Ok(())) => Err(engine.cancelled()),
    }
}

impl<A, W> Future for Worker<A, W>
where
    A: Clone + Send + Sync + 'static,
    W: JobWork<A>,
{
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut begin = None;
        for _ in 0..MOST {
            let Some(job) = self.as_mut().project().job.take() else {
                let (engine, place, stage) = (&self.engine, self.place, self.stage);
                let next = engine.next(place, stage == Stage::AtGate, stage == Stage::New, cx);
                if let Next::Run { job, .. } = &next {
                    begin = Some(job.started());
                }
                if self.as_mut().take(next) {
                    continue;
                }
                if self.stage == Stage::Left {
                    return Poll::Ready(());
                }
                let timer = self.as_mut().project().timer.as_pin_mut();
                if timer.is_some_and(|timer| timer.poll(cx).is_ready()) {
                    continue;
                }
                return Poll::Pending;
            };
            let Poll::Ready(outcome) = self.as_mut().run(&job, cx) else {
                *self.as_mut().project().job = Some(job);
                return Poll::Pending;
            };
            let this = self.as_mut().project();
            let next = this.engine.done(*this.place, job, outcome, cx);
            if let Next::Run { job, .. } = &next {
                let now = job.started();
                if now.saturating_sub(*begin.get_or_insert(now)) > TURN {
                    self.as_mut().take(next);
                    break;
                }
            }
            if !self.as_mut().take(next) {
                if self.stage == Stage::Left {
                    return Poll::Ready(());
                }
                let timer = self.as_mut().project().timer.as_pin_mut();
                if timer.is_none_or(|timer| timer.poll(cx).is_pending()) {
                    return Poll::Pending;
                }
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
