//! Locks, queues, dictionaries and pools, whose waiting is a deferred.

// Each of the queues uses a part of it.
#[allow(dead_code, unused_imports)]
pub(crate) mod ordered;
