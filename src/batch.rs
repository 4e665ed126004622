//! Many calls for one thing each, asked in one call for all of them.
//!
//! `#[callback(batch = load_users)]` makes an annotated function whose calls are collected; a
//! [`Batch`] does the same by hand. The [guide](crate::guide::batching) teaches both.
//!
//! # What is collected
//!
//! A call hands in its key when it is polled first, after its arguments. Then it has itself
//! polled again after whatever else is ready to run, and looks whether keys were added in
//! the meantime. When several looks in a row found nothing new, the batch function is called.
//! No time is waited for: on tokio a look is a turn of the scheduler, as
//! `tokio::task::yield_now` is one, in which input and output are looked after; elsewhere the
//! task wakes itself.
//!
//! A batch that finds something new at every look is sent after 64 of them all the same, so
//! that a busy program delays its calls and does not put them off for ever. One that has its
//! largest size ([`Batch::max`]) is sent at once.
//!
//! Calls share a batch if they are for the same [`Batch`]; calls of an annotated function, if
//! they are polled on the same thread, in whichever task. A key is asked for once, however
//! many calls there are for it, until it was sent; calls that come later ask anew.
//!
//! # Who runs it
//!
//! The calls in it: whichever of them is polled drives the batch function's deferred for
//! all. A call that is dropped, or is no longer polled, does not stop the others. When the
//! last one is dropped, what runs is dropped; when the last one is cancelled, what runs is
//! cancelled, and its errbacks run. A panic of the batch function comes out of every call.
//!
//! In Twisted there is nothing like it.

use alloc::vec::Vec;
use core::fmt;

use defer_core::__private::Collector;
pub use defer_core::batch::*;
use defer_core::{Deferred, Fails, Failure};

use crate::__private::turn;

/// Collects calls for single keys, and asks for all of them at once.
///
/// What `#[callback(batch = ..)]` makes of a function, as a value: for methods, and for batch
/// functions that need a client, which a closure holds. `K` is the key, `T` the value, `E`
/// the error. Clones are the same batch. See [the module](self) for when it is sent, and for who
/// runs it.
///
/// Keep one for as long as its client: calls share a batch only if they are of the same
/// `Batch`. It may be shared between threads; what it runs is polled by whichever call is,
/// so use it on one runtime.
///
/// ```
/// use defer::batch::{Batch, Batched};
/// use defer::{Deferred, Failure, defer};
///
/// # #[derive(Clone)] struct Client;
/// # impl Client { async fn names(&self, ids: Vec<u32>) -> Result<Vec<String>, std::io::Error> {
/// #     Ok(ids.into_iter().map(|id| format!("user {id}")).collect()) } }
/// struct Users {
///     names: Batch<u32, String>,
/// }
///
/// impl Users {
///     fn new(client: Client) -> Self {
///         let load = move |ids: Vec<u32>| {
///             let client = client.clone();
///             defer(async move { client.names(ids).await })
///         };
///         Users { names: Batch::new(load).max(100) }
///     }
///
///     fn name(&self, id: u32) -> Deferred<Result<String, Failure>, Batched<u32, String>> {
///         self.names.get(id)
///     }
/// }
/// # futures::executor::block_on(async {
/// let users = Users::new(Client);
/// // One call of `names`.
/// let (ada, bob) = futures::future::join(users.name(1), users.name(2)).await;
/// assert_eq!((ada.unwrap(), bob.unwrap()), ("user 1".into(), "user 2".into()));
/// # });
/// ```
pub struct Batch<K, T, E: 'static = Failure> {
    collector: Collector<K, T, Fails<E>>,
}

