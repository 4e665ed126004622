//! Random nested expressions, evaluated by the library and by a plain evaluator.
//!
//! The evaluator knows no deferreds. It works out, for each call, at what time it is done
//! and whether it runs at all: time is a number that leaves wait for. Within one time
//! arguments are polled left to right and a body runs behind its arguments, so `(time,
//! number of the node, counted behind its parts)` orders everything that happens.

use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use defer::Wrapped;
use defer::prelude::*;
use proptest::prelude::*;

type Number = usize;

#[derive(Clone, Debug, PartialEq)]
struct Oops(Number);

type Outcome = Result<i64, Oops>;

/// What the expressions are made of.
#[derive(Clone, Debug)]
enum Expr {
    /// A plain value.
    Plain(i64),
    /// A leaf that waits for a time and succeeds or fails.
    Leaf(u8, bool),
    /// Calls of one, two and three arguments.
    One(Box<Expr>),
    Two(Box<Expr>, Box<Expr>),
    Three(Box<Expr>, Box<Expr>, Box<Expr>),
    /// A call whose body may fail.
    Check(Box<Expr>, bool),
    /// An asynchronous body that waits, then may fail.
    Wait(Box<Expr>, u8, bool),
    /// A body that returns a deferred, which waits and may fail.
    Give(Box<Expr>, u8, bool),
    /// A terminal errback, with another argument.
    Rescue(Box<Expr>, Box<Expr>),
    /// A terminal errback after which nothing can fail, inside of a call.
    Safe(Box<Expr>, Box<Expr>),
    /// An errback that may fail again.
    Again(Box<Expr>, bool),
    /// An errback over two outcomes.
    Look(Box<Expr>, Box<Expr>),
    /// One after the other, in a body with `.await`.
    Inline(Box<Expr>, Box<Expr>),
    /// A tuple and an `Option` as arguments.
    Shaped(Box<Expr>, Box<Expr>, Option<Box<Expr>>),
    /// A pair of the fluent form.
    Pair(Box<Expr>, bool),
    /// A list of values, and one of outcomes.
    Gather(Vec<Expr>),
    Outcomes(Vec<Expr>),
}

mod clock {
    //! Time that moves when it is told to.

    use super::*;

    #[derive(Default)]
    pub(crate) struct State {
        pub(crate) now: u64,
        pub(crate) waiting: Vec<(u64, Waker)>,
        pub(crate) bodies: Vec<Number>,
    }

    /// The time, and the bodies that ran, in order.
    #[derive(Clone, Default)]
    pub(crate) struct World(pub(crate) Arc<Mutex<State>>);

    impl World {
        pub(crate) fn ran(&self, number: Number) {
            self.0.lock().unwrap().bodies.push(number);
        }
    }

    /// Waits for a time.
    pub(crate) struct Until<T>(pub(crate) World, pub(crate) u64, pub(crate) Option<T>);

    impl<T> Unpin for Until<T> {}

    impl<T> Future for Until<T> {
        type Output = T;
        fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
            {
                let mut world = self.0.0.lock().unwrap();
                if world.now < self.1 {
                    world.waiting.push((self.1, cx.waker().clone()));
                    return Poll::Pending;
                }
            }
            Poll::Ready(self.2.take().expect("a leaf is polled until it is done"))
        }
    }

    #[derive(Default)]
    struct Woken(AtomicBool);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, SeqCst);
        }
    }

    /// Run, and move the time when everything waits. Gives the time at the end as well.
    pub(crate) fn run(world: &World, deferred: Deferred<Outcome>) -> (Outcome, u64) {
        let mut deferred = pin!(deferred);
        let woken = Arc::new(Woken::default());
        let waker = woken.clone().into();
        loop {
            if let Poll::Ready(outcome) = deferred.as_mut().poll(&mut Context::from_waker(&waker)) {
                return (outcome, world.0.lock().unwrap().now);
            }
            while !woken.0.swap(false, SeqCst) {
                let mut state = world.0.lock().unwrap();
                let next = state.waiting.iter().map(|(at, _)| *at).min();
                state.now = next.expect("something waits, and for a time");
                let due;
                (due, state.waiting) = std::mem::take(&mut state.waiting)
                    .into_iter()
                    .partition(|(at, _)| *at <= state.now);
                drop(state);
                for (_, waker) in due {
                    Waker::wake(waker);
                }
            }
        }
    }
}

use clock::{Until, World};

