//! Values whose construction is asynchronous.

mod call;
mod turns;

use core::fmt;
use std::sync::Arc;

use defer_core::share::Shared;
use defer_core::{Boxed, Chain, Deferred, Failure, Lift, Returned};

pub use self::call::ReadyCall;
use self::turns::Turns;

/// A value whose construction is asynchronous, and which can be used at once.
///
/// There are two ways to it, and both are open at any time:
///
/// - [`value`](Ready::value) is a deferred of the value, for who cannot do without it.
/// - [`call`](Ready::call) calls a method of it. Calls that come before it is ready wait, and
///   begin in the order in which they came; later ones begin at once.
///
/// A clone is the same value. It is kept until the last clone and the last deferred are gone.
///
/// **Nothing runs before it is polled**: the construction is driven by those who wait for it.
/// [Start](crate::StartExt::start) it to let it begin at once:
/// `Ready::new(Db::connect(url).start())`.
///
/// **A construction that fails** fails everybody who waits, and everybody who comes, each with a
/// clone of its error. It is not tried again: [`retry`](mod@crate::retry) does that. If it panics,
/// whoever polls it panics, and then everybody else; `catch_panics` makes that a failure.
///
/// **Cancelling or dropping** a call, or the deferred of the value, leaves the others alone. The
/// construction goes on as long as there is a `Ready`, or somebody who waits. When the last one
/// is cancelled it is cancelled, and cleans up; when the last one is dropped it is dropped.
///
/// Terry Jones: the metaclass `TxDeferredInitMeta`, with which a deferred gives an instance when
/// its `__init__` is done, and the mixin `deferredInitMixin`, with which methods of an instance
/// wait until it is.
///
/// ```
/// use defer::prelude::*;
/// use defer::sync::Ready;
///
/// struct Db { name: String }
///
/// impl Db {
///     async fn connect(name: &str) -> Result<Db, Failure> {
///         // … ask a server …
///         Ok(Db { name: name.to_string() })
///     }
///     fn query(&self, what: &str) -> String { format!("{what} of {}", self.name) }
/// }
///
/// # futures::executor::block_on(async {
/// let db = Ready::new(defer(Db::connect("users")));
/// // At once:
/// assert_eq!(db.call(|db| db.query("names")).await.unwrap(), "names of users");
/// // Or when it is there:
/// assert_eq!(db.value().await.unwrap().name, "users");
/// # });
/// ```
pub struct Ready<T, E = Failure> {
    value: Constructed<T, E>,
    turns: Arc<Turns>,
}

/// The deferred of a value that is constructed: what [`Ready::value`] gives.
///
/// Every one is a clone of one construction.
pub type Constructed<T, E = Failure> =
    Deferred<Result<Arc<T>, E>, Shared<Boxed<'static, Result<Arc<T>, E>>>>;

impl<T, E> Ready<T, E>
where
    T: Send + Sync + 'static,
    E: Clone + Send + 'static,
{
    /// A value that this deferred constructs.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::sync::Ready;
    /// # futures::executor::block_on(async {
    /// let number = Ready::new(defer(async { Ok::<_, Failure>(7) }));
    /// assert_eq!(*number.value().await.unwrap(), 7);
    /// # });
    /// ```
    pub fn new<F>(construction: Deferred<Result<T, E>, F>) -> Self
    where
        F: Chain<Output = Result<T, E>> + Send + 'static,
    {
        let constructed = construction.add_callback(|value| Ok(Arc::new(value)));
        Ready {
            value: constructed.boxed().shared(),
            turns: Arc::new(Turns::new()),
        }
    }

    /// The value, once it is constructed.
    ///
    /// # Errors
    ///
    /// That of the construction.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::sync::Ready;
    ///
    /// #[callback]
    /// fn double(n: std::sync::Arc<u32>) -> u32 { *n * 2 }
    ///
    /// # futures::executor::block_on(async {
    /// let number = Ready::new(defer(async { Ok::<_, Failure>(21) }));
    /// assert_eq!(double(number.value()).await.unwrap(), 42);
    /// # });
    /// ```
    pub fn value(&self) -> Constructed<T, E> {
        self.value.clone()
    }

    /// Call a method of the value, once it is constructed.
    ///
    /// `f` returns what a closure of
    /// [`add_callback`](crate::AddCallback::add_callback) may return: a deferred, which is waited
    /// for, a [`Plain`](crate::Plain) value, or a `Result` whose error becomes an `E`.
    ///
    /// A call comes when it is first polled. Calls begin one after the other, in the order in
    /// which they came: `f` is called, and the deferred that it gives is polled once, before the
    /// next one begins. Then they run beside each other. So a call that has been polled, and is
    /// then neither polled nor dropped, holds up those that came after it.
    ///
    /// Cancelled before it has begun, it does not begin; later, what `f` gave is cancelled.
    ///
    /// # Errors
    ///
    /// Those of the construction, and those of what `f` gives.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::sync::Ready;
    /// use std::time::Duration;
    ///
    /// #[callback]
    /// async fn add(a: u32, b: u32) -> u32 { a + b }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let two = Ready::new(defer(async {
    ///     tokio::time::sleep(Duration::from_secs(1)).await;
    ///     Ok::<_, Failure>(2)
    /// }));
    /// let sums = (two.call(|two| add(*two, 1)), two.call(|two| add(*two, 2)));
    /// assert_eq!(defer::list::gather(sums).await.unwrap(), (3, 4));
    /// # }
    /// ```
    pub fn call<C, R, M>(
        &self,
        f: C,
    ) -> Deferred<Result<R::Value, E>, ReadyCall<T, E, C, R::Chain, M>>
    where
        C: FnOnce(Arc<T>) -> R,
        R: Returned<M>,
        R::Kind: Lift<E>,
    {
        Deferred::from_chain(ReadyCall::new(self.value.clone(), self.turns.clone(), f))
    }
}

impl<T, E> Clone for Ready<T, E> {
    fn clone(&self) -> Self {
        Ready {
            value: self.value.clone(),
            turns: self.turns.clone(),
        }
    }
}

impl<T, E> fmt::Debug for Ready<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ready").finish_non_exhaustive()
    }
}
