//! Looking on while deferreds settle.

mod event;
mod memory;
mod observed;
mod shared;
mod when;

use alloc::sync::Arc;
use core::fmt;

pub use self::event::{Counts, Event, Recorded};
pub use self::memory::{History, Memory, NoHistory};
pub use self::observed::Observed;
pub use self::shared::Observation;
use self::shared::{Entry, Shared, Ticket};
pub use self::when::{AllDone, When};
use crate::chain::Chain;
use crate::{Deferred, Failure};

/// Observes any number of deferreds: counts how they end, and tells observers.
///
/// What [`append`](Self::append) gives back is the deferred that was passed, with the same
/// outcome: nothing is held up, and nothing is copied but for a history. Deferreds may be
/// appended, and observers added and removed, at any time, from any thread and from inside an
/// observer. With this, any combination of "when so many of them have ended like this" can be
/// built. What is used most is here: [`all_done`](Self::all_done), [`when_n`](Self::when_n),
/// [`when`](Self::when). For the first of several to succeed see
/// [`first_success`](super::first_success()).
///
/// A clone is the same observer. `H` tells whether it keeps a history: [`new`](Self::new)
/// makes one that does not, [`with_history`](Self::with_history) one that does. It may be sent
/// to other threads and used from several, if what it keeps may.
///
/// # Panics
///
/// An observer that panics harms neither the observed deferred nor other observers, with the
/// feature `std`: the panic hook reports it, as it reports every panic, and
/// [`on_panic`](Self::on_panic) is told. Without `std` it goes through the poll.
/// In `txdlo` its error becomes the outcome of the deferred.
///
/// # Examples
///
/// Every outcome of a list, in its order:
///
/// ```
/// use defer_core::list::DeferredListObserver;
/// use defer_core::{defer, fail};
/// # futures::executor::block_on(async {
/// let observer = DeferredListObserver::with_history();
/// let members = [
///     observer.append(defer(async { Ok("a page") }).boxed()),
///     observer.append(fail("no such page").boxed()),
/// ];
/// // They run here; with a runtime they can be started instead.
/// futures::future::join_all(members).await;
///
/// let counts = observer.all_done().await;
/// let mut outcomes = vec![None; counts.total()];
/// for event in observer.history() {
///     outcomes[event.index] = event.outcome;
/// }
/// assert_eq!(outcomes[0].as_deref(), Some(&Ok("a page")));
/// assert_eq!(outcomes[1].as_deref(), Some(&Err("no such page")));
/// # });
/// ```
///
/// The first success; a failure only as a last resort. The counts come with the event: an
/// observer that held a clone of this one instead would keep itself alive.
///
/// ```
/// use std::sync::Mutex;
/// use defer_core::list::DeferredListObserver;
/// use defer_core::{Deferred, Failure, fail};
/// # futures::executor::block_on(async {
/// let observer = DeferredListObserver::new();
/// let (resolver, answer) = Deferred::<Result<(usize, u32), Failure>, _>::new();
/// let resolver = Mutex::new(Some(resolver));
/// observer.observe(move |event| {
///     let answer = match event.outcome {
///         Some(Ok(value)) => Ok((event.index, *value)),
///         _ if event.counts.pending == 0 && event.counts.success == 0 => {
///             Err(Failure::msg("none of them knows"))
///         }
///         _ => return,
///     };
///     if let Some(resolver) = resolver.lock().unwrap().take() {
///         let _ = resolver.resolve(answer);
///     }
/// });
/// let (found, lost) = (Deferred::<Result<u32, Failure>, _>::new(), fail(Failure::msg("lost")));
/// let members = [observer.append(lost.boxed()), observer.append(found.1.boxed())];
/// found.0.callback(7).unwrap();
/// futures::future::join_all(members).await;
/// assert_eq!(answer.await.unwrap(), (1, 7));
/// # });
/// ```
///
/// Source: `txdlo.DeferredListObserver`.
pub struct DeferredListObserver<T, E = Failure, H = NoHistory> {
    shared: Arc<Shared<T, E, H>>,
}

impl<T, E> DeferredListObserver<T, E> {
    /// An observer of nothing, yet, that keeps no history.
    ///
    /// ```
    /// use defer_core::list::DeferredListObserver;
    /// let observer = DeferredListObserver::<u8>::new();
    /// assert_eq!(observer.counts().total(), 0);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        DeferredListObserver {
            shared: Shared::new(NoHistory),
        }
    }
}

