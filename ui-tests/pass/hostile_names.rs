//! The user's own things are called like those of the standard library and of ours.

#![allow(dead_code, non_camel_case_types, unused_macros)]

use defer::{callback, errback, inline_callbacks, succeed};
use ui_tests::now;

mod core {}
mod std {}

struct Result;
struct Option<T>(T);
struct Deferred;
struct Future;
struct Box;
struct Chain;
struct Body;
struct Call;
struct Arg;
struct Kind;
struct Never;
struct Fails;
struct Into;
struct From;
struct Send;
struct Sized;
struct Vec;
struct Ok;
struct Err;
struct Some;
struct None;
struct Iterator;
struct Join1;
struct Slot;
struct Call2;
struct FnOnce;
struct Copy;
struct u8;

macro_rules! unreachable {
    ($($any:tt)*) => {
        compile_error!("not this one")
    };
}
macro_rules! panic {
    ($($any:tt)*) => {
        compile_error!("not this one")
    };
}
macro_rules! file {
    ($($any:tt)*) => {
        compile_error!("not this one")
    };
}
macro_rules! line {
    ($($any:tt)*) => {
        compile_error!("not this one")
    };
}

type Byte = ::core::primitive::u8;
type Outcome<T> = ::core::result::Result<T, String>;

#[callback]
fn add(left: Byte, right: Byte) -> Byte {
    left + right
}

#[callback]
async fn add_later(left: Byte, right: Byte) -> Byte {
    left + right
}

#[callback]
fn checked(left: Byte) -> ::core::result::Result<Byte, String> {
    ::core::result::Result::Ok(left)
}

#[callback(error = String)]
fn aliased(left: Byte) -> Outcome<Byte> {
    ::core::result::Result::Err(format!("{left}"))
}

#[callback(boxed)]
async fn boxed(left: Byte) -> Byte {
    left
}

#[errback]
fn rescue(failure: String, left: Byte) -> Byte {
    let _ = failure;
    left
}

#[errback]
fn observed(first: ::core::result::Result<Byte, String>, left: Byte) -> Byte {
    let _ = first;
    left
}

#[inline_callbacks]
fn inline(left: Byte) -> ::core::result::Result<Byte, String> {
    let right = checked(left).await?;
    ::core::result::Result::Ok(right)
}

#[callback]
fn all(n: Byte) -> impl ::core::iter::Iterator<Item = Byte> {
    0..n
}

#[callback]
fn takes(one: Option<Byte>, two: Vec, three: u8) -> Box {
    let _ = (one.0, two, three);
    Box
}

struct Site;
impl Site {
    #[callback]
    fn add(&self, left: Byte, right: Byte) -> Byte {
        left + right
    }
    #[callback]
    async fn add_later(&self, left: Byte, right: Byte) -> Byte {
        left + right
    }
}

fn main() {
    assert_eq!(now(add(1, succeed(2))), 3);
    assert_eq!(now(add_later(1, succeed(2))), 3);
    assert_eq!(now(checked(succeed(2))), ::core::result::Result::Ok(2));
    assert_eq!(now(rescue(aliased(1), succeed(2))), 2);
    assert_eq!(now(observed(aliased(1), succeed(2))), 2);
    assert_eq!(now(boxed(1)), 1);
    assert_eq!(now(inline(1)), ::core::result::Result::Ok(1));
    assert_eq!(::core::iter::Iterator::count(now(all(2))), 2);
    let Box = now(takes(succeed(Option(1)), Vec, u8));
    assert_eq!(now(Site.add(1, Site.add_later(2, 3))), 6);
}
