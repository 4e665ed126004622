//! What a member of a list yields: whether it can fail.

use crate::kind::{Fails, Kind, Never, OutOf};
use crate::markers::{ByDeferred, ByFallible};
use crate::plain::Plain;

/// What a member yields: a `Result`, or a [`Plain`] value, and then it cannot fail.
///
/// `M` is inferred.
///
/// ```
/// use defer_core::list::gather;
/// use defer_core::{Plain, succeed};
///
/// #[derive(Debug, PartialEq)]
/// struct Page(u8);
/// impl Plain for Page {}
/// # futures::executor::block_on(async {
/// assert_eq!(gather([succeed(Page(1))]).await, [Page(1)]);
/// # });
/// ```
#[diagnostic::on_unimplemented(
    message = "a member of this list yields `{Self}`, which is not known to be a plain value",
    label = "neither a `Result` nor a type that implements `Plain`",
    note = "write `impl defer::Plain for {Self} {{}}`, or let the members yield `Ok(value)`"
)]
pub trait Outcome<M>: Sized {
    /// The value on success.
    type Value;
    /// How it can fail.
    type Kind: Kind;
    /// As what the kind knows it.
    #[doc(hidden)]
    fn into_out(self) -> OutOf<Self::Kind, Self::Value>;
}

#[diagnostic::do_not_recommend]
impl<T: Plain> Outcome<ByDeferred> for T {
    type Value = T;
    type Kind = Never;
    fn into_out(self) -> T {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T, E: 'static> Outcome<ByFallible<E>> for Result<T, E> {
    type Value = T;
    type Kind = Fails<E>;
    fn into_out(self) -> Result<T, E> {
        self
    }
}
