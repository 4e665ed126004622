//! The members of lists: in which order they are polled, what their wakers outlive, what
//! panics leave behind.
//!
//! For miri: no attribute and no runtime.

use std::cell::{Cell, RefCell};
use std::marker::PhantomPinned;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use defer_core::list::first_success;
use defer_core::{AddCallback, Arg, Chain, Deferred, Failure, HandMade, Resolver, Unwind, defer};

/// A waker that counts.
#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wakes {
    fn new() -> (Arc<Self>, Waker) {
        let wakes = Arc::new(Wakes::default());
        (wakes.clone(), wakes.into())
    }
    fn count(&self) -> usize {
        self.0.load(SeqCst)
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// What a parameter `Vec<T>` that is given these waits for.
fn gather<T, M, D>(members: Vec<D>) -> <Vec<D> as Arg<Vec<T>, M>>::Chain
where
    Vec<D>: Arg<Vec<T>, M>,
{
    members.into_chain()
}

fn poll_with<F: Future>(future: Pin<&mut F>, waker: &Waker) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(waker))
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    poll_with(future, Waker::noop())
}

/// A future that calls a closure in each poll.
fn each<O>(poll: impl FnMut(&mut Context<'_>) -> Poll<O>) -> Deferred<O, impl Chain<Output = O>> {
    defer(std::future::poll_fn(poll))
}

fn settle<C: Chain>(chain: Pin<&mut C>) -> Poll<Option<C::Output>> {
    chain.poll_settle(&mut Context::from_waker(Waker::noop()))
}

type Log<T> = Arc<Mutex<Vec<T>>>;

/// Somewhere to leave wakers.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<Waker>>>);

impl Kept {
    fn keep(&self, cx: &Context<'_>) {
        self.0.lock().unwrap().push(cx.waker().clone());
    }
    fn take(&self) -> Vec<Waker> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

mod order {
    use super::*;

    #[test]
    fn members_are_polled_in_the_order_in_which_they_woke() {
        let (kept, log) = (Kept::default(), Log::default());
        let members = (0..70).map(|place| {
            let (kept, log) = (kept.clone(), log.clone());
            each::<()>(move |cx| {
                log.lock().unwrap().push(place);
                kept.keep(cx);
                Poll::Pending
            })
        });
        let mut list = pin!(gather::<(), _, _>(members.collect()));
        assert!(poll(list.as_mut()).is_pending());
        let polled = || std::mem::take(&mut *log.lock().unwrap());
        assert_eq!(polled(), (0..70).collect::<Vec<_>>());
        let wakers = kept.take();
        for order in [[5, 69, 0, 33], [33, 0, 69, 5]] {
            for place in order {
                wakers[place].wake_by_ref();
                wakers[order[0]].wake_by_ref();
            }
            assert!(poll(list.as_mut()).is_pending());
            assert_eq!(polled(), order);
        }
    }

    #[test]
    fn of_several_that_are_ready_the_one_that_woke_first_wins() {
        type Made = Deferred<Result<u8, Failure>, HandMade<u8>>;
        let (resolvers, members): (Vec<Resolver<u8>>, Vec<Made>) =
            (0..3).map(|_| Deferred::new()).unzip();
        let mut call = pin!(first_success(members));
        assert!(poll(call.as_mut()).is_pending());
        for (value, resolver) in resolvers.into_iter().enumerate().rev() {
            resolver.callback(value as u8).unwrap();
        }
        let Poll::Ready(Ok(won)) = poll(call) else {
            panic!("all are ready")
        };
        assert_eq!(won, (2, 2));
    }

    #[test]
    fn one_that_wakes_itself_over_and_over_lets_others_run() {
        let (polls, told) = (AtomicUsize::new(0), Wakes::new());
        let restless = || {
            each::<()>(|cx| {
                polls.fetch_add(1, SeqCst);
                cx.waker().wake_by_ref();
                Poll::Pending
            })
        };
        let mut list = pin!(gather::<(), _, _>(vec![restless(), restless(), restless()]));
        for round in 1..9 {
            assert!(poll_with(list.as_mut(), &told.1).is_pending());
            assert_eq!(polls.load(SeqCst), 2 * round, "two of them");
            assert_eq!(told.0.count(), round, "and it goes on");
        }
    }

    #[test]
    fn two_that_wake_each_other_let_others_run() {
        let (kept, told) = ([Kept::default(), Kept::default()], Wakes::new());
        let polls = AtomicUsize::new(0);
        let member = |me: usize| {
            let (kept, polls) = (&kept, &polls);
            each::<()>(move |cx| {
                polls.fetch_add(1, SeqCst);
                kept[me].keep(cx);
                kept[1 - me].take().into_iter().for_each(Waker::wake);
                Poll::Pending
            })
        };
        let mut list = pin!(gather::<(), _, _>(vec![member(0), member(1)]));
        for round in 1..9 {
            assert!(poll_with(list.as_mut(), &told.1).is_pending());
            assert_eq!((polls.load(SeqCst), told.0.count()), (2 * round, round));
        }
    }

    #[test]
    fn a_list_that_waits_tells_its_task_once_for_all() {
        let (kept, told) = (Kept::default(), Wakes::new());
        let member = || {
            each::<()>(|cx| {
                kept.keep(cx);
                Poll::Pending
            })
        };
        let mut list = pin!(gather::<(), _, _>((0..5).map(|_| member()).collect()));
        assert!(poll_with(list.as_mut(), &told.1).is_pending());
        assert_eq!(told.0.count(), 0);
        kept.take().into_iter().for_each(Waker::wake);
        assert_eq!(told.0.count(), 1);
        // Another task polls it: from now on that one is told.
        let other = Wakes::new();
        assert!(poll_with(list.as_mut(), &other.1).is_pending());
        kept.take()[0].wake_by_ref();
        assert_eq!((told.0.count(), other.0.count()), (1, 1));
    }

    #[test]
    fn members_are_cancelled_in_order_and_those_not_begun_do_not_begin() {
        let log = Log::default();
        let (resolvers, members): (Vec<Resolver<u8>>, Vec<_>) = (0..9)
            .map(|name| {
                let log = log.clone();
                Deferred::<Result<u8, Failure>, _>::with_canceller(move || {
                    log.lock().unwrap().push(name);
                    None
                })
            })
            .unzip();
        let told = Wakes::new();
        let mut list = pin!(gather::<u8, _, _>(members));
        assert!(poll_with(list.as_mut(), &told.1).is_pending());
        assert!(matches!(list.as_mut().cancel(), Unwind::Stays));
        assert_eq!(told.0.count(), 1, "it is to be polled");
        assert!(settle(list).is_ready());
        assert_eq!(*log.lock().unwrap(), (0..9).collect::<Vec<_>>());
        assert!(resolvers.iter().all(Resolver::is_cancelled));

        let begun = AtomicBool::new(false);
        let member = || {
            each::<()>(|_| {
                begun.store(true, SeqCst);
                Poll::Ready(())
            })
        };
        let mut list = pin!(gather::<(), _, _>(vec![member(), member()]));
        assert_eq!(list.as_mut().cancel(), Unwind::Stays);
        assert_eq!(settle(list), Poll::Ready(None));
        assert!(!begun.load(SeqCst));
    }
}

mod wakers {
    use super::*;

    /// Leaves its waker behind, and tells where it was dropped.
    struct Leaves(Kept, Rc<RefCell<Vec<thread::ThreadId>>>);

    impl Future for Leaves {
        type Output = ();
        fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
            self.0.keep(cx);
            Poll::Pending
        }
    }

    impl Drop for Leaves {
        fn drop(&mut self) {
            self.1.borrow_mut().push(thread::current().id());
        }
    }

    #[test]
    fn they_outlive_the_list_on_any_thread_and_keep_neither_members_nor_the_task() {
        let (kept, dropped) = (Kept::default(), Rc::default());
        let member = |_| defer(Leaves(kept.clone(), Rc::clone(&dropped)));
        let mut list = Box::pin(gather::<(), _, _>((0..5).map(member).collect()));
        let (told, waker) = Wakes::new();
        assert!(poll_with(list.as_mut(), &waker).is_pending());
        drop(waker);
        assert_eq!(Arc::strong_count(&told), 2);
        let wakers = kept.take();
        let more = wakers.clone();
        drop(list);
        assert_eq!(*dropped.borrow(), [thread::current().id(); 5]);
        assert_eq!(Arc::strong_count(&told), 1);
        let late = thread::spawn(move || {
            for waker in &more {
                let other = waker.clone();
                waker.wake_by_ref();
                other.wake();
            }
        });
        wakers.iter().for_each(Waker::wake_by_ref);
        drop(wakers);
        late.join().unwrap();
        assert_eq!(told.count(), 0);
    }

    #[test]
    fn one_is_the_same_from_poll_to_poll_and_no_other_ones() {
        let kept = Kept::default();
        let member = |_| defer(Leaves(kept.clone(), Rc::default()));
        let mut list = pin!(gather::<(), _, _>((0..3).map(member).collect()));
        assert!(poll(list.as_mut()).is_pending());
        let first = kept.take();
        first.iter().for_each(Waker::wake_by_ref);
        assert!(poll(list.as_mut()).is_pending());
        let second = kept.take();
        for (a, first) in first.iter().enumerate() {
            for (b, second) in second.iter().enumerate() {
                assert_eq!(first.will_wake(second), a == b);
            }
        }
    }

    /// Wakes itself and its neighbours while it is dropped.
    struct Loud(Kept);

    impl Future for Loud {
        type Output = ();
        fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
            self.0.keep(cx);
            Poll::Pending
        }
    }

    impl Drop for Loud {
        fn drop(&mut self) {
            self.0.0.lock().unwrap().iter().for_each(Waker::wake_by_ref);
        }
    }

    #[test]
    fn they_may_be_woken_while_members_are_dropped() {
        let kept = Kept::default();
        let member = || defer(Loud(kept.clone())).add_callback(|()| Err::<u8, _>("never"));
        let (wakes_it, mut polls) = (kept.clone(), 0);
        let failing = each(move |cx| {
            wakes_it.keep(cx);
            polls += 1;
            if polls == 1 {
                return Poll::Pending;
            }
            Poll::Ready(Err("failed"))
        });
        let members = vec![
            member().boxed_local(),
            failing.boxed_local(),
            member().boxed_local(),
        ];
        let (told, waker) = Wakes::new();
        let mut list = pin!(gather::<u8, _, _>(members));
        assert!(poll_with(list.as_mut(), &waker).is_pending());
        kept.0.lock().unwrap()[1].wake_by_ref();
        assert_eq!(told.count(), 1);
        assert_eq!(poll_with(list, &waker), Poll::Ready(Err("failed")));
        assert_eq!(told.count(), 1, "there is nothing to poll for");
    }

    #[test]
    fn threads_that_wake_at_once_lose_nothing() {
        const MEMBERS: usize = if cfg!(miri) { 12 } else { 3_000 };
        type Made = Deferred<Result<usize, Failure>, HandMade<usize>>;
        let (mut resolvers, members): (Vec<Resolver<usize>>, Vec<Made>) =
            (0..MEMBERS).map(|_| Deferred::new()).unzip();
        let other = resolvers.split_off(MEMBERS / 2);
        let fire = |resolvers: Vec<Resolver<usize>>, from: usize| {
            thread::spawn(move || {
                for (place, resolver) in resolvers.into_iter().enumerate() {
                    resolver.callback(from + place).unwrap();
                }
            })
        };
        let list = gather::<usize, _, _>(members);
        let threads = [fire(resolvers, 0), fire(other, MEMBERS / 2)];
        let all = futures::executor::block_on(list).unwrap();
        assert_eq!(all, (0..MEMBERS).collect::<Vec<_>>());
        for thread in threads {
            thread.join().unwrap();
        }
    }
}

