//! `#[callback]`: when the body runs, how often, and what it sees.

mod support;

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Poll;

use defer::Chain;
use defer::prelude::*;
use futures::executor::block_on;
use support::{Log, leaf, never, poll_once, poll_to_end, told};

#[derive(Debug, PartialEq)]
struct Oops(&'static str);

#[callback]
fn join(a: String, b: String, log: &Log) -> String {
    log.add(format!("join {a} {b}"));
    format!("{a}{b}")
}

fn text(text: &str) -> String {
    text.to_string()
}

#[test]
fn the_body_runs_once_after_all_of_its_arguments() {
    let log = Log::default();
    let call = join(
        told("a", &log, 1, text("a")),
        told("b", &log, 2, text("b")),
        &log,
    );
    assert_eq!(log.all(), [""; 0], "nothing runs before it is polled");
    let (joined, polls) = poll_to_end(call);
    assert_eq!((joined.as_str(), polls), ("ab", 3));
    assert_eq!(
        log.without_drops(),
        ["poll a", "poll b", "poll a", "poll b", "poll b", "join a b"],
        "an argument is not polled after it is there"
    );
    // When within that poll an argument goes is nobody's business.
    let all = log.all();
    let at = |what: &str| all.iter().rposition(|said| said == what);
    assert!(
        at("drop a") < at("poll b"),
        "it goes in the poll in which it is there"
    );
    assert!(at("drop b") < at("join a b"), "and before the body runs");
}

#[test]
fn the_body_is_skipped_when_an_argument_fails() {
    let log = Log::default();
    let failed = block_on(join(fail(Oops("a")), text("b"), &log));
    assert_eq!(failed, Err(Oops("a")));
    let failed = block_on(join(text("a"), fail(Oops("b")), &log));
    assert_eq!(failed, Err(Oops("b")));
    assert_eq!(log.all(), [""; 0]);
}

#[test]
fn calls_around_a_failure_are_skipped_too() {
    let log = Log::default();
    let failed = block_on(join(
        join(join(fail(Oops("deep")), text("b"), &log), text("c"), &log),
        join(text("d"), text("e"), &log),
        &log,
    ));
    assert_eq!(failed, Err(Oops("deep")));
    assert_eq!(log.all(), [""; 0], "what stands to the right had no turn");
}

#[test]
fn the_first_failure_by_time_wins() {
    let log = Log::default();
    let late = told("late", &log, 3, Err::<String, _>(Oops("late")));
    let soon = told("soon", &log, 1, Err::<String, _>(Oops("soon")));
    let (failed, polls) = poll_to_end(join(late, soon, &log));
    assert_eq!((failed, polls), (Err(Oops("soon")), 2));
}

#[test]
fn of_failures_in_one_poll_the_leftmost_wins() {
    let log = Log::default();
    let failed = block_on(join(fail(Oops("left")), fail(Oops("right")), &log));
    assert_eq!(failed, Err(Oops("left")));
}

#[test]
fn a_failure_of_the_body_is_the_outcome() {
    #[callback]
    fn check(a: String) -> Result<String, Oops> {
        if a.is_empty() {
            Err(Oops("empty"))
        } else {
            Ok(a)
        }
    }
    assert_eq!(block_on(check(text(""))), Err(Oops("empty")));
    assert_eq!(block_on(check(check(text("a")))), Ok(text("a")));
    assert_eq!(block_on(check(check(text("")))), Err(Oops("empty")));
}

#[test]
fn a_returned_deferred_is_waited_for() {
    #[callback]
    fn outer(
        a: String,
        #[value] inner: support::Watched<String>,
    ) -> Deferred<String, defer::Wrapped<support::Leaf<String>>> {
        assert_eq!(a, "a");
        inner
    }
    let (inner, seen) = leaf(2, text("inner"));
    let mut call = Box::pin(outer(leaf(1, text("a")).0, inner));
    assert!(poll_once(call.as_mut()).is_pending());
    assert_eq!(
        seen.polls(),
        0,
        "nothing was asked of it before the arguments were there"
    );
    assert!(poll_once(call.as_mut()).is_pending());
    assert_eq!(seen.polls(), 1);
    assert!(poll_once(call.as_mut()).is_pending());
    assert_eq!(poll_once(call.as_mut()), Poll::Ready(text("inner")));
    drop(call);
    assert!(seen.dropped());
}

#[test]
fn deferreds_are_waited_for_all_the_way_down() {
    #[callback]
    fn first(a: u8) -> Deferred<u8> {
        second(a + 1).boxed()
    }
    #[callback]
    fn second(a: u8) -> Deferred<u8> {
        third(succeed(a + 1)).boxed()
    }
    #[callback]
    async fn third(a: u8) -> u8 {
        succeed(a + 1).await
    }
    assert_eq!(block_on(first(0)), 3);
}

#[test]
fn an_async_body_starts_after_its_arguments() {
    #[callback]
    async fn body(a: String, log: &Log) -> String {
        log.add("body");
        let b = told("inner", log, 1, text("b")).await;
        log.add("body goes on");
        a + &b
    }
    let log = Log::default();
    let (out, polls) = poll_to_end(body(told("a", &log, 1, text("a")), &log));
    assert_eq!((out.as_str(), polls), ("ab", 3));
    assert_eq!(
        log.all(),
        [
            "poll a",
            "poll a",
            "drop a",
            "body",
            "poll inner",
            "poll inner",
            "drop inner",
            "body goes on"
        ]
    );
}

#[test]
fn no_argument_is_a_call_that_waits_for_nothing() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    #[callback]
    fn three() -> u8 {
        RUNS.fetch_add(1, SeqCst);
        3
    }
    let waiting = three();
    assert_eq!(
        RUNS.load(SeqCst),
        0,
        "a call is lazy even without arguments"
    );
    assert_eq!(block_on(waiting), 3);
    drop(three());
    assert_eq!(RUNS.load(SeqCst), 1);
}

