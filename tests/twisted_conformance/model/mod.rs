//! A model of Twisted's deferreds, with defer's deviations to be switched on.
//!
//! With them off it has to come to what was recorded; that proves it. With them on it says what
//! a deviation is to look like, and which of them show in a program.

mod cancel;
mod lists;

use std::collections::{BTreeSet, VecDeque};

use serde_json::{Value, json};

use self::cancel::Timer;
use self::lists::List;
use crate::behave::{Gives, behave};
use crate::compare::Told;
use crate::program::{Outcome, Program, index, text, touched, written};

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
    used: bool,
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

/// What defer is to do if `None` is left in the first of a chain.
pub(crate) fn defer_leaving_none(program: &Program) -> Told {
    run(program, true, Some("T02")).0
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
            used: false,
        });
    }

    fn add(&mut self, d: usize, entry: Entry) {
        self.ones[d].entries.push_back(entry);
        self.go(d);
    }

    fn fire_by_hand(&mut self, d: usize, outcome: Outcome) -> Raised {
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
            if one.runs || one.pauses > 0 || !one.fired {
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

    fn hand_on(&mut self, second: usize, outcome: Outcome) -> Gives {
        if self.ones[second].fired && self.deviates("T04") {
            return match self.deviates("T02") {
                true => Gives::Input,
                false => Gives::Outcome(Ok(Value::Null)),
            };
        }
        let fired = self.fire(second, outcome.clone());
        if outcome != Ok(Value::Null) && self.deviates("T02") {
            return Gives::Input;
        }
        Gives::Outcome(fired.map(|()| Value::Null))
    }

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
