//! What a call yields and what a parameter accepts, as types.
//!
//! Every `let` says the type in full: a test that compiles has passed its main part.

use std::collections::{BTreeMap, HashMap};
use std::marker::PhantomData;
use std::rc::Rc;

use defer::prelude::*;
use defer::{Abandoned, Boxed, HandMade, LocalBoxed, Plan, Resolver, Value};
use futures::executor::block_on;
use static_assertions::{assert_impl_all, assert_not_impl_any};

#[derive(Clone, Debug, PartialEq)]
struct NotFound(u16);

#[derive(Clone, Debug, PartialEq)]
struct BadPage;

#[derive(Clone, Debug, PartialEq)]
enum AppError {
    NotFound(NotFound),
    BadPage(BadPage),
    Own,
}

impl From<NotFound> for AppError {
    fn from(error: NotFound) -> Self {
        AppError::NotFound(error)
    }
}

impl From<BadPage> for AppError {
    fn from(error: BadPage) -> Self {
        AppError::BadPage(error)
    }
}

#[callback]
fn one(a: u32) -> u32 {
    a + 1
}

#[callback]
fn add(a: u32, b: u32) -> u32 {
    a + b
}

#[callback]
fn add3(a: u32, b: u32, c: u32) -> u32 {
    a + b + c
}

#[callback]
fn checked(a: u32, b: u32) -> Result<u32, AppError> {
    if a + b == 0 {
        Err(AppError::Own)
    } else {
        Ok(a + b)
    }
}

#[callback]
async fn add_async(a: u32, b: u32) -> u32 {
    a + b
}

#[callback]
async fn checked_async(a: u32, b: u32) -> Result<u32, AppError> {
    if a + b == 0 {
        Err(AppError::Own)
    } else {
        Ok(a + b)
    }
}

#[errback]
fn zero(failure: NotFound) -> u32 {
    let _ = failure;
    0
}

fn ok(value: u32) -> Deferred<Result<u32, NotFound>> {
    defer(async move { Ok(value) }).boxed()
}

fn lost() -> Deferred<Result<u32, NotFound>> {
    defer(async { Err(NotFound(404)) }).boxed()
}

fn bad() -> Deferred<Result<u32, BadPage>> {
    defer(async { Err(BadPage) }).boxed()
}

mod what_a_call_yields {
    use super::*;

    #[test]
    fn a_value_when_nothing_can_fail() {
        let sum: u32 = block_on(add(1, succeed(2)));
        assert_eq!(sum, 3);
        let sum: u32 = block_on(add_async(1, succeed(2)));
        assert_eq!(sum, 3);
    }

    #[test]
    fn a_result_when_any_argument_can_fail() {
        let left: Result<u32, NotFound> = block_on(add(ok(1), 2));
        assert_eq!(left, Ok(3));
        let right: Result<u32, NotFound> = block_on(add(1, ok(2)));
        assert_eq!(right, Ok(3));
        let both: Result<u32, NotFound> = block_on(add(ok(1), ok(2)));
        assert_eq!(both, Ok(3));
        let last: Result<u32, NotFound> = block_on(add3(1, succeed(2), ok(3)));
        assert_eq!(last, Ok(6));
        let late: Result<u32, NotFound> = block_on(add_async(1, ok(2)));
        assert_eq!(late, Ok(3));
        let failed: Result<u32, NotFound> = block_on(add(1, lost()));
        assert_eq!(failed, Err(NotFound(404)));
    }

    #[test]
    fn the_error_of_the_body_into_which_the_others_go() {
        let own: Result<u32, AppError> = block_on(checked(0, 0));
        assert_eq!(own, Err(AppError::Own));
        let first: Result<u32, AppError> = block_on(checked(lost(), 1));
        assert_eq!(first, Err(AppError::NotFound(NotFound(404))));
        let different: Result<u32, AppError> = block_on(checked(ok(1), bad()));
        assert_eq!(different, Err(AppError::BadPage(BadPage)));
        let same: Result<u32, AppError> = block_on(checked(1, checked(0, 0)));
        assert_eq!(same, Err(AppError::Own));
        let late: Result<u32, AppError> = block_on(checked_async(ok(1), bad()));
        assert_eq!(late, Err(AppError::BadPage(BadPage)));
    }

