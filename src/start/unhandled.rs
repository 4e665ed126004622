//! Failures that nobody took: reported once.

use core::any::Any;
use core::fmt;
use core::panic::Location;

use defer_core::{Chain, Draw, Failure, Node};

/// Where a started deferred comes from.
#[derive(Clone, Copy)]
pub(crate) struct Origin {
    /// Its outermost call.
    name: &'static str,
    /// Where it was started.
    started: &'static Location<'static>,
    /// Its place, if it was a member of a list.
    member: Option<usize>,
}

impl Origin {
    /// Of the members of a list, started there.
    pub(super) const fn of_members(started: &'static Location<'static>) -> Self {
        Origin {
            name: "member of a list",
            started,
            member: None,
        }
    }

    pub(super) const fn at(self, place: usize) -> Self {
        Origin {
            member: Some(place),
            ..self
        }
    }

    pub(crate) fn of(chain: &impl Chain, started: &'static Location<'static>) -> Self {
        let mut outermost = Outermost(None);
        chain.describe(&mut outermost);
        let name = outermost.0.map_or("deferred", Node::name);
        Origin {
            name,
            started,
            member: None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        self.name
    }
}

struct Outermost(Option<Node>);

impl Draw for Outermost {
    fn open(&mut self, node: Node) {
        self.0.get_or_insert(node);
    }
    fn close(&mut self) {}
}

/// What a task ends with. Dropped with a failure inside, it reports it.
pub(super) struct Outcome<T, E> {
    // `None`: the cancellation has left the chain, or the outcome was taken.
    outcome: Option<Result<T, E>>,
    unhandled: Unhandled<E>,
}

impl<T, E> Outcome<T, E> {
    pub(super) fn new(outcome: Option<Result<T, E>>, unhandled: Unhandled<E>) -> Self {
        Outcome { outcome, unhandled }
    }

    pub(super) fn take(mut self) -> Option<Result<T, E>> {
        self.outcome.take()
    }
}

impl<T, E> Drop for Outcome<T, E> {
    fn drop(&mut self) {
        if let Some(Err(error)) = &self.outcome {
            (self.unhandled.report)(error, &self.unhandled);
        }
    }
}

/// What is known of a failure before it happens.
///
/// The function is chosen where the error's type is known to have `Debug`, so that the
/// types that hold this need not say so.
pub(super) struct Unhandled<E> {
    report: fn(&E, &Self),
    origin: Origin,
    /// Whether the owner has cancelled it, and so expects `Cancelled`.
    pub(super) asked: bool,
}

impl<E> Clone for Unhandled<E> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<E> Copy for Unhandled<E> {}

impl<E: fmt::Debug + 'static> Unhandled<E> {
    pub(super) fn new(origin: Origin) -> Self {
        Unhandled {
            report: report_started,
            origin,
            asked: false,
        }
    }
}

fn report_started<E: fmt::Debug + 'static>(error: &E, unhandled: &Unhandled<E>) {
    let Origin {
        name,
        started,
        member,
    } = unhandled.origin;
    if unhandled.asked && is_cancelled(error) {
        return;
    }
    let what = "unhandled failure of a started deferred";
    report(
        error,
        Place {
            what,
            name,
            started,
            member,
        },
    );
}

/// What is said of a failure besides the failure.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    /// The message.
    pub(crate) what: &'static str,
    /// What failed.
    pub(crate) name: &'static str,
    /// Where it was set going.
    pub(crate) started: &'static Location<'static>,
    /// Its place, if it was a member of a list.
    pub(crate) member: Option<usize>,
}

/// Whether it is a [`Failure`] that is a cancellation.
pub(crate) fn is_cancelled<E: 'static>(error: &E) -> bool {
    let failure = (error as &dyn Any).downcast_ref::<Failure>();
    failure.is_some_and(Failure::is_cancelled)
}

/// Report a failure that nobody takes.
pub(crate) fn report<E: fmt::Debug + 'static>(error: &E, place: Place) {
    let Place {
        what,
        name,
        started,
        member,
    } = place;
    // `Debug` is what nearly every error has; a `Failure` tells more in one line of its own.
    match (error as &dyn Any).downcast_ref::<Failure>() {
        Some(failure) => tracing::error!(
            target: "defer",
            deferred = name,
            %started,
            member,
            failure = format_args!("{failure:#}"),
            "{what}"
        ),
        None => tracing::error!(
            target: "defer",
            deferred = name,
            %started,
            member,
            failure = ?error,
            "{what}"
        ),
    }
}
