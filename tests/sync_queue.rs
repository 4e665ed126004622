//! Queues: order, bounds, closing, cancelling and dropping at every moment, streams.

mod support;

use std::collections::VecDeque;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use defer::prelude::*;
use defer::sync::{
    DeferredQueue, Get, GetError, PutError, QueueClosed, QueueItems, QueueOverflow, QueueUnderflow,
};
use futures::{FutureExt, StreamExt};
use proptest::prelude::*;
use static_assertions::assert_impl_all;
use support::{Wakes, poll_once};

assert_impl_all!(DeferredQueue<Vec<u8>>: Send, Sync, Clone, Default, std::fmt::Debug);
assert_impl_all!(Get<Vec<u8>>: Send, Unpin);
assert_impl_all!(QueueItems<Vec<u8>>: Send, Unpin);
assert_impl_all!(PutError<String>: std::error::Error, Send, Sync);
assert_impl_all!(QueueOverflow<String>: std::error::Error);
assert_impl_all!(QueueClosed<String>: std::error::Error);
assert_impl_all!(GetError: std::error::Error, Send, Sync);
assert_impl_all!(QueueUnderflow: std::error::Error);

/// Why a get has failed, if it has.
fn refusal<T>(polled: &Poll<Result<T, Failure>>) -> Option<&GetError> {
    match polled {
        Poll::Ready(Err(failure)) => failure.check(),
        _ => None,
    }
}

type Getter<T> = Pin<Box<Deferred<Result<T, Failure>, Get<T>>>>;

fn getter<T>(queue: &DeferredQueue<T>) -> Getter<T> {
    let mut getter = Box::pin(queue.get());
    assert!(poll_once(getter.as_mut()).is_pending());
    getter
}

fn now<T>(getter: &mut Getter<T>) -> T {
    match poll_once(getter.as_mut()) {
        Poll::Ready(Ok(item)) => item,
        Poll::Ready(Err(why)) => panic!("{why}"),
        Poll::Pending => panic!("it waits"),
    }
}

#[test]
fn who_has_waited_longest_has_the_next_value() {
    let queue = DeferredQueue::new();
    let (mut first, mut second) = (getter(&queue), getter(&queue));
    queue.put('a').unwrap();
    queue.put('b').unwrap();
    queue.put('c').unwrap();
    let mut third = Box::pin(queue.get());
    assert_eq!(now(&mut third), 'c');
    assert_eq!(now(&mut second), 'b');
    assert_eq!(now(&mut first), 'a');
}

#[test]
fn only_the_one_that_is_given_a_value_is_woken() {
    let queue = DeferredQueue::new();
    let mut getters = [queue.get(), queue.get()];
    let (first, waker) = Wakes::new();
    let mut cx = std::task::Context::from_waker(&waker);
    assert!(Pin::new(&mut getters[0]).poll(&mut cx).is_pending());
    let (second, waker) = Wakes::new();
    let mut cx = std::task::Context::from_waker(&waker);
    assert!(Pin::new(&mut getters[1]).poll(&mut cx).is_pending());
    queue.put(1).unwrap();
    assert_eq!((first.count(), second.count()), (1, 0));
}

#[test]
fn a_getter_that_moves_to_another_task_is_woken_there() {
    let queue = DeferredQueue::new();
    let mut getter = queue.get();
    let (before, waker) = Wakes::new();
    let mut cx = std::task::Context::from_waker(&waker);
    assert!(Pin::new(&mut getter).poll(&mut cx).is_pending());
    let (after, waker) = Wakes::new();
    let mut cx = std::task::Context::from_waker(&waker);
    assert!(Pin::new(&mut getter).poll(&mut cx).is_pending());
    queue.put(1).unwrap();
    assert_eq!((before.count(), after.count()), (0, 1));
}