mod chains {
    use super::*;

    /// Must not move.
    #[derive(Default)]
    struct Fixed {
        at: Cell<Option<*const Fixed>>,
        polls: Cell<usize>,
        _pinned: PhantomPinned,
    }

    impl Future for Fixed {
        type Output = usize;
        fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<usize> {
            let here: *const Fixed = &*self;
            assert_eq!(self.at.replace(Some(here)).unwrap_or(here), here);
            let polls = self.polls.replace(self.polls.get() + 1);
            if polls == 3 {
                return Poll::Ready(polls);
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        }
    }

    #[test]
    fn they_stay_where_they_are() {
        let member = |_| defer(Fixed::default());
        let list = gather::<usize, _, _>((0..20).map(member).collect());
        assert_eq!(futures::executor::block_on(list), [3; 20]);
    }

    #[test]
    fn they_may_have_no_size() {
        struct Nothing;
        impl Future for Nothing {
            type Output = u8;
            fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<u8> {
                Poll::Ready(7)
            }
        }
        assert_eq!(size_of_val(&defer(Nothing)), 0);
        let list = gather::<u8, _, _>((0..20).map(|_| defer(Nothing)).collect());
        assert_eq!(futures::executor::block_on(list), [7; 20]);
        let never = |_| defer(std::future::pending::<()>());
        let mut list = pin!(gather::<(), _, _>((0..5).map(never).collect()));
        assert!(poll(list.as_mut()).is_pending());
    }

