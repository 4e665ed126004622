//! A cancellation as a failure: which error types take it in.
//!
//! A cancellation travels outward without an error type. The nearest errback whose error
//! type has `From<Cancelled>` turns it into a failure, and so does a call that fails with
//! an error of this crate. Whether a type of the user's has it is known where the errback
//! stands in the source, and nowhere else.

use core::any::Any;
use core::fmt;
use core::marker::PhantomData;

use crate::error::Cancelled;
use crate::passing::{Event, note};
use crate::plan::Node;

/// How the errors of one function take in a cancellation.
///
/// A function that is given an `Option<E>` and fills it, if it knows the type. Behind a
/// pointer, so that a chain carries nothing for it and its types do not mention it.
#[derive(Clone, Copy)]
pub struct Adopts(fn(&mut dyn Any));

impl Adopts {
    /// By the errors of this crate only.
    #[must_use]
    pub const fn known() -> Self {
        Adopts(fill_known)
    }
    /// A cancellation as an `E`, which takes it in at `place`.
    pub(crate) fn adopt<E: 'static>(self, place: Node) -> Option<E> {
        let mut error: Option<E> = None;
        (self.0)(&mut error);
        if let Some(error) = &mut error {
            note!(E, error, Event::Cancelled(place));
        }
        error
    }
}

impl fmt::Debug for Adopts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Adopts")
    }
}

// The sites of two functions differ in their lines, whatever their errors are.
impl PartialEq for Adopts {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Adopts {}

/// Fill `error` if it is an `Option` of an error of this crate.
fn fill_known(error: &mut dyn Any) {
    fill::<Cancelled>(error, || Some(Cancelled));
    #[cfg(feature = "alloc")]
    fill::<crate::Failure>(error, || Some(Cancelled.into()));
}

/// Fill `error` if it is an `Option<E>`.
fn fill<E: 'static>(error: &mut dyn Any, with: impl FnOnce() -> Option<E>) {
    if let Some(empty) = error.downcast_mut::<Option<E>>() {
        *empty = with();
    }
}

/// Fill `error` if it is an `Option` of an `E`, or of an error of this crate.
fn fill_from<E: From<Cancelled> + 'static>(error: &mut dyn Any) {
    fill_known(error);
    fill::<E>(error, || Some(Cancelled.into()));
}

/// A cancellation as an outcome `R`, a `Result`, if it can be one: what a parameter observes
/// of it.
pub struct AsOutcome<R>(fn(Node) -> Option<R>);

impl<R> AsOutcome<R> {
    /// It cannot.
    #[must_use]
    pub const fn never() -> Self {
        AsOutcome(|_| None)
    }
    /// What is observed at `place`.
    pub(crate) fn outcome(&self, place: Node) -> Option<R> {
        (self.0)(place)
    }
}

impl<R> fmt::Debug for AsOutcome<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AsOutcome")
    }
}

fn as_outcome<T, E: From<Cancelled> + 'static>(place: Node) -> Option<Result<T, E>> {
    let mut error = E::from(Cancelled);
    note!(E, &mut error, Event::Cancelled(place));
    Some(Err(error))
}

/// Asks whether an `E` is made from a [`Cancelled`], by which of two constants is found: the
/// attributes write `Probe::<E>::ADOPTS` where they know the type. A constant, because the
/// compiler looks at each of them and a function would cost it more.
#[derive(Debug)]
pub struct Probe<E>(PhantomData<fn() -> E>);

impl<E: From<Cancelled> + 'static> Probe<E> {
    /// The constant that is found if it is.
    pub const ADOPTS: Adopts = Adopts(fill_from::<E>);
}

impl<T, E: From<Cancelled> + 'static> Probe<Result<T, E>> {
    /// The constant that is found if an outcome can be made of it.
    pub const AS_OUTCOME: AsOutcome<Result<T, E>> = AsOutcome(as_outcome::<T, E>);
}

/// The constant that is found if it is not.
pub trait AdoptsKnown {
    /// By the errors of this crate only.
    const ADOPTS: Adopts = Adopts::known();
}

impl<E> AdoptsKnown for Probe<E> {}

/// The constant that is found if no outcome can.
pub trait NeverAsOutcome<R> {
    /// It cannot be observed.
    const AS_OUTCOME: AsOutcome<R> = AsOutcome::never();
}

impl<R> NeverAsOutcome<R> for Probe<R> {}
