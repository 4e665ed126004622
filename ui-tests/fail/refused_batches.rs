//! Functions that no batch can be made of, each with what to write instead.

use defer::prelude::*;

fn load(ids: Vec<u32>) -> Vec<String> {
    ids.iter().map(u32::to_string).collect()
}

#[callback(batch = load)]
fn no_key() -> Result<String, Failure>;

#[callback(batch = load)]
fn borrowed(name: &str) -> Result<String, Failure>;

#[callback(batch = load)]
fn generic<T: Clone>(id: T) -> Result<String, Failure>;

#[callback(batch = load)]
fn opaque(id: impl Into<u32>) -> Result<String, Failure>;

#[callback(batch = load)]
async fn asynchronous(id: u32) -> Result<String, Failure>;

#[callback(batch = load)]
fn deferred(id: u32) -> Deferred<Result<String, Failure>>;

#[errback(batch = load)]
fn rescue(failure: Failure) -> String;

#[callback(batch = load, max = 0)]
fn none_at_once(id: u32) -> Result<String, Failure>;

#[callback(max = 3)]
fn no_batch(id: u32) -> u32 {
    id
}

#[callback(batch = 3)]
fn no_function(id: u32) -> u32 {
    id
}

#[callback(batch = load, spawn)]
fn in_a_task(id: u32) -> Result<String, Failure>;

#[callback(batch = load, blocking)]
fn on_a_thread(id: u32) -> Result<String, Failure>;

struct Client;

impl Client {
    #[callback(batch = load)]
    fn method(&self, id: u32) -> Result<String, Failure>;
}

fn main() {
    let _ = (no_key(), borrowed("a"), asynchronous(1), deferred(1));
    let _ = (in_a_task(1), on_a_thread(1));
    let _ = (none_at_once(1), no_batch(1), no_function(1), Client.method(1));
}
