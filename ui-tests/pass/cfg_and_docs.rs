//! `cfg` and docs on functions and parameters, and the other attributes of a function.

#![deny(warnings, missing_docs)]

use defer::prelude::*;
use ui_tests::now;

/// Adds.
///
/// More words.
#[callback]
pub fn add(
    /// The first one.
    left: u8,
    /// The second one.
    #[cfg(not(windows))]
    right: u8,
    #[cfg(windows)] right: u8,
) -> u8 {
    left + right
}

#[cfg(any())]
#[callback]
pub fn gone(left: Nowhere) -> Nothing {
    left
}

/// Takes less.
#[callback]
pub async fn less(left: u8, #[cfg(any())] right: Nowhere) -> u8 {
    #[cfg(any())]
    let _ = right;
    left
}

/// Has an attribute behind `cfg_attr`.
#[callback]
#[cfg_attr(all(), must_use)]
#[inline]
#[track_caller]
#[allow(unused_variables, clippy::needless_pass_by_value)]
pub fn allowed(left: u8, right: String) -> u8 {
    left
}

/// An old one.
#[callback]
#[deprecated = "it is old"]
#[must_use = "it is the only one"]
#[cold]
#[inline(never)]
pub async fn old(left: u8) -> u8 {
    left
}

/// Unused in the body, said by a name.
#[callback]
pub fn silent(#[allow(unused_variables)] left: u8) -> u8 {
    1
}

struct Site;

impl Site {
    /// A method.
    #[callback]
    fn add(&self, left: u8, #[cfg(any())] right: Nowhere, #[cfg(all())] third: u8) -> u8 {
        left + third
    }

    #[cfg(any())]
    #[callback]
    fn gone(&self, left: Nowhere) -> Nothing {
        left
    }
}

fn main() {
    assert_eq!(now(add(1, succeed(2))), 3);
    assert_eq!(now(less(succeed(2))), 2);
    assert_eq!(now(allowed(succeed(2), String::new())), 2);
    #[allow(deprecated)]
    let old = old(1);
    assert_eq!(now(old), 1);
    assert_eq!(now(silent(1)), 1);
    assert_eq!(now(Site.add(1, succeed(2))), 3);
}
