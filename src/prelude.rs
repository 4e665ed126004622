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

#[cfg(feature = "std")]
pub use crate::CatchPanicsExt as _;
pub use crate::{
    AddCallback as _, DeferExt as _, Deferred, callback, defer, errback, fail, inline_callbacks,
    succeed,
};
#[cfg(feature = "alloc")]
pub use crate::{CancelExt as _, Failure};
#[cfg(feature = "tokio")]
pub use crate::{IntoDeferred as _, StartExt as _, StartedExt as _, TimeExt as _, WaitExt as _};
