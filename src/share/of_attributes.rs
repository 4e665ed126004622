//! What `#[callback(memoize)]` and `#[callback(single_flight)]` expand to.

use core::any::Any;
use core::fmt;
use core::future::Future;
use core::hash::Hash;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::boxed::Box;
use std::sync::{Arc, OnceLock};

use defer_core::__private::{Sealed, finished};
use defer_core::{Chain, Deferred, Draw, Kind, OutOf, Unwind};

use super::key::Outcome;
pub use super::key::{Part, part};
use super::run::Run;
use super::table::{Keeps, Table, judge};
use super::{Memo, Shared};

/// The table of one function.
///
/// Without its types: the compiler would prove them again where the static stands, and say
/// twice what is wrong with them.
#[derive(Debug)]
pub struct Static(OnceLock<Box<dyn Any + Send + Sync>>);

impl Static {
    /// Nothing yet.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "for statics only")]
    pub const fn new() -> Self {
        Static(OnceLock::new())
    }

    /// Call the function through its table, which the first call makes.
    fn call<K, O>(&self, key: K, make: impl FnOnce() -> Memo<K, O>) -> Called<O>
    where
        K: Clone + Eq + Hash + Send + 'static,
        O: Clone + Send + 'static,
    {
        let made = self.0.get_or_init(|| Box::new(make()));
        match made.downcast_ref::<Memo<K, O>>() {
            Some(memo) => Recall::of(memo.call(key).into_chain()),
            None => unreachable!("a static belongs to one function"),
        }
    }
}

/// What the call of the annotated function waits for.
pub type Called<O> = Deferred<O, Recall<O>>;

/// A clone of the run.
///
/// As [`Static`]: what its outcome can do is known where it is made.
#[must_use = "a chain does nothing until it is polled"]
pub struct Recall<O> {
    shared: Shared<Run<O>>,
    poll: fn(Pin<&mut Shared<Run<O>>>, &mut Context<'_>) -> Poll<Option<O>>,
    cancel: fn(Pin<&mut Shared<Run<O>>>) -> Unwind<O>,
    describe: fn(&Shared<Run<O>>, &mut dyn Draw),
}

impl<O> Recall<O> {
    fn of(shared: Shared<Run<O>>) -> Called<O>
    where
        O: Clone,
    {
        Deferred::from_chain(Recall {
            shared,
            poll: Chain::poll_settle,
            cancel: Chain::cancel,
            describe: Chain::describe,
        })
    }
}

impl<O> Future for Recall<O> {
    type Output = O;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<O> {
        // Only a cancellation leaves it without an outcome.
        self.poll_settle(cx)
            .map(|outcome| outcome.unwrap_or_else(|| finished()))
    }
}

impl<O> Unpin for Recall<O> {}
impl<O> Sealed for Recall<O> {}

impl<O> Chain for Recall<O> {
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<O> {
        (self.cancel)(Pin::new(&mut self.shared))
    }
    fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<O>> {
        (self.poll)(Pin::new(&mut self.shared), cx)
    }
    fn describe(&self, to: &mut dyn Draw) {
        (self.describe)(&self.shared, to);
    }
}

impl<O> fmt::Debug for Recall<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recall").finish_non_exhaustive()
    }
}

fn memo<K: Kind, T, P, F, C>(keeps: Keeps<P, OutOf<K, T>>, function: C) -> Memo<P, OutOf<K, T>>
where
    P: 'static,
    OutOf<K, T>: 'static,
    F: Chain<Output = OutOf<K, T>> + Send + 'static,
    C: Fn(P) -> Deferred<OutOf<K, T>, F> + Send + Sync + 'static,
{
    Memo {
        table: Table::new(keeps, judge::<K, T>),
        function: Arc::new(move |key| function(key).boxed()),
    }
}

/// `#[callback(memoize)]`
pub fn memoized<K: Kind, T, P, F, C>(place: &Static, key: P, function: C) -> Called<OutOf<K, T>>
where
    P: Clone + Eq + Hash + Send + 'static,
    OutOf<K, T>: Outcome,
    F: Chain<Output = OutOf<K, T>> + Send + 'static,
    C: Fn(P) -> Deferred<OutOf<K, T>, F> + Send + Sync + 'static,
{
    place.call(key, || memo::<K, T, P, F, C>(Keeps::InTheTable, function))
}

/// `#[callback(single_flight)]`
pub fn in_single_flight<K: Kind, T, P, F, C>(
    place: &Static,
    key: P,
    function: C,
) -> Called<OutOf<K, T>>
where
    P: Clone + Eq + Hash + Send + 'static,
    OutOf<K, T>: Outcome,
    F: Chain<Output = OutOf<K, T>> + Send + 'static,
    C: Fn(P) -> Deferred<OutOf<K, T>, F> + Send + Sync + 'static,
{
    place.call(key, || memo::<K, T, P, F, C>(Keeps::Nowhere, function))
}

/// `#[callback(memoize(size = .., expires = ..))]`
#[cfg(feature = "moka")]
pub fn memoized_within<K: Kind, T, P, F, C>(
    place: &Static,
    key: P,
    function: C,
    bounds: fn(super::Bounds) -> super::Bounds,
) -> Called<OutOf<K, T>>
where
    P: Clone + Eq + Hash + Send + Sync + 'static,
    OutOf<K, T>: Outcome,
    F: Chain<Output = OutOf<K, T>> + Send + 'static,
    C: Fn(P) -> Deferred<OutOf<K, T>, F> + Send + Sync + 'static,
{
    place.call(key, || {
        let bounds = bounds(super::Bounds::new());
        memo::<K, T, P, F, C>(Keeps::InTheTable, function).bounded(bounds)
    })
}
