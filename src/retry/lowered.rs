//! What `#[callback(retry = policy)]` expands to. Not covered by any promise.

use defer_core::__private::Value;
use defer_core::{Chain, Deferred, succeed};

use super::attempts::{Bare, Retrying};
use super::{IntoPolicy, RetryingCall};

/// A parameter of a body that may run several times.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not `Clone`, and `retry` runs the body again with clones of the parameters",
    label = "`#[callback(retry = ..)]` needs a parameter that is `Clone`",
    note = "put it into an `Arc`, or let the caller retry with `defer::retry::RetryingCall`"
)]
pub trait Again {
    /// A clone.
    #[must_use]
    fn again(&self) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Clone> Again for T {
    #[inline]
    fn again(&self) -> T {
        self.clone()
    }
}

/// The parameter for one more run of the body.
#[inline]
pub fn again<T: Again>(parameter: &T) -> T {
    parameter.again()
}

/// A run of a body that has its outcome at once.
#[inline]
pub fn ran<R>(body: impl FnOnce() -> R) -> Deferred<R, Value<R>> {
    succeed(body())
}

/// A run of a body that gives a deferred.
#[inline]
pub fn gave<R>(body: impl FnOnce() -> R) -> R {
    body()
}

/// The attempts.
pub fn retrying<T, E, F, C, P, M>(
    policy: P,
    body: F,
) -> Deferred<Result<T, E>, Retrying<F, C, P::Policy, E, Bare>>
where
    F: FnMut() -> Deferred<Result<T, E>, C>,
    C: Chain<Output = Result<T, E>>,
    P: IntoPolicy<E, M>,
    E: 'static,
{
    RetryingCall::new(body).start_bare(policy)
}
