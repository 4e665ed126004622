//! The members of a tuple that is gathered fail alike.

use defer::list::gather;
use defer::prelude::*;

fn main() {
    let _ = gather((fail::<u8, u32>(1), fail::<u8, String>(String::new())));
}
