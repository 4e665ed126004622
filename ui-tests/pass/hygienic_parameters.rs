//! A `macro_rules!` has a parameter of its own, and the caller's has the same name.

use defer::prelude::*;
use ui_tests::now;

macro_rules! hygienic {
    ($name:ident, $given:ident) => {
        #[callback]
        fn $name($given: u8, inside: u8) -> u8 {
            $given * 10 + inside
        }
    };
}

hygienic!(mixed, inside);

fn main() {
    assert_eq!(now(mixed(1, succeed(2))), 12);
}
