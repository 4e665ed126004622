//! What is written of a job, while the queue goes on.

use core::any::Any;
use core::fmt;
use std::format;
use std::string::String;
use std::sync::Arc;

use defer_core::Failure;

use super::Engine;
use crate::dispatch::JobState;
use crate::dispatch::events::Event;
use crate::dispatch::kept::Saved;
use crate::dispatch::store::{JobId, StoreError, StoreErrorKind};
use crate::dispatch::ticket::{By, End, Ticket};

/// What is kept of a failure in a store.
pub(super) fn describe<E: fmt::Debug + 'static>(error: &E) -> String {
    match (error as &dyn Any).downcast_ref::<Failure>() {
        Some(failure) => format!("{failure:#}"),
        None => format!("{error:?}"),
    }
}

/// The end of a job, told when the store has it; or, with the runtime gone, without that.
struct Ending<A, T, E> {
    engine: Arc<Engine<A, T, E>>,
    end: Option<(Arc<Ticket<A, T, E>>, End<T, E>)>,
}

impl<A, T, E> Drop for Ending<A, T, E> {
    fn drop(&mut self) {
        if let Some((job, end)) = self.end.take() {
            self.engine.end(job, end);
        }
        self.engine.saved();
    }
}

impl<A, T, E> Engine<A, T, E> {
    /// A call of the store is done, or nobody waits for it any more.
    fn saved(&self) {
        let idle = self.with(|state| {
            state.saving -= 1;
            self.idle(state)
        });
        super::wake_all(idle);
    }

    fn failed_to_save(&self, id: JobId, asked: &'static str, error: StoreError) {
        tracing::error!(
            target: "defer",
            queue = self.place.name,
            job = %id,
            asked,
            %error,
            "the store of a dispatch queue failed"
        );
        self.hub.add(Event::StoreFailed { id, asked, error });
        self.hub.wake();
    }
}

impl<A, T, E> Engine<A, T, E>
where
    A: Send + Sync + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    /// Look after a call of the store that nobody waits for.
    pub(in crate::dispatch) fn save(self: &Arc<Self>, id: JobId, asked: &'static str, call: Saved) {
        self.with(|state| state.saving += 1);
        self.look_after(id, asked, call, None);
    }

    /// Write what has become of a job, then tell it. It is counted already.
    pub(super) fn save_end(self: &Arc<Self>, job: Arc<Ticket<A, T, E>>, end: End<T, E>, by: By) {
        let id = job.id;
        let (asked, call) = match (&end.outcome, end.state, by) {
            (_, JobState::Cancelled, By::Stop) => ("release", self.store.release(id)),
            (Err(error), JobState::Failed, _) if self.keep_failed => {
                let why = (self.errors.describe)(error);
                ("bury", self.store.bury(id, &why))
            }
            _ => ("remove", self.store.remove(id)),
        };
        self.look_after(id, asked, call, Some((job, end)));
    }

    fn look_after(
        self: &Arc<Self>,
        id: JobId,
        asked: &'static str,
        call: Saved,
        end: Option<(Arc<Ticket<A, T, E>>, End<T, E>)>,
    ) {
        let ending = Ending {
            engine: self.clone(),
            end,
        };
        self.runtime.spawn(async move {
            let Err(error) = call.await else {
                return drop(ending);
            };
            // A job that ended while its priority was changed.
            let late = asked == "reprioritise" && error.kind() == StoreErrorKind::NoSuchJob;
            if !late {
                ending.engine.failed_to_save(id, asked, error);
            }
        });
    }
}
