//! Locks, queues, dictionaries and pools, whose waiting is a deferred.
//!
//! | what | what waits |
//! | --- | --- |
//! | [`DeferredPriorityQueue`] | a `get`, until there is an item; the most important comes first |
//! | [`DeferredDict`] | a `get` of a key that is missing, until it is inserted |
//! | [`Ready`] | calls of a value, until it is constructed |
//! | [`controllable`](controllable()) | what its owner fires, fails or cancels in place of the original |

mod controllable;
mod dict;
mod in_line;
// Each of the queues uses a part of it.
#[allow(dead_code, unused_imports)]
pub(crate) mod ordered;
mod priority_queue;
mod ready;

pub use self::controllable::{
    ControllableDeferred, Controlled, Controller, Original, controllable,
};
pub use self::dict::{DeferredDict, DictClosed, InsertError, LookUp};
pub use self::priority_queue::{
    DeferredPriorityQueue, GetError, PriorityGet, PutError, QueueClosed, QueueOverflow,
    QueueUnderflow, Ticket,
};
pub use self::ready::{Constructed, Ready, ReadyCall};
