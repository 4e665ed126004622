//! Calls that share a run: each shape of function.

#![deny(warnings, clippy::all)]

use defer::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name(String);

#[derive(Clone)]
pub struct Page;

/// Docs.
#[callback(memoize)]
pub async fn page(name: Name, #[value] shared: u8, _unused: bool) -> Result<Page, Failure> {
    if shared == 0 { Err(Failure::msg(name.0)) } else { Ok(Page) }
}

#[callback(single_flight, boxed)]
fn plain((a, b): (u8, u8), text: &'static str) -> usize {
    usize::from(a + b) + text.len()
}

#[callback(memoize)]
pub(crate) fn given(name: Name) -> Deferred<Result<usize, Failure>> {
    succeed(Ok(name.0.len())).boxed()
}

#[inline_callbacks(single_flight)]
fn inline(name: Name) -> Result<usize, Failure> {
    let Page = page(name.clone(), 1, true).await?;
    given(name).await
}

#[callback(memoize)]
fn nothing() {}

fn main() {
    let name = || succeed(Name("a".to_string()));
    let _ = page(name(), 1, true);
    let _ = plain((1, 2), "a");
    let _ = inline(name());
    let _ = nothing();
}
