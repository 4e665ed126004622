//! One run for many: clones of a deferred, promises that are remembered, single flights.
//!
//! | what | one run for | afterwards |
//! | --- | --- | --- |
//! | [`shared`](crate::Deferred::shared) | everybody who has a clone | the outcome, as long as there is a clone |
//! | [`Memo`], `#[callback(memoize)]` | every call with the same key | the value is kept; a failure is not |
//! | [`SingleFlight`], `#[callback(single_flight)]` | calls with the same key at the same time | nothing is kept |
//!
//! [`split`](crate::Deferred::split) and [`tee`](crate::Deferred::tee) give several followers
//! of one deferred.
//!
//! # What a `Memo` and a `SingleFlight` have in common
//!
//! What they keep is a promise, not a value: a call that comes while the first one with its
//! key runs shares that run. A run belongs to nobody in particular: it goes on as long as one of
//! the calls that share it waits, whichever began it. When all of them were dropped the run is
//! dropped; when the last one is cancelled it is cancelled, and cleans up. In both cases the
//! next call begins a run of its own, at once.
//!
//! A failure goes to every call that shares the run, and the next call tries again. So it is
//! after a panic, which those that share the run get as a panic.
//!
//! Nothing runs before a call is polled, and no lock is held while the function runs; `Hash`,
//! `Eq` and `Clone` of a key are called under one. A function may call its own `Memo` with another
//! key. With its own key it would wait for itself: that panics.
//!
//! # More than one runtime
//!
//! A run is polled by those who wait for it, whatever runtime they are on, and belongs to none.
//! So when a runtime is dropped, the calls of its tasks are dropped with them, and a run that
//! nobody else waits for is dropped as well: the next call, on another runtime, begins anew.
//! If somebody else waits for it, the run goes on, with what it has of the runtime that is
//! gone: a started task has been cancelled, a socket fails, a timer of tokio's panics. A value
//! that was kept stays; if it has something of a runtime in it, [`invalidate`](Memo::invalidate)
//! it. Tests that share a static are tests that share its values.

#[cfg(feature = "moka")]
mod bounds;
mod key;
mod memo;
pub(crate) mod of_attributes;
mod run;
mod single_flight;
mod table;

#[cfg(feature = "moka")]
pub use self::bounds::Bounds;
pub use self::key::{KeyPart, Outcome};
pub use self::memo::{Memo, memoize};
pub use self::run::{Promise, Run};
pub use self::single_flight::{SingleFlight, single_flight};
pub use defer_core::share::{Shared, WeakShared};
