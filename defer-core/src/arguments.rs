//! Waiting for the arguments of a call: all of them at once, in one task, left to right.
//!
//! What is polled on the way from a call to its leaves is `inline(always)` here and in
//! `call`, `step`, `source`, `kind` and `deferred`: nested calls are to become one
//! function, where the compiler left to itself makes a function of each level. `Later`, an
//! asynchronous body, is left to the compiler: it does as well, and compiles faster
//! (`benches/README.md` has the figures).

use core::any::{Any, TypeId};
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use crate::boxed::Boxes;
use crate::call::finished;
use crate::chain::{Chain, Unwind, opaque_debug, sealed};
use crate::kind::{Kind, Lift, OutOf};
use crate::passing::{self, Drawn, Event, keeps, note};
use crate::plan::{Draw, Node, leaf, node};
use crate::slot::Slot;

/// The arguments of one call, of which each failure becomes an `E`.
///
/// Not a future: a call polls its arguments and runs its body in one go, so that the
/// values never have to be stored together.
pub trait Arguments<E: 'static> {
    /// A tuple of what the body takes.
    type Values;
    /// Poll those that are pending; the first failure wins at once.
    ///
    /// When they are ready, or one has failed, none of them is pending any more.
    fn poll_values(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<Self::Values, E>>;
    /// See [`Chain::cancel`].
    fn cancel(self: Pin<&mut Self>) -> Unwind<Result<Self::Values, E>>;
    /// See [`Chain::poll_settle`]. All of them are awaited.
    fn poll_settle(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Self::Values, E>>>;
    /// See [`Chain::describe`]. Whoever asks has seen that what is inside is wanted.
    fn describe(&self, to: &mut dyn Draw);
    /// See [`Chain::boxes`].
    fn boxes(self: Pin<&mut Self>, to: &mut Boxes);
}

/// No argument that could be a deferred.
#[derive(Debug)]
pub struct Join0 {
    /// A body without arguments runs once, like any other.
    polled: bool,
}

impl Join0 {
    /// For a call without deferrable arguments.
    #[inline]
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Join0 { polled: false }
    }
}

impl<E: 'static> Arguments<E> for Join0 {
    type Values = ();
    #[inline(always)]
    fn poll_values(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), E>> {
        if self.polled {
            finished()
        }
        self.polled = true;
        Poll::Ready(Ok(()))
    }
    fn cancel(self: Pin<&mut Self>) -> Unwind<Result<(), E>> {
        Unwind::Idle
    }
    fn poll_settle(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<(), E>>> {
        self.poll_values(cx).map(Some)
    }
    fn describe(&self, _: &mut dyn Draw) {}
    fn boxes(self: Pin<&mut Self>, _: &mut Boxes) {}
}

pin_project! {
    /// One argument: nothing to store, so no state of its own.
    pub struct Join1<F, K, T> {
        #[pin]
        chain: F,
        kind: PhantomData<fn() -> (K, T)>,
    }
}

impl<F, K, T> Join1<F, K, T> {
    /// For what a chain yields.
    #[inline]
    pub fn of(chain: F) -> Self {
        Join1 {
            chain,
            kind: PhantomData,
        }
    }
}

impl<F, K: Kind, T> Join1<F, K, T> {
    #[inline(always)]
    fn values<E: 'static>(chain: &F, out: OutOf<K, T>) -> Result<(T,), E>
    where
        K: Lift<E>,
        F: Chain,
    {
        match K::outcome(out) {
            Ok(value) => Ok((value,)),
            Err(error) => Err(lifted::<E, K>(chain, error)),
        }
    }
}

/// A failure of the one argument, as the call's.
#[inline(always)]
fn lifted<E: 'static, K: Lift<E>>(chain: &impl Chain, error: K::Error) -> E {
    let mut error = K::lift(error);
    // A failure that was one before has been on its way.
    if const { keeps::<E>() } && TypeId::of::<E>() != TypeId::of::<K::Error>() {
        passing::tell(&mut error, Event::Lifted(chain));
    }
    error
}

