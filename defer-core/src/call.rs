//! The call of an annotated function: wait for the arguments, then run the body once.

use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use crate::arguments::Arguments;
use crate::boxed::{Adoption, Boxes, Tail};
use crate::chain::{Chain, Unwind, opaque_debug, sealed};
use crate::kind::{Fails, Kind, OutOf};
use crate::mark::Mark;
use crate::passing::{Event, keeps, note};
use crate::plan::{Draw, Node, Site, node};
use crate::returns::IsDeferred;
#[cfg(feature = "trace")]
use crate::trace::{self, Left};

/// The body of an annotated function, with its plain parameters in it.
///
/// `P` is the tuple of its deferrable parameters.
pub trait Body<P>: Sized {
    /// What the body returns.
    type Out;
    /// Where the function stands.
    fn site(&self) -> &'static Site;
    /// Run it, once: what it holds is used up.
    fn call(&mut self, values: P) -> Self::Out;
}

/// A body as a function of which each has a type of its own, for asynchronous bodies.
pub struct ItemBody<S, F> {
    state: Option<S>,
    body: F,
    site: &'static Site,
}
opaque_debug!(ItemBody<S, F>);

impl<S, F> ItemBody<S, F> {
    /// From the plain parameters and the body.
    #[inline]
    pub fn new(state: S, body: F, site: &'static Site) -> Self {
        ItemBody {
            state: Some(state),
            body,
            site,
        }
    }
}

impl<S, P, R, F: FnOnce(S, P) -> R + Copy> Body<P> for ItemBody<S, F> {
    type Out = R;
    #[inline]
    fn site(&self) -> &'static Site {
        self.site
    }
    #[inline(always)]
    fn call(&mut self, values: P) -> R {
        (self.body)(held(&mut self.state), values)
    }
}

/// A body as a function pointer, for methods: their `Self` has no place for a hidden type.
pub type FnBody<S, P, R> = ItemBody<S, fn(S, P) -> R>;

/// A body as a closure, for signatures whose types have no name.
pub struct ClosureBody<C> {
    body: Option<C>,
    site: &'static Site,
}
opaque_debug!(ClosureBody<C>);

impl<C> ClosureBody<C> {
    /// From the body.
    #[inline]
    pub fn new<P, R>(body: C, site: &'static Site) -> Self
    where
        C: FnOnce(P) -> R,
    {
        ClosureBody {
            body: Some(body),
            site,
        }
    }
}

impl<P, R, C: FnOnce(P) -> R> Body<P> for ClosureBody<C> {
    type Out = R;
    #[inline]
    fn site(&self) -> &'static Site {
        self.site
    }
    #[inline(always)]
    fn call(&mut self, values: P) -> R {
        held(&mut self.body)(values)
    }
}

/// The body of an errback after the failure has come: it holds the error.
#[derive(Debug)]
pub struct Caught<B, E> {
    body: B,
    error: Option<E>,
}

impl<B, E> Caught<B, E> {
    #[inline]
    pub(crate) fn new(body: B, error: E) -> Self {
        Caught {
            body,
            error: Some(error),
        }
    }
}

impl<P, E, B: Body<(E, P)>> Body<P> for Caught<B, E> {
    type Out = B::Out;
    #[inline]
    fn site(&self) -> &'static Site {
        self.body.site()
    }
    #[inline(always)]
    fn call(&mut self, values: P) -> B::Out {
        self.body.call((held(&mut self.error), values))
    }
}

/// What a body was made with, and has until it is called.
#[inline(always)]
pub fn held<T>(state: &mut Option<T>) -> T {
    match state.take() {
        Some(state) => state,
        None => finished(),
    }
}

