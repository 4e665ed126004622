//! What is told of attempts, without a clock.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use defer_core::attempts::{Attempt, GaveUp, History, Reason};
use defer_core::{Cancelled, Failure, Node, Passage, TimedOut};

const MS: Duration = Duration::from_millis(1);
const BY: Node = Node::Named("retry");

/// Of `count` attempts, each of which began a millisecond after the last one.
fn gave_up<E>(count: u32, error: impl Fn(u32) -> E) -> GaveUp<E> {
    let attempt = |n: u32| Attempt::new(n as usize, (n - 1) * MS, n * MS, error(n));
    let mut earlier = History::default();
    (1..count).for_each(|n| earlier.push(attempt(n)));
    assert_eq!(earlier.count(), count as usize - 1);
    GaveUp::new(earlier, attempt(count), Reason::Exhausted)
}

#[test]
fn one_attempt_is_the_first_and_the_last() {
    let one = gave_up(1, |n| n);
    assert_eq!((one.first(), one.last(), one.count()), (&1, &1, 1));
    assert_eq!(one.to_string(), "gave up after 1 attempt in 1ms: 1");
    assert_eq!((one.clone().into_first(), one.into_last()), (1, 1));
}

#[test]
fn as_many_as_are_kept_are_all_there_and_one_more_is_left_out() {
    let kept = gave_up(32, |n| n);
    assert_eq!((kept.attempts().count(), kept.left_out()), (32, 0));
    assert!(!format!("{kept:#}").contains('…'));
    let more = gave_up(33, |n| n);
    let numbers: Vec<_> = more.attempts().map(Attempt::number).collect();
    let expected: Vec<_> = (1..=16).chain(18..=33).collect();
    assert_eq!((numbers, more.left_out()), (expected, 1));
    assert!(format!("{more:#}").contains("\n  … 1 more\n  attempt 18, "));
}

#[test]
fn a_typed_error_is_had_back_as_it_was() {
    assert_eq!(gave_up(3, |n| n).into_told(BY), 3);
    assert_eq!(History::<u32>::default().cancelled(BY), None);
    // As large as a failure, and none.
    let boxed = gave_up(2, Box::new).into_told(BY);
    assert_eq!(*boxed, 2);
}

#[test]
fn a_failure_takes_the_others_along() {
    let failure = gave_up(3, |n| Failure::msg(format!("no {n}"))).into_told(BY);
    assert_eq!(failure.to_string(), "no 3");
    let hop = failure.trail().hops().next().unwrap();
    assert_eq!((hop.passage(), hop.attempt()), (Passage::GivenUp, Some(3)));
    let errors: Vec<_> = hop
        .attempts()
        .iter()
        .map(|tried| tried.error().to_string())
        .collect();
    assert_eq!(errors, ["no 1", "no 2"]);
    let clone = failure.clone();
    assert_eq!(clone.trail(), failure.trail());
    assert!(failure.downcast::<TimedOut>().is_err());
}

#[test]
fn a_cancellation_between_attempts_takes_them_along() {
    let mut tried = History::default();
    tried.push(Attempt::new(1, Duration::ZERO, MS, Failure::msg("no")));
    let failure = tried.cancelled(BY).unwrap();
    assert!(failure.check::<Cancelled>().is_some());
    let told = "cancelled\n  cancelled in retry after attempt 1\n    attempt 1, at 1ms: no";
    assert_eq!(format!("{failure:?}"), told);
}

#[test]
fn nothing_is_kept_of_what_is_dropped() {
    #[derive(Debug)]
    struct Counted(#[allow(dead_code)] Arc<()>);
    impl std::fmt::Display for Counted {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("counted")
        }
    }
    impl Error for Counted {}
    let owners = Arc::new(());
    let failing = |_| Failure::from(Counted(owners.clone()));
    let failure = gave_up(100, failing).into_told(BY);
    assert_eq!(Arc::strong_count(&owners), 33);
    drop(failure.clone());
    drop(failure);
    assert_eq!(Arc::strong_count(&owners), 1);
}

#[test]
fn it_is_an_error_whose_source_is_the_last() {
    let typed = gave_up(2, |_| TimedOut::default());
    assert!(typed.source().unwrap().is::<TimedOut>());
    let failures = gave_up(2, |_| Failure::from(TimedOut::default()));
    assert!(failures.source().unwrap().is::<TimedOut>());
    let failure = Failure::from(failures);
    let chain: Vec<_> = failure.chain().map(ToString::to_string).collect();
    assert_eq!(
        chain,
        ["gave up after 2 attempts in 2ms: timed out", "timed out"]
    );
}

#[test]
fn what_comes_from_around_is_taken_in() {
    let cancelled: GaveUp<Failure> = Cancelled.into();
    assert!(cancelled.last().is_cancelled());
    assert_eq!(
        (cancelled.count(), cancelled.reason()),
        (0, Reason::Outside)
    );
    assert_eq!(cancelled.to_string(), "cancelled");
}
