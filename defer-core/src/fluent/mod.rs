//! The fluent form: callbacks and errbacks added to a deferred, one after another.

mod either;
mod returned;
mod steps;

use core::marker::PhantomData;

use self::either::Either;
pub use self::returned::Returned;
use self::steps::{OnBoth, OnCallback, OnErrback, OnPair, OnValue};
use crate::Deferred;
use crate::arg::Arg;
use crate::chain::Chain;
use crate::kind::{Continues, Fails, Lift, Merge, Merged, OutOf};
use crate::step::Then;

/// The fluent form of a deferred that can fail.
impl<T, E: 'static, F: Chain<Output = Result<T, E>>> Deferred<Result<T, E>, F> {
    /// Run `callback` on the value; a failure passes untouched.
    ///
    /// The closure returns a [`Plain`](crate::Plain) value, a `Result` with the same error, or a
    /// deferred, which the chain waits for. Twisted: `Deferred.addCallback`.
    ///
    /// Dropping the deferred drops the closure without running it.
    ///
    /// ```
    /// use defer_core::{Failure, defer};
    /// # futures::executor::block_on(async {
    /// let page = defer(async { Ok::<_, Failure>("a page".to_string()) });
    /// let words = page
    ///     .add_callback(|page| if page.is_empty() { Err(Failure::msg("empty")) } else { Ok(page) })
    ///     .add_callback(|page| page.split(' ').count());
    /// assert_eq!(words.await.unwrap(), 2);
    /// # });
    /// ```
    #[inline]
    pub fn add_callback<C, R, M>(
        self,
        callback: C,
    ) -> Deferred<Result<R::Value, E>, Then<F, OnCallback<C, M>, R::Chain>>
    where
        C: FnOnce(T) -> R,
        R: Returned<M>,
        Fails<E>: Continues<R::Kind>,
        R::Kind: Lift<E>,
    {
        Deferred::from_chain(Then::new(
            self.into_chain(),
            OnCallback(callback, PhantomData),
        ))
    }

    /// Run `errback` on the error; a value passes untouched.
    ///
    /// The closure returns what the chain would have yielded, a `T`, and then nothing
    /// after it can fail; or a `Result<T, _>`; or a deferred of either. Twisted:
    /// `Deferred.addErrback`.
    ///
    /// Dropping the deferred drops the closure without running it.
    ///
    /// ```
    /// use defer_core::fail;
    /// # futures::executor::block_on(async {
    /// let size = fail::<usize, _>("no such page").add_errback(|_| 0);
    /// assert_eq!(size.await, 0);
    ///
    /// let size = fail::<usize, _>("no such page").add_errback(|why| Err(why.len()));
    /// assert_eq!(size.await, Err(12));
    /// # });
    /// ```
    #[inline]
    pub fn add_errback<C, R, M>(
        self,
        errback: C,
    ) -> Deferred<OutOf<R::Kind, T>, Then<F, OnErrback<C, M>, R::Chain>>
    where
        C: FnOnce(E) -> R,
        R: Arg<T, M>,
    {
        Deferred::from_chain(Then::new(
            self.into_chain(),
            OnErrback(errback, PhantomData),
        ))
    }

    /// Run one of two closures: `callback` on the value, or `errback` on the error.
    ///
    /// A pair: the errback never sees a failure of its own callback, the next errback
    /// does. Both lead to the same type of value. Twisted: `Deferred.addCallbacks`.
    ///
    /// Dropping the deferred drops both closures without running them.
    ///
    /// ```
    /// use defer_core::{AddCallback, Failure, succeed};
    /// # futures::executor::block_on(async {
    /// let checked = succeed(20)
    ///     .add_callback(|n| if n > 9 { Ok(n) } else { Err(Failure::msg("too small")) })
    ///     .add_callbacks(|n| Err(Failure::msg(format!("{n} too big"))), |_| 0);
    /// assert_eq!(checked.await.unwrap_err().to_string(), "20 too big");
    /// # });
    /// ```
    #[inline]
    pub fn add_callbacks<C, R, M, D, Q, N>(
        self,
        callback: C,
        errback: D,
    ) -> Deferred<
        OutOf<Merged<R::Kind, Q::Kind>, R::Value>,
        Then<F, OnPair<C, D, (M, N)>, Either<R::Chain, Q::Chain>>,
    >
    where
        C: FnOnce(T) -> R,
        R: Returned<M>,
        D: FnOnce(E) -> Q,
        Q: Arg<R::Value, N>,
        R::Kind: Merge<Q::Kind>,
    {
        Deferred::from_chain(Then::new(
            self.into_chain(),
            OnPair(callback, errback, PhantomData),
        ))
    }

    /// Run `both` on the outcome, whichever it is.
    ///
    /// The closure takes the `Result` and returns a [`Plain`](crate::Plain) value, a `Result` or a
    /// deferred. Twisted: `Deferred.addBoth`.
    ///
    /// Dropping the deferred drops the closure without running it.
    ///
    /// ```
    /// use defer_core::fail;
    /// # futures::executor::block_on(async {
    /// let told = fail::<u8, _>("no such page").add_both(|outcome| format!("{outcome:?}"));
    /// assert_eq!(told.await, "Err(\"no such page\")");
    /// # });
    /// ```
    #[inline]
    pub fn add_both<C, R, M>(
        self,
        both: C,
    ) -> Deferred<OutOf<R::Kind, R::Value>, Then<F, OnBoth<C, M>, R::Chain>>
    where
        C: FnOnce(Result<T, E>) -> R,
        R: Returned<M>,
    {
        Deferred::from_chain(Then::new(self.into_chain(), OnBoth(both, PhantomData)))
    }
}

/// `add_callback` for a deferred that cannot fail.
///
/// A trait, because the compiler would take a second inherent `add_callback` for an
/// overlap of the first; in scope through `defer::prelude`.
pub trait AddCallback: Sized {
    /// What the deferred yields.
    type Value;
    /// What is inside it.
    type Chain: Chain<Output = Self::Value>;

    /// Run `callback` on the value.
    ///
    /// The closure returns a [`Plain`](crate::Plain) value, a deferred, or a `Result`, after which the
    /// chain can fail.
    ///
    /// ```
    /// use defer_core::{AddCallback, succeed};
    /// # futures::executor::block_on(async {
    /// assert_eq!(succeed(20).add_callback(|n| n + 22).await, 42);
    /// assert_eq!(succeed("7").add_callback(|text| text.parse::<u8>()).await, Ok(7));
    /// # });
    /// ```
    fn add_callback<C, R, M>(
        self,
        callback: C,
    ) -> Deferred<OutOf<R::Kind, R::Value>, Then<Self::Chain, OnValue<C, M>, R::Chain>>
    where
        C: FnOnce(Self::Value) -> R,
        R: Returned<M>;
}

impl<T, F: Chain<Output = T>> AddCallback for Deferred<T, F> {
    type Value = T;
    type Chain = F;
    #[inline]
    fn add_callback<C, R, M>(
        self,
        callback: C,
    ) -> Deferred<OutOf<R::Kind, R::Value>, Then<F, OnValue<C, M>, R::Chain>>
    where
        C: FnOnce(T) -> R,
        R: Returned<M>,
    {
        Deferred::from_chain(Then::new(self.into_chain(), OnValue(callback, PhantomData)))
    }
}
