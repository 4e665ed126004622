//! Type parameters, const parameters, lifetimes and `where` clauses, on functions and methods.

use std::fmt::{Debug, Display};

use defer::prelude::*;
use ui_tests::now;

#[callback]
fn shown<T: Debug>(value: Vec<T>) -> String {
    format!("{value:?}")
}

#[callback]
fn pair<A, B>(left: Vec<A>, right: Vec<B>) -> usize
where
    A: Clone,
    B: Display,
{
    left.len() + right.len()
}

#[callback]
async fn shown_later<T: Debug>(value: Vec<T>) -> String {
    format!("{value:?}")
}

#[callback]
fn bare<T>(value: T, #[value] same: T) -> bool
where
    T: PartialEq,
{
    value == same
}

#[callback]
fn sum<const N: usize>(all: [u8; N]) -> u8 {
    all.iter().sum()
}

#[callback]
async fn sum_later<const N: usize>(all: [u8; N]) -> u8 {
    all.iter().sum()
}

#[callback]
fn prefixed<'a>(prefix: &'a str, page: String) -> (&'a str, usize) {
    (prefix, page.len())
}

#[callback]
async fn prefixed_later<'a>(prefix: &'a str, page: String) -> (&'a str, usize) {
    (prefix, page.len())
}

#[callback]
fn longest<'a, 'b: 'a>(left: &'a str, right: &'b str, by: usize) -> &'a str {
    if left.len() + by > right.len() {
        left
    } else {
        right
    }
}

#[callback]
fn elided(prefix: &str, page: String) -> &str {
    &prefix[..page.len()]
}

#[callback]
fn borrowed_value<'a>(text: &'a str, at: Option<&'a str>) -> usize {
    text.len() + at.map_or(0, str::len)
}

#[callback(boxed)]
fn boxed<T: Debug>(value: Vec<T>) -> String {
    format!("{value:?}")
}

#[derive(Debug)]
struct Many<E>(Vec<E>);

#[errback]
fn rescue<T: Clone, E: Debug + 'static>(failure: Many<E>, fallback: Vec<T>) -> Vec<T> {
    assert!(!failure.0.is_empty());
    fallback.clone()
}

struct Store<T> {
    inside: Vec<T>,
}

impl<T: Clone + Debug> Store<T> {
    #[callback]
    fn put(&self, #[value] value: T, times: usize) -> Vec<T> {
        let mut all = self.inside.clone();
        all.extend(std::iter::repeat_n(value, times));
        all
    }

    #[callback]
    fn keyed<K: Display>(&self, key: Vec<K>) -> String {
        format!("{} {:?}", key[0], self.inside)
    }

    #[callback]
    async fn keyed_later<K>(&self, key: Vec<K>) -> String
    where
        K: Display,
    {
        format!("{} {:?}", key[0], self.inside)
    }

    #[callback]
    fn of(all: Vec<T>) -> Self {
        Store { inside: all }
    }
}

fn main() {
    assert_eq!(now(shown(vec![1, 2])), "[1, 2]");
    assert_eq!(now(shown(succeed(vec!['a']))), "['a']");
    assert_eq!(now(shown_later(succeed(vec!['a']))), "['a']");
    assert_eq!(now(pair(succeed(vec!['a']), vec![1])), 2);
    assert!(now(bare(1, 1)));
    assert!(now(bare::<u8, _, _>(succeed(1), 1)));
    assert_eq!(now(sum([1, 2])), 3);
    assert_eq!(now(sum([succeed(1), succeed(2)])), 3);
    assert_eq!(now(sum_later(succeed([1, 2]))), 3);
    assert_eq!(now(prefixed("a", succeed("b".to_string()))), ("a", 1));
    assert_eq!(now(prefixed_later("a", succeed("b".to_string()))), ("a", 1));
    assert_eq!(now(longest("a", "b", succeed(1))), "a");
    assert_eq!(now(elided("abc", succeed("b".to_string()))), "a");
    assert_eq!(now(borrowed_value("abc", Some("d"))), 4);
    assert_eq!(now(boxed(succeed(vec![1]))), "[1]");
    assert_eq!(now(rescue(fail(Many(vec!['e'])), vec![1])), [1]);
    let store = now(Store::of(succeed(vec![1])));
    assert_eq!(now(store.put(2, succeed(2))), [1, 2, 2]);
    assert_eq!(now(store.keyed(vec!["k"])), "k [1]");
    assert_eq!(now(store.keyed_later(succeed(vec!["k"]))), "k [1]");
}
