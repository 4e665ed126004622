//! What a function with `batch` may look like, and its batch function.
#![deny(warnings, missing_docs, unused_qualifications, single_use_lifetimes, clippy::all, clippy::pedantic)]
#![allow(clippy::needless_pass_by_value, clippy::must_use_candidate, clippy::missing_errors_doc)]

use std::collections::{BTreeMap, HashMap};
use std::io;

use defer::prelude::*;
use defer::{Chain, batch::WrongAnswers};

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(u32);

/// An error of the user's own.
#[derive(Clone, Debug)]
pub struct LoadError;

impl From<WrongAnswers> for LoadError {
    fn from(_: WrongAnswers) -> Self {
        LoadError
    }
}

impl From<io::Error> for LoadError {
    fn from(_: io::Error) -> Self {
        LoadError
    }
}

type Loaded<T> = Result<T, LoadError>;

mod back_end {
    use super::{Callbacks, Id, LoadError, defer, io};
    use defer::{Chain, Deferred};

    pub(super) const MOST: usize = 100;

    pub(super) fn list(ids: Vec<Id>) -> Vec<u32> {
        ids.into_iter().map(|id| id.0).collect()
    }
    pub(super) async fn asynchronous(ids: Vec<Id>) -> Result<Vec<u32>, io::Error> {
        std::future::ready(Ok(list(ids))).await
    }
    pub(super) fn deferred(
        ids: Vec<Id>,
    ) -> Deferred<Result<Vec<u32>, LoadError>, impl Chain<Output = Result<Vec<u32>, LoadError>>>
    {
        Callbacks::none();
        defer(async { Ok(list(ids)) })
    }
}

struct Callbacks;
impl Callbacks {
    fn none() {}
}

#[callback]
async fn annotated(ids: Vec<Id>) -> Vec<Result<u32, io::Error>> {
    back_end::list(ids).into_iter().map(Ok).collect()
}
fn hashed(ids: Vec<Id>) -> HashMap<Id, u32> {
    ids.into_iter().map(|id| (id, id.0)).collect()
}
fn sorted(ids: Vec<(Id, Id)>) -> BTreeMap<(Id, Id), Result<u32, LoadError>> {
    ids.into_iter().map(|id| (id, Ok(id.0.0 + id.1.0))).collect()
}

/// Cannot fail.
#[callback(batch = back_end::list)]
pub fn plain(id: Id) -> u32;

/// Of a future.
#[callback(batch = back_end::asynchronous, max = 10)]
pub fn of_a_future(id: Id) -> Result<u32, LoadError>;

/// Behind an alias of the user's, and an option for another one.
#[callback(batch = back_end::deferred, max = back_end::MOST, error = LoadError)]
pub fn of_a_deferred(id: Id) -> Loaded<u32>;

#[callback(batch = annotated)]
fn of_an_annotated_one(id: Id) -> Result<u32, Failure>;

/// By the type of a box.
#[must_use]
#[callback(batch = hashed, boxed)]
pub fn by_key(id: Id) -> Result<u32, LoadError>;

fn keys(batch: Vec<(Id, Id)>) -> Vec<u32> {
    batch.into_iter().map(|(batch, keys)| batch.0 + keys.0).collect()
}

/// Names that the attribute uses too.
#[callback(batch = keys)]
pub fn batch(batch: Id, #[value] other: Id) -> u32;

/// Two parameters, one of them plain.
#[callback(batch = sorted)]
pub fn by_two_keys(id: Id, #[value] r#type: Id) -> Result<u32, LoadError>;

#[callback]
fn sum(all: Vec<u32>) -> u32 {
    all.into_iter().sum()
}

fn is_send<T: Send>(call: T) -> T {
    call
}

fn local() -> Deferred<Result<u32, Failure>, impl Chain<Output = Result<u32, Failure>>> {
    #[callback(batch = load)]
    fn inside(id: Id) -> Result<u32, Failure>;
    fn load(ids: Vec<Id>) -> Vec<u32> {
        back_end::list(ids)
    }
    let ids = [1, 2, 3].map(|id| inside(Id(id)));
    sum(ids.into_iter().chain([inside(Id(4))]).collect::<Vec<_>>())
}

fn main() {
    let by_key: Deferred<Result<u32, LoadError>> = by_key(Id(3));
    let found = [
        plain(succeed(Id(1))).wait().ok(),
        batch(Id(4), Id(5)).wait().ok(),
        is_send(of_a_future(Id(2))).wait().unwrap().ok(),
        by_key.wait().unwrap().ok(),
        of_a_deferred(Id(4)).wait().unwrap().ok(),
        by_two_keys(Id(5), Id(6)).wait().unwrap().ok(),
        of_an_annotated_one(Id(7)).wait().unwrap().ok(),
        local().wait().unwrap().ok(),
    ];
    assert_eq!(found, [1, 9, 2, 3, 4, 11, 7, 10].map(Some));
}
