//! An asynchronous body that gives a deferred without a name.

use defer::prelude::*;

#[callback]
async fn size(page: String) -> Deferred<usize, impl defer::Chain<Output = usize>> {
    succeed(page.len())
}

fn main() {
    let _ = size(succeed(String::new()));
}