impl<T, E> Default for DeferredListObserver<T, E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, E, H: Memory<T, E>> DeferredListObserver<T, E, H> {
    /// Observe a deferred: the same deferred comes back, and is to be used in its place.
    ///
    /// Its index is the number of those that were appended before. As every deferred it runs
    /// only if somebody polls it, and is observed when it settles. What is added to it
    /// afterwards is not seen. A deferred that cannot fail is appended with
    /// `add_callback(Ok::<_, E>)`.
    ///
    /// Cancelling what comes back cancels the deferred; a failure or a value that comes of
    /// that is observed as any other, [`Cancelled`](crate::Cancelled) if that is the failure. If the cancellation leaves it without an outcome, or if
    /// it is dropped before it has one, observers hear that it is *gone*: their event has no
    /// outcome, and it counts as such, not as a failure. What panics is gone, too, when it is
    /// dropped.
    ///
    /// Observers run in the poll, the cancellation or the drop in which it settles, before
    /// whoever awaits it has the outcome. Two words, and no allocation, are added to it.
    ///
    /// ```
    /// use defer_core::list::DeferredListObserver;
    /// use defer_core::{Deferred, Failure};
    /// # futures::executor::block_on(async {
    /// let observer = DeferredListObserver::new();
    /// let (resolver, page) = Deferred::<Result<&str, Failure>, _>::new();
    /// let page = observer.append(page);
    /// assert_eq!(observer.counts().pending, 1);
    /// resolver.callback("the page").unwrap();
    /// assert_eq!(page.await.unwrap(), "the page");
    /// assert_eq!((observer.counts().pending, observer.counts().success), (0, 1));
    /// # });
    /// ```
    pub fn append<F>(
        &self,
        deferred: Deferred<Result<T, E>, F>,
    ) -> Deferred<Result<T, E>, Observed<F, T, E, H>>
    where
        F: Chain<Output = Result<T, E>>,
    {
        let ticket = Ticket::new(self.shared.clone());
        Deferred::from_chain(Observed::new(deferred.into_chain(), ticket))
    }

    /// Call `observer` whenever one of the observed deferreds settles, from now on.
    ///
    /// Observers are called in the order in which they were added, outside of every lock:
    /// they may append, observe and remove. One that is added by an observer does not hear
    /// of the event that is being told. If two deferreds settle on two threads at the same
    /// time, an observer is called on both at once; the counts of the events tell which came
    /// first. An observer that settles another observed deferred, by dropping it, is called
    /// again inside its call.
    ///
    /// The handle that comes back removes it; dropping the handle does not.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    /// use std::sync::Arc;
    /// use defer_core::list::DeferredListObserver;
    /// use defer_core::fail;
    /// # futures::executor::block_on(async {
    /// let observer = DeferredListObserver::new();
    /// let failures = Arc::new(AtomicUsize::new(0));
    /// let counting = failures.clone();
    /// observer.observe(move |event| {
    ///     if let Some(Err(_)) = event.outcome {
    ///         counting.fetch_add(1, SeqCst);
    ///     }
    /// });
    /// let lost = observer.append(fail::<u8, _>("no such page"));
    /// assert_eq!(lost.await, Err("no such page"));
    /// assert_eq!(failures.load(SeqCst), 1);
    /// # });
    /// ```
    pub fn observe<C>(&self, observer: C) -> Observation<T, E, H>
    where
        C: Fn(&Event<'_, T, E>) + Send + Sync + 'static,
    {
        let entry = Entry::new(observer);
        let observation = Observation::of(&self.shared, &entry);
        self.shared.add(entry);
        observation
    }

    /// How many are in which state, now.
    ///
    /// ```
    /// use defer_core::list::DeferredListObserver;
    /// use defer_core::fail;
    /// let observer = DeferredListObserver::new();
    /// let _lost = observer.append(fail::<u8, _>("no such page"));
    /// assert_eq!(observer.counts().pending, 1); // nobody has polled it
    /// ```
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.shared.counts()
    }

    /// Fires as soon as none is pending: at once, if none is.
    ///
    /// It looks on from the call on, polled or not, and yields the counts of that moment; what
    /// is appended afterwards does not matter. Dropping or cancelling it takes it away.
    ///
    /// A pool that tells when it is empty:
    ///
    /// ```
    /// use defer_core::list::DeferredListObserver;
    /// use defer_core::{Deferred, Failure};
    /// # futures::executor::block_on(async {
    /// let pool = DeferredListObserver::new();
    /// let (resolver, job) = Deferred::<Result<u8, Failure>, _>::new();
    /// let job = pool.append(job);
    /// let empty = pool.all_done();
    /// resolver.callback(1).unwrap();
    /// job.await.unwrap();
    /// let _next = pool.append(Deferred::new().1);
    /// assert_eq!(empty.await.success, 1);
    /// # });
    /// ```
    ///
    /// Source: `DeferredPool.notifyWhenEmpty` of `txrdq`.
    pub fn all_done(&self) -> Deferred<Counts, AllDone<T, E, H>> {
        Deferred::from_chain(AllDone::new(&self.shared))
    }

