//! An attribute on a `use` declaration.

use defer::prelude::*;

#[callback]
use std::mem::drop as dropped;

fn main() {
    dropped(3);
}
