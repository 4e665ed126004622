//! Between deferreds and what tokio and the standard library have: futures, tasks, channels.

mod support;

use std::future::{Future, pending};
use std::pin::{Pin, pin};
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use defer::prelude::*;
use defer::{Abandoned, Cancelled, Chain, Panicked, TimedOut, Unwind};
use support::{Flag, Log, poll_once};
use tokio::sync::oneshot;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};

const MS: Duration = Duration::from_millis(1);

#[callback]
fn add(a: u32, b: u32) -> u32 {
    a + b
}

mod to_a_future {
    use super::*;

    /// What takes futures and nothing else.
    async fn run<F: Future>(future: F) -> F::Output {
        future.await
    }

    #[tokio::test]
    async fn a_value_and_a_failure() {
        assert_eq!(run(add(1, 2)).await, 3);
        assert_eq!(run(fail::<u8, _>("no")).await, Err("no"));
        let object: Pin<Box<dyn Future<Output = u32> + Send>> = Box::pin(add(1, 2));
        assert_eq!(run(object).await, 3);
    }

    #[tokio::test]
    async fn of_a_hand_made_one() {
        let (resolver, deferred) = Deferred::<Result<u8, Failure>, _>::new();
        let task = tokio::spawn(run(deferred));
        yield_now().await;
        assert!(!task.is_finished());
        resolver.callback(7).unwrap();
        assert_eq!(task.await.unwrap().unwrap(), 7);
    }

    #[tokio::test]
    async fn who_drops_the_future_drops_the_deferred() {
        let (resolver, deferred) = Deferred::<Result<u8, Failure>, _>::new();
        let task = tokio::spawn(run(deferred));
        yield_now().await;
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(resolver.callback(7), Err(7));
    }

    #[tokio::test]
    async fn who_drops_the_future_leaves_what_its_canceller_would_give() {
        let log = Log::default();
        let said = log.clone();
        let (resolver, deferred) = Deferred::<Result<u8, Failure>, _>::with_canceller(move || {
            said.add("canceller");
            Some(Ok(9))
        });
        let task = tokio::spawn(run(deferred));
        yield_now().await;
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled(), "not a success");
        assert!(resolver.is_cancelled());
        assert!(log.all().is_empty(), "dropping is not cancelling");
    }

    #[tokio::test]
    async fn who_cancels_it_while_it_is_a_future_is_heard() {
        let (resolver, deferred) = Deferred::<Result<u8, Failure>, _>::new();
        let (deferred, canceller) = deferred.cancellable();
        let task = tokio::spawn(run(deferred));
        yield_now().await;
        canceller.cancel();
        assert!(task.await.unwrap().unwrap_err().is_cancelled());
        assert!(resolver.is_cancelled());
    }
}

mod from_a_future {
    use super::*;

    #[tokio::test]
    async fn a_value_and_a_failure() {
        assert_eq!(defer(async { 1_u32 }).add_callback(|n| n + 1).await, 2);
        let failed = defer(async { Err::<u8, _>("no") }).add_errback(|why| why.len() as u8);
        assert_eq!(failed.await, 2);
    }

