//! The priority queue: what `txrdq` tests of its own, and what that does not ask.
//!
//! The original tests of the three classes, numbered in their order. A get that is to wait is
//! polled, and polled again for what it was given: nothing here runs by itself.
//!
//! # `TestTask`: 2
//!
//! | original | here |
//! | --- | --- |
//! | 1: what is known of an item | [`ported::tickets_and_priorities_are_told`] |
//! | 2: the order of two of them | [`ported::tickets_and_priorities_are_told`]: a place in the queue is all that can be seen of it |
//!
//! # `TestDeferredPriorityQueue`: 10
//!
//! | original | here |
//! | --- | --- |
//! | 1: items come in the order of their priorities | [`ported::lower_priorities_come_first`] |
//! | 2: the same item twice is an error | [`ported::the_same_item_may_be_there_twice`]: each has a ticket of its own |
//! | 3: new priorities, a new order | [`ported::new_priorities_make_a_new_order`] |
//! | 4: the priority that it has already | [`ported::the_same_priority_changes_nothing`] |
//! | 5, 6: a new priority for what is not there, or was deleted | [`ported::what_is_gone_has_no_priority`]: `None` |
//! | 7: a deleted item does not come | [`ported::a_deleted_item_does_not_come`] |
//! | 8, 9: deleting what is not there, or was deleted | [`ported::what_is_gone_cannot_be_deleted`]: `None` |
//! | 10: equals come in the order in which they were put | [`ported::equals_come_in_the_order_in_which_they_were_put`] |
//!
//! # `LegacyTwistedDeferredPriorityQueueTests`: 3
//!
//! | original | here |
//! | --- | --- |
//! | 1: bounds of items and of gets | [`ported::bounds`] |
//! | 2: a cancellation after the item came | [`ported::a_cancellation_after_the_item_came_changes_nothing`] |
//! | 3: a cancellation before any item came | [`ported::a_cancelled_get_takes_nothing`] |

mod support;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use defer::prelude::*;
use defer::sync::{DeferredPriorityQueue, GetError, PriorityGet, PutError, Ticket};
use defer::{Chain, Unwind};
use futures::executor::block_on;
use support::{Wakes, poll_once};

type Get<T> = Pin<Box<Deferred<Result<T, Failure>, PriorityGet<T, i32>>>>;

/// A get that waits.
fn waits<T>(queue: &DeferredPriorityQueue<T>) -> Get<T> {
    let mut get = Box::pin(queue.get());
    assert!(poll_once(get.as_mut()).is_pending());
    get
}

/// The item of a get that has one.
fn item<T>(mut get: Get<T>) -> T {
    match poll_once(get.as_mut()) {
        Poll::Ready(item) => item.unwrap(),
        Poll::Pending => panic!("nothing was given to it"),
    }
}

#[derive(Debug, PartialEq)]
enum Why {
    Overflow,
    Underflow,
    Closed,
}

/// Why an item was not taken, and the item.
fn refused<T>(put: Result<Ticket, PutError<T>>) -> (Why, T) {
    match put {
        Err(error @ PutError::Overflow(_)) => (Why::Overflow, error.into_item()),
        Err(error @ PutError::Closed(_)) => (Why::Closed, error.into_item()),
        Ok(_) => panic!("it was taken"),
    }
}

fn of_failure(failure: &Failure) -> Why {
    match failure.check().expect("an error of the queue") {
        GetError::Underflow(_) => Why::Underflow,
        GetError::Closed(_) => Why::Closed,
    }
}

/// Why a get fails.
fn why<T>(mut get: Get<T>) -> Why {
    match poll_once(get.as_mut()) {
        Poll::Ready(Err(failure)) => of_failure(&failure),
        Poll::Ready(Ok(_)) => panic!("it has an item"),
        Poll::Pending => panic!("it waits"),
    }
}

