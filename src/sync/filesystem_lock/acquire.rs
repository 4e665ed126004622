//! Waiting for a lock in the file system.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker, ready};

use defer_core::__private::{Sealed, finished, leaf_of};
use defer_core::{Cancelled, Chain, Draw, Failure, Unwind};
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep};

use super::error::FilesystemLockError;
use super::file::Held;
use super::{DeferredFilesystemLock, FilesystemLockGuard};
use crate::task::thread::{Blocking, Lost};

type Tried = Result<Option<Held>, FilesystemLockError>;
type Outcome = Result<FilesystemLockGuard, Failure>;

pin_project! {
    /// A chain that looks for a lock again and again until it has it: made by
    /// [`DeferredFilesystemLock::acquire`].
    #[must_use = "a chain does nothing until it is polled"]
    pub struct AcquireFile {
        lock: DeferredFilesystemLock,
        #[pin]
        state: State,
    }
}

pin_project! {
    #[project = StateProj]
    #[project_replace = StateOwn]
    enum State {
        Fresh,
        Tries { thread: Blocking<Tried> },
        Rests { #[pin] timer: Sleep },
        // A cancellation has found that the outcome was there.
        Told { outcome: Outcome },
        Done,
    }
}

impl AcquireFile {
    pub(super) fn new(lock: DeferredFilesystemLock) -> Self {
        AcquireFile {
            lock,
            state: State::Fresh,
        }
    }
}

/// What came of trying; `None`: somebody else has it.
fn outcome(tried: Result<Tried, Lost>) -> Option<Outcome> {
    match tried {
        Ok(Ok(held)) => held.map(|held| Ok(FilesystemLockGuard::new(held))),
        Ok(Err(error)) => Some(Err(error.into())),
        Err(Lost::Panicked(panicked)) => Some(Err(panicked.into())),
        Err(Lost::Never) => Some(Err(Cancelled.into())),
    }
}

impl Future for AcquireFile {
    type Output = Outcome;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        let mut this = self.project();
        loop {
            match this.state.as_mut().project() {
                StateProj::Fresh => {}
                StateProj::Tries { thread } => {
                    let tried = ready!(thread.poll(cx));
                    if let Some(outcome) = outcome(tried) {
                        this.state.set(State::Done);
                        return Poll::Ready(outcome);
                    }
                    let timer = sleep(this.lock.interval);
                    this.state.set(State::Rests { timer });
                    continue;
                }
                StateProj::Rests { timer } => ready!(timer.poll(cx)),
                StateProj::Told { .. } | StateProj::Done => {
                    return match this.state.project_replace(State::Done) {
                        StateOwn::Told { outcome } => Poll::Ready(outcome),
                        _ => finished(),
                    };
                }
            }
            let path = this.lock.path.clone();
            let thread = Blocking::begin(move || Held::try_take(&path));
            this.state.set(State::Tries { thread });
        }
    }
}

impl Sealed for AcquireFile {}

impl Chain for AcquireFile {
    fn cancel(self: Pin<&mut Self>) -> Unwind<Outcome> {
        let mut state = self.project().state;
        let told = match state.as_mut().project() {
            StateProj::Fresh | StateProj::Told { .. } | StateProj::Done => return Unwind::Idle,
            StateProj::Rests { .. } => None,
            StateProj::Tries { thread } if thread.has_ended() => {
                // What has come of it stands. The task may have to give way, so it is asked
                // outside of that.
                let mut cx = Context::from_waker(Waker::noop());
                let ended = core::future::poll_fn(|cx| thread.poll(cx));
                match core::pin::pin!(tokio::task::unconstrained(ended)).poll(&mut cx) {
                    Poll::Ready(tried) => outcome(tried),
                    Poll::Pending => None,
                }
            }
            // If the thread gets the lock, what it returns is dropped there.
            StateProj::Tries { .. } => None,
        };
        match told {
            Some(outcome) => {
                state.set(State::Told { outcome });
                Unwind::Idle
            }
            None => {
                state.set(State::Done);
                Unwind::Out
            }
        }
    }
    fn describe(&self, to: &mut dyn Draw) {
        leaf_of::<Self::Output>(to, "filesystem_lock");
    }
}

impl fmt::Debug for AcquireFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AcquireFile").finish_non_exhaustive()
    }
}
