//! Annotated functions inside of a body, a closure, a `const` and an `impl` inside of one.

use defer::prelude::*;
use ui_tests::now;

const FOUR: u8 = {
    #[callback]
    fn unused_here(n: u8) -> u8 {
        n
    }
    // It is only made, which needs no runtime.
    let _ = unused_here::<u8, _>;
    4
};

fn doubled(n: u8) -> u8 {
    #[callback]
    fn double(n: u8, m: u8) -> u8 {
        n * 2 + m
    }
    #[callback]
    async fn later(n: u8) -> u8 {
        n * 2
    }
    now(double(later(n), 0))
}

fn with_same_names(n: u8) -> (u8, u8) {
    let first = {
        #[callback]
        fn double(n: u8) -> u8 {
            n * 2
        }
        now(double(n))
    };
    let second = {
        #[callback]
        fn double(n: u8) -> u8 {
            n * 4
        }
        now(double(n))
    };
    (first, second)
}

#[callback]
fn outer(n: u8) -> u8 {
    #[callback]
    fn inner(n: u8) -> u8 {
        n + 1
    }
    struct Local;
    impl Local {
        #[callback]
        fn add(&self, n: u8) -> u8 {
            n + 1
        }
    }
    now(Local.add(inner(n)))
}

#[inline_callbacks]
fn outer_later(n: u8) -> u8 {
    #[callback]
    async fn inner(n: u8) -> u8 {
        n + 1
    }
    inner(n).await
}

fn main() {
    assert_eq!(doubled(FOUR), 16);
    assert_eq!(with_same_names(1), (2, 4));
    assert_eq!(
        (|n| {
            #[callback]
            fn one(n: u8) -> u8 {
                n
            }
            now(one(n))
        })(1),
        1
    );
    assert_eq!(now(outer(succeed(1))), 3);
    assert_eq!(now(outer_later(succeed(1))), 2);
}
