//! `#[errback]`, in the short form and in the general one.

mod support;

use defer::prelude::*;
use futures::executor::block_on;
use support::{Log, leaf, never, poll_once, poll_to_end, told};

#[derive(Clone, Debug, PartialEq)]
struct NotFound(u16);

#[derive(Debug, PartialEq)]
enum AppError {
    NotFound(NotFound),
    Own,
}

impl From<NotFound> for AppError {
    fn from(error: NotFound) -> Self {
        AppError::NotFound(error)
    }
}

type Page = Result<String, NotFound>;

fn good(text: &str) -> Page {
    Ok(text.to_string())
}

fn text(text: &str) -> String {
    text.to_string()
}

const LOST: Page = Err(NotFound(404));

#[callback]
fn upper(page: String) -> String {
    page.to_uppercase()
}

mod short_form {
    use super::*;

    #[errback]
    fn errcheck(failure: NotFound, fallback: String, log: &Log) -> String {
        log.add(format!("errcheck {}", failure.0));
        fallback
    }

    #[errback]
    fn again(failure: NotFound, limit: u16) -> Result<String, NotFound> {
        if failure.0 < limit {
            Err(NotFound(failure.0 + 1))
        } else {
            Ok(text("enough"))
        }
    }

    #[test]
    fn success_passes_untouched_and_the_body_does_not_run() {
        let log = Log::default();
        let page: String = block_on(errcheck(leaf(2, good("a")).0, text("blank"), &log));
        assert_eq!(page, "a");
        assert_eq!(log.all(), [""; 0]);
    }

    #[test]
    fn failure_runs_the_body_once() {
        let log = Log::default();
        let page: String = block_on(errcheck(leaf(2, LOST).0, text("blank"), &log));
        assert_eq!(page, "blank");
        assert_eq!(log.all(), ["errcheck 404"]);
    }

    #[test]
    fn a_result_that_is_known_already() {
        let log = Log::default();
        assert_eq!(block_on(errcheck(LOST, text("blank"), &log)), "blank");
        assert_eq!(block_on(errcheck(good("a"), text("blank"), &log)), "a");
    }

    #[test]
    fn other_arguments_are_not_touched_on_success() {
        let log = Log::default();
        let (fallback, seen) = leaf(1, text("blank"));
        let (page, polls) = poll_to_end(errcheck(leaf(2, good("a")).0, fallback, &log));
        assert_eq!((page.as_str(), polls), ("a", 3));
        assert_eq!(seen.polls(), 0);
        assert!(seen.dropped(), "they go with the errback");
    }

    #[test]
    fn other_arguments_wait_for_the_failure() {
        let log = Log::default();
        let call = errcheck(
            told("page", &log, 1, LOST),
            told("fallback", &log, 1, text("blank")),
            &log,
        );
        let (page, polls) = poll_to_end(call);
        assert_eq!((page.as_str(), polls), ("blank", 3));
        assert_eq!(
            log.all(),
            [
                "poll page",
                "poll page",
                "drop page",
                "poll fallback",
                "poll fallback",
                "errcheck 404",
                "drop fallback",
            ]
        );
    }

    #[test]
    fn a_failure_of_another_argument_is_the_outcome() {
        let log = Log::default();
        let failed: Page = block_on(errcheck(LOST, fail(NotFound(1)), &log));
        assert_eq!(failed, Err(NotFound(1)));
        // On success nobody asked, so it never happened; the type says that it could.
        let page: Page = block_on(errcheck(good("a"), fail(NotFound(1)), &log));
        assert_eq!(page, good("a"));
        assert_eq!(log.all(), [""; 0]);
    }

    #[test]
    fn a_terminal_errback_ends_failing() {
        let log = Log::default();
        let page: String = block_on(upper(errcheck(LOST, text("blank"), &log)));
        assert_eq!(
            page, "BLANK",
            "what is outside of the errback runs on what it gave"
        );
    }

    #[test]
    fn outermost_it_replaces_the_outcome_of_the_whole() {
        let log = Log::default();
        let page: String = block_on(errcheck(upper(LOST), text("blank"), &log));
        assert_eq!(page, "blank", "what is inside of the errback was skipped");
    }

    #[test]
    fn a_non_terminal_errback_may_fail_again() {
        let page: Page = block_on(upper(again(LOST, 0)));
        assert_eq!(page, good("ENOUGH"));
        let page: Page = block_on(upper(again(LOST, 500)));
        assert_eq!(page, Err(NotFound(405)));
        let page: Page = block_on(again(again(LOST, 405), 405));
        assert_eq!(
            page,
            good("enough"),
            "the next errback sees the new failure"
        );
        let page: Page = block_on(again(again(LOST, 0), 405));
        assert_eq!(page, good("enough"), "and only passes what was recovered");
    }

    #[test]
    fn the_failure_converts_into_what_the_errback_takes() {
        #[errback]
        fn tell(failure: AppError) -> String {
            format!("{failure:?}")
        }
        assert_eq!(block_on(tell(LOST)), "NotFound(NotFound(404))");
        assert_eq!(block_on(tell(fail::<String, _>(AppError::Own))), "Own");
    }

    #[test]
    fn it_may_fail_with_another_error() {
        #[errback]
        fn tell(failure: NotFound, own: bool) -> Result<String, AppError> {
            Err(if own { AppError::Own } else { failure.into() })
        }
        let failed: Result<String, AppError> = block_on(tell(LOST, true));
        assert_eq!(failed, Err(AppError::Own));
        let failed: Result<String, AppError> = block_on(upper(tell(LOST, succeed(false))));
        assert_eq!(failed, Err(AppError::NotFound(NotFound(404))));
        let passed: Result<String, AppError> = block_on(tell(good("a"), fail(NotFound(1))));
        assert_eq!(passed, Ok(text("a")));
    }

