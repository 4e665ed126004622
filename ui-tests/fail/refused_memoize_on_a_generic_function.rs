//! A static cannot be generic.

use defer::prelude::*;

#[callback(memoize)]
fn size<T: ToString>(#[value] page: T) -> usize {
    page.to_string().len()
}

fn main() {
    let _ = size(3);
}