fn got<T>(queue: &DeferredPriorityQueue<T>, count: usize) -> Vec<T> {
    (0..count).map(|_| block_on(queue.get()).unwrap()).collect()
}

mod ported {
    use super::*;

    #[test]
    fn tickets_and_priorities_are_told() {
        let queue = DeferredPriorityQueue::new();
        let x = queue.put("x", 10).unwrap();
        assert_eq!(queue.tickets(), [(x, 10)]);
        let z = queue.put("z", 5).unwrap();
        assert_eq!(queue.tickets(), [(z, 5), (x, 10)]);
        assert!(x < z, "it was put first");
    }

    #[test]
    fn lower_priorities_come_first() {
        let queue = DeferredPriorityQueue::new();
        for (item, priority) in [("a", 20), ("b", 10), ("c", 15)] {
            queue.put(item, priority).unwrap();
        }
        assert_eq!(got(&queue, 3), ["b", "c", "a"]);
    }

    #[test]
    fn the_same_item_may_be_there_twice() {
        let queue = DeferredPriorityQueue::new();
        let one = queue.put("a", 20).unwrap();
        let other = queue.put("a", 10).unwrap();
        assert_ne!(one, other);
        assert_eq!(queue.delete(other), Some("a"));
        assert_eq!(queue.tickets(), [(one, 20)]);
    }

    #[test]
    fn new_priorities_make_a_new_order() {
        let queue = DeferredPriorityQueue::new();
        let [a, _, c] =
            [("a", 20), ("b", 10), ("c", 15)].map(|(item, priority)| queue.put(item, priority));
        assert_eq!(queue.reprioritise(c.unwrap(), 7), Some(15));
        assert_eq!(queue.reprioritise(a.unwrap(), 8), Some(20));
        assert_eq!(got(&queue, 3), ["c", "a", "b"]);
    }

    #[test]
    fn the_same_priority_changes_nothing() {
        let queue = DeferredPriorityQueue::new();
        let [_, b, _] =
            [("a", 1), ("b", 2), ("c", 3)].map(|(item, priority)| queue.put(item, priority));
        assert_eq!(queue.reprioritise(b.unwrap(), 2), Some(2));
        assert_eq!(got(&queue, 3), ["a", "b", "c"]);
    }

    #[test]
    fn what_is_gone_has_no_priority() {
        let queue = DeferredPriorityQueue::new();
        let deleted = queue.put("a", 10).unwrap();
        queue.delete(deleted);
        let taken = queue.put("b", 10).unwrap();
        got(&queue, 1);
        for gone in [deleted, taken] {
            assert_eq!(queue.reprioritise(gone, 7), None);
        }
        assert_eq!(queue.len(), 0);
    }

    #[test]
    fn a_deleted_item_does_not_come() {
        let queue = DeferredPriorityQueue::new();
        let a = queue.put("a", 0).unwrap();
        assert_eq!(queue.delete(a), Some("a"));
        queue.put("b", 0).unwrap();
        assert_eq!(got(&queue, 1), ["b"]);
        assert_eq!(queue.len(), 0);
    }

    #[test]
    fn what_is_gone_cannot_be_deleted() {
        let queue = DeferredPriorityQueue::new();
        let deleted = queue.put("a", 0).unwrap();
        queue.delete(deleted);
        let cleared = queue.put("b", 0).unwrap();
        queue.clear();
        queue.put("c", 0).unwrap();
        for gone in [deleted, cleared] {
            assert_eq!(queue.delete(gone), None);
        }
        assert_eq!(queue.len(), 1);
    }

    #[test]
    fn equals_come_in_the_order_in_which_they_were_put() {
        let queue = DeferredPriorityQueue::new();
        let items = [7, 2, 9, 4, 0, 8, 1, 6, 3, 5];
        for item in items {
            queue.put(item, 0).unwrap();
        }
        assert_eq!(got(&queue, 10), items);
    }

