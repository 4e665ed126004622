//! `#[inline_callbacks]`: a plain function in which `.await` waits for a deferred.

mod support;

use std::cell::Cell;
use std::pin::pin;

use defer::prelude::*;
use futures::executor::block_on;
use support::{Flag, Log, leaf, never, poll_once, poll_to_end, told};

#[derive(Clone, Debug, PartialEq)]
struct NotFound(u16);

#[derive(Debug, PartialEq)]
enum AppError {
    NotFound(NotFound),
    Empty,
}

impl From<NotFound> for AppError {
    fn from(error: NotFound) -> Self {
        AppError::NotFound(error)
    }
}

#[callback]
fn length(page: String) -> usize {
    page.len()
}

fn text(text: &str) -> String {
    text.to_string()
}

#[test]
fn no_await_at_all_is_a_deferred_still() {
    #[inline_callbacks]
    fn three(calls: &Cell<u8>) -> u8 {
        calls.set(calls.get() + 1);
        3
    }
    let calls = Cell::new(0);
    let waiting = three(&calls);
    assert_eq!(calls.get(), 0, "nothing runs before it is polled");
    assert_eq!(block_on(waiting), 3);
    assert_eq!(calls.get(), 1);
    // It is an argument like any other deferred.
    #[callback]
    fn next(n: u8) -> u8 {
        n + 1
    }
    let after: u8 = block_on(next(three(&calls)));
    assert_eq!(after, 4);
}

#[test]
fn an_early_question_mark_ends_it() {
    #[inline_callbacks]
    fn count(page: Result<String, NotFound>, log: &Log) -> Result<usize, AppError> {
        let page = page?;
        log.add("went on");
        if page.is_empty() {
            return Err(AppError::Empty);
        }
        Ok(length(page).await)
    }
    let log = Log::default();
    assert_eq!(
        block_on(count(Err::<String, _>(NotFound(1)), &log)),
        Err(AppError::NotFound(NotFound(1)))
    );
    assert_eq!(log.all(), [""; 0]);
    assert_eq!(block_on(count(Ok(text("")), &log)), Err(AppError::Empty));
    assert_eq!(block_on(count(Ok(text("abc")), &log)), Ok(3));
}

#[test]
fn a_failure_comes_out_of_its_await() {
    #[inline_callbacks]
    fn patient(page: String) -> String {
        match fail::<String, _>(NotFound(404)).await {
            Ok(_) => unreachable!("it has failed"),
            Err(error) => format!("{page} {}", error.0),
        }
    }
    assert_eq!(block_on(patient(text("a"))), "a 404");
}

#[test]
fn awaits_run_one_after_another() {
    #[inline_callbacks]
    fn both(log: &Log) -> Result<usize, NotFound> {
        let a = length(told("a", log, 1, Ok::<_, NotFound>(text("a")))).await?;
        log.add("between");
        let b = length(told("b", log, 1, text("bc"))).await;
        Ok(a + b)
    }
    let log = Log::default();
    let (sum, polls) = poll_to_end(both(&log));
    assert_eq!((sum, polls), (Ok(3), 3));
    assert_eq!(
        log.all(),
        [
            "poll a", "poll a", "drop a", "between", "poll b", "poll b", "drop b"
        ]
    );
}

#[test]
fn a_body_that_never_suspends_is_done_in_one_poll() {
    #[inline_callbacks]
    fn loops(n: u64) -> u64 {
        let mut sum = 0;
        for i in 0..n {
            sum += succeed(i).await;
        }
        sum
    }
    let (sum, polls) = poll_to_end(loops(succeed(100_000)));
    assert_eq!((sum, polls), (4_999_950_000, 1));
}

#[test]
fn its_parameters_are_waited_for_before_it_begins() {
    #[inline_callbacks]
    fn begun(page: String, n: usize, log: &Log) -> usize {
        log.add("begun");
        length(page).await + n
    }
    let log = Log::default();
    let sum: usize = block_on(begun(told("a", &log, 1, text("a")), 2, &log));
    assert_eq!(sum, 3);
    assert_eq!(log.all(), ["poll a", "poll a", "drop a", "begun"]);
    let failed: Result<usize, NotFound> = block_on(begun(fail(NotFound(1)), 2, &log));
    assert_eq!(failed, Err(NotFound(1)));
    assert_eq!(log.all().len(), 4, "it does not begin after a failure");
}

#[test]
fn several_levels() {
    #[inline_callbacks]
    fn inner(n: u32) -> Result<u32, NotFound> {
        if n == 0 {
            fail(NotFound(0)).await
        } else {
            Ok(leaf(1, n).0.await)
        }
    }
    #[inline_callbacks]
    fn middle(n: u32) -> Result<u32, NotFound> {
        Ok(inner(n).await? + inner(inner(n)).await?)
    }
    #[inline_callbacks]
    fn outer(n: u32) -> Result<u32, AppError> {
        Ok(middle(n).await? + 1)
    }
    assert_eq!(block_on(outer(2)), Ok(5));
    assert_eq!(block_on(outer(0)), Err(AppError::NotFound(NotFound(0))));
}

#[test]
fn dropping_it_drops_what_it_holds_and_waits_for() {
    #[inline_callbacks]
    fn holds(flag: Flag, #[value] waiting: support::Watched<u8>) -> u8 {
        let n = waiting.await;
        drop(flag);
        n
    }
    let (flag, gone) = Flag::new();
    let (waiting, seen) = never();
    {
        let mut held = pin!(holds(flag, waiting));
        assert!(poll_once(held.as_mut()).is_pending());
        assert_eq!(seen.polls(), 1);
        assert!(!seen.dropped());
    }
    assert!(seen.dropped());
    assert!(gone.load(std::sync::atomic::Ordering::SeqCst));
}

#[test]
fn a_parameter_that_is_not_used_lives_until_the_body_ends() {
    #[inline_callbacks]
    fn holds(_guard: Flag, #[value] waiting: support::Watched<u8>) -> u8 {
        waiting.await
    }
    let (flag, gone) = Flag::new();
    let mut held = pin!(holds(flag, leaf(1, 1).0));
    assert!(poll_once(held.as_mut()).is_pending());
    assert!(!gone.load(std::sync::atomic::Ordering::SeqCst));
    assert!(poll_once(held.as_mut()).is_ready());
    assert!(gone.load(std::sync::atomic::Ordering::SeqCst));
}

#[test]
fn references_and_methods() {
    struct Site {
        base: String,
    }
    impl Site {
        #[inline_callbacks]
        fn size(&self, page: String) -> Result<usize, NotFound> {
            let size = length(format!("{}{page}", self.base)).await;
            if size == 0 {
                Err(NotFound(0))
            } else {
                Ok(size)
            }
        }
    }
    let site = Site { base: text("ab") };
    assert_eq!(block_on(site.size(succeed(text("c")))), Ok(3));
}