    #[test]
    fn a_list_is_send_as_its_members_are() {
        fn is_send(_: &(impl Send + Sync + Unpin)) {}
        let list = gather::<u8, _, _>(vec![defer(std::future::ready(1))]);
        is_send(&list);
    }
}

mod panics {
    use super::*;

    fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
        catch_unwind(AssertUnwindSafe(work)).ok()
    }

    #[test]
    fn one_that_panics_is_dropped_and_the_others_go_on() {
        let (alive, kept) = (Rc::new(()), Kept::default());
        let member = |place: usize| {
            let (held, kept) = (alive.clone(), kept.clone());
            let mut polls = 0;
            each(move |cx| {
                let _ = &held;
                kept.keep(cx);
                polls += 1;
                match place {
                    1 => panic!("as it was told"),
                    _ if polls > 1 => Poll::Ready(Err::<u8, usize>(place)),
                    _ => Poll::Pending,
                }
            })
        };
        let mut call = pin!(first_success((0..3).map(member)));
        assert_eq!(caught(|| poll(call.as_mut())), None);
        assert_eq!(Rc::strong_count(&alive), 3, "two of them and this one");
        assert!(poll(call.as_mut()).is_pending(), "the third begins");
        kept.take().into_iter().for_each(Waker::wake);
        assert_eq!(poll(call), Poll::Ready(Err(vec![0, 2])));
    }

