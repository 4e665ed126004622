//! `Failure`: the error type for chains whose errors are of many kinds.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use core::error::Error;
use core::fmt;

/// Any error, behind one type that is cheap to clone.
///
/// Made by `?` or `into()` from every `Error + Send + Sync + 'static`, so that callbacks
/// whose errors differ can share a chain. Chains with one error type of their own need no
/// `Failure`: a typed error stays what it is.
///
/// Twisted: `failure.Failure`, with [`check`](Failure::check) and
/// [`trap`](Failure::trap).
///
/// ```
/// use defer_core::Failure;
///
/// fn port(text: &str) -> Result<u16, Failure> {
///     Ok(text.parse::<u16>()?)
/// }
/// assert_eq!(port("80").unwrap(), 80);
/// let failure = port("http").unwrap_err();
/// assert!(failure.check::<std::num::ParseIntError>().is_some());
/// assert_eq!(failure.to_string(), "invalid digit found in string");
/// ```
#[derive(Clone)]
pub struct Failure {
    error: Arc<dyn Error + Send + Sync>,
}

impl Failure {
    /// From a message alone.
    ///
    /// ```
    /// use defer_core::Failure;
    /// assert_eq!(Failure::msg("no such page").to_string(), "no such page");
    /// ```
    #[must_use]
    pub fn msg(message: impl Into<String>) -> Self {
        Failure {
            error: Arc::new(Message(message.into())),
        }
    }

    /// From an error that is boxed already, as `anyhow` and others make them.
    ///
    /// ```
    /// use defer_core::Failure;
    /// let boxed: Box<dyn std::error::Error + Send + Sync> = "no such page".into();
    /// assert_eq!(Failure::from_boxed(boxed).to_string(), "no such page");
    /// ```
    #[must_use]
    pub fn from_boxed(error: Box<dyn Error + Send + Sync>) -> Self {
        Failure {
            error: Arc::from(error),
        }
    }

    /// The error, if it is an `E`.
    ///
    /// ```
    /// use defer_core::{Abandoned, Failure};
    /// let failure = Failure::from(Abandoned);
    /// assert_eq!(failure.check::<Abandoned>(), Some(&Abandoned));
    /// assert!(failure.check::<std::fmt::Error>().is_none());
    /// ```
    #[must_use]
    pub fn check<E: Error + 'static>(&self) -> Option<&E> {
        self.error.downcast_ref()
    }

    /// Whether the deferred was cancelled.
    ///
    /// ```
    /// use defer_core::{Cancelled, Failure};
    /// assert!(Failure::from(Cancelled).is_cancelled());
    /// ```
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.check::<crate::Cancelled>().is_some()
    }

    /// The error if it is an `E`, else the failure again: `failure.trap::<NotFound>()?`
    /// in an errback handles one kind of error and lets the others go on.
    ///
    /// # Errors
    ///
    /// A clone of this failure, if it is not an `E`.
    ///
    /// ```
    /// use defer_core::{Abandoned, Failure};
    ///
    /// fn only_abandoned(failure: Failure) -> Result<u8, Failure> {
    ///     failure.trap::<Abandoned>()?;
    ///     Ok(0)
    /// }
    /// assert_eq!(only_abandoned(Abandoned.into()).unwrap(), 0);
    /// assert!(only_abandoned(Failure::msg("other")).is_err());
    /// ```
    pub fn trap<E: Error + 'static>(&self) -> Result<&E, Failure> {
        self.check().ok_or_else(|| self.clone())
    }

    /// The error itself.
    ///
    /// ```
    /// use defer_core::Failure;
    /// assert!(Failure::msg("alone").error().source().is_none());
    /// ```
    #[must_use]
    pub fn error(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.error
    }
}

// As with every such type, `Failure` itself is no `Error`: this would overlap with
// `impl From<T> for T`.
impl<E: Error + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Failure {
            error: Arc::new(error),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, f)
    }
}

/// The message, then what caused it, one line each: what `unwrap` and `main` print.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error)?;
        let mut said = self.error.to_string();
        let mut cause = self.error.source();
        while let Some(error) = cause {
            // Many errors repeat their cause in their own message.
            let text = error.to_string();
            if !said.ends_with(&text) {
                write!(f, "\n  caused by: {text}")?;
            }
            said = text;
            cause = error.source();
        }
        Ok(())
    }
}

struct Message(String);

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Error for Message {}
