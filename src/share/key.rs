//! What annotated calls are told apart by, and what they come to.

use core::fmt;
use core::hash::{Hash, Hasher};

/// A part of the key of an annotated function: the type of one parameter.
///
/// Every type that is `Clone + Eq + Hash + Send + 'static`. It is there for what the compiler
/// says where one of them is missing.
///
/// ```
/// use defer::share::KeyPart;
///
/// fn is_part<T: KeyPart>() {}
/// is_part::<(u32, String)>();
/// ```
#[diagnostic::on_unimplemented(
    message = "calls cannot be told apart by a `{Self}`",
    label = "the parameters of a memoized or single-flight call are `Clone + Eq + Hash + Send + 'static`",
    note = "all the parameters together are the key of the call: take a smaller one, an id or a name, or derive `Clone, PartialEq, Eq, Hash`"
)]
pub trait KeyPart: Clone + Eq + Hash + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Clone + Eq + Hash + Send + 'static> KeyPart for T {}

/// What a memoized or single-flight call comes to: every type that is
/// `Clone + Send + 'static`.
///
/// ```
/// use defer::Failure;
/// use defer::share::Outcome;
///
/// fn is_outcome<T: Outcome>() {}
/// is_outcome::<Result<String, Failure>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "calls cannot share a `{Self}`",
    label = "what a memoized or single-flight call yields is `Clone + Send + 'static`",
    note = "each call gets a clone: derive `Clone`, or return an `Arc` of it; `Failure` is an error that is `Clone`"
)]
pub trait Outcome: Clone + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Clone + Send + 'static> Outcome for T {}

/// A parameter in a key.
///
/// What it can do is known where it was made, so that the compiler says there, and nowhere
/// else, what is wrong with its type.
pub struct Part<T: 'static> {
    value: T,
    ways: &'static Ways<T>,
}

struct Ways<T> {
    clone: fn(&T) -> T,
    eq: fn(&T, &T) -> bool,
    hash: fn(&T, &mut dyn Hasher),
}

/// A parameter in a key.
pub fn part<T: KeyPart>(value: T) -> Part<T> {
    Part {
        value,
        ways: const {
            &Ways {
                clone: T::clone,
                eq: T::eq,
                hash: |value, mut to| value.hash(&mut to),
            }
        },
    }
}

impl<T> Part<T> {
    /// The parameter again.
    pub fn value(self) -> T {
        self.value
    }
}

impl<T> Clone for Part<T> {
    fn clone(&self) -> Self {
        Part {
            value: (self.ways.clone)(&self.value),
            ways: self.ways,
        }
    }
}

impl<T> PartialEq for Part<T> {
    fn eq(&self, other: &Self) -> bool {
        (self.ways.eq)(&self.value, &other.value)
    }
}

impl<T> Eq for Part<T> {}

impl<T> Hash for Part<T> {
    fn hash<H: Hasher>(&self, to: &mut H) {
        (self.ways.hash)(&self.value, to);
    }
}

impl<T> fmt::Debug for Part<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part").finish_non_exhaustive()
    }
}
