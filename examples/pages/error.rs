//! How a page can fail.

use std::error::Error;
use std::fmt;
use std::io;
use std::str::Utf8Error;

use reqwest::StatusCode;

/// One variant for each call that can fail.
#[derive(Debug)]
pub(crate) enum PageError {
    /// No whole answer came.
    Fetch(reqwest::Error),
    /// An answer came, and it is not a page.
    Accept(StatusCode),
    /// What came is not text.
    Cleanup(Utf8Error),
}

/// The failure of `fetch` goes on as this, where `accept` takes its result.
impl From<reqwest::Error> for PageError {
    fn from(error: reqwest::Error) -> Self {
        PageError::Fetch(error)
    }
}

/// The call that the failure came from, and why.
impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PageError::Fetch(error) => write!(f, "fetch: {}", why(error)),
            PageError::Accept(status) => write!(f, "accept: {status}"),
            PageError::Cleanup(error) => {
                write!(f, "cleanup: not UTF-8 after byte {}", error.valid_up_to())
            }
        }
    }
}

/// The innermost reason: the outer ones repeat the address.
fn why(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "slower than its deadline".into();
    }
    let mut reason: &dyn Error = error;
    while let Some(source) = reason.source() {
        reason = source;
    }
    // The system's own words differ from system to system, and end in a number.
    match reason.downcast_ref::<io::Error>() {
        Some(error) if error.raw_os_error().is_some() => error.kind().to_string(),
        _ => reason.to_string(),
    }
}
