//! What a batch function may return, and which answer is whose.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt::Debug;
use core::future::Future;
use core::hash::{BuildHasher, Hash};
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::collections::HashMap;

use pin_project_lite::pin_project;

use super::wrong::WrongAnswers;
use crate::Deferred;
use crate::boxed::Boxes;
use crate::call::held;
use crate::chain::{Chain, Unwind, opaque_debug, sealed};
use crate::markers::{ByDeferred, ByValue};
use crate::plan::Draw;

/// What a key got.
#[derive(Clone, Debug)]
pub enum Answer<T, E> {
    /// An outcome.
    Is(Result<T, E>),
    /// Nothing that is surely its own.
    Wrong(WrongAnswers),
}

/// What a batch function was asked for.
#[derive(Debug)]
pub struct Asked<K> {
    /// The keys, in order.
    pub(crate) keys: Vec<K>,
    /// The name of the function.
    pub(crate) of: &'static str,
}

/// The answers of a batch function for keys of type `K`, with values of type `T`.
///
/// | type | which answer is whose |
/// | --- | --- |
/// | `Vec<T>`, `Vec<Result<T, E>>` | in the order of the keys, as many as there are |
/// | `HashMap` and `BTreeMap`, of `T` or `Result<T, E>` | by key; others than asked for do not matter |
/// | `Result` of one of these | if it failed, every key gets a clone of the error |
///
/// Errors become the call's by `Into`. `M` tells the form and is inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no answers for keys of type `{K}`, with values of type `{T}` and errors that become `{E}`",
    label = "what the batch function returns",
    note = "it returns a `Vec` in the order of the keys, or a `HashMap` or `BTreeMap` by key, of `{T}` or of `Result<{T}, _>`; or a `Result` of one of these, or a deferred of them that is `Send`"
)]
pub trait Answers<K, T, E, M>: Sized {
    /// An answer for each key.
    #[doc(hidden)]
    fn matched(self, asked: Asked<K>) -> Vec<Answer<T, E>>;
}

/// How a list answers: in the order of the keys.
#[derive(Debug)]
pub enum InOrder {}
/// How a container of `Result`s answers; `M` tells the container.
#[derive(Debug)]
pub struct EachItsOwn<M>(PhantomData<fn() -> M>);
/// How a `Result` of answers answers; `M` tells what it is of.
#[derive(Debug)]
pub struct OrNone<M>(PhantomData<fn() -> M>);

fn in_order<K: Debug, T, E>(
    asked: &Asked<K>,
    given: impl ExactSizeIterator<Item = Result<T, E>>,
) -> Vec<Answer<T, E>> {
    if given.len() == asked.keys.len() {
        return given.map(Answer::Is).collect();
    }
    let wrong = WrongAnswers::in_order(asked.of, &asked.keys, given.len());
    let all = asked.keys.iter();
    all.map(|_| Answer::Wrong(wrong.clone())).collect()
}

fn by_key<K: Debug, T, E>(
    asked: &Asked<K>,
    mut given: impl FnMut(&K) -> Option<Result<T, E>>,
) -> Vec<Answer<T, E>> {
    let found: Vec<_> = asked.keys.iter().map(&mut given).collect();
    let missing: Vec<&K> = asked
        .keys
        .iter()
        .zip(&found)
        .filter_map(|(key, found)| found.is_none().then_some(key))
        .collect();
    let wrong = (!missing.is_empty())
        .then(|| WrongAnswers::without(asked.of, asked.keys.len(), missing.into_iter()));
    let answer = |found: Option<Result<T, E>>| match (found, &wrong) {
        (Some(outcome), _) => Answer::Is(outcome),
        (None, Some(wrong)) => Answer::Wrong(wrong.clone()),
        (None, None) => crate::call::finished(),
    };
    found.into_iter().map(answer).collect()
}

#[diagnostic::do_not_recommend]
impl<K: Debug, T, E> Answers<K, T, E, InOrder> for Vec<T> {
    fn matched(self, asked: Asked<K>) -> Vec<Answer<T, E>> {
        in_order(&asked, self.into_iter().map(Ok))
    }
}

#[diagnostic::do_not_recommend]
impl<K: Debug, T, E, E2: Into<E>> Answers<K, T, E, EachItsOwn<InOrder>> for Vec<Result<T, E2>> {
    fn matched(self, asked: Asked<K>) -> Vec<Answer<T, E>> {
        let own = |outcome: Result<T, E2>| outcome.map_err(Into::into);
        in_order(&asked, self.into_iter().map(own))
    }
}

#[diagnostic::do_not_recommend]
impl<K: Debug + Eq + Hash, T, E, S: BuildHasher> Answers<K, T, E, ByValue> for HashMap<K, T, S> {
    fn matched(mut self, asked: Asked<K>) -> Vec<Answer<T, E>> {
        by_key(&asked, |key| self.remove(key).map(Ok))
    }
}

#[diagnostic::do_not_recommend]
impl<K: Debug + Eq + Hash, T, E, E2: Into<E>, S: BuildHasher> Answers<K, T, E, EachItsOwn<ByValue>>
    for HashMap<K, Result<T, E2>, S>
{
    fn matched(mut self, asked: Asked<K>) -> Vec<Answer<T, E>> {
        by_key(&asked, |key| {
            self.remove(key).map(|outcome| outcome.map_err(Into::into))
        })
    }
}

