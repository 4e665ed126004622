//! One of several functions, and the call of it.

use alloc::sync::Arc;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use crate::Deferred;
use crate::boxed::{Boxed, Boxes};
use crate::chain::{Chain, Unwind, sealed};
use crate::fluent::Returned;
use crate::kind::{Lift, OutOf};
use crate::passing::{Event, note};
use crate::plan::{Draw, Node, node};

/// What is waited for, whatever the function returned.
pub(super) type Call<'a, T, E> = Boxed<'a, Result<T, E>>;

/// A function that was registered.
pub(super) struct Command<'a, A, T, E> {
    pub(super) name: Option<&'static str>,
    run: Arc<dyn Fn(A) -> Call<'a, T, E> + Send + Sync + 'a>,
}

impl<A, T, E> Clone for Command<'_, A, T, E> {
    fn clone(&self) -> Self {
        Command {
            name: self.name,
            run: self.run.clone(),
        }
    }
}

impl<'a, A, T, E> Command<'a, A, T, E> {
    pub(super) fn new<C, R, M>(name: Option<&'static str>, run: C) -> Self
    where
        C: Fn(A) -> R + Send + Sync + 'a,
        R: Returned<M, Value = T>,
        R::Kind: Lift<E>,
        R::Chain: Send + 'a,
        T: 'a,
        E: 'static,
    {
        Command {
            name,
            run: Arc::new(move |argument| {
                let called: Called<_, R::Kind, T, E> = Called {
                    chain: run(argument).into_chain(),
                    name,
                    types: PhantomData,
                };
                Deferred::from_chain(called).boxed().into_chain()
            }),
        }
    }

    pub(super) fn call(&self, argument: A) -> Deferred<Result<T, E>, Call<'a, T, E>> {
        Deferred::from_chain((self.run)(argument))
    }
}

pin_project! {
    /// The call, with the name of the function.
    struct Called<F, K, T, E> {
        #[pin]
        chain: F,
        name: Option<&'static str>,
        types: PhantomData<fn() -> (K, T, E)>,
    }
}

/// The outcome of a function: its error becomes that of all.
fn outcome<K, T, E>(out: OutOf<K, T>, name: Option<&'static str>) -> Result<T, E>
where
    K: Lift<E>,
    E: 'static,
{
    let mut outcome = K::outcome(out).map_err(K::lift);
    if let Some(name) = name {
        note!(E, in outcome, Event::Returned(Node::Named(name)));
    }
    outcome
}

impl<F, K, T, E> Future for Called<F, K, T, E>
where
    F: Chain<Output = OutOf<K, T>>,
    K: Lift<E>,
    E: 'static,
{
    type Output = Result<T, E>;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let out = ready!(this.chain.poll(cx));
        Poll::Ready(outcome::<K, T, E>(out, *this.name))
    }
}

impl<F, K, T, E> sealed::Sealed for Called<F, K, T, E> {}

impl<F, K, T, E> Chain for Called<F, K, T, E>
where
    F: Chain<Output = OutOf<K, T>>,
    K: Lift<E>,
    E: 'static,
{
    fn cancel(self: Pin<&mut Self>) -> Unwind<Self::Output> {
        let this = self.project();
        let unwind = this.chain.cancel();
        unwind.map(|out| outcome::<K, T, E>(out, *this.name))
    }
    fn poll_settle(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        let this = self.project();
        let settled = ready!(this.chain.poll_settle(cx));
        Poll::Ready(settled.map(|out| outcome::<K, T, E>(out, *this.name)))
    }
    fn describe(&self, to: &mut dyn Draw) {
        match self.name {
            Some(name) => node(to, Node::Named(name), |to| self.chain.describe(to)),
            None => self.chain.describe(to),
        }
    }
    fn boxes(self: Pin<&mut Self>, to: &mut Boxes) {
        self.project().chain.boxes(to);
    }
}
