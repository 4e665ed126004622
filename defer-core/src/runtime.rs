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

// What they give is a parameter, so that a method is chosen before it is asked for: if it were
// not to be had, the compiler would pass over to the method for deferreds that cannot fail, and
// yield a `Result` in a `Result` instead of an error.
/// What a runtime does with a deferred that can fail; see [`runtime`](crate::runtime).
impl<T, E, F> Deferred<Result<T, E>, F> {
    /// Run it on the runtime that this is called in; see `StartExt::start` of the facade.
    #[track_caller]
    pub fn start<R, O>(self) -> O
    where
        Self: Act<Start, R, Output = O>,
    {
        self.act(Start)
    }

    /// Run it on the thread that this is called on; see `StartExt::start_local` of the facade.
    #[track_caller]
    pub fn start_local<R, O>(self) -> O
    where
        Self: Act<StartLocal, R, Output = O>,
    {
        self.act(StartLocal)
    }

    /// Run it on this runtime; see `StartExt::start_on` of the facade.
    #[track_caller]
    pub fn start_on<H, R, O>(self, runtime: H) -> O
    where
        Self: Act<StartOn<H>, R, Output = O>,
    {
        self.act(StartOn(runtime))
    }

    /// Cancel it when it has run for `limit`; see `TimeExt::timeout` of the facade.
    #[track_caller]
    pub fn timeout<R, O>(self, limit: Duration) -> O
    where
        Self: Act<Timeout, R, Output = O>,
    {
        self.act(Timeout(limit))
    }

    /// Cancel it at `time`; see `TimeExt::deadline` of the facade.
    #[track_caller]
    pub fn deadline<I, R, O>(self, time: I) -> O
    where
        Self: Act<Deadline<I>, R, Output = O>,
    {
        self.act(Deadline(time))
    }
}
