//! What an observer is told.

use alloc::sync::Arc;
use core::fmt;

/// How many of the observed deferreds are in which state.
///
/// Made by [`DeferredListObserver::counts`](super::DeferredListObserver::counts), and part of
/// each [`Event`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Counts {
    /// Those that have not settled.
    pub pending: usize,
    /// Those that have yielded a value.
    pub success: usize,
    /// Those that have failed.
    pub failure: usize,
    /// Those that will never have an outcome: they were dropped, or a cancellation has left
    /// them.
    pub gone: usize,
}

impl Counts {
    /// How many have an outcome, whichever it is.
    ///
    /// ```
    /// use defer_core::list::DeferredListObserver;
    /// use defer_core::{fail, succeed};
    /// # futures::executor::block_on(async {
    /// let observer = DeferredListObserver::new();
    /// let lost = observer.append(fail::<u8, _>("no such page"));
    /// assert_eq!(observer.counts().fired(), 0);
    /// lost.await.unwrap_err();
    /// assert_eq!(observer.counts().fired(), 1);
    /// # });
    /// ```
    #[must_use]
    pub const fn fired(&self) -> usize {
        self.success + self.failure
    }

    /// How many have been appended; the index of the next one.
    ///
    /// ```
    /// use defer_core::list::DeferredListObserver;
    /// use defer_core::fail;
    /// let observer = DeferredListObserver::new();
    /// drop(observer.append(fail::<u8, _>("no such page")));
    /// assert_eq!((observer.counts().total(), observer.counts().gone), (1, 1));
    /// ```
    #[must_use]
    pub const fn total(&self) -> usize {
        self.pending + self.success + self.failure + self.gone
    }
}

/// One of the observed deferreds has settled: what an observer is called with.
///
/// ```
/// use defer_core::fail;
/// use defer_core::list::DeferredListObserver;
/// # futures::executor::block_on(async {
/// let observer = DeferredListObserver::new();
/// observer.observe(|event| {
///     assert_eq!((event.index, event.outcome), (0, Some(&Err("no such page"))));
///     assert_eq!((event.counts.pending, event.counts.failure), (0, 1));
/// });
/// let lost = observer.append(fail::<u8, _>("no such page"));
/// assert_eq!(lost.await, Err("no such page"));
/// # assert_eq!(observer.counts().failure, 1);
/// # });
/// ```
#[non_exhaustive]
pub struct Event<'a, T, E> {
    /// Which: its place in the order of appending, counted from 0.
    pub index: usize,
    /// Its outcome, on its way to whoever awaits it. `None`: there will never be one, because
    /// it was dropped, or because a cancellation has left it.
    pub outcome: Option<&'a Result<T, E>>,
    /// The counts as this event has made them. Of all events that are heard, one alone has
    /// made each of them, on however many threads they happen.
    pub counts: Counts,
}

impl<T, E> Clone for Event<'_, T, E> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T, E> Copy for Event<'_, T, E> {}

impl<T: fmt::Debug, E: fmt::Debug> fmt::Debug for Event<'_, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("index", &self.index)
            .field("outcome", &self.outcome)
            .field("counts", &self.counts)
            .finish()
    }
}

/// An [`Event`] as a history keeps it.
///
/// A clone shares the outcome.
///
/// ```
/// use defer_core::list::DeferredListObserver;
/// use defer_core::{Failure, defer};
/// # futures::executor::block_on(async {
/// let observer = DeferredListObserver::with_history();
/// let page = observer.append(defer(async { Ok::<_, Failure>("the page") }));
/// page.await.unwrap();
/// let recorded = &observer.history()[0];
/// assert_eq!(recorded.event().outcome.unwrap().as_ref().unwrap(), &"the page");
/// # });
/// ```
#[non_exhaustive]
pub struct Recorded<T, E> {
    /// See [`Event::index`].
    pub index: usize,
    /// See [`Event::outcome`].
    pub outcome: Option<Arc<Result<T, E>>>,
    /// See [`Event::counts`]: as they were then.
    pub counts: Counts,
}

impl<T, E> Recorded<T, E> {
    /// The event.
    ///
    /// ```
    /// # use defer_core::{fail, list::DeferredListObserver};
    /// # let observer = DeferredListObserver::<u8, &str, _>::with_history();
    /// drop(observer.append(fail("no such page")));
    /// assert!(observer.history()[0].event().outcome.is_none());
    /// ```
    #[must_use]
    pub fn event(&self) -> Event<'_, T, E> {
        Event {
            index: self.index,
            outcome: self.outcome.as_deref(),
            counts: self.counts,
        }
    }
}

impl<T, E> Clone for Recorded<T, E> {
    fn clone(&self) -> Self {
        Recorded {
            outcome: self.outcome.clone(),
            ..*self
        }
    }
}

impl<T: fmt::Debug, E: fmt::Debug> fmt::Debug for Recorded<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.event(), f)
    }
}
