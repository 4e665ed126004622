//! Members that a list does not need any more, left to the runtime.

use core::fmt;
use core::marker::PhantomData;
use core::panic::Location;

use defer_core::__private::Asked;
use defer_core::list::{Left, LetGo};
use defer_core::{AlwaysOk, Chain, Failure, defer};

use super::inside;
use super::task::Task;
use super::unhandled::{Origin, Outcome, Unhandled};
use crate::time::scope;

/// Losers of a list that go on, on the runtime: a rule for
/// [`Options::losers`](crate::list::Options::losers).
///
/// When the list has its outcome, what is still pending is [started](mod@super), all of it as
/// one task, and the outcome is yielded at once. Nobody learns what they come to; each
/// failure is [reported](super#failures-that-nobody-takes) through `tracing`, with the place of
/// its member, unless failures are [consumed](StartLosers::consume_failures). They end with the
/// runtime. A panic of one of them is reported, and drops the others. Members that had not
/// been taken from their iterator never begin.
///
/// Members have to be `Send` and `'static`. For failures to be reported they can fail, with
/// an error that has `Debug`. Twisted: what `DeferredList` does with members that have not
/// fired; `consumeErrors`.
///
/// # Panics
///
/// The poll that decides panics outside of a tokio runtime.
///
/// ```
/// use defer::prelude::*;
/// use defer::{StartLosers, list};
///
/// #[callback]
/// async fn store(#[value] replica: u32) -> Result<u32, Failure> {
///     tokio::time::sleep(std::time::Duration::from_millis(u64::from(replica))).await;
///     Ok(replica)
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// // Two are enough; the third goes on meanwhile.
/// let replicas = [30, 10, 20].map(store);
/// let two = list::with().losers(StartLosers::new()).n_of(replicas, 2);
/// assert_eq!(two.await.unwrap(), [(1, 10), (2, 20)]);
/// # }
/// ```
pub struct StartLosers<R = Report> {
    origin: Origin,
    reports: PhantomData<fn() -> R>,
}

/// Failures of losers are reported.
#[derive(Debug)]
pub enum Report {}

/// Failures of losers are lost.
#[derive(Debug)]
pub enum Consume {}

impl StartLosers {
    /// Start the losers, and report their failures, with the place in the source where this
    /// is called.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::{StartLosers, list};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let pages = ["a", "b"].map(|name| defer(async move { Ok::<_, Failure>(name) }));
    /// let first = list::with().losers(StartLosers::new()).first_success(pages);
    /// assert_eq!(first.await.unwrap(), (0, "a"));
    /// # }
    /// ```
    #[track_caller]
    #[must_use]
    #[allow(
        clippy::new_without_default,
        reason = "the place of the caller is kept"
    )]
    pub const fn new() -> Self {
        StartLosers {
            origin: Origin::of_members(Location::caller()),
            reports: PhantomData,
        }
    }

    /// As these, and nobody hears of their failures. Members that cannot fail need this.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::{StartLosers, list};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let rule = StartLosers::new().consume_failures();
    /// let first = list::with().losers(rule).race([succeed(1), succeed(2)]);
    /// assert_eq!(first.await, Some((0, 1)));
    /// # }
    /// ```
    #[must_use]
    pub const fn consume_failures(self) -> StartLosers<Consume> {
        StartLosers {
            origin: self.origin,
            reports: PhantomData,
        }
    }
}

/// Run them to their ends, and show each outcome.
fn start<F: Chain + Send + 'static>(
    mut losers: Left<F>,
    origin: Origin,
    mut ended: impl FnMut(usize, F::Output) + Send + 'static,
) {
    let runtime = inside();
    let all = defer(async move {
        while let Some((place, out)) = losers.next().await {
            ended(place, out);
        }
    });
    // Nobody is left who could cancel it.
    let (_, asked) = Asked::pair();
    // What fails is a panic.
    let unhandled = Unhandled::<Failure>::new(origin);
    let chain = AlwaysOk::new(all.into_chain());
    runtime.spawn(Task::new(chain, asked, scope::deadline(), unhandled));
}

/// What members yield whose failures can be reported: a `Result` with an error that has
/// `Debug`.
#[diagnostic::on_unimplemented(
    message = "failures of members that yield `{Self}` cannot be reported",
    label = "members that yield something else than a `Result` whose error has `Debug`",
    note = "`StartLosers::new().consume_failures()` takes members of every kind"
)]
pub trait Reported {
    #[doc(hidden)]
    fn report(self, place: usize, by: &StartLosers);
}

impl<T, E: fmt::Debug + 'static> Reported for Result<T, E> {
    fn report(self, place: usize, by: &StartLosers) {
        // Dropped, it reports a failure.
        drop(Outcome::new(
            Some(self),
            Unhandled::new(by.origin.at(place)),
        ));
    }
}

impl<F> LetGo<F> for StartLosers<Report>
where
    F: Chain<Output: Reported> + Send + 'static,
{
    fn let_go(&mut self, losers: Left<F>) -> Option<Left<F>> {
        let by = StartLosers { ..*self };
        start(losers, by.origin, move |place, out| out.report(place, &by));
        None
    }
}

impl<F: Chain + Send + 'static> LetGo<F> for StartLosers<Consume> {
    fn let_go(&mut self, losers: Left<F>) -> Option<Left<F>> {
        start(losers, self.origin, |_, _| {});
        None
    }
}

impl<R> fmt::Debug for StartLosers<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StartLosers").finish_non_exhaustive()
    }
}