impl<E: 'static, F, K, T> Arguments<E> for Join1<F, K, T>
where
    K: Lift<E>,
    F: Chain<Output = OutOf<K, T>>,
{
    type Values = (T,);
    #[inline(always)]
    fn poll_values(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(T,), E>> {
        let mut chain = self.project().chain;
        let out = ready!(chain.as_mut().poll(cx));
        Poll::Ready(Self::values(&chain, out))
    }
    #[cold]
    #[inline(never)]
    fn cancel(self: Pin<&mut Self>) -> Unwind<Result<(T,), E>> {
        let mut chain = self.project().chain;
        let unwind = chain.as_mut().cancel();
        unwind.map(|out| Self::values(&chain, out))
    }
    #[cold]
    #[inline(never)]
    fn poll_settle(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<(T,), E>>> {
        let mut chain = self.project().chain;
        let settled = ready!(chain.as_mut().poll_settle(cx));
        Poll::Ready(settled.map(|out| Self::values(&chain, out)))
    }
    fn describe(&self, to: &mut dyn Draw) {
        self.chain.describe(to);
    }
    fn boxes(self: Pin<&mut Self>, to: &mut Boxes) {
        self.project().chain.boxes(to);
    }
}

/// What the slots of a join said to a cancellation.
///
/// Where several were cancelled and one of them failed, the others may still be cleaning
/// up, and the failure has no place to wait for them: the join was cancelled, then.
struct Told<E> {
    gone: usize,
    failed: Option<E>,
    stays: bool,
    done: bool,
}

impl<E> Default for Told<E> {
    fn default() -> Self {
        Told {
            gone: 0,
            failed: None,
            stays: false,
            done: false,
        }
    }
}

impl<E: 'static> Told<E> {
    fn hear<F, K, T>(&mut self, unwind: Unwind<Option<E>>, slot: &Slot<F, K, T>, place: usize) {
        // Counted by the slots: some may have been cancelled before.
        self.gone += usize::from(slot.is_gone());
        match unwind {
            Unwind::Idle | Unwind::Out => {}
            Unwind::Stays => self.stays = true,
            Unwind::Is(None) => self.done = true,
            Unwind::Is(Some(mut error)) => {
                note!(E, &mut error, Event::Argument { place, all: &[] });
                self.failed = Some(error);
            }
        }
    }
}

macro_rules! join {
    ($Join:ident: $($place:literal $slot:ident $F:ident $K:ident $T:ident),+) => {
        pin_project! {
            /// Several arguments, each in its slot.
            pub struct $Join<$($F, $K, $T),+> {
                $(#[pin] $slot: Slot<$F, $K, $T>,)+
            }
        }

        impl<$($F, $K, $T),+> $Join<$($F, $K, $T),+> {
            /// From the slots, left to right.
            #[inline(always)]
            #[allow(clippy::too_many_arguments)]
            pub fn new($($slot: Slot<$F, $K, $T>),+) -> Self {
                $Join { $($slot),+ }
            }

            #[cold]
            #[inline(never)]
            fn clear(self: Pin<&mut Self>) {
                let mut this = self.project();
                $(this.$slot.set(Slot::Taken);)+
            }

            /// A failure that came out of an argument, before the others are dropped.
            #[cold]
            #[inline(never)]
            fn failed(&self, place: usize, error: &mut dyn Any)
            where
                $($F: Chain),+
            {
                let all: &[&dyn Drawn] = &[$(&self.$slot),+];
                passing::tell(error, Event::Argument { place, all });
            }
        }

        impl<E: 'static, $($F, $K, $T),+> Arguments<E> for $Join<$($F, $K, $T),+>
        where
            $($K: Lift<E>, $F: Chain<Output = OutOf<$K, $T>>),+
        {
            type Values = ($($T,)+);
            #[inline(always)]
            fn poll_values(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
            ) -> Poll<Result<Self::Values, E>> {
                let mut this = self.as_mut().project();
                let mut waiting = false;
                $(match this.$slot.as_mut().poll_slot(cx) {
                    Ok(still) => waiting |= still,
                    Err(mut error) => {
                        if const { keeps::<E>() } {
                            self.as_ref().get_ref().failed($place, &mut error);
                        }
                        self.clear();
                        return Poll::Ready(Err(error));
                    }
                })+
                if waiting {
                    return Poll::Pending;
                }
                Poll::Ready(Ok(($($F::take(this.$slot),)+)))
            }
            #[cold]
            #[inline(never)]
            fn cancel(mut self: Pin<&mut Self>) -> Unwind<Result<Self::Values, E>> {
                let mut this = self.as_mut().project();
                let mut told = Told::default();
                $(told.hear(this.$slot.as_mut().cancel(), &this.$slot, $place);)+
                if told.stays {
                    return Unwind::Stays;
                }
                if told.gone > 0 {
                    // Several were cancelled, or one was: it fails with its failure.
                    return match told.failed {
                        Some(error) if told.gone == 1 => Unwind::Is(Err(error)),
                        _ => Unwind::Out,
                    };
                }
                if !told.done {
                    return Unwind::Idle;
                }
                if $(this.$slot.is_waiting())||+ {
                    return Unwind::Stays;
                }
                Unwind::Is(Ok(($($F::take(this.$slot),)+)))
            }
            fn poll_settle(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
            ) -> Poll<Option<Result<Self::Values, E>>> {
                let mut this = self.project();
                let mut failed = None;
                let mut waiting = false;
                let mut gone = 0;
                $(match this.$slot.as_mut().poll_settle(cx) {
                    Poll::Pending => waiting = true,
                    Poll::Ready(None) => {}
                    Poll::Ready(Some(mut error)) => {
                        note!(E, &mut error, Event::Argument { place: $place, all: &[] });
                        failed = Some(error);
                    }
                }
                gone += usize::from(this.$slot.is_gone());)+
                if waiting {
                    return Poll::Pending;
                }
                Poll::Ready(match (gone, failed) {
                    (0, _) => Some(Ok(($($F::take(this.$slot),)+))),
                    (1, Some(error)) => Some(Err(error)),
                    _ => None,
                })
            }
            fn describe(&self, to: &mut dyn Draw) {
                $(self.$slot.describe(to);)+
            }
            fn boxes(self: Pin<&mut Self>, to: &mut Boxes) {
                let this = self.project();
                $(this.$slot.boxes(to);)+
            }
        }

        opaque_debug!($Join<$($F, $K, $T),+>);
    };
}

join!(Join2: 0 a F0 K0 T0, 1 b F1 K1 T1);
join!(Join3: 0 a F0 K0 T0, 1 b F1 K1 T1, 2 c F2 K2 T2);
join!(Join4: 0 a F0 K0 T0, 1 b F1 K1 T1, 2 c F2 K2 T2, 3 d F3 K3 T3);
join!(Join5: 0 a F0 K0 T0, 1 b F1 K1 T1, 2 c F2 K2 T2, 3 d F3 K3 T3, 4 e F4 K4 T4);
join!(Join6: 0 a F0 K0 T0, 1 b F1 K1 T1, 2 c F2 K2 T2, 3 d F3 K3 T3, 4 e F4 K4 T4, 5 f F5 K5 T5);
join!(Join7: 0 a F0 K0 T0, 1 b F1 K1 T1, 2 c F2 K2 T2, 3 d F3 K3 T3, 4 e F4 K4 T4, 5 f F5 K5 T5, 6 g F6 K6 T6);
join!(Join8: 0 a F0 K0 T0, 1 b F1 K1 T1, 2 c F2 K2 T2, 3 d F3 K3 T3, 4 e F4 K4 T4, 5 f F5 K5 T5, 6 g F6 K6 T6, 7 h F7 K7 T7);
join!(Join9: 0 a F0 K0 T0, 1 b F1 K1 T1, 2 c F2 K2 T2, 3 d F3 K3 T3, 4 e F4 K4 T4, 5 f F5 K5 T5, 6 g F6 K6 T6, 7 h F7 K7 T7, 8 i F8 K8 T8);
join!(Join10: 0 a F0 K0 T0, 1 b F1 K1 T1, 2 c F2 K2 T2, 3 d F3 K3 T3, 4 e F4 K4 T4, 5 f F5 K5 T5, 6 g F6 K6 T6, 7 h F7 K7 T7, 8 i F8 K8 T8, 9 j F9 K9 T9);
join!(Join11: 0 a F0 K0 T0, 1 b F1 K1 T1, 2 c F2 K2 T2, 3 d F3 K3 T3, 4 e F4 K4 T4, 5 f F5 K5 T5, 6 g F6 K6 T6, 7 h F7 K7 T7, 8 i F8 K8 T8, 9 j F9 K9 T9, 10 k F10 K10 T10);
join!(Join12: 0 a F0 K0 T0, 1 b F1 K1 T1, 2 c F2 K2 T2, 3 d F3 K3 T3, 4 e F4 K4 T4, 5 f F5 K5 T5, 6 g F6 K6 T6, 7 h F7 K7 T7, 8 i F8 K8 T8, 9 j F9 K9 T9, 10 k F10 K10 T10, 11 l F11 K11 T11);

pin_project! {
    /// Several chains as one that yields a tuple: the chain of a tuple argument.
    #[must_use = "a chain does nothing until it is polled"]
    pub struct All<J, K> {
        #[pin]
        members: J,
        kind: PhantomData<fn() -> K>,
    }
}

impl<J, K> All<J, K> {
    #[inline]
    pub(crate) fn new(members: J) -> Self {
        All {
            members,
            kind: PhantomData,
        }
    }
}

impl<K: Kind, J: Arguments<K::Error>> Future for All<J, K> {
    type Output = OutOf<K, J::Values>;
    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().members.poll_values(cx).map(Self::out)
    }
}

impl<J, K: Kind> All<J, K> {
    #[inline(always)]
    fn out<T>(mut outcome: Result<T, K::Error>) -> OutOf<K, T> {
        note!(K::Error, in outcome, Event::Tuple);
        K::out(outcome)
    }
}

impl<J, K> sealed::Sealed for All<J, K> {}

impl<K: Kind, J: Arguments<K::Error>> Chain for All<J, K> {
    #[cold]
    #[inline(never)]
    fn cancel(self: Pin<&mut Self>) -> Unwind<Self::Output> {
        self.project().members.cancel().map(Self::out)
    }
    #[cold]
    #[inline(never)]
    fn poll_settle(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        let settled = ready!(self.project().members.poll_settle(cx));
        Poll::Ready(settled.map(Self::out))
    }
    fn describe(&self, to: &mut dyn Draw) {
        node(to, Node::Named("tuple"), |to| self.members.describe(to));
    }
    fn boxes(self: Pin<&mut Self>, to: &mut Boxes) {
        self.project().members.boxes(to);
    }
}

pin_project! {
    /// A chain that may not be there: the chain of an `Option` argument.
    #[must_use = "a chain does nothing until it is polled"]
    pub struct Maybe<F, K, T> {
        #[pin]
        chain: Option<F>,
        kind: PhantomData<fn() -> (K, T)>,
    }
}

impl<F, K, T> Maybe<F, K, T> {
    #[inline]
    pub(crate) fn new(chain: Option<F>) -> Self {
        Maybe {
            chain,
            kind: PhantomData,
        }
    }
}

impl<T, K: Kind, F: Chain<Output = OutOf<K, T>>> Future for Maybe<F, K, T> {
    type Output = OutOf<K, Option<T>>;
    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(chain) = self.project().chain.as_pin_mut() else {
            return Poll::Ready(K::out(Ok(None)));
        };
        chain.poll(cx).map(Self::there)
    }
}

