//! What the attributes expand to. Not covered by any promise.

pub use crate::adopt::{Adopts, AdoptsKnown, AsOutcome, NeverAsOutcome, Probe};
pub use crate::arg::{Arg, Fallible, Observed, observed};
pub use crate::arguments::{
    Arguments, Join0, Join1, Join2, Join3, Join4, Join5, Join6, Join7, Join8, Join9, Join10,
    Join11, Join12,
};
pub use crate::awaits::{Asynchronous, AwaitExt, asynchronous};
#[cfg(feature = "std")]
pub use crate::awaits::{Awaited, Cancels, Passes, Takes};
#[cfg(feature = "std")]
pub use crate::batch::{
    Batched,
    collect::{Collector, Turn, turn},
    given::{Given, GivenFuture, GivenValue},
};
pub use crate::boxed::Boxed;
#[cfg(feature = "alloc")]
pub use crate::boxed::LocalBoxed;
pub use crate::call::{
    Body, Call, Caught, ClosureBody, Fallibly, FnBody, ItemBody, Later, Plainly, Settle, finished,
    held,
};
#[cfg(feature = "alloc")]
pub use crate::cancel::Asked;
pub use crate::chain::{Chain, sealed::Sealed};
#[cfg(feature = "alloc")]
pub use crate::course::Course;
pub use crate::deferred::Deferred;
pub use crate::errback::{Errback, ErrbackCall, ErrbackLater, Rescue, errback};
pub use crate::kind::{
    CaughtAs, Converts, ErrOf, Fails, Kind, Lift, LiftsTo, Merge, Merged, Never, OutOf,
};
pub use crate::lowered::{
    call, join0, join1, join2, join3, join4, join5, join6, join7, join8, join9, join10, join11,
    join12, later,
};
pub use crate::markers::ByInto;
#[cfg(feature = "std")]
pub use crate::panics::caught;
pub use crate::plan::{Site, leaf, leaf_of, node};
pub use crate::returns::{IsDeferred, IsResult};
pub use crate::slot::Slot;
pub use crate::source::{Value, defer};
pub use crate::step::Then;

/// The kind of an argument `A` for a parameter of type `T`.
pub type KindOf<A, T, M> = <A as Arg<T, M>>::Kind;
/// The kind of an argument in a call that fails with an `E`.
pub type LiftOf<A, T, M, E, X> = <<A as Arg<T, M>>::Kind as LiftsTo<E, X>>::Kind;
/// The chain of an argument `A` for a parameter of type `T`.
pub type ChainOf<A, T, M> = <A as Arg<T, M>>::Chain;
/// The chain of an argument `A` that is observed as a `T`.
pub type ObservedOf<A, T, M> = Observed<ChainOf<A, T, M>, KindOf<A, T, M>, T>;
/// What the body of an opaque call yields.
pub type YieldOf<B, P> = <<<B as Body<P>>::Out as IsDeferred>::Chain as Future>::Output;

/// A call whose body has no name: `B` is an `impl Body`, mentioned once.
pub type CallOf<J, P, B, K, S> =
    Deferred<OutOf<K, <S as Settle<K, <B as Body<P>>::Out>>::Value>, Call<J, B, K, S>>;
/// As [`CallOf`], of a body that gives a deferred.
pub type LaterOf<J, P, B, K, S> = Deferred<
    OutOf<K, <S as Settle<K, YieldOf<B, P>>>::Value>,
    Later<J, B, K, S, <<B as Body<P>>::Out as IsDeferred>::Chain>,
>;

#[cfg(feature = "std")]
pub use std::thread_local;

/// No deferrable argument.
pub type Args0 = Join0;

macro_rules! args {
    ($($Args:ident = $Join:ident: $($A:ident $T:ident $M:ident),+;)+) => {$(
        /// The arguments of a call: for each the type passed, the parameter's, the marker.
        pub type $Args<$($A, $T, $M),+> =
            $Join<$(ChainOf<$A, $T, $M>, KindOf<$A, $T, $M>, $T),+>;
    )+};
}

args! {
    Args1 = Join1: A0 T0 M0;
    Args2 = Join2: A0 T0 M0, A1 T1 M1;
    Args3 = Join3: A0 T0 M0, A1 T1 M1, A2 T2 M2;
    Args4 = Join4: A0 T0 M0, A1 T1 M1, A2 T2 M2, A3 T3 M3;
    Args5 = Join5: A0 T0 M0, A1 T1 M1, A2 T2 M2, A3 T3 M3, A4 T4 M4;
    Args6 = Join6: A0 T0 M0, A1 T1 M1, A2 T2 M2, A3 T3 M3, A4 T4 M4, A5 T5 M5;
    Args7 = Join7: A0 T0 M0, A1 T1 M1, A2 T2 M2, A3 T3 M3, A4 T4 M4, A5 T5 M5, A6 T6 M6;
    Args8 = Join8: A0 T0 M0, A1 T1 M1, A2 T2 M2, A3 T3 M3, A4 T4 M4, A5 T5 M5, A6 T6 M6,
        A7 T7 M7;
    Args9 = Join9: A0 T0 M0, A1 T1 M1, A2 T2 M2, A3 T3 M3, A4 T4 M4, A5 T5 M5, A6 T6 M6,
        A7 T7 M7, A8 T8 M8;
    Args10 = Join10: A0 T0 M0, A1 T1 M1, A2 T2 M2, A3 T3 M3, A4 T4 M4, A5 T5 M5, A6 T6 M6,
        A7 T7 M7, A8 T8 M8, A9 T9 M9;
    Args11 = Join11: A0 T0 M0, A1 T1 M1, A2 T2 M2, A3 T3 M3, A4 T4 M4, A5 T5 M5, A6 T6 M6,
        A7 T7 M7, A8 T8 M8, A9 T9 M9, A10 T10 M10;
    Args12 = Join12: A0 T0 M0, A1 T1 M1, A2 T2 M2, A3 T3 M3, A4 T4 M4, A5 T5 M5, A6 T6 M6,
        A7 T7 M7, A8 T8 M8, A9 T9 M9, A10 T10 M10, A11 T11 M11;
}

/// Uses what it is given, so that an asynchronous body holds all of its parameters.
#[inline]
pub fn hold<T>(_: T) {}

/// Says the type of a value.
#[inline]
pub fn same<T>(value: T) -> T {
    value
}

/// Asks that a return type is a `Result` with an error that was told.
#[inline]
pub const fn fails_with<R: IsResult<Error = E>, E>() {}
