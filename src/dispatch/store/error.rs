//! The failure of a store.

use core::error::Error;
use core::fmt;
use std::string::String;
use std::sync::Arc;

/// The failure of a store: what it says, what kind it is, and what is behind it.
///
/// A clone is cheap: one failed write fails every call that waited for it.
///
/// ```
/// use defer::dispatch::store::{StoreError, StoreErrorKind};
///
/// let error = StoreError::new(StoreErrorKind::Closed, "the store is closed");
/// assert_eq!(error.kind(), StoreErrorKind::Closed);
/// assert_eq!(error.to_string(), "the store is closed");
/// ```
#[derive(Clone)]
pub struct StoreError(Arc<Inner>);

struct Inner {
    kind: StoreErrorKind,
    message: String,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// What kind of failure a [`StoreError`] is.
///
/// ```
/// use defer::dispatch::store::{StoreError, StoreErrorKind};
///
/// fn may_help_to_wait(error: &StoreError) -> bool {
///     error.kind() == StoreErrorKind::InUse
/// }
/// # assert!(!may_help_to_wait(&StoreError::new(StoreErrorKind::Closed, "closed")));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// The store was closed, or closed itself after a write that failed.
    Closed,
    /// Another process, or another part of this one, has it open.
    InUse,
    /// What is there is not a store of jobs.
    NotAStore,
    /// A store that a newer version of this library wrote.
    Newer,
    /// A store of jobs of another type.
    OtherType,
    /// A store that is damaged.
    Corrupt,
    /// A job that cannot be decoded: its type has changed, or it is damaged.
    Undecodable,
    /// A job that cannot be encoded.
    Unencodable,
    /// There is no job of this name, or not in this state.
    NoSuchJob,
    /// The operating system failed to read or write.
    Io,
}

impl StoreError {
    /// A failure of a store of one's own.
    ///
    /// ```
    /// # use defer::dispatch::store::{StoreError, StoreErrorKind};
    /// let lost = StoreError::new(StoreErrorKind::Io, "the network is down");
    /// assert_eq!(lost.kind(), StoreErrorKind::Io);
    /// ```
    #[must_use]
    pub fn new(kind: StoreErrorKind, message: impl Into<String>) -> Self {
        StoreError(Arc::new(Inner {
            kind,
            message: message.into(),
            source: None,
        }))
    }

    /// The same, because of another error.
    ///
    /// ```
    /// # use defer::dispatch::store::{StoreError, StoreErrorKind};
    /// use std::error::Error;
    ///
    /// let odd = "x".parse::<u32>().unwrap_err();
    /// let error = StoreError::because(StoreErrorKind::Corrupt, "no number", odd);
    /// assert!(error.source().is_some());
    /// ```
    #[must_use]
    pub fn because(
        kind: StoreErrorKind,
        message: impl Into<String>,
        source: impl Error + Send + Sync + 'static,
    ) -> Self {
        StoreError(Arc::new(Inner {
            kind,
            message: message.into(),
            source: Some(Arc::new(source)),
        }))
    }

    /// What kind of failure it is.
    ///
    /// ```
    /// # use defer::dispatch::store::{StoreError, StoreErrorKind};
    /// fn is_gone(error: &StoreError) -> bool {
    ///     matches!(error.kind(), StoreErrorKind::NoSuchJob)
    /// }
    /// # assert!(is_gone(&StoreError::new(StoreErrorKind::NoSuchJob, "there is no job 4")));
    /// ```
    #[must_use]
    pub fn kind(&self) -> StoreErrorKind {
        self.0.kind
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            kind,
            message,
            source,
        } = &*self.0;
        f.debug_struct("StoreError")
            .field("kind", kind)
            .field("message", message)
            .field("source", source)
            .finish()
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let source = self.0.source.as_deref()?;
        Some(source)
    }
}
