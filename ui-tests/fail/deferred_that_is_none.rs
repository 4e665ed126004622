//! A type of the program's own that is called `Deferred`.

use defer::{callback, succeed};

struct Deferred<T>(T);

#[callback]
fn size(page: String) -> Deferred<usize> {
    Deferred(page.len())
}

fn main() {
    let _ = size(succeed(String::new()));
}
