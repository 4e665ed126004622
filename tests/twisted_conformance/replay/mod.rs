//! A program, carried out on defer.
//!
//! Twisted's deferreds run by themselves, so here they are *started*: what has been made, and
//! what is used up by another. What was added to one that is not used up is polled by the
//! replayer. After each operation everything runs until nothing moves.

mod lists;
mod world;

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use defer::prelude::*;
use defer::{Pauser, Resolver};
use serde_json::{Value, json};
use tokio::task::{unconstrained, yield_now};
use tokio::time::{Instant, advance};

use self::world::{Def, Shared, Slot, base, known, run, tell, with};
use crate::compare::Told;
use crate::errors::{Out, Val, before_limit, failure, write};
use crate::program::{Program, index, text, touched, written};

/// What the program holds of a deferred besides the deferred.
#[derive(Default)]
struct Held {
    resolver: Option<Resolver<Val>>,
    pauser: Option<(Pauser, usize)>,
}

struct Replay {
    world: Shared,
    held: Vec<Held>,
    /// When limits end that may not have been reached.
    ends: Vec<Instant>,
    leaves_none: bool,
}

/// Carry out a program; what comes back is everything that happened.
pub(crate) fn replay(program: &Program) -> Told {
    carry_out(program, false)
}

/// The same, with a callback after each `chain_into` that leaves what Twisted leaves: `None`.
pub(crate) fn replay_leaving_none(program: &Program) -> Told {
    carry_out(program, true)
}

fn carry_out(program: &Program, leaves_none: bool) -> Told {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(unconstrained(async {
        let mut replay = Replay {
            world: Shared::default(),
            held: Vec::new(),
            ends: Vec::new(),
            leaves_none,
        };
        advance(HALF).await;
        for (at, op) in program.ops.iter().enumerate() {
            with(&replay.world, |world| world.at = at);
            if touched(op).any(|d| replay.is_moved(d)) {
                with(&replay.world, |world| world.told.stops(at));
                break;
            }
            replay.perform(op).await;
            replay.settle().await;
        }
        replay.end()
    }))
}

/// The program's clock stands in the middle of a second, limits end in its first half, each at
/// a millisecond of its own: so they end in the order in which they were set.
const HALF: Duration = Duration::from_millis(500);
const EARLY: Duration = Duration::from_millis(400);

impl Replay {
    async fn perform(&mut self, op: &Value) {
        let kind = text(&op["op"]);
        if kind == "advance" {
            return self.advance(index(&op["by"])).await;
        }
        let d = index(&op["d"]);
        match kind {
            "new" | "succeed" | "fail" | "list" | "gather" | "race" => self.make(op, d),
            "add" => self.add(op, d),
            "timeout" => self.timeout(op, d),
            "callback" => self.fire(d, Ok(Val(op["value"].clone()))),
            "errback" => self.fire(d, Err(failure(&op["error"]))),
            "cancel" => self.cancel(d).await,
            "pause" => self.pause(d).await,
            "unpause" => self.unpause(d),
            "chain" => {
                let to = index(&op["to"]);
                let second = self.held[to].resolver.take().expect("it fires the second");
                let leaves_none = self.leaves_none;
                self.change(d, |first| {
                    let first = first.chain_into(second);
                    if !leaves_none {
                        return first.boxed();
                    }
                    first
                        .add_both(|_| Ok::<_, Failure>(Val(Value::Null)))
                        .boxed()
                });
            }
            other => panic!("no operation: {other}"),
        }
    }

    /// Put something around a deferred.
    fn change(&mut self, d: usize, f: impl FnOnce(Def) -> Def) {
        let slot = with(&self.world, |world| {
            std::mem::replace(&mut world.slots[d], Slot::Moved)
        });
        let changed = f(match slot {
            Slot::Live(deferred) => deferred,
            Slot::Done(out) => known(out),
            Slot::Moved => panic!("{d} is used up: not a linear program"),
        });
        with(&self.world, |world| world.slots[d] = Slot::Live(changed));
    }