impl<K: Key, T: Clone + Send + 'static, E: FromWrongAnswers + Clone + Send> Batch<K, T, E> {
    /// From the batch function.
    ///
    /// It is called with the keys of a batch, each of them once, in the order in which they
    /// were asked for first, and returns [answers](Answers) or a deferred of them. A
    /// plain future is wrapped, by [`defer`](crate::defer).
    ///
    /// ```
    /// use defer::Failure;
    /// use defer::batch::Batch;
    /// # futures::executor::block_on(async {
    /// let sizes: Batch<&str, usize, Failure> =
    ///     Batch::new(|words: Vec<&str>| words.iter().map(|word| word.len()).collect::<Vec<_>>());
    /// assert_eq!(sizes.get("three").await.unwrap(), 5);
    /// # });
    /// ```
    pub fn new<F, R, M>(ask: F) -> Self
    where
        F: Fn(Vec<K>) -> R + Send + Sync + 'static,
        R: Returns<K, T, E, M>,
    {
        Batch {
            collector: Collector::fallible(last_of(core::any::type_name::<F>()), turn, ask),
        }
    }
}

impl<K, T, E> Batch<K, T, E> {
    /// Ask for at most so many keys at once.
    ///
    /// A batch of this size is sent without looking for more. Further keys make further
    /// batches, which run at the same time. Without it there is no limit.
    ///
    /// # Panics
    ///
    /// With 0, which would never be sent.
    ///
    /// ```
    /// use defer::batch::Batch;
    /// # futures::executor::block_on(async {
    /// let shared: Batch<u32, usize> =
    ///     Batch::new(|ids: Vec<u32>| vec![ids.len(); ids.len()]).max(2);
    /// let three = [1, 2, 3].map(|id| shared.get(id));
    /// let sizes = futures::future::try_join_all(three).await.unwrap();
    /// assert_eq!(sizes, [2, 2, 1]);
    /// # });
    /// ```
    #[must_use]
    pub fn max(self, max: usize) -> Self {
        Batch {
            collector: self.collector.max(max),
        }
    }

    /// What the batch function is called in plans and errors. Without it: by its own name, a
    /// closure by that of the function it stands in.
    ///
    /// ```
    /// use defer::batch::Batch;
    /// let users: Batch<u32, u32> = Batch::new(|ids: Vec<u32>| ids).named("load_users");
    /// assert_eq!(users.get(1).plan().to_string(), "load_users\n");
    /// ```
    #[must_use]
    pub fn named(self, name: &'static str) -> Self {
        Batch {
            collector: self.collector.named(name),
        }
    }

    /// The call for one key.
    ///
    /// Nothing happens until it is polled. Dropping it withdraws the key, if that was not
    /// sent; so does cancelling it.
    ///
    /// # Errors
    ///
    /// What the batch function answers for the key, or fails with as a whole;
    /// [`WrongAnswers`] if it gives no answer for it.
    ///
    /// # Panics
    ///
    /// Polling it panics if the batch function panicked.
    ///
    /// ```
    /// use defer::Failure;
    /// use defer::batch::Batch;
    /// # futures::executor::block_on(async {
    /// let halves: Batch<u32, u32> = Batch::new(|all: Vec<u32>| {
    ///     let half = |n| if n % 2 == 0 { Ok(n / 2) } else { Err(Failure::msg("odd")) };
    ///     all.into_iter().map(half).collect::<Vec<_>>()
    /// });
    /// let (four, five) = futures::future::join(halves.get(4), halves.get(5)).await;
    /// assert_eq!(four.unwrap(), 2);
    /// assert_eq!(five.unwrap_err().to_string(), "odd");
    /// # });
    /// ```
    pub fn get(&self, key: K) -> Deferred<Result<T, E>, Batched<K, T, Fails<E>>> {
        self.collector.get(key)
    }
}

impl<K, T, E> Clone for Batch<K, T, E> {
    fn clone(&self) -> Self {
        Batch {
            collector: self.collector.clone(),
        }
    }
}

impl<K, T, E> fmt::Debug for Batch<K, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("named", &self.collector.name())
            .finish_non_exhaustive()
    }
}

/// The last name of a path that is no closure's.
fn last_of(path: &'static str) -> &'static str {
    // The arguments of a generic function have paths of their own.
    let path = path.split('<').next().unwrap_or(path);
    let mut names = path.rsplit("::");
    names.find(|name| !name.starts_with('{')).unwrap_or(path)
}
