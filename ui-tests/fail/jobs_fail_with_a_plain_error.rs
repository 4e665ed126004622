//! Jobs that fail with an error that knows nothing of panics.

use defer::prelude::*;
use defer::task::parallel;

#[derive(Debug)]
struct Missing;

#[callback]
async fn fetch(#[value] page: u32) -> Result<String, Missing> {
    let _ = page;
    Err(Missing)
}

fn main() {
    let _ = parallel(0..3, 2, fetch).run();
}
