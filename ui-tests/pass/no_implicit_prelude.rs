//! Nothing of the standard prelude is in scope.

#![no_implicit_prelude]

use ::defer::prelude::*;
use ::std::primitive::{bool, str, u8, usize};
use ::std::result::Result::{Err, Ok};
use ::std::string::String;
use ::std::vec::Vec;
use ::ui_tests::now;

#[callback]
fn add(left: u8, right: u8) -> u8 {
    left + right
}

#[callback]
fn none() -> u8 {
    3
}

#[callback]
fn sizes(all: Vec<String>, prefix: &str) -> usize {
    all.len() + prefix.len()
}

#[callback]
async fn half(n: u8) -> ::std::result::Result<u8, String> {
    if n == 1 {
        Err(String::new())
    } else {
        Ok(n / 2)
    }
}

#[callback(boxed)]
async fn down(n: u8) -> u8 {
    if n == 0 { 0 } else { down(n - 1).await }
}

#[errback]
fn rescue(failure: String, n: u8) -> u8 {
    let _ = failure;
    n
}

#[errback]
fn observe(first: ::std::result::Result<u8, String>, other: bool) -> u8 {
    let _ = (first, other);
    1
}

#[inline_callbacks]
fn inline(n: u8) -> ::std::result::Result<u8, String> {
    Ok(half(n).await?)
}

#[callback]
fn all(n: u8) -> impl ::std::iter::Iterator<Item = u8> {
    0..n
}

struct Site;
impl Site {
    #[callback]
    fn add(&self, left: u8, right: u8) -> u8 {
        left + right
    }
    #[callback]
    async fn later(&self, left: u8, right: u8) -> u8 {
        left + right
    }
}

fn main() {
    ::std::assert_eq!(now(add(1, none())), 4);
    ::std::assert_eq!(now(sizes(::std::vec![succeed(String::new())], "a")), 2);
    ::std::assert_eq!(now(rescue(half(1), 7)), 7);
    ::std::assert_eq!(now(observe(half(1), true)), 1);
    ::std::assert_eq!(now(down(2)), 0);
    ::std::assert_eq!(now(inline(4)), Ok(2));
    ::std::assert_eq!(::std::iter::Iterator::count(now(all(succeed(4)))), 4);
    ::std::assert_eq!(now(Site.add(1, Site.later(2, 3))), 6);
}
