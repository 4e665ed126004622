//! A deferred with a limit may be late: its error has to say so.

use std::time::Duration;

use defer::prelude::*;

#[derive(Debug)]
struct NotFound;

fn main() {
    let _page = fail::<u8, _>(NotFound).timeout(Duration::from_secs(1));
}
