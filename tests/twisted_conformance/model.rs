//! A model of Twisted's deferreds, with defer's deviations to be switched on.
//!
//! With them off it has to come to what was recorded; that proves it. With them on it says what
//! a deviation is to look like, and which of them show in a program.

use std::collections::{BTreeSet, VecDeque};

use serde_json::{Value, json};

use crate::behave::{Gives, behave};
use crate::compare::Told;
use crate::program::{
    Outcome, Program, cancelled, first_error, group, index, indices, list_of, text, touched,
    winner, written,
};

/// An error of a canceller, on its way outward.
type Raised = Result<(), Value>;

enum Holds {
    Nothing,
    Outcome(Outcome),
    WaitsFor(usize),
}

/// An entry of the callbacks of a deferred.
enum Entry {
    Add(Value),
    /// A timer that may have cancelled what comes before.
    Limit(usize),
    Fire(usize),
    Member {
        list: usize,
        place: usize,
    },
    GoOn(usize),
}

/// What makes a list fire.
#[derive(Clone, Copy, PartialEq)]
enum Fires {
    WithAll,
    /// With the first failure, if there is one.
    WithFailure,
    WithSuccess,
    WithEither,
    /// As `WithSuccess`, and the others are cancelled.
    Race,
}

struct List {
    of: Vec<usize>,
    fires: Fires,
    gathers: bool,
    consumes: bool,
    outcomes: Vec<Option<Outcome>>,
    winner: Option<usize>,
    cancelled: bool,
    /// A cancelled member has failed, in a list that fails with one.
    gone: bool,
}

struct One {
    fired: bool,
    swallows: bool,
    holds: Holds,
    entries: VecDeque<Entry>,
    pauses: usize,
    /// So many timers of the program were set before it was paused.
    holds_back: usize,
    /// It had its outcome, and no more callbacks, when it was paused.
    was_done: bool,
    canceller: Value,
    list: Option<List>,
    runs: bool,
    /// Dropped, with all that is in it.
    dropped: bool,
    used: bool,
}

struct Timer {
    d: usize,
    step: Value,
    end: usize,
    after: usize,
    instead: Value,
    active: bool,
    rang: bool,
    /// A cancellation from outside has removed it.
    removed: bool,
    /// It was to ring while its deferred was paused.
    late: bool,
}

struct Model {
    told: Told,
    at: usize,
    now: usize,
    ones: Vec<One>,
    timers: Vec<Timer>,
    deviates: bool,
    /// But not in this.
    except: Option<&'static str>,
    /// What waits deeper hears of a cancellation later.
    deep: bool,
    shown: BTreeSet<&'static str>,
}

/// What Twisted does.
pub(crate) fn twisted(program: &Program) -> Told {
    run(program, false, None).0
}

/// What defer is to do, and the deviations that show in it.
pub(crate) fn defer(program: &Program) -> (Told, BTreeSet<&'static str>) {
    let (told, all) = run(program, true, None);
    let needless = |id: &&'static str| EACH.contains(id) && told == run(program, true, Some(*id)).0;
    let shown: BTreeSet<_> = all.iter().copied().filter(|id| !needless(id)).collect();
    // Several may come to the same.
    let shown = if shown.is_empty() { all } else { shown };
    (told, shown)
}

/// Those that can be switched off alone: they show if that makes a difference.
const EACH: [&str; 8] = ["R04", "T01", "T02", "T04", "T05", "T08", "T09", "T14"];

fn run(
    program: &Program,
    deviates: bool,
    except: Option<&'static str>,
) -> (Told, BTreeSet<&'static str>) {
    let mut model = Model {
        except,
        deep: deviates && except != Some("R04"),
        told: Told::default(),
        at: 0,
        now: 0,
        ones: Vec::new(),
        timers: Vec::new(),
        deviates,
        shown: BTreeSet::new(),
    };
    for (at, op) in program.ops.iter().enumerate() {
        model.at = at;
        if deviates && touched(op).any(|d| model.ones[d].used) {
            model.told.stops(at);
            break;
        }
        if let Err(error) = model.perform(op) {
            model.escapes(error);
        }
    }
    model.end();
    (model.told, model.shown)
}

impl Model {
    fn tell(&mut self, d: usize, event: Value) {
        self.told.event(d, self.at, event);
    }

