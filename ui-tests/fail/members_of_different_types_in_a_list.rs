//! Members of a list have one type: they are boxed, or go into a tuple.

use defer::list::first_success;
use defer::prelude::*;

fn main() {
    let _ = first_success([fail::<u8, _>("no page"), defer(async { Ok(3) })]);
}
