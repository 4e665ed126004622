//! What a closed dictionary says.

use core::error::Error;
use core::fmt;

/// The key will not come: the dictionary has been closed. It is in the
/// [`Failure`](crate::Failure) of a get.
///
/// ```
/// use defer::sync::{DeferredDict, DictClosed};
/// # futures::executor::block_on(async {
/// let dict = DeferredDict::<&str, u8>::new();
/// dict.close();
/// let failure = dict.get("missing").await.unwrap_err();
/// assert_eq!(failure.check(), Some(&DictClosed));
/// assert_eq!(failure.to_string(), "the dictionary was closed without this key");
/// # });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DictClosed;

impl fmt::Display for DictClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the dictionary was closed without this key")
    }
}

impl Error for DictClosed {}

/// Nothing was inserted: the dictionary has been closed. The key and the value come back.
///
/// ```
/// use defer::sync::DeferredDict;
///
/// let dict = DeferredDict::new();
/// dict.close();
/// let error = dict.insert("late", 7).unwrap_err();
/// assert_eq!(error.to_string(), "the dictionary is closed");
/// assert_eq!((error.key, error.value), ("late", 7));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct InsertError<K, V> {
    /// The key.
    pub key: K,
    /// Its value.
    pub value: V,
}

// Keys and values need not have `Debug`.
impl<K, V> fmt::Debug for InsertError<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InsertError").finish_non_exhaustive()
    }
}

impl<K, V> fmt::Display for InsertError<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the dictionary is closed")
    }
}

impl<K, V> Error for InsertError<K, V> {}