#[test]
fn parameters_are_patterns_as_in_any_function() {
    #[callback]
    fn sum((a, b): (u8, u8), mut list: Vec<u8>, [x, ..]: [u8; 3], _: u8) -> u8 {
        list.push(x);
        a + b + list.into_iter().sum::<u8>()
    }
    assert_eq!(block_on(sum((1, 2), vec![succeed(3)], [4, 0, 0], 9)), 10);

    #[callback]
    async fn sum_async((a, b): (u8, u8), mut list: Vec<u8>, _: u8) -> u8 {
        list.push(a);
        b + list.into_iter().sum::<u8>()
    }
    assert_eq!(
        block_on(sum_async((succeed(1), succeed(2)), vec![3], succeed(9))),
        6
    );
}

#[test]
fn generics_and_lifetimes() {
    #[callback]
    fn pick<'a, T, const N: usize>(from: &'a [T; N], at: usize) -> Option<&'a T>
    where
        T: Clone + 'a,
    {
        from.get(at)
    }
    let from = ["a", "b"];
    assert_eq!(block_on(pick(&from, succeed(1))), Some(&"b"));
    assert_eq!(block_on(pick(&from, 2)), None);

    #[callback]
    fn elided(text: &str, from: usize) -> &str {
        &text[from..]
    }
    let owned = String::from("abc");
    assert_eq!(block_on(elided(&owned, succeed(1))), "bc");
}

#[test]
fn twelve_arguments() {
    #[callback]
    #[allow(clippy::too_many_arguments, reason = "as many as can be")]
    fn digits(
        a: u8,
        b: u8,
        c: u8,
        d: u8,
        e: u8,
        f: u8,
        g: u8,
        h: u8,
        i: u8,
        j: u8,
        k: u8,
        l: u8,
    ) -> Vec<u8> {
        vec![a, b, c, d, e, f, g, h, i, j, k, l]
    }
    let log = Log::default();
    let at = |name, pending, value: u8| told(name, &log, pending, value);
    let call = digits(
        at("a", 0, 1),
        2,
        at("c", 2, 3),
        succeed(4),
        at("e", 1, 5),
        6,
        7,
        8,
        9,
        10,
        11,
        at("l", 0, 12),
    );
    let (all, polls) = poll_to_end(call);
    assert_eq!(
        all,
        (1..=12).collect::<Vec<_>>(),
        "each value goes to its own parameter"
    );
    assert_eq!(polls, 3);
}

