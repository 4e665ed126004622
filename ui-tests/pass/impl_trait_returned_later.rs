//! A chain that waits for its body, which yields a value whose type has no name.

use defer::prelude::*;
use ui_tests::now;

#[callback]
async fn words(page: String, from: usize) -> impl Iterator<Item = String> {
    page.split(' ')
        .skip(from)
        .map(String::from)
        .collect::<Vec<_>>()
        .into_iter()
}

#[callback]
fn waits(n: usize) -> Deferred<usize, impl defer::Chain<Output = usize>> {
    succeed(n + 1)
}

fn main() {
    assert_eq!(now(words(succeed("a b".to_string()), 1)).count(), 1);
    assert_eq!(now(waits(succeed(1))), 2);
}
