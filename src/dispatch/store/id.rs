//! The name of a job.

use core::fmt;

/// The name of a job: a number that its store gives once, also over restarts.
///
/// ```
/// use defer::dispatch::store::JobId;
///
/// let id = JobId::new(7);
/// assert_eq!((id.to_string(), id.get()), ("7".to_string(), 7));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(u64);

impl JobId {
    /// The job of this number. A store makes these; others get them from it, or read one that
    /// was written down.
    ///
    /// ```
    /// # use defer::dispatch::store::JobId;
    /// let from_an_address: JobId = JobId::new("12".parse().unwrap());
    /// assert!(from_an_address > JobId::new(11));
    /// ```
    #[must_use]
    pub const fn new(number: u64) -> Self {
        JobId(number)
    }

    /// Its number.
    ///
    /// ```
    /// # use defer::dispatch::store::JobId;
    /// assert_eq!(JobId::new(3).get(), 3);
    /// ```
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(feature = "store-redb")]
impl serde::Serialize for JobId {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

#[cfg(feature = "store-redb")]
impl<'de> serde::Deserialize<'de> for JobId {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        u64::deserialize(from).map(JobId)
    }
}
