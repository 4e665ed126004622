//! What becomes of the members that a list does not need any more.

use super::members::Members;
use super::run::Run;
use super::select_all::SelectAll;
use super::source::Given;
use crate::chain::Chain;

/// What becomes of members that are pending when the list has its outcome.
///
/// Members that have not been taken from their iterator are never begun, whatever is chosen.
///
/// ```
/// use defer_core::list::{self, Losers};
/// use defer_core::{Failure, defer};
/// # futures::executor::block_on(async {
/// let mirror = |name: &'static str| defer(async move { Ok::<_, Failure>(name) });
/// let mirrors = [mirror("a"), mirror("b")];
/// let first = list::with().losers(Losers::Drop).first_success(mirrors);
/// assert_eq!(first.await.unwrap(), (0, "a"));
/// # });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Losers {
    /// They are dropped, in the poll that decides: no errback runs.
    Drop,
    /// They are cancelled, and the outcome waits until they have cleaned up.
    Cancel,
    /// They run to their ends, and the outcome waits for that. What they come to is lost.
    Finish,
}

/// The members that were left, as a stream of what they come to.
///
/// Places are those of the whole list. Dropping it drops them.
///
/// ```
/// use defer_core::list::{self, Left, LetGo};
/// use defer_core::{Chain, Failure, defer};
///
/// /// Cancels those that are left, if they are many.
/// struct OnlyMany;
/// impl<F: Chain> LetGo<F> for OnlyMany {
///     fn let_go(&mut self, mut losers: Left<F>) -> Option<Left<F>> {
///         if losers.pending() > 1 {
///             losers.cancel();
///         }
///         Some(losers)
///     }
/// }
/// # futures::executor::block_on(async {
/// let mirrors = ["a", "b"].map(|name| defer(async move { Ok::<_, Failure>(name) }));
/// let first = list::with().losers(OnlyMany).first_success(mirrors);
/// assert_eq!(first.await.unwrap(), (0, "a"));
/// # });
/// ```
pub type Left<F> = SelectAll<Given<F>>;

impl<F: Chain> Left<F> {
    pub(super) fn of(members: Members<F>) -> Self {
        SelectAll::new(Run::of_members(members))
    }

    pub(super) fn into_members(self) -> Members<F> {
        self.into_run().into_members()
    }
}

/// A rule for members that a list does not need any more: [`Losers`], or what a runtime
/// offers. [`Left`] has an example of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot take members of this list over",
    label = "this rule is for other members",
    note = "members that a runtime is to run are `Send` and `'static`; reporting their failures asks for members that can fail, with errors that have `Debug`"
)]
pub trait LetGo<F: Chain> {
    /// It is called once, in the poll that decides, if any member is pending. What it returns
    /// is waited for; what it keeps, or hands on, is not.
    fn let_go(&mut self, losers: Left<F>) -> Option<Left<F>>;
}

impl<F: Chain> LetGo<F> for Losers {
    fn let_go(&mut self, mut losers: Left<F>) -> Option<Left<F>> {
        match self {
            Losers::Drop => None,
            Losers::Cancel => {
                losers.cancel();
                Some(losers)
            }
            Losers::Finish => Some(losers),
        }
    }
}
