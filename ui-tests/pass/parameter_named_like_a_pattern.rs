//! A parameter called as an attribute calls the pattern beside it.

use defer::prelude::*;
use ui_tests::now;

#[callback]
fn add(arg1: u8, _: u8, (a, b): (u8, u8)) -> u8 {
    arg1 + a + b
}

fn main() {
    assert_eq!(now(add(1, succeed(2), (3, 4))), 8);
}