#[test]
fn a_getter_that_is_dropped_before_it_is_given_anything_leaves() {
    let queue = DeferredQueue::new();
    let (first, mut second) = (getter(&queue), getter(&queue));
    drop(first);
    assert_eq!(queue.waiting(), 1);
    queue.put(1).unwrap();
    assert_eq!(now(&mut second), 1);
}

#[test]
fn what_was_given_to_a_getter_that_is_dropped_goes_to_the_next() {
    let queue = DeferredQueue::new();
    let (first, mut second, mut third) = (getter(&queue), getter(&queue), getter(&queue));
    queue.put(1).unwrap();
    queue.put(2).unwrap();
    drop(first);
    assert_eq!(now(&mut third), 1);
    assert_eq!(now(&mut second), 2);
}

#[test]
fn without_a_next_it_is_the_first_of_the_queue_again_even_if_that_is_full() {
    let queue = DeferredQueue::with_bounds(1, None);
    let first = getter(&queue);
    queue.put(1).unwrap();
    queue.put(2).unwrap();
    drop(first);
    assert_eq!(queue.len(), 2);
    assert_eq!(queue.put(3).unwrap_err().into_item(), 3);
    assert_eq!(queue.drain(), [1, 2]);
}

#[test]
fn bounds_are_for_values_without_an_owner_and_for_those_who_still_wait() {
    let queue = DeferredQueue::with_bounds(0, 1);
    let mut first = getter(&queue);
    queue.put(1).unwrap(); // it is the first one's
    let mut second = getter(&queue); // and only this one waits
    assert_eq!((queue.size(), queue.backlog()), (Some(0), Some(1)));
    assert_eq!((queue.len(), queue.waiting()), (0, 1));
    queue.put(2).unwrap();
    assert!(matches!(queue.put(3), Err(PutError::Overflow(_))));
    assert_eq!((now(&mut first), now(&mut second)), (1, 2));
}

#[test]
fn refusals_of_getters_leave_nothing_behind() {
    let queue = DeferredQueue::with_bounds(None, 0);
    for _ in 0..3 {
        let refused = poll_once(pin!(queue.get()));
        assert!(matches!(refusal(&refused), Some(GetError::Underflow(_))));
    }
    queue.put(1).unwrap();
    assert_eq!(queue.try_get(), Some(1));
}

mod closing {
    use super::*;

    #[test]
    fn those_who_wait_fail_and_what_is_there_comes_out() {
        let queue = DeferredQueue::<u8>::new();
        let mut waiting = getter(&queue);
        queue.close();
        let refused = poll_once(waiting.as_mut());
        let closed = refusal(&refused).expect("it waits for what cannot come");
        assert!(matches!(closed, GetError::Closed(_)));
        assert_eq!(closed.to_string(), "the queue is closed");

        let queue = DeferredQueue::new();
        queue.put(1).unwrap();
        queue.close();
        queue.close();
        let Err(PutError::Closed(why)) = queue.put(2) else {
            panic!("nothing more is taken");
        };
        assert_eq!(why.into_item(), 2);
        assert_eq!(now(&mut Box::pin(queue.get())), 1);
        let empty = poll_once(pin!(queue.get()));
        assert!(matches!(refusal(&empty), Some(GetError::Closed(_))));
    }

    #[test]
    fn what_was_given_before_is_kept() {
        let queue = DeferredQueue::new();
        let (mut first, second) = (getter(&queue), getter(&queue));
        queue.put(1).unwrap();
        queue.put(2).unwrap();
        queue.close();
        assert_eq!(now(&mut first), 1);
        drop(second);
        assert_eq!(queue.drain(), [2]);
    }

    #[test]
    fn the_last_handle_that_goes_closes_it() {
        let queue = DeferredQueue::new();
        let (mut first, mut second) = (getter(&queue), getter(&queue));
        let clone = queue.clone();
        drop(queue);
        assert!(poll_once(first.as_mut()).is_pending());
        clone.put(1).unwrap();
        drop(clone);
        assert_eq!(now(&mut first), 1);
        let refused = poll_once(second.as_mut());
        assert!(matches!(refusal(&refused), Some(GetError::Closed(_))));
    }

