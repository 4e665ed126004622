//! A job as a store keeps it.

use std::time::SystemTime;

use super::JobId;

/// How urgent a job is: the lowest goes first.
pub type Priority = i64;

/// A job as a store keeps it.
///
/// ```
/// use defer::dispatch::store::{JobId, Stored};
///
/// let mut job = Stored::new(JobId::new(1), -3, "to whom".to_string());
/// job.attempts = 2;
/// assert_eq!((job.priority, &*job.argument), (-3, "to whom"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stored<A> {
    /// Its name.
    pub id: JobId,
    /// How urgent it is: the lowest goes first.
    pub priority: Priority,
    /// What it is done with.
    pub argument: A,
    /// When it was put.
    pub queued: SystemTime,
    /// How often a queue began it: the attempts of a retry are not told apart.
    pub attempts: u32,
}

impl<A> Stored<A> {
    /// A job that is put now and was never begun.
    ///
    /// ```
    /// # use defer::dispatch::store::{JobId, Stored};
    /// assert_eq!(Stored::new(JobId::new(1), 0, ()).attempts, 0);
    /// ```
    #[must_use]
    pub fn new(id: JobId, priority: Priority, argument: A) -> Self {
        Stored {
            id,
            priority,
            argument,
            queued: SystemTime::now(),
            attempts: 0,
        }
    }
}
