//! The composition layer of `defer`: what nested calls are made of.
//!
//! This crate knows no runtime and no macro. It holds [`Deferred`] and what can be
//! inside one: the [`Chain`] of calls, the arguments they wait for ([`Arg`]), the way
//! they can fail ([`Kind`]), lists, the fluent form, hand-made deferreds and
//! [`Failure`]. Most programs use it through the `defer` crate, which adds the
//! attributes `#[callback]`, `#[errback]` and `#[inline_callbacks]`.
//!
//! # Features
//!
//! - `std` (default): `HashMap` as an argument, `catch_panics`. Implies `alloc`.
//! - `alloc`: everything that needs memory: [`Deferred::boxed`], lists, [`Resolver`],
//!   [`Failure`], [`Plan`].
//! - neither: `no_std` without an allocator; nested calls up to 12 arguments, tuples,
//!   `Option`, the fluent form.

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod adopt;
mod arg;
mod arguments;
#[cfg(feature = "alloc")]
pub mod attempts;
mod awaits;
mod boxed;
#[cfg(feature = "alloc")]
mod boxed_failure;
mod call;
#[cfg(feature = "alloc")]
mod cancel;
mod chain;
#[cfg(feature = "alloc")]
mod channel;
#[cfg(feature = "alloc")]
mod course;
mod deferred;
mod errback;
mod error;
#[cfg(feature = "alloc")]
mod failure;
mod fluent;
#[cfg(feature = "alloc")]
mod follow;
#[cfg(all(test, loom))]
mod gates;
mod kind;
#[cfg(feature = "alloc")]
mod lock;
mod lowered;
mod mark;
#[cfg(feature = "alloc")]
// `unsafe`: it says why.
#[allow(unsafe_code)]
// Without threads to count in, what is for deep nests is not used.
#[cfg_attr(not(feature = "std"), allow(dead_code))]
mod node;
#[cfg(feature = "std")]
mod panics;
mod passing;
#[cfg(feature = "alloc")]
mod pause;
mod plain;
mod plan;
#[cfg(feature = "alloc")]
mod resolver;
mod returns;
// Taking a value out: it says why.
#[allow(unsafe_code)]
mod slot;
mod source;
mod step;
#[cfg(feature = "trace")]
#[doc(hidden)]
pub mod trace;
#[cfg(feature = "alloc")]
mod trail;

#[doc(hidden)]
pub mod __private;
#[cfg(feature = "std")]
pub mod batch;
#[cfg(feature = "alloc")]
pub mod list;
pub mod markers;
pub mod runtime;
#[cfg(feature = "alloc")]
pub mod share;

#[cfg(feature = "alloc")]
pub use crate::boxed::LocalBoxed;
#[cfg(feature = "alloc")]
pub use crate::cancel::{CancelExt, Cancellable, Canceller};
#[cfg(feature = "alloc")]
pub use crate::failure::Failure;
#[cfg(feature = "alloc")]
pub use crate::follow::ChainInto;
#[cfg(feature = "std")]
pub use crate::panics::{CatchPanics, CatchPanicsExt, Panicked};
#[cfg(feature = "alloc")]
pub use crate::pause::{NotPaused, Pausable, Pauser};
#[cfg(feature = "alloc")]
pub use crate::plan::Plan;
#[cfg(feature = "alloc")]
pub use crate::resolver::{HandMade, Hook, NoCanceller, OnCancel, Resolver};
#[cfg(feature = "alloc")]
pub use crate::trail::{Hop, Passage, Trail};
pub use crate::{
    arg::{AlwaysOk, Arg, Fallible},
    boxed::Boxed,
    chain::{Chain, Unwind},
    deferred::Deferred,
    error::{Abandoned, Cancelled, TimedOut},
    fluent::{AddCallback, Returned},
    kind::{
        CaughtAs, Continues, Converts, ErrOf, Fails, Kind, Lift, LiftsTo, Merge, Merged, Never,
        OutOf,
    },
    plain::Plain,
    plan::{Draw, Node, Site},
    source::{DeferExt, Value, Wrapped, defer, fail, succeed},
};
