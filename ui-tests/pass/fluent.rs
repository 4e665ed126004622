//! The fluent form, and a hand-made deferred.

use defer::prelude::*;
use defer::{Abandoned, Plain};
use ui_tests::now;

#[derive(Debug, PartialEq)]
struct Summary(usize);
impl Plain for Summary {}

#[callback]
fn size(page: String) -> usize {
    page.len()
}

fn main() {
    let page = || succeed("a page".to_string());
    assert_eq!(
        now(page().add_callback(|page| Summary(page.len()))),
        Summary(6)
    );
    assert_eq!(
        now(size(
            page()
                .add_callback(|page| page.parse::<u8>())
                .add_errback(|_| 0)
                .add_callback(|n| n.to_string())
        )),
        1
    );
    assert_eq!(now(page().add_callback(size)), 6);
    assert_eq!(now(fail::<u8, _>("no").add_callbacks(|n| n + 1, |_| 0)), 0);
    assert_eq!(
        now(fail::<u8, _>("no").add_both(|outcome| outcome.is_ok())),
        false
    );

    let (resolver, waiting) = Deferred::<Result<String, Failure>, _>::new();
    let sized = size(waiting);
    resolver.callback("abc".to_string()).unwrap();
    assert_eq!(now(sized).unwrap(), 3);

    let (resolver, waiting) = Deferred::<Result<String, Failure>, _>::new();
    drop(resolver);
    assert!(
        now(size(waiting))
            .unwrap_err()
            .check::<Abandoned>()
            .is_some()
    );
}