    #[test]
    fn bounds() {
        let queue = DeferredPriorityQueue::with_bounds(2, 2);
        let gets = [waits(&queue), waits(&queue)];
        assert_eq!(why(Box::pin(queue.get())), Why::Underflow);
        for number in 0..2 {
            queue.put(number, 0).unwrap();
        }
        assert_eq!(gets.map(item), [0, 1]);
        for number in 2..4 {
            queue.put(number, 0).unwrap();
        }
        assert_eq!(refused(queue.put(4, 0)), (Why::Overflow, 4));
        assert_eq!(got(&queue, 2), [2, 3]);

        let unbounded = DeferredPriorityQueue::new();
        let gets = [waits(&unbounded), waits(&unbounded)];
        for number in 0..2 {
            unbounded.put(number, 0).unwrap();
        }
        assert_eq!(gets.map(item), [0, 1]);

        let hand_to_hand = DeferredPriorityQueue::with_bounds(0, None);
        assert_eq!(refused(hand_to_hand.put(1, 0)), (Why::Overflow, 1));
        let get = waits(&hand_to_hand);
        hand_to_hand.put(2, 0).unwrap();
        assert_eq!(item(get), 2);

        let nobody_waits = DeferredPriorityQueue::<u8>::with_bounds(None, 0);
        assert_eq!(why(Box::pin(nobody_waits.get())), Why::Underflow);
    }

    #[test]
    fn a_cancellation_after_the_item_came_changes_nothing() {
        let queue = DeferredPriorityQueue::new();
        let (get, canceller) = queue.get().cancellable();
        let mut get = Box::pin(get);
        assert!(poll_once(get.as_mut()).is_pending());
        queue.put("an item", 0).unwrap();
        canceller.cancel();
        assert_eq!(block_on(get).unwrap(), "an item");
        assert_eq!(queue.len(), 0);
    }

    #[test]
    fn a_cancelled_get_takes_nothing() {
        let queue = DeferredPriorityQueue::new();
        let (get, canceller) = queue.get().cancellable();
        let mut get = Box::pin(get);
        assert!(poll_once(get.as_mut()).is_pending());
        canceller.cancel();
        assert!(block_on(get).unwrap_err().is_cancelled());
        assert_eq!(queue.waiting(), 0);
        queue.put("an item", 0).unwrap();
        assert_eq!(got(&queue, 1), ["an item"]);
    }
}

/// The original counted an item that was moved twice, and lost it when it was to come.
#[test]
fn a_new_priority_loses_no_item() {
    for (of_a, of_b) in [(1, 2), (2, 1)] {
        let queue = DeferredPriorityQueue::new();
        let a = queue.put("a", of_a).unwrap();
        queue.put("b", of_b).unwrap();
        queue.reprioritise(a, 5);
        assert_eq!(queue.len(), 2);
        assert_eq!(got(&queue, 2), ["b", "a"]);
        assert_eq!(queue.len(), 0);
    }
    // Back and forth, and to the front.
    let queue = DeferredPriorityQueue::new();
    let a = queue.put("a", 5).unwrap();
    queue.put("b", 5).unwrap();
    for priority in [9, 1, 5, 0] {
        queue.reprioritise(a, priority);
        assert_eq!(queue.len(), 2);
    }
    assert_eq!(got(&queue, 2), ["a", "b"]);
    assert!(queue.is_empty());
    assert!(poll_once(waits(&queue).as_mut()).is_pending());
}

#[test]
fn what_is_moved_keeps_its_age() {
    let queue = DeferredPriorityQueue::new();
    let tickets: Vec<Ticket> = (0..5)
        .map(|n| queue.put(n, if n == 2 { 7 } else { 5 }).unwrap())
        .collect();
    queue.reprioritise(tickets[2], 5);
    queue.reprioritise(tickets[0], 6);
    queue.reprioritise(tickets[0], 5);
    let mut seen = Vec::new();
    queue.for_each(|ticket, priority, item| seen.push((ticket, *priority, *item)));
    let all: Vec<_> = (0..5).map(|n| (tickets[n], 5, n)).collect();
    assert_eq!(seen, all);
    assert_eq!(got(&queue, 5), [0, 1, 2, 3, 4]);
}