#[diagnostic::do_not_recommend]
impl<K: Debug + Ord, T, E> Answers<K, T, E, ByValue> for BTreeMap<K, T> {
    fn matched(mut self, asked: Asked<K>) -> Vec<Answer<T, E>> {
        by_key(&asked, |key| self.remove(key).map(Ok))
    }
}

#[diagnostic::do_not_recommend]
impl<K: Debug + Ord, T, E, E2: Into<E>> Answers<K, T, E, EachItsOwn<ByValue>>
    for BTreeMap<K, Result<T, E2>>
{
    fn matched(mut self, asked: Asked<K>) -> Vec<Answer<T, E>> {
        by_key(&asked, |key| {
            self.remove(key).map(|outcome| outcome.map_err(Into::into))
        })
    }
}

#[diagnostic::do_not_recommend]
impl<K, T, E, M, A, E2> Answers<K, T, E, OrNone<M>> for Result<A, E2>
where
    A: Answers<K, T, E, M>,
    E2: Into<E>,
    E: Clone,
{
    fn matched(self, asked: Asked<K>) -> Vec<Answer<T, E>> {
        match self {
            Ok(answers) => answers.matched(asked),
            Err(error) => {
                let error: E = error.into();
                let all = asked.keys.iter();
                all.map(|_| Answer::Is(Err(error.clone()))).collect()
            }
        }
    }
}

/// What a batch function returns: [`Answers`], or a deferred of them.
///
/// A plain future is wrapped, by [`defer`](crate::defer). `M` tells the form and is inferred.
#[diagnostic::on_unimplemented(
    message = "a batch function for keys of type `{K}` and values of type `{T}`, with errors that become `{E}`, cannot return `{Self}`",
    label = "what the batch function returns",
    note = "it returns a `Vec` in the order of the keys, or a `HashMap` or `BTreeMap` by key, of `{T}` or of `Result<{T}, _>`; or a `Result` of one of these, or a deferred of them that is `Send`: wrap a future by `defer(..)`"
)]
pub trait Returns<K, T, E, M> {
    /// The deferred of the answers.
    #[doc(hidden)]
    fn run(self, asked: Asked<K>) -> Deferred<Vec<Answer<T, E>>>;
}

#[diagnostic::do_not_recommend]
impl<K, T, E, M, A> Returns<K, T, E, ByValueOf<M>> for A
where
    A: Answers<K, T, E, M>,
    T: Send + 'static,
    E: Send + 'static,
{
    fn run(self, asked: Asked<K>) -> Deferred<Vec<Answer<T, E>>> {
        crate::succeed(self.matched(asked)).boxed()
    }
}

#[diagnostic::do_not_recommend]
impl<K, T, E, M, A, F> Returns<K, T, E, ByDeferredOf<M>> for Deferred<A, F>
where
    K: Send + 'static,
    T: Send + 'static,
    E: Send + 'static,
    M: 'static,
    A: Answers<K, T, E, M>,
    F: Chain<Output = A> + Send + 'static,
{
    fn run(self, asked: Asked<K>) -> Deferred<Vec<Answer<T, E>>> {
        let chain: Answering<F, K, T, E, M> = Answering {
            chain: self.into_chain(),
            asked: Some(asked),
            answers: PhantomData,
        };
        Deferred::from_chain(chain).boxed()
    }
}

/// The marker of [`Answers`] of the form `M` as they are.
pub(super) type ByValueOf<M> = (ByValue, M);
/// The marker of a deferred of [`Answers`] of the form `M`.
pub(super) type ByDeferredOf<M> = (ByDeferred, M);

pin_project! {
    /// The deferred of a batch function, which yields an answer for each key.
    struct Answering<F, K, T, E, M> {
        #[pin]
        chain: F,
        asked: Option<Asked<K>>,
        answers: PhantomData<fn() -> (T, E, M)>,
    }
}
opaque_debug!(Answering<F, K, T, E, M>);

impl<F, K, T, E, M> Future for Answering<F, K, T, E, M>
where
    F: Chain,
    F::Output: Answers<K, T, E, M>,
{
    type Output = Vec<Answer<T, E>>;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.chain
            .poll(cx)
            .map(|answers| answers.matched(held(this.asked)))
    }
}

impl<F, K, T, E, M> sealed::Sealed for Answering<F, K, T, E, M> {}

impl<F, K, T, E, M> Chain for Answering<F, K, T, E, M>
where
    F: Chain,
    F::Output: Answers<K, T, E, M>,
{
    fn cancel(self: Pin<&mut Self>) -> Unwind<Self::Output> {
        let this = self.project();
        this.chain
            .cancel()
            .map(|answers| answers.matched(held(this.asked)))
    }
    fn poll_settle(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        let this = self.project();
        this.chain
            .poll_settle(cx)
            .map(|settled| settled.map(|answers| answers.matched(held(this.asked))))
    }
    fn describe(&self, to: &mut dyn Draw) {
        self.chain.describe(to);
    }
    fn boxes(self: Pin<&mut Self>, to: &mut Boxes) {
        self.project().chain.boxes(to);
    }
}
