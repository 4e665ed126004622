//! The end of a pool.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use defer_core::__private::{Sealed, finished, leaf};
use defer_core::{Chain, Deferred, Draw, Unwind};
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep};

use super::{DeferredPool, WhenEmpty};

pin_project! {
    /// A chain that waits for what is underway in a pool, and cancels it when that takes too
    /// long: made by [`DeferredPool::shutdown`].
    #[must_use = "a chain does nothing until it is polled"]
    pub struct Shutdown {
        pool: DeferredPool,
        limit: Duration,
        #[pin]
        stage: Stage,
    }
}

pin_project! {
    #[project = StageProj]
    enum Stage {
        Fresh,
        Waits { empty: Deferred<(), WhenEmpty>, #[pin] timer: Sleep },
        CleansUp { empty: Deferred<(), WhenEmpty>, cancelled: usize },
        Done,
    }
}

impl Shutdown {
    pub(super) fn new(pool: DeferredPool, limit: Duration) -> Self {
        Shutdown {
            pool,
            limit,
            stage: Stage::Fresh,
        }
    }
}

impl Future for Shutdown {
    type Output = usize;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<usize> {
        let mut this = self.project();
        if let StageProj::Fresh = this.stage.as_mut().project() {
            this.pool.close();
            // From now on no member comes, so that it stays empty once it is.
            let (empty, timer) = (this.pool.when_empty(), sleep(*this.limit));
            this.stage.set(Stage::Waits { empty, timer });
        }
        if let StageProj::Waits { empty, timer } = this.stage.as_mut().project() {
            if Pin::new(empty).poll(cx).is_ready() {
                this.stage.set(Stage::Done);
                return Poll::Ready(0);
            }
            ready!(timer.poll(cx));
            let (empty, cancelled) = (this.pool.when_empty(), this.pool.cancel_all());
            this.stage.set(Stage::CleansUp { empty, cancelled });
        }
        let StageProj::CleansUp { empty, cancelled } = this.stage.as_mut().project() else {
            finished()
        };
        ready!(Pin::new(empty).poll(cx));
        let cancelled = *cancelled;
        this.stage.set(Stage::Done);
        Poll::Ready(cancelled)
    }
}

impl Sealed for Shutdown {}

impl Chain for Shutdown {
    fn cancel(self: Pin<&mut Self>) -> Unwind<usize> {
        let mut stage = self.project().stage;
        match stage.as_mut().project() {
            StageProj::Fresh | StageProj::Done => Unwind::Idle,
            StageProj::Waits { .. } | StageProj::CleansUp { .. } => {
                stage.set(Stage::Done);
                Unwind::Out
            }
        }
    }
    fn describe(&self, to: &mut dyn Draw) {
        leaf(to, "shutdown");
    }
}

impl fmt::Debug for Shutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shutdown").finish_non_exhaustive()
    }
}