    fn escapes(&mut self, error: Value) {
        if error != json!(["AlreadyCalled"]) {
            self.told.loose.push(json!([self.at, "escaped", error]));
        }
    }

    /// Whether defer does something else here, which shows.
    fn deviates(&mut self, id: &'static str) -> bool {
        let deviates = self.deviates && self.except != Some(id);
        if deviates {
            self.shown.insert(id);
        }
        deviates
    }

    fn perform(&mut self, op: &Value) -> Raised {
        let kind = text(&op["op"]);
        if kind == "advance" {
            self.advance(index(&op["by"]));
            return Ok(());
        }
        let d = index(&op["d"]);
        match kind {
            "new" => self.make(op["canceller"].clone()),
            "succeed" | "fail" => {
                self.make(Value::Null);
                let outcome = match kind {
                    "succeed" => Ok(op["value"].clone()),
                    _ => Err(op["error"].clone()),
                };
                self.fire(d, outcome)?;
            }
            "list" | "gather" | "race" => self.list(d, op),
            "add" => self.add(d, Entry::Add(op.clone())),
            "timeout" => {
                let after = index(&op["after"]);
                self.timers.push(Timer {
                    d,
                    step: op["step"].clone(),
                    end: self.now + after,
                    after,
                    instead: op["instead"].clone(),
                    active: true,
                    rang: false,
                    removed: false,
                    late: false,
                });
                self.add(d, Entry::Limit(self.timers.len() - 1));
            }
            "callback" => return self.fire_by_hand(d, Ok(op["value"].clone())),
            "errback" => return self.fire_by_hand(d, Err(op["error"].clone())),
            "cancel" => return self.cancel(d, None),
            "pause" => {
                let timers = self.timers.len();
                let one = &mut self.ones[d];
                if one.pauses == 0 {
                    one.holds_back = timers;
                    one.was_done = matches!(one.holds, Holds::Outcome(_));
                }
                one.pauses += 1;
            }
            "unpause" => {
                self.ones[d].pauses -= 1;
                self.go(d);
                if self.ones[d].pauses == 0 {
                    self.ring_late(d)?;
                }
            }
            "chain" => self.add(d, Entry::Fire(index(&op["to"]))),
            other => panic!("no operation: {other}"),
        }
        Ok(())
    }

    fn make(&mut self, canceller: Value) {
        self.ones.push(One {
            fired: false,
            swallows: false,
            holds: Holds::Nothing,
            entries: VecDeque::new(),
            pauses: 0,
            holds_back: 0,
            was_done: false,
            canceller,
            list: None,
            runs: false,
            dropped: false,
            used: false,
        });
    }

    fn add(&mut self, d: usize, entry: Entry) {
        self.ones[d].entries.push_back(entry);
        self.go(d);
    }

    fn fire_by_hand(&mut self, d: usize, outcome: Outcome) -> Raised {
        if self.ones[d].dropped && !self.ones[d].fired {
            self.tell(d, json!(["back", written(&outcome)]));
            return Ok(());
        }
        self.fire(d, outcome)
    }

    fn fire(&mut self, d: usize, outcome: Outcome) -> Raised {
        if self.ones[d].fired {
            self.tell(d, json!(["back", written(&outcome)]));
            return match std::mem::take(&mut self.ones[d].swallows) {
                true => Ok(()),
                false => Err(json!(["AlreadyCalled"])),
            };
        }
        self.tell(d, json!(["fired", written(&outcome)]));
        self.ones[d].fired = true;
        self.ones[d].holds = Holds::Outcome(outcome);
        self.go(d);
        Ok(())
    }