#[test]
fn who_waits_longest_is_served_first() {
    let queue = DeferredPriorityQueue::new();
    let [first, second, third] = [waits(&queue), waits(&queue), waits(&queue)];
    // The second one goes away, and it is not the priorities of later items that count.
    drop(second);
    queue.put("unimportant", 9).unwrap();
    queue.put("important", 1).unwrap();
    assert_eq!((queue.len(), queue.waiting()), (0, 0));
    assert_eq!(item(third), "important");
    assert_eq!(item(first), "unimportant");
}

#[test]
fn only_whom_an_item_was_given_is_woken() {
    let queue = DeferredPriorityQueue::new();
    let gets: Vec<_> = (0..3)
        .map(|_| {
            let (wakes, waker) = Wakes::new();
            let mut get = Box::pin(queue.get());
            let mut cx = Context::from_waker(&waker);
            assert!(get.as_mut().poll(&mut cx).is_pending());
            assert!(get.as_mut().poll(&mut cx).is_pending());
            (get, wakes)
        })
        .collect();
    let woken = || {
        gets.iter()
            .map(|(_, wakes)| wakes.count())
            .collect::<Vec<_>>()
    };
    queue.put('a', 0).unwrap();
    assert_eq!(woken(), [1, 0, 0]);
    queue.put('b', 0).unwrap();
    assert_eq!(woken(), [1, 1, 0]);
    queue.close();
    assert_eq!(woken(), [1, 1, 1]);
}

#[test]
fn what_a_dropped_get_was_given_goes_to_the_next_one() {
    let queue = DeferredPriorityQueue::new();
    let (first, second) = (waits(&queue), waits(&queue));
    queue.put("an item", 0).unwrap();
    drop(first);
    assert_eq!(item(second), "an item");
}

#[test]
fn what_a_dropped_get_was_given_goes_back_to_its_place() {
    let queue = DeferredPriorityQueue::with_bounds(2, None);
    let get = waits(&queue);
    let ticket = queue.put("first", 5).unwrap();
    assert_eq!(queue.delete(ticket), None, "it is on its way");
    queue.put("second", 5).unwrap();
    queue.put("urgent", 1).unwrap();
    drop(get);
    assert_eq!(
        queue.len(),
        3,
        "more than its size: what is there is not lost"
    );
    assert_eq!(refused(queue.put("late", 0)), (Why::Overflow, "late"));
    let back = queue.tickets()[1];
    assert_eq!((back.1, queue.delete(back.0)), (5, Some("first")));
    assert_eq!(queue.clear(), ["urgent", "second"]);
}

#[test]
fn a_cancellation_beside_an_item_that_comes_changes_nothing() {
    let queue = DeferredPriorityQueue::new();
    let mut get = waits(&queue);
    queue.put("an item", 0).unwrap();
    assert!(matches!(get.as_mut().cancel(), Unwind::Idle));
    assert!(matches!(
        poll_once(get.as_mut()),
        Poll::Ready(Ok("an item"))
    ));
    // Nothing is left that could be cancelled, or that dropping could give back.
    assert!(matches!(get.as_mut().cancel(), Unwind::Idle));
    drop(get);
    assert_eq!((queue.len(), queue.waiting()), (0, 0));
}