    fn make(&mut self, op: &Value, d: usize) {
        let world = self.world.clone();
        with(&world, |world| {
            world.slots.push(Slot::Moved);
            world.fired.push(false);
            assert_eq!(world.slots.len(), d + 1, "they are numbered in order");
        });
        let mut held = Held::default();
        let slot = match text(&op["op"]) {
            "new" => {
                let (resolver, made) = self.hand_made(d, &op["canceller"]);
                held.resolver = Some(resolver);
                Slot::Live(base(&world, d, made))
            }
            "succeed" => self.made(d, Ok(Val(op["value"].clone()))),
            "fail" => self.made(d, Err(failure(&op["error"]))),
            _ => Slot::Live(base(&world, d, lists::list(&world, op))),
        };
        self.held.push(held);
        with(&world, |world| world.slots[d] = slot);
    }

    fn made(&self, d: usize, out: Out) -> Slot {
        tell(&self.world, d, json!(["fired", written(&write(&out))]));
        with(&self.world, |world| world.fired[d] = true);
        Slot::Done(out)
    }

    fn hand_made(&self, d: usize, canceller: &Value) -> (Resolver<Val>, Def) {
        if canceller.is_null() {
            let (resolver, made) = Deferred::<Out, _>::new();
            return (resolver, made.boxed());
        }
        let (world, canceller) = (self.world.clone(), canceller.clone());
        let (resolver, made) = Deferred::<Out, _>::with_canceller(move || {
            tell(&world, d, json!(["canceller"]));
            match text(&canceller[0]) {
                "nothing" => None,
                "callback" => Some(Ok(Val(canceller[1].clone()))),
                "errback" => Some(Err(failure(&canceller[1]))),
                // Without the panic hook, which would print it.
                _ => std::panic::resume_unwind(Box::new(canceller[1].to_string())),
            }
        });
        (resolver, made.boxed())
    }

