//! An attribute on a static.

use defer::prelude::*;

#[callback]
static SIZE: usize = 3;

fn main() {
    let _ = SIZE;
}
