//! Observed deferreds that settle while somebody waits for them, comes late, or leaves.

use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use defer_core::list::{DeferredListObserver, History};
use defer_core::{Failure, fail, succeed};
use loom::thread;

use super::{poll, wakes};

type Observer = DeferredListObserver<u8, Failure, History<u8, Failure>>;

/// Settle one on a thread of its own.
fn settle(observer: &Observer, value: Option<u8>) -> thread::JoinHandle<()> {
    let deferred = match value {
        Some(value) => observer.append(succeed(Ok(value)).boxed()),
        None => observer.append(fail(Failure::msg("no")).boxed()),
    };
    thread::spawn(move || {
        let (_, waker) = wakes();
        assert!(poll(pin!(deferred), &waker).is_ready());
    })
}

#[test]
fn whoever_waits_for_all_is_woken_by_the_last() {
    loom::model(|| {
        let observer = Observer::with_history();
        let settling = [settle(&observer, Some(1)), settle(&observer, None)];
        let (woken, waker) = wakes();
        let mut done = pin!(observer.all_done());
        let mut counts = poll(done.as_mut(), &waker);
        for thread in settling {
            thread.join().unwrap();
        }
        if counts.is_pending() {
            assert_eq!(woken.0.load(Ordering::SeqCst), 1, "never lost, never twice");
            counts = poll(done, &waker);
        }
        let Poll::Ready(counts) = counts else {
            panic!("none is pending")
        };
        assert_eq!((counts.success, counts.failure), (1, 1));
    });
}

#[test]
fn whoever_comes_late_hears_everything_once() {
    loom::model(|| {
        let observer = Observer::with_history();
        let settling = [settle(&observer, Some(1)), settle(&observer, None)];
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hears = heard.clone();
        observer.observe_with_replay(move |event| hears.lock().unwrap().push(event.index));
        for thread in settling {
            thread.join().unwrap();
        }
        let mut heard = heard.lock().unwrap();
        heard.sort_unstable();
        assert_eq!(*heard, [0, 1]);
    });
}

#[test]
fn whoever_left_before_hears_nothing() {
    loom::model(|| {
        let observer = Observer::with_history();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hears = heard.clone();
        let observing = observer.observe(move |event| hears.lock().unwrap().push(event.index));
        let settling = settle(&observer, Some(1));
        observing.remove();
        let last = observer.append(succeed(Ok(2)));
        assert!(poll(pin!(last), &wakes().1).is_ready());
        settling.join().unwrap();
        // The one on the other thread may have come before.
        assert!(!heard.lock().unwrap().contains(&1));
        assert_eq!(observer.counts().success, 2);
    });
}