    /// Fires as soon as `n` have an outcome, values and failures together: at once, if so many
    /// have.
    ///
    /// See [`when`](Self::when).
    ///
    /// # Errors
    ///
    /// As [`when`](Self::when).
    ///
    /// ```
    /// use defer_core::list::DeferredListObserver;
    /// use defer_core::fail;
    /// # futures::executor::block_on(async {
    /// let observer = DeferredListObserver::new();
    /// let two = observer.when_n(2);
    /// for why in ["a", "b", "c"] {
    ///     observer.append(fail::<u8, _>(why)).await.unwrap_err();
    /// }
    /// assert_eq!(two.await.unwrap().failure, 2);
    /// # });
    /// ```
    pub fn when_n(&self, n: usize) -> Deferred<Result<Counts, crate::Abandoned>, When<T, E, H>> {
        self.when(move |counts| counts.fired() >= n)
    }

    /// Fires as soon as the counts are as `condition` wants them: at once, if they are.
    ///
    /// It looks on from the call on, polled or not, and yields the counts that were the first
    /// to be so. `condition` is asked in this call, and then as an [observer](Self::observe) is
    /// called, with its panics. Dropping or cancelling the deferred takes it away.
    ///
    /// # Errors
    ///
    /// [`Abandoned`](crate::Abandoned) if it can never fire: nothing is pending, and of the
    /// observer itself there is no clone left that could append more.
    ///
    /// ```
    /// use defer_core::list::DeferredListObserver;
    /// use defer_core::{Abandoned, fail};
    /// # futures::executor::block_on(async {
    /// let observer = DeferredListObserver::new();
    /// let success = observer.when(|counts| counts.success > 0);
    /// let many = observer.when(|counts| counts.failure > 1);
    /// let [a, b] = ["a", "b"].map(|why| observer.append(fail::<u8, _>(why)));
    /// drop(observer);
    /// a.await.unwrap_err();
    /// b.await.unwrap_err();
    /// assert_eq!(many.await.unwrap().failure, 2);
    /// assert_eq!(success.await, Err(Abandoned));
    /// # });
    /// ```
    pub fn when<C>(&self, condition: C) -> Deferred<Result<Counts, crate::Abandoned>, When<T, E, H>>
    where
        C: Fn(&Counts) -> bool + Send + Sync + 'static,
    {
        Deferred::from_chain(When::new(&self.shared, condition))
    }

    /// Tell `hook` when an observer has panicked: at which deferred, by its index, and with
    /// what.
    ///
    /// The panic hook of `std` has reported it by then. The observer stays, and is called for
    /// the next event. There is one such hook: this replaces the one before. A panic of the
    /// hook itself is caught as well.
    ///
    /// ```
    /// use defer_core::list::DeferredListObserver;
    /// use defer_core::fail;
    /// # std::panic::set_hook(Box::new(|_| {}));
    /// # futures::executor::block_on(async {
    /// let observer = DeferredListObserver::new();
    /// let (told, hear) = std::sync::mpsc::channel();
    /// observer.on_panic(move |index, panicked| told.send((index, panicked.to_string())).unwrap());
    /// observer.observe(|_| panic!("no bread"));
    /// let lost = observer.append(fail::<u8, _>("no such page"));
    /// assert_eq!(lost.await, Err("no such page")); // not harmed
    /// assert_eq!(hear.recv().unwrap(), (0, "panicked: no bread".to_string()));
    /// # });
    /// ```
    #[cfg(feature = "std")]
    pub fn on_panic<C>(&self, hook: C)
    where
        C: Fn(usize, crate::Panicked) + Send + Sync + 'static,
    {
        self.shared.set_on_panic(Arc::new(hook));
    }
}

impl<T, E, H> Clone for DeferredListObserver<T, E, H> {
    fn clone(&self) -> Self {
        DeferredListObserver {
            shared: self.shared.clone(),
        }
    }
}

impl<T, E, H: Memory<T, E>> fmt::Debug for DeferredListObserver<T, E, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeferredListObserver")
            .field("counts", &self.counts())
            .finish_non_exhaustive()
    }
}
