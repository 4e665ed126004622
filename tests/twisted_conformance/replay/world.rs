//! What callbacks know of the program that they are part of.

use std::sync::{Arc, Mutex};

use defer::prelude::*;
use serde_json::{Value, json};

use crate::behave::{Gives, behave};
use crate::compare::Told;
use crate::errors::{Out, Val, outcome, write};
use crate::program::written;

pub(super) type Def = Deferred<Out>;

pub(super) enum Slot {
    /// What the program may still do something with.
    Live(Def),
    Done(Out),
    /// It was moved; or it is polled right now.
    Moved,
}

/// Who knows what happens; callbacks hold it as well.
#[derive(Default)]
pub(super) struct World {
    pub(super) told: Told,
    pub(super) at: usize,
    pub(super) slots: Vec<Slot>,
    pub(super) fired: Vec<bool>,
    /// Goes on whenever anything has happened.
    pub(super) moves: usize,
}

pub(super) type Shared = Arc<Mutex<World>>;

pub(super) fn with<T>(world: &Shared, f: impl FnOnce(&mut World) -> T) -> T {
    f(&mut world
        .lock()
        .expect("nothing panics while it holds the world"))
}

pub(super) fn tell(world: &Shared, d: usize, event: Value) {
    with(world, |world| {
        world.moves += 1;
        let at = world.at;
        world.told.event(d, at, event);
    });
}

/// What is there already, as a deferred.
pub(super) fn known(out: Out) -> Def {
    match out {
        Ok(value) => succeed(value).add_callback(Ok::<Val, Failure>).boxed(),
        Err(failure) => fail(failure).boxed(),
    }
}

/// Use a deferred up: from now on it runs by itself, for its new owner.
pub(super) fn take(world: &Shared, d: usize) -> Def {
    let slot = with(world, |world| {
        std::mem::replace(&mut world.slots[d], Slot::Moved)
    });
    match slot {
        Slot::Live(deferred) => deferred.start().boxed(),
        Slot::Done(out) => known(out),
        Slot::Moved => panic!("{d} is used up twice: not a linear program"),
    }
}

/// A callback of a program runs.
pub(super) fn run(
    world: &Shared,
    d: usize,
    step: &Value,
    side: &str,
    does: &Value,
    given: Out,
) -> Def {
    let input = write(&given);
    let gives = behave(does, &input);
    let output = match &gives {
        Gives::Outcome(outcome) => written(outcome),
        Gives::Input => written(&input),
        Gives::Deferred(n) => json!({ "deferred": n }),
    };
    tell(
        world,
        d,
        json!(["run", step, side, written(&input), output]),
    );
    match gives {
        Gives::Outcome(out) => known(outcome(out)),
        Gives::Input => known(given),
        Gives::Deferred(n) => take(world, n),
    }
}

/// What is made, from its outcome on: it runs by itself.
pub(super) fn base(world: &Shared, d: usize, made: Def) -> Def {
    let told = world.clone();
    made.add_both(move |out: Out| {
        with(&told, |world| world.fired[d] = true);
        tell(&told, d, json!(["fired", written(&write(&out))]));
        out
    })
    .start()
    .boxed()
}

impl World {
    pub(super) fn live(&mut self, d: usize) -> Option<Def> {
        if !matches!(self.slots[d], Slot::Live(_)) {
            return None;
        }
        match std::mem::replace(&mut self.slots[d], Slot::Moved) {
            Slot::Live(deferred) => Some(deferred),
            _ => None,
        }
    }
}
