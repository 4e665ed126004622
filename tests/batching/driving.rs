//! On whatever thread, and by whatever polls it.

use super::*;

static LOADED: Mutex<Vec<usize>> = Mutex::new(Vec::new());

async fn load(ids: Vec<u32>) -> Vec<u32> {
    LOADED.lock().unwrap().push(ids.len());
    sleep(Duration::from_millis(1)).await;
    ids
}
#[callback(batch = load)]
fn loaded(id: u32) -> u32;

#[test]
fn tasks_that_move_between_threads_are_all_answered() {
    const TASKS: u32 = 500;
    const CALLS: u32 = 4;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        let tasks = (0..TASKS).map(|task| {
            tokio::spawn(async move {
                for call in 0..CALLS {
                    let id = task * CALLS + call;
                    assert_eq!(loaded(id).await, id);
                }
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
    });
    let sizes = LOADED.lock().unwrap();
    let calls = (TASKS * CALLS) as usize;
    let asked: usize = sizes.iter().sum();
    assert_eq!(asked, calls, "no key is lost, none asked for twice");
    assert!(sizes.len() < calls, "{} batches", sizes.len());
}

#[test]
fn one_batch_for_threads_and_their_executors() {
    let asked = Arc::new(AtomicUsize::new(0));
    let told = asked.clone();
    let batch: Batch<u32, u32> = Batch::new(move |ids: Vec<u32>| {
        told.fetch_add(ids.len(), SeqCst);
        defer(async move {
            yield_now().await;
            ids
        })
    });
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let batch = batch.clone();
            scope.spawn(move || {
                for call in 0..500 {
                    let id = thread * 500 + call;
                    let answer = futures::executor::block_on(batch.get(id));
                    assert_eq!(answer.unwrap(), id);
                }
            });
        }
    });
    assert_eq!(asked.load(SeqCst), 2_000);
}

/// The branch of a `select!` that lost is there, and is not polled.
#[tokio::test(start_paused = true)]
async fn who_is_not_polled_any_more_holds_nobody_up() {
    let mut held = pin!(count(1));
    let (one, two) = tokio::select! {
        biased;
        _ = &mut held => panic!("it takes more than a poll"),
        () = std::future::ready(()) => {
            // Behind a box, which only its own wakers open.
            (count(2).boxed().await, count(3).await)
        }
    };
    assert_eq!((one.unwrap(), two.unwrap()), (4, 6));
    assert_eq!(held.await.unwrap(), 2);
    assert_eq!(asked(), [("counts", vec![1, 2]), ("counts", vec![3])]);
}

#[tokio::test(start_paused = true)]
async fn who_sent_it_and_is_not_polled_any_more_holds_nobody_up() {
    let mut held = Box::pin(count(1));
    let other = tokio::spawn(count(2));
    for _ in 0..20 {
        let polled = std::future::poll_fn(|cx| Poll::Ready(held.as_mut().poll(cx))).await;
        assert!(polled.is_pending());
        if ASKED.with_borrow(|asked| !asked.is_empty()) {
            break;
        }
        yield_now().await;
    }
    assert_eq!(asked(), [("counts", vec![1, 2])]);
    assert_eq!(other.await.unwrap().unwrap(), 4);
    assert_eq!(held.await.unwrap(), 2);
}

#[tokio::test(start_paused = true)]
async fn who_is_paused_holds_nobody_up() {
    let (held, pauser) = count(1).pausable();
    pauser.pause();
    let held = tokio::spawn(held);
    assert_eq!(count(2).boxed().await.unwrap(), 4);
    pauser.unpause().unwrap();
    assert_eq!(held.await.unwrap().unwrap(), 2);
}

#[test]
fn calls_of_one_task_wake_it_once() {
    let (resolver, answers) = Deferred::<Result<Vec<u32>, Failure>, _>::new();
    let answers = Mutex::new(Some(answers));
    let batch: Batch<u32, u32> =
        Batch::new(move |_: Vec<u32>| answers.lock().unwrap().take().unwrap());
    let sum = add(add(batch.get(1), batch.get(2)), batch.get(3));
    let mut sum = pin!(sum);
    let (wakes, waker) = Wakes::new();
    let mut cx = Context::from_waker(&waker);
    let mut polls = 0;
    loop {
        let before = wakes.count();
        assert!(sum.as_mut().poll(&mut cx).is_pending());
        polls += 1;
        if wakes.count() == before {
            break;
        }
    }
    assert!(polls < 10, "{polls} polls until it was sent");
    let before = wakes.count();
    resolver.callback(vec![10, 20, 30]).unwrap();
    assert_eq!(wakes.count() - before, 1);
    let Poll::Ready(sum) = sum.as_mut().poll(&mut cx) else {
        panic!("it is answered")
    };
    assert_eq!(sum.unwrap(), 60);
}

#[test]
#[should_panic(expected = "a deferred was polled after it had yielded its outcome")]
fn polled_again_after_its_outcome_it_panics() {
    let batch: Batch<u32, u32> = Batch::new(|ids: Vec<u32>| ids);
    let mut call = batch.get(1);
    while poll_once(Pin::new(&mut call)).is_pending() {}
    let _ = poll_once(Pin::new(&mut call));
}
