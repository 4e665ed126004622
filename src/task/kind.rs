//! How what runs elsewhere fails.

use core::convert::Infallible;
use core::fmt;

use defer_core::{Cancelled, Fails, Failure, Kind, Never, Panicked};

/// The error of what runs on its own, by the kind of what it runs.
///
/// It may panic, be cancelled, or go with its runtime, so that it can fail even if what it runs
/// cannot: with a [`Failure`], then. What can fail keeps its error, which needs
/// `From<Panicked>`, `From<Cancelled>` and `Debug`, as [`Failure`] has. The same holds for
/// what is [started](crate::start).
///
/// ```
/// use defer::task::JobKind;
/// use defer::{Failure, Fails, Kind, Never};
///
/// fn is<K: JobKind<Failure = E>, E>() {}
/// is::<Never, Failure>();
/// is::<Fails<Failure>, Failure>();
/// ```
#[diagnostic::on_unimplemented(
    message = "what runs on its own may panic or be cancelled, which the error of `{Self}` cannot say",
    label = "its error needs `From<Panicked>`, `From<Cancelled>` and `Debug`",
    note = "`defer::Failure` has them; `map_err` makes one of any error"
)]
pub trait JobKind: Kind {
    /// The error.
    type Failure: From<Panicked> + From<Cancelled> + fmt::Debug + Send + 'static;
    /// The error of this kind as that.
    fn failure(error: Self::Error) -> Self::Failure;
}

#[diagnostic::do_not_recommend]
impl JobKind for Never {
    type Failure = Failure;
    fn failure(error: Infallible) -> Failure {
        match error {}
    }
}

#[diagnostic::do_not_recommend]
impl<E> JobKind for Fails<E>
where
    E: From<Panicked> + From<Cancelled> + fmt::Debug + Send + 'static,
{
    type Failure = E;
    fn failure(error: E) -> E {
        error
    }
}
