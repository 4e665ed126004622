//! What the attributes expand to. Not covered by any promise.

pub use crate::arg::{Arg, Fallible};
pub use crate::arguments::{
    Arguments, Join0, Join1, Join2, Join3, Join4, Join5, Join6, Join7, Join8, Join9, Join10,
    Join11, Join12, Slot,
};
pub use crate::call::{
    Body, Call, Caught, ClosureBody, Fallibly, FnBody, Later, Plainly, Settle,
};
pub use crate::chain::Chain;
pub use crate::deferred::Deferred;
pub use crate::errback::{
    Errback, ErrbackCall, ErrbackLater, IsDeferred, IsResult, Rescue, errback,
};
pub use crate::kind::{ErrOf, Fails, Kind, Lift, Merge, Merged, Never, OutOf};
pub use crate::plan::Site;
pub use crate::source::defer;
pub use crate::step::Then;

/// The slot of an argument `A` for a parameter of type `T`.
pub type SlotOf<A, T, M> = Slot<<A as Arg<T, M>>::Chain, <A as Arg<T, M>>::Kind, T>;
/// The kind of an argument `A` for a parameter of type `T`.
pub type KindOf<A, T, M> = <A as Arg<T, M>>::Kind;
/// The chain of an argument `A` for a parameter of type `T`.
pub type ChainOf<A, T, M> = <A as Arg<T, M>>::Chain;
