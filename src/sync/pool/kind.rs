//! How a member of a pool fails.

use core::convert::Infallible;

use defer_core::{Cancelled, Fails, Failure, Kind, Never};

/// The error of a member of a [`DeferredPool`](super::DeferredPool), by the kind of what was
/// added.
///
/// A pool may cancel it, so that it can fail even if what was added cannot: with a [`Failure`],
/// then. What can fail keeps its error, which needs `From<Cancelled>`.
///
/// ```
/// use defer::sync::MemberKind;
/// use defer::{Cancelled, Fails, Failure, Never};
///
/// fn is<K: MemberKind<Failure = E>, E>() {}
/// is::<Never, Failure>();
/// is::<Fails<Cancelled>, Cancelled>();
/// ```
#[diagnostic::on_unimplemented(
    message = "a pool may cancel its members, which the error of `{Self}` cannot say",
    label = "its error needs `From<Cancelled>`",
    note = "`defer::Failure` has it"
)]
pub trait MemberKind: Kind {
    /// The error.
    type Failure: From<Cancelled>;
    /// The error of this kind as that.
    fn failure(error: Self::Error) -> Self::Failure;
}

#[diagnostic::do_not_recommend]
impl MemberKind for Never {
    type Failure = Failure;
    fn failure(error: Infallible) -> Failure {
        match error {}
    }
}

#[diagnostic::do_not_recommend]
impl<E: From<Cancelled> + 'static> MemberKind for Fails<E> {
    type Failure = E;
    fn failure(error: E) -> E {
        error
    }
}
