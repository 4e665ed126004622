//! The crate goes by another name, and `::defer` is something else.

extern crate defer as deferring;
// `::defer::..` in what an attribute writes would be looked up here.
extern crate core as defer;

mod tools {
    pub mod reexported {
        pub use deferring::*;
    }
}

use deferring::{Deferred, callback, errback, fail, inline_callbacks, succeed};
use ui_tests::now;

#[callback(crate = deferring)]
fn add(left: u8, right: u8) -> u8 {
    left + right
}

#[callback(crate = crate::tools::reexported)]
async fn half(n: u8) -> Result<u8, String> {
    if n % 2 == 0 {
        Ok(n / 2)
    } else {
        Err(format!("{n} is odd"))
    }
}

#[callback(boxed, crate = ::deferring)]
fn waits(n: u8) -> Deferred<u8> {
    succeed(n).boxed()
}

#[errback(crate = deferring)]
fn rescue(failure: String, n: u8) -> u8 {
    failure.len() as u8 + n
}

#[inline_callbacks(crate = deferring)]
fn inline(n: u8) -> Result<u8, String> {
    Ok(half(n).await? + 1)
}

#[callback(crate = deferring)]
fn words(page: String) -> impl Iterator<Item = char> {
    page.chars().collect::<Vec<_>>().into_iter()
}

struct Site;
impl Site {
    #[callback(crate = deferring)]
    fn add(&self, left: u8, right: u8) -> u8 {
        left + right
    }
    #[callback(crate = deferring)]
    async fn half(&self, n: u8) -> u8 {
        n / 2
    }
}

fn main() {
    assert_eq!(now(add(1, succeed(2))), 3);
    assert_eq!(now(rescue(half(add(1, 2)), waits(1))), 9);
    assert_eq!(now(rescue(fail::<u8, _>(String::new()), 1)), 1);
    assert_eq!(now(inline(4)), Ok(3));
    assert_eq!(now(words("ab".to_string())).count(), 2);
    assert_eq!(now(Site.add(1, Site.half(2))), 2);
}
