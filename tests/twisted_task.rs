//! What Twisted's own tests show of calls that are made later, once or again and again, as it
//! reads in Rust.
//!
//! By the classes of `twisted/test/test_task.py` in Twisted 26.10.0, each test numbered by its
//! place in its class; the sums are in `README.md`. Twisted's fake clock is tokio's paused one.
//! It tells whole milliseconds.
//!
//! # `ClockTests`: 15
//!
//! | original | here |
//! | --- | --- |
//! | 1: fake time | [`the_paused_clock_moves_when_it_is_told_to`] |
//! | 2: a call that waits | [`a_call_knows_its_time_and_is_active`] |
//! | 3: cancelled | [`a_call_that_is_cancelled_is_not_active_and_never_made`] |
//! | 4: each has a handle of its own | [`a_call_that_is_cancelled_leaves_the_others_alone`] |
//! | 5: due | [`a_call_is_made_when_it_is_due`] |
//! | 6: cancelled while it is made | [`a_call_cannot_be_cancelled_while_it_is_made`] |
//! | 7: delayed | [`a_call_that_is_delayed_is_made_so_much_later`] |
//! | 8: reset to later | [`a_call_that_is_reset_to_later_counts_from_then`] |
//! | 9: reset to sooner | [`a_call_that_is_reset_to_sooner_is_made_sooner`] |
//! | 10: the calls that wait | [`each_call_that_waits_has_its_timer`]: tokio does not list them, but leaps to each |
//! | 11: none waits | [`a_call_that_was_made_or_cancelled_leaves_no_timer`] |
//! | 12: an interface | cannot be: the clock is tokio's, and nothing has to be declared |
//! | 13: a call that is added after one was reset | [`calls_are_made_in_the_order_of_their_times_whenever_they_were_added`] |
//! | 14: one that is reset after another was added | [`calls_are_made_in_the_order_of_their_times_whenever_they_were_reset`] |
//! | 15: one that is reset in a call | [`a_call_resets_another_one`] |
//!
//! # `LoopTests`: 18
//!
//! | original | here |
//! | --- | --- |
//! | 1: its clock is the reactor's | cannot be: there is one clock, the runtime's |
//! | 2: calls that take longer than the interval | [`the_next_call_is_the_next_time_of_the_grid_that_is_not_over`] |
//! | 3: a clock that leaps | [`times_that_the_clock_leaps_over_are_skipped`] |
//! | 4: and counts | [`times_that_were_skipped_are_counted`] |
//! | 5: late, but not by an interval | [`a_call_that_is_late_counts_no_more_for_it`] |
//! | 6: the counts make up the time, none is zero | [`counts_make_up_the_time_and_none_is_zero`] |
//! | 7: without an interval each counts 1 | [`without_an_interval_there_is_one_call_in_a_turn_and_each_counts_one`] |
//! | 8: even after a wait | [`without_an_interval_a_call_counts_one_even_after_a_wait`] |
//! | 9: the interval changes | [`a_loop_that_is_started_anew_counts_by_its_new_interval`]: an interval does not change under way |
//! | 10: calls at the start and on the grid, until it is stopped | [`calls_are_made_at_the_start_and_on_the_grid_until_it_is_stopped`] |
//! | 11: not at the start | [`the_first_call_of_a_later_start_is_after_one_interval`] |
//! | 12: an interval below zero | cannot be: a `Duration` is not below zero |
//! | 13, 14: stopped before the first call, without an interval and with one | [`stopped_before_its_first_call_it_makes_none`] |
//! | 15: reset | [`reset_it_lets_the_interval_begin_anew`] |
//! | 16, 17: a function or a method in its text | [`its_text_names_the_function`] |
//! | 18: a deprecated attribute | cannot be: there is none |
//!
//! # `ReactorLoopTests`: 7
//!
//! | original | here |
//! | --- | --- |
//! | 1: a call fails | [`a_call_that_fails_ends_the_loop_and_fails_its_deferred`] |
//! | 2: it stops the loop before | [`a_call_that_stops_its_loop_and_fails_fails_its_deferred`] |
//! | 3: stopped from inside after some calls | [`a_body_stops_its_own_loop`] |
//! | 4: stopped from elsewhere before the first call | [`stopped_from_elsewhere_it_makes_no_call`] |
//! | 5: a call that waits | [`a_call_waits_for_what_the_one_before_gave`] |
//! | 6: and fails | [`what_a_call_gave_fails_and_so_does_the_loop`] |
//! | 7: and counts | [`times_that_pass_during_a_call_are_counted_by_the_next`] |
//!
//! # `DeferLaterTests`: 4
//!
//! | original | here |
//! | --- | --- |
//! | 1: the function is called at its time, and its result is there | [`a_deferred_call_yields_what_the_function_returns`] |
//! | 2: it fails | [`a_deferred_call_fails_as_the_function_does`] |
//! | 3: cancelled | [`a_deferred_call_that_is_cancelled_is_not_made_and_leaves_no_timer`] |
//! | 4: without a function | [`a_deferred_call_of_nothing_is_a_wait`] |

