//! Work on other threads and in other tasks: `defer_to_thread`, `blocking` and `spawn`.

mod support;

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::thread::{self, ThreadId};
use std::time::Duration;

use defer::prelude::*;
use defer::task::defer_to_thread;
use defer::time::remaining;
use defer::{Cancelled, Panicked};

#[callback]
fn add(a: u32, b: u32) -> u32 {
    a + b
}

mod to_a_thread {
    use super::*;

    #[tokio::test]
    async fn a_value_an_outcome_and_an_error_of_its_own() {
        let here = thread::current().id();
        let there = defer_to_thread(|| Ok::<_, Failure>(thread::current().id()));
        assert_ne!(there.await.unwrap(), here);
        assert_eq!(defer_to_thread(|| 3_u8).await.unwrap(), 3);
        let failed = defer_to_thread(|| "x".parse::<u8>().map_err(Failure::from));
        assert!(
            failed
                .await
                .unwrap_err()
                .check::<std::num::ParseIntError>()
                .is_some()
        );
    }

    #[tokio::test]
    async fn arguments_that_run_at_once() {
        // Each waits for the other: they would not come back one after the other.
        let (to_b, from_a) = mpsc::channel();
        let (to_a, from_b) = mpsc::channel();
        let a = defer_to_thread(move || {
            to_b.send(1).unwrap();
            from_b.recv().unwrap()
        });
        let b = defer_to_thread(move || {
            to_a.send(2).unwrap();
            from_a.recv().unwrap()
        });
        assert_eq!(add(a, b).await.unwrap(), 3);
    }

    #[tokio::test]
    async fn a_panic_is_a_failure() {
        let broken = defer_to_thread(|| -> u8 { panic!("no bread") });
        let failure = broken.await.unwrap_err();
        assert_eq!(
            failure.check::<Panicked>().unwrap().message(),
            Some("no bread")
        );
    }

    #[tokio::test]
    async fn nothing_runs_before_the_first_poll() {
        let ran = Arc::new(AtomicBool::new(false));
        let there = ran.clone();
        drop(defer_to_thread(move || there.store(true, SeqCst)));
        defer_to_thread(|| ()).await.unwrap();
        assert!(!ran.load(SeqCst));
    }

    /// One thread for all, held by what the first one waits for.
    fn one_thread() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .max_blocking_threads(1)
            .build()
            .unwrap()
    }

    #[test]
    fn cancelled_before_it_has_begun_it_never_does() {
        let ran = Arc::new(AtomicBool::new(false));
        let there = ran.clone();
        one_thread().block_on(async {
            let (go, wait) = mpsc::channel::<()>();
            let first = defer_to_thread(move || wait.recv().unwrap()).start();
            tokio::task::yield_now().await;
            let second = defer_to_thread(move || there.store(true, SeqCst)).start();
            tokio::task::yield_now().await;
            second.cancel();
            // At once: the thread is still busy.
            assert!(second.await.unwrap_err().is_cancelled());
            go.send(()).unwrap();
            first.await.unwrap();
            defer_to_thread(|| ()).await.unwrap();
        });
        assert!(!ran.load(SeqCst));
    }

    #[test]
    fn cancelled_while_it_runs_the_deferred_fails_at_once() {
        one_thread().block_on(async {
            let (go, wait) = mpsc::channel::<()>();
            let (end, ended) = mpsc::channel();
            let (begin, begun) = tokio::sync::oneshot::channel();
            let (flag, dropped) = support::Flag::new();
            let runs = defer_to_thread(move || {
                begin.send(()).unwrap();
                wait.recv().unwrap();
                end.send(()).unwrap();
                Ok::<_, Failure>(flag)
            });
            let runs = runs.start();
            begun.await.unwrap();
            runs.cancel();
            assert!(runs.await.unwrap_err().is_cancelled());
            go.send(()).unwrap();
            ended.recv().unwrap();
            defer_to_thread(|| ()).await.unwrap();
            assert!(dropped.load(SeqCst), "what it returned is dropped");
        });
    }

    #[tokio::test]
    async fn an_errback_around_it_takes_the_cancellation() {
        let (go, wait) = mpsc::channel::<()>();
        let runs = defer_to_thread(move || wait.recv().map_err(Failure::from).map(|()| 1));
        let (call, canceller) = runs
            .add_errback(|why: Failure| if why.is_cancelled() { 2 } else { 3 })
            .cancellable();
        let (outcome, ()) = tokio::join!(call, async { canceller.cancel() });
        assert_eq!(outcome, Ok(2));
        drop(go);
    }

    #[tokio::test]
    async fn it_knows_how_much_time_is_left() {
        let limited = defer_to_thread(remaining).timeout(Duration::from_secs(1000));
        assert!(limited.await.unwrap().unwrap() <= Duration::from_secs(1000));
        assert_eq!(defer_to_thread(remaining).await.unwrap(), None);
    }

    #[test]
    fn a_runtime_that_is_gone_is_a_cancellation() {
        let runtime = one_thread();
        let handle = runtime.handle().clone();
        drop(runtime);
        let _inside = handle.enter();
        let failure = futures::executor::block_on(defer_to_thread(|| 3_u8)).unwrap_err();
        assert!(failure.check::<Cancelled>().is_some());
        let call = blocking::double(3).catch_panics();
        let failure = futures::executor::block_on(call).unwrap_err();
        assert!(
            failure.message().unwrap().contains("shut down"),
            "{failure}"
        );
    }
}

