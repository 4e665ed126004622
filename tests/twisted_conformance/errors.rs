//! The values and errors of programs, in the types of a program in Rust.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use defer::{Abandoned, Cancelled, Failure, TimedOut};
use serde_json::{Value, json};

use crate::program::{Outcome, first_error, group, items, text};

/// A value.
#[derive(Clone, Debug)]
pub(crate) struct Val(pub(crate) Value);

/// What a deferred of a program yields.
pub(crate) type Out = Result<Val, Failure>;

macro_rules! user_errors {
    ($($Error:ident)+) => {
        $(
            #[derive(Debug)]
            struct $Error(i64);

            impl fmt::Display for $Error {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    write!(f, concat!(stringify!($Error), " {}"), self.0)
                }
            }

            impl Error for $Error {}
        )+

        fn user_error(name: &str, payload: i64) -> Option<Failure> {
            match name {
                $(stringify!($Error) => Some($Error(payload).into()),)+
                _ => None,
            }
        }

        fn user_error_in(failure: &Failure) -> Option<Value> {
            $(if let Some(error) = failure.check::<$Error>() {
                return Some(json!([stringify!($Error), error.0]));
            })+
            None
        }
    };
}
user_errors!(A B C);

/// Member so-and-so of a list was the first that failed: what Twisted puts around the failure.
#[derive(Debug)]
pub(crate) struct FirstError(pub(crate) usize, pub(crate) Failure);

impl fmt::Display for FirstError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "member {}: {}", self.0, self.1)
    }
}

impl Error for FirstError {}

/// All members of a race have failed.
#[derive(Debug)]
pub(crate) struct FailureGroup(pub(crate) Vec<Failure>);

impl fmt::Display for FailureGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failures", self.0.len())
    }
}

impl Error for FailureGroup {}

/// The failure that a program names.
pub(crate) fn failure(error: &Value) -> Failure {
    let payload = error[1].as_i64().unwrap_or(0);
    user_error(text(&error[0]), payload).unwrap_or_else(|| panic!("no user's error: {error}"))
}

/// A limit of so many seconds has run out after a little less: see `replay`.
fn seconds(limit: Duration) -> u64 {
    limit
        .as_millis()
        .div_ceil(1000)
        .try_into()
        .expect("a short time")
}

/// A failure as it is written.
pub(crate) fn write_failure(failure: &Failure) -> Value {
    if let Some(error) = user_error_in(failure) {
        error
    } else if failure.is_cancelled() {
        json!(["Cancelled"])
    } else if let Some(timed_out) = failure.check::<TimedOut>() {
        json!([
            "Timeout",
            seconds(timed_out.allowed().expect("it is known"))
        ])
    } else if let Some(FirstError(place, inner)) = failure.check() {
        first_error(*place, &write_failure(inner))
    } else if let Some(FailureGroup(failures)) = failure.check() {
        group(&failures.iter().map(write_failure).collect::<Vec<_>>())
    } else if failure.check::<Abandoned>().is_some() {
        json!(["Abandoned"])
    } else {
        panic!("a failure that no program makes: {failure:?}")
    }
}

pub(crate) fn write(out: &Out) -> Outcome {
    match out {
        Ok(value) => Ok(value.0.clone()),
        Err(failure) => Err(write_failure(failure)),
    }
}

/// The outcome that a program names.
pub(crate) fn outcome(outcome: Outcome) -> Out {
    match outcome {
        Ok(value) => Ok(Val(value)),
        Err(error) => Err(failure(&error)),
    }
}

/// A limit is over, and this is what it made of a cancellation.
pub(crate) fn is_limit(out: &Out, limit: Duration) -> bool {
    let timed_out = out.as_ref().err().and_then(Failure::check::<TimedOut>);
    timed_out.is_some_and(|timed_out| timed_out.allowed() == Some(limit))
}

/// What Twisted gives to the function of a timeout: the cancellation itself.
pub(crate) fn before_limit(out: Out, limit: Duration) -> Out {
    if is_limit(&out, limit) {
        Err(Cancelled.into())
    } else {
        out
    }
}

/// The places of the list that a gathering call gives, marked as those of a list.
pub(crate) fn mark_ok(values: &Value) -> Value {
    items(values)
        .iter()
        .map(|value| json!({ "ok": value }))
        .collect()
}