    /// Run what can run: callbacks, and what they are waited for by.
    fn go(&mut self, d: usize) {
        let mut todo = vec![d];
        while let Some(&d) = todo.last() {
            let one = &mut self.ones[d];
            if one.runs || one.pauses > 0 || !one.fired || one.dropped {
                return;
            }
            if matches!(one.holds, Holds::WaitsFor(_)) {
                return;
            }
            let Some(entry) = one.entries.pop_front() else {
                todo.pop();
                continue;
            };
            let Holds::Outcome(outcome) = std::mem::replace(&mut one.holds, Holds::Nothing) else {
                panic!("{d} has fired");
            };
            if let Entry::GoOn(outer) = entry {
                self.ones[d].holds = Holds::Outcome(Ok(Value::Null));
                self.ones[outer].holds = Holds::Outcome(outcome);
                todo.push(outer);
                continue;
            }
            self.ones[d].runs = true;
            // What a callback sets off may ask what it holds.
            self.ones[d].holds = Holds::Outcome(outcome.clone());
            let gives = self.enter(d, entry, outcome.clone());
            self.ones[d].runs = false;
            let inner = match gives {
                Gives::Outcome(outcome) => {
                    self.ones[d].holds = Holds::Outcome(outcome);
                    continue;
                }
                Gives::Input => {
                    self.ones[d].holds = Holds::Outcome(outcome);
                    continue;
                }
                Gives::Deferred(inner) => inner,
            };
            self.ones[inner].used = true;
            let paused = self.ones[inner].pauses > 0;
            match &mut self.ones[inner].holds {
                Holds::Outcome(outcome) if !paused => {
                    let stolen = std::mem::replace(outcome, Ok(Value::Null));
                    self.ones[d].holds = Holds::Outcome(stolen);
                }
                _ => {
                    self.ones[inner].entries.push_back(Entry::GoOn(d));
                    self.ones[d].holds = Holds::WaitsFor(inner);
                    todo.pop();
                }
            }
        }
    }

    /// One entry runs.
    fn enter(&mut self, d: usize, entry: Entry, given: Outcome) -> Gives {
        match entry {
            Entry::Add(op) => self.call(d, &op, &given),
            Entry::Limit(timer) => self.limit(d, timer, &given),
            Entry::Fire(second) => self.hand_on(second, given),
            Entry::Member { list, place } => match self.member(list, place, given) {
                Ok(outcome) => Gives::Outcome(outcome),
                Err(error) => Gives::Outcome(Err(error)),
            },
            Entry::GoOn(_) => unreachable!("it is no callback"),
        }
    }

    fn call(&mut self, d: usize, op: &Value, given: &Outcome) -> Gives {
        let own = if given.is_ok() { "callback" } else { "errback" };
        let side = if op.get("both").is_some() {
            "both"
        } else {
            own
        };
        let Some(does) = op.get(side) else {
            return Gives::Input;
        };
        self.run(d, &op["step"], side, does, given)
    }

    fn run(&mut self, d: usize, step: &Value, side: &str, does: &Value, given: &Outcome) -> Gives {
        let gives = behave(does, given);
        let output = match &gives {
            Gives::Outcome(outcome) => written(outcome),
            Gives::Input => written(given),
            Gives::Deferred(n) => json!({ "deferred": n }),
        };
        self.tell(d, json!(["run", step, side, written(given), output]));
        gives
    }

    // Timeouts.

    fn limit(&mut self, d: usize, timer: usize, given: &Outcome) -> Gives {
        self.timers[timer].active = false;
        let Timer {
            rang,
            removed,
            late,
            after,
            ..
        } = self.timers[timer];
        if !rang {
            return Gives::Input;
        }
        let (step, instead) = (
            self.timers[timer].step.clone(),
            self.timers[timer].instead.clone(),
        );
        if !instead.is_null() {
            return self.run(d, &step, "timeout", &instead, given);
        }
        if *given != Err(cancelled())
            || (removed && self.deviates("T14"))
            || (late && self.deviates("T15"))
        {
            return Gives::Input;
        }
        Gives::Outcome(Err(json!(["Timeout", after])))
    }

    fn advance(&mut self, by: usize) {
        self.now += by;
        let mut due: Vec<_> = (0..self.timers.len()).collect();
        due.retain(|&timer| self.timers[timer].end <= self.now && !self.timers[timer].rang);
        due.sort_by_key(|&timer| self.timers[timer].end);
        for timer in due {
            if !self.timers[timer].active {
                continue;
            }
            self.timers[timer].rang = true;
            if self.timers[timer].removed && self.deviates("T14") {
                continue;
            }
            let d = self.timers[timer].d;
            if self.deviates && self.ones[d].pauses > 0 {
                let one = &self.ones[d];
                let waits = !one.fired || matches!(one.holds, Holds::WaitsFor(_));
                if timer < one.holds_back || !(waits || one.was_done) {
                    self.timers[timer].late = true;
                    if waits {
                        self.shown.insert("T15");
                    }
                    continue;
                }
            }
            if let Err(error) = self.cancel(d, Some(timer)) {
                self.escapes(error);
            }
        }
    }

