//! A `macro_rules!` passes the body as one fragment, `$body:block`.

use defer::prelude::*;
use ui_tests::now;

macro_rules! source {
    ($name:ident($($param:ident: $ty:ty),*) -> $out:ty $body:block) => {
        #[callback]
        fn $name($($param: $ty),*) -> $out $body
    };
}

source!(double(n: u8) -> u8 { n * 2 });

fn main() {
    assert_eq!(now(double(succeed(1))), 2);
}