/// How the type `R` that a body returns becomes an outcome of kind `K`.
pub trait Settle<K: Kind, R> {
    /// The value on success.
    type Value;
    /// Take it apart.
    fn settle(returned: R) -> Result<Self::Value, K::Error>;
    /// See [`Chain::tail`]: `chain` gives an `R`, which may be the outcome as it is.
    #[doc(hidden)]
    fn tail<'a, F>(_: Pin<&mut F>) -> Option<Tail<'a, OutOf<K, Self::Value>>>
    where
        F: Chain<Output = R> + 'a,
    {
        None
    }
}

/// The body returns its value as it is.
#[derive(Debug)]
pub enum Plainly {}

impl<K: Kind, R> Settle<K, R> for Plainly {
    type Value = R;
    #[inline(always)]
    fn settle(returned: R) -> Result<R, K::Error> {
        Ok(returned)
    }
    fn tail<'a, F>(chain: Pin<&mut F>) -> Option<Tail<'a, OutOf<K, R>>>
    where
        F: Chain<Output = R> + 'a,
    {
        K::tail(chain)
    }
}

/// The body returns a `Result`.
#[derive(Debug)]
pub enum Fallibly {}

impl<T, E: 'static> Settle<Fails<E>, Result<T, E>> for Fallibly {
    type Value = T;
    #[inline(always)]
    fn settle(returned: Result<T, E>) -> Result<T, E> {
        returned
    }
    fn tail<'a, F>(chain: Pin<&mut F>) -> Option<Tail<'a, Result<T, E>>>
    where
        F: Chain<Output = Result<T, E>> + 'a,
    {
        chain.tail()
    }
}

pin_project! {
    /// The call of a function whose body has its result at once.
    ///
    /// It needs no state of its own: the arguments know whether they are there, and panic
    /// when they are polled again. A state `Done` would be a fifth of its code.
    #[must_use = "a chain does nothing until it is polled"]
    pub struct Call<J, B, K, S> {
        #[pin]
        arguments: J,
        body: B,
        kind: PhantomData<fn() -> (K, S)>,
        mark: Mark,
    }
}

impl<J, B, K, S> Call<J, B, K, S> {
    /// From the arguments and the body.
    #[inline]
    pub const fn new(arguments: J, body: B) -> Self {
        Call {
            arguments,
            body,
            kind: PhantomData,
            mark: Mark::NEW,
        }
    }
}

impl<J, B, K, S> Future for Call<J, B, K, S>
where
    K: Kind,
    J: Arguments<K::Error>,
    B: Body<J::Values>,
    S: Settle<K, B::Out>,
{
    type Output = OutOf<K, S::Value>;
    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        #[cfg(feature = "trace")]
        if trace::on() {
            return self.poll_looked_at(cx);
        }
        let this = self.project();
        let values = ready!(this.arguments.poll_values(cx));
        Poll::Ready(Self::run(this.body, values))
    }
}