mod support;

use std::future::pending;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use defer::prelude::*;
use defer::time::{DelayedCall, LoopingCall, NotActive, call_later, defer_later};
use support::Log;
use tokio::task::yield_now;
use tokio::time::{Instant, advance, sleep};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// Let the clock move, and whoever it wakes run.
async fn pass(time: Duration) {
    advance(time).await;
    settle().await;
}

/// Let run what can.
async fn settle() {
    for _ in 0..5 {
        yield_now().await;
    }
}

/// The time since the test began, in milliseconds, of all the clock's leaps with nothing else
/// to do until `limit`.
async fn leap_until(limit: Duration) -> Duration {
    let begin = Instant::now();
    assert!(tokio::time::timeout(limit, pending::<()>()).await.is_err());
    begin.elapsed()
}

/// Numbers with times, in milliseconds since it was made. A clone is the same.
#[derive(Clone)]
struct Times<T>(Instant, Arc<Mutex<Vec<(u128, T)>>>);

impl<T: Clone> Times<T> {
    fn begin() -> Self {
        Times(Instant::now(), Arc::default())
    }
    fn add(&self, what: T) {
        let time = self.0.elapsed().as_millis();
        self.1.lock().unwrap().push((time, what));
    }
    fn all(&self) -> Vec<(u128, T)> {
        self.1.lock().unwrap().clone()
    }
    fn what(&self) -> Vec<T> {
        self.all().into_iter().map(|(_, what)| what).collect()
    }
    fn times(&self) -> Vec<u128> {
        self.all().into_iter().map(|(time, _)| time).collect()
    }
}

// ClockTests