/// Times differ from leaf to leaf, so that no two become ready together but at zero.
fn time(delay: u8, number: Number) -> u64 {
    if delay == 0 {
        0
    } else {
        u64::from(delay) * 10_000 + number as u64
    }
}

mod annotated {
    //! The functions of which the expressions are calls. Each tells that its body ran.

    use super::*;

    #[callback]
    pub(crate) fn one(a: i64, n: Number, world: &World) -> i64 {
        world.ran(n);
        a.wrapping_mul(3).wrapping_add(1)
    }

    #[callback]
    pub(crate) fn two(a: i64, b: i64, n: Number, #[value] world: World) -> i64 {
        world.ran(n);
        a.wrapping_mul(5).wrapping_sub(b)
    }

    #[callback]
    pub(crate) fn three(a: i64, b: i64, c: i64, n: Number, #[value] world: World) -> i64 {
        world.ran(n);
        a.wrapping_mul(7)
            .wrapping_sub(b.wrapping_mul(2))
            .wrapping_add(c)
    }

    #[callback]
    pub(crate) fn check(
        a: i64,
        fails: bool,
        n: Number,
        #[value] world: World,
    ) -> Result<i64, Oops> {
        world.ran(n);
        if fails {
            Err(Oops(n))
        } else {
            Ok(a.wrapping_add(2))
        }
    }

    #[callback]
    pub(crate) async fn wait(
        a: i64,
        #[value] at: u64,
        fails: bool,
        n: Number,
        #[value] world: World,
    ) -> Result<i64, Oops> {
        world.ran(n);
        Until(world, at, Some(())).await;
        if fails {
            Err(Oops(n))
        } else {
            Ok(a.wrapping_add(4))
        }
    }

    #[callback]
    #[allow(
        clippy::type_complexity,
        reason = "no alias: the attribute looks for `Deferred<..>`"
    )]
    pub(crate) fn give(
        a: i64,
        #[value] at: u64,
        fails: bool,
        n: Number,
        #[value] world: World,
    ) -> Deferred<Result<i64, Oops>, Wrapped<Until<Result<i64, Oops>>>> {
        world.ran(n);
        let outcome = if fails {
            Err(Oops(n))
        } else {
            Ok(a.wrapping_add(8))
        };
        defer(Until(world, at, Some(outcome)))
    }

    #[errback]
    pub(crate) fn rescue(failure: Oops, other: i64, n: Number, #[value] world: World) -> i64 {
        world.ran(n);
        other.wrapping_add(failure.0 as i64)
    }

    #[errback]
    pub(crate) fn again(
        failure: Oops,
        fails: bool,
        n: Number,
        #[value] world: World,
    ) -> Result<i64, Oops> {
        world.ran(n);
        if fails {
            Err(Oops(n))
        } else {
            Ok(failure.0 as i64)
        }
    }

    #[errback]
    pub(crate) fn look(
        a: Result<i64, Oops>,
        b: Result<i64, Oops>,
        n: Number,
        #[value] world: World,
    ) -> Result<i64, Oops> {
        world.ran(n);
        looked(a, b)
    }

    pub(crate) fn looked(a: Outcome, b: Outcome) -> Outcome {
        match (a, b) {
            (Err(a), Err(_)) => Err(a),
            (a, b) => Ok(a.unwrap_or(100).wrapping_add(b.unwrap_or(200))),
        }
    }

    #[inline_callbacks]
    pub(crate) fn inline(
        #[value] a: Deferred<Result<i64, Oops>>,
        #[value] b: Deferred<Result<i64, Oops>>,
        n: Number,
        #[value] world: World,
    ) -> Result<i64, Oops> {
        let a = a.await?;
        let b = b.await?;
        world.ran(n);
        Ok(a.wrapping_mul(11).wrapping_add(b))
    }

    #[callback]
    pub(crate) fn shaped(
        pair: (i64, i64),
        maybe: Option<i64>,
        n: Number,
        #[value] world: World,
    ) -> i64 {
        world.ran(n);
        pair.0
            .wrapping_sub(pair.1)
            .wrapping_sub(maybe.unwrap_or(1000))
    }

    #[callback]
    pub(crate) fn gather(list: Vec<i64>, n: Number, #[value] world: World) -> i64 {
        world.ran(n);
        list.into_iter()
            .fold(17, |all, value| all.wrapping_mul(31).wrapping_add(value))
    }

    #[callback]
    pub(crate) fn outcomes(list: Vec<Result<i64, Oops>>, n: Number, #[value] world: World) -> i64 {
        world.ran(n);
        summed(list)
    }

    pub(crate) fn summed(list: Vec<Outcome>) -> i64 {
        list.into_iter().fold(19, |all, outcome| {
            let value = outcome.unwrap_or_else(|error| -(error.0 as i64));
            all.wrapping_mul(31).wrapping_add(value)
        })
    }
}