    #[test]
    fn an_async_body_and_a_returned_deferred() {
        #[errback]
        async fn ask(failure: NotFound, other: String) -> String {
            let more = leaf(1, text("more")).0.await;
            format!("{} {other} {more}", failure.0)
        }
        assert_eq!(block_on(ask(LOST, succeed(text("b")))), "404 b more");
        assert_eq!(block_on(ask(good("a"), succeed(text("b")))), "a");

        #[errback]
        async fn ask_again(failure: NotFound) -> Result<String, AppError> {
            if failure.0 == 404 {
                Err(AppError::Own)
            } else {
                Ok(text("ok"))
            }
        }
        assert_eq!(block_on(ask_again(LOST)), Err(AppError::Own));

        #[errback]
        fn elsewhere(failure: NotFound) -> Deferred<String> {
            leaf(1, format!("{}", failure.0)).0.boxed()
        }
        assert_eq!(block_on(elsewhere(LOST)), "404");
        assert_eq!(block_on(elsewhere(good("a"))), "a");
    }

    #[test]
    fn dropping_a_pending_chain_runs_no_errback() {
        let log = Log::default();
        let (page, seen) = never::<Page>();
        let mut call = Box::pin(errcheck(page, text("blank"), &log));
        assert!(poll_once(call.as_mut()).is_pending());
        drop(call);
        assert!(seen.dropped());
        assert_eq!(log.all(), [""; 0]);
    }

    #[test]
    fn failure_handles_one_kind_and_lets_the_others_go_on() {
        #[derive(Debug)]
        struct Gone;
        impl std::fmt::Display for Gone {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("gone")
            }
        }
        impl std::error::Error for Gone {}

        #[errback]
        fn only_gone(failure: Failure) -> Result<String, Failure> {
            failure.trap::<Gone>()?;
            Ok(text("was gone"))
        }
        let gone = fail::<String, _>(Failure::from(Gone));
        assert_eq!(block_on(only_gone(gone)).unwrap(), "was gone");
        let other = fail::<String, _>(Failure::msg("other"));
        assert_eq!(block_on(only_gone(other)).unwrap_err().to_string(), "other");
    }
}

mod general_form {
    use super::*;

    #[errback]
    fn look(a: Result<String, NotFound>, b: Result<u8, AppError>, extra: u8, log: &Log) -> String {
        log.add("look");
        format!("{a:?} {b:?} {extra}")
    }

    #[test]
    fn the_first_value_passes_when_nothing_failed() {
        let log = Log::default();
        let passed: String = block_on(look(leaf(1, good("a")).0, succeed(1), 2, &log));
        assert_eq!(passed, "a");
        assert_eq!(log.all(), [""; 0]);
    }

    #[test]
    fn the_body_sees_every_outcome_when_any_failed() {
        let log = Log::default();
        let seen: String = block_on(look(LOST, Ok(1), 2, &log));
        assert_eq!(seen, "Err(NotFound(404)) Ok(1) 2");
        let seen: String = block_on(look(good("a"), fail::<u8, _>(AppError::Own), 2, &log));
        assert_eq!(seen, r#"Ok("a") Err(Own) 2"#);
        let seen: String = block_on(look(LOST, fail::<u8, _>(AppError::Own), succeed(2), &log));
        assert_eq!(seen, "Err(NotFound(404)) Err(Own) 2");
        assert_eq!(log.all(), ["look"; 3], "once a call");
    }

    #[test]
    fn it_waits_for_all_of_them() {
        let log = Log::default();
        let call = look(
            told("a", &log, 0, LOST),
            told("b", &log, 2, Ok::<u8, AppError>(1)),
            told("extra", &log, 1, 2),
            &log,
        );
        let (seen, polls) = poll_to_end(call);
        assert_eq!((seen.as_str(), polls), ("Err(NotFound(404)) Ok(1) 2", 3));
        assert_eq!(
            log.without_drops(),
            [
                "poll a",
                "poll b",
                "poll extra",
                "poll b",
                "poll extra",
                "poll b",
                "look"
            ]
        );
    }

    #[test]
    fn other_arguments_fail_as_in_a_callback() {
        let log = Log::default();
        let (pending, dropped) = never::<Page>();
        let failed: Result<String, NotFound> =
            block_on(look(pending, Ok(1), fail(NotFound(1)), &log));
        assert_eq!(failed, Err(NotFound(1)));
        assert!(dropped.dropped());
        assert_eq!(log.all(), [""; 0]);
    }

    #[test]
    fn non_terminal_and_async() {
        #[errback]
        async fn later(
            a: Result<String, NotFound>,
            b: Result<String, NotFound>,
        ) -> Result<String, AppError> {
            succeed(()).await;
            match (a, b) {
                (Err(_), Ok(b)) => Ok(b),
                (_, Err(error)) => Err(error.into()),
                (Ok(_), Ok(_)) => unreachable!("nothing failed"),
            }
        }
        assert_eq!(block_on(later(good("a"), good("b"))), Ok(text("a")));
        assert_eq!(block_on(later(LOST, good("b"))), Ok(text("b")));
        assert_eq!(
            block_on(later(LOST, Err::<String, _>(NotFound(1)))),
            Err(AppError::NotFound(NotFound(1)))
        );
    }

    #[test]
    fn one_result_alone() {
        #[errback]
        fn told(outcome: Result<String, NotFound>) -> Result<String, AppError> {
            outcome.map_err(|_| AppError::Own)
        }
        assert_eq!(block_on(told(good("a"))), Ok(text("a")));
        assert_eq!(block_on(told(LOST)), Err(AppError::Own));
    }
}