    fn add(&mut self, op: &Value, d: usize) {
        let callback = |side: &'static str| {
            let (world, step, does) = (self.world.clone(), op["step"].clone(), op[side].clone());
            move |out: Out| run(&world, d, &step, side, &does, out)
        };
        let has = |side: &str| op.get(side).is_some();
        let (on_value, on_failure, on_both) =
            (callback("callback"), callback("errback"), callback("both"));
        let (value, failure) = (has("callback"), has("errback"));
        self.change(d, move |deferred| {
            let on_value = move |value| on_value(Ok(value));
            let on_failure = move |failure| on_failure(Err(failure));
            match (value, failure) {
                (true, true) => deferred.add_callbacks(on_value, on_failure).boxed(),
                (true, false) => deferred.add_callback(on_value).boxed(),
                (false, true) => deferred.add_errback(on_failure).boxed(),
                (false, false) => deferred.add_both(on_both).boxed(),
            }
        });
    }

    fn timeout(&mut self, op: &Value, d: usize) {
        let order = Duration::from_millis(self.ends.len() as u64);
        let limit = Duration::from_secs(index(&op["after"]) as u64) - EARLY + order;
        let end = Instant::now() + limit;
        self.ends.push(end);
        let (world, step, does) = (
            self.world.clone(),
            op["step"].clone(),
            op["instead"].clone(),
        );
        self.change(d, move |deferred| {
            let limited = deferred.timeout(limit);
            if does.is_null() {
                return limited.boxed();
            }
            // Twisted's function is asked whatever comes out after the end of the time.
            let instead = move |out: Out| {
                if Instant::now() < end {
                    return known(out);
                }
                run(&world, d, &step, "timeout", &does, before_limit(out, limit))
            };
            limited.add_both(instead).boxed()
        });
    }

    fn fire(&mut self, d: usize, out: Out) {
        let resolver = self.held[d].resolver.take().expect("it is fired once");
        if let Err(back) = resolver.resolve(out) {
            tell(&self.world, d, json!(["back", written(&write(&back))]));
        }
    }

    async fn cancel(&mut self, d: usize) {
        if self.is_done(d) {
            return;
        }
        let mut canceller = None;
        self.change(d, |deferred| {
            let (deferred, cancels) = deferred.cancellable();
            canceller = Some(cancels);
            deferred.boxed()
        });
        // What has not been polled is not cancelled where it waits.
        self.round().await;
        canceller.expect("it was made").cancel();
    }

    fn is_moved(&self, d: usize) -> bool {
        with(&self.world, |world| matches!(world.slots[d], Slot::Moved))
    }

    fn is_done(&self, d: usize) -> bool {
        with(&self.world, |world| matches!(world.slots[d], Slot::Done(_)))
    }

    async fn pause(&mut self, d: usize) {
        if let Some((pauser, pauses)) = &mut self.held[d].pauser {
            *pauses += 1;
            return pauser.pause();
        }
        let slot = with(&self.world, |world| {
            std::mem::replace(&mut world.slots[d], Slot::Moved)
        });
        let mut later = None;
        let (deferred, pauser) = match slot {
            Slot::Live(deferred) => {
                let (deferred, pauser) = deferred.pausable();
                (deferred.boxed(), pauser)
            }
            // One that has fired, and has not passed its outcome on.
            Slot::Done(out) => {
                let (resolver, made) = Deferred::<Out, _>::new();
                later = Some((resolver, out));
                let (deferred, pauser) = made.pausable();
                (deferred.start().boxed(), pauser)
            }
            Slot::Moved => panic!("{d} is used up: not a linear program"),
        };
        with(&self.world, |world| world.slots[d] = Slot::Live(deferred));
        self.round().await;
        pauser.pause();
        if let Some((resolver, out)) = later {
            assert!(resolver.resolve(out).is_ok(), "it is waited for");
        }
        self.held[d].pauser = Some((pauser, 1));
    }

    fn unpause(&mut self, d: usize) {
        let (pauser, pauses) = self.held[d].pauser.as_mut().expect("it is paused");
        pauser.unpause().expect("it is paused");
        *pauses -= 1;
        if *pauses == 0 {
            self.held[d].pauser = None;
        }
    }

    async fn advance(&mut self, by: usize) {
        let target = Instant::now() + Duration::from_secs(by as u64);
        let mut ends: Vec<_> = self.ends.clone();
        ends.retain(|end| (Instant::now()..target).contains(end));
        ends.sort();
        for end in ends {
            advance(end - Instant::now()).await;
            self.settle().await;
        }
        advance(target - Instant::now()).await;
    }

    /// Poll everything that the program holds.
    async fn round(&mut self) {
        poll_fn(|cx| {
            let slots = with(&self.world, |world| world.slots.len());
            for d in 0..slots {
                let Some(mut deferred) = with(&self.world, |world| world.live(d)) else {
                    continue;
                };
                let slot = match Pin::new(&mut deferred).poll(cx) {
                    Poll::Ready(out) => {
                        with(&self.world, |world| world.moves += 1);
                        Slot::Done(out)
                    }
                    Poll::Pending => Slot::Live(deferred),
                };
                with(&self.world, |world| world.slots[d] = slot);
            }
            Poll::Ready(())
        })
        .await;
        yield_now().await;
    }

    /// Until nothing moves. What passes through deferreds without a callback moves unseen, one
    /// deferred in a round.
    async fn settle(&mut self) {
        let mut quiet = 0;
        let mut moves = 0;
        while quiet < 4 + 2 * self.held.len() {
            self.round().await;
            let now = with(&self.world, |world| world.moves);
            quiet = if now == moves { quiet + 1 } else { 0 };
            moves = now;
        }
    }

    fn end(self) -> Told {
        let mut world = std::mem::take(&mut *self.world.lock().expect("nothing panicked"));
        let slots = std::mem::take(&mut world.slots);
        for (d, slot) in slots.into_iter().enumerate() {
            let state = match slot {
                Slot::Done(out) => written(&write(&out)),
                Slot::Live(_) if world.fired[d] => json!("held"),
                Slot::Live(_) => json!("pending"),
                Slot::Moved => json!("used"),
            };
            world.told.end(d, state);
        }
        world.told
    }
}
