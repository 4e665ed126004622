//! The call of an errback, short form: it runs only after a failure.

use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;

use crate::arg::Fallible;
use crate::arguments::Arguments;
use crate::boxed::Tail;
use crate::call::{Body, Call, Caught, Later};
use crate::chain::{Chain, opaque_debug};
use crate::kind::{Converts, Kind, OutOf};
use crate::passing::{Event, note};
use crate::plan::{Draw, Node};
use crate::step::{Step, Then, Turn};

/// What an errback does with the outcome of its first argument.
///
/// On success the value passes and `arguments`, which have not been polled, are dropped.
/// On failure they and the body become a call, `N`.
pub struct Rescue<J, B, E, N, C> {
    arguments: J,
    body: B,
    next: PhantomData<fn() -> (E, N, C)>,
}
opaque_debug!(Rescue<J, B, E, N, C>);

/// A call that a [`Rescue`] can start.
pub trait Start<J, B> {
    /// From the arguments and the body.
    fn start(arguments: J, body: B) -> Self;
}

impl<J, B, K, S> Start<J, B> for Call<J, B, K, S> {
    #[inline]
    fn start(arguments: J, body: B) -> Self {
        Call::new(arguments, body)
    }
}

impl<J, B, K, S, F> Start<J, B> for Later<J, B, K, S, F> {
    #[inline]
    fn start(arguments: J, body: B) -> Self {
        Later::new(arguments, body)
    }
}

/// The kind of a call, told apart from its other parameters.
pub trait HasKind {
    /// The kind.
    type Kind: Kind;
}

impl<J, B, K: Kind, S> HasKind for Call<J, B, K, S> {
    type Kind = K;
}

impl<J, B, K: Kind, S, F> HasKind for Later<J, B, K, S, F> {
    type Kind = K;
}

impl<J, B, E, N, C> Rescue<J, B, E, N, C> {
    #[inline(always)]
    fn follow<O>(self, error: E) -> Turn<O, N>
    where
        N: Start<J, Caught<B, E>>,
    {
        Turn::Follows(N::start(self.arguments, Caught::new(self.body, error)))
    }
}

impl<T, E0, E: 'static, J, B, P, N, C> Step<Result<T, E0>> for Rescue<J, B, E, N, C>
where
    C: Converts<E0, E>,
    J: Arguments<<N::Kind as Kind>::Error, Values = P>,
    B: Body<(E, P)>,
    N: Chain<Output = OutOf<N::Kind, T>> + HasKind + Start<J, Caught<B, E>>,
{
    type Next = N;
    type Out = OutOf<N::Kind, T>;
    #[inline(always)]
    fn step(self, outcome: Result<T, E0>) -> Turn<Self::Out, N> {
        match outcome {
            Ok(value) => Turn::Passes(N::Kind::out(Ok(value))),
            Err(error) => {
                let mut error = C::convert(error);
                note!(E, &mut error, Event::Caught(Node::Call(self.body.site())));
                self.follow(error)
            }
        }
    }
    fn cancelled(self) -> Option<Turn<Self::Out, N>> {
        let error = self.body.site().adopt::<E>()?;
        Some(self.follow(error))
    }
    #[inline(always)]
    fn out(next: <N as Future>::Output) -> Self::Out {
        next
    }
    fn tail<'a>(next: Pin<&mut Self::Next>) -> Option<Tail<'a, Self::Out>>
    where
        Self::Next: 'a,
    {
        next.tail()
    }
    fn node(&self) -> Node {
        Node::Call(self.body.site())
    }
    fn describe(&self, to: &mut dyn Draw) {
        self.arguments.describe(to);
    }
}

/// The chain of an errback around `F`: `N` is the call that runs after a failure.
pub type Errback<F, J, B, E, N, C> = Then<F, Rescue<J, B, E, N, C>, N>;
/// An errback whose body has its result at once.
pub type ErrbackCall<F, J, B, E, K, S, C> = Errback<F, J, B, E, Call<J, Caught<B, E>, K, S>, C>;
/// An errback whose body gives a deferred.
pub type ErrbackLater<F, J, B, E, K, S, N, C> =
    Errback<F, J, B, E, Later<J, Caught<B, E>, K, S, N>, C>;

/// Put an errback around its first argument.
#[inline]
pub fn errback<T, A, M, J, B, E, N, C>(
    first: A,
    arguments: J,
    body: B,
) -> Then<A::Chain, Rescue<J, B, E, N, C>, N>
where
    A: Fallible<T, M>,
{
    Then::new(
        first.into_chain(),
        Rescue {
            arguments,
            body,
            next: PhantomData,
        },
    )
}
