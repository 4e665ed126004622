//! `impl Trait` parameters are plain, beside deferrable ones.
#![deny(unused_parens)]

use std::fmt::Display;

use defer::prelude::*;
use ui_tests::now;

#[callback]
fn shown(value: impl Display, width: usize) -> String {
    format!("{value:>width$}")
}

#[callback]
async fn shown_later(value: impl Display, width: usize) -> String {
    format!("{value:>width$}")
}

#[callback]
fn mapped(page: String, each: impl Fn(&str) -> usize) -> usize {
    each(&page)
}

#[callback]
fn nested(all: Vec<usize>, names: &[impl Display], mut more: impl Iterator<Item = usize>) -> usize {
    all.len() + names.len() + more.next().unwrap_or_default()
}

#[callback]
fn lent<'a>(text: &'a str, cut: impl FnOnce(&'a str) -> &'a str, n: usize) -> (&'a str, usize) {
    (cut(text), n)
}

#[errback]
fn rescue(failure: String, shown: impl Display) -> String {
    format!("{failure} {shown}")
}

struct Site;

impl Site {
    #[callback]
    fn shown(&self, value: impl Display, width: usize) -> String {
        format!("{value:>width$}")
    }
}

// A reference to several bounds has to be written in parentheses.
#[callback]
async fn borrowed(from: &mut (impl Iterator<Item = u8> + Send), times: usize) -> usize {
    from.take(times).count()
}

fn main() {
    assert_eq!(now(shown(1, succeed(2))), " 1");
    assert_eq!(now(shown_later(1, succeed(2))), " 1");
    assert_eq!(
        now(mapped(succeed("abc".to_string()), |page| page.len())),
        3
    );
    assert_eq!(now(nested(vec![succeed(1)], &["a"], 7..9)), 9);
    assert_eq!(now(lent("abc", |text| &text[1..], succeed(1))), ("bc", 1));
    assert_eq!(now(rescue(fail("no".to_string()), 1)), "no 1");
    assert_eq!(now(Site.shown(1, succeed(2))), " 1");
}
