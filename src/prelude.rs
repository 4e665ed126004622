//! What a module that composes calls needs: `use defer::prelude::*;`.
//!
//! ```
//! use defer::prelude::*;
//!
//! #[callback]
//! fn double(n: u32) -> u32 { n * 2 }
//! # futures::executor::block_on(async {
//! assert_eq!(double(succeed(21)).await, 42);
//! # });
//! ```

pub use crate::{
    AddCallback as _, DeferExt as _, Deferred, callback, defer, errback, fail, inline_callbacks,
    succeed,
};
#[cfg(feature = "alloc")]
pub use crate::{CancelExt as _, Failure};
