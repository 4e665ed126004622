//! A started deferred may be cancelled: its error has to say so.

use defer::prelude::*;
use defer::Panicked;

#[derive(Debug)]
struct NotFound;
impl From<Panicked> for NotFound {
    fn from(_: Panicked) -> Self {
        NotFound
    }
}

fn main() {
    let _page = fail::<u8, _>(NotFound).start();
}
