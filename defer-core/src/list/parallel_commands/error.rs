//! What a failed run of all commands says.

use alloc::vec::Vec;
use core::error::Error;
use core::fmt;

#[cfg(feature = "std")]
use crate::Panicked;
use crate::{Cancelled, Failure, TimedOut};

/// Why no registered function had a value.
///
/// `Display` says in one line what each of them said, `{:#}` in a line for each. It is an
/// [`Error`], so that it becomes a [`Failure`], if what the functions fail with are errors or
/// failures; its source is what the first function failed
/// with.
///
/// ```
/// use defer_core::list::{ParallelCommandError, ParallelCommandExecutor};
/// # futures::executor::block_on(async {
/// let mut pages = ParallelCommandExecutor::<u32, String, &str>::new();
/// pages.register_named("cache", |_| Err::<String, _>("no entry"));
/// pages.register(|_| Err::<String, _>("no answer"));
/// let error = pages.execute(7).await.unwrap_err();
/// assert_eq!(error.to_string(), "all 2 commands failed: cache: no entry; command 1: no answer");
/// let ParallelCommandError::AllFailed(failures) = error else { panic!() };
/// assert_eq!((failures[0].name, failures[0].error), (Some("cache"), "no entry"));
/// # });
/// ```
///
/// Source: `txdpce.ParallelCommandException`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParallelCommandError<E> {
    /// There was none. In `txdpce` a `RuntimeError`.
    NoCommands,
    /// All of them have failed: with this, in the order in which they were registered.
    AllFailed(Vec<CommandFailure<E>>),
    /// All of them together were stopped by this, where that becomes an `E`: they were
    /// cancelled and none had a value all the same; they took longer than they were allowed
    /// to; one of them panicked, in a started deferred or one with caught panics.
    Stopped(E),
}

/// The failure of one of the functions.
///
/// ```
/// use defer_core::list::{ParallelCommandError, ParallelCommandExecutor};
/// # futures::executor::block_on(async {
/// let mut pages = ParallelCommandExecutor::<u32, String, &str>::new();
/// pages.register(|_| Err::<String, _>("no entry"));
/// let Err(ParallelCommandError::AllFailed(failures)) = pages.execute(7).await else { panic!() };
/// assert_eq!(failures[0].to_string(), "command 0: no entry");
/// # });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CommandFailure<E> {
    /// Its place in the order of registering, counted from 0.
    pub index: usize,
    /// Its name, if it was registered with one.
    pub name: Option<&'static str>,
    /// What it failed with.
    pub error: E,
}

macro_rules! stopped_by {
    ($($Error:ident),+) => {$(
        impl<E: From<$Error>> From<$Error> for ParallelCommandError<E> {
            fn from(error: $Error) -> Self {
                ParallelCommandError::Stopped(error.into())
            }
        }
    )+};
}
stopped_by!(Cancelled, TimedOut);
#[cfg(feature = "std")]
stopped_by!(Panicked);

impl<E: fmt::Display> fmt::Display for CommandFailure<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            Some(name) => write!(f, "{name}: {}", self.error),
            None => write!(f, "command {}: {}", self.index, self.error),
        }
    }
}

impl<E: fmt::Display> fmt::Display for ParallelCommandError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failures = match self {
            ParallelCommandError::NoCommands => return f.write_str("no command is registered"),
            ParallelCommandError::Stopped(error) => {
                return write!(f, "the commands were stopped: {error}");
            }
            ParallelCommandError::AllFailed(failures) => failures,
        };
        match failures.len() {
            1 => f.write_str("the only command failed")?,
            all => write!(f, "all {all} commands failed")?,
        }
        let (before_all, between) = if f.alternate() {
            ("\n  ", "\n  ")
        } else {
            (" ", "; ")
        };
        f.write_str(":")?;
        for (place, failure) in failures.iter().enumerate() {
            f.write_str(if place == 0 { before_all } else { between })?;
            write!(f, "{failure}")?;
        }
        Ok(())
    }
}

/// What a function fails with, in a [`ParallelCommandError`] that is an error itself: an
/// error, or a [`Failure`].
///
/// ```
/// use defer_core::Failure;
/// use defer_core::list::Reason;
/// let failure = Failure::from("x".parse::<u8>().unwrap_err());
/// assert!(Reason::error(&failure).is::<std::num::ParseIntError>());
/// ```
pub trait Reason: fmt::Debug + fmt::Display {
    /// The error in it.
    fn error(&self) -> &(dyn Error + 'static);
}

impl<E: Error + 'static> Reason for E {
    fn error(&self) -> &(dyn Error + 'static) {
        self
    }
}

impl Reason for Failure {
    fn error(&self) -> &(dyn Error + 'static) {
        Failure::error(self)
    }
}

impl<E: Reason> Error for CommandFailure<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.error.error())
    }
}

impl<E: Reason> Error for ParallelCommandError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            ParallelCommandError::AllFailed(failures) => failures.first()?.source(),
            ParallelCommandError::Stopped(error) => Some(error.error()),
            ParallelCommandError::NoCommands => None,
        }
    }
}
