//! Panics as failures, without a runtime and without the attributes.

use std::any::Any;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use defer_core::{
    AddCallback, CatchPanicsExt, Chain, Deferred, Failure, Panicked, Unwind, defer, fail, succeed,
};

fn poll<C: Chain>(chain: Pin<&mut C>) -> Poll<C::Output> {
    chain.poll(&mut Context::from_waker(Waker::noop()))
}

fn settle<C: Chain>(chain: Pin<&mut C>) -> Poll<Option<C::Output>> {
    chain.poll_settle(&mut Context::from_waker(Waker::noop()))
}

fn never() -> Deferred<Result<u8, Failure>, impl Chain<Output = Result<u8, Failure>>> {
    defer(std::future::pending())
}

mod the_error {
    use super::*;

    #[test]
    fn says_what_the_panic_said() {
        let texts: [(Box<dyn Any + Send>, Option<&str>, &str); 3] = [
            (Box::new("static"), Some("static"), "panicked: static"),
            (Box::new("own".to_string()), Some("own"), "panicked: own"),
            (Box::new(7_u8), None, "panicked"),
        ];
        for (payload, message, shown) in texts {
            let panicked = Panicked::new(payload);
            assert_eq!(panicked.message(), message);
            assert_eq!(panicked.to_string(), shown);
            assert!(format!("{panicked:?}").starts_with("Panicked("));
        }
    }

    #[test]
    fn its_clones_share_the_payload() {
        let panicked = Panicked::new(Box::new(7_u8));
        let clone = panicked.clone();
        assert_eq!(*clone.take_payload().unwrap().downcast::<u8>().unwrap(), 7);
        assert!(panicked.take_payload().is_none());
    }

    #[test]
    fn goes_on_with_its_payload_or_with_what_it_said() {
        let resumed = |panicked: Panicked| {
            std::panic::catch_unwind(move || -> () { panicked.resume() }).unwrap_err()
        };
        let panicked = Panicked::new(Box::new("boom"));
        assert_eq!(
            *resumed(panicked.clone()).downcast::<&str>().unwrap(),
            "boom"
        );
        assert_eq!(*resumed(panicked).downcast::<String>().unwrap(), "boom");
    }

    #[test]
    fn goes_to_other_threads() {
        fn check<T: Send + Sync + std::error::Error + 'static>() {}
        check::<Panicked>();
    }
}

mod the_chain {
    use super::*;

    #[test]
    fn fails_after_a_panic() {
        let chain = succeed(1).add_callback(|n: u8| -> u8 { panic!("boom {n}") });
        let mut chain = pin!(chain.catch_panics());
        let Poll::Ready(Err(panicked)) = poll(chain.as_mut()) else {
            panic!("it panicked")
        };
        assert_eq!(panicked.message(), Some("boom 1"));
        assert!(matches!(chain.cancel(), Unwind::Idle), "it is done");
    }

    #[test]
    fn is_left_by_a_cancellation() {
        let mut chain = pin!(never().catch_panics());
        assert!(poll(chain.as_mut()).is_pending());
        assert!(matches!(chain.as_mut().cancel(), Unwind::Out));
        let mut there = pin!(succeed(1).catch_panics());
        assert!(matches!(there.as_mut().cancel(), Unwind::Idle));
        assert!(matches!(poll(there), Poll::Ready(Ok(1))));
    }

    #[test]
    fn fails_after_a_panic_of_a_cancellation() {
        // A closure runs as soon as the chain settles.
        let chain = never().add_errback(|_| -> u8 { panic!("in the errback") });
        let mut chain = pin!(chain.catch_panics());
        assert!(poll(chain.as_mut()).is_pending());
        let Unwind::Is(Err(panicked)) = chain.as_mut().cancel() else {
            panic!("it panicked")
        };
        assert_eq!(panicked.message(), Some("in the errback"));
    }

    #[test]
    fn fails_after_a_panic_of_a_clean_up() {
        let chain = never().add_errback(|_| {
            let mut polls = 0;
            defer(std::future::poll_fn(move |_| -> Poll<u8> {
                polls += 1;
                assert!(polls < 2, "in the second poll");
                Poll::Pending
            }))
        });
        let mut chain = pin!(chain.catch_panics());
        assert!(poll(chain.as_mut()).is_pending());
        assert!(matches!(chain.as_mut().cancel(), Unwind::Stays));
        assert!(settle(chain.as_mut()).is_pending());
        let Poll::Ready(Some(Err(panicked))) = settle(chain) else {
            panic!("it panicked")
        };
        assert_eq!(panicked.message(), Some("in the second poll"));
    }

    #[test]
    fn settles_with_what_is_inside() {
        let mut chain = pin!(never().add_errback(|_| succeed(3)).catch_panics());
        assert!(poll(chain.as_mut()).is_pending());
        assert!(matches!(chain.as_mut().cancel(), Unwind::Stays));
        assert!(matches!(settle(chain), Poll::Ready(Some(Ok(3)))));
        let mut failed = pin!(fail::<u8, _>(Failure::msg("no")).catch_panics());
        assert!(matches!(settle(failed.as_mut()), Poll::Ready(Some(Err(_)))));
    }
}
