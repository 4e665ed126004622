//! The trail of a failure: which calls it passed, and what it did there.

use std::cell::RefCell;
use std::future::pending;
use std::sync::Arc;

use defer::prelude::*;
use defer::{Abandoned, Chain, Hop, Passage, TimedOut};
use futures::executor::block_on;
use static_assertions::assert_impl_all;
use std::time::Duration;

/// Where an annotated function of this file stands, which is where its attribute does.
fn at(name: &str) -> String {
    let lines: Vec<_> = include_str!("trail.rs").lines().collect();
    let begins = [format!("fn {name}("), format!("fn {name}<")];
    let declared = |line: &&str| begins.iter().any(|begin| line.contains(begin));
    let function = lines.iter().position(declared).expect(name);
    let attribute = |line: &&str| line.contains("callback") || line.contains("#[errback]");
    let line = lines[..function].iter().rposition(attribute).expect(name);
    format!("({}:{})", file!(), line + 1)
}

/// A trail as it is printed, with `@name` for the place of each function.
fn placed(trail: &str) -> String {
    let words = trail.split(' ').map(|word| match word.strip_prefix('@') {
        Some(name) => at(name),
        None => word.to_string(),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Checks the trail of a failure.
#[track_caller]
fn assert_trail<T>(outcome: Result<T, Failure>, expected: &str) -> Failure {
    let Err(failure) = outcome else {
        panic!("it did not fail")
    };
    assert_eq!(failure.trail().to_string(), placed(expected));
    failure
}

fn slow() -> TimedOut {
    TimedOut::after(Duration::from_millis(30))
}

#[callback]
fn fetch_user(id: u8) -> Result<u8, Failure> {
    if id == 0 { Err(slow().into()) } else { Ok(id) }
}

#[callback]
fn fetch_typed(id: u8) -> Result<u8, TimedOut> {
    if id == 0 { Err(slow()) } else { Ok(id) }
}

#[callback]
async fn fetch_later(id: u8) -> Result<u8, Failure> {
    if id == 0 { Err(slow())? } else { Ok(id) }
}

#[callback]
fn enrich(a: u8, b: u8) -> u8 {
    a + b
}

#[callback]
fn render(n: u8) -> String {
    n.to_string()
}

#[errback]
fn let_go(failure: Failure) -> Result<u8, Failure> {
    Err(failure)
}

#[errback]
fn fail_anew(_: Failure) -> Result<u8, Failure> {
    Err(Failure::msg("another"))
}

/// A deferred that never has an outcome.
fn never() -> Deferred<Result<u8, Failure>, impl Chain<Output = Result<u8, Failure>>> {
    defer(pending())
}

mod nested {
    use super::*;

    #[test]
    fn the_first_hop_is_where_it_was_raised() {
        let failure = assert_trail(block_on(fetch_user(0)), "in fetch_user @fetch_user");
        let hop = failure.trail().hops().next().unwrap();
        assert_eq!(hop.passage(), Passage::Raised);
        assert_eq!(hop.name(), "fetch_user");
        assert_eq!(hop.file(), Some(file!()));
        assert_eq!(
            format!("({}:{})", file!(), hop.line().unwrap()),
            at("fetch_user")
        );
        assert_eq!((hop.argument(), hop.parameter()), (None, None));
        assert_eq!(hop.dropped_count(), 0);
    }

    #[test]
    fn each_skipped_callback_adds_itself_and_the_argument() {
        let failure = assert_trail(
            block_on(render(enrich(1, fetch_user(0)))),
            "in fetch_user @fetch_user <- enrich arg 2 @enrich <- render @render",
        );
        let hops: Vec<&Hop> = failure.trail().hops().collect();
        assert_eq!(hops.len(), 3);
        assert_eq!(hops[1].passage(), Passage::Skipped);
        assert_eq!(
            (hops[1].argument(), hops[1].parameter()),
            (Some(2), Some("b"))
        );
        assert_eq!(hops[1].index(), None);
        assert_eq!(
            (hops[2].argument(), hops[2].parameter()),
            (Some(1), Some("n"))
        );
        assert_eq!(failure.trail().len(), 3);
        assert!(!failure.trail().is_empty());
        assert_eq!(failure.trail().left_out(), 0);
    }

    #[test]
    fn the_first_argument_that_fails_is_named() {
        assert_trail(
            block_on(enrich(fetch_user(0), fetch_user(0))),
            "in fetch_user @fetch_user <- enrich arg 1 @enrich",
        );
    }

    #[test]
    fn each_of_twelve_arguments() {
        #[callback]
        #[allow(clippy::too_many_arguments)]
        fn twelve(
            a: u8,
            b: u8,
            c: u8,
            d: u8,
            e: u8,
            f: u8,
            g: u8,
            h: u8,
            i: u8,
            j: u8,
            k: u8,
            l: u8,
        ) -> u8 {
            a + b + c + d + e + f + g + h + i + j + k + l
        }
        for odd in 0..12_usize {
            let ids: [u8; 12] = std::array::from_fn(|place| u8::from(place != odd));
            let [a, b, c, d, e, f, g, h, i, j, k, l] = ids.map(fetch_user);
            let called = twelve(a, b, c, d, e, f, g, h, i, j, k, l);
            let expected = format!(
                "in fetch_user @fetch_user <- twelve arg {} @twelve",
                odd + 1
            );
            let failure = assert_trail(block_on(called), &expected);
            let name = failure.trail().hops().nth(1).unwrap().parameter();
            assert_eq!(name, Some(&"abcdefghijkl"[odd..=odd]));
        }
    }

    #[test]
    fn methods() {
        struct Store(u8);
        impl Store {
            #[callback]
            fn find(&self, id: u8) -> Result<u8, Failure> {
                fetch(self.0 * id)
            }
            #[callback]
            fn keep(&self, name: &str, found: u8, other: u8) -> u8 {
                self.0 + found + other + name.len() as u8
            }
        }
        fn fetch(id: u8) -> Result<u8, Failure> {
            if id == 0 { Err(slow().into()) } else { Ok(id) }
        }
        let store = Store(1);
        let failure = assert_trail(
            block_on(store.keep("name", 1, store.find(0))),
            "in find @find <- keep arg 2 @keep",
        );
        // `name` is no deferred, and is not counted.
        let name = failure.trail().hops().nth(1).unwrap().parameter();
        assert_eq!(name, Some("other"));
    }

    #[test]
    fn generic_functions() {
        #[callback]
        fn choose<T: Default, const N: usize>(a: T, b: [T; N]) -> T {
            let [first, ..] = &b[..] else { return a };
            let _ = first;
            T::default()
        }
        let ids: Result<[u8; 2], Failure> = Err(slow().into());
        assert_trail(block_on(choose(1, ids)), "at choose arg 2 @choose");
        assert_trail(
            block_on(choose(fetch_user(0), [2])),
            "in fetch_user @fetch_user <- choose arg 1 @choose",
        );
    }

    #[test]
    fn boxed_chains() {
        let user: Deferred<Result<u8, Failure>> = fetch_user(0).boxed();
        let both: Deferred<Result<u8, Failure>> = enrich(user, 1).boxed();
        assert_trail(
            block_on(render(both)),
            "in fetch_user @fetch_user <- enrich arg 1 @enrich <- render @render",
        );
    }

    #[test]
    fn plain_futures_have_no_name() {
        let user = async { Err::<u8, _>(Failure::msg("no")) };
        assert_trail(block_on(enrich(1, user.defer())), "at enrich arg 2 @enrich");
    }

    #[test]
    fn hand_made_deferreds() {
        let (resolver, user) = Deferred::<Result<u8, Failure>, _>::new();
        drop(resolver);
        let failure = assert_trail(block_on(enrich(1, user)), "at enrich arg 2 @enrich");
        assert!(failure.check::<Abandoned>().is_some());
    }
}

mod bodies {
    use super::*;

    #[test]
    fn an_async_body_raises() {
        assert_trail(
            block_on(render(fetch_later(0))),
            "in fetch_later @fetch_later <- render @render",
        );
    }

    #[test]
    fn an_async_body_lets_pass_what_it_waited_for() {
        #[callback]
        async fn twice(id: u8) -> Result<u8, Failure> {
            Ok(fetch_user(id).await? * 2)
        }
        let failure = assert_trail(
            block_on(twice(0)),
            "in fetch_user @fetch_user <- twice @twice",
        );
        let hop = failure.trail().hops().nth(1).unwrap();
        assert_eq!(hop.passage(), Passage::Passed);
        assert_eq!(hop.argument(), None);
    }

    #[test]
    fn an_async_body_is_skipped() {
        #[callback]
        async fn times(id: u8, by: u8) -> u8 {
            id * by
        }
        assert_trail(
            block_on(times(2, fetch_later(0))),
            "in fetch_later @fetch_later <- times arg 2 @times",
        );
    }

    #[test]
    fn a_body_gives_a_deferred() {
        #[callback]
        fn fetch_twice(id: u8) -> Deferred<Result<u8, Failure>> {
            enrich(fetch_user(id), fetch_user(id)).boxed()
        }
        assert_trail(
            block_on(fetch_twice(0)),
            "in fetch_user @fetch_user <- enrich arg 1 @enrich <- fetch_twice @fetch_twice",
        );
    }

    #[test]
    fn inline_callbacks() {
        #[inline_callbacks]
        fn in_line(id: u8) -> Result<u8, Failure> {
            let user = fetch_user(id).await?;
            Ok(user + 1)
        }
        assert_trail(
            block_on(in_line(0)),
            "in fetch_user @fetch_user <- in_line @in_line",
        );
    }
}

mod errbacks {
    use super::*;

    #[test]
    fn one_that_lets_it_go_is_passed() {
        let failure = assert_trail(
            block_on(let_go(fetch_user(0))),
            "in fetch_user @fetch_user <- let_go @let_go",
        );
        assert_eq!(
            failure.trail().hops().last().unwrap().passage(),
            Passage::Passed
        );
    }

    #[test]
    fn one_that_fails_anew_begins_a_trail() {
        assert_trail(
            block_on(render(fail_anew(enrich(1, fetch_user(0))))),
            "in fail_anew @fail_anew <- render @render",
        );
    }

    #[test]
    fn the_body_sees_the_trail_up_to_here() {
        let seen = RefCell::new(String::new());
        #[errback]
        fn look(failure: Failure, seen: &RefCell<String>) -> u8 {
            *seen.borrow_mut() = failure.trail().to_string();
            0
        }
        assert_eq!(block_on(look(enrich(1, fetch_user(0)), &seen)), 0);
        let expected = "in fetch_user @fetch_user <- enrich arg 2 @enrich";
        assert_eq!(*seen.borrow(), placed(expected));
    }

    #[test]
    fn an_argument_of_its_own_can_fail() {
        #[errback]
        fn or_else(_: TimedOut, other: u8) -> Result<u8, Failure> {
            Ok(other)
        }
        assert_trail(
            block_on(or_else(fetch_typed(0), fetch_user(0))),
            "in fetch_user @fetch_user <- or_else @or_else",
        );
    }

    #[test]
    fn what_comes_without_a_trail_begins_it_there() {
        let failure = assert_trail(block_on(let_go(fetch_typed(0))), "at let_go @let_go");
        assert_eq!(
            failure.trail().hops().next().unwrap().passage(),
            Passage::Caught
        );
        assert_eq!(failure.trail().len(), 1, "it is not told twice");
    }

    #[test]
    fn an_async_one() {
        #[errback]
        async fn try_again(failure: Failure, times: u8) -> Result<u8, Failure> {
            if times == 0 { Err(failure) } else { Ok(times) }
        }
        assert_trail(
            block_on(try_again(fetch_user(0), 0)),
            "in fetch_user @fetch_user <- try_again @try_again",
        );
    }

    #[test]
    fn one_that_observes() {
        #[errback]
        fn both(a: Result<u8, Failure>, b: Result<u8, Failure>) -> Result<u8, Failure> {
            a.and(b)
        }
        assert_trail(
            block_on(both(fetch_user(1), fetch_user(0))),
            "in fetch_user @fetch_user <- both @both",
        );
    }
}

mod fluent {
    use super::*;

    #[test]
    fn skipped_closures_are_named() {
        let chain = fetch_user(0)
            .add_callback(|n| n + 1)
            .add_callback(|n| n + 1);
        let failure = assert_trail(
            block_on(render(chain)),
            "in fetch_user @fetch_user <- add_callback <- add_callback <- render @render",
        );
        let hop = failure.trail().hops().nth(1).unwrap();
        assert_eq!((hop.file(), hop.line()), (None, None));
        assert_eq!(hop.passage(), Passage::Skipped);
    }

    #[test]
    fn closures_raise() {
        let raised = || Err::<u8, _>(Failure::from(slow()));
        let check = |outcome: Result<u8, Failure>, expected: &str| {
            let failure = assert_trail(outcome, expected);
            let hop = failure.trail().hops().next().unwrap();
            assert_eq!(hop.passage(), Passage::Raised);
        };
        let chain = succeed(1).add_callback(|_| raised());
        check(block_on(chain), "in add_callback");
        let chain = fetch_user(1).add_callback(|_| raised());
        check(block_on(chain), "in add_callback");
        let chain = fetch_user(0).add_errback(|_| raised());
        check(block_on(chain), "in add_errback");
        let chain = fetch_user(0).add_both(|_| raised());
        check(block_on(chain), "in add_both");
        let chain = fetch_user(1).add_callbacks(|_| raised(), |_| Ok(1));
        check(block_on(chain), "in add_callbacks");
        let chain = fetch_user(0).add_callbacks(|_| Ok(1), |_| raised());
        check(block_on(chain), "in add_callbacks");
    }

    #[test]
    fn closures_let_it_pass() {
        let chain = fetch_user(0).add_errback(Err::<u8, _>);
        assert_trail(block_on(chain), "in fetch_user @fetch_user <- add_errback");
        let chain = fetch_user(0).add_both(|outcome| outcome);
        assert_trail(block_on(chain), "in fetch_user @fetch_user <- add_both");
        let chain = fetch_user(0).add_callbacks(Ok::<u8, Failure>, Err);
        assert_trail(
            block_on(chain),
            "in fetch_user @fetch_user <- add_callbacks",
        );
        let chain = succeed(0).add_callback(|id| fetch_user(id).boxed());
        assert_trail(block_on(chain), "in fetch_user @fetch_user <- add_callback");
    }

    #[test]
    fn closures_take_what_has_no_trail() {
        let failed = || fail::<u8, _>(Failure::msg("no"));
        let chain = failed().add_errback(Err::<u8, _>);
        assert_trail(block_on(chain), "at add_errback");
        let chain = failed().add_both(|outcome| outcome);
        assert_trail(block_on(chain), "at add_both");
        let chain = failed().add_callbacks(Ok::<u8, Failure>, Err);
        assert_trail(block_on(chain), "at add_callbacks");
    }
}

mod lists {
    use super::*;
    use std::collections::BTreeMap;

    #[callback]
    fn sum(scale: u8, all: Vec<u8>) -> u8 {
        scale * all.iter().sum::<u8>()
    }

    #[callback]
    fn total(all: Vec<u8>) -> u8 {
        all.iter().sum()
    }

    #[test]
    fn the_member_is_told() {
        let users: Vec<_> = (0..20_u8).map(|n| fetch_user(u8::from(n != 17))).collect();
        let failure = assert_trail(
            block_on(sum(2, users)),
            "in fetch_user @fetch_user <- sum arg 2[17] @sum",
        );
        let hop = failure.trail().hops().nth(1).unwrap();
        assert_eq!((hop.argument(), hop.index()), (Some(2), Some(17)));
    }

    #[test]
    fn of_the_only_argument_too() {
        assert_trail(
            block_on(total(vec![fetch_user(1), fetch_user(0)])),
            "in fetch_user @fetch_user <- total arg 1[1] @total",
        );
    }

    #[test]
    fn arrays_maps_and_tuples() {
        #[callback]
        fn array(all: [u8; 2]) -> u8 {
            all[0]
        }
        #[callback]
        fn map(all: BTreeMap<&'static str, u8>) -> usize {
            all.len()
        }
        #[callback]
        fn tuple(first: u8, all: (u8, u8)) -> u8 {
            first + all.0
        }
        assert_trail(
            block_on(array([fetch_user(1), fetch_user(0)])),
            "in fetch_user @fetch_user <- array arg 1[1] @array",
        );
        let users = BTreeMap::from([("a", fetch_user(1)), ("b", fetch_user(0))]);
        assert_trail(
            block_on(map(users)),
            "in fetch_user @fetch_user <- map arg 1[1] @map",
        );
        assert_trail(
            block_on(tuple(1, (fetch_user(0), fetch_user(1)))),
            "in fetch_user @fetch_user <- tuple arg 2[0] @tuple",
        );
    }

    #[test]
    fn a_list_of_outcomes_has_each_its_own() {
        #[callback]
        fn count(all: Vec<Result<u8, Failure>>) -> Vec<String> {
            let failed = all.into_iter().filter_map(Result::err);
            failed.map(|failure| failure.trail().to_string()).collect()
        }
        let users = vec![
            let_go(fetch_user(0)).boxed(),
            let_go(fetch_user(1)).boxed(),
            let_go(fetch_typed(0)).boxed(),
        ];
        let trails = block_on(count(users));
        assert_eq!(
            trails,
            [
                placed("in fetch_user @fetch_user <- let_go @let_go"),
                placed("at let_go @let_go"),
            ]
        );
    }

    #[test]
    fn a_parameter_that_observes_sees_the_trail() {
        #[callback]
        fn told(outcome: Result<u8, Failure>) -> String {
            outcome.map_or_else(|failure| format!("{failure:#}"), |n| n.to_string())
        }
        assert_eq!(
            block_on(told(enrich(fetch_user(0), 1))),
            placed("timed out after 30ms in fetch_user @fetch_user <- enrich arg 1 @enrich")
        );
    }

    #[test]
    fn the_members_that_were_dropped_are_counted() {
        #[callback]
        async fn wait(_n: u8) -> Result<u8, Failure> {
            pending().await
        }
        let mut users: Vec<Deferred<Result<u8, Failure>>> = Vec::new();
        users.extend((0..3).map(|n| wait(n).boxed()));
        users.push(fetch_user(0).boxed());
        users.extend((0..2).map(|n| enrich(wait(n), 1).boxed()));
        let failure = block_on(total(users)).unwrap_err();
        let hop = failure.trail().hops().nth(1).unwrap();
        let dropped: Vec<_> = hop.dropped().collect();
        assert_eq!(dropped, [("wait", 3), ("enrich", 2)]);

        let mut many: Vec<Deferred<Result<u8, Failure>>> = Vec::new();
        many.extend((0..999).map(|_| wait(1).boxed()));
        many.push(fetch_user(0).boxed());
        let failure = block_on(total(many)).unwrap_err();
        let hop = failure.trail().hops().nth(1).unwrap();
        assert_eq!(hop.dropped().collect::<Vec<_>>(), [("wait", 64)]);
        assert_eq!(hop.dropped_count(), 999);
    }
}

mod dropped {
    use super::*;

    #[callback]
    async fn get_page(_path: &str) -> Result<u8, Failure> {
        pending().await
    }

    #[callback]
    fn all(a: u8, b: u8, c: u8, d: u8, e: u8) -> u8 {
        a + b + c + d + e
    }

    #[test]
    fn the_arguments_that_were_pending_are_named() {
        let chain = all(
            fetch_user(1),
            enrich(get_page("/"), 1),
            get_page("/a"),
            fetch_user(0),
            get_page("/b"),
        );
        let failure = assert_trail(
            block_on(chain),
            "in fetch_user @fetch_user <- all arg 4 @all",
        );
        let hop = failure.trail().hops().nth(1).unwrap();
        // What was there already, and plain values, were not pending.
        let dropped: Vec<_> = hop.dropped().collect();
        assert_eq!(dropped, [("enrich", 1), ("get_page", 2)]);
        assert_eq!(hop.dropped_count(), 3);
    }

    #[test]
    fn leaves_and_closures_have_names_as_in_a_plan() {
        let (_resolver, hand_made) = Deferred::<Result<u8, Failure>, _>::new();
        let closure = never().add_callback(|n| n);
        let chain = all(hand_made, never(), closure, fetch_user(0), 1);
        let failure = block_on(chain).unwrap_err();
        let hop = failure.trail().hops().nth(1).unwrap();
        let dropped: Vec<_> = hop.dropped().collect();
        assert_eq!(
            dropped,
            [("hand-made", 1), ("future", 1), ("add_callback", 1)]
        );
    }

    #[test]
    fn debug_tells_them() {
        let chain = render(all(
            get_page("/"),
            get_page("/a"),
            never(),
            1,
            fetch_user(0),
        ));
        let failure = block_on(chain).unwrap_err();
        let lines = [
            "timed out after 30ms",
            "  raised in fetch_user @fetch_user",
            "  skipped all arg 5 `e` @all",
            "    and dropped get_page ×2, future",
            "  skipped render `n` @render",
        ];
        assert_eq!(format!("{failure:?}"), lines.map(placed).join("\n"));
    }
}

mod typed {
    use super::*;

    #[test]
    fn typed_errors_stay_bare() {
        let outcome: Result<u8, TimedOut> = block_on(enrich(1, fetch_typed(0)));
        assert_eq!(outcome, Err(slow()));
    }

    #[test]
    fn the_call_that_it_left_is_known() {
        #[callback]
        fn mixed(a: u8, b: u8) -> Result<u8, Failure> {
            Ok(a + b)
        }
        #[callback]
        fn one(a: u8) -> Result<u8, Failure> {
            Ok(a)
        }
        let failure = assert_trail(
            block_on(mixed(fetch_user(1), enrich(fetch_typed(0), 1))),
            "from enrich @enrich <- mixed arg 2 @mixed",
        );
        let hop = failure.trail().hops().next().unwrap();
        assert_eq!(hop.passage(), Passage::Left);
        assert_eq!(hop.argument(), None);
        assert_trail(
            block_on(one(fetch_typed(0))),
            "from fetch_typed @fetch_typed <- one @one",
        );
    }

    /// As large as a failure, and no failure.
    #[test]
    fn an_error_that_looks_like_one_stays_bare() {
        #[derive(Debug)]
        struct Word(Arc<u8>);
        assert_eq!(size_of::<Word>(), size_of::<Failure>());
        #[callback]
        fn bad(n: u8) -> Result<u8, Word> {
            Err(Word(Arc::new(n)))
        }
        let Err(Word(n)) = block_on(enrich(never_typed(), bad(3))) else {
            panic!("it did not fail")
        };
        assert_eq!(*n, 3);
        fn never_typed() -> Deferred<Result<u8, Word>, impl Chain<Output = Result<u8, Word>>> {
            defer(pending())
        }
    }
}

mod cancelled {
    use super::*;
    use std::pin::{Pin, pin};
    use std::task::{Context, Poll, Waker};

    /// Polls once, cancels, and polls to the end.
    fn cancel<T, F: Chain<Output = Result<T, Failure>>>(
        deferred: Deferred<Result<T, Failure>, F>,
    ) -> Result<T, Failure> {
        let (deferred, canceller) = deferred.cancellable();
        let mut deferred = pin!(deferred);
        let mut cx = Context::from_waker(Waker::noop());
        assert!(deferred.as_mut().poll(&mut cx).is_pending());
        canceller.cancel();
        for _ in 0..10 {
            if let Poll::Ready(outcome) = Pin::new(&mut deferred).as_mut().poll(&mut cx) {
                return outcome;
            }
        }
        panic!("it does not end")
    }

    #[test]
    fn it_begins_where_it_is_adopted() {
        let failure = assert_trail(
            cancel(render(enrich(never(), 1))),
            "in enrich @enrich <- render @render",
        );
        assert!(failure.is_cancelled());
        let hop = failure.trail().hops().next().unwrap();
        assert_eq!(hop.passage(), Passage::Cancelled);
        assert!(format!("{failure:?}").starts_with("cancelled\n  cancelled in enrich ("));
    }

    #[test]
    fn an_errback_that_takes_it_is_told_once() {
        #[callback]
        fn typed(n: u8) -> Result<u8, TimedOut> {
            Ok(n)
        }
        let waiting = defer(pending::<Result<u8, TimedOut>>());
        assert_trail(
            cancel(render(let_go(typed(waiting)))),
            "in let_go @let_go <- render @render",
        );
    }

    #[test]
    fn closures_take_it() {
        let waiting = || defer(pending::<Result<u8, Failure>>());
        let chain = waiting().add_errback(Err::<u8, _>);
        assert_trail(cancel(chain), "in add_errback");
        let chain = waiting().add_both(|outcome| outcome);
        assert_trail(cancel(chain), "in add_both");
        let chain = waiting().add_callbacks(Ok::<u8, Failure>, Err);
        assert_trail(cancel(chain), "in add_callbacks");
    }

    #[test]
    fn the_argument_that_failed_of_it_is_told() {
        assert_trail(
            cancel(enrich(1, let_go(never()))),
            "in let_go @let_go <- enrich arg 2 @enrich",
        );
        #[callback]
        async fn rest(a: u8, b: u8) -> u8 {
            a + b
        }
        assert_trail(
            cancel(rest(1, let_go(never()))),
            "in let_go @let_go <- rest arg 2 @rest",
        );
    }

    #[test]
    fn what_is_fired_by_a_canceller() {
        let (_resolver, waiting) = Deferred::<Result<u8, Failure>, _>::with_canceller(|| {
            Some(Err(Failure::msg("stopped")))
        });
        assert_trail(cancel(enrich(1, waiting)), "at enrich arg 2 @enrich");
    }
}

mod shared {
    use super::*;

    #[test]
    fn clones_go_their_own_ways() {
        let failure = block_on(fetch_user(0)).unwrap_err();
        let clone = failure.clone();
        let one = block_on(render(Err::<u8, _>(failure.clone()))).unwrap_err();
        let other = block_on(enrich(1, Err(clone))).unwrap_err();
        let begins = "in fetch_user @fetch_user";
        assert_eq!(failure.trail().to_string(), placed(begins));
        assert_trail::<u8>(Err(one.clone()), &format!("{begins} <- render @render"));
        assert_trail::<u8>(
            Err(other.clone()),
            &format!("{begins} <- enrich arg 2 @enrich"),
        );
        let (one, other) = (one.check::<TimedOut>(), other.check::<TimedOut>());
        assert!(std::ptr::eq(one.unwrap(), other.unwrap()), "one error");
    }

    #[test]
    fn trails_are_compared() {
        let one = block_on(fetch_user(0)).unwrap_err();
        let other = block_on(fetch_user(0)).unwrap_err();
        assert_eq!(one.trail(), other.trail());
        let longer = block_on(render(Err::<u8, _>(other))).unwrap_err();
        assert_ne!(one.trail(), longer.trail());
    }

    #[test]
    fn failures_move_between_threads() {
        assert_impl_all!(Failure: Send, Sync, Unpin);
        assert_impl_all!(defer::Trail: Send, Sync);
        let failure = std::thread::spawn(|| block_on(fetch_user(0)).unwrap_err());
        assert_eq!(failure.join().unwrap().trail().len(), 1);
    }
}

mod bounded {
    use super::*;

    /// One of many calls around one another.
    #[callback]
    fn inner(n: u8) -> u8 {
        n
    }

    fn through(calls: usize) -> Failure {
        let mut failure = block_on(fetch_user(0)).unwrap_err();
        for _ in 0..calls {
            failure = block_on(inner(Err::<u8, _>(failure))).unwrap_err();
        }
        failure
    }

    #[test]
    fn what_fits_is_kept() {
        let failure = through(31);
        assert_eq!((failure.trail().len(), failure.trail().left_out()), (32, 0));
        assert!(!failure.trail().to_string().contains("more"));
    }

    #[test]
    fn of_more_the_two_ends_are_kept() {
        let failure = block_on(render(Err::<u8, _>(through(100_000)))).unwrap_err();
        let trail = failure.trail();
        assert_eq!((trail.len(), trail.hops().len()), (100_002, 32));
        assert_eq!(trail.left_out(), 99_970);
        assert_eq!(trail.hops().next().unwrap().name(), "fetch_user");
        assert_eq!(trail.hops().next_back().unwrap().name(), "render");
        let hop = format!("inner {}", at("inner"));
        let half = vec![hop; 15].join(" <- ");
        assert_eq!(
            trail.to_string(),
            placed(&format!(
                "in fetch_user @fetch_user <- {half} <- … 99970 more <- {half} <- render @render"
            ))
        );
        let lines = format!("{failure:?}");
        assert_eq!(lines.lines().count(), 1 + 32 + 1);
        assert!(lines.contains("\n  … 99970 more\n"));
    }

    /// The names of what is dropped are asked for at each call: not of what is inside them.
    #[test]
    fn a_deep_sibling_is_asked_for_its_name_only() {
        let mut deep: Deferred<Result<u8, Failure>> = never().boxed();
        for _ in 0..1_000 {
            deep = inner(deep).boxed();
        }
        let failure = block_on(enrich(fetch_user(0), deep)).unwrap_err();
        let hop = failure.trail().hops().nth(1).unwrap();
        assert_eq!(hop.dropped().collect::<Vec<_>>(), [("inner", 1)]);
    }
}

mod printed {
    use super::*;

    #[test]
    fn plain_display_is_the_message() {
        let failure = block_on(render(fetch_user(0))).unwrap_err();
        assert_eq!(failure.to_string(), "timed out after 30ms");
    }

    #[test]
    fn alternate_display_adds_the_trail() {
        let failure = block_on(render(fetch_user(0))).unwrap_err();
        assert_eq!(
            format!("{failure:#}"),
            placed("timed out after 30ms in fetch_user @fetch_user <- render @render")
        );
        assert_eq!(format!("{:#}", Failure::msg("no")), "no");
    }

    #[test]
    fn debug_of_what_a_trail_is_made_of() {
        let failure = block_on(render(fetch_user(0))).unwrap_err();
        let trail = placed("Trail(in fetch_user @fetch_user <- render @render )");
        assert_eq!(format!("{:?}", failure.trail()), trail.replace(") )", "))"));
        let hop = failure.trail().hops().nth(1).unwrap();
        let expected = placed("Hop(Skipped: render `n` @render )").replace(") )", "))");
        assert_eq!(format!("{hop:?}"), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_late_says_where_it_waited() {
    #[callback]
    async fn never_comes(id: u8) -> Result<u8, Failure> {
        let _ = id;
        pending().await
    }
    let call = enrich(fetch_user(1), never_comes(2)).timeout(Duration::from_millis(30));
    let failure = assert_trail(
        render(call).await,
        "in never_comes @never_comes <- enrich arg 2 @enrich <- render @render",
    );
    assert_eq!(failure.check(), Some(&slow()));
    assert!(!failure.is_cancelled());
}
