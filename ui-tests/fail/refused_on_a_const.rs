//! An attribute on a constant.

use defer::prelude::*;

#[callback]
const SIZE: usize = 3;

fn main() {
    let _ = SIZE;
}
