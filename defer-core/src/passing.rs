//! Where an error passes: what a [`Failure`](crate::Failure) writes down there.
//!
//! Chains are generic over their errors, and nearly all errors are no `Failure`. So what is
//! compiled for each of them is one constant, [`keeps`], and the rest is here, once.

use core::any::Any;
#[cfg(feature = "alloc")]
use core::mem::{needs_drop, size_of};

use crate::chain::Chain;
use crate::plan::{Draw, Node};

/// Whether an `E` may be a failure with a trail.
///
/// A type cannot be compared with another in a constant, but what has another size is
/// another type, and for that the compiler makes no code at all.
#[cfg(feature = "alloc")]
pub(crate) const fn keeps<E>() -> bool {
    size_of::<E>() == size_of::<crate::Failure>() && needs_drop::<E>()
}

/// Without memory there is no `Failure`.
#[cfg(not(feature = "alloc"))]
#[allow(clippy::extra_unused_type_parameters, reason = "as above")]
pub(crate) const fn keeps<E>() -> bool {
    false
}

/// What happens to an error.
#[derive(Clone, Copy)]
#[cfg_attr(not(feature = "alloc"), allow(dead_code, reason = "nothing reads it"))]
pub(crate) enum Event<'a> {
    /// The body of this returned it.
    Returned(Node),
    /// The body of this does not run because of it.
    Skipped(Node),
    /// This takes it, to recover or not.
    Caught(Node),
    /// It was a cancellation before this.
    Cancelled(Node),
    /// It came out of this, as an error of another type.
    Lifted(&'a dyn Drawn),
    /// It came out of one of several arguments.
    Argument {
        /// Which, counted from 0.
        place: usize,
        /// All of them, as they are before the rest is dropped. None, if nobody knows.
        all: &'a [&'a dyn Drawn],
    },
    /// It came out of a member of a list.
    #[cfg_attr(not(feature = "alloc"), allow(dead_code, reason = "lists need memory"))]
    Member {
        /// Which, counted from 0.
        place: usize,
        /// Some of the members that were still pending.
        pending: &'a [&'a dyn Drawn],
        /// How many more there were.
        more: usize,
    },
    /// The arguments that it came out of are members of a tuple.
    Tuple,
}

/// Write it down, if the error is a failure.
#[cold]
#[inline(never)]
pub(crate) fn tell(error: &mut dyn Any, event: Event<'_>) {
    #[cfg(feature = "alloc")]
    if let Some(failure) = error.downcast_mut::<crate::Failure>() {
        failure.note(event);
    }
    #[cfg(not(feature = "alloc"))]
    let _ = (error, event);
}

/// Notes what happens to an error of type `$E`, where that may be a failure.
///
/// A macro, because a function generic over the event would be compiled for each call of
/// each annotated function.
macro_rules! note {
    // What the error of an outcome, if it has one, passes.
    ($E:ty, in $outcome:expr, $event:expr) => {
        if const { $crate::passing::keeps::<$E>() } {
            if let Err(error) = &mut $outcome {
                $crate::passing::tell(error, $event);
            }
        }
    };
    ($E:ty, $error:expr, $event:expr) => {
        if const { $crate::passing::keeps::<$E>() } {
            $crate::passing::tell($error, $event);
        }
    };
}
pub(crate) use note;

/// A chain, or a place for one, of which only the drawing is wanted.
pub(crate) trait Drawn {
    /// See [`Chain::describe`].
    #[cfg_attr(not(feature = "alloc"), allow(dead_code, reason = "nothing reads it"))]
    fn draw(&self, to: &mut dyn Draw);
}

impl<F: Chain> Drawn for F {
    fn draw(&self, to: &mut dyn Draw) {
        self.describe(to);
    }
}

/// The first node of a drawing.
#[cfg(feature = "alloc")]
pub(crate) fn outermost(chain: &dyn Drawn) -> Option<Node> {
    struct First(Option<Node>);
    impl Draw for First {
        fn open(&mut self, node: Node) {
            self.0.get_or_insert(node);
        }
        fn close(&mut self) {}
        fn enters(&self) -> bool {
            self.0.is_none()
        }
    }
    let mut first = First(None);
    chain.draw(&mut first);
    first.0
}
