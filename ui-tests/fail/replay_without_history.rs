//! The history of an observer that keeps none.

use defer::list::DeferredListObserver;

fn main() {
    let observer = DeferredListObserver::<u32>::new();
    observer.observe_with_replay(|event| drop(event.outcome));
}
