//! A method whose body runs on another thread, and that borrows its object.

use defer::prelude::*;

struct Store(u32);

impl Store {
    #[callback(blocking)]
    fn add(&self, n: u32) -> u32 {
        self.0 + n
    }
}

fn main() {
    let _ = Store(1).add(2);
}