    #[test]
    fn a_value_again_outside_of_a_terminal_errback() {
        let whole: u32 = block_on(one(add(zero(lost()), 1)));
        assert_eq!(whole, 2);
    }

    #[test]
    fn failure_is_an_error_like_any_other() {
        #[callback]
        fn parse(text: String) -> Result<u32, Failure> {
            Ok(text.parse::<u32>()?)
        }
        let parsed: Result<u32, Failure> = block_on(one(parse("7".to_string())));
        assert_eq!(parsed.unwrap(), 8);
        let refused: Result<u32, Failure> = block_on(one(parse("x".to_string())));
        assert!(
            refused
                .unwrap_err()
                .check::<std::num::ParseIntError>()
                .is_some()
        );
    }

    #[test]
    fn an_alias_with_one_parameter_is_a_result() {
        #[callback]
        fn read(name: String) -> std::io::Result<u32> {
            if name.is_empty() {
                Err(std::io::ErrorKind::NotFound.into())
            } else {
                Ok(1)
            }
        }
        let read_it: Result<u32, std::io::Error> = block_on(one(read("a".to_string())));
        assert_eq!(read_it.unwrap(), 2);

        #[callback]
        fn any(name: String) -> anyhow::Result<u32> {
            anyhow::ensure!(!name.is_empty(), "no name");
            Ok(1)
        }
        let refused: Result<u32, anyhow::Error> = block_on(one(any(String::new())));
        assert_eq!(refused.unwrap_err().to_string(), "no name");
    }

    #[test]
    fn an_alias_by_another_name_says_its_error() {
        type Counted = Result<u32, NotFound>;
        #[callback(error = NotFound)]
        fn count(page: u32) -> Counted {
            if page == 0 {
                Err(NotFound(0))
            } else {
                Ok(page)
            }
        }
        let counted: Result<u32, NotFound> = block_on(one(count(0)));
        assert_eq!(counted, Err(NotFound(0)));
    }

    #[test]
    fn unit_when_the_body_returns_nothing() {
        #[callback]
        fn nothing(page: u32) {
            let _ = page;
        }
        let () = block_on(nothing(1));
        let failed: Result<(), NotFound> = block_on(nothing(lost()));
        assert_eq!(failed, Err(NotFound(404)));
    }

    #[test]
    fn what_the_deferred_of_the_body_yields() {
        #[callback]
        fn later(page: u32) -> Deferred<u32> {
            succeed(page + 1).boxed()
        }
        #[callback]
        fn maybe(page: u32) -> Deferred<Result<u32, AppError>> {
            checked(page, 0).boxed()
        }
        let plain: u32 = block_on(later(1));
        assert_eq!(plain, 2);
        let fallible: Result<u32, NotFound> = block_on(later(ok(1)));
        assert_eq!(fallible, Ok(2));
        let own: Result<u32, AppError> = block_on(maybe(0));
        assert_eq!(own, Err(AppError::Own));
        let lifted: Result<u32, AppError> = block_on(maybe(lost()));
        assert_eq!(lifted, Err(AppError::NotFound(NotFound(404))));
    }
}

mod what_a_parameter_accepts {
    use super::*;

    #[test]
    fn a_value() {
        let sum: u32 = block_on(one(1));
        assert_eq!(sum, 2);
    }

    #[test]
    fn a_result_that_is_known_already() {
        let known: Result<u32, NotFound> = Ok(1);
        let sum: Result<u32, NotFound> = block_on(one(known));
        assert_eq!(sum, Ok(2));
        let known: Result<u32, NotFound> = Err(NotFound(1));
        let sum: Result<u32, NotFound> = block_on(one(known));
        assert_eq!(sum, Err(NotFound(1)));
    }

