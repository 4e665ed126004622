//! Several deferreds at once.

mod assemble;
mod first_success;
mod gather;
mod members;

#[cfg(feature = "std")]
pub(crate) use self::assemble::IntoHashMap;
pub(crate) use self::assemble::{IntoArray, IntoBTreeMap, IntoVec};
pub use self::first_success::{FirstSuccess, first_success};
pub(crate) use self::gather::Gather;
