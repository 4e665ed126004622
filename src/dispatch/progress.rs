//! How far the jobs of a queue have come, in numbers, and as a bar.

/// How many jobs of a queue have come how far: made by
/// [`progress`](super::ResizableDispatchQueue::progress).
///
/// ```
/// use defer::dispatch::ResizableDispatchQueue;
/// use defer::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Failure> {
/// let queue = ResizableDispatchQueue::new(|n: u32| n, 1);
/// queue.put(1).await?.await?;
/// queue.set_width(0);
/// queue.put(2).await?;
/// let progress = queue.progress();
/// assert_eq!((progress.finished, progress.pending), (1, 1));
/// assert_eq!((progress.ended(), progress.all()), (1, 2));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Those that wait for their turn.
    pub pending: u64,
    /// Those that were begun.
    pub underway: u64,
    /// Those that have their results.
    pub finished: u64,
    /// Those that failed.
    pub failed: u64,
    /// Those that were cancelled, or cleared away.
    pub cancelled: u64,
}

impl Progress {
    /// How many have come to an end.
    ///
    /// ```
    /// assert_eq!(defer::dispatch::Progress::default().ended(), 0);
    /// ```
    #[must_use]
    pub fn ended(&self) -> u64 {
        self.finished + self.failed + self.cancelled
    }

    /// How many there are and were.
    ///
    /// ```
    /// assert_eq!(defer::dispatch::Progress::default().all(), 0);
    /// ```
    #[must_use]
    pub fn all(&self) -> u64 {
        self.ended() + self.pending + self.underway
    }
}

/// Show the progress until the queue has stopped, or is gone.
#[cfg(feature = "indicatif")]
pub(super) fn show<A, T, E>(
    engine: &std::sync::Arc<super::engine::Engine<A, T, E>>,
    bar: indicatif::ProgressBar,
) -> defer_core::Deferred<()>
where
    A: Send + Sync + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    use core::future::poll_fn;
    use core::pin::Pin;
    use futures_core::Stream;

    let mut events = super::Events::of(engine.hub());
    let queue = std::sync::Arc::downgrade(engine);
    let shown = async move {
        loop {
            // The numbers are right whatever was missed.
            if let Some(queue) = queue.upgrade() {
                let now = queue.progress();
                bar.set_length(now.all());
                bar.set_position(now.ended());
                bar.set_message(std::format!("{} underway", now.underway));
            }
            if poll_fn(|cx| Pin::new(&mut events).poll_next(cx))
                .await
                .is_none()
            {
                break;
            }
        }
        if bar.length() == Some(bar.position()) {
            bar.finish();
        } else {
            bar.abandon();
        }
    };
    defer_core::defer(shown).boxed()
}
