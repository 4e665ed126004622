//! Waiting for a deferred in synchronous code.

use core::error::Error;
use core::fmt;
use std::sync::{Mutex, PoisonError};

use defer_core::{Chain, Deferred};
use tokio::runtime::{Builder, Handle};

/// `wait` for every deferred.
pub trait WaitExt: Sized {
    /// What the deferred yields.
    type Output;

    /// Run it to its end on this thread, which does nothing else meanwhile.
    ///
    /// For callers that are synchronous: `main`, a test, a thread. It runs on a tokio runtime
    /// of its own, with time, and with input and output if tokio was built with them. What it
    /// has started, and what is not finished then, ends with it. Limit it with
    /// [`timeout`](crate::time::TimeExt::timeout).
    ///
    /// # Errors
    ///
    /// [`WouldBlock`] inside a tokio runtime, of which it would block a thread. Nothing has
    /// run then, and the error holds the deferred. The threads of `spawn_blocking` count too:
    /// `Handle::block_on` may be used there.
    ///
    /// # Panics
    ///
    /// If the deferred does, or if the operating system has no means for a runtime.
    ///
    /// ```
    /// use defer::prelude::*;
    ///
    /// #[callback]
    /// async fn fetch(name: &'static str) -> Result<String, Failure> {
    ///     Ok(format!("the page {name}"))
    /// }
    ///
    /// fn main() -> Result<(), Failure> {
    ///     let page = fetch("a").wait()??;
    ///     assert_eq!(page, "the page a");
    ///     Ok(())
    /// }
    /// ```
    fn wait(self) -> Result<Self::Output, WouldBlock<Self>>;
}

impl<O, F: Chain<Output = O>> WaitExt for Deferred<O, F> {
    type Output = O;
    fn wait(self) -> Result<O, WouldBlock<Self>> {
        if Handle::try_current().is_ok() {
            return Err(WouldBlock {
                deferred: Mutex::new(self),
            });
        }
        let runtime = Builder::new_current_thread().enable_all().build();
        Ok(runtime
            .expect("a tokio runtime for `wait` could not be made")
            .block_on(self))
    }
}

/// The failure of [`wait`](WaitExt::wait) inside a tokio runtime.
///
/// ```
/// use defer::prelude::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let refused = succeed(3).wait().unwrap_err();
/// assert!(refused.to_string().contains("`.await`"));
/// assert_eq!(refused.into_deferred().await, 3);
/// # }
/// ```
pub struct WouldBlock<D> {
    // Few deferreds are `Sync`; an error that `?` converts has to be.
    deferred: Mutex<D>,
}

impl<D> WouldBlock<D> {
    /// The deferred, which has not run.
    ///
    /// ```
    /// use defer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let three = match succeed(3).wait() {
    ///     Ok(three) => three,
    ///     Err(refused) => refused.into_deferred().await,
    /// };
    /// assert_eq!(three, 3);
    /// # }
    /// ```
    pub fn into_deferred(self) -> D {
        let deferred = self.deferred.into_inner();
        deferred.unwrap_or_else(PoisonError::into_inner)
    }
}

impl<D> fmt::Display for WouldBlock<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "`wait` would block a thread of the tokio runtime that it was called in: \
             `.await` the deferred there, or call `wait` outside",
        )
    }
}

impl<D> fmt::Debug for WouldBlock<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WouldBlock").finish_non_exhaustive()
    }
}

impl<D> Error for WouldBlock<D> {}
