//! An errback whose `Result` is an alias with one parameter.

use std::io;

use defer::prelude::*;
use ui_tests::now;

#[errback]
fn rescue(failure: io::Error) -> io::Result<String> {
    if failure.kind() == io::ErrorKind::NotFound {
        Ok(String::new())
    } else {
        Err(failure)
    }
}

fn main() {
    let failed = fail::<String, _>(io::Error::from(io::ErrorKind::NotFound));
    assert_eq!(now(rescue(failed)).unwrap(), "");
}
