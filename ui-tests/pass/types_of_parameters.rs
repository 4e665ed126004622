//! Types that a parameter may have besides plain ones.

use std::borrow::Cow;

use defer::prelude::*;
use ui_tests::now;

struct Keyed<'a, T: ?Sized>(&'a T, u8);

#[callback]
fn pointers(each: fn(&str) -> usize, other: Box<dyn Fn(&str) -> usize>, text: String) -> usize {
    each(&text) + other(&text)
}

#[callback]
fn borrows(all: &mut Vec<u8>, slice: &[u8], each: &dyn Fn(u8) -> u8, n: u8) -> usize {
    all.push(each(slice[0] + n));
    all.len()
}

#[callback]
async fn borrows_later(all: &mut Vec<u8>, slice: &[u8], n: u8) -> usize {
    all.push(slice[0] + n);
    all.len()
}

#[callback]
fn with_lifetimes<'a>(
    both: (&'a str, u8),
    cow: Cow<'a, str>,
    keyed: Keyed<'_, str>,
    n: u8,
) -> Cow<'a, str> {
    if both.1 + keyed.1 > n {
        cow
    } else {
        Cow::Borrowed(both.0)
    }
}

#[callback]
async fn with_lifetimes_later(both: (&str, u8), keyed: Keyed<'_, str>, n: u8) -> usize {
    both.0.len() + keyed.0.len() + usize::from(n)
}

#[callback]
fn any_of(each: impl for<'a> Fn(&'a str) -> &'a str, text: String) -> usize {
    each(&text).len()
}

#[callback]
fn nested(all: Vec<Option<(u8, [u8; 2])>>, n: usize) -> usize {
    all.len() + n
}

#[callback(boxed)]
fn boxed(text: &str, all: &mut Vec<u8>, n: u8) -> usize {
    all.push(n);
    text.len() + all.len()
}

#[callback(boxed)]
async fn boxed_later(text: &str, n: u8) -> usize {
    text.len() + usize::from(n)
}

#[callback(boxed)]
async fn boxed_lends<'a>(text: &'a str, n: usize) -> &'a str {
    &text[n..]
}

#[callback]
fn macro_type(all: concat_type!(u8), n: u8) -> concat_type!(usize) {
    all.len() + usize::from(n)
}

#[macro_export]
macro_rules! concat_type {
    (u8) => { Vec<u8> };
    (usize) => { usize };
}

fn main() {
    assert_eq!(
        now(pointers(
            str::len as fn(&str) -> usize,
            Box::new(str::len) as Box<dyn Fn(&str) -> usize>,
            succeed("ab".to_string())
        )),
        4
    );
    let mut all = vec![];
    assert_eq!(now(borrows(&mut all, &[1], &|n| n + 1, succeed(1))), 1);
    assert_eq!(now(borrows_later(&mut all, &[1], succeed(1))), 2);
    assert_eq!(
        now(with_lifetimes(
            ("a", 1),
            Cow::Borrowed("b"),
            Keyed("c", 2),
            succeed(3)
        )),
        "a"
    );
    assert_eq!(
        now(with_lifetimes_later(("a", 1), Keyed("c", 2), succeed(3))),
        5
    );
    assert_eq!(now(any_of(|text| &text[1..], succeed("ab".to_string()))), 1);
    assert_eq!(now(nested(vec![None::<(u8, [u8; 2])>], succeed(1))), 2);
    assert_eq!(now(boxed("ab", &mut all, succeed(1))), 5);
    assert_eq!(now(boxed_later("ab", succeed(1))), 3);
    assert_eq!(now(boxed_lends("ab", succeed(1))), "b");
    assert_eq!(now(macro_type(vec![1u8], succeed(1))), 2);
}
