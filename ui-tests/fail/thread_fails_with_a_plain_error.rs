//! What runs on another thread fails with an error that knows nothing of panics.

use defer::task::defer_to_thread;

fn main() {
    let _ = defer_to_thread(|| std::fs::read_to_string("a"));
}
