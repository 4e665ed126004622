//! One mistake, one error: counted in the messages that `ui.rs` pins.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Callees whose call has no type with a name: a part of it is opaque, and the compiler
/// proves the arguments again wherever it meets that part. Each with the number of errors
/// that one wrong argument gives. More would be a step back.
const OPAQUE: &[(&str, usize)] = &[
    ("async_missing_argument", 1),
    ("async_wrong_plain_type", 2),
    ("async_wrong_plain_type_awaited", 3),
    ("async_wrong_plain_type_boxed", 1),
    ("async_wrong_plain_type_boxed_awaited", 1),
    ("async_wrong_plain_type_boxed_nested", 1),
    ("async_wrong_plain_type_in_a_method", 1),
    ("async_wrong_plain_type_in_a_method_awaited", 3),
    ("async_wrong_plain_type_in_an_errback", 2),
    ("async_wrong_plain_type_nested", 6),
    ("async_wrong_plain_type_nested_awaited", 7),
    ("declared_wrong_plain_type", 1),
    ("declared_wrong_plain_type_awaited", 3),
    ("opaque_wrong_plain_type", 2),
    ("opaque_wrong_plain_type_awaited", 3),
];

/// Cases in which more than one error is right, or as good as can be.
const MORE: &[(&str, usize)] = &[
    // As many as in a function without the attribute.
    ("body_that_does_not_parse", 3),
    // A hidden struct cannot stand in an `impl` block, and no attribute knows where it is.
    ("associated_function", 4),
    // The argument, and the output that the deferred of it would have.
    ("defer_of_what_is_no_future", 2),
    // The compiler asks for the lifetime at each use of the type.
    ("lifetime_left_out_of_a_path", 4),
    ("lifetime_left_out_of_a_path_async", 2),
    // One for each.
    ("refused_batches", 13),
    // The jobs are refused, and then there is no way to start them.
    ("jobs_fail_with_a_plain_error", 2),
    // `unsafe`, `extern` and `...` are three mistakes.
    ("refused_variadic_extern_fn", 3),
    ("two_wrong_arguments", 2),
    // Twice, and the second one is another error than the function's.
    ("refused_error_twice", 2),
    // The implementation is told that the declaration is not what it implements.
    ("refused_impl_trait_declared", 2),
    // One for each.
    ("unused_functions", 3),
];

/// Cases that should give one error and do not yet.
const NOT_YET: &[(&str, usize)] = &[("deferred_that_is_none", 3), ("result_that_is_none", 3)];

/// The number of errors in each pinned message, by the name of its case.
fn pinned() -> BTreeMap<String, usize> {
    let fail = Path::new(env!("CARGO_MANIFEST_DIR")).join("fail");
    let mut counts = BTreeMap::new();
    for entry in fs::read_dir(&fail).expect("the failing cases are beside the tests") {
        let path = entry.expect("a case can be listed").path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let message = path.with_extension("stderr");
            let text = fs::read_to_string(&message)
                .unwrap_or_else(|error| panic!("{}: {error}", message.display()));
            let name = path
                .file_stem()
                .expect("a case has a name")
                .to_string_lossy();
            counts.insert(name.into_owned(), errors(&text));
        }
    }
    counts
}

/// `error: ..` and `error[E0277]: ..` begin a line; whatever belongs to them is indented
/// or begins otherwise.
fn errors(message: &str) -> usize {
    message
        .lines()
        .filter(|line| line.starts_with("error: ") || line.starts_with("error["))
        .count()
}

fn listed(name: &str) -> Option<usize> {
    let mut all = OPAQUE.iter().chain(MORE).chain(NOT_YET);
    all.find(|(listed, _)| *listed == name)
        .map(|(_, count)| *count)
}

/// Also what is listed: a count that falls is to be written down, one that rises is found.
#[test]
fn a_mistake_gives_as_many_errors_as_is_written_here() {
    let pinned = pinned();
    let wrong: Vec<String> = pinned
        .iter()
        .filter(|(name, count)| **count != listed(name).unwrap_or(1))
        .map(|(name, count)| format!("{name}: {count}, expected {}", listed(name).unwrap_or(1)))
        .collect();
    assert!(
        wrong.is_empty(),
        "errors in the pinned messages:\n{}",
        wrong.join("\n")
    );
    for (name, _) in OPAQUE.iter().chain(MORE).chain(NOT_YET) {
        assert!(
            pinned.contains_key(*name),
            "`{name}` is listed and is no case"
        );
    }
}

/// The bar: a wrong argument of a synchronous callee, wherever it stands.
#[test]
fn one_wrong_argument_of_a_synchronous_callee_is_one_error() {
    let places = [
        "wrong_plain_type",
        "wrong_plain_type_awaited",
        "wrong_plain_type_in_a_method",
        "wrong_plain_type_in_a_method_awaited",
        "wrong_plain_type_in_an_errback",
        "wrong_plain_type_in_an_errback_awaited",
        "wrong_plain_type_in_a_general_errback",
        "wrong_plain_type_in_a_general_errback_awaited",
        "wrong_plain_type_nested",
        "wrong_plain_type_nested_awaited",
        "wrong_plain_type_three_deep",
        "wrong_plain_type_of_a_deferred_body",
        "wrong_plain_type_of_a_deferred_body_awaited",
        "wrong_plain_type_of_many",
        "wrong_deferred_type",
        "wrong_deferred_type_awaited",
        "raw_future",
        "raw_future_awaited",
        "wrong_member_in_a_list",
        "wrong_member_in_a_list_awaited",
        "wrong_member_in_a_tuple",
        "wrong_member_in_a_tuple_awaited",
        "error_without_from",
        "error_without_from_awaited",
        "different_errors",
        "different_errors_awaited",
        "errback_on_what_cannot_fail",
        "errback_on_what_cannot_fail_awaited",
        "errback_of_another_value",
        "errback_of_another_value_awaited",
    ];
    let pinned = pinned();
    for place in places {
        assert_eq!(pinned[place], 1, "{place}");
    }
}

/// Every refusal leaves a function that can be called, so that callers are not blamed.
#[test]
fn a_refusal_is_one_error() {
    let more: Vec<(String, usize)> = pinned()
        .into_iter()
        .filter(|(name, count)| {
            let excepted = MORE.iter().any(|(listed, _)| listed == name);
            name.starts_with("refused_") && *count != 1 && !excepted
        })
        .collect();
    assert!(more.is_empty(), "{more:?}");
}

/// The rest of `NOT_YET`.
#[test]
#[ignore = "some mistakes still give more than one error, see `NOT_YET`"]
fn nothing_else_gives_more_than_one_error() {
    let pinned = pinned();
    let more: Vec<_> = NOT_YET
        .iter()
        .filter(|(name, _)| pinned[*name] != 1)
        .collect();
    assert!(more.is_empty(), "{more:?}");
}
