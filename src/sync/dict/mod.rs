//! A dictionary in which a missing key waits.

mod error;
mod look_up;
mod state;

use core::borrow::Borrow;
use core::fmt;
use core::hash::Hash;
use std::collections::HashMap;
use std::sync::Arc;
use std::vec::Vec;

use defer_core::{Deferred, Failure};

pub use self::error::{DictClosed, InsertError};
pub use self::look_up::LookUp;
use self::state::Shared;
use super::in_line::wake_all;
use super::ordered::Ordered;

/// A dictionary that gives deferreds: who asks for a key that is missing waits for it.
///
/// A producer inserts in whatever order it works, consumers ask in whatever order they need. A
/// clone is the same dictionary. Values are cloned for each who asks: where they are large, let
/// them be `Arc`s.
///
/// `Hash`, `Eq` and `Clone` of keys and `Clone` of values are called under a lock of the
/// dictionary's; no waker is. Terry Jones: `DeferredDict`.
///
/// ```
/// use defer::prelude::*;
/// use defer::sync::DeferredDict;
///
/// #[callback]
/// fn add(a: u32, b: u32) -> u32 { a + b }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let dict = DeferredDict::new();
/// let sum = add(dict.get("one"), dict.get("two")).start();
/// tokio::task::yield_now().await;
/// dict.insert("two", 2).unwrap();
/// dict.insert("one", 1).unwrap();
/// assert_eq!(sum.await.unwrap(), 3);
/// # }
/// ```
pub struct DeferredDict<K, V> {
    handle: Arc<Handle<K, V>>,
}

/// What all clones have: when it is dropped, nobody can insert any more.
struct Handle<K, V> {
    shared: Arc<Shared<K, V>>,
}

impl<K, V> Handle<K, V> {
    fn close(&self) {
        let waited = self.shared.with(|state| state.close());
        wake_all(waited.flat_map(Ordered::into_values));
    }
}

impl<K, V> Drop for Handle<K, V> {
    fn drop(&mut self) {
        self.close();
    }
}

