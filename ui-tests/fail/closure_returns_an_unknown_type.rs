//! A closure of the fluent form returns a type of the program's own.

use defer::prelude::*;

struct Summary(usize);

fn main() {
    let _ = fail::<String, _>(Failure::msg("no")).add_callback(|page| Summary(page.len()));
}
