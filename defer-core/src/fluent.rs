//! The fluent form: callbacks and errbacks added to a deferred, one after another.

use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::Deferred;
use crate::arg::Arg;
use crate::chain::{Chain, Unwind, opaque_debug, sealed};
use crate::kind::{ErrOf, Fails, Kind, Lift, Merge, Merged, Never, OutOf};
use crate::markers::{ByDeferred, ByFallible, ByResult, ByValue};
use crate::plain::Plain;
use crate::plan::{Draw, Node};
use crate::source::Value;
use crate::step::{Step, Then, Turn};

/// What a closure of the fluent form may return: a [`Plain`] value, a `Result`, a deferred.
///
/// `M` is inferred; see [`markers`](crate::markers).
#[diagnostic::on_unimplemented(
    message = "a closure returns `{Self}`, which is not known to be a plain value",
    label = "neither a `Result`, nor a deferred, nor a type that implements `Plain`",
    note = "return `Ok(value)`, or write `impl defer::Plain for {Self} {{}}`"
)]
pub trait Returned<M> {
    /// The value on success.
    type Value;
    /// How it can fail.
    type Kind: Kind;
    /// What the chain waits for.
    type Chain: Chain<Output = OutOf<Self::Kind, Self::Value>>;
    /// Make the chain.
    fn into_chain(self) -> Self::Chain;
}

