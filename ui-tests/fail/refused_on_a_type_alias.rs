//! An attribute on a type alias.

use defer::prelude::*;

#[callback]
type Size = usize;

fn main() {
    let _: Size = 3;
}
