//! Nested calls of plain functions as typed, concurrent, cancellable dataflow.
//!
//! ```
//! use defer::prelude::*;
//!
//! # #[derive(Debug)] pub struct FetchError;
//! # pub struct Page(String);
//! # impl Page { fn blank() -> Self { Page(String::new()) } }
//! #[callback]
//! async fn get_page(url: String) -> Result<Page, FetchError> {
//!     // … any asynchronous client …
//! #   if url.is_empty() { return Err(FetchError) }
//! #   Ok(Page(url))
//! }
//!
//! #[errback] // runs only on failure
//! fn errcheck(_: FetchError, fallback: Page) -> Page {
//!     fallback
//! }
//!
//! #[callback] // runs only on success
//! fn cleanup(page: Page, strip: bool) -> Page {
//!     if strip { Page(page.0.trim().to_string()) } else { page }
//! }
//!
//! #[callback]
//! fn reformat(page: Page, width: usize) -> String {
//!     format!("{:width$}", page.0)
//! }
//!
//! # futures::executor::block_on(async {
//! let url = "http://example.org".to_string();
//! let text: String = reformat(cleanup(errcheck(get_page(url), Page::blank()), true), 80).await;
//! # assert_eq!(text.len(), 80);
//! # });
//! ```
//!
//! `errcheck` cannot fail, so nothing outside it can, so there is no `Result` to unwrap:
//! the types followed the errors. Arguments of one call run at once; the first failure
//! drops the others; nothing is allocated, and nothing runs before it is awaited.
//!
//! # Where to look
//!
//! - The [`guide`] teaches from the first annotated function on.
//! - [`macro@callback`], [`macro@errback`] and [`macro@inline_callbacks`] are the
//!   attributes; [`Arg`] lists what a parameter accepts.
//! - [`Deferred`] is what annotated functions return: a [`Future`].
//!   [`defer`](defer()), [`succeed`], [`fail`] and [`Deferred::new`] make one by hand.
//! - `Deferred::shared` makes clones of one run, and `share` remembers promises by key.
//! - `batch` sends calls for single keys as one call.
//! - [`Failure`] is an error type for chains whose errors are of many kinds, and tells
//!   which calls it passed.
//!
//! # Features
//!
//! - `tokio` (default): [`start`](mod@start), [`wait`](mod@wait), limits and calls of [`time`], the
//!   tools of [`task`], [`retry`], the locks, queues, pools and structures of [`sync`], queues of
//!   jobs in [`dispatch`], and [bridges](bridge) to tokio's tasks and channels. Implies `std`.
//! - `filesystem-lock`: locks that processes share, in a file. Implies `tokio`.
//! - `rate-limit`, `metrics`, `indicatif`: jobs a second, numbers and a bar for a dispatch queue.
//!   Imply `tokio`.
//! - `process`: processes of the operating system as deferreds. Implies `tokio`.
//! - `store-redb`: jobs of a [`dispatch`] queue that outlive the process. Needs Rust 1.89. Implies
//!   `tokio`.
//! - `std` (default): `HashMap`s as arguments; panics as failures; [promises](share) that are
//!   remembered. Implies `alloc`.
//! - `moka`: bounds for how much is remembered, and for how long. Implies `std`.
//! - `svg`: [plans](Plan) as pictures. Implies `alloc`.
//! - `trace`: [what calls do](trace) while they run. With it the deferred of a call is up to eight
//!   bytes larger. Implies `tokio`.
//! - `alloc`: lists, boxed and hand-made deferreds, plans, [`Failure`].
//! - neither: `no_std` without an allocator.

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "std")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[cfg(feature = "std")]
pub mod batch;
#[cfg(feature = "tokio")]
pub mod bridge;
#[cfg(feature = "tokio")]
pub mod dispatch;
pub mod guide;
pub mod prelude;
#[cfg(feature = "tokio")]
pub mod retry;
#[cfg(feature = "std")]
pub mod share;
#[cfg(feature = "tokio")]
pub mod start;
#[cfg(feature = "tokio")]
pub mod sync;
#[cfg(feature = "tokio")]
pub mod task;
#[cfg(feature = "tokio")]
pub mod time;
#[cfg(feature = "trace")]
pub mod trace;
#[cfg(feature = "tokio")]
pub mod wait;

pub use defer_core::*;
pub use defer_macros::{callback, errback, inline_callbacks};

#[cfg(feature = "tokio")]
pub use crate::{
    bridge::IntoDeferred,
    start::{StartExt, StartLosers, Started, StartedExt},
    time::TimeExt,
    wait::{WaitExt, WouldBlock},
};

/// tokio, as the runtime of [`runtime::Act`].
#[cfg(feature = "tokio")]
#[derive(Debug)]
pub enum Tokio {}

/// What the attributes expand to. Not covered by any promise.
#[doc(hidden)]
pub mod __private {
    pub use defer_core::__private::*;
    pub use defer_core::succeed;

    #[cfg(feature = "moka")]
    pub use crate::share::Bounds;
    #[cfg(feature = "std")]
    pub use crate::share::Promise;
    #[cfg(feature = "moka")]
    pub use crate::share::of_attributes::memoized_within;
    #[cfg(feature = "std")]
    pub use crate::share::of_attributes::{Called, Part, Static, in_single_flight, memoized, part};

    /// Behind all that is ready, input and output included.
    #[cfg(feature = "tokio")]
    pub fn turn(cx: &mut core::task::Context<'_>) {
        // Outside of a runtime it wakes the task.
        let _ = core::pin::pin!(tokio::task::yield_now()).poll(cx);
    }
    #[cfg(feature = "tokio")]
    pub use crate::task::elsewhere::{OnTask, OnThread, blocking, spawned};

    #[cfg(feature = "tokio")]
    pub use crate::retry::lowered::*;
}
