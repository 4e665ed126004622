//! The attributes of `defer`: `#[callback]`, `#[errback]` and `#[inline_callbacks]`.
//!
//! Use them through the `defer` crate, whose documentation teaches them: what they expand
//! to refers to it.

mod attrs;
mod errors;
mod expand;
mod impl_trait;
mod item;
mod lifetimes;
mod lower;
mod model;
mod options;
mod signature_text;
#[cfg(test)]
mod snapshots;
mod tokens;
mod validate;

use proc_macro::TokenStream;

use crate::expand::expand;
use crate::model::Flavor;

/// Make a function take deferreds for its arguments and return a deferred.
#[proc_macro_attribute]
pub fn callback(options: TokenStream, item: TokenStream) -> TokenStream {
    expand(Flavor::Callback, options.into(), item.into()).into()
}

/// Make a function that runs only on failure.
#[proc_macro_attribute]
pub fn errback(options: TokenStream, item: TokenStream) -> TokenStream {
    expand(Flavor::Errback, options.into(), item.into()).into()
}

/// Make a plain function in which `.await` waits for deferreds.
#[proc_macro_attribute]
pub fn inline_callbacks(options: TokenStream, item: TokenStream) -> TokenStream {
    expand(Flavor::InlineCallbacks, options.into(), item.into()).into()
}
