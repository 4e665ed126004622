//! What a lowered function calls: once for its arguments, once for the whole.
//!
//! The compiler proves the bounds of each generic function anew wherever it is called, and
//! a lowered function is little else than such calls: six of them, instead of these two,
//! were a fourteenth of the instructions of `cargo check` (`benches/README.md`).

use crate::Deferred;
use crate::arg::Arg;
use crate::arguments::{
    Join0, Join1, Join2, Join3, Join4, Join5, Join6, Join7, Join8, Join9, Join10, Join11, Join12,
};
use crate::call::{Call, Later};
use crate::slot::Slot;

/// A call whose body has its result at once.
#[inline(always)]
pub const fn call<J, B, K, S, O>(arguments: J, body: B) -> Deferred<O, Call<J, B, K, S>> {
    Deferred::from_chain(Call::new(arguments, body))
}

/// A call whose body gives a deferred.
#[inline(always)]
pub const fn later<J, B, K, S, F, O>(arguments: J, body: B) -> Deferred<O, Later<J, B, K, S, F>> {
    Deferred::from_chain(Later::new(arguments, body))
}

/// No argument.
#[inline(always)]
#[must_use]
pub const fn join0() -> Join0 {
    Join0::new()
}

/// The one argument, as it was passed.
#[inline(always)]
pub fn join1<A, T, M, K>(argument: A) -> Join1<A::Chain, K, T>
where
    A: Arg<T, M>,
{
    Join1::of(argument.into_chain())
}

macro_rules! joins {
    ($($join:ident = $Join:ident: $($a:ident $A:ident $T:ident $M:ident $K:ident),+;)+) => {$(
        /// The arguments, as they were passed.
        #[inline(always)]
        #[allow(clippy::too_many_arguments, clippy::type_complexity)]
        pub fn $join<$($A, $T, $M, $K),+>($($a: $A),+) -> $Join<$($A::Chain, $K, $T),+>
        where
            $($A: Arg<$T, $M>),+
        {
            $Join::new($(Slot::of($a.into_chain())),+)
        }
    )+};
}

joins! {
    join2 = Join2: a0 A0 T0 M0 K0, a1 A1 T1 M1 K1;
    join3 = Join3: a0 A0 T0 M0 K0, a1 A1 T1 M1 K1, a2 A2 T2 M2 K2;
    join4 = Join4: a0 A0 T0 M0 K0, a1 A1 T1 M1 K1, a2 A2 T2 M2 K2, a3 A3 T3 M3 K3;
    join5 = Join5: a0 A0 T0 M0 K0, a1 A1 T1 M1 K1, a2 A2 T2 M2 K2, a3 A3 T3 M3 K3,
        a4 A4 T4 M4 K4;
    join6 = Join6: a0 A0 T0 M0 K0, a1 A1 T1 M1 K1, a2 A2 T2 M2 K2, a3 A3 T3 M3 K3,
        a4 A4 T4 M4 K4, a5 A5 T5 M5 K5;
    join7 = Join7: a0 A0 T0 M0 K0, a1 A1 T1 M1 K1, a2 A2 T2 M2 K2, a3 A3 T3 M3 K3,
        a4 A4 T4 M4 K4, a5 A5 T5 M5 K5, a6 A6 T6 M6 K6;
    join8 = Join8: a0 A0 T0 M0 K0, a1 A1 T1 M1 K1, a2 A2 T2 M2 K2, a3 A3 T3 M3 K3,
        a4 A4 T4 M4 K4, a5 A5 T5 M5 K5, a6 A6 T6 M6 K6, a7 A7 T7 M7 K7;
    join9 = Join9: a0 A0 T0 M0 K0, a1 A1 T1 M1 K1, a2 A2 T2 M2 K2, a3 A3 T3 M3 K3,
        a4 A4 T4 M4 K4, a5 A5 T5 M5 K5, a6 A6 T6 M6 K6, a7 A7 T7 M7 K7, a8 A8 T8 M8 K8;
    join10 = Join10: a0 A0 T0 M0 K0, a1 A1 T1 M1 K1, a2 A2 T2 M2 K2, a3 A3 T3 M3 K3,
        a4 A4 T4 M4 K4, a5 A5 T5 M5 K5, a6 A6 T6 M6 K6, a7 A7 T7 M7 K7, a8 A8 T8 M8 K8,
        a9 A9 T9 M9 K9;
    join11 = Join11: a0 A0 T0 M0 K0, a1 A1 T1 M1 K1, a2 A2 T2 M2 K2, a3 A3 T3 M3 K3,
        a4 A4 T4 M4 K4, a5 A5 T5 M5 K5, a6 A6 T6 M6 K6, a7 A7 T7 M7 K7, a8 A8 T8 M8 K8,
        a9 A9 T9 M9 K9, a10 A10 T10 M10 K10;
    join12 = Join12: a0 A0 T0 M0 K0, a1 A1 T1 M1 K1, a2 A2 T2 M2 K2, a3 A3 T3 M3 K3,
        a4 A4 T4 M4 K4, a5 A5 T5 M5 K5, a6 A6 T6 M6 K6, a7 A7 T7 M7 K7, a8 A8 T8 M8 K8,
        a9 A9 T9 M9 K9, a10 A10 T10 M10 K10, a11 A11 T11 M11 K11;
}
