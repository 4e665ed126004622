//! An alias of `Result` whose value has no name.

use std::io;

use defer::prelude::*;
use ui_tests::now;

#[callback]
fn bytes(page: String) -> io::Result<impl Iterator<Item = u8>> {
    Ok(page.into_bytes().into_iter())
}

fn main() {
    assert_eq!(now(bytes(succeed("ab".to_string()))).unwrap().count(), 2);
}
