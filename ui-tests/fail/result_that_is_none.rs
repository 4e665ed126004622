//! A type of the program's own that is called `Result`.

use defer::prelude::*;

struct Result(usize);

#[callback]
fn size(page: String) -> Result {
    Result(page.len())
}

fn main() {
    let _ = size(succeed(String::new()));
}