/// Build the deferred of an expression. Nodes are numbered behind their parts.
fn build(expr: &Expr, next: &mut Number, world: &World) -> Deferred<Outcome> {
    use annotated::*;
    let w = || world.clone();
    let mut number = || {
        *next += 1;
        *next
    };
    macro_rules! part {
        ($expr:expr) => {
            build($expr, next, world)
        };
    }
    match expr {
        Expr::Plain(value) => {
            number();
            succeed(Ok(*value)).boxed()
        }
        Expr::Leaf(delay, fails) => {
            let n = number();
            let outcome = if *fails { Err(Oops(n)) } else { Ok(n as i64) };
            defer(Until(w(), time(*delay, n), Some(outcome))).boxed()
        }
        Expr::One(a) => {
            // A plain value is passed as one, so that a part cannot fail.
            if let Expr::Plain(a) = **a {
                number();
                let (n, world) = (number(), w());
                defer(async move { Ok(one(a, n, &world).await) }).boxed()
            } else {
                let a = part!(a);
                let (n, world) = (number_of(next), w());
                defer(async move { one(a, n, &world).await }).boxed()
            }
        }
        Expr::Two(a, b) => match (&**a, &**b) {
            // Without a box between the calls, where one of them is a call of two.
            (Expr::Two(c, d), b) => {
                let (c, d) = (part!(c), part!(d));
                let n = number_of(next);
                let b = part!(b);
                two(two(c, d, n, w()), b, number_of(next), w()).boxed()
            }
            (a, Expr::Plain(b)) => {
                let a = part!(a);
                number_of(next);
                two(a, *b, number_of(next), w()).boxed()
            }
            (a, b) => {
                let (a, b) = (part!(a), part!(b));
                two(a, b, number_of(next), w()).boxed()
            }
        },
        Expr::Three(a, b, c) => {
            let (a, b, c) = (part!(a), part!(b), part!(c));
            three(a, b, c, number_of(next), w()).boxed()
        }
        Expr::Check(a, fails) => {
            let a = part!(a);
            check(a, *fails, number_of(next), w()).boxed()
        }
        Expr::Wait(a, delay, fails) => {
            let a = part!(a);
            let n = number_of(next);
            wait(a, time(*delay, n), *fails, n, w()).boxed()
        }
        Expr::Give(a, delay, fails) => {
            let a = part!(a);
            let n = number_of(next);
            give(a, time(*delay, n), *fails, n, w()).boxed()
        }
        Expr::Rescue(a, b) => {
            let (a, b) = (part!(a), part!(b));
            rescue(a, b, number_of(next), w()).boxed()
        }
        Expr::Safe(a, b) => {
            let a = part!(a);
            let n = number_of(next);
            let b = part!(b);
            two(rescue(a, 7, n, w()), b, number_of(next), w()).boxed()
        }
        Expr::Again(a, fails) => {
            let a = part!(a);
            again(a, *fails, number_of(next), w()).boxed()
        }
        Expr::Look(a, b) => {
            let (a, b) = (part!(a), part!(b));
            look(a, b, number_of(next), w()).boxed()
        }
        Expr::Inline(a, b) => {
            let (a, b) = (part!(a), part!(b));
            inline(a, b, number_of(next), w()).boxed()
        }
        Expr::Shaped(a, b, c) => {
            let (a, b) = (part!(a), part!(b));
            let c = c.as_ref().map(|c| part!(c));
            shaped((a, b), c, number_of(next), w()).boxed()
        }
        Expr::Pair(a, fails) => {
            let a = part!(a);
            let (n, fails) = (number_of(next), *fails);
            let (good, bad) = (w(), w());
            let callback = move |value: i64| {
                good.ran(n);
                if fails {
                    Err(Oops(n))
                } else {
                    Ok(value.wrapping_add(16))
                }
            };
            let errback = move |error: Oops| {
                bad.ran(n);
                error.0 as i64
            };
            a.add_callbacks(callback, errback).boxed()
        }
        Expr::Gather(list) => {
            let list: Vec<_> = list.iter().map(|member| part!(member)).collect();
            gather(list, number_of(next), w()).boxed()
        }
        Expr::Outcomes(list) => {
            let list: Vec<_> = list.iter().map(|member| part!(member)).collect();
            let n = number_of(next);
            outcomes(list, n, w()).add_callback(Ok::<i64, Oops>).boxed()
        }
    }
}

