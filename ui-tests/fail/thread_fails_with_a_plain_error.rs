//! What runs on another thread fails with an error that knows nothing of panics.

use defer::prelude::*;
use defer::task::defer_to_thread;

fn main() {
    let text = defer_to_thread(|| std::fs::read_to_string("a"));
    let _ = text.boxed();
}
