//! A resolver that has fired a failure cannot fire another.

use defer::prelude::*;

fn main() {
    let (resolver, deferred) = Deferred::<Result<u8, Failure>, _>::new();
    let _ = resolver.errback(Failure::msg("first"));
    let _ = resolver.errback(Failure::msg("second"));
    drop(deferred);
}
