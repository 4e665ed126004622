//! The members of a tuple that race yield the same.

use defer::list::race;
use defer::prelude::*;

fn main() {
    let _ = race((succeed(1), succeed("one")));
}
