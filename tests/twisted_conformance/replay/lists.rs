//! Lists, gathers and races, as they are written with defer.

use defer::list::first_success;
use defer::prelude::*;
use serde_json::{Value, json};

use super::world::{Def, Shared, take};
use crate::errors::{FailureGroup, FirstError, Out, Val, mark_ok, write, write_failure};
use crate::program::{indices, list_of, text, winner};

#[callback]
fn outcomes(list: Vec<Result<Val, Failure>>) -> Val {
    Val(list_of(&list.iter().map(write).collect::<Vec<_>>()))
}

#[callback]
fn values(list: Vec<Val>) -> Val {
    Val(list.into_iter().map(|value| value.0).collect())
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
        ("list", false, false) => {
            let list = outcomes(members);
            list.add_callback(Ok::<Val, Failure>).boxed()
        }
        ("list", false, true) => gathered(members)
            .add_callback(|list: Val| Ok(Val(mark_ok(&list.0))))
            .boxed(),
        ("gather", ..) => gathered(members),
        ("list", true, true) => first_outcome(members),
        _ => {
            let race = kind == "race";
            let won = |(place, value): (usize, Val)| Ok(Val(winner(place, &value.0)));
            let lost = move |failures: Vec<Failure>| {
                if race {
                    return Err(FailureGroup(failures).into());
                }
                let failures: Vec<_> = failures.iter().map(|one| Err(write_failure(one))).collect();
                Ok(Val(list_of(&failures)))
            };
            first_success(members).add_callbacks(won, lost).boxed()
        }
    }
}

/// Twisted says which member failed; here the members say so themselves.
fn gathered(members: Vec<Def>) -> Def {
    let tagged = members.into_iter().enumerate().map(|(place, member)| {
        member.add_errback(move |failure: Failure| Err(FirstError(place, failure).into()))
    });
    values(tagged.collect::<Vec<Deferred<Out, _>>>()).boxed()
}

/// Both flags: the first outcome of either kind.
fn first_outcome(members: Vec<Def>) -> Def {
    let any = members
        .into_iter()
        .map(|member| member.add_both(|out: Out| Ok::<_, Failure>(Either(out))));
    let won = |(place, Either(out)): (usize, Either)| match out {
        Ok(value) => Ok(Val(winner(place, &value.0))),
        Err(failure) => Err(Failure::from(FirstError(place, failure))),
    };
    // Of nothing there is no first.
    let none = |_: Vec<Failure>| Ok(Val(json!([])));
    first_success(any).add_callbacks(won, none).boxed()
}

/// An outcome as a value.
struct Either(Out);
