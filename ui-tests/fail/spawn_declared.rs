//! A declared method with a place for the body that it does not have.

use std::sync::Arc;

use defer::prelude::*;

trait Counts {
    #[callback(spawn)]
    fn count(self: Arc<Self>, n: u32) -> u32;
}

fn main() {}
