//! Where nothing can fail the first outcome is the first success: it is a race.

use defer::list::first_success;
use defer::prelude::*;

fn main() {
    let _ = first_success([succeed(1), succeed(2)]);
}
