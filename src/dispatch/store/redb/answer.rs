//! What tells when a call is done.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use tokio::sync::oneshot::{Receiver, Sender, channel};

use crate::dispatch::store::{StoreError, StoreErrorKind};

/// What a call to a [`Redb`](super::Redb) comes to: resolves when it is durable.
///
/// The call takes effect whether this is polled or dropped. No runtime is needed to poll it.
///
/// # Panics
///
/// If it is polled again after it was ready.
///
/// ```
/// use defer::dispatch::store::{Redb, redb::Answer};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("jobs");
/// let opening: Answer<Redb<String>> = Redb::open(path);
/// # futures::executor::block_on(async {
/// let store = opening.await.unwrap();
/// # drop(store);
/// # });
/// ```
#[must_use = "it tells whether the call succeeded"]
pub struct Answer<T>(From<T>);

enum From<T> {
    /// Refused at once.
    Here(Option<StoreError>),
    Writer(Receiver<Result<T, StoreError>>),
}

/// Tells one call.
pub(super) type Tell<T> = Sender<Result<T, StoreError>>;

impl<T> Answer<T> {
    pub(super) fn pair() -> (Tell<T>, Self) {
        let (tell, told) = channel();
        (tell, Answer(From::Writer(told)))
    }

    pub(super) fn refused(with: StoreError) -> Self {
        Answer(From::Here(Some(with)))
    }
}

impl<T> Unpin for Answer<T> {}

impl<T> Future for Answer<T> {
    type Output = Result<T, StoreError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            From::Here(refused) => Poll::Ready(Err(refused.take().expect("polled after its end"))),
            From::Writer(told) => Poll::Ready(match ready!(Pin::new(told).poll(cx)) {
                Ok(outcome) => outcome,
                // Only a panic keeps the writer from telling.
                Err(_) => Err(StoreError::new(
                    StoreErrorKind::Closed,
                    "the store is closed: its writer panicked; open it again",
                )),
            }),
        }
    }
}

impl<T> fmt::Debug for Answer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").finish_non_exhaustive()
    }
}
