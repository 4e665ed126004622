//! Lists, gathers and races, as they are written with defer.

use defer::StartLosers;
use defer::list::{self, deferred_list, first_success};
use defer::prelude::*;
use defer::start::Consume;
use serde_json::{Value, json};

use super::world::{Def, Shared, take};
use crate::errors::{FailureGroup, FirstError, Val, mark_ok, write, write_failure};
use crate::program::{indices, list_of, text, winner};

/// Members of a list that has fired go on, as Twisted's do. Twisted consumes failures, or
/// does not, where it logs them, which is not recorded.
fn go_on() -> list::Options<StartLosers<Consume>> {
    list::with().losers(StartLosers::new().consume_failures())
}

/// A DeferredList, a gatherResults or a race.
pub(super) fn list(world: &Shared, op: &Value) -> Def {
    let members: Vec<Def> = indices(&op["of"])
        .into_iter()
        .map(|member| take(world, member))
        .collect();
    let kind = text(&op["op"]);
    let first = |key: &str| op[key] == true;
    match (kind, first("first_callback"), first("first_errback")) {
        ("race", ..) => first_success(members).add_callbacks(won, lost_race).boxed(),
        ("gather", ..) => gathered(members)
            .add_callback(|list| Ok(Val(values(list))))
            .boxed(),
        (_, false, false) => deferred_list(members)
            .add_callback(|list| {
                let list: Vec<_> = list.iter().map(write).collect();
                Ok::<Val, Failure>(Val(list_of(&list)))
            })
            .boxed(),
        (_, false, true) => gathered(members)
            .add_callback(|list| Ok(Val(mark_ok(&values(list)))))
            .boxed(),
        (_, true, false) => go_on()
            .first_success(members)
            .add_callbacks(won, lost_list)
            .boxed(),
        (_, true, true) => go_on().race(members).add_callback(first_outcome).boxed(),
    }
}

fn values(list: Vec<Val>) -> Value {
    list.into_iter().map(|value| value.0).collect()
}

fn won((place, value): (usize, Val)) -> Result<Val, Failure> {
    Ok(Val(winner(place, &value.0)))
}

fn lost_race(failures: Vec<Failure>) -> Result<Val, Failure> {
    Err(FailureGroup(failures).into())
}

/// Twisted's list succeeds with all outcomes, then.
fn lost_list(failures: Vec<Failure>) -> Result<Val, Failure> {
    let failures: Vec<_> = failures.iter().map(|one| Err(write_failure(one))).collect();
    Ok(Val(list_of(&failures)))
}

/// Twisted says which member failed; here the members say so themselves.
fn gathered(members: Vec<Def>) -> Deferred<Result<Vec<Val>, Failure>> {
    let tagged = members.into_iter().enumerate().map(|(place, member)| {
        member.add_errback(move |failure: Failure| {
            Err::<Val, Failure>(FirstError(place, failure).into())
        })
    });
    go_on().gather(tagged).boxed()
}

/// Both flags: the first outcome of either kind.
fn first_outcome(first: Option<(usize, Result<Val, Failure>)>) -> Result<Val, Failure> {
    match first {
        Some((place, Ok(value))) => won((place, value)),
        Some((place, Err(failure))) => Err(FirstError(place, failure).into()),
        // Of nothing there is no first.
        None => Ok(Val(json!([]))),
    }
}
