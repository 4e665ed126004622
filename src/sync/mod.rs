//! Locks, queues, dictionaries and pools, whose waiting is a deferred.