/// The thread, for what has to be somewhere else.
fn here() -> ThreadId {
    thread::current().id()
}

mod blocking {
    use super::*;

    /// Doubles, elsewhere.
    #[callback(blocking)]
    pub(super) fn double(n: u32) -> (u32, ThreadId) {
        (n * 2, here())
    }

    #[callback(blocking)]
    fn read(path: String, #[value] fallback: &'static str) -> Result<String, Failure> {
        if path.is_empty() {
            return Ok(fallback.to_owned());
        }
        Ok(std::fs::read_to_string(path)?)
    }

    #[callback(blocking, boxed)]
    fn boxed(mut all: Vec<u32>) -> u32 {
        all.sort_unstable();
        all[0]
    }

    #[callback(blocking)]
    fn generic<T: Ord + Send + 'static>(
        all: Vec<T>,
        by: impl Fn(&T) -> bool + Send + 'static,
    ) -> Option<T> {
        all.into_iter().filter(|one| by(one)).max()
    }

    #[callback(blocking)]
    fn broken(n: u32) -> u32 {
        assert_eq!(n, 0, "not none");
        n
    }

    /// None of its arguments is used, and all of them live until it ends.
    #[callback(blocking)]
    fn holds(
        _n: u32,
        #[value] _: support::Flag,
        #[value] (_left, _): (support::Flag, u8),
        #[value] look: impl Fn() -> bool + Send + 'static,
    ) -> bool {
        look()
    }

    #[tokio::test]
    async fn arguments_live_until_the_body_ends() {
        let ((a, a_gone), (b, b_gone)) = (support::Flag::new(), support::Flag::new());
        let gone = [a_gone, b_gone];
        let there = gone.clone();
        let look = move || there.iter().any(|gone| gone.load(SeqCst));
        assert!(!holds(succeed(1), a, (b, 1), look).await);
        assert!(gone.iter().all(|gone| gone.load(SeqCst)));
    }

    struct Store(u32);

    impl Store {
        #[callback(blocking)]
        fn add(self: Arc<Self>, n: u32) -> u32 {
            self.0 + n
        }
        #[callback(blocking, associated)]
        fn apart(n: u32) -> u32 {
            n + 1
        }
    }

    #[tokio::test]
    async fn the_type_is_that_of_the_body() {
        let (n, there): (u32, ThreadId) = double(21).await;
        assert_eq!(n, 42);
        assert_ne!(there, here());
        let text: Result<String, Failure> = read(succeed(String::new()), "none").await;
        assert_eq!(text.unwrap(), "none");
        let failure = read("/no/such/file".to_owned(), "").await.unwrap_err();
        assert!(failure.check::<std::io::Error>().is_some());
    }

    #[tokio::test]
    async fn arguments_are_those_of_any_callback() {
        let later = defer(async { Ok::<_, Failure>(21) });
        assert_eq!(double(later).await.unwrap().0, 42);
        let failing = fail::<u32, Failure>(Cancelled.into());
        assert!(double(failing).await.unwrap_err().is_cancelled());
        let all = boxed(vec![succeed(3), succeed(1), succeed(2)]);
        assert_eq!(all.await, 1);
        assert_eq!(generic(vec![1, 5, 4], |n| n % 2 == 0).await, Some(4));
    }

    #[tokio::test]
    async fn methods() {
        let store = Arc::new(Store(40));
        assert_eq!(store.clone().add(succeed(2)).await, 42);
        assert_eq!(Store::apart(store.add(1)).await, 42);
    }

    #[tokio::test]
    async fn a_panic_goes_on_where_it_is_awaited() {
        let failure = broken(1).catch_panics().await.unwrap_err();
        assert!(failure.message().unwrap().contains("not none"));
    }

    #[tokio::test]
    async fn the_body_waits_for_its_arguments() {
        let (resolver, argument) = Deferred::<Result<u32, Failure>, _>::new();
        let call = double(argument).start();
        tokio::task::yield_now().await;
        assert!(!call.is_finished());
        resolver.callback(4).unwrap();
        assert_eq!(call.await.unwrap().0, 8);
    }

    #[tokio::test]
    async fn a_cancellation_leaves_it_at_once() {
        let (go, wait) = mpsc::channel::<()>();
        #[callback(blocking)]
        fn waits(#[value] wait: mpsc::Receiver<()>) -> Result<(), Failure> {
            Ok(wait.recv()?)
        }
        let call = waits(wait).start();
        tokio::task::yield_now().await;
        call.cancel();
        assert!(call.await.unwrap_err().is_cancelled());
        drop(go);
    }

    #[tokio::test]
    async fn drawn_as_any_call() {
        let drawn = double(succeed(1)).plan().to_string();
        assert!(drawn.starts_with("double (tests/threads.rs:"), "{drawn}");
        assert!(drawn.ends_with("\n  n: value\n"), "{drawn}");
    }
}

