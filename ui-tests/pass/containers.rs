//! Containers of deferreds, and the parameter's type that chooses their manner.

use std::collections::{BTreeMap, HashMap};

use defer::prelude::*;
use ui_tests::now;

#[callback]
async fn get(url: u8) -> Result<u8, String> {
    if url == 0 {
        Err("zero".to_string())
    } else {
        Ok(url)
    }
}

#[callback]
fn total(all: Vec<u8>) -> u8 {
    all.iter().sum()
}

#[callback]
fn outcomes(all: Vec<Result<u8, String>>) -> usize {
    all.iter().filter(|one| one.is_ok()).count()
}

#[callback]
fn array(all: [u8; 2]) -> u8 {
    all[0] - all[1]
}

#[callback]
fn tuple(all: (u8, String, u8)) -> u8 {
    all.0 + all.2
}

#[callback]
fn optional(one: Option<u8>) -> u8 {
    one.unwrap_or(7)
}

#[callback]
fn maps(one: HashMap<String, u8>, other: BTreeMap<u8, u8>) -> usize {
    one.len() + other.len()
}

#[callback]
fn observed(one: Result<u8, String>) -> bool {
    one.is_ok()
}

fn main() {
    assert_eq!(now(total(vec![1, 2])), 3);
    assert_eq!(now(total(vec![succeed(1), succeed(2)])), 3);
    assert_eq!(now(total(vec![get(1), get(0)])), Err("zero".to_string()));
    assert_eq!(now(total(Vec::<u8>::new())), 0);
    assert_eq!(now(outcomes(vec![get(1), get(0)])), 1);
    assert_eq!(now(array([get(3), get(1)])), Ok(2));
    assert_eq!(now(array([3, 1])), 2);
    assert_eq!(
        now(tuple((get(3), succeed(String::new()), succeed(1)))),
        Ok(4)
    );
    assert_eq!(now(optional(Some(get(1)))), Ok(1));
    assert_eq!(now(optional(None::<u8>)), 7);
    let one = HashMap::from([("a".to_string(), get(1))]);
    let other = BTreeMap::from([(1, succeed(1))]);
    assert_eq!(now(maps(one, other)), Ok(2));
    assert!(!now(observed(get(0))));
    assert!(now(observed(succeed(0))));
}
