//! Lists that wait for all members, or for the first failure: `deferred_list` and `gather`.

mod support;

use std::any::TypeId;
use std::collections::{BTreeMap, HashMap, LinkedList, VecDeque};
use std::pin::pin;

use defer::list::{self, Losers, deferred_list, gather};
use defer::prelude::*;
use defer::{Arg, Cancelled, Chain, HandMade, Resolver};
use futures::executor::block_on;
use support::{Log, Watched, leaf, never, poll_once, poll_to_end, told};

#[derive(Clone, Debug, PartialEq)]
struct Oops(usize);

type Made = (Resolver<u8>, Deferred<Result<u8, Failure>, HandMade<u8>>);

fn made() -> Made {
    Deferred::new()
}

fn size(page: usize) -> Watched<Result<usize, Oops>> {
    let outcome = if page == 0 {
        Err(Oops(page))
    } else {
        Ok(page * 2)
    };
    leaf(page % 3, outcome).0
}

fn type_of<T: 'static>(_: &T) -> TypeId {
    TypeId::of::<T>()
}

#[test]
fn a_gather_is_what_a_parameter_makes_of_a_container() {
    let argument = Arg::<Vec<usize>, _>::into_chain(vec![size(1)]);
    assert_eq!(
        type_of(&gather(vec![size(1)]).into_chain()),
        type_of(&argument)
    );
    let argument = Arg::<[usize; 1], _>::into_chain([size(1)]);
    assert_eq!(type_of(&gather([size(1)]).into_chain()), type_of(&argument));
    let argument = Arg::<BTreeMap<u8, usize>, _>::into_chain(BTreeMap::from([(1, size(1))]));
    let gathered = gather(BTreeMap::from([(1_u8, size(1))]));
    assert_eq!(type_of(&gathered.into_chain()), type_of(&argument));
    let argument = Arg::<(usize, &str), _>::into_chain((size(1), succeed("a")));
    let gathered = gather((size(1), succeed("a")));
    assert_eq!(type_of(&gathered.into_chain()), type_of(&argument));
}

#[test]
fn containers_stay_what_they_are() {
    assert_eq!(block_on(gather(vec![size(1), size(2)])), Ok(vec![2, 4]));
    assert_eq!(block_on(gather([size(1), size(2)])), Ok([2, 4]));
    assert_eq!(block_on(gather((1..4).map(size))), Ok(vec![2, 4, 6]));
    let boxed: Box<[_]> = Box::new([size(1), size(2)]);
    assert_eq!(block_on(gather(boxed)), Ok(vec![2, 4]));
    assert_eq!(block_on(gather(VecDeque::from([size(3)]))), Ok(vec![6]));
    assert_eq!(block_on(gather(LinkedList::from([size(3)]))), Ok(vec![6]));

    let map: HashMap<_, _> = (1..20).map(|page| (page.to_string(), size(page))).collect();
    let map = block_on(gather(map)).unwrap();
    assert!(
        map.iter()
            .all(|(key, value)| key.parse::<usize>().unwrap() * 2 == *value)
    );
    assert_eq!(map.len(), 19);
    let map: BTreeMap<_, _> = (0..3).map(|page| (10 - page, size(page))).collect();
    let map = block_on(deferred_list(map));
    assert_eq!(
        map,
        BTreeMap::from([(8, Ok(4)), (9, Ok(2)), (10, Err(Oops(0)))])
    );
    let map: HashMap<_, _> = (0..3).map(|page| (page, size(page))).collect();
    let map = block_on(list::with().limit(1).deferred_list(map));
    assert_eq!((&map[&0], &map[&2]), (&Err(Oops(0)), &Ok(4)));
}

#[test]
fn what_cannot_fail_stays_so() {
    let values: Vec<u8> = block_on(gather(vec![succeed(1), succeed(2)]));
    assert_eq!(values, [1, 2]);
    let values: [u8; 2] = block_on(deferred_list([succeed(1), succeed(2)]));
    assert_eq!(values, [1, 2]);
    let values: Vec<u8> = block_on(
        list::with()
            .limit(1)
            .gather([1, 2].into_iter().map(succeed)),
    );
    assert_eq!(values, [1, 2]);

    #[derive(Debug, PartialEq)]
    struct Page(u8);
    impl defer::Plain for Page {}
    let pages: Vec<Page> = block_on(gather(vec![succeed(Page(1))]));
    assert_eq!(pages, [Page(1)]);
}

#[test]
fn tuples_of_different_values() {
    let values: Result<(usize, &str, u8), Oops> = block_on(gather((
        size(1),
        succeed("two"),
        leaf(4, Ok::<u8, Oops>(3)).0,
    )));
    assert_eq!(values, Ok((2, "two", 3)));
    let values: (u8, &str) = block_on(gather((succeed(1), succeed("two"))));
    assert_eq!(values, (1, "two"));
    let (never, seen) = never::<u8>();
    let failed = block_on(gather((never, size(0))));
    assert_eq!(failed, Err(Oops(0)));
    assert!(seen.dropped());
    let outcomes = block_on(deferred_list((size(0), succeed("two"), fail::<u8, _>('c'))));
    assert_eq!(outcomes, (Err(Oops(0)), "two", Err('c')));
    let n = |n: u8| leaf(usize::from(n), n).0;
    let twelve = (
        n(0),
        n(1),
        n(2),
        n(3),
        n(4),
        n(5),
        n(6),
        n(7),
        n(8),
        n(9),
        n(10),
        n(11),
    );
    let twelve = block_on(deferred_list(twelve));
    assert_eq!((twelve.0, twelve.11), (0, 11));
}

