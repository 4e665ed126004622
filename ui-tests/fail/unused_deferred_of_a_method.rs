//! A deferred of a method that nobody awaits.

#![deny(unused_must_use)]

use defer::prelude::*;

struct Site;

impl Site {
    #[callback]
    async fn start(&self, n: usize) {
        let _ = n;
    }
}

fn main() {
    Site.start(3);
}