fn number_of(next: &mut Number) -> Number {
    *next += 1;
    *next
}

/// When something happens: the time, then the number of the node.
type When = (u64, Number);

/// How a part ends, and the bodies that run for it.
struct Done {
    when: When,
    outcome: Outcome,
    bodies: Vec<When>,
}

/// Parts that run at once, from the same time on: their values, or the first failure.
fn at_once(parts: Vec<Done>) -> Result<(u64, Vec<i64>, Vec<When>), Done> {
    let first = parts
        .iter()
        .filter(|part| part.outcome.is_err())
        .map(|part| part.when)
        .min();
    let mut bodies: Vec<When> = parts.iter().flat_map(|part| part.bodies.clone()).collect();
    if let Some(when) = first {
        // What would have happened behind it, in this poll or later, does not.
        bodies.retain(|body| *body <= when);
        let outcome = parts
            .into_iter()
            .find(|part| part.when == when && part.outcome.is_err());
        let outcome = outcome.expect("it is one of them").outcome;
        return Err(Done {
            when,
            outcome,
            bodies,
        });
    }
    let time = parts.iter().map(|part| part.when.0).max().unwrap_or(0);
    Ok((
        time,
        parts
            .into_iter()
            .filter_map(|part| part.outcome.ok())
            .collect(),
        bodies,
    ))
}

