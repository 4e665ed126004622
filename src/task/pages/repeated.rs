//! The failure of cursors that go round.

use core::fmt;
use std::string::String;

/// The failure of pages that would never end: a page gives a cursor that has been used.
///
/// ```
/// use defer::prelude::*;
/// use defer::task::{CursorRepeated, pages};
/// # futures::executor::block_on(async {
/// let to_and_fro = |cursor: u8| Ok::<_, Failure>(([cursor], Some(1 - cursor)));
/// let failure = pages(0, to_and_fro).gather().await.unwrap_err();
/// assert_eq!(failure.check::<CursorRepeated>().unwrap().cursor(), "0");
/// # });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CursorRepeated {
    pub(super) cursor: String,
}

impl CursorRepeated {
    /// The cursor, as its `Debug` shows it.
    ///
    /// ```
    /// # use defer::prelude::*;
    /// # use defer::task::{CursorRepeated, pages};
    /// # futures::executor::block_on(async {
    /// let again = |_: &str| Ok::<_, Failure>(([1], Some("a")));
    /// let failure = pages("a", again).gather().await.unwrap_err();
    /// assert_eq!(failure.check::<CursorRepeated>().unwrap().cursor(), "\"a\"");
    /// # });
    /// ```
    #[must_use]
    pub fn cursor(&self) -> &str {
        &self.cursor
    }
}

impl fmt::Display for CursorRepeated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cursor = &self.cursor;
        write!(
            f,
            "the cursor {cursor} has come before: the pages would never end"
        )
    }
}

impl core::error::Error for CursorRepeated {}