impl<K, V> DeferredDict<K, V> {
    /// An empty dictionary. One with entries is collected from an iterator of them.
    ///
    /// ```
    /// use defer::sync::DeferredDict;
    ///
    /// let empty = DeferredDict::<&str, u8>::new();
    /// assert!(empty.is_empty());
    /// let two: DeferredDict<_, _> = [("a", 1), ("b", 2)].into_iter().collect();
    /// assert_eq!(two.len(), 2);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        DeferredDict::of(HashMap::new())
    }

    fn of(present: HashMap<K, V>) -> Self {
        let shared = Arc::new(Shared::new(present));
        DeferredDict {
            handle: Arc::new(Handle { shared }),
        }
    }

    /// How many keys there are.
    ///
    /// ```
    /// use defer::sync::DeferredDict;
    ///
    /// let dict = DeferredDict::new();
    /// dict.insert("a", 1).unwrap();
    /// assert_eq!(dict.len(), 1);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.handle.shared.with(|state| state.present.len())
    }

    /// Whether there is no key.
    ///
    /// ```
    /// use defer::sync::DeferredDict;
    ///
    /// assert!(DeferredDict::<u8, u8>::new().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many gets wait, whatever for.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::sync::DeferredDict;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let dict = DeferredDict::<_, u8>::new();
    /// let _waits = dict.get("missing").start();
    /// tokio::task::yield_now().await;
    /// assert_eq!(dict.waiting(), 1);
    /// # }
    /// ```
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.handle.shared.with(|state| state.waiting())
    }

    /// The keys that are missing and waited for, in no order: what a producer may do first.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::sync::DeferredDict;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let dict = DeferredDict::<_, u8>::new();
    /// let _waits = dict.get("missing").start();
    /// tokio::task::yield_now().await;
    /// assert_eq!(dict.wanted(), ["missing"]);
    /// # }
    /// ```
    #[must_use]
    pub fn wanted(&self) -> Vec<K>
    where
        K: Clone,
    {
        self.handle
            .shared
            .with(|state| state.wanted().cloned().collect())
    }

    /// The keys that are there, in no order.
    ///
    /// ```
    /// use defer::sync::DeferredDict;
    ///
    /// let dict = DeferredDict::new();
    /// dict.insert("a", 1).unwrap();
    /// assert_eq!(dict.keys(), ["a"]);
    /// ```
    #[must_use]
    pub fn keys(&self) -> Vec<K>
    where
        K: Clone,
    {
        self.handle
            .shared
            .with(|state| state.present.keys().cloned().collect())
    }

    /// What is there now, as a plain map.
    ///
    /// ```
    /// use defer::sync::DeferredDict;
    ///
    /// let dict = DeferredDict::new();
    /// dict.insert("a", 1).unwrap();
    /// assert_eq!(dict.snapshot()["a"], 1);
    /// ```
    #[must_use]
    pub fn snapshot(&self) -> HashMap<K, V>
    where
        K: Clone,
        V: Clone,
    {
        self.handle.shared.with(|state| state.present.clone())
    }

    /// Take everything out. Who waits goes on: for what is inserted next.
    ///
    /// ```
    /// use defer::sync::DeferredDict;
    ///
    /// let dict = DeferredDict::new();
    /// dict.insert("a", 1).unwrap();
    /// assert_eq!(dict.clear()["a"], 1);
    /// assert!(dict.is_empty());
    /// ```
    pub fn clear(&self) -> HashMap<K, V> {
        self.handle
            .shared
            .with(|state| core::mem::take(&mut state.present))
    }

    /// Nothing more is inserted. Gets that wait, and later ones of missing keys, fail with
    /// [`DictClosed`]. What is there can be got and removed as before. So it is when the last clone
    /// of the dictionary is dropped.
    ///
    /// ```
    /// use defer::sync::{DeferredDict, DictClosed};
    /// # futures::executor::block_on(async {
    /// let dict = DeferredDict::new();
    /// dict.insert("a", 1).unwrap();
    /// dict.close();
    /// assert_eq!(dict.get("a").await.unwrap(), 1);
    /// assert!(dict.get("b").await.unwrap_err().check::<DictClosed>().is_some());
    /// assert!(dict.insert("b", 2).is_err());
    /// # });
    /// ```
    pub fn close(&self) {
        self.handle.close();
    }

    /// Whether it has been closed.
    ///
    /// ```
    /// use defer::sync::DeferredDict;
    ///
    /// let dict = DeferredDict::<u8, u8>::new();
    /// dict.close();
    /// assert!(dict.is_closed());
    /// ```
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.handle.shared.with(|state| state.closed)
    }
}

impl<K: Eq + Hash, V> DeferredDict<K, V> {
    /// The value of a key, once there is one.
    ///
    /// It looks when it is first polled. If the key is missing then, it waits until it is
    /// inserted, and has the value that was inserted, even if the key has been removed again when
    /// it is polled next. Cancelled or dropped it leaves nothing behind.
    ///
    /// # Errors
    ///
    /// [`DictClosed`], if the key is missing and the dictionary is closed, or comes to be while
    /// it waits.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::sync::DeferredDict;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let dict = DeferredDict::new();
    /// let value = dict.get("a").start();
    /// dict.insert("a", 1).unwrap();
    /// assert_eq!(value.await.unwrap(), 1);
    /// # }
    /// ```
    pub fn get(&self, key: K) -> Deferred<Result<V, Failure>, LookUp<K, V>> {
        Deferred::from_chain(LookUp::new(self.handle.shared.clone(), key))
    }

