//! What to tell of a page that failed.

use std::error::Error;
use std::io;
use std::str::Utf8Error;

use defer::Hop;
use defer::prelude::*;

/// The call that the failure came from, and why.
pub(crate) fn told(failure: &Failure) -> String {
    let call = failure.trail().hops().next().map_or("unknown", Hop::name);
    let reason = if let Some(error) = failure.check::<reqwest::Error>() {
        why(error)
    } else if let Some(error) = failure.check::<Utf8Error>() {
        format!("not UTF-8 after byte {}", error.valid_up_to())
    } else {
        failure.to_string()
    };
    format!("{call}: {reason}")
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
