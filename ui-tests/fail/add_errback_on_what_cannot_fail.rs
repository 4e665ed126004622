//! The fluent form on a chain that cannot fail.

use defer::prelude::*;

fn main() {
    let _ = succeed(3).add_errback(|_: Failure| 4);
}
