//! Going in the middle of it all.

use super::*;

thread_local!(static CLEANED: Cell<u32> = const { Cell::new(0) });

#[callback]
async fn slowly(ids: Vec<u32>) -> Result<Vec<u32>, Failure> {
    note("slow", &ids);
    sleep(Duration::from_millis(5)).await;
    Ok(ids)
}
#[errback]
async fn clean_up(failure: Failure) -> Result<Vec<u32>, Failure> {
    sleep(Duration::from_millis(5)).await;
    CLEANED.set(CLEANED.get() + 1);
    Err(failure)
}
fn load_slowly(
    ids: Vec<u32>,
) -> Deferred<Result<Vec<u32>, Failure>, impl Chain<Output = Result<Vec<u32>, Failure>>> {
    clean_up(slowly(ids))
}
#[callback(batch = load_slowly)]
fn slow(id: u32) -> Result<u32, Failure>;

#[tokio::test(start_paused = true)]
async fn one_that_is_cancelled_before_takes_its_key_back() {
    let ((first, canceller), second) = (slow(1).cancellable(), slow(2));
    let (first, second, ()) = tokio::join!(first, second, async {
        canceller.cancel();
    });
    assert!(first.unwrap_err().is_cancelled());
    assert_eq!(second.unwrap(), 2);
    assert_eq!(asked(), [("slow", vec![2])]);
    assert_eq!(CLEANED.get(), 0);
}

#[tokio::test(start_paused = true)]
async fn one_that_is_cancelled_later_leaves_the_others() {
    let ((first, canceller), second) = (slow(1).cancellable(), slow(2));
    let (first, second, ()) = tokio::join!(first, second, async {
        sleep(Duration::from_millis(2)).await;
        canceller.cancel();
    });
    assert!(first.unwrap_err().is_cancelled());
    assert_eq!(second.unwrap(), 2);
    assert_eq!(asked(), [("slow", vec![1, 2])]);
    assert_eq!(CLEANED.get(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_last_one_that_is_cancelled_cancels_what_runs_and_waits_for_its_errbacks() {
    let (sum, canceller) = add(slow(1), slow(2)).cancellable();
    let start = tokio::time::Instant::now();
    let (sum, ()) = tokio::join!(sum, async {
        sleep(Duration::from_millis(2)).await;
        canceller.cancel();
    });
    assert!(sum.unwrap_err().is_cancelled());
    assert_eq!(CLEANED.get(), 1);
    assert_eq!(start.elapsed(), Duration::from_millis(7));
}

fn load_or_zero(
    ids: Vec<u32>,
) -> Deferred<Result<Vec<u32>, Failure>, impl Chain<Output = Result<Vec<u32>, Failure>>> {
    let zeros = ids.len();
    slowly(ids).add_errback(move |_| Ok(vec![0; zeros]))
}
#[callback(batch = load_or_zero)]
fn or_zero(id: u32) -> Result<u32, Failure>;

#[tokio::test(start_paused = true)]
async fn what_recovers_from_its_cancellation_answers_the_last_call() {
    let (call, canceller) = or_zero(7).cancellable();
    let (answer, ()) = tokio::join!(call, async {
        sleep(Duration::from_millis(2)).await;
        canceller.cancel();
    });
    assert_eq!(answer.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn dropping_runs_no_errback_and_stops_what_runs() {
    let both = async { tokio::join!(slow(1), slow(2)) };
    let limit = tokio::time::timeout(Duration::from_millis(2), both).await;
    assert!(limit.is_err());
    sleep(Duration::from_millis(50)).await;
    assert_eq!((sizes(), CLEANED.get()), (vec![("slow", 2)], 0));
}

/// Three calls, of which one goes after each number of polls, by each way of going: the
/// others get their answers, and nothing is left over.
#[tokio::test(start_paused = true)]
async fn at_every_poll() {
    for polls in 0..12 {
        for goes in 0..3 {
            for cancelled in [false, true] {
                let told = format!("{goes} goes after {polls} polls, cancelled: {cancelled}");
                let mut calls: Vec<_> = (0..3).map(|id| Some(slow(id).cancellable())).collect();
                for _ in 0..polls {
                    for (call, _) in calls.iter_mut().flatten() {
                        assert!(poll_once(Pin::new(call)).is_pending(), "{told}");
                    }
                }
                let mut gone = calls[goes].take().unwrap();
                if cancelled {
                    gone.1.cancel();
                    let polled = poll_once(Pin::new(&mut gone.0));
                    let Poll::Ready(Err(failure)) = polled else {
                        panic!("{told}: {polled:?}")
                    };
                    assert!(failure.is_cancelled(), "{told}");
                }
                drop(gone);
                let stay = (0..3).filter(|id| *id != goes as u32);
                let calls = calls.into_iter().flatten().map(|(call, _)| call);
                let answers = futures::future::join_all(calls).await;
                let answers = answers.into_iter().map(Result::unwrap);
                assert!(answers.eq(stay), "{told}");
                let sent: Vec<_> = asked().into_iter().map(|(_, ids)| ids).collect();
                let [sent] = &sent[..] else {
                    panic!("{told}: {sent:?}")
                };
                assert!(sent.len() >= 2, "{told}: {sent:?}");
            }
        }
    }
    assert_eq!(CLEANED.get(), 0, "there was always somebody left");
}
