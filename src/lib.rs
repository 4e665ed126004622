//! defer
#![no_std]
pub use defer_core::*;
pub use defer_macros::{callback, errback, inline_callbacks};
/// Prelude.
pub mod prelude { pub use crate::{callback, errback, inline_callbacks, AddCallback as _, Deferred, DeferExt as _, Failure, defer, succeed, fail}; }
