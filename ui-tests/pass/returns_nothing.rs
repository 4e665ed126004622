//! `-> ()`, written or not, and the never type in a body.

use defer::prelude::*;
use ui_tests::now;

#[callback]
fn told(page: String) {
    assert_eq!(page, "a");
}

#[callback]
fn told_nothing() {}

#[callback]
async fn told_later(page: String) {
    assert_eq!(page, "a");
}

#[callback]
fn unit(_before: (), page: String) -> () {
    assert_eq!(page, "a");
}

#[callback]
fn checked(_before: ()) -> Result<(), String> {
    Err("no".to_string())
}

#[callback]
fn gives_up(n: u8) -> u8 {
    if n == 0 {
        panic!("nothing left")
    } else {
        return n;
    }
}

#[errback]
fn swallow(_failure: String) {}

#[inline_callbacks]
fn inline(page: String) {
    told(page).await;
}

fn main() {
    let () = now(told(succeed("a".to_string())));
    let () = now(told_nothing());
    let () = now(told_later("a".to_string()));
    let () = now(unit(told("a".to_string()), "a".to_string()));
    assert_eq!(
        now(checked(told_later("a".to_string()))),
        Err("no".to_string())
    );
    assert_eq!(now(gives_up(1)), 1);
    let () = now(swallow(checked(())));
    let () = now(inline(succeed("a".to_string())));
}