    /// The value of a key, if it is there now.
    ///
    /// ```
    /// use defer::sync::DeferredDict;
    ///
    /// let dict = DeferredDict::new();
    /// assert_eq!(dict.try_get("a"), None);
    /// dict.insert("a".to_string(), 1).unwrap();
    /// assert_eq!(dict.try_get("a"), Some(1));
    /// ```
    pub fn try_get<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
        V: Clone,
    {
        self.handle
            .shared
            .with(|state| state.present.get(key).cloned())
    }

    /// Whether a key is there.
    ///
    /// ```
    /// use defer::sync::DeferredDict;
    ///
    /// let dict = DeferredDict::new();
    /// dict.insert("a".to_string(), 1).unwrap();
    /// assert!(dict.contains_key("a") && !dict.contains_key("b"));
    /// ```
    pub fn contains_key<Q>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.handle
            .shared
            .with(|state| state.present.contains_key(key))
    }

    /// Take a key out. Who asks for it from now on waits.
    ///
    /// ```
    /// use defer::sync::DeferredDict;
    ///
    /// let dict = DeferredDict::new();
    /// dict.insert("a".to_string(), 1).unwrap();
    /// assert_eq!(dict.remove("a"), Some(1));
    /// assert_eq!(dict.remove("a"), None);
    /// ```
    pub fn remove<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let removed = self
            .handle
            .shared
            .with(|state| state.present.remove_entry(key));
        removed.map(|(_, value)| value)
    }
}

impl<K: Eq + Hash + Clone, V: Clone> DeferredDict<K, V> {
    /// Insert a value, and give it to all who wait for its key. What was there comes back.
    ///
    /// Who waits is woken in the order of coming.
    ///
    /// # Errors
    ///
    /// If the dictionary has been closed. Key and value come back.
    ///
    /// ```
    /// use defer::sync::DeferredDict;
    ///
    /// let dict = DeferredDict::new();
    /// assert_eq!(dict.insert("a", 1), Ok(None));
    /// assert_eq!(dict.insert("a", 2), Ok(Some(1)));
    /// ```
    pub fn insert(&self, key: K, value: V) -> Result<Option<V>, InsertError<K, V>> {
        let (old, _gone, wakers) = self.handle.shared.with(|state| state.insert(key, value))?;
        wake_all(wakers.into_values());
        Ok(old)
    }

    /// The value of a key, which is this one if it is missing. Python: `setdefault`.
    ///
    /// # Errors
    ///
    /// If the key is missing and the dictionary has been closed. Key and value come back.
    ///
    /// ```
    /// use defer::sync::DeferredDict;
    ///
    /// let dict = DeferredDict::new();
    /// assert_eq!(dict.get_or_insert("a", 1), Ok(1));
    /// assert_eq!(dict.get_or_insert("a", 2), Ok(1));
    /// ```
    pub fn get_or_insert(&self, key: K, value: V) -> Result<V, InsertError<K, V>> {
        let mut value = Some(value);
        let (found, _gone, wakers) = self.handle.shared.with(|state| {
            if let Some(found) = state.present.get(&key) {
                return Ok((found.clone(), None, None));
            }
            match value.take() {
                Some(value) => {
                    let (_, gone, wakers) = state.insert(key, value.clone())?;
                    Ok((value, Some(gone), Some(wakers)))
                }
                None => unreachable!("it is taken once"),
            }
        })?;
        if let Some(wakers) = wakers {
            wake_all(wakers.into_values());
        }
        Ok(found)
    }
}

impl<K: Eq + Hash, V> FromIterator<(K, V)> for DeferredDict<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        DeferredDict::of(entries.into_iter().collect())
    }
}

impl<K, V> Default for DeferredDict<K, V> {
    fn default() -> Self {
        DeferredDict::new()
    }
}

impl<K, V> Clone for DeferredDict<K, V> {
    fn clone(&self) -> Self {
        DeferredDict {
            handle: self.handle.clone(),
        }
    }
}

impl<K, V> fmt::Debug for DeferredDict<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeferredDict")
            .field("len", &self.len())
            .field("waiting", &self.waiting())
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}
