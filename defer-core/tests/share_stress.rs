//! The race in which `futures::future::Shared` 0.3.34 loses a wake-up, millions of times.
//!
//! One thread polls a clone once and drops it; the work wakes itself in that poll and is
//! pending. Another thread polls a second clone at the same time, and finds the work busy. It
//! has to be woken when the poll ends, since the clone that was woken is gone. If the first
//! thread is done and the second is neither woken nor ready, it never will be: that is seen
//! without a clock.

#![cfg(all(feature = "std", not(loom)))]

use std::future::Future;
use std::hint;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use defer_core::defer;
use futures::FutureExt;

/// Wakes its task in its first poll, is pending, and is ready in its second one.
struct WakesInside(bool);

impl Future for WakesInside {
    type Output = u8;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u8> {
        if self.0 {
            return Poll::Ready(7);
        }
        self.0 = true;
        cx.waker().wake_by_ref();
        // The other thread is to poll now.
        for _ in 0..20 {
            hint::spin_loop();
        }
        Poll::Pending
    }
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, SeqCst);
    }
}

/// Passes the turn between the two threads.
fn wait_until(reached: &AtomicUsize, round: usize) {
    let mut spins = 0;
    while reached.load(SeqCst) < round {
        rest(&mut spins);
    }
}

/// Spin, and let other threads run now and then.
fn rest(spins: &mut u32) {
    *spins += 1;
    if *spins % 256 == 0 || cfg!(miri) {
        thread::yield_now();
    }
    hint::spin_loop();
}

/// The round in which a wake-up was lost.
fn lost<S: Future<Output = u8> + Clone + Send + 'static>(
    rounds: usize,
    share: fn(WakesInside) -> S,
) -> Option<usize> {
    let handed = Mutex::new(None::<S>);
    let (begun, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        let polls_once = scope.spawn(|| {
            for round in 1.. {
                wait_until(&begun, round);
                let clone = handed.lock().expect("nobody panics").take();
                let Some(clone) = clone else { return };
                {
                    let clone = pin!(clone);
                    let _ = clone.poll(&mut Context::from_waker(Waker::noop()));
                }
                done.store(round, SeqCst);
            }
        });
        let found = (1..=rounds).find(|&round| {
            let waits = share(WakesInside(false));
            *handed.lock().expect("nobody panics") = Some(waits.clone());
            begun.store(round, SeqCst);
            let late = is_lost(waits, || done.load(SeqCst) == round);
            wait_until(&done, round);
            late
        });
        // There is no clone for this round: the thread ends.
        begun.store(rounds + 2, SeqCst);
        polls_once.join().expect("nobody panics");
        found
    })
}

/// Whether a task waits for ever.
fn is_lost(shared: impl Future<Output = u8>, other_is_done: impl Fn() -> bool) -> bool {
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(woken.clone());
    let mut shared = pin!(shared);
    let mut spins = 0;
    loop {
        match shared.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => {
                assert_eq!(value, 7);
                return false;
            }
            Poll::Pending => loop {
                rest(&mut spins);
                let nothing_comes = other_is_done();
                if woken.0.swap(false, SeqCst) {
                    break;
                }
                if nothing_comes {
                    return true;
                }
            },
        }
    }
}

fn ours(rounds: usize) -> Option<usize> {
    lost(rounds, |work| defer(work).shared())
}

#[test]
fn no_wake_up_is_lost() {
    assert_eq!(ours(if cfg!(miri) { 50 } else { 20_000 }), None);
}

#[test]
#[ignore = "takes a minute or more; see CONTRIBUTING.md"]
fn no_wake_up_is_lost_in_ten_million_rounds() {
    assert_eq!(ours(10_000_000), None);
}

/// What the test above is worth: the same rounds find what they are to find.
#[test]
#[ignore = "of another crate; see CONTRIBUTING.md"]
fn the_shared_of_futures_loses_one() {
    let lost = lost(10_000_000, FutureExt::shared);
    assert!(lost.is_some(), "not in ten million rounds");
}