mod spawn {
    use super::*;
    use std::future::pending;
    use support::{Flag, Log};
    use tokio::time::{Instant, sleep};

    const MS: Duration = Duration::from_millis(1);

    #[callback(spawn)]
    fn heavy(n: u32) -> (u32, ThreadId) {
        (n * 2, here())
    }

    #[callback(spawn)]
    async fn after(#[value] millis: u32, n: u32) -> Result<u32, Failure> {
        sleep(millis * MS).await;
        Ok(n)
    }

    #[callback(spawn)]
    fn deferred(n: u32) -> Deferred<u32> {
        add(n, 1).boxed()
    }

    #[callback(spawn)]
    async fn never(#[value] held: Flag) -> Result<u32, Failure> {
        let _held = held;
        pending().await
    }

    #[errback]
    async fn clean(failure: Failure, #[value] log: Log) -> Result<u32, Failure> {
        log.add("cleaning");
        sleep(10 * MS).await;
        log.add("clean");
        Err(failure)
    }

    #[callback(spawn)]
    async fn cleans(#[value] held: Flag, #[value] log: Log) -> Result<u32, Failure> {
        clean(never(held), log).await
    }

    #[callback(spawn, boxed)]
    async fn broken(n: u32) -> u32 {
        assert_eq!(n, 0, "not none");
        n
    }

    #[inline_callbacks(spawn)]
    fn inline(n: u32) -> Result<u32, Failure> {
        let n = after(1, n).await?;
        Ok(n + 1)
    }

    struct Store(u32);

    impl Store {
        #[callback(spawn)]
        async fn add(self: Arc<Self>, n: u32) -> u32 {
            self.0 + n
        }
    }

    #[tokio::test(start_paused = true)]
    async fn bodies_of_every_kind() {
        let (n, _): (u32, ThreadId) = heavy(succeed(21)).await;
        assert_eq!(n, 42);
        assert_eq!(after(5, 3).await.unwrap(), 3);
        assert_eq!(deferred(2).await, 3);
        assert_eq!(broken(0).await, 0);
        assert_eq!(inline(after(1, 4)).await.unwrap(), 5);
        assert_eq!(Arc::new(Store(1)).add(succeed(2)).await, 3);
    }

    /// Two bodies that wait for each other without giving up their threads.
    #[tokio::test(flavor = "multi_thread", worker_threads = 3)]
    async fn bodies_run_on_several_threads_at_once() {
        #[callback(spawn)]
        fn meets(#[value] barrier: Arc<std::sync::Barrier>, n: u32) -> u32 {
            barrier.wait();
            n
        }
        let barrier = Arc::new(std::sync::Barrier::new(2));
        assert_eq!(add(meets(barrier.clone(), 1), meets(barrier, 2)).await, 3);
    }

    #[tokio::test(start_paused = true)]
    async fn it_goes_on_while_nobody_polls_the_call() {
        let log = Log::default();
        #[callback(spawn)]
        async fn says(#[value] log: Log) {
            log.add("said");
        }
        let mut call = Box::pin(says(log.clone()));
        let begun = std::future::poll_fn(|cx| std::task::Poll::Ready(call.as_mut().poll(cx)));
        assert!(begun.await.is_pending());
        sleep(MS).await;
        assert_eq!(log.all(), ["said"]);
        call.await;
    }

    #[tokio::test]
    async fn a_panic_goes_on_where_it_is_awaited() {
        let failure = broken(1).catch_panics().await.unwrap_err();
        assert!(failure.message().unwrap().contains("not none"));
    }

    #[tokio::test(start_paused = true)]
    async fn cancelling_it_is_cancelling_the_body() {
        let (log, (flag, dropped)) = (Log::default(), Flag::new());
        let call = cleans(flag, log.clone()).start();
        sleep(MS).await;
        let start = Instant::now();
        call.cancel();
        assert!(call.await.unwrap_err().is_cancelled());
        assert_eq!(start.elapsed(), 10 * MS);
        assert_eq!(log.all(), ["cleaning", "clean"]);
        assert!(dropped.load(SeqCst));
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancellation_that_nothing_takes_leaves_it() {
        #[callback(spawn)]
        async fn waits() -> u32 {
            pending().await
        }
        let (call, canceller) = waits().cancellable();
        let (outcome, ()) = tokio::join!(call, async {
            sleep(MS).await;
            canceller.cancel();
        });
        assert_eq!(outcome, Err(Cancelled));
    }

    #[tokio::test(start_paused = true)]
    async fn dropping_it_aborts_the_body() {
        let (flag, dropped) = Flag::new();
        let mut call = Box::pin(never(flag));
        let begun = std::future::poll_fn(|cx| std::task::Poll::Ready(call.as_mut().poll(cx)));
        assert!(begun.await.is_pending());
        sleep(MS).await;
        assert!(!dropped.load(SeqCst));
        drop(call);
        sleep(MS).await;
        assert!(dropped.load(SeqCst));
    }
}
