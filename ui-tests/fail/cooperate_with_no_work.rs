//! What a cooperator works at is an iterator, a stream or a deferred.

fn main() {
    let _ = defer::task::cooperate(async { 7 });
}
