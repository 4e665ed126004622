//! Traits with associated types, type parameters and generic methods.

use std::fmt::Debug;

use defer::prelude::*;
use ui_tests::now;

trait Source<Key> {
    type Page: Debug;
    const MOST: usize;

    #[callback]
    fn fetch(&self, #[value] key: Key) -> Self::Page;
    #[callback]
    fn show<T: Debug>(&self, all: Vec<T>, page: String) -> String;
    #[callback]
    fn at_most(&self, n: usize) -> usize {
        n.min(Self::MOST)
    }
    #[callback]
    fn lends<'a>(&'a self, text: &'a str, n: usize) -> &'a str;
}

struct Site<T>(T);

impl<T: Clone + Debug> Source<u8> for Site<T> {
    type Page = (T, u8);
    const MOST: usize = 3;

    #[callback]
    fn fetch(&self, #[value] key: u8) -> Self::Page {
        (self.0.clone(), key)
    }
    #[callback]
    async fn show<U: Debug>(&self, all: Vec<U>, page: String) -> String {
        format!("{all:?}{page}{:?}", self.0)
    }
    #[callback]
    fn lends<'a>(&'a self, text: &'a str, n: usize) -> &'a str {
        &text[n..]
    }
}

struct Other;

impl Source<String> for Other {
    type Page = String;
    const MOST: usize = 1;

    #[callback]
    async fn fetch(&self, #[value] key: String) -> String {
        key
    }
    #[callback]
    fn show<U: Debug>(&self, all: Vec<U>, page: String) -> String {
        format!("{all:?}{page}")
    }
    #[callback]
    async fn lends<'a>(&'a self, text: &'a str, n: usize) -> &'a str {
        &text[..n]
    }
}

fn run<S: Source<u8>>(source: &S) -> (String, usize) {
    (
        format!("{:?}", now(source.fetch(7))),
        now(source.at_most(succeed(9))),
    )
}

fn main() {
    let site = Site("a");
    assert_eq!(run(&site), ("(\"a\", 7)".to_string(), 3));
    assert_eq!(now(site.show(vec![1], succeed(String::new()))), "[1]\"a\"");
    assert_eq!(now(site.lends("abc", succeed(1))), "bc");
    assert_eq!(now(Other.fetch("k".to_string())), "k");
    assert_eq!(now(Other.show(succeed(vec![1]), "b".to_string())), "[1]b");
    assert_eq!(now(Other.lends("abc", succeed(1))), "a");
    assert_eq!(now(Other.at_most(5)), 1);
}