#[test]
fn closing() {
    let queue = DeferredPriorityQueue::new();
    let [given, waiting] = [waits(&queue), waits(&queue)];
    queue.put("given", 0).unwrap();
    queue.close();
    assert!(queue.is_closed());
    assert_eq!(why(waiting), Why::Closed);
    assert_eq!(item(given), "given");
    assert_eq!(refused(queue.put("late", 0)), (Why::Closed, "late"));
    assert_eq!(why(Box::pin(queue.get())), Why::Closed);

    let queue = DeferredPriorityQueue::new();
    queue.put("left", 0).unwrap();
    queue.close();
    assert_eq!(got(&queue, 1), ["left"]);
    assert_eq!(why(Box::pin(queue.get())), Why::Closed);

    // An item that comes back after the end is there for who asks, and not lost.
    let queue = DeferredPriorityQueue::new();
    let get = waits(&queue);
    queue.put("back", 0).unwrap();
    queue.close();
    drop(get);
    assert_eq!(queue.try_get(), Some("back"));
}

#[test]
fn dropping_the_last_clone_closes_it() {
    let queue = DeferredPriorityQueue::<u8>::new();
    let get = waits(&queue);
    let clone = queue.clone();
    drop(queue);
    let mut other = waits(&clone);
    assert!(poll_once(other.as_mut()).is_pending());
    clone.put(1, 0).unwrap();
    drop(clone);
    assert_eq!((item(get), why(other)), (1, Why::Closed));
}

#[test]
fn a_get_that_was_closed_before_its_cancellation_says_so() {
    let queue = DeferredPriorityQueue::<u8>::new();
    let (get, canceller) = queue.get().cancellable();
    let mut get = Box::pin(get);
    assert!(poll_once(get.as_mut()).is_pending());
    queue.close();
    canceller.cancel();
    let failure = block_on(get).unwrap_err();
    assert_eq!(of_failure(&failure), Why::Closed);
}

#[callback]
fn less(one: u32, other: u32) -> u32 {
    one - other
}

#[test]
fn gets_are_arguments() {
    let queue = DeferredPriorityQueue::new();
    let mut call = Box::pin(less(queue.get(), queue.get()));
    assert!(poll_once(call.as_mut()).is_pending());
    assert_eq!(queue.waiting(), 2);
    queue.put(50, 3).unwrap();
    assert!(poll_once(call.as_mut()).is_pending());
    queue.put(8, 1).unwrap();
    assert_eq!(block_on(call).unwrap(), 42);
}

#[tokio::test(start_paused = true)]
async fn gets_have_limits_of_time() {
    use defer::TimedOut;
    use std::time::Duration;

    let queue = DeferredPriorityQueue::<u8>::new();
    let failure = queue
        .get()
        .timeout(Duration::from_secs(5))
        .await
        .unwrap_err();
    assert!(failure.check::<TimedOut>().is_some());
    assert_eq!(queue.waiting(), 0);
}

/// A waker that uses the queue from where it is called.
struct Meddles(DeferredPriorityQueue<u8>, AtomicBool);

impl std::task::Wake for Meddles {
    fn wake(self: Arc<Self>) {
        self.0.put(7, 0).unwrap();
        self.1.store(true, SeqCst);
    }
}

