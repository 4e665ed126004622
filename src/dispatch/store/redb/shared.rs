//! What the handles of a store and its writer share.

use std::string::String;
use std::sync::atomic::AtomicU64;

use super::inbox::Inbox;
use super::names::Names;

pub(super) struct Shared<A> {
    pub(super) inbox: Inbox<A>,
    pub(super) names: Names,
    /// How many transactions were written.
    pub(super) commits: AtomicU64,
    /// What messages call the store.
    pub(super) name: String,
}
