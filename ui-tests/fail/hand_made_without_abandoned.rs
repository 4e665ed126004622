//! The error of a hand-made deferred has to tell of a dropped resolver.

use defer::prelude::*;

struct Missing;

fn main() {
    let (resolver, deferred) = Deferred::<Result<u8, Missing>, _>::new();
    drop((resolver, deferred));
}