#[tokio::test(start_paused = true)]
async fn the_paused_clock_moves_when_it_is_told_to() {
    let begin = Instant::now();
    settle().await;
    assert_eq!(begin.elapsed(), Duration::ZERO);
    advance(3 * SECOND).await;
    assert_eq!(begin.elapsed(), 3 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_call_knows_its_time_and_is_active() {
    let call = call_later(SECOND, || ());
    assert_eq!(call.time(), Instant::now() + SECOND);
    assert!(call.active());
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_cancelled_is_not_active_and_never_made() {
    let times = Times::begin();
    let said = times.clone();
    let call = call_later(SECOND, move || said.add(1));
    call.cancel().unwrap();
    assert!(!call.active());
    pass(2 * SECOND).await;
    assert_eq!(times.all(), []);
    assert_eq!(call.cancel(), Err(NotActive::Cancelled));
    assert_eq!(call.reset(SECOND), Err(NotActive::Cancelled));
    assert_eq!(call.delay(SECOND), Err(NotActive::Cancelled));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_cancelled_leaves_the_others_alone() {
    let times = Times::begin();
    let (one, other) = (times.clone(), times.clone());
    let later = call_later(10 * SECOND, move || one.add("later"));
    let sooner = call_later(SECOND, move || other.add("sooner"));
    later.cancel().unwrap();
    assert!(sooner.active());
    pass(SECOND).await;
    assert_eq!(times.all(), [(1000, "sooner")]);
}

#[tokio::test(start_paused = true)]
async fn a_call_is_made_when_it_is_due() {
    let times = Times::begin();
    let said = times.clone();
    let call = call_later(2 * SECOND, move || said.add(()));
    pass(SECOND).await;
    assert_eq!(times.all(), []);
    pass(SECOND).await;
    assert_eq!(times.all(), [(2000, ())]);
    assert!(!call.active());
}

#[tokio::test(start_paused = true)]
async fn a_call_cannot_be_cancelled_while_it_is_made() {
    let itself: Arc<OnceLock<DelayedCall>> = Arc::default();
    let (inside, log) = (itself.clone(), Log::default());
    let said = log.clone();
    let call = call_later(SECOND, move || {
        let call = inside.get().unwrap();
        said.add(format!("{:?} {}", call.cancel(), call.active()));
    });
    itself.set(call).unwrap();
    pass(SECOND).await;
    assert_eq!(log.all(), ["Err(Called) false"]);
    assert_eq!(itself.get().unwrap().reset(SECOND), Err(NotActive::Called));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_delayed_is_made_so_much_later() {
    let (begin, times) = (Instant::now(), Times::begin());
    let said = times.clone();
    let call = call_later(SECOND, move || said.add(()));
    call.delay(SECOND).unwrap();
    assert_eq!(call.time(), begin + 2 * SECOND);
    pass(1500 * MS).await;
    assert_eq!(times.all(), []);
    pass(SECOND).await;
    assert_eq!(times.all(), [(2500, ())]);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_reset_to_later_counts_from_then() {
    let (begin, times) = (Instant::now(), Times::begin());
    let said = times.clone();
    let call = call_later(2 * SECOND, move || said.add(()));
    pass(SECOND).await;
    call.reset(3 * SECOND).unwrap();
    assert_eq!(call.time(), begin + 4 * SECOND);
    pass(2 * SECOND).await;
    assert_eq!(times.all(), []);
    pass(SECOND).await;
    assert_eq!(times.all(), [(4000, ())]);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_reset_to_sooner_is_made_sooner() {
    let (begin, times) = (Instant::now(), Times::begin());
    let said = times.clone();
    let call = call_later(4 * SECOND, move || said.add(()));
    settle().await; // its timer waits for the fourth second
    call.reset(3 * SECOND).unwrap();
    assert_eq!(call.time(), begin + 3 * SECOND);
    pass(3 * SECOND).await;
    assert_eq!(times.all(), [(3000, ())]);
}

#[tokio::test(start_paused = true)]
async fn each_call_that_waits_has_its_timer() {
    let times = Times::begin();
    let (one, other) = (times.clone(), times.clone());
    let _one = call_later(SECOND, move || one.add(1));
    let _other = call_later(2 * SECOND, move || other.add(2));
    // With nothing else to do the paused clock leaps from timer to timer.
    leap_until(10 * SECOND).await;
    assert_eq!(times.all(), [(1000, 1), (2000, 2)]);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_was_made_or_cancelled_leaves_no_timer() {
    let cancelled = call_later(7 * SECOND, || ());
    let made = call_later(MS, || ());
    settle().await;
    cancelled.cancel().unwrap();
    made.reset(Duration::ZERO).unwrap();
    settle().await;
    assert!(!made.active());
    assert_eq!(leap_until(99 * SECOND).await, 99 * SECOND);
    let tasks = tokio::runtime::Handle::current().metrics();
    assert_eq!(tasks.num_alive_tasks(), 0);
}

#[tokio::test(start_paused = true)]
async fn calls_are_made_in_the_order_of_their_times_whenever_they_were_added() {
    let times = Times::begin();
    let (a, b) = (times.clone(), times.clone());
    let call_a = call_later(SECOND, move || a.add("a"));
    call_a.reset(3 * SECOND).unwrap();
    let _call_b = call_later(2 * SECOND, move || b.add("b"));
    for _ in 0..3 {
        pass(SECOND).await;
    }
    assert_eq!(times.all(), [(2000, "b"), (3000, "a")]);
}

#[tokio::test(start_paused = true)]
async fn calls_are_made_in_the_order_of_their_times_whenever_they_were_reset() {
    let times = Times::begin();
    let (a, b) = (times.clone(), times.clone());
    let call_a = call_later(SECOND, move || a.add("a"));
    let _call_b = call_later(2 * SECOND, move || b.add("b"));
    settle().await;
    call_a.reset(3 * SECOND).unwrap();
    for _ in 0..3 {
        pass(SECOND).await;
    }
    assert_eq!(times.all(), [(2000, "b"), (3000, "a")]);
}

#[tokio::test(start_paused = true)]
async fn a_call_resets_another_one() {
    let times = Times::begin();
    let (b, c) = (times.clone(), times.clone());
    let call_b = call_later(2 * SECOND, move || b.add("b"));
    // It keeps the handle: dropped, it would cancel the call.
    let kept = Arc::new(Mutex::new(Some(call_b)));
    let inside = kept.clone();
    let _call_a = call_later(SECOND, move || {
        inside.lock().unwrap().as_ref().unwrap().reset(3 * SECOND)
    });
    let _call_c = call_later(3 * SECOND, move || c.add("c"));
    for _ in 0..10 {
        pass(500 * MS).await;
    }
    assert_eq!(times.all(), [(3000, "c"), (4000, "b")]);
}

// LoopTests

#[tokio::test(start_paused = true)]
async fn the_next_call_is_the_next_time_of_the_grid_that_is_not_over() {
    let times = Times::begin();
    let said = times.clone();
    // How long each call takes.
    let mut lasts = [2000, 1000, 0].into_iter();
    let looping = LoopingCall::new(move || {
        said.add(());
        let lasts = lasts.next().unwrap_or(0);
        defer(async move { sleep(lasts * MS).await })
    });
    let _runs = looping.start(500 * MS).unwrap().start();
    leap_until(4100 * MS).await;
    // At 2000, when the first one ends, the time is over; so it is at 3500.
    assert_eq!(times.times(), [0, 2500, 4000]);
}

#[tokio::test(start_paused = true)]
async fn times_that_the_clock_leaps_over_are_skipped() {
    let times = Times::begin();
    let said = times.clone();
    let looping = LoopingCall::new(move || said.add(()));
    let _runs = looping.start(500 * MS).unwrap().start();
    settle().await;
    assert_eq!(times.times(), [0]);
    pass(2 * SECOND).await;
    pass(SECOND).await;
    settle().await;
    assert_eq!(times.times(), [0, 2000, 3000]);
}

#[tokio::test(start_paused = true)]
async fn times_that_were_skipped_are_counted() {
    let times = Times::begin();
    let said = times.clone();
    let looping = LoopingCall::with_count(move |count| said.add(count));
    let _runs = looping.start(500 * MS).unwrap().start();
    settle().await;
    pass(510 * MS).await;
    pass(1510 * MS).await;
    settle().await;
    assert_eq!(times.all(), [(0, 1), (510, 1), (2020, 3)]);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_late_counts_no_more_for_it() {
    let times = Times::begin();
    let said = times.clone();
    let looping = LoopingCall::with_count(move |count| said.add(count));
    let _runs = looping.start(500 * MS).unwrap().start();
    settle().await;
    pass(510 * MS).await;
    pass(875 * MS).await; // nearly two intervals later
    pass(125 * MS).await; // on the grid again
    assert_eq!(times.all(), [(0, 1), (510, 1), (1385, 1), (1510, 1)]);
}

#[tokio::test(start_paused = true)]
async fn counts_make_up_the_time_and_none_is_zero() {
    let times = Times::begin();
    let said = times.clone();
    let looping = LoopingCall::with_count(move |count| said.add(count));
    // A third of a second is no whole number of milliseconds, nor of nanoseconds.
    let _runs = looping.start_later(SECOND / 3).unwrap().start();
    settle().await;
    for _ in 0..100 {
        pass(37 * MS).await;
    }
    let counts = times.what();
    assert!(!counts.contains(&0), "{counts:?}");
    assert_eq!(counts.iter().sum::<u64>(), 11); // of 3.7 seconds
}

#[tokio::test(start_paused = true)]
async fn without_an_interval_there_is_one_call_in_a_turn_and_each_counts_one() {
    let times = Times::begin();
    let said = times.clone();
    let looping = LoopingCall::with_control(move |control, count| {
        said.add(count);
        if said.all().len() == 5 {
            control.stop().unwrap();
        }
    });
    let runs = looping.start_later(Duration::ZERO).unwrap().start();
    let mut turns = Vec::new();
    while !runs.is_finished() {
        yield_now().await;
        turns.push(times.all().len());
    }
    assert_eq!(turns, [0, 1, 2, 3, 4, 5]);
    assert_eq!(times.all(), [(0, 1); 5]);
    runs.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn without_an_interval_a_call_counts_one_even_after_a_wait() {
    let times = Times::begin();
    let said = times.clone();
    let (resolver, waits) = Deferred::<Result<(), Failure>, _>::new();
    let mut waits = Some(waits.boxed());
    let looping = LoopingCall::with_control(move |control, count| {
        said.add(count);
        match said.all().len() {
            2 => return waits.take().unwrap(),
            5 => control.stop().unwrap(),
            _ => {}
        }
        succeed(Ok(())).boxed()
    });
    let runs = looping.start_later(Duration::ZERO).unwrap().start();
    settle().await;
    pass(SECOND).await;
    assert_eq!(times.what(), [1, 1]);
    resolver.callback(()).unwrap();
    runs.await.unwrap();
    assert_eq!(times.all()[2..], [(1000, 1); 3]);
}

#[tokio::test(start_paused = true)]
async fn a_loop_that_is_started_anew_counts_by_its_new_interval() {
    let times = Times::begin();
    let said = times.clone();
    let looping = LoopingCall::with_count(move |count| said.add(count));
    let runs = looping.start_later(Duration::ZERO).unwrap().start();
    while times.all().len() < 2 {
        yield_now().await;
    }
    looping.stop().unwrap();
    runs.await.unwrap();
    pass(5 * SECOND).await;
    let _runs = looping.start_later(2 * SECOND).unwrap().start();
    settle().await;
    pass(9 * SECOND).await;
    pass(2 * SECOND).await;
    pass(4 * SECOND).await;
    assert_eq!(times.what(), [1, 1, 4, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn calls_are_made_at_the_start_and_on_the_grid_until_it_is_stopped() {
    let times = Times::begin();
    let said = times.clone();
    let looping = LoopingCall::new(move || said.add("a"));
    let runs = looping.start(100 * MS).unwrap().start();
    settle().await;
    for time in [50, 100, 100] {
        pass(time * MS).await;
    }
    assert_eq!(times.all(), [(0, "a"), (150, "a"), (250, "a")]);
    looping.stop().unwrap();
    runs.await.unwrap();
    assert!(!looping.is_running());
    assert_eq!(leap_until(99 * SECOND).await, 99 * SECOND);
    assert_eq!(times.all().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn the_first_call_of_a_later_start_is_after_one_interval() {
    let times = Times::begin();
    let said = times.clone();
    let looping = LoopingCall::new(move || said.add(()));
    let runs = looping.start_later(100 * MS).unwrap().start();
    settle().await;
    for time in [50, 100, 100] {
        pass(time * MS).await;
    }
    assert_eq!(times.times(), [150, 250]);
    looping.stop().unwrap();
    runs.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn stopped_before_its_first_call_it_makes_none() {
    for interval in [Duration::ZERO, 10 * SECOND] {
        let times = Times::begin();
        let said = times.clone();
        let looping = LoopingCall::new(move || said.add(()));
        let runs = looping.start_later(interval).unwrap().start();
        looping.stop().unwrap();
        runs.await.unwrap();
        assert_eq!(leap_until(99 * SECOND).await, 99 * SECOND);
        assert_eq!(times.all(), []);
    }
}

#[tokio::test(start_paused = true)]
async fn reset_it_lets_the_interval_begin_anew() {
    let times = Times::begin();
    let said = times.clone();
    let looping = LoopingCall::new(move || said.add(()));
    let _runs = looping.start_later(2 * SECOND).unwrap().start();
    settle().await;
    pass(SECOND).await;
    looping.reset().unwrap();
    pass(SECOND).await;
    assert_eq!(times.all(), []);
    pass(SECOND).await;
    assert_eq!(times.times(), [3000]);
    pass(2 * SECOND).await;
    assert_eq!(times.times(), [3000, 5000]);
}

struct Device;
impl Device {
    fn ping() {}
}

#[test]
fn its_text_names_the_function() {
    fn poll_the_device() {}
    let text = format!("{:?}", LoopingCall::new(poll_the_device));
    assert!(text.contains("poll_the_device"), "{text}");
    assert!(text.contains("running: false"), "{text}");
    let text = format!("{:?}", LoopingCall::new(Device::ping));
    assert!(text.contains("Device::ping"), "{text}");
}

// ReactorLoopTests

#[tokio::test(start_paused = true)]
async fn a_call_that_fails_ends_the_loop_and_fails_its_deferred() {
    let times = Times::begin();
    let said = times.clone();
    let looping = LoopingCall::new(move || {
        said.add(());
        Err::<(), _>("no")
    });
    assert_eq!(looping.start(100 * MS).unwrap().await, Err("no"));
    assert!(!looping.is_running());
    assert_eq!(leap_until(99 * SECOND).await, 99 * SECOND);
    assert_eq!(times.times(), [0]);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_stops_its_loop_and_fails_fails_its_deferred() {
    let looping = LoopingCall::with_control(|control, _| {
        control.stop().unwrap();
        Err::<(), _>("no")
    });
    assert_eq!(looping.start(100 * MS).unwrap().await, Err("no"));
}

#[tokio::test(start_paused = true)]
async fn a_body_stops_its_own_loop() {
    let times = Times::begin();
    let said = times.clone();
    let looping = LoopingCall::with_control(move |control, _| {
        said.add(());
        if said.all().len() > 5 {
            control.stop().unwrap();
        }
    });
    looping.start(Duration::ZERO).unwrap().await;
    assert_eq!(times.times(), [0; 6]);
}

#[tokio::test(start_paused = true)]
async fn stopped_from_elsewhere_it_makes_no_call() {
    let looping = LoopingCall::new(|| Err::<(), _>(Failure::msg("it was called")));
    let runs = looping.start_later(SECOND).unwrap().start();
    let control = looping.control();
    let _stops = call_later(Duration::ZERO, move || control.stop());
    runs.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_call_waits_for_what_the_one_before_gave() {
    let times = Times::begin();
    let said = times.clone();
    let looping = LoopingCall::with_control(move |control, _| {
        said.add(());
        defer_later(SECOND, move || control.stop().unwrap())
    });
    let runs = looping.start(200 * MS).unwrap().start();
    runs.await.unwrap();
    assert_eq!(times.times(), [0]);
    assert_eq!(times.0.elapsed(), SECOND);
    assert_eq!(leap_until(99 * SECOND).await, 99 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn what_a_call_gave_fails_and_so_does_the_loop() {
    let begin = Instant::now();
    let looping = LoopingCall::new(|| defer_later(300 * MS, || Err::<(), _>("no")));
    assert_eq!(looping.start(SECOND).unwrap().await, Err("no"));
    assert_eq!(begin.elapsed(), 300 * MS);
    assert_eq!(leap_until(99 * SECOND).await, 99 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn times_that_pass_during_a_call_are_counted_by_the_next() {
    let times = Times::begin();
    let said = times.clone();
    let (resolver, waits) = Deferred::<Result<(), Failure>, _>::new();
    let mut waits = Some(waits.boxed());
    let looping = LoopingCall::with_count(move |count| {
        said.add(count);
        waits.take().unwrap_or_else(|| succeed(Ok(())).boxed())
    });
    let _runs = looping.start_later(200 * MS).unwrap().start();
    settle().await;
    pass(200 * MS).await;
    pass(400 * MS).await;
    assert_eq!(times.what(), [1]);
    resolver.callback(()).unwrap();
    settle().await;
    pass(200 * MS).await;
    // Those at 400 and 600 were missed.
    assert_eq!(times.all(), [(200, 1), (800, 3)]);
}

// DeferLaterTests

#[tokio::test(start_paused = true)]
async fn a_deferred_call_yields_what_the_function_returns() {
    let times = Times::begin();
    let said = times.clone();
    let flag = Arc::new(());
    let given = flag.clone();
    let later = defer_later(3 * SECOND, move || {
        said.add(());
        given
    });
    let later = later.start();
    settle().await;
    pass(2 * SECOND).await;
    assert_eq!(times.all(), []);
    pass(SECOND).await;
    assert_eq!(times.times(), [3000]);
    assert!(Arc::ptr_eq(&later.await.unwrap(), &flag));
}

#[tokio::test(start_paused = true)]
async fn a_deferred_call_fails_as_the_function_does() {
    assert_eq!(defer_later(SECOND, || Err::<u8, _>("no")).await, Err("no"));
}

#[tokio::test(start_paused = true)]
async fn a_deferred_call_that_is_cancelled_is_not_made_and_leaves_no_timer() {
    let times = Times::begin();
    let said = times.clone();
    let later = defer_later(SECOND, move || said.add(())).start();
    settle().await;
    later.cancel();
    assert!(later.await.unwrap_err().is_cancelled());
    assert_eq!(leap_until(99 * SECOND).await, 99 * SECOND);
    assert_eq!(times.all(), []);
}

#[tokio::test(start_paused = true)]
async fn a_deferred_call_of_nothing_is_a_wait() {
    let begin = Instant::now();
    let () = defer_later(2 * SECOND, || ()).await;
    assert_eq!(begin.elapsed(), 2 * SECOND);
}