/// Evaluate an expression that is polled for the first time at `start`.
fn eval(expr: &Expr, next: &mut Number, start: u64) -> Done {
    macro_rules! part {
        ($expr:expr) => {
            eval($expr, next, start)
        };
    }
    /// A call whose body runs behind its arguments.
    fn call(
        parts: Vec<Done>,
        n: Number,
        start: u64,
        body: impl FnOnce(Vec<i64>) -> (u64, Outcome),
    ) -> Done {
        match at_once(parts) {
            Err(failed) => failed,
            Ok((time, values, mut bodies)) => {
                let time = time.max(start);
                bodies.push((time, n));
                let (until, outcome) = body(values);
                Done {
                    when: (time.max(until), n),
                    outcome,
                    bodies,
                }
            }
        }
    }
    match expr {
        Expr::Plain(value) => Done {
            when: (start, number_of(next)),
            outcome: Ok(*value),
            bodies: vec![],
        },
        Expr::Leaf(delay, fails) => {
            let n = number_of(next);
            let outcome = if *fails { Err(Oops(n)) } else { Ok(n as i64) };
            Done {
                when: (start.max(time(*delay, n)), n),
                outcome,
                bodies: vec![],
            }
        }
        Expr::One(a) => {
            let parts = vec![part!(a)];
            call(parts, number_of(next), start, |v| {
                (0, Ok(v[0].wrapping_mul(3).wrapping_add(1)))
            })
        }
        Expr::Two(a, b) => {
            let parts = vec![part!(a), part!(b)];
            call(parts, number_of(next), start, |v| {
                (0, Ok(v[0].wrapping_mul(5).wrapping_sub(v[1])))
            })
        }
        Expr::Three(a, b, c) => {
            let parts = vec![part!(a), part!(b), part!(c)];
            call(parts, number_of(next), start, |v| {
                (
                    0,
                    Ok(v[0]
                        .wrapping_mul(7)
                        .wrapping_sub(v[1].wrapping_mul(2))
                        .wrapping_add(v[2])),
                )
            })
        }
        Expr::Check(a, fails) => {
            let parts = vec![part!(a)];
            let n = number_of(next);
            let outcome = |v: i64| {
                if *fails {
                    Err(Oops(n))
                } else {
                    Ok(v.wrapping_add(2))
                }
            };
            call(parts, n, start, |v| (0, outcome(v[0])))
        }
        Expr::Wait(a, delay, fails) => {
            let parts = vec![part!(a)];
            let n = number_of(next);
            let outcome = |v: i64| {
                if *fails {
                    Err(Oops(n))
                } else {
                    Ok(v.wrapping_add(4))
                }
            };
            call(parts, n, start, |v| (time(*delay, n), outcome(v[0])))
        }
        Expr::Give(a, delay, fails) => {
            let parts = vec![part!(a)];
            let n = number_of(next);
            let outcome = |v: i64| {
                if *fails {
                    Err(Oops(n))
                } else {
                    Ok(v.wrapping_add(8))
                }
            };
            call(parts, n, start, |v| (time(*delay, n), outcome(v[0])))
        }
        Expr::Rescue(a, b) => {
            let first = part!(a);
            // The other argument waits for the failure; its numbers are counted anyway.
            let other = eval(b, next, first.when.0);
            rescued(first, Some(other), number_of(next))
        }
        Expr::Safe(a, b) => {
            let first = part!(a);
            let first = rescued(first, None, number_of(next));
            let parts = vec![first, part!(b)];
            call(parts, number_of(next), start, |v| {
                (0, Ok(v[0].wrapping_mul(5).wrapping_sub(v[1])))
            })
        }
        Expr::Again(a, fails) => {
            let first = part!(a);
            let n = number_of(next);
            match first.outcome {
                Ok(_) => first,
                Err(error) => {
                    let mut bodies = first.bodies;
                    let when = (first.when.0, n);
                    bodies.push(when);
                    let outcome = if *fails {
                        Err(Oops(n))
                    } else {
                        Ok(error.0 as i64)
                    };
                    Done {
                        when,
                        outcome,
                        bodies,
                    }
                }
            }
        }
        Expr::Look(a, b) => {
            let (a, b) = (part!(a), part!(b));
            let n = number_of(next);
            let when = (a.when.0.max(b.when.0), n);
            let mut bodies = [a.bodies, b.bodies].concat();
            let outcome = match (a.outcome, b.outcome) {
                (Ok(value), Ok(_)) => Ok(value),
                (a, b) => {
                    bodies.push(when);
                    annotated::looked(a, b)
                }
            };
            Done {
                when,
                outcome,
                bodies,
            }
        }
        Expr::Inline(a, b) => {
            let a = part!(a);
            let b = eval(b, next, a.when.0);
            let n = number_of(next);
            let Ok(first) = a.outcome else { return a };
            let bodies = [a.bodies, b.bodies].concat();
            let Ok(second) = b.outcome else {
                return Done { bodies, ..b };
            };
            let when = (b.when.0, n);
            let outcome = Ok(first.wrapping_mul(11).wrapping_add(second));
            Done {
                when,
                outcome,
                bodies: [bodies, vec![when]].concat(),
            }
        }
        Expr::Shaped(a, b, c) => {
            let mut parts = vec![part!(a), part!(b)];
            parts.extend(c.as_ref().map(|c| part!(c)));
            call(parts, number_of(next), start, |v| {
                let maybe = v.get(2).copied().unwrap_or(1000);
                (0, Ok(v[0].wrapping_sub(v[1]).wrapping_sub(maybe)))
            })
        }
        Expr::Pair(a, fails) => {
            let first = part!(a);
            let n = number_of(next);
            let when = (first.when.0, n);
            let outcome = match first.outcome {
                Ok(_) if *fails => Err(Oops(n)),
                Ok(value) => Ok(value.wrapping_add(16)),
                Err(error) => Ok(error.0 as i64),
            };
            Done {
                when,
                outcome,
                bodies: [first.bodies, vec![when]].concat(),
            }
        }
        Expr::Gather(list) => {
            let parts = list.iter().map(|member| part!(member)).collect();
            call(parts, number_of(next), start, |v| {
                (
                    0,
                    Ok(v.into_iter()
                        .fold(17, |all, v| all.wrapping_mul(31).wrapping_add(v))),
                )
            })
        }
        Expr::Outcomes(list) => {
            let parts: Vec<Done> = list.iter().map(|member| part!(member)).collect();
            let n = number_of(next);
            let time = parts.iter().map(|part| part.when.0).max().unwrap_or(start);
            let mut bodies: Vec<When> = parts.iter().flat_map(|p| p.bodies.clone()).collect();
            bodies.push((time, n));
            let list = parts.into_iter().map(|part| part.outcome).collect();
            Done {
                when: (time, n),
                outcome: Ok(annotated::summed(list)),
                bodies,
            }
        }
    }
}

/// A terminal errback: `other` waits from the failure on, `None` is a plain 7.
fn rescued(first: Done, other: Option<Done>, n: Number) -> Done {
    let Err(error) = first.outcome else {
        return first;
    };
    let mut bodies = first.bodies;
    let (time, other) = match other {
        None => (first.when.0, 7),
        Some(other) => {
            bodies.extend(other.bodies);
            match other.outcome {
                Ok(value) => (other.when.0, value),
                Err(_) => {
                    return Done {
                        bodies,
                        ..Done {
                            bodies: vec![],
                            ..other
                        }
                    };
                }
            }
        }
    };
    bodies.push((time, n));
    Done {
        when: (time, n),
        outcome: Ok(other.wrapping_add(error.0 as i64)),
        bodies,
    }
}