    #[tokio::test]
    async fn cancelled_it_is_dropped() {
        let (flag, gone) = Flag::new();
        let future = async move {
            let _held = flag;
            pending::<u8>().await
        };
        let (waiting, canceller) = future.defer().cancellable();
        let mut waiting = Box::pin(waiting);
        assert!(poll_once(waiting.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(waiting.await, Err(Cancelled));
        assert!(gone.load(SeqCst));
    }
}

mod from_a_task {
    use super::*;

    /// An error of the user's own.
    #[derive(Debug, PartialEq)]
    enum App {
        Cancelled,
        Panicked(Option<String>),
        TimedOut,
    }
    impl From<TimedOut> for App {
        fn from(_: TimedOut) -> Self {
            App::TimedOut
        }
    }
    impl From<Cancelled> for App {
        fn from(_: Cancelled) -> Self {
            App::Cancelled
        }
    }
    impl From<Panicked> for App {
        fn from(panicked: Panicked) -> Self {
            App::Panicked(panicked.message().map(str::to_owned))
        }
    }

    type Task<T, E = Failure> = Deferred<Result<T, E>, defer::bridge::Joined<T, E>>;

    #[tokio::test]
    async fn its_value_and_its_result() {
        let task: Task<u32> = tokio::spawn(async { 1 }).into_deferred();
        assert_eq!(add(task, 2).await.unwrap(), 3);
        let task = tokio::spawn(async { Err::<u8, _>(Failure::msg("no")) });
        let task: Task<_> = task.into_deferred();
        let flat = task.add_callback(|result| result);
        assert_eq!(flat.await.unwrap_err().to_string(), "no");
    }

    #[tokio::test]
    async fn its_panic() {
        let task = tokio::spawn(async { [1_u32][std::hint::black_box(1)] });
        let task: Task<u32, App> = task.into_deferred();
        let Err(App::Panicked(Some(message))) = task.await else {
            panic!("it panicked")
        };
        assert!(message.contains("out of bounds"));
        let task: Task<()> = tokio::spawn(async { std::panic::panic_any(7_u8) }).into_deferred();
        let failure = task.await.unwrap_err();
        let payload = failure.check::<Panicked>().unwrap().take_payload();
        assert_eq!(*payload.unwrap().downcast::<u8>().unwrap(), 7);
    }

    #[tokio::test]
    async fn aborted_by_somebody_else() {
        let task = tokio::spawn(pending::<u8>());
        let abort = task.abort_handle();
        let waiting = tokio::spawn(task.into_deferred::<App>());
        yield_now().await;
        abort.abort();
        assert_eq!(waiting.await.unwrap(), Err(App::Cancelled));
    }

    #[tokio::test]
    async fn cancelled_it_is_aborted_and_waited_for() {
        let (flag, gone) = Flag::new();
        let task = tokio::spawn(async move {
            let _held = flag;
            pending::<u32>().await
        });
        let task: Task<u32, App> = task.into_deferred();
        let (call, canceller) = add(task, 1).cancellable();
        let mut call = Box::pin(call);
        yield_now().await;
        assert!(poll_once(call.as_mut()).is_pending());
        canceller.cancel();
        assert!(
            poll_once(call.as_mut()).is_pending(),
            "the task is there yet"
        );
        assert!(!gone.load(SeqCst));
        assert_eq!(call.await, Err(App::Cancelled));
        assert!(gone.load(SeqCst));
    }

    #[tokio::test]
    async fn cancelled_after_its_end_it_stands() {
        let task: Task<u32> = tokio::spawn(async { 1 }).into_deferred();
        let (call, canceller) = add(task, 1).cancellable();
        let mut call = Box::pin(call);
        assert!(poll_once(call.as_mut()).is_pending());
        yield_now().await;
        canceller.cancel();
        assert_eq!(call.await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_task_that_cannot_be_stopped_is_waited_for() {
        let (go, waits) = std::sync::mpsc::channel();
        let (said, begun) = oneshot::channel();
        // A thread that blocks is not dropped.
        let task = tokio::task::spawn_blocking(move || {
            said.send(()).unwrap();
            waits.recv().unwrap()
        });
        let task: Task<u32> = task.into_deferred();
        let (call, canceller) = add(task, 1).cancellable();
        let mut call = Box::pin(call);
        begun.await.unwrap();
        assert!(poll_once(call.as_mut()).is_pending());
        canceller.cancel();
        assert!(poll_once(call.as_mut()).is_pending());
        go.send(1).unwrap();
        assert_eq!(call.await.unwrap(), 2, "its value stands");
    }

    #[tokio::test]
    async fn dropped_it_is_aborted() {
        let (flag, gone) = Flag::new();
        let task = tokio::spawn(async move {
            let _held = flag;
            pending::<u32>().await
        });
        yield_now().await;
        drop(task.into_deferred::<Failure>().add_callback(|n| n + 1));
        yield_now().await;
        assert!(gone.load(SeqCst));
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_aborts_it() {
        let begin = Instant::now();
        let task = tokio::spawn(async { sleep(99 * MS).await });
        let task: Task<()> = task.into_deferred();
        let failure = task.timeout(MS).await.unwrap_err();
        assert_eq!(failure.to_string(), "timed out after 1ms");
        assert_eq!(begin.elapsed(), MS);
        // Though its error has its own idea of a cancellation.
        let task: Task<u8, App> = tokio::spawn(pending()).into_deferred();
        assert_eq!(task.timeout(MS).await, Err(App::TimedOut));
    }

    #[tokio::test]
    async fn at_its_end_nothing_inside_waits() {
        let mut task: Task<u32> = tokio::spawn(async { 1 }).into_deferred();
        yield_now().await;
        let told = Chain::cancel(Pin::new(&mut task));
        assert!(matches!(told, Unwind::Idle));
        assert_eq!(task.await.unwrap(), 1);
        let mut task: Task<u32> = tokio::spawn(pending()).into_deferred();
        let told = Chain::cancel(Pin::new(&mut task));
        assert!(matches!(told, Unwind::Stays));
    }

    #[tokio::test]
    #[should_panic(expected = "polled after it had yielded its outcome")]
    async fn polled_again_it_says_so() {
        let task: Task<u32> = tokio::spawn(async { 1 }).into_deferred();
        let mut task = pin!(task);
        assert!(task.as_mut().await.is_ok());
        let _ = poll_once(task);
    }
}

mod from_a_channel {
    use super::*;

    #[derive(Debug, PartialEq)]
    enum App {
        Cancelled,
        Abandoned,
    }
    impl From<Cancelled> for App {
        fn from(_: Cancelled) -> Self {
            App::Cancelled
        }
    }
    impl From<Abandoned> for App {
        fn from(_: Abandoned) -> Self {
            App::Abandoned
        }
    }

    type Received<E = App> = Deferred<Result<u32, E>, defer::bridge::Received<u32, E>>;

    fn channel() -> (oneshot::Sender<u32>, Received) {
        let (sender, receiver) = oneshot::channel();
        (sender, receiver.into_deferred())
    }

    #[tokio::test]
    async fn what_is_sent_before_and_while_it_waits() {
        let (sender, received) = channel();
        sender.send(1).unwrap();
        assert_eq!(add(received, 1).await, Ok(2));
        let (sender, received) = channel();
        let call = tokio::spawn(add(received, 1));
        yield_now().await;
        sender.send(2).unwrap();
        assert_eq!(call.await.unwrap(), Ok(3));
    }

    #[tokio::test]
    async fn a_sender_that_is_dropped() {
        let (sender, received) = channel();
        drop(sender);
        assert_eq!(received.await, Err(App::Abandoned));
        let (_, receiver) = oneshot::channel::<u32>();
        let received: Received<Failure> = receiver.into_deferred();
        assert!(received.await.unwrap_err().check::<Abandoned>().is_some());
    }

    #[tokio::test]
    async fn cancelled_its_sender_learns_of_it() {
        let (mut sender, received) = channel();
        let (waiting, canceller) = received.cancellable();
        let waiting = tokio::spawn(waiting);
        yield_now().await;
        canceller.cancel();
        sender.closed().await;
        assert_eq!(waiting.await.unwrap(), Err(App::Cancelled));
        assert_eq!(sender.send(1), Err(1), "the value comes back");
    }

    #[tokio::test]
    async fn cancelled_after_it_was_sent_the_value_stands() {
        let (sender, received) = channel();
        let (waiting, canceller) = received.cancellable();
        let mut waiting = Box::pin(waiting);
        assert!(poll_once(waiting.as_mut()).is_pending());
        sender.send(1).unwrap();
        canceller.cancel();
        assert_eq!(waiting.await, Ok(1));

        let (sender, received) = channel();
        let (waiting, canceller) = received.cancellable();
        let mut waiting = Box::pin(waiting);
        assert!(poll_once(waiting.as_mut()).is_pending());
        drop(sender);
        canceller.cancel();
        assert_eq!(waiting.await, Err(App::Abandoned));
    }

    #[tokio::test]
    async fn cancelled_its_sender_learns_of_it_while_the_deferred_is_there() {
        let (sender, mut received) = channel();
        let told = Chain::cancel(Pin::new(&mut received));
        assert!(matches!(told, Unwind::Out));
        assert_eq!(sender.send(1), Err(1));
        drop(received);
    }

    #[tokio::test]
    async fn dropped_its_sender_learns_of_it() {
        let (sender, received) = channel();
        drop(received);
        assert!(sender.is_closed());
    }

    #[tokio::test(start_paused = true)]
    async fn an_errback_answers_for_a_sender_that_is_late() {
        let log = Log::default();
        let said = log.clone();
        let (sender, receiver) = oneshot::channel();
        let received: Received<Failure> = receiver.into_deferred();
        let answer = received.timeout(MS).add_errback(move |why| {
            said.add(why.to_string());
            0
        });
        let sends = tokio::spawn(async move {
            sleep(2 * MS).await;
            sender.send(1)
        });
        assert_eq!(answer.await, 0);
        assert_eq!(sends.await.unwrap(), Err(1));
        assert_eq!(log.all(), ["timed out after 1ms"]);
    }

    #[tokio::test]
    async fn in_a_plan_they_are_leaves() {
        let (_sender, received) = channel();
        let task = tokio::spawn(async { 1_u32 }).into_deferred::<Failure>();
        assert_eq!(
            received.plan().to_string(),
            "channel of Result<u32, App>, App goes to the caller\n"
        );
        assert_eq!(
            task.plan().to_string(),
            "task of Result<u32, Failure>, Failure goes to the caller\n"
        );
    }
}
