//! Recording what calls do.

use core::sync::atomic::{AtomicBool, Ordering};
use std::fmt;

use defer_core::trace;

use super::record::Record;
use super::store::{STORE, now};

static RECORDS: AtomicBool = AtomicBool::new(false);

/// Keeps what the annotated calls of this process do, from [`start`](Recorder::start) until it
/// is dropped.
///
/// Of each thread the last polls of calls are kept, a hundred thousand unless another number is
/// [asked for](Recorder::keeping): when they began and ended, when the body began, the outcome.
/// Nothing is formatted or looked up while calls run; that is done when
/// [`record`](Recorder::record) is called.
///
/// It costs a poll of a call a few looks at the clock while it is there. While there is none, a
/// poll asks one flag. A call that began earlier has its begin where it is polled next.
///
/// Times are those of the machine: tokio's paused clock does not hold them.
///
/// ```
/// use defer::prelude::*;
/// use defer::trace::Recorder;
///
/// #[callback]
/// async fn get_page(url: String) -> String { url }
/// #[callback]
/// fn count_words(page: String) -> usize { page.split_whitespace().count() }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let recorder = Recorder::start().expect("there is no other");
/// count_words(get_page("a b".to_string())).await;
/// let record = recorder.record();
/// let names: Vec<_> = record.calls().iter().map(|call| call.name()).collect();
/// assert_eq!(names, ["count_words", "get_page"]);
/// # }
/// ```
pub struct Recorder {
    since: u64,
}

/// There is a [`Recorder`] in this process, and no place for another one.
///
/// ```
/// use defer::trace::Recorder;
///
/// let first = Recorder::start();
/// let error = Recorder::start().unwrap_err();
/// assert_eq!(error.to_string(), "another recorder records: drop that one first");
/// drop(first);
/// assert!(Recorder::start().is_ok());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlreadyRecording;

impl fmt::Display for AlreadyRecording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("another recorder records: drop that one first")
    }
}

impl std::error::Error for AlreadyRecording {}

impl Recorder {
    /// Begin to record.
    ///
    /// # Errors
    ///
    /// [`AlreadyRecording`]: there is one recorder at a time.
    pub fn start() -> Result<Self, AlreadyRecording> {
        Recorder::keeping(100_000)
    }

    /// Begin to record, and keep so many polls of each thread: the last of them. One takes
    /// 64 bytes. With 0 nothing is kept.
    ///
    /// # Errors
    ///
    /// [`AlreadyRecording`]: there is one recorder at a time.
    ///
    /// ```
    /// use defer::trace::Recorder;
    ///
    /// let recorder = Recorder::keeping(1_000).expect("there is no other");
    /// assert_eq!(recorder.record().lost(), 0);
    /// ```
    pub fn keeping(events: usize) -> Result<Self, AlreadyRecording> {
        if RECORDS.swap(true, Ordering::AcqRel) {
            return Err(AlreadyRecording);
        }
        STORE.clear(events);
        // Set by the recorder before, if there was one.
        let _ = trace::set(&STORE);
        let since = now();
        trace::look(true);
        Ok(Recorder { since })
    }

    /// What is known by now. It may be asked while calls run, from any thread.
    #[must_use]
    pub fn record(&self) -> Record {
        let (events, lost) = STORE.events();
        Record::new(self.since, now(), events, lost)
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        trace::look(false);
        STORE.clear(0);
        RECORDS.store(false, Ordering::Release);
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").finish_non_exhaustive()
    }
}
