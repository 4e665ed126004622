//! Who was doing a job.

use std::time::SystemTime;

use crate::dispatch::store::JobId;

/// A job that was underway when its process ended, as [`Redb::given_up`](super::Redb::given_up)
/// lists them.
///
/// ```
/// use defer::dispatch::store::redb::Lease;
///
/// fn tell(lease: &Lease) -> String {
///     format!("job {} was underway in process {}", lease.id, lease.process)
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lease {
    /// The name of the job.
    pub id: JobId,
    /// The number of the process.
    pub process: u32,
    /// When that process opened the store: numbers of processes come again.
    pub opened: SystemTime,
    /// When the job was begun.
    pub since: SystemTime,
}
