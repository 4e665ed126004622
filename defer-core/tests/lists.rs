//! Many deferreds at once: members that come from other threads, losers that move on, and
//! lists that are dropped and cancelled after each poll.
//!
//! For miri: no attribute and no runtime.

#![cfg(feature = "std")]

use std::cell::Cell;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;

use defer_core::list::{
    self, Left, LetGo, Losers, any_success_or_last_failure, deferred_list, first_success, gather,
    growing, n_of, race, select_all,
};
use defer_core::{AddCallback, Chain, Deferred, Failure, LocalBoxed, defer, fail, succeed};
use futures::executor::block_on;

/// Pending so many times, then it is there; counted as long as it lives.
struct Later {
    polls: usize,
    outcome: Option<Outcome>,
    live: Rc<Cell<i32>>,
}

type Outcome = Result<u8, Failure>;

impl Future for Later {
    type Output = Outcome;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        if self.polls == 0 {
            return Poll::Ready(self.outcome.take().expect("it is polled to its end once"));
        }
        self.polls -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Drop for Later {
    fn drop(&mut self) {
        self.live.set(self.live.get() - 1);
    }
}

type Member = Deferred<Outcome, LocalBoxed<'static, Outcome>>;
type Run = Deferred<Result<usize, Failure>, LocalBoxed<'static, Result<usize, Failure>>>;

fn later(
    polls: usize,
    outcome: Outcome,
    live: &Rc<Cell<i32>>,
) -> Deferred<Outcome, impl Chain<Output = Outcome> + use<>> {
    live.set(live.get() + 1);
    defer(Later {
        polls,
        outcome: Some(outcome),
        live: live.clone(),
    })
}

/// Three members, of which the last two clean up for two polls when they fail.
fn members(live: &Rc<Cell<i32>>) -> [Member; 3] {
    let no = || Err(Failure::msg("no"));
    let cleans = |polls, outcome| {
        let cleaning = later(2, Err(Failure::msg("cleaned")), live);
        later(polls, outcome, live).add_errback(|_| cleaning)
    };
    [
        later(2, Ok(1), live).boxed_local(),
        cleans(1, no()).boxed_local(),
        cleans(3, Ok(3)).boxed_local(),
    ]
}

fn any_error<E>(_: E) -> Result<usize, Failure> {
    Err(Failure::msg("all failed"))
}

fn shapes() -> Vec<fn(&Rc<Cell<i32>>) -> Run> {
    vec![
        |live| {
            gather(members(live))
                .add_callback(|all| all.len())
                .boxed_local()
        },
        |live| {
            let all = list::with()
                .limit(2)
                .losers(Losers::Cancel)
                .gather(members(live));
            all.add_callback(|all| all.len()).boxed_local()
        },
        |live| {
            let all = deferred_list(members(live));
            AddCallback::add_callback(all, |all| Ok::<_, Failure>(all.len())).boxed_local()
        },
        |live| {
            let first = first_success(members(live));
            first
                .add_callbacks(|(place, _)| Ok::<_, Failure>(place), any_error)
                .boxed_local()
        },
        |live| {
            let first = list::with().losers(Losers::Finish).race(members(live));
            AddCallback::add_callback(first, |first| {
                Ok::<_, Failure>(first.map_or(9, |(place, _)| place))
            })
            .boxed_local()
        },
        |live| {
            let two = n_of(members(live), 2);
            two.add_callbacks(|all| Ok::<_, Failure>(all.len()), any_error)
                .boxed_local()
        },
        |live| {
            let any = any_success_or_last_failure(members(live));
            any.add_callback(|first| first.map_or(9, |(place, _)| place))
                .boxed_local()
        },
        |live| {
            let [a, b, c] = members(live);
            let first = first_success((a, b.add_callback(|n| n + 1), c.add_errback(Err)));
            first
                .add_callbacks(|(place, _)| Ok::<_, Failure>(place), any_error)
                .boxed_local()
        },
    ]
}

fn poll(run: &mut Run) -> Poll<Result<usize, Failure>> {
    Pin::new(run).poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn dropped_and_cancelled_after_each_poll_nothing_is_left() {
    for (shape, make) in shapes().into_iter().enumerate() {
        // Interpreted, a few have to do.
        for after in 0..if cfg!(miri) { 4 } else { 12 } {
            for cancels in 0..3 {
                let live = Rc::new(Cell::new(0));
                let (run, canceller) = make(&live).cancellable();
                let mut run = run.boxed_local();
                let mut done = (0..after).any(|_| poll(&mut run).is_ready());
                for _ in 0..cancels {
                    if !done {
                        canceller.cancel();
                        done = poll(&mut run).is_ready();
                    }
                }
                if cancels == 2 && !done {
                    assert!((0..20).any(|_| poll(&mut run).is_ready()), "{shape} hangs");
                    assert_eq!(
                        live.get(),
                        0,
                        "{shape} after {after}: there before the drop"
                    );
                }
                drop(run);
                assert_eq!(
                    live.get(),
                    0,
                    "{shape} after {after}, {cancels} cancellations"
                );
            }
        }
    }
}

#[test]
fn members_come_from_other_threads() {
    const EACH: usize = 20;
    let (handle, members) = growing::<usize, _>();
    let threads = [0, 1].map(|thread| {
        let handle = handle.clone();
        thread::spawn(move || {
            for n in 0..EACH {
                let member = defer(std::future::ready(thread * EACH + n));
                handle.push(member).expect("the list takes them");
            }
        })
    });
    drop(handle);
    let mut all = block_on(deferred_list(members));
    for thread in threads {
        thread.join().expect("it pushed");
    }
    all.sort_unstable();
    assert_eq!(all, (0..2 * EACH).collect::<Vec<_>>());
}

#[test]
fn a_handle_inside_a_member_dies_with_the_list() {
    type One = Deferred<u8>;
    let (handle, members) = growing::<u8, _>();
    let inside = handle.clone();
    let keeps: One = defer(async move {
        std::future::pending::<()>().await;
        drop(inside);
        1
    })
    .boxed();
    assert!(handle.push(keeps).is_ok());
    let mut all = Box::pin(deferred_list(members));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(all.as_mut().poll(&mut cx).is_pending());
    drop(all);
    assert!(handle.is_done());
    let back = handle.push(succeed(2).boxed()).unwrap_err();
    assert_eq!(block_on(back), 2);
}

#[test]
fn losers_move_to_another_thread() {
    /// Runs them there.
    struct Thread(Arc<Mutex<Vec<(usize, Result<u8, &'static str>)>>>);
    impl<F: Chain<Output = Result<u8, &'static str>> + Send + 'static> LetGo<F> for Thread {
        fn let_go(&mut self, mut losers: Left<F>) -> Option<Left<F>> {
            let log = self.0.clone();
            let runs = thread::spawn(move || {
                while let Some(one) = block_on(losers.next()) {
                    log.lock().unwrap().push(one);
                }
            });
            runs.join().expect("nothing panics");
            None
        }
    }
    let log = Arc::new(Mutex::new(Vec::new()));
    let once = |outcome| {
        let mut polls = 0;
        defer(std::future::poll_fn(move |cx| {
            polls += 1;
            cx.waker().wake_by_ref();
            if polls > 2 {
                Poll::Ready(outcome)
            } else {
                Poll::Pending
            }
        }))
        .boxed()
    };
    let members = [
        once(Ok(0)),
        fail("no").boxed(),
        once(Err("late")),
        succeed(Ok(3)).boxed(),
    ];
    let first = list::with()
        .losers(Thread(log.clone()))
        .first_success(members);
    assert_eq!(block_on(first), Ok((3, 3)));
    let mut ended = log.lock().unwrap().clone();
    ended.sort_unstable();
    assert_eq!(ended, [(0, Ok(0)), (2, Err("late"))]);
}

#[test]
fn a_stream_and_a_race_of_members_that_borrow() {
    let text = String::from("borrowed");
    let lengths = || {
        [1, 2, 3].map(|n| {
            let text = &text;
            defer(async move { text.len() + n })
        })
    };
    let mut sum = 0;
    let mut stream = select_all(lengths());
    while let Some((_, length)) = block_on(stream.next()) {
        sum += length;
    }
    assert_eq!(sum, 3 * 8 + 6);
    assert_eq!(block_on(pin!(race(lengths()))), Some((0, 9)));
}
