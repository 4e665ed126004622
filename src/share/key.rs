//! What calls are told apart by.

use core::hash::Hash;

/// A part of the key of an annotated function: the type of one parameter.
///
/// Every type that is `Clone + Eq + Hash + Send + 'static`. It is there for what the compiler
/// says where one of them is missing.
#[diagnostic::on_unimplemented(
    message = "calls cannot be told apart by a `{Self}`",
    label = "a parameter of a memoized or single-flight call is `Clone + Eq + Hash + Send + 'static`",
    note = "all the parameters together are the key of the call: take a smaller one, an id or a name, and derive `Clone, PartialEq, Eq, Hash` for it"
)]
pub trait KeyPart: Clone + Eq + Hash + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Clone + Eq + Hash + Send + 'static> KeyPart for T {}

/// The key of an annotated function: the tuple of all its parameters, which have to be
/// [`KeyPart`]s.
pub trait Key: Clone + Eq + Hash + Send + 'static {}

impl Key for () {}

macro_rules! keys {
    ($($($Part:ident)+;)+) => {
        $(impl<$($Part: KeyPart),+> Key for ($($Part,)+) {})+
    };
}

keys! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
    A B C D E F G H I;
    A B C D E F G H I J;
    A B C D E F G H I J L;
    A B C D E F G H I J L M;
}