#[test]
fn recursion_through_a_box() {
    #[callback(boxed)]
    fn countdown(n: u32) -> Deferred<u32> {
        if n == 0 {
            succeed(0).boxed()
        } else {
            countdown(n - 1).add_callback(|m| m + 1).boxed()
        }
    }
    assert_eq!(block_on(countdown(succeed(20))), 20);

    #[callback(boxed)]
    async fn countdown_async(n: u32) -> u32 {
        if n == 0 {
            0
        } else {
            countdown_async(n - 1).await + 1
        }
    }
    assert_eq!(block_on(countdown_async(20)), 20);

    #[callback(boxed_local)]
    fn local(n: std::rc::Rc<u32>) -> u32 {
        *n
    }
    assert_eq!(block_on(local(std::rc::Rc::new(3))), 3);
}

#[test]
fn an_unnamed_return_type() {
    #[callback]
    fn words(page: String) -> impl Iterator<Item = String> {
        page.split(' ')
            .map(String::from)
            .collect::<Vec<_>>()
            .into_iter()
    }
    assert_eq!(block_on(words(succeed(text("a b")))).count(), 2);
    assert_eq!(
        block_on(words(fail(Oops("x")))).map(Iterator::count),
        Err(Oops("x"))
    );
}

#[test]
fn written_by_a_macro() {
    macro_rules! adder {
        ($name:ident, $ty:ty, $by:expr) => {
            #[callback]
            fn $name(x: $ty, y: $ty) -> $ty {
                x + y + $by
            }
        };
    }
    adder!(add_bytes, u8, 3);
    assert_eq!(block_on(add_bytes(succeed(1), 2)), 6);
}

#[test]
fn parameters_that_configuration_removes() {
    #[callback]
    fn sum(a: u8, #[cfg(any())] b: NoSuchType, #[cfg(not(any()))] c: u8) -> u8 {
        a + c
    }
    assert_eq!(block_on(sum(1, succeed(2))), 3);
}

#[test]
fn parameters_named_like_what_the_attribute_writes() {
    #[callback]
    fn sum(value: u8, values: u8, body: u8, call: u8, site: u8, chain: u8, v0: u8) -> u8 {
        value + values + body + call + site + chain + v0
    }
    assert_eq!(block_on(sum(1, 1, succeed(1), 1, 1, 1, 1)), 7);

    #[callback]
    async fn later(value: u8, values: u8, arg0: u8, v0: u8, defer: u8) -> u8 {
        value + values + arg0 + v0 + defer
    }
    assert_eq!(block_on(later(1, 1, succeed(1), 1, 1)), 5);
}

#[test]
fn a_call_can_be_passed_on_as_an_opaque_deferred() {
    fn twice(a: u8) -> Deferred<u8, impl Chain<Output = u8>> {
        #[callback]
        fn add(a: u8, b: u8) -> u8 {
            a + b
        }
        add(a, succeed(a))
    }
    assert_eq!(block_on(twice(4)), 8);
}

#[test]
fn a_call_that_is_dropped_half_way_never_runs_its_body() {
    let log = Log::default();
    {
        let mut call = pin!(join(
            told("a", &log, 0, text("a")),
            never::<String>().0,
            &log
        ));
        assert!(poll_once(call.as_mut()).is_pending());
    }
    assert_eq!(log.all(), ["poll a", "drop a"]);
}

#[test]
fn tracing_sees_the_body() {
    use std::sync::{Arc, Mutex};
    use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

    struct Names(Arc<Mutex<Vec<String>>>);
    impl<S: tracing::Subscriber> Layer<S> for Names {
        fn on_new_span(
            &self,
            attrs: &tracing::span::Attributes<'_>,
            _: &tracing::span::Id,
            _: Context<'_, S>,
        ) {
            self.0
                .lock()
                .unwrap()
                .push(attrs.metadata().name().to_string());
        }
    }

    #[callback]
    #[tracing::instrument]
    fn above(a: u8) -> u8 {
        a
    }
    #[callback]
    #[tracing::instrument(skip(b))]
    async fn above_async(a: u8, b: &str) -> Result<u8, Oops> {
        let _ = b;
        Ok(a)
    }

    let names = Arc::new(Mutex::new(Vec::new()));
    let subscriber = tracing_subscriber::registry().with(Names(names.clone()));
    tracing::subscriber::with_default(subscriber, || {
        let waiting = above(above(1));
        assert!(
            names.lock().unwrap().is_empty(),
            "a span begins when the body runs"
        );
        assert_eq!(block_on(waiting), 1);
        assert_eq!(block_on(above_async(succeed(1), "b")), Ok(1));
    });
    assert_eq!(*names.lock().unwrap(), ["above", "above", "above_async"]);
}
