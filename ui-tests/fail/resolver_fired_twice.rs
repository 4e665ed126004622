//! A resolver fires once.

use defer::prelude::*;

fn main() {
    let (resolver, deferred) = Deferred::<Result<u8, Failure>, _>::new();
    let _ = resolver.callback(1);
    let _ = resolver.callback(2);
    drop(deferred);
}