    #[test]
    fn a_value_that_closes_its_queue_when_it_is_dropped_does_no_harm() {
        struct Closes(DeferredQueue<Option<Closes>>);
        impl Drop for Closes {
            fn drop(&mut self) {
                self.0.close();
            }
        }
        let queue = DeferredQueue::with_bounds(0, None);
        drop(queue.put(Some(Closes(queue.clone()))));
        assert!(queue.is_closed());
    }
}

mod cancelling {
    use super::*;

    #[test]
    fn a_getter_that_waits_leaves() {
        let queue = DeferredQueue::<u8>::new();
        let getter = queue.get();
        let (getter, canceller) = getter.cancellable();
        let mut getter = pin!(getter);
        assert!(poll_once(getter.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(queue.waiting(), 1);
        assert!(poll_once(getter.as_mut()).is_ready());
        assert_eq!(queue.waiting(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_of_time_takes_no_value_along() {
        let queue = DeferredQueue::<u8>::new();
        let limit = std::time::Duration::from_secs(1);
        let getter = queue.get();
        assert!(getter.timeout(limit).await.unwrap_err().is_timeout());
        queue.put(1).unwrap();
        assert_eq!(queue.try_get(), Some(1));
    }
}

mod streams {
    use super::*;

    #[tokio::test]
    async fn values_come_as_they_are_put_until_it_is_closed() {
        let queue = DeferredQueue::new();
        let items = queue.items();
        let reads = tokio::spawn(items.collect::<Vec<_>>());
        for n in 0..10 {
            queue.put(n).unwrap();
            tokio::task::yield_now().await;
        }
        queue.close();
        assert!(reads.await.unwrap().into_iter().eq(0..10));
    }

    #[tokio::test]
    async fn it_ends_with_the_last_handle_though_it_is_one_of_its_own() {
        let queue = DeferredQueue::new();
        let items = queue.items();
        queue.put(1).unwrap();
        drop(queue);
        assert_eq!(items.collect::<Vec<_>>().await, [1]);
    }

    #[tokio::test]
    async fn it_waits_beyond_the_backlog_and_gives_back_when_it_is_dropped() {
        let queue = DeferredQueue::with_bounds(None, 0);
        let mut items = queue.items();
        assert!(items.next().now_or_never().is_none());
        assert_eq!(queue.waiting(), 1);
        queue.put(1).unwrap();
        drop(items);
        assert_eq!(queue.drain(), [1]);
    }

    #[tokio::test]
    async fn it_can_be_asked_again_after_its_end() {
        let queue = DeferredQueue::<u8>::new();
        let mut items = queue.items();
        assert!(items.next().now_or_never().is_none());
        queue.close();
        assert_eq!(items.next().await, None);
        assert_eq!(items.next().await, None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn getters_that_are_dropped_on_other_threads_lose_nothing() {
    const ITEMS: u32 = 20_000;
    let queue = DeferredQueue::new();
    let taken = Arc::new(Mutex::new(Vec::new()));
    let readers: Vec<_> = (0..4u32)
        .map(|reader| {
            let (queue, taken) = (queue.clone(), taken.clone());
            tokio::spawn(async move {
                for round in 0u32.. {
                    let mut getter = queue.get();
                    if (round + reader) % 3 == 0 {
                        // Asked once, and dropped as it is.
                        if let Poll::Ready(Ok(item)) = poll_once(Pin::new(&mut getter)) {
                            taken.lock().unwrap().push(item);
                        }
                        tokio::task::yield_now().await;
                        continue;
                    }
                    match getter.await {
                        Ok(item) => taken.lock().unwrap().push(item),
                        Err(_) => return,
                    }
                }
            })
        })
        .collect();
    for item in 0..ITEMS {
        queue.put(item).unwrap();
        if item % 64 == 0 {
            tokio::task::yield_now().await;
        }
    }
    queue.close();
    for reader in readers {
        reader.await.unwrap();
    }
    let mut taken = std::mem::take(&mut *taken.lock().unwrap());
    taken.sort_unstable();
    assert!(taken.into_iter().eq(0..ITEMS));
}

#[derive(Clone, Debug)]
enum Op {
    Put,
    TryGet,
    Wait,
    Look(usize),
    Drop(usize),
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        3 => Just(Op::Put),
        1 => Just(Op::TryGet),
        3 => Just(Op::Wait),
        2 => any::<prop::sample::Index>().prop_map(|at| Op::Look(at.index(8))),
        2 => any::<prop::sample::Index>().prop_map(|at| Op::Drop(at.index(8))),
    ];
    prop::collection::vec(op, 0..60)
}

/// A queue as lists: what it holds, and who waits with what.
#[derive(Default)]
struct Model {
    items: VecDeque<u32>,
    getters: Vec<(u32, Option<u32>)>,
}

impl Model {
    fn give(&mut self, item: u32) -> bool {
        let waiting = self.getters.iter_mut().filter(|(_, has)| has.is_none());
        let next = waiting.min_by_key(|(came, _)| *came);
        next.map(|(_, has)| *has = Some(item)).is_some()
    }
}

proptest! {
    #[test]
    fn any_course_of_things_is_that_of_a_plain_model(
        ops in ops(), size in prop::option::of(0..3usize), backlog in prop::option::of(0..3usize)
    ) {
        let queue = DeferredQueue::with_bounds(size, backlog);
        let mut model = Model::default();
        let mut getters: Vec<Getter<u32>> = Vec::new();
        for (n, op) in (0u32..).zip(ops) {
            match op {
                Op::Put => {
                    let given = model.give(n);
                    let room = size.is_none_or(|size| model.items.len() < size);
                    if !given && room {
                        model.items.push_back(n);
                    }
                    prop_assert_eq!(queue.put(n).is_ok(), given || room);
                }
                Op::TryGet => prop_assert_eq!(queue.try_get(), model.items.pop_front()),
                Op::Wait => {
                    let mut getter = Box::pin(queue.get());
                    let polled = poll_once(getter.as_mut());
                    let waiting = model.getters.iter().filter(|(_, has)| has.is_none()).count();
                    if let Some(item) = model.items.pop_front() {
                        prop_assert!(matches!(polled, Poll::Ready(Ok(it)) if it == item));
                    } else if backlog.is_some_and(|backlog| waiting >= backlog) {
                        prop_assert!(matches!(refusal(&polled), Some(GetError::Underflow(_))));
                    } else {
                        prop_assert!(polled.is_pending());
                        getters.push(getter);
                        model.getters.push((n, None));
                    }
                }
                Op::Look(at) if at < getters.len() => {
                    match (poll_once(getters[at].as_mut()), model.getters[at].1) {
                        (Poll::Pending, None) => {}
                        (Poll::Ready(Ok(item)), Some(has)) if item == has => {
                            drop(getters.remove(at));
                            model.getters.remove(at);
                        }
                        (polled, has) => prop_assert!(false, "{polled:?} where it has {has:?}"),
                    }
                }
                Op::Drop(at) if at < getters.len() => {
                    drop(getters.remove(at));
                    if let (_, Some(item)) = model.getters.remove(at) {
                        if !model.give(item) {
                            model.items.push_front(item);
                        }
                    }
                }
                Op::Look(_) | Op::Drop(_) => {}
            }
            let waiting = model.getters.iter().filter(|(_, has)| has.is_none()).count();
            prop_assert_eq!((queue.len(), queue.waiting()), (model.items.len(), waiting));
        }
        prop_assert!(queue.drain().into_iter().eq(model.items));
    }
}