    /// Timers that were held back ring when their deferred goes on, if it waits then.
    fn ring_late(&mut self, d: usize) -> Raised {
        for timer in 0..self.timers.len() {
            let Timer {
                active,
                late,
                removed,
                ..
            } = self.timers[timer];
            if self.timers[timer].d == d && active && late && !removed {
                self.timers[timer].late = false;
                self.shown.insert("T15");
                self.cancel(d, Some(timer))?;
            }
        }
        Ok(())
    }

    /// A cancellation passes limits that were set before `from`, or all of them.
    fn remove_timers(&mut self, d: usize, from: Option<usize>) {
        if !self.deviates {
            return;
        }
        let limits = self.ones[d].entries.iter().filter_map(|entry| match entry {
            Entry::Limit(timer) => Some(*timer),
            _ => None,
        });
        let limits: Vec<_> = limits.take_while(|timer| Some(*timer) != from).collect();
        for timer in limits {
            if !self.timers[timer].rang || self.timers[timer].late {
                self.timers[timer].removed = true;
            }
        }
    }

    // Chains of two.

    fn hand_on(&mut self, second: usize, outcome: Outcome) -> Gives {
        if self.ones[second].fired && self.deviates("T04") {
            return Gives::Input;
        }
        let fired = self.fire(second, outcome.clone());
        if outcome != Ok(Value::Null) && self.deviates("T02") {
            return Gives::Input;
        }
        Gives::Outcome(fired.map(|()| Value::Null))
    }

    // Cancelling.

    fn cancel(&mut self, d: usize, from: Option<usize>) -> Raised {
        let one = &self.ones[d];
        if one.dropped {
            return Ok(());
        }
        if let Holds::WaitsFor(inner) = one.holds {
            let list = one.list.as_ref();
            if list.is_some_and(|list| list.fires != Fires::Race) && !self.deviates("T05") {
                return Ok(());
            }
            self.remove_timers(d, from);
            return self.cancel(inner, None);
        }
        if one.fired {
            // It is told all the same, and does not know that this changes nothing.
            if one.pauses > 0 && one.was_done {
                self.remove_timers(d, from);
            }
            return Ok(());
        }
        self.remove_timers(d, from);
        if self.ones[d].list.is_some() {
            return self.cancel_list(d);
        }
        let canceller = self.ones[d].canceller.clone();
        if canceller.is_null() {
            self.ones[d].swallows = true;
        } else {
            self.tell(d, json!(["canceller"]));
            match text(&canceller[0]) {
                "nothing" => {}
                "callback" => return self.fire(d, Ok(canceller[1].clone())),
                "errback" => return self.fire(d, Err(canceller[1].clone())),
                _ if self.deviates("T01") => {}
                _ => return Err(canceller[1].clone()),
            }
        }
        self.fire(d, Err(cancelled()))
    }

    fn cancel_list(&mut self, d: usize) -> Raised {
        let list = self.list_of(d);
        list.cancelled = true;
        let (of, race) = (list.of.clone(), list.fires == Fires::Race);
        for (_, member) in self.in_order(of) {
            let Err(error) = self.cancel(member, None) else {
                continue;
            };
            if race {
                return Err(error);
            }
            self.told.loose.push(json!([self.at, "logged", error]));
        }
        if race && !self.ones[d].fired && !self.deviates("T10") {
            return self.fire(d, Err(cancelled()));
        }
        Ok(())
    }

    /// Members with their places, in the order in which they hear of a cancellation: with defer
    /// it goes from task to task, and those that wait for others hear of it at the same time.
    fn in_order(&mut self, of: Vec<usize>) -> Vec<(usize, usize)> {
        let mut order: Vec<_> = of.into_iter().enumerate().collect();
        if self.deep {
            order.sort_by_key(|&(_, member)| self.depth(member));
            if !order.is_sorted() {
                self.shown.insert("R04");
            }
        }
        order
    }

    /// Through how many others a cancellation goes before it is where something waits.
    fn depth(&self, d: usize) -> usize {
        let one = &self.ones[d];
        match (&one.holds, &one.list) {
            (Holds::WaitsFor(inner), _) => 1 + self.depth(*inner),
            (Holds::Nothing, Some(list)) => {
                let depths = list.of.iter().map(|&member| self.depth(member));
                1 + depths.max().unwrap_or(0)
            }
            _ => 0,
        }
    }