#[test]
fn of_nothing_at_once() {
    let nothing = Vec::<Watched<Result<u8, Oops>>>::new;
    assert_eq!(poll_to_end(gather(nothing())), (Ok(vec![]), 1));
    assert_eq!(poll_to_end(deferred_list(nothing())), (vec![], 1));
    assert_eq!(
        poll_to_end(list::with().limit(1).gather(nothing())),
        (Ok(vec![]), 1)
    );
    let options = list::with().losers(Losers::Finish);
    assert_eq!(poll_to_end(options.deferred_list(nothing())), (vec![], 1));
    let none: [Watched<u8>; 0] = [];
    assert_eq!(poll_to_end(gather(none)), ([], 1));
}

#[test]
fn outcomes_come_in_order_and_never_fail() {
    let members = [
        leaf(2, Err(Oops(0))).0,
        leaf(0, Ok(1)).0,
        leaf(1, Err(Oops(2))).0,
    ];
    assert_eq!(
        block_on(deferred_list(members)),
        [Err(Oops(0)), Ok(1_u8), Err(Oops(2))]
    );
}

#[test]
fn losers_of_a_gather_are_dropped_in_the_same_poll() {
    for options in [list::with(), list::with().losers(Losers::Drop)] {
        let (never, seen) = never::<Result<u8, Oops>>();
        let mut call = pin!(options.gather([never, leaf(1, Err(Oops(1))).0]));
        assert!(poll_once(call.as_mut()).is_pending());
        assert!(poll_once(call.as_mut()).is_ready());
        assert!(seen.dropped());
    }
}

#[test]
fn losers_of_a_gather_are_cancelled_and_waited_for() {
    let (_waits, a) = made();
    let (cleaned, clean_up) = made();
    let a = a.add_errback(move |why| {
        assert!(why.is_cancelled());
        clean_up
    });
    let (failing, b) = made();
    let call = list::with()
        .losers(Losers::Cancel)
        .gather([a.boxed(), b.boxed()]);
    let mut call = pin!(call);
    assert!(poll_once(call.as_mut()).is_pending());
    failing.errback(Failure::msg("no")).unwrap();
    assert!(poll_once(call.as_mut()).is_pending(), "the first cleans up");
    cleaned.callback(1).unwrap();
    assert_eq!(block_on(call).unwrap_err().to_string(), "no");
}

#[test]
fn a_cancellation_is_an_entry_of_each_member_that_it_leaves() {
    let (fired, a) = made();
    let (_hand_made, b) = made();
    let future = defer(std::future::pending::<Result<u8, Failure>>());
    let list = deferred_list([a.boxed(), b.boxed(), future.boxed()]);
    let (list, canceller) = list.cancellable();
    let mut list = pin!(list);
    assert!(poll_once(list.as_mut()).is_pending());
    fired.callback(7).unwrap();
    assert!(poll_once(list.as_mut()).is_pending());
    canceller.cancel();
    let entries = block_on(list).expect("the list itself is not cancelled");
    assert_eq!(*entries[0].as_ref().unwrap(), 7);
    for entry in &entries[1..] {
        assert!(entry.as_ref().unwrap_err().is_cancelled());
    }
    let why = entries[2].as_ref().unwrap_err();
    assert_eq!(why.trail().to_string(), "in deferred_list");
}

#[test]
fn a_list_that_has_not_begun_is_cancelled_with_entries() {
    let (never, seen) = never::<Result<u8, Cancelled>>();
    let (list, canceller) = deferred_list([never]).cancellable();
    canceller.cancel();
    assert_eq!(block_on(list), Ok([Err(Cancelled)]));
    assert_eq!(seen.polls(), 0);
}

#[test]
fn a_cancellation_without_an_error_goes_on_outward() {
    // The error knows no cancellation.
    let (never_a, _) = never::<Result<u8, Oops>>();
    let (list, canceller) = deferred_list([never_a]).cancellable();
    let mut list = pin!(list);
    assert!(poll_once(list.as_mut()).is_pending());
    canceller.cancel();
    assert_eq!(block_on(list), Err(Cancelled));
    // There is no error.
    let (never_b, _) = never::<u8>();
    let (list, canceller) = deferred_list([never_b]).cancellable();
    canceller.cancel();
    assert_eq!(block_on(list), Err(Cancelled));
    // Members that were not taken have no entries.
    let (never_c, _) = never::<Result<u8, Cancelled>>();
    let (never_d, seen) = never::<Result<u8, Cancelled>>();
    let list = list::with().limit(1).deferred_list([never_c, never_d]);
    let (list, canceller) = list.cancellable();
    let mut list = pin!(list);
    assert!(poll_once(list.as_mut()).is_pending());
    canceller.cancel();
    assert_eq!(block_on(list), Err(Cancelled));
    assert_eq!(seen.polls(), 0);
}