    /// Panics when it is dropped.
    struct Bomb(Rc<RefCell<Vec<usize>>>, usize, bool);

    impl Future for Bomb {
        type Output = Result<usize, &'static str>;
        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
            if self.2 {
                Poll::Ready(Ok(self.1))
            } else {
                Poll::Pending
            }
        }
    }

    impl Drop for Bomb {
        fn drop(&mut self) {
            self.0.borrow_mut().push(self.1);
            if self.1 == 1 {
                panic!("in its drop");
            }
        }
    }

    #[test]
    fn one_that_panics_when_it_is_dropped_leaves_none_undropped() {
        for ready in [false, true] {
            let dropped = Rc::default();
            let member = |place| defer(Bomb(Rc::clone(&dropped), place, ready));
            let mut list = Box::pin(gather::<usize, _, _>((0..4).map(member).collect()));
            let polled = caught(|| poll(list.as_mut()));
            assert_eq!(polled.is_none(), ready);
            assert_eq!(caught(|| drop(list)).is_none(), !ready);
            assert_eq!(*dropped.borrow(), [0, 1, 2, 3]);
        }
    }

    #[test]
    fn a_task_that_panics_when_it_is_told_breaks_nothing() {
        struct Fragile(AtomicUsize);
        impl Wake for Fragile {
            fn wake(self: Arc<Self>) {
                if self.0.fetch_add(1, SeqCst) == 0 {
                    panic!("out of order");
                }
            }
        }
        let kept = Kept::default();
        let member = || {
            let mut polls = 0;
            each({
                let kept = kept.clone();
                move |cx| {
                    kept.keep(cx);
                    polls += 1;
                    if polls > 1 {
                        return Poll::Ready(polls);
                    }
                    Poll::Pending
                }
            })
        };
        let task = Arc::new(Fragile(AtomicUsize::new(0)));
        let waker = Waker::from(task.clone());
        let mut list = pin!(gather::<i32, _, _>(vec![member(), member()]));
        assert!(poll_with(list.as_mut(), &waker).is_pending());
        let mut wakers = kept.take().into_iter();
        let (first, second) = (wakers.next().unwrap(), wakers.next().unwrap());
        assert_eq!(caught(|| first.wake()), None);
        second.wake();
        assert_eq!(poll_with(list, &waker), Poll::Ready(vec![2, 2]));
        kept.take();
        drop(waker);
        assert_eq!(Arc::strong_count(&task), 1);
    }
}