#[cfg(feature = "trace")]
impl<J, B, K, S> Call<J, B, K, S>
where
    K: Kind,
    J: Arguments<K::Error>,
    B: Body<J::Values>,
    S: Settle<K, B::Out>,
{
    #[cold]
    #[inline(never)]
    fn poll_looked_at(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<OutOf<K, S::Value>> {
        let this = self.project();
        let entered = this.mark.enter(this.body.site());
        let polled = this.arguments.poll_values(cx).map(|values| {
            if values.is_ok() {
                this.mark.run();
            }
            Self::run(this.body, values)
        });
        entered.leave(Left::of::<K, _>(&polled));
        polled
    }
}

impl<J, B, K, S> Call<J, B, K, S> {
    #[inline(always)]
    fn run<P>(body: &mut B, values: Result<P, K::Error>) -> OutOf<K, S::Value>
    where
        K: Kind,
        B: Body<P>,
        S: Settle<K, B::Out>,
    {
        if const { keeps::<K::Error>() } {
            return K::out(Self::run_noted(body, values));
        }
        K::out(match values {
            Ok(values) => S::settle(body.call(values)),
            Err(error) => Err(error),
        })
    }

    /// As [`run`](Call::run), for an error that may be a failure with a trail.
    #[inline(always)]
    fn run_noted<P>(body: &mut B, values: Result<P, K::Error>) -> Result<S::Value, K::Error>
    where
        K: Kind,
        B: Body<P>,
        S: Settle<K, B::Out>,
    {
        match values {
            Ok(values) => {
                let mut outcome = S::settle(body.call(values));
                note!(K::Error, in outcome, Event::Returned(Node::Call(body.site())));
                outcome
            }
            Err(mut error) => {
                note!(
                    K::Error,
                    &mut error,
                    Event::Skipped(Node::Call(body.site()))
                );
                Err(error)
            }
        }
    }
}

/// A cancellation that leaves the arguments or the body, as a failure of the function's
/// own, if its error type has `From<Cancelled>`.
fn adopt<K: Kind, T>(site: &'static Site) -> Option<OutOf<K, T>> {
    site.adopt::<K::Error>().map(|error| K::out(Err(error)))
}

impl<J, B, K, S> sealed::Sealed for Call<J, B, K, S> {}

impl<J, B, K, S> Chain for Call<J, B, K, S>
where
    K: Kind,
    J: Arguments<K::Error>,
    B: Body<J::Values>,
    S: Settle<K, B::Out>,
{
    #[cold]
    #[inline(never)]
    fn cancel(self: Pin<&mut Self>) -> Unwind<Self::Output> {
        let this = self.project();
        let unwind = match this.arguments.cancel() {
            Unwind::Idle => Unwind::Idle,
            Unwind::Stays => Unwind::Stays,
            Unwind::Is(values) => Unwind::Is(Self::run(this.body, values)),
            Unwind::Out => match adopt::<K, _>(this.body.site()) {
                Some(out) => Unwind::Is(out),
                None => Unwind::Out,
            },
        };
        #[cfg(feature = "trace")]
        this.mark.unwound::<K, _>(this.body.site(), &unwind);
        unwind
    }
    #[cold]
    #[inline(never)]
    fn poll_settle(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        let this = self.project();
        #[cfg(feature = "trace")]
        let entered = this
            .mark
            .is_looked_at()
            .then(|| this.mark.enter(this.body.site()));
        let settled = this.arguments.poll_settle(cx).map(|settled| match settled {
            Some(values) => Some(Self::run(this.body, values)),
            None => adopt::<K, _>(this.body.site()),
        });
        #[cfg(feature = "trace")]
        if let Some(entered) = entered {
            entered.leave(Left::settled::<K, _>(&settled));
        }
        settled
    }
    fn describe(&self, to: &mut dyn Draw) {
        let call = Node::Call(self.body.site());
        node(to, call, |to| self.arguments.describe(to));
    }
    fn boxes(self: Pin<&mut Self>, to: &mut Boxes) {
        self.project().arguments.boxes(to);
    }
}

pin_project! {
    /// The call of a function whose body gives a deferred, as an async body does: the
    /// chain waits for it.
    #[project = LaterProj]
    #[must_use = "a chain does nothing until it is polled"]
    #[allow(missing_docs, reason = "the macro takes no docs on fields")]
    pub enum Later<J, B, K, S, F> {
        // For the arguments.
        Waiting {
            // The arguments.
            #[pin] arguments: J,
            // The body.
            body: B,
            // What the outcome is.
            kind: PhantomData<fn() -> (K, S)>,
            // Whether somebody looks on.
            mark: Mark,
        },
        // For what the body gave.
        Running {
            // What the body gave.
            #[pin] chain: F,
            // Where the function stands.
            site: &'static Site,
            // Whether somebody looks on.
            mark: Mark,
        },
    }
}

impl<J, B, K, S, F> Later<J, B, K, S, F> {
    /// From the arguments and the body.
    #[inline]
    pub const fn new(arguments: J, body: B) -> Self {
        Later::Waiting {
            arguments,
            body,
            kind: PhantomData,
            mark: Mark::NEW,
        }
    }
}

impl<J, B, K, S, F> Future for Later<J, B, K, S, F>
where
    K: Kind,
    J: Arguments<K::Error>,
    F: Chain,
    B: Body<J::Values>,
    B::Out: IsDeferred<Chain = F>,
    S: Settle<K, F::Output>,
{
    type Output = OutOf<K, S::Value>;
    #[cfg_attr(feature = "trace", inline(always))]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        #[cfg(feature = "trace")]
        if trace::on() {
            return self.poll_looked_at(cx);
        }
        self.advance(cx)
    }
}