#[diagnostic::do_not_recommend]
impl<T: Plain> Returned<ByValue> for T {
    type Value = T;
    type Kind = Never;
    type Chain = Value<T>;
    #[inline]
    fn into_chain(self) -> Value<T> {
        Value::new(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T, E: 'static> Returned<ByResult<E>> for Result<T, E> {
    type Value = T;
    type Kind = Fails<E>;
    type Chain = Value<Result<T, E>>;
    #[inline]
    fn into_chain(self) -> Self::Chain {
        Value::new(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Plain, F: Chain<Output = T>> Returned<ByDeferred> for Deferred<T, F> {
    type Value = T;
    type Kind = Never;
    type Chain = F;
    #[inline]
    fn into_chain(self) -> F {
        Deferred::into_chain(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T, E: 'static, F> Returned<ByFallible<E>> for Deferred<Result<T, E>, F>
where
    F: Chain<Output = Result<T, E>>,
{
    type Value = T;
    type Kind = Fails<E>;
    type Chain = F;
    #[inline]
    fn into_chain(self) -> F {
        Deferred::into_chain(self)
    }
}

/// The step of [`Deferred::add_callback`].
pub struct OnCallback<C, M>(C, PhantomData<fn() -> M>);
/// The step of [`Deferred::add_errback`].
pub struct OnErrback<C, M>(C, PhantomData<fn() -> M>);
/// The step of [`Deferred::add_both`].
pub struct OnBoth<C, M>(C, PhantomData<fn() -> M>);
/// The step of [`Deferred::add_callbacks`].
pub struct OnPair<C, D, M>(C, D, PhantomData<fn() -> M>);
/// The step of [`AddCallback::add_callback`].
pub struct OnValue<C, M>(C, PhantomData<fn() -> M>);
opaque_debug!(OnCallback<C, M>, OnErrback<C, M>, OnBoth<C, M>, OnPair<C, D, M>, OnValue<C, M>);

impl<T, E, C, R, M> Step<Result<T, E>> for OnCallback<C, M>
where
    C: FnOnce(T) -> R,
    R: Returned<M>,
    R::Kind: Lift<E>,
{
    type Next = R::Chain;
    type Out = Result<R::Value, E>;
    #[inline]
    fn step(self, outcome: Result<T, E>) -> Turn<Self::Out, R::Chain> {
        match outcome {
            Ok(value) => Turn::Follows((self.0)(value).into_chain()),
            Err(error) => Turn::Passes(Err(error)),
        }
    }
    #[inline]
    fn out(next: <R::Chain as Future>::Output) -> Self::Out {
        R::Kind::outcome(next).map_err(<R::Kind as Lift<E>>::lift)
    }
    fn node(&self) -> Node {
        Node::Named("add_callback")
    }
}

impl<T, E, C, R, M> Step<Result<T, E>> for OnErrback<C, M>
where
    C: FnOnce(E) -> R,
    R: Arg<T, M>,
{
    type Next = R::Chain;
    type Out = OutOf<R::Kind, T>;
    #[inline]
    fn step(self, outcome: Result<T, E>) -> Turn<Self::Out, R::Chain> {
        match outcome {
            Ok(value) => Turn::Passes(R::Kind::out(Ok(value))),
            Err(error) => Turn::Follows((self.0)(error).into_chain()),
        }
    }
    #[inline]
    fn out(next: <R::Chain as Future>::Output) -> Self::Out {
        next
    }
    fn node(&self) -> Node {
        Node::Named("add_errback")
    }
}

impl<T, E, C, R, M> Step<Result<T, E>> for OnBoth<C, M>
where
    C: FnOnce(Result<T, E>) -> R,
    R: Returned<M>,
{
    type Next = R::Chain;
    type Out = OutOf<R::Kind, R::Value>;
    #[inline]
    fn step(self, outcome: Result<T, E>) -> Turn<Self::Out, R::Chain> {
        Turn::Follows((self.0)(outcome).into_chain())
    }
    #[inline]
    fn out(next: <R::Chain as Future>::Output) -> Self::Out {
        next
    }
    fn node(&self) -> Node {
        Node::Named("add_both")
    }
}

impl<T, E, C, R, M, D, Q, N> Step<Result<T, E>> for OnPair<C, D, (M, N)>
where
    C: FnOnce(T) -> R,
    R: Returned<M>,
    D: FnOnce(E) -> Q,
    Q: Arg<R::Value, N>,
    R::Kind: Merge<Q::Kind>,
    R::Kind: Lift<ErrOf<Merged<R::Kind, Q::Kind>>>,
    Q::Kind: Lift<ErrOf<Merged<R::Kind, Q::Kind>>>,
{
    type Next = Either<R::Chain, Q::Chain>;
    type Out = OutOf<Merged<R::Kind, Q::Kind>, R::Value>;
    #[inline]
    fn step(self, outcome: Result<T, E>) -> Turn<Self::Out, Self::Next> {
        Turn::Follows(match outcome {
            Ok(value) => Either::Left {
                chain: (self.0)(value).into_chain(),
            },
            Err(error) => Either::Right {
                chain: (self.1)(error).into_chain(),
            },
        })
    }
    #[inline]
    fn out(next: <Self::Next as Future>::Output) -> Self::Out {
        <Merged<R::Kind, Q::Kind> as Kind>::out(match next {
            Sided::Left(out) => R::Kind::outcome(out).map_err(<R::Kind as Lift<_>>::lift),
            Sided::Right(out) => Q::Kind::outcome(out).map_err(<Q::Kind as Lift<_>>::lift),
        })
    }
    fn node(&self) -> Node {
        Node::Named("add_callbacks")
    }
}

impl<T, C, R, M> Step<T> for OnValue<C, M>
where
    C: FnOnce(T) -> R,
    R: Returned<M>,
{
    type Next = R::Chain;
    type Out = OutOf<R::Kind, R::Value>;
    #[inline]
    fn step(self, outcome: T) -> Turn<Self::Out, R::Chain> {
        Turn::Follows((self.0)(outcome).into_chain())
    }
    #[inline]
    fn out(next: <R::Chain as Future>::Output) -> Self::Out {
        next
    }
    fn node(&self) -> Node {
        Node::Named("add_callback")
    }
}

pin_project! {
    /// One of two chains: what a pair of callbacks leads to.
    #[project = EitherProj]
    #[must_use = "a chain does nothing until it is polled"]
    #[allow(missing_docs, reason = "the macro takes no docs on fields")]
    pub enum Either<A, B> {
        // The first.
        Left {
            // The chain.
            #[pin] chain: A,
        },
        // The second.
        Right {
            // The chain.
            #[pin] chain: B,
        },
    }
}

/// The outcome of one of two chains.
#[derive(Debug)]
pub enum Sided<A, B> {
    /// Of the first.
    Left(A),
    /// Of the second.
    Right(B),
}

impl<A: Future, B: Future> Future for Either<A, B> {
    type Output = Sided<A::Output, B::Output>;
    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            EitherProj::Left { chain } => chain.poll(cx).map(Sided::Left),
            EitherProj::Right { chain } => chain.poll(cx).map(Sided::Right),
        }
    }
}

impl<A, B> sealed::Sealed for Either<A, B> {}

impl<A: Chain, B: Chain> Chain for Either<A, B> {
    fn cancel(self: Pin<&mut Self>) -> Unwind {
        match self.project() {
            EitherProj::Left { chain } => chain.cancel(),
            EitherProj::Right { chain } => chain.cancel(),
        }
    }
    fn describe(&self, to: &mut dyn Draw) {
        match self {
            Either::Left { chain } => chain.describe(to),
            Either::Right { chain } => chain.describe(to),
        }
    }
}
opaque_debug!(Either<A, B>);

/// The fluent form of a deferred that can fail.
impl<T, E: 'static, F: Chain<Output = Result<T, E>>> Deferred<Result<T, E>, F> {
    /// Run `callback` on the value; a failure passes untouched.
    ///
    /// The closure returns a [`Plain`] value, a `Result` with the same error, or a
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
        Fails<E>: Merge<R::Kind, Kind = Fails<E>>,
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
    /// The closure takes the `Result` and returns a [`Plain`] value, a `Result` or a
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
    /// The closure returns a [`Plain`] value, a deferred, or a `Result`, after which the
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
