//! What collects keys, by what its calls need of it.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::convert::Infallible;
use core::fmt::Debug;
use core::hash::Hash;
use core::task::{Context, Poll};

use super::answers::Returns;
use super::call::Batched;
use super::rounds::Ticket;
use super::run::Rounds;
use super::wrong::{FromWrongAnswers, WrongAnswers};
use crate::Deferred;
use crate::chain::Unwind;
use crate::kind::{Fails, Kind, Never, OutOf};

/// A key of a batch: told apart by `Eq` and `Hash`, told by `Debug`.
///
/// Implemented for every type that can be one. `Eq` and `Hash` run under a lock: they do not
/// poll calls of the same batch.
pub trait Key: Clone + Debug + Eq + Hash + Send + 'static {}

impl<K: Clone + Debug + Eq + Hash + Send + 'static> Key for K {}

/// The bounds of a batch are asked for where it is made, and nowhere else: a type that lacks
/// one is one error. So its calls see it through this trait.
pub(super) trait Collects<K, T, E>: Send + Sync {
    /// Hand in a key; the call is polled again.
    fn enter(&self, key: K, cx: &mut Context<'_>) -> Ticket;
    /// When it is ready the call has left: without an outcome, if what ran was cancelled.
    fn poll(&self, ticket: Ticket, cx: &mut Context<'_>) -> Poll<Option<Result<T, E>>>;
    /// After `Is` and `Out` the call has left.
    fn cancel(&self, ticket: &Ticket) -> Unwind<Result<T, E>>;
    fn leave(&self, ticket: &Ticket);
    fn name(&self) -> &'static str;
    fn set_name(&self, name: &'static str);
    fn set_max(&self, max: usize);
}

/// How a task has itself polled again after whatever else is ready: a runtime may know better
/// than [`turn`].
pub type Turn = fn(&mut Context<'_>);

/// Any executor's: the task wakes itself, and is behind all that were woken before.
pub fn turn(cx: &mut Context<'_>) {
    cx.waker().wake_by_ref();
}

/// The batch of an annotated function, and what is in one made by hand: `D` is how its calls can fail.
pub struct Collector<K, T, D: Kind> {
    collects: Arc<dyn Collects<K, T, D::Error>>,
}

// The bounds are those of the functions: the compiler says less of those of a block.
impl<K, T> Collector<K, T, Never> {
    /// Of calls that cannot fail: without an answer they panic.
    pub fn plain<R, M>(
        name: &'static str,
        turn: Turn,
        ask: impl Fn(Vec<K>) -> R + Send + Sync + 'static,
    ) -> Self
    where
        K: Key,
        T: Clone + Send + 'static,
        R: Returns<K, T, Infallible, M>,
    {
        fn wrong(wrong: WrongAnswers) -> Infallible {
            panic!("{wrong}")
        }
        Collector {
            collects: Rounds::new(name, turn, wrong, move |keys, asked| ask(keys).run(asked)),
        }
    }
}

impl<K, T, E: 'static> Collector<K, T, Fails<E>> {
    /// Of calls that can fail.
    pub fn fallible<R, M>(
        name: &'static str,
        turn: Turn,
        ask: impl Fn(Vec<K>) -> R + Send + Sync + 'static,
    ) -> Self
    where
        K: Key,
        T: Clone + Send + 'static,
        E: FromWrongAnswers + Clone + Send,
        R: Returns<K, T, E, M>,
    {
        Collector {
            collects: Rounds::new(name, turn, E::from_wrong_answers, move |keys, asked| {
                ask(keys).run(asked)
            }),
        }
    }
}

impl<K, T, D: Kind> Collector<K, T, D> {
    /// At most so many keys at once.
    #[must_use]
    pub fn max(self, max: usize) -> Self {
        self.collects.set_max(max);
        self
    }

    /// What the batch function is called.
    #[must_use]
    pub fn named(self, name: &'static str) -> Self {
        self.collects.set_name(name);
        self
    }

    /// What the batch function is called.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.collects.name()
    }

    /// The call for a key.
    pub fn get(&self, key: K) -> Deferred<OutOf<D, T>, Batched<K, T, D>> {
        Deferred::from_chain(Batched::new(self.collects.clone(), key))
    }
}

impl<K, T, D: Kind> Clone for Collector<K, T, D> {
    fn clone(&self) -> Self {
        Collector {
            collects: self.collects.clone(),
        }
    }
}

impl<K, T, D: Kind> Debug for Collector<K, T, D> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Collector").finish_non_exhaustive()
    }
}
