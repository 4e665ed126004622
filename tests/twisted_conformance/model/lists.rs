//! Lists, gathers and races, Twisted's and ours.

use serde_json::{Value, json};

use super::{Entry, Model, Raised};
use crate::program::{Outcome, cancelled, first_error, group, indices, list_of, text, winner};

/// What makes a list fire.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Fires {
    WithAll,
    /// With the first failure, if there is one.
    WithFailure,
    WithSuccess,
    WithEither,
    /// As `WithSuccess`, and the others are cancelled.
    Race,
}

pub(super) struct List {
    pub(super) of: Vec<usize>,
    pub(super) fires: Fires,
    pub(super) gathers: bool,
    pub(super) consumes: bool,
    pub(super) outcomes: Vec<Option<Outcome>>,
    pub(super) winner: Option<usize>,
    pub(super) cancelled: bool,
    /// A cancelled member has failed, in a list that fails with one.
    pub(super) gone: bool,
}

impl Model {
    pub(super) fn list_of(&mut self, d: usize) -> &mut List {
        self.ones[d].list.as_mut().expect("it is a list")
    }

    pub(super) fn list(&mut self, d: usize, op: &Value) {
        self.make(Value::Null);
        let of = indices(&op["of"]);
        let kind = text(&op["op"]);
        let flag = |key: &str| op[key] == true;
        let fires = match (flag("first_callback"), flag("first_errback")) {
            _ if kind == "race" => Fires::Race,
            _ if kind == "gather" => Fires::WithFailure,
            (false, false) => Fires::WithAll,
            (false, true) => Fires::WithFailure,
            (true, false) => Fires::WithSuccess,
            (true, true) => Fires::WithEither,
        };
        self.ones[d].list = Some(List {
            of: of.clone(),
            fires,
            gathers: kind == "gather",
            consumes: flag("consume"),
            outcomes: vec![None; of.len()],
            winner: None,
            cancelled: false,
            gone: false,
        });
        if of.is_empty() {
            let fired = match fires {
                Fires::WithAll | Fires::WithFailure => Some(Ok(json!([]))),
                Fires::Race if self.deviates("T09") => Some(Err(group(&[]))),
                Fires::Race => None,
                _ if self.deviates("T08") => Some(Ok(json!([]))),
                _ => None,
            };
            if let Some(outcome) = fired {
                self.fire(d, outcome).expect("it has not fired");
            }
        }
        for (place, member) in of.into_iter().enumerate() {
            self.ones[member].used = true;
            self.add(member, Entry::Member { list: d, place });
        }
    }

    /// A member has its outcome; what comes back is what stays in it.
    pub(super) fn member(
        &mut self,
        d: usize,
        place: usize,
        outcome: Outcome,
    ) -> Result<Outcome, Value> {
        let failed = outcome.is_err();
        let list = self.list_of(d);
        list.outcomes[place] = Some(outcome.clone());
        let (fires, consumes) = (list.fires, list.consumes);
        let stays = if fires == Fires::Race || (failed && consumes) {
            Ok(Value::Null)
        } else {
            outcome.clone()
        };
        if self.deviates {
            self.member_of_ours(d, place, &outcome);
        } else {
            self.member_of_twisted(d, place, &outcome)?;
        }
        Ok(stays)
    }

    pub(super) fn member_of_twisted(
        &mut self,
        d: usize,
        place: usize,
        outcome: &Outcome,
    ) -> Raised {
        let fired = self.ones[d].fired;
        let list = self.list_of(d);
        let all = list.outcomes.iter().all(Option::is_some);
        match (list.fires, outcome) {
            (Fires::Race, Ok(value)) => {
                if list.winner.is_some() {
                    return Ok(());
                }
                list.winner = Some(place);
                for (other, loser) in list.of.clone().into_iter().enumerate() {
                    if other != place {
                        self.cancel(loser, None)?;
                    }
                }
                return self.fire(d, Ok(winner(place, value)));
            }
            (Fires::Race, Err(_)) => {
                let failures: Option<Vec<_>> = list
                    .outcomes
                    .iter()
                    .map(|outcome| outcome.clone().and_then(Outcome::err))
                    .collect();
                return match failures {
                    Some(failures) => self.fire(d, Err(group(&failures))),
                    None => Ok(()),
                };
            }
            _ if fired => {}
            (Fires::WithSuccess | Fires::WithEither, Ok(value)) => {
                return self.fire(d, Ok(winner(place, value)));
            }
            (Fires::WithFailure | Fires::WithEither, Err(error)) => {
                return self.fire(d, Err(first_error(place, error)));
            }
            _ if all => return self.fire_with_all(d),
            _ => {}
        }
        Ok(())
    }

    pub(super) fn fire_with_all(&mut self, d: usize) -> Raised {
        let list = self.list_of(d);
        let outcomes: Vec<Outcome> = list.outcomes.iter().flatten().cloned().collect();
        let value = if list.gathers {
            outcomes.iter().flatten().cloned().collect()
        } else {
            list_of(&outcomes)
        };
        self.fire(d, Ok(value))
    }

    /// defer: see T10, T11 and T13.
    pub(super) fn member_of_ours(&mut self, d: usize, place: usize, outcome: &Outcome) {
        if self.ones[d].fired {
            return;
        }
        let list = self.list_of(d);
        let all = list.outcomes.iter().all(Option::is_some);
        match (list.fires, outcome) {
            (Fires::WithFailure, Err(error)) => {
                if list.cancelled && (!all || list.gone) {
                    list.gone = true;
                    self.shown.insert("T13");
                } else {
                    let error = first_error(place, error);
                    self.fire(d, Err(error)).expect("it has not fired");
                    return;
                }
            }
            (Fires::WithEither, Err(error)) => {
                let error = first_error(place, error);
                self.fire(d, Err(error)).expect("it has not fired");
                return;
            }
            (Fires::WithEither | Fires::WithSuccess, Ok(value)) => {
                let value = winner(place, value);
                self.fire(d, Ok(value)).expect("it has not fired");
                return;
            }
            (Fires::Race, Ok(_)) if list.winner.is_none() => {
                list.winner = Some(place);
                self.cancel_losers(d);
            }
            _ => {}
        }
        self.end_list(d);
    }

    /// It fires when all members have come to something.
    pub(super) fn end_list(&mut self, d: usize) {
        if self.ones[d].fired || !self.list_of(d).outcomes.iter().all(Option::is_some) {
            return;
        }
        let list = self.list_of(d);
        let won = list
            .winner
            .map(|place| (place, list.outcomes[place].clone()));
        let outcome = match won {
            Some((place, Some(Ok(value)))) => Ok(winner(place, &value)),
            Some((place, Some(Err(error)))) => Err(first_error(place, &error)),
            _ if list.gone => Err(cancelled()),
            _ if list.fires == Fires::Race => {
                let failures: Vec<_> = list.outcomes.iter().flatten().cloned().collect();
                let failures: Vec<_> = failures.into_iter().filter_map(Outcome::err).collect();
                Err(group(&failures))
            }
            _ => return self.fire_with_all(d).expect("it has not fired"),
        };
        self.fire(d, outcome).expect("it has not fired");
    }

    pub(super) fn cancel_losers(&mut self, d: usize) {
        let of = self.list_of(d).of.clone();
        for (place, member) in self.in_order(of) {
            if self.list_of(d).outcomes[place].is_some() {
                continue;
            }
            // A member that was there before, but was not looked at yet.
            let _ = self.cancel(member, None);
        }
        if !self.list_of(d).outcomes.iter().all(Option::is_some) {
            self.shown.insert("T11");
        }
    }
}