    #[test]
    fn a_deferred_of_any_make() {
        let sum: u32 = block_on(one(succeed(1)));
        assert_eq!(sum, 2);
        let sum: u32 = block_on(one(defer(async { 1 })));
        assert_eq!(sum, 2);
        let sum: u32 = block_on(one(async { 1 }.defer()));
        assert_eq!(sum, 2);
        let sum: u32 = block_on(one(succeed(1).boxed()));
        assert_eq!(sum, 2);
        let sum: u32 = block_on(one(succeed(1).boxed_local()));
        assert_eq!(sum, 2);
        let sum: u32 = block_on(one(one(1)));
        assert_eq!(sum, 3);
        let sum: u32 = block_on(one(add_async(1, 1)));
        assert_eq!(sum, 3);
        let sum: u32 = block_on(one(succeed(1).add_callback(|n| n + 1)));
        assert_eq!(sum, 3);
        let sum: Result<u32, NotFound> = block_on(one(fail(NotFound(1))));
        assert_eq!(sum, Err(NotFound(1)));
        let sum: Result<u32, NotFound> = block_on(one(lost().boxed_local()));
        assert_eq!(sum, Err(NotFound(404)));
        let (resolver, waiting) = Deferred::<Result<u32, Failure>, _>::new();
        resolver.callback(1).unwrap();
        let sum: Result<u32, Failure> = block_on(one(waiting));
        assert_eq!(sum.unwrap(), 2);
    }

    #[test]
    fn an_outcome_where_the_parameter_is_a_result() {
        #[callback]
        fn observe(outcome: Result<u32, NotFound>) -> String {
            format!("{outcome:?}")
        }
        let value: String = block_on(observe(Ok(1)));
        assert_eq!(value, "Ok(1)");
        let good: String = block_on(observe(ok(1)));
        assert_eq!(good, "Ok(1)");
        let failed: String = block_on(observe(lost()));
        assert_eq!(failed, "Err(NotFound(404))");
        let cannot_fail: String = block_on(observe(succeed(1)));
        assert_eq!(cannot_fail, "Ok(1)");
        let nested: String = block_on(observe(add(lost(), 1)));
        assert_eq!(nested, "Err(NotFound(404))");
    }

    #[test]
    fn references_and_impl_trait_as_plain_values() {
        #[callback]
        fn join(page: u32, by: &str, parts: impl IntoIterator<Item = u32>) -> String {
            let parts: Vec<_> = parts.into_iter().map(|part| part.to_string()).collect();
            format!("{page}{}", parts.join(by))
        }
        let owned = String::from("-");
        let joined: String = block_on(join(succeed(1), &owned, [2, 3]));
        assert_eq!(joined, "12-3");
        let failed: Result<String, NotFound> = block_on(join(lost(), "-", vec![2]));
        assert_eq!(failed, Err(NotFound(404)));
    }

    #[test]
    fn a_value_only_where_it_is_marked_so() {
        #[callback]
        fn tagged(page: u32, #[value] tag: Result<u32, NotFound>) -> Result<u32, NotFound> {
            Ok(page + tag.unwrap_or(40))
        }
        // A failure in a plain parameter is a value like any other: the body sees it.
        let sum: Result<u32, NotFound> = block_on(tagged(2, Err(NotFound(1))));
        assert_eq!(sum, Ok(42));
    }

    #[test]
    fn a_generic_value_or_a_deferred_of_it() {
        #[callback]
        fn pair<T>(value: T, again: bool) -> Vec<T>
        where
            T: Clone,
        {
            if again {
                vec![value.clone(), value]
            } else {
                vec![value]
            }
        }
        let twice: Vec<u8> = block_on(pair::<u8, _, _, _, _, _>(succeed(1), true));
        assert_eq!(twice, [1, 1]);
    }
}

mod containers {
    use super::*;

    #[callback]
    fn of_vec(pages: Vec<u32>) -> String {
        format!("{pages:?}")
    }
    #[callback]
    fn of_array(pages: [u32; 2]) -> String {
        format!("{pages:?}")
    }
    #[callback]
    fn of_option(page: Option<u32>) -> String {
        format!("{page:?}")
    }
    #[callback]
    fn of_tuple(pages: (u32, u8)) -> String {
        format!("{pages:?}")
    }
    #[callback]
    fn of_hash_map(pages: HashMap<&'static str, u32>) -> String {
        let mut pages: Vec<_> = pages.into_iter().collect();
        pages.sort_unstable();
        format!("{pages:?}")
    }
    #[callback]
    fn of_btree_map(pages: BTreeMap<&'static str, u32>) -> String {
        format!("{pages:?}")
    }

    type Seen = Result<u32, NotFound>;

