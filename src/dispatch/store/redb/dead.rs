//! Jobs that failed for good.

use std::string::String;
use std::time::SystemTime;
use std::vec::Vec;

use crate::dispatch::store::{JobId, Priority};

/// A job that failed for good, or that could not be decoded, and is kept aside.
///
/// ```
/// use defer::dispatch::store::{JobStore, Redb, StoreError, Stored};
///
/// async fn buried(store: &Redb<String>) -> Result<(), StoreError> {
///     let job = Stored::new(store.next_id(), 0, "to nobody".to_string());
///     store.put(&job).await?;
///     store.bury(job.id, "no such number").await?;
///
///     let letters = store.dead_letters().await?;
///     assert_eq!(letters[0].argument.as_deref(), Some("to nobody"));
///     assert_eq!(letters[0].why, "no such number");
///     Ok(())
/// }
/// # let folder = tempfile::tempdir().unwrap();
/// # futures::executor::block_on(async {
/// # let store = Redb::open(folder.path().join("jobs")).await.unwrap();
/// # buried(&store).await.unwrap();
/// # });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeadLetter<A> {
    /// The name of the job.
    pub id: JobId,
    /// How urgent it was.
    pub priority: Priority,
    /// When it was put.
    pub queued: SystemTime,
    /// How often a queue began it: the attempts of a retry are not told apart.
    pub attempts: u32,
    /// When it was given up.
    pub buried: SystemTime,
    /// Why it was given up.
    pub why: String,
    /// What it was to be done with; `None` if that cannot be decoded.
    pub argument: Option<A>,
    /// The same, as it is kept.
    pub bytes: Vec<u8>,
}
