//! What a deferred leaves to a runtime: starting it, and limits of time.
//!
//! This crate knows no runtime. A runtime implements [`Act`] for deferreds, once for each
//! action that it offers, with a type of its own for `R`. Methods of [`Deferred`] that can
//! fail ask for it, so that they have their names here, where alone they can be told apart
//! from those for deferreds that cannot fail. `defer-flow` with its feature `tokio`, which
//! is on by default, implements all of them for tokio and says what they do.
//!
//! ```
//! use defer_core::runtime::{Act, Start};
//! use defer_core::{Chain, Deferred, Failure, succeed};
//!
//! /// A runtime that runs what it is given at once.
//! struct AtOnce;
//!
//! impl<T, E, F: Chain<Output = Result<T, E>>> Act<Start, AtOnce> for Deferred<Result<T, E>, F> {
//!     type Output = Result<T, E>;
//!     fn act(self, _: Start) -> Result<T, E> {
//!         futures::executor::block_on(self)
//!     }
//! }
//!
//! let three = defer_core::fail::<u8, _>("no").add_errback(|_| Ok::<_, Failure>(3));
//! assert_eq!(three.start().unwrap(), 3);
//! ```

use core::time::Duration;

use crate::Deferred;

/// Something that the runtime `R` does with a deferred. `R` is inferred.
#[diagnostic::on_unimplemented(
    message = "no runtime can do this with `{Self}`: `{A}`",
    label = "the feature `tokio` of `defer-flow`, which is on by default, has a runtime"
)]
pub trait Act<A, R>: Sized {
    /// What comes out.
    type Output;
    /// Do it.
    #[track_caller]
    fn act(self, action: A) -> Self::Output;
}

/// Run it beside whatever else runs.
#[derive(Clone, Copy, Debug)]
pub struct Start;

/// As [`Start`], on the thread that it is on.
#[derive(Clone, Copy, Debug)]
pub struct StartLocal;

/// As [`Start`], on this runtime.
#[derive(Clone, Copy, Debug)]
pub struct StartOn<H>(pub H);

/// Cancel it when it has run this long.
#[derive(Clone, Copy, Debug)]
pub struct Timeout(pub Duration);

/// Cancel it at this time.
#[derive(Clone, Copy, Debug)]
pub struct Deadline<I>(pub I);

/// What a runtime does with a deferred that can fail; see [`runtime`](crate::runtime).
impl<T, E, F> Deferred<Result<T, E>, F> {
    /// Run it on the runtime that this is called in; see `StartExt::start` of the facade.
    #[track_caller]
    pub fn start<R>(self) -> <Self as Act<Start, R>>::Output
    where
        Self: Act<Start, R>,
    {
        self.act(Start)
    }

    /// Run it on the thread that this is called on; see `StartExt::start_local` of the facade.
    #[track_caller]
    pub fn start_local<R>(self) -> <Self as Act<StartLocal, R>>::Output
    where
        Self: Act<StartLocal, R>,
    {
        self.act(StartLocal)
    }

    /// Run it on this runtime; see `StartExt::start_on` of the facade.
    #[track_caller]
    pub fn start_on<H, R>(self, runtime: H) -> <Self as Act<StartOn<H>, R>>::Output
    where
        Self: Act<StartOn<H>, R>,
    {
        self.act(StartOn(runtime))
    }

    /// Cancel it when it has run for `limit`; see `TimeExt::timeout` of the facade.
    #[track_caller]
    pub fn timeout<R>(self, limit: Duration) -> <Self as Act<Timeout, R>>::Output
    where
        Self: Act<Timeout, R>,
    {
        self.act(Timeout(limit))
    }

    /// Cancel it at `time`; see `TimeExt::deadline` of the facade.
    #[track_caller]
    pub fn deadline<I, R>(self, time: I) -> <Self as Act<Deadline<I>, R>>::Output
    where
        Self: Act<Deadline<I>, R>,
    {
        self.act(Deadline(time))
    }
}