impl<J, B, K, S, F> Later<J, B, K, S, F>
where
    K: Kind,
    J: Arguments<K::Error>,
    F: Chain,
    B: Body<J::Values>,
    B::Out: IsDeferred<Chain = F>,
    S: Settle<K, F::Output>,
{
    #[inline(always)]
    fn advance(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<OutOf<K, S::Value>> {
        if let LaterProj::Waiting {
            arguments,
            body,
            mark,
            ..
        } = self.as_mut().project()
        {
            match ready!(arguments.poll_values(cx)) {
                Ok(values) => {
                    let running = Later::run(body, values, *mark);
                    self.set(running);
                }
                Err(error) if const { keeps::<K::Error>() } => {
                    let mut error = error;
                    note!(
                        K::Error,
                        &mut error,
                        Event::Skipped(Node::Call(body.site()))
                    );
                    return Poll::Ready(K::out(Err(error)));
                }
                Err(error) => return Poll::Ready(K::out(Err(error))),
            }
        }
        let LaterProj::Running { chain, site, .. } = self.project() else {
            finished()
        };
        Poll::Ready(Self::settled(ready!(chain.poll(cx)), site))
    }

    /// A cancellation has left the arguments or the body, or their owner settles.
    fn settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<OutOf<K, S::Value>>> {
        let site = self.site::<J::Values>();
        if let LaterProj::Waiting {
            arguments,
            body,
            mark,
            ..
        } = self.as_mut().project()
        {
            match ready!(arguments.poll_settle(cx)) {
                Some(Ok(values)) => {
                    let running = Later::run(body, values, *mark);
                    self.set(running);
                }
                Some(Err(mut error)) => {
                    note!(K::Error, &mut error, Event::Skipped(Node::Call(site)));
                    return Poll::Ready(Some(K::out(Err(error))));
                }
                None => return Poll::Ready(adopt::<K, _>(site)),
            }
        }
        let LaterProj::Running { chain, .. } = self.project() else {
            finished()
        };
        Poll::Ready(match ready!(chain.poll_settle(cx)) {
            Some(returned) => Some(Self::settled(returned, site)),
            None => adopt::<K, _>(site),
        })
    }

    #[cfg(feature = "trace")]
    #[cold]
    #[inline(never)]
    fn poll_looked_at(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<OutOf<K, S::Value>> {
        let site = self.site::<J::Values>();
        let entered = self.as_mut().mark().enter(site);
        let polled = self.advance(cx);
        entered.leave(Left::of::<K, _>(&polled));
        polled
    }
}

impl<J, B, K, S, F> Later<J, B, K, S, F> {
    /// The state after the arguments are there.
    #[inline(always)]
    fn run<P>(body: &mut B, values: P, mark: Mark) -> Self
    where
        B: Body<P>,
        B::Out: IsDeferred<Chain = F>,
    {
        #[cfg(feature = "trace")]
        mark.run();
        let site = body.site();
        let chain = body.call(values).into_chain();
        Later::Running { chain, site, mark }
    }

    #[cfg(feature = "trace")]
    fn mark(self: Pin<&mut Self>) -> &mut Mark {
        match self.project() {
            LaterProj::Waiting { mark, .. } | LaterProj::Running { mark, .. } => mark,
        }
    }

    /// The outcome of the whole, from what the body's deferred yielded.
    #[inline(always)]
    fn settled(returned: F::Output, site: &'static Site) -> OutOf<K, S::Value>
    where
        K: Kind,
        F: Chain,
        S: Settle<K, F::Output>,
    {
        if const { keeps::<K::Error>() } {
            let mut outcome = S::settle(returned);
            note!(K::Error, in outcome, Event::Returned(Node::Call(site)));
            return K::out(outcome);
        }
        K::out(S::settle(returned))
    }

    fn site<P>(&self) -> &'static Site
    where
        B: Body<P>,
    {
        match self {
            Later::Waiting { body, .. } => body.site(),
            Later::Running { site, .. } => site,
        }
    }
}

impl<J, B, K, S, F> sealed::Sealed for Later<J, B, K, S, F> {}

impl<J, B, K, S, F> Chain for Later<J, B, K, S, F>
where
    K: Kind,
    J: Arguments<K::Error>,
    F: Chain,
    B: Body<J::Values>,
    B::Out: IsDeferred<Chain = F>,
    S: Settle<K, F::Output>,
{
    #[cold]
    #[inline(never)]
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
        let site = self.site::<J::Values>();
        let unwind = match self.as_mut().project() {
            LaterProj::Waiting {
                arguments,
                body,
                mark,
                ..
            } => match arguments.cancel() {
                Unwind::Is(Ok(values)) => {
                    let running = Later::run(body, values, *mark);
                    self.set(running);
                    Unwind::Stays
                }
                Unwind::Is(Err(mut error)) => {
                    note!(K::Error, &mut error, Event::Skipped(Node::Call(site)));
                    Unwind::Is(K::out(Err(error)))
                }
                unwind => unwind.map(|_| finished()),
            },
            LaterProj::Running { chain, .. } => chain.cancel().map(|out| Self::settled(out, site)),
        };
        let unwind = match unwind {
            Unwind::Out => adopt::<K, _>(site).map_or(Unwind::Out, Unwind::Is),
            unwind => unwind,
        };
        #[cfg(feature = "trace")]
        self.mark().unwound::<K, _>(site, &unwind);
        unwind
    }
    #[cold]
    #[inline(never)]
    #[cfg_attr(not(feature = "trace"), allow(unused_mut, reason = "nobody looks on"))]
    fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        #[cfg(feature = "trace")]
        if self.as_mut().mark().is_looked_at() {
            let site = self.site::<J::Values>();
            let entered = self.as_mut().mark().enter(site);
            let settled = self.settle(cx);
            entered.leave(Left::settled::<K, _>(&settled));
            return settled;
        }
        self.settle(cx)
    }
    fn describe(&self, to: &mut dyn Draw) {
        match self {
            Later::Waiting {
                arguments, body, ..
            } => {
                node(to, Node::Call(body.site()), |to| arguments.describe(to));
            }
            Later::Running { chain, site, .. } => {
                node(to, Node::Call(site), |to| {
                    to.running();
                    chain.describe(to);
                });
            }
        }
    }
    fn tail<'a>(self: Pin<&mut Self>) -> Option<Tail<'a, Self::Output>>
    where
        Self: 'a,
    {
        let LaterProj::Running { chain, site, mark } = self.project() else {
            return None;
        };
        // It would end unseen.
        #[cfg(feature = "trace")]
        if mark.is_looked_at() {
            return None;
        }
        let _ = mark;
        let tail = S::tail(chain)?;
        Some(tail.adopted(Adoption::new(site, adopt::<K, S::Value>)))
    }
    fn boxes(self: Pin<&mut Self>, to: &mut Boxes) {
        match self.project() {
            LaterProj::Waiting { arguments, .. } => arguments.boxes(to),
            LaterProj::Running { chain, .. } => chain.boxes(to),
        }
    }
}

opaque_debug!(Call<J, B, K, S>, Later<J, B, K, S, F>);

/// The end of every poll that should not have been.
#[cold]
#[inline(never)]
#[track_caller]
pub fn finished() -> ! {
    panic!("a deferred was polled after it had yielded its outcome")
}