    #[callback]
    fn all_of_vec(pages: Vec<Seen>) -> String {
        format!("{pages:?}")
    }
    #[callback]
    fn all_of_array(pages: [Seen; 2]) -> String {
        format!("{pages:?}")
    }
    #[callback]
    fn all_of_option(page: Option<Seen>) -> String {
        format!("{page:?}")
    }
    #[callback]
    fn all_of_tuple(pages: (Seen, u8)) -> String {
        format!("{pages:?}")
    }
    #[callback]
    fn all_of_hash_map(pages: HashMap<&'static str, Seen>) -> String {
        let mut pages: Vec<_> = pages.into_iter().collect();
        pages.sort_by_key(|(key, _)| *key);
        format!("{pages:?}")
    }
    #[callback]
    fn all_of_btree_map(pages: BTreeMap<&'static str, Seen>) -> String {
        format!("{pages:?}")
    }

    const LOST: &str = "Err(NotFound(404))";

    #[test]
    fn vec() {
        let plain: String = block_on(of_vec(vec![1, 2]));
        assert_eq!(plain, "[1, 2]");
        let deferred: String = block_on(of_vec(vec![succeed(1), succeed(2)]));
        assert_eq!(deferred, "[1, 2]");
        let gathered: Result<String, NotFound> = block_on(of_vec(vec![ok(1), ok(2)]));
        assert_eq!(gathered.unwrap(), "[1, 2]");
        let failed: Result<String, NotFound> = block_on(of_vec(vec![ok(1), lost()]));
        assert_eq!(failed, Err(NotFound(404)));
        let outcomes: String = block_on(all_of_vec(vec![ok(1), lost()]));
        assert_eq!(outcomes, format!("[Ok(1), {LOST}]"));
    }

    #[test]
    fn array() {
        let plain: String = block_on(of_array([1, 2]));
        assert_eq!(plain, "[1, 2]");
        let deferred: String = block_on(of_array([succeed(1), succeed(2)]));
        assert_eq!(deferred, "[1, 2]");
        let gathered: Result<String, NotFound> = block_on(of_array([ok(1), ok(2)]));
        assert_eq!(gathered.unwrap(), "[1, 2]");
        let failed: Result<String, NotFound> = block_on(of_array([lost(), ok(1)]));
        assert_eq!(failed, Err(NotFound(404)));
        let outcomes: String = block_on(all_of_array([ok(1), lost()]));
        assert_eq!(outcomes, format!("[Ok(1), {LOST}]"));
    }

    #[test]
    fn option() {
        let plain: String = block_on(of_option(Some(1)));
        assert_eq!(plain, "Some(1)");
        let deferred: String = block_on(of_option(Some(succeed(1))));
        assert_eq!(deferred, "Some(1)");
        let absent: String = block_on(of_option(None::<u32>));
        assert_eq!(absent, "None");
        let gathered: Result<String, NotFound> = block_on(of_option(Some(ok(1))));
        assert_eq!(gathered.unwrap(), "Some(1)");
        let absent = Some(ok(1)).filter(|_| false);
        let absent: Result<String, NotFound> = block_on(of_option(absent));
        assert_eq!(absent.unwrap(), "None");
        let failed: Result<String, NotFound> = block_on(of_option(Some(lost())));
        assert_eq!(failed, Err(NotFound(404)));
        let outcome: String = block_on(all_of_option(Some(lost())));
        assert_eq!(outcome, format!("Some({LOST})"));
    }

    #[test]
    fn tuple() {
        let plain: String = block_on(of_tuple((1, 2)));
        assert_eq!(plain, "(1, 2)");
        let deferred: String = block_on(of_tuple((succeed(1), succeed(2))));
        assert_eq!(deferred, "(1, 2)");
        let mixed: Result<String, NotFound> = block_on(of_tuple((ok(1), succeed(2))));
        assert_eq!(mixed.unwrap(), "(1, 2)");
        let failed: Result<String, NotFound> =
            block_on(of_tuple((succeed(1), fail(NotFound(404)))));
        assert_eq!(failed, Err(NotFound(404)));
        let outcomes: String = block_on(all_of_tuple((lost(), succeed(2))));
        assert_eq!(outcomes, format!("({LOST}, 2)"));
    }

    #[test]
    fn tuple_of_twelve() {
        #[callback]
        #[allow(clippy::type_complexity, reason = "the longest tuple there is")]
        fn sum(t: (u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u16)) -> u16 {
            let bytes = [t.0, t.1, t.2, t.3, t.4, t.5, t.6, t.7, t.8, t.9, t.10];
            bytes.into_iter().map(u16::from).sum::<u16>() + t.11
        }
        let s = succeed::<u8>;
        let whole: Result<u16, NotFound> = block_on(sum((
            s(1),
            s(2),
            s(3),
            s(4),
            s(5),
            s(6),
            s(7),
            s(8),
            s(9),
            s(10),
            s(11),
            defer(async { Ok::<u16, NotFound>(1000) }),
        )));
        assert_eq!(whole, Ok(1066));
    }

