//! What a member yields may be a `Result` by another name: its type says that it is a value.

use defer::list::gather;
use defer::prelude::*;

struct Page;

fn main() {
    let _ = gather(vec![succeed(Page)]);
}
