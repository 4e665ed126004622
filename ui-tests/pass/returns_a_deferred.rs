//! `-> Deferred<..>`: the chain waits for what the body gives.

use defer::prelude::*;
use ui_tests::now;

#[derive(Debug, PartialEq)]
struct Missing;

#[callback]
fn cached(url: String) -> Deferred<String> {
    if url == "cached" {
        succeed(url).boxed()
    } else {
        defer(async { url }).boxed()
    }
}

#[callback]
fn fetched(url: String) -> Deferred<Result<String, Missing>> {
    if url.is_empty() {
        fail(Missing).boxed()
    } else {
        succeed(Ok(url)).boxed()
    }
}

#[callback]
fn chosen(page: String, again: bool) -> Deferred<usize> {
    if again {
        sized(cached(page)).boxed()
    } else {
        succeed(0).boxed()
    }
}

#[callback]
fn sized(page: String) -> usize {
    page.len()
}

#[errback]
fn rescue(_failure: Missing, fallback: String) -> Deferred<String> {
    cached(fallback).boxed()
}

struct Site {
    base: String,
}

impl Site {
    #[callback]
    fn cached(&self, url: String) -> Deferred<String> {
        succeed(format!("{}{url}", self.base)).boxed()
    }

    #[callback]
    fn lent(&self, url: String) -> Deferred<&str, defer::Boxed<'_, &str>> {
        let base = self.base.as_str();
        defer(async move { if url.is_empty() { "" } else { base } }).boxed()
    }
}

fn main() {
    assert_eq!(now(cached("cached".to_string())), "cached");
    assert_eq!(now(cached(cached("other".to_string()))), "other");
    assert_eq!(now(sized(fetched(cached("other".to_string())))), Ok(5));
    assert_eq!(now(cached(fetched(String::new()))), Err(Missing));
    assert_eq!(now(chosen("page".to_string(), succeed(true))), 4);
    assert_eq!(
        now(rescue(fetched(String::new()), "none".to_string())),
        "none"
    );
    let site = Site {
        base: "x".to_string(),
    };
    assert_eq!(now(site.cached(succeed("y".to_string()))), "xy");
    assert_eq!(now(site.lent(succeed("y".to_string()))), "x");
}