impl<T, K: Kind, F> Maybe<F, K, T> {
    #[inline(always)]
    fn there(out: OutOf<K, T>) -> OutOf<K, Option<T>> {
        K::out(K::outcome(out).map(Some))
    }
}

impl<F, K, T> sealed::Sealed for Maybe<F, K, T> {}

impl<T, K: Kind, F: Chain<Output = OutOf<K, T>>> Chain for Maybe<F, K, T> {
    #[cold]
    #[inline(never)]
    fn cancel(self: Pin<&mut Self>) -> Unwind<Self::Output> {
        match self.project().chain.as_pin_mut() {
            Some(chain) => chain.cancel().map(Self::there),
            None => Unwind::Idle,
        }
    }
    #[cold]
    #[inline(never)]
    fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        match self.as_mut().project().chain.as_pin_mut() {
            Some(chain) => chain.poll_settle(cx).map(|out| out.map(Self::there)),
            None => self.poll(cx).map(Some),
        }
    }
    fn describe(&self, to: &mut dyn Draw) {
        match &self.chain {
            Some(chain) => chain.describe(to),
            None => leaf(to, "value"),
        }
    }
    fn boxes(self: Pin<&mut Self>, to: &mut Boxes) {
        if let Some(chain) = self.project().chain.as_pin_mut() {
            chain.boxes(to);
        }
    }
}

opaque_debug!(Join1<F, K, T>, All<J, K>, Maybe<F, K, T>);