#[test]
fn no_waker_is_called_under_the_lock() {
    let queue = DeferredPriorityQueue::new();
    let meddles = Arc::new(Meddles(queue.clone(), AtomicBool::new(false)));
    let mut get = Box::pin(queue.get());
    let waker = meddles.clone().into();
    assert!(
        get.as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    queue.put(1, 0).unwrap();
    assert!(meddles.1.load(SeqCst));
    assert_eq!((item(get), queue.clear()), (1, vec![7]));
}

/// An item that uses the queue when it is dropped.
struct Last(DeferredPriorityQueue<Last>, Arc<Mutex<usize>>);

impl Drop for Last {
    fn drop(&mut self) {
        *self.1.lock().unwrap() = self.0.len();
    }
}

#[test]
fn no_item_is_dropped_under_the_lock() {
    let queue = DeferredPriorityQueue::new();
    let seen = Arc::new(Mutex::new(9));
    queue.put(Last(queue.clone(), seen.clone()), 0).unwrap();
    drop(queue.clear());
    assert_eq!(*seen.lock().unwrap(), 0);
    queue.close();
    *seen.lock().unwrap() = 9;
    drop(queue.put(Last(queue.clone(), seen.clone()), 0));
    assert_eq!(*seen.lock().unwrap(), 0);
}

#[test]
fn a_million_items_and_a_million_who_wait() {
    const N: u32 = 1_000_000;
    let queue = DeferredPriorityQueue::new();
    let taken = allocation_counter::measure(|| {
        for n in 0..N {
            queue.put(n, 0).unwrap();
        }
    });
    assert_eq!(queue.len(), N as usize);
    // 32 bytes for what is known of an item of four bytes, in a list that grows by doubling.
    assert!(taken.bytes_current <= 34 * i64::from(N), "{taken:?}");
    for n in 0..N {
        assert_eq!(queue.try_get(), Some(n));
    }

    let mut gets: VecDeque<_> = (0..N).map(|_| Box::pin(queue.get())).collect();
    for get in &mut gets {
        assert!(poll_once(get.as_mut()).is_pending());
    }
    for n in 0..N {
        queue.put(n, (n % 7) as i32).unwrap();
    }
    // Each item goes on and on, without a call inside of another one.
    for _ in 0..N / 2 {
        drop(gets.pop_front());
    }
    assert_eq!((queue.len(), queue.waiting()), (N as usize / 2, 0));
    let mut all: Vec<u32> = gets.into_iter().map(item).collect();
    while let Some(item) = queue.try_get() {
        all.push(item);
    }
    all.sort_unstable();
    assert!(all.into_iter().eq(0..N), "none is lost, none comes twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_between_threads() {
    const N: u32 = 20_000;
    let queue = DeferredPriorityQueue::new();
    let producers: Vec<_> = (0..2)
        .map(|part| {
            let queue = queue.clone();
            tokio::spawn(async move {
                for n in (part..N).step_by(2) {
                    let ticket = queue.put(n, (n % 5) as i32).unwrap();
                    queue.reprioritise(ticket, (n % 3) as i32);
                    if n % 64 == 0 {
                        tokio::task::yield_now().await;
                    }
                }
            })
        })
        .collect();
    let consumers: Vec<_> = (0..4)
        .map(|_| {
            let queue = queue.clone();
            tokio::spawn(async move {
                let mut all = Vec::new();
                loop {
                    // Gets that are given up again and again.
                    let given_up = std::future::poll_fn(|cx| {
                        let mut get = std::pin::pin!(queue.get());
                        Poll::Ready(match get.as_mut().poll(cx) {
                            Poll::Ready(item) => item.ok(),
                            Poll::Pending => None,
                        })
                    });
                    all.extend(given_up.await);
                    match queue.get().await {
                        Ok(item) => all.push(item),
                        Err(_) => return all,
                    }
                }
            })
        })
        .collect();
    for producer in producers {
        producer.await.unwrap();
    }
    queue.close();
    let mut all = Vec::new();
    for consumer in consumers {
        all.extend(consumer.await.unwrap());
    }
    all.sort_unstable();
    assert!(all.into_iter().eq(0..N), "none is lost, none comes twice");
}

mod against_a_model {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    enum Op {
        Put(i32),
        Get,
        Poll(usize),
        Drop(usize),
        Cancel(usize),
    }

    fn ops() -> impl Strategy<Value = Vec<Op>> {
        let op = prop_oneof![
            4 => (0..3).prop_map(Op::Put),
            4 => Just(Op::Get),
            3 => any::<usize>().prop_map(Op::Poll),
            2 => any::<usize>().prop_map(Op::Drop),
            2 => any::<usize>().prop_map(Op::Cancel),
        ];
        proptest::collection::vec(op, 0..120)
    }

    /// What a get has come to.
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Stage {
        Waits,
        Given((i32, u32)),
    }

    /// Gets in the order in which they came, and items.
    #[derive(Default)]
    struct Model {
        gets: Vec<Stage>,
        items: Vec<(i32, u32)>,
        lost: Vec<u32>,
    }

    impl Model {
        fn serve(&mut self) {
            self.items.sort_unstable();
            let waits = self.gets.iter_mut().find(|get| **get == Stage::Waits);
            if let Some(get) = waits.filter(|_| !self.items.is_empty()) {
                *get = Stage::Given(self.items.remove(0));
            }
        }

        fn goes(&mut self, which: usize) -> Stage {
            self.gets.remove(which)
        }

        fn gives_back(&mut self, which: usize) {
            if let Stage::Given(item) = self.goes(which) {
                self.items.push(item);
                self.serve();
            }
        }
    }

    proptest! {
        #[test]
        fn gets_and_items(ops in ops()) {
            let queue = DeferredPriorityQueue::new();
            let mut gets: Vec<Get<u32>> = Vec::new();
            let mut model = Model::default();
            let mut put = 0;
            for op in ops {
                match op {
                    Op::Put(priority) => {
                        queue.put(put, priority).unwrap();
                        model.items.push((priority, put));
                        model.serve();
                        put += 1;
                    }
                    Op::Get => {
                        let mut get = Box::pin(queue.get());
                        match poll_once(get.as_mut()) {
                            Poll::Ready(item) => {
                                let item = item.unwrap();
                                prop_assert_eq!(item, model.items.remove(0).1);
                                model.lost.push(item);
                            }
                            Poll::Pending => {
                                prop_assert!(model.items.is_empty());
                                model.gets.push(Stage::Waits);
                                gets.push(get);
                            }
                        }
                    }
                    Op::Poll(which) if !gets.is_empty() => {
                        let which = which % gets.len();
                        match (poll_once(gets[which].as_mut()), model.gets[which]) {
                            (Poll::Ready(item), Stage::Given((_, of_model))) => {
                                prop_assert_eq!(item.unwrap(), of_model);
                                model.goes(which);
                                model.lost.push(of_model);
                                drop(gets.remove(which));
                            }
                            (Poll::Pending, Stage::Waits) => {}
                            (polled, stage) => prop_assert!(false, "{polled:?} {stage:?}"),
                        }
                    }
                    Op::Drop(which) if !gets.is_empty() => {
                        let which = which % gets.len();
                        drop(gets.remove(which));
                        model.gives_back(which);
                    }
                    Op::Cancel(which) if !gets.is_empty() => {
                        let which = which % gets.len();
                        match (gets[which].as_mut().cancel(), model.gets[which]) {
                            (Unwind::Out, Stage::Waits) => {
                                drop(gets.remove(which));
                                model.goes(which);
                            }
                            (Unwind::Idle, Stage::Given(_)) => {}
                            (unwind, stage) => prop_assert!(false, "{unwind:?} {stage:?}"),
                        }
                    }
                    _ => {}
                }
                let wait = model.gets.iter().filter(|get| **get == Stage::Waits).count();
                prop_assert_eq!((queue.waiting(), queue.len()), (wait, model.items.len()));
            }
            drop(gets);
            let mut all = model.lost;
            all.extend(queue.clear());
            all.sort_unstable();
            prop_assert!(all.into_iter().eq(0..put));
        }
    }
}

mod auto_traits {
    use super::*;
    use static_assertions::{assert_impl_all, assert_not_impl_any};
    use std::rc::Rc;

    assert_impl_all!(DeferredPriorityQueue<u8>: Send, Sync, Unpin, Clone, Default, std::fmt::Debug);
    assert_impl_all!(PriorityGet<u8, i32>: Send, Sync, Unpin, std::fmt::Debug);
    assert_not_impl_any!(PriorityGet<Rc<u8>, i32>: Send, Sync);
    assert_impl_all!(PutError<u8>: std::error::Error);
    assert_impl_all!(GetError: std::error::Error);
}
