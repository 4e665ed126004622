//! A map of deferreds that yield another type.

use defer::prelude::*;

use std::collections::HashMap;

#[callback]
fn total(all: HashMap<String, usize>) -> usize {
    all.values().sum()
}

fn main() {
    let _ = total(HashMap::from([(String::new(), succeed(String::new()))]));
}
