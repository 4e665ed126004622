//! What is known of an annotated function.

use super::Node;
use crate::adopt::Adopts;

/// An annotated function: its name, where it stands, what its parameters are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Site {
    /// The name of the function.
    pub name: &'static str,
    /// The file, as `file!()` gives it.
    pub file: &'static str,
    /// The line, counted from 1.
    pub line: u32,
    /// The names of the deferrable parameters, in order.
    pub params: &'static [&'static str],
    /// The function that answers its calls, many at once, if there is one.
    pub batch: Option<&'static str>,
    /// The error that its body may fail with, as the signature has it. `None`: its body does
    /// not fail, or what it returns is known to the compiler alone.
    pub fails: Option<&'static str>,
    /// The error of its first argument that it takes, as the signature has it: an errback.
    pub catches: Option<&'static str>,
    /// Those of the parameters whose failures it is given, as outcomes.
    pub observes: &'static [&'static str],
    /// How its errors take in a cancellation.
    adopts: Adopts,
}

impl Site {
    /// Made by the attributes.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        name: &'static str,
        file: &'static str,
        line: u32,
        params: &'static [&'static str],
        adopts: Adopts,
    ) -> Self {
        Site {
            name,
            file,
            line,
            params,
            batch: None,
            fails: None,
            catches: None,
            observes: &[],
            adopts,
        }
    }

    /// Of a body that returns a `Result`.
    #[doc(hidden)]
    #[must_use]
    pub const fn failing(self, error: &'static str) -> Self {
        Site {
            fails: Some(error),
            ..self
        }
    }

    /// Of an errback that takes a failure.
    #[doc(hidden)]
    #[must_use]
    pub const fn catching(self, error: &'static str) -> Self {
        Site {
            catches: Some(error),
            ..self
        }
    }

    /// Of a function with parameters that are outcomes.
    #[doc(hidden)]
    #[must_use]
    pub const fn observing(self, params: &'static [&'static str]) -> Self {
        Site {
            observes: params,
            ..self
        }
    }

    /// Made by `#[callback(batch = ..)]`.
    #[doc(hidden)]
    #[must_use]
    pub const fn in_batches_of(self, function: &'static str) -> Self {
        Site {
            batch: Some(function),
            ..self
        }
    }

    /// A cancellation as an `E`, if that is an error of this function with `From<Cancelled>`.
    pub(crate) fn adopt<E: 'static>(&'static self) -> Option<E> {
        self.adopts.adopt(Node::Call(self))
    }
}