    // Lists.

    fn list_of(&mut self, d: usize) -> &mut List {
        self.ones[d].list.as_mut().expect("it is a list")
    }

    fn list(&mut self, d: usize, op: &Value) {
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
    fn member(&mut self, d: usize, place: usize, outcome: Outcome) -> Result<Outcome, Value> {
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

    fn member_of_twisted(&mut self, d: usize, place: usize, outcome: &Outcome) -> Raised {
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

    fn fire_with_all(&mut self, d: usize) -> Raised {
        let list = self.list_of(d);
        let outcomes: Vec<Outcome> = list.outcomes.iter().flatten().cloned().collect();
        let value = if list.gathers {
            outcomes.iter().flatten().cloned().collect()
        } else {
            list_of(&outcomes)
        };
        self.fire(d, Ok(value))
    }

    /// defer: see T06, T10, T11, T13 and T16.
    fn member_of_ours(&mut self, d: usize, place: usize, outcome: &Outcome) {
        let list = self.list_of(d);
        let all = list.outcomes.iter().all(Option::is_some);
        match (list.fires, outcome) {
            (Fires::WithAll, _) if all => {}
            (Fires::WithAll, _) => return,
            (Fires::WithFailure, Err(error)) => {
                if list.cancelled && (!all || list.gone) {
                    list.gone = true;
                    self.shown.insert("T13");
                } else {
                    let error = first_error(place, error);
                    self.drop_members(d);
                    self.fire(d, Err(error)).expect("it has not fired");
                    return;
                }
            }
            (Fires::WithFailure, Ok(_)) => {}
            (Fires::WithSuccess | Fires::Race, Err(_)) => {}
            (Fires::WithEither, _) | (_, Ok(_)) => {
                if list.winner.is_none() {
                    list.winner = Some(place);
                    self.cancel_losers(d);
                    return self.end_list(d);
                }
            }
        }
        self.end_list(d);
    }

    /// It fires when all members have come to something.
    fn end_list(&mut self, d: usize) {
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

    fn cancel_losers(&mut self, d: usize) {
        let race = self.list_of(d).fires == Fires::Race;
        let of = self.list_of(d).of.clone();
        for (place, member) in self.in_order(of) {
            if self.list_of(d).outcomes[place].is_some() {
                continue;
            }
            if !race {
                self.shown.insert("T16");
            }
            // A member that was there before, but was not looked at yet.
            let _ = self.cancel(member, None);
        }
        if race && !self.list_of(d).outcomes.iter().all(Option::is_some) {
            self.shown.insert("T11");
        }
    }

    fn drop_members(&mut self, d: usize) {
        let list = self.list_of(d);
        let of = list.of.iter().zip(&list.outcomes);
        let left: Vec<_> = of.filter(|(_, outcome)| outcome.is_none()).collect();
        let left: Vec<_> = left.into_iter().map(|(member, _)| *member).collect();
        for member in left {
            self.shown.insert("T06");
            self.drop_one(member);
        }
    }

    fn drop_one(&mut self, d: usize) {
        if std::mem::replace(&mut self.ones[d].dropped, true) {
            return;
        }
        if let Holds::WaitsFor(inner) = self.ones[d].holds {
            self.drop_one(inner);
        }
        if self.ones[d].list.is_some() && !self.ones[d].fired {
            self.drop_members(d);
        }
        for timer in &mut self.timers {
            timer.active &= timer.d != d;
        }
        for entry in std::mem::take(&mut self.ones[d].entries) {
            if let Entry::Fire(second) = entry {
                if !self.ones[second].fired {
                    let _ = self.fire(second, Err(json!(["Abandoned"])));
                }
            }
        }
    }

    // The end.

    fn end(&mut self) {
        for d in 0..self.ones.len() {
            let one = &self.ones[d];
            let state = match &one.holds {
                _ if one.used => json!("used"),
                _ if !one.fired => json!("pending"),
                Holds::Outcome(outcome) if one.pauses == 0 => written(outcome),
                _ => json!("held"),
            };
            self.told.end(d, state);
        }
    }
}