#[test]
fn an_error_type_of_ones_own_may_have_entries() {
    #[derive(Debug, PartialEq)]
    struct Closed;
    impl From<Cancelled> for Closed {
        fn from(_: Cancelled) -> Self {
            Closed
        }
    }
    let list = || deferred_list([never::<Result<u8, Closed>>().0, leaf(0, Ok(1)).0]);
    let cancelled = |list: Deferred<[Result<u8, Closed>; 2], _>| {
        let (list, canceller) = list.boxed().cancellable();
        let mut list = Box::pin(list);
        assert!(poll_once(list.as_mut()).is_pending());
        canceller.cancel();
        block_on(list)
    };
    assert_eq!(cancelled(list().boxed()), Err(Cancelled));
    assert_eq!(
        cancelled(list().cancelled_entries().boxed()),
        Ok([Err(Closed), Ok(1)])
    );
}

#[test]
fn a_cancelled_gather_waits_and_is_cancelled() {
    for options in [list::with(), list::with().losers(Losers::Cancel).limit(5)] {
        let (_a, a) = made();
        let (cleaned, clean_up) = made();
        let (_b, b) = made();
        let b = b.add_errback(|_| clean_up);
        let (call, canceller) = options.gather([a.boxed(), b.boxed()]).cancellable();
        let mut call = pin!(call);
        assert!(poll_once(call.as_mut()).is_pending());
        canceller.cancel();
        assert!(
            poll_once(call.as_mut()).is_pending(),
            "the second cleans up"
        );
        cleaned.callback(3).unwrap();
        assert!(block_on(call).unwrap_err().is_cancelled());
    }
}

#[test]
fn a_cancelled_gather_whose_members_have_values_has_them() {
    let saves = || Deferred::<Result<u8, Failure>, _>::with_canceller(|| Some(Ok(9)));
    let ((_a, a), (_b, b)) = (saves(), saves());
    let (call, canceller) = list::with().limit(2).gather([a, b]).cancellable();
    let mut call = pin!(call);
    assert!(poll_once(call.as_mut()).is_pending());
    canceller.cancel();
    assert_eq!(block_on(call).unwrap(), [9, 9]);
}

#[test]
fn the_index_is_in_the_trail() {
    let members = || {
        (0..5).map(|place| {
            let outcome = if place == 3 {
                Err(Failure::msg("no"))
            } else {
                Ok(place)
            };
            leaf(1, outcome).0
        })
    };
    fn at<T, F: Chain<Output = Result<T, Failure>>>(
        call: Deferred<Result<T, Failure>, F>,
    ) -> String {
        let Err(failure) = block_on(call) else {
            panic!("it did not fail")
        };
        failure.trail().to_string()
    }
    let len = |all: Vec<usize>| all.len();
    assert_eq!(
        at(gather(members()).add_callback(len)),
        "at add_callback[3]"
    );
    let limited = list::with().limit(2).gather(members());
    assert_eq!(at(limited.add_callback(len)), "at add_callback[3]");
    let only = members().skip(2).take(2).map(|member| {
        member.add_callback(|place| match place {
            2 => Err(Failure::msg("two")),
            place => Ok(place),
        })
    });
    let last = list::any_success_or_last_failure(only.collect::<Vec<_>>());
    assert!(at(last.add_callback(|first| first.is_some())).ends_with("add_callback[1]"));

    #[callback]
    fn total(sizes: Vec<usize>) -> usize {
        sizes.into_iter().sum()
    }
    assert!(at(total(gather(members()))).starts_with("at total arg 1[3] "));
}

#[test]
fn lists_are_drawn() {
    let pages = || [size(1), size(2), size(3)];
    let future = "  future of Result<usize, Oops>, Oops goes to the caller\n";
    let taken = future.replace("the caller", "deferred_list");
    assert_eq!(
        gather(pages()).plan().to_string(),
        format!("list, 3 at once\n{}", future.repeat(3))
    );
    let drawn = deferred_list(pages()).plan().to_string();
    assert_eq!(
        drawn,
        format!("deferred_list of 3, 3 at once\n{}", taken.repeat(3))
    );
    let drawn = list::with().limit(2).gather(pages()).plan().to_string();
    assert_eq!(
        drawn,
        format!("gather of 3, 2 at once\n{}", future.repeat(2))
    );
    let some = (1..9).map(size).filter(|_| true);
    let drawn = list::with().limit(1).deferred_list(some).plan().to_string();
    assert_eq!(
        drawn,
        format!("deferred_list of 1 or more, 1 at once\n{taken}")
    );
}

#[test]
fn the_first_is_polled_first() {
    let log = Log::default();
    let members = ["a", "b", "c"].map(|name| told(name, &log, 0, name));
    assert_eq!(block_on(deferred_list(members)), ["a", "b", "c"]);
    assert_eq!(log.without_drops(), ["poll a", "poll b", "poll c"]);
}
