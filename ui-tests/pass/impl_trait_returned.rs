//! `-> impl Trait`: the chain yields a value whose type has no name.

use defer::prelude::*;
use ui_tests::now;

#[callback]
fn words(page: String) -> impl Iterator<Item = String> {
    page.split(' ')
        .map(String::from)
        .collect::<Vec<_>>()
        .into_iter()
}

#[callback]
fn checked(page: String) -> Result<impl Iterator<Item = char>, String> {
    if page.is_empty() {
        return Err("empty".to_string());
    }
    Ok(page.chars().rev().collect::<Vec<_>>().into_iter())
}

#[callback]
fn adder(n: usize) -> impl Fn(usize) -> usize {
    move |m| n + m
}

fn main() {
    assert_eq!(now(words("a b".to_string())).count(), 2);
    assert_eq!(
        now(words(fail::<String, _>("no"))).map(|all| all.count()),
        Err("no")
    );
    assert_eq!(
        now(checked("ab".to_string())).map(|mut all| all.next()),
        Ok(Some('b'))
    );
    assert_eq!(now(adder(succeed(1)))(2), 3);
}