fn leaf() -> impl Strategy<Value = Expr> {
    prop_oneof![
        1 => any::<i8>().prop_map(|value| Expr::Plain(value.into())),
        4 => (0u8..5, prop::bool::weighted(0.25)).prop_map(|(delay, fails)| Expr::Leaf(delay, fails)),
    ]
}

/// Calls of `part`s, without lists.
fn calls(part: BoxedStrategy<Expr>) -> BoxedStrategy<Expr> {
    let part = part.prop_map(Box::new).boxed();
    let p = || part.clone();
    let fails = || prop::bool::weighted(0.3);
    prop_oneof![
        p().prop_map(Expr::One),
        (p(), p()).prop_map(|(a, b)| Expr::Two(a, b)),
        (p(), p(), p()).prop_map(|(a, b, c)| Expr::Three(a, b, c)),
        (p(), fails()).prop_map(|(a, fails)| Expr::Check(a, fails)),
        (p(), 0u8..5, fails()).prop_map(|(a, at, fails)| Expr::Wait(a, at, fails)),
        (p(), 0u8..5, fails()).prop_map(|(a, at, fails)| Expr::Give(a, at, fails)),
        (p(), p()).prop_map(|(a, b)| Expr::Rescue(a, b)),
        (p(), p()).prop_map(|(a, b)| Expr::Safe(a, b)),
        (p(), fails()).prop_map(|(a, fails)| Expr::Again(a, fails)),
        (p(), p()).prop_map(|(a, b)| Expr::Look(a, b)),
        (p(), p()).prop_map(|(a, b)| Expr::Inline(a, b)),
        (p(), p(), prop::option::of(p())).prop_map(|(a, b, c)| Expr::Shaped(a, b, c)),
        (p(), fails()).prop_map(|(a, fails)| Expr::Pair(a, fails)),
    ]
    .boxed()
}

/// Expressions in which lists stand outside of calls, and calls outside of lists. A list
/// in a list may take its turn later within one time, which the evaluator does not know.
fn expressions() -> impl Strategy<Value = Expr> {
    let inner = leaf()
        .prop_recursive(4, 24, 3, |part| calls(part.boxed()))
        .boxed();
    let lists = prop_oneof![
        prop::collection::vec(inner.clone(), 0..6).prop_map(Expr::Gather),
        prop::collection::vec(inner.clone(), 0..6).prop_map(Expr::Outcomes),
    ];
    prop_oneof![1 => lists, 2 => inner].prop_recursive(3, 16, 3, |part| calls(part.boxed()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_library_does_what_the_evaluator_says(expr in expressions()) {
        let world = World::default();
        let deferred = build(&expr, &mut 0, &world);
        prop_assert!(world.0.lock().unwrap().bodies.is_empty(), "nothing runs before it is polled");
        let (outcome, time) = clock::run(&world, deferred);

        let mut expected = eval(&expr, &mut 0, 0);
        prop_assert_eq!(&outcome, &expected.outcome);
        prop_assert_eq!(time, expected.when.0, "it is done when its last part is, or fails");

        let bodies = world.0.lock().unwrap().bodies.clone();
        expected.bodies.sort_unstable();
        let numbers: Vec<Number> = expected.bodies.iter().map(|(_, number)| *number).collect();
        prop_assert_eq!(&bodies, &numbers, "the same bodies ran, in the same order");
        let mut once = bodies.clone();
        once.sort_unstable();
        once.dedup();
        prop_assert_eq!(once.len(), bodies.len(), "each of them at most once");
        prop_assert_eq!(Arc::strong_count(&world.0), 1, "nothing is left behind");
    }

    #[test]
    fn dropped_anywhere_it_leaves_nothing_and_runs_nothing_more(
        expr in expressions(),
        until in 0u64..50_000,
    ) {
        let world = World::default();
        let mut deferred = Box::pin(build(&expr, &mut 0, &world));
        world.0.lock().unwrap().now = until;
        let polled = deferred.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let before = world.0.lock().unwrap().bodies.len();
        drop(deferred);
        drop(polled);
        world.0.lock().unwrap().waiting.clear();
        prop_assert_eq!(world.0.lock().unwrap().bodies.len(), before, "no errback runs");
        prop_assert_eq!(Arc::strong_count(&world.0), 1);
    }
}
