//! A resolver that has fired a value cannot fire a failure.

use defer::prelude::*;

fn main() {
    let (resolver, deferred) = Deferred::<Result<u8, Failure>, _>::new();
    let _ = resolver.callback(1);
    let _ = resolver.errback(Failure::msg("late"));
    drop(deferred);
}
