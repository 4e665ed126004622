//! What becomes of the outcomes of jobs.

use core::task::Context;
use std::vec::Vec;

/// Where outcomes go, one after the other.
pub(super) trait Sink<T, E> {
    /// What it makes of all of them.
    type Out;
    /// Whether one more job may begin beside so many; if not, this task is woken later.
    fn room(&mut self, _alive: usize, _: &Context<'_>) -> bool {
        true
    }
    /// The outcome of the job at a place. An error is the failure of the whole.
    fn take(&mut self, place: usize, outcome: Result<T, E>) -> Result<(), E>;
    /// There are no more.
    fn end(&mut self) -> Self::Out;
}

/// Counts them.
#[derive(Debug, Default)]
pub(super) struct Count(usize);

impl<T, E> Sink<T, E> for Count {
    type Out = usize;
    fn take(&mut self, _: usize, outcome: Result<T, E>) -> Result<(), E> {
        outcome.map(|_| self.0 += 1)
    }
    fn end(&mut self) -> usize {
        self.0
    }
}

/// Keeps the values in the order of the jobs.
#[derive(Debug)]
pub(super) struct InOrder<T>(Vec<Option<T>>);

impl<T> InOrder<T> {
    pub(super) fn new() -> Self {
        InOrder(Vec::new())
    }
}

impl<T, E> Sink<T, E> for InOrder<T> {
    type Out = Vec<T>;
    fn take(&mut self, place: usize, outcome: Result<T, E>) -> Result<(), E> {
        let value = outcome?;
        if self.0.len() <= place {
            self.0.resize_with(place + 1, || None);
        }
        self.0[place] = Some(value);
        Ok(())
    }
    fn end(&mut self) -> Vec<T> {
        // At the end every place has its value, or the whole has failed.
        core::mem::take(&mut self.0).into_iter().flatten().collect()
    }
}

/// Hands each to a closure, and counts them.
#[derive(Debug)]
pub(super) struct Each<G> {
    hand: G,
    count: usize,
}

impl<G> Each<G> {
    pub(super) fn new(hand: G) -> Self {
        Each { hand, count: 0 }
    }
}

impl<T, E, G: FnMut(Result<T, E>)> Sink<T, E> for Each<G> {
    type Out = usize;
    fn take(&mut self, _: usize, outcome: Result<T, E>) -> Result<(), E> {
        (self.hand)(outcome);
        self.count += 1;
        Ok(())
    }
    fn end(&mut self) -> usize {
        self.count
    }
}
