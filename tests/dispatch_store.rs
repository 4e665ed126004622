//! The store of a dispatch queue that keeps nothing, and what the trait promises its callers.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use defer::dispatch::store::{JobId, JobStore, Memory, StoreError, StoreErrorKind, Stored};
use static_assertions::assert_impl_all;

assert_impl_all!(StoreError: Clone, Send, Sync, std::error::Error);
assert_impl_all!(Memory: JobStore<String>, JobStore<Vec<u8>>);

type Call = std::pin::Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send>>;

/// A call outlives the borrow of its store, whatever the store is.
fn put_and_let_go<A, S: JobStore<A>>(store: S, argument: A) -> Call {
    let job = Stored::new(store.next_id(), 0, argument);
    Box::pin(store.put(&job))
}

#[test]
fn memory_is_done_at_once() {
    let store = Memory::new();
    let id = JobId::new(1);
    let job = Stored::new(id, 0, "x");
    let calls: [Call; 7] = [
        Box::pin(store.put(&job)),
        Box::pin(JobStore::<&str>::lease(&store, id)),
        Box::pin(JobStore::<&str>::release(&store, id)),
        Box::pin(JobStore::<&str>::reprioritise(&store, id, 4)),
        Box::pin(JobStore::<&str>::bury(&store, id, "it is broken")),
        Box::pin(JobStore::<&str>::remove(&store, id)),
        Box::pin(JobStore::<&str>::flush(&store)),
    ];
    let cx = &mut Context::from_waker(Waker::noop());
    for mut call in calls {
        assert!(matches!(call.as_mut().poll(cx), Poll::Ready(Ok(()))));
    }
    let recovered: Poll<Result<Vec<Stored<&str>>, _>> = pin!(store.recover()).poll(cx);
    assert!(matches!(recovered, Poll::Ready(Ok(jobs)) if jobs.is_empty()));
    const { assert!(<Memory as JobStore<()>>::VOLATILE) };
}

#[test]
fn memory_never_gives_a_name_twice() {
    let store = Memory::new();
    let ids: Vec<u64> = std::thread::scope(|scope| {
        let give = || {
            (0..1000)
                .map(|_| JobStore::<()>::next_id(&store).get())
                .collect::<Vec<_>>()
        };
        let threads = [scope.spawn(give), scope.spawn(give)];
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    let mut sorted = ids;
    sorted.sort_unstable();
    assert_eq!(sorted, (1..=2000).collect::<Vec<_>>());
}

#[test]
fn a_call_outlives_its_store() {
    let mut call = put_and_let_go(Memory::new(), 5);
    let cx = &mut Context::from_waker(Waker::noop());
    assert!(matches!(call.as_mut().poll(cx), Poll::Ready(Ok(()))));
}

#[test]
fn an_error_tells_its_kind_and_what_is_behind_it() {
    let odd = "x".parse::<u32>().unwrap_err();
    let error = StoreError::because(StoreErrorKind::Corrupt, "no number", odd.clone());
    let again = error.clone();
    assert_eq!(again.kind(), StoreErrorKind::Corrupt);
    assert_eq!(again.to_string(), "no number");
    let source = std::error::Error::source(&again).unwrap();
    assert_eq!(source.to_string(), odd.to_string());
    let shown = format!("{again:?}");
    assert!(shown.contains("Corrupt") && shown.contains("no number"));
}