    #[test]
    fn hash_map() {
        let plain: String = block_on(of_hash_map(HashMap::from([("a", 1)])));
        assert_eq!(plain, r#"[("a", 1)]"#);
        let deferred: String = block_on(of_hash_map(HashMap::from([
            ("a", succeed(1)),
            ("b", succeed(2)),
        ])));
        assert_eq!(deferred, r#"[("a", 1), ("b", 2)]"#);
        let gathered: Result<String, NotFound> =
            block_on(of_hash_map(HashMap::from([("a", ok(1)), ("b", ok(2))])));
        assert_eq!(gathered.unwrap(), r#"[("a", 1), ("b", 2)]"#);
        let failed: Result<String, NotFound> =
            block_on(of_hash_map(HashMap::from([("a", ok(1)), ("b", lost())])));
        assert_eq!(failed, Err(NotFound(404)));
        let outcomes: String = block_on(all_of_hash_map(HashMap::from([
            ("a", ok(1)),
            ("b", lost()),
        ])));
        assert_eq!(outcomes, format!(r#"[("a", Ok(1)), ("b", {LOST})]"#));
    }

    #[test]
    fn btree_map() {
        let plain: String = block_on(of_btree_map(BTreeMap::from([("a", 1)])));
        assert_eq!(plain, r#"{"a": 1}"#);
        let deferred: String = block_on(of_btree_map(BTreeMap::from([
            ("b", succeed(2)),
            ("a", succeed(1)),
        ])));
        assert_eq!(deferred, r#"{"a": 1, "b": 2}"#);
        let gathered: Result<String, NotFound> =
            block_on(of_btree_map(BTreeMap::from([("b", ok(2)), ("a", ok(1))])));
        assert_eq!(gathered.unwrap(), r#"{"a": 1, "b": 2}"#);
        let failed: Result<String, NotFound> =
            block_on(of_btree_map(BTreeMap::from([("b", ok(2)), ("a", lost())])));
        assert_eq!(failed, Err(NotFound(404)));
        let outcomes: String = block_on(all_of_btree_map(BTreeMap::from([
            ("b", ok(2)),
            ("a", lost()),
        ])));
        assert_eq!(outcomes, format!(r#"{{"a": {LOST}, "b": Ok(2)}}"#));
    }

    #[test]
    fn the_kind_of_a_container_merges_with_the_other_arguments() {
        #[callback]
        fn both(pages: Vec<u32>, page: u32) -> u32 {
            pages.into_iter().sum::<u32>() + page
        }
        let cannot: u32 = block_on(both(vec![succeed(1)], succeed(2)));
        assert_eq!(cannot, 3);
        let by_list: Result<u32, NotFound> = block_on(both(vec![ok(1)], succeed(2)));
        assert_eq!(by_list, Ok(3));
        let by_other: Result<u32, NotFound> = block_on(both(vec![succeed(1)], ok(2)));
        assert_eq!(by_other, Ok(3));
    }
}

mod auto_traits {
    use super::*;

    assert_impl_all!(Boxed<'static, u8>: Send, Unpin);
    assert_impl_all!(Deferred<u8>: Send, Unpin);
    assert_not_impl_any!(Deferred<u8>: Sync, Clone);
    assert_not_impl_any!(LocalBoxed<'static, u8>: Send, Sync);
    assert_impl_all!(LocalBoxed<'static, u8>: Unpin);
    assert_impl_all!(Deferred<u8, Value<u8>>: Send, Sync, Unpin);
    assert_not_impl_any!(Deferred<Rc<u8>, Value<Rc<u8>>>: Send, Sync);
    assert_impl_all!(Deferred<Result<u8, Failure>, HandMade<u8>>: Send, Sync, Unpin);
    assert_not_impl_any!(HandMade<Rc<u8>>: Send, Sync);
    assert_impl_all!(defer::Started<u8>: Send, Sync, Unpin);
    assert_not_impl_any!(defer::Started<Rc<u8>>: Send, Sync);
    assert_impl_all!(defer::time::Timeout<Value<u8>>: Send, Sync);
    assert_impl_all!(defer::bridge::Joined<u8, Failure>: Send, Sync, Unpin);
    assert_impl_all!(defer::bridge::Received<u8, Failure>: Send, Sync, Unpin);
    assert_impl_all!(defer::CatchPanics<Value<u8>>: Send, Sync, Unpin);
    assert_impl_all!(defer::Panicked: Send, Sync, Unpin, Clone, std::error::Error);
    assert_impl_all!(defer::TimedOut: Send, Sync, Copy, std::error::Error);
    assert_impl_all!(defer::WouldBlock<Deferred<u8>>: Send, Sync, std::error::Error);
    assert_impl_all!(Resolver<u8>: Send, Sync, Unpin);
    assert_not_impl_any!(Resolver<u8>: Clone);
    assert_not_impl_any!(Resolver<Rc<u8>>: Send, Sync);
    assert_impl_all!(Failure: Send, Sync, Unpin, Clone);
    assert_not_impl_any!(Failure: std::error::Error);
    assert_impl_all!(Abandoned: Send, Sync, std::error::Error);
    assert_impl_all!(Plan: Send, Sync, Unpin);

    /// Asks whether the type of a value, which may have no name, has an auto trait.
    struct Probe<'a, T>(PhantomData<&'a T>);

    fn probe<T>(_: &T) -> Probe<'_, T> {
        Probe(PhantomData)
    }

    /// The inherent method is preferred where its bound holds, else the trait's is taken.
    macro_rules! question {
        ($Trait:ident, $Not:ident, $asks:ident) => {
            trait $Not {
                fn $asks(&self) -> bool {
                    false
                }
            }
            impl<T> $Not for Probe<'_, T> {}
            impl<T: $Trait> Probe<'_, T> {
                fn $asks(&self) -> bool {
                    true
                }
            }
        };
    }
    question!(Send, NotSend, is_send);
    question!(Sync, NotSync, is_sync);
    question!(Unpin, NotUnpin, is_unpin);

    #[callback]
    fn of_rc(page: Rc<u32>, n: u32) -> u32 {
        *page + n
    }
    #[callback]
    fn of_ref(cell: &std::cell::Cell<u32>, n: u32) -> u32 {
        cell.get() + n
    }
    #[callback]
    async fn holds_rc(n: u32) -> u32 {
        let held = Rc::new(n);
        succeed(()).await;
        *held
    }

    #[test]
    fn a_call_has_those_of_its_parts() {
        let call = add(one(1), checked(1, 2));
        assert!(probe(&call).is_send() && probe(&call).is_sync() && probe(&call).is_unpin());
        let call = zero(ok(1));
        assert!(probe(&call).is_send() && !probe(&call).is_sync() && probe(&call).is_unpin());
        let call = one(succeed(1).boxed_local());
        assert!(!probe(&call).is_send());
        let list = containers_of_futures();
        assert!(probe(&list).is_send());
    }

    fn containers_of_futures() -> Deferred<String, impl defer::Chain<Output = String>> {
        #[callback]
        fn of_vec(pages: Vec<u32>) -> String {
            format!("{pages:?}")
        }
        of_vec(vec![defer(async { 1 })])
    }

    #[test]
    fn an_async_body_is_not_unpin() {
        let call = add_async(1, 2);
        assert!(probe(&call).is_send() && !probe(&call).is_unpin());
        // An argument that must stay where it is makes the call stay where it is.
        let call = one(defer(async { 1 }));
        assert!(probe(&call).is_send() && !probe(&call).is_unpin());
    }

    #[test]
    fn what_must_stay_on_its_thread_does() {
        let call = of_rc(Rc::new(1), succeed(2));
        assert!(!probe(&call).is_send());
        assert_eq!(block_on(call), 3);
        let cell = std::cell::Cell::new(1);
        let call = of_ref(&cell, 2);
        assert!(!probe(&call).is_send());
        assert_eq!(block_on(call), 3);
        let call = holds_rc(3);
        assert!(!probe(&call).is_send());
        assert_eq!(block_on(call), 3);
        // The argument may be bound to its thread, and the body's result may not.
        let call = of_rc(Rc::new(1), succeed(2)).boxed_local();
        assert_eq!(block_on(call), 3);
    }
}
