//! What a looping call calls.

use core::fmt;

use defer_core::__private::Sealed;
use defer_core::{Chain, Kind, OutOf, Returned};

use super::LoopControl;

/// What a [`LoopingCall`](super::LoopingCall) calls: a closure in one of three forms.
///
/// `M` is inferred, as in [`Returned`].
pub trait LoopBody<M>: Sealed {
    /// How it can fail.
    type Kind: Kind;
    /// What it returns on success, which is dropped.
    type Value;
    /// What is waited for before the next call.
    type Chain: Chain<Output = OutOf<Self::Kind, Self::Value>>;
    /// Call it.
    fn call(&mut self, control: &LoopControl, count: u64) -> Self::Chain;
}

macro_rules! body {
    ($(#[$meta:meta])+ $Body:ident: ($($name:ident: $Type:ty),*) with ($control:ident, $count:ident) -> ($($value:expr),*)) => {
        $(#[$meta])+
        #[derive(Clone, Copy)]
        pub struct $Body<C>(pub(super) C);

        impl<C> Sealed for $Body<C> {}

        impl<C, R, M> LoopBody<M> for $Body<C>
        where
            C: FnMut($($Type),*) -> R,
            R: Returned<M>,
        {
            type Kind = R::Kind;
            type Value = R::Value;
            type Chain = R::Chain;
            fn call(&mut self, $control: &LoopControl, $count: u64) -> R::Chain {
                (self.0)($($value),*).into_chain()
            }
        }

        impl<C> fmt::Debug for $Body<C> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($Body)).finish_non_exhaustive()
            }
        }
    };
}

body! {
    /// A closure without parameters: of [`LoopingCall::new`](super::LoopingCall::new).
    Uncounted: () with (_control, _count) -> ()
}
body! {
    /// A closure that takes the count: of
    /// [`LoopingCall::with_count`](super::LoopingCall::with_count).
    Counted: (count: u64) with (_control, count) -> (count)
}
body! {
    /// A closure that takes what controls its loop, and the count: of
    /// [`LoopingCall::with_control`](super::LoopingCall::with_control).
    Controlled: (control: LoopControl, count: u64) with (control, count) -> (control.clone(), count)
}
