//! What happened, deferred by deferred, and where two accounts of it differ.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde_json::{Value, json};

use crate::program::{Program, index, items, text};

/// What happened to each deferred.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Told {
    ones: BTreeMap<usize, One>,
    /// Errors that left an operation, and those that were logged.
    pub(crate) loose: Vec<Value>,
}

/// One deferred.
#[derive(Clone, Debug, Default, PartialEq)]
struct One {
    /// Each with the index of the operation.
    events: Vec<Value>,
    end: Value,
}

static NONE: One = One {
    events: Vec::new(),
    end: Value::Null,
};

impl One {
    /// How many events are the same, from the first on.
    fn same(&self, other: &One) -> usize {
        let pairs = self.events.iter().zip(&other.events);
        pairs.take_while(|(a, b)| a == b).count()
    }
}

impl Told {
    pub(crate) fn event(&mut self, d: usize, at: usize, event: Value) {
        let one = self.ones.entry(d).or_default();
        one.events.push(json!([at, event]));
    }

    /// A deviation has used up what the program goes on with: nothing can be said from here on.
    pub(crate) fn stops(&mut self, at: usize) {
        self.loose.push(json!([at, "stops"]));
    }

    /// Before which operation it stopped, if it did.
    pub(crate) fn stopped(&self) -> Option<usize> {
        let stops = self.loose.iter().find(|event| event[1] == "stops");
        stops.map(|event| index(&event[0]))
    }

    pub(crate) fn end(&mut self, d: usize, state: Value) {
        self.ones.entry(d).or_default().end = state;
    }

    /// What Twisted did, in the words of both: what cannot be seen from outside is left out.
    ///
    /// - A timer that rings is seen by what it cancels.
    /// - What fires too late comes back to who fires, in one way only.
    /// - A deferred that has fired and waits, or is paused, is held.
    /// - What is used up cannot be looked at.
    pub(crate) fn recorded(program: &Program) -> Told {
        let mut told = Told::default();
        for event in &program.trace {
            let event = items(event);
            let (at, kind) = (index(&event[0]), text(&event[1]));
            match kind {
                "timer" => {}
                "escaped" if event[2] == json!(["AlreadyCalled"]) => {}
                "escaped" | "logged" => told.loose.push(json!(event)),
                "swallowed" | "refused" => {
                    told.event(index(&event[2]), at, json!(["back", event[3]]));
                }
                _ => {
                    let mut seen = vec![event[1].clone()];
                    seen.extend_from_slice(&event[3..]);
                    told.event(index(&event[2]), at, json!(seen));
                }
            }
        }
        for end in &program.finals {
            let used = end.get("used").is_some_and(|used| used[0] != "chained");
            let state = match text(&end["state"]) {
                _ if used => json!("used"),
                "pending" => json!("pending"),
                "waiting" | "paused" => json!("held"),
                _ => end["outcome"].clone(),
            };
            told.end(index(&end["d"]), state);
        }
        told
    }

    /// The deferreds that did something else, and from which operation on; for those that only
    /// came to something else in the end, after the last one.
    pub(crate) fn others(&self, other: &Told) -> Vec<(usize, usize)> {
        let differing = self.both(other).into_iter().filter_map(|(d, [a, b])| {
            let same = a.same(b);
            let at = |one: &One| one.events.get(same).map(|event| index(&event[0]));
            let first = at(a).into_iter().chain(at(b)).min();
            (a != b).then_some((d, first.unwrap_or(usize::MAX)))
        });
        differing.collect()
    }

    /// The deferreds that callbacks have returned.
    pub(crate) fn returned(&self) -> BTreeSet<usize> {
        let events = self.ones.values().flat_map(|one| &one.events);
        events
            .filter(|event| event[1][0] == "run")
            .filter_map(|event| event[1][4].get("deferred").map(index))
            .collect()
    }

    fn both<'a>(&'a self, other: &'a Told) -> Vec<(usize, [&'a One; 2])> {
        let all: BTreeSet<_> = self.ones.keys().chain(other.ones.keys()).collect();
        let of = |told: &'a Told, d| told.ones.get(d).unwrap_or(&NONE);
        all.into_iter()
            .map(|d| (*d, [of(self, d), of(other, d)]))
            .collect()
    }

    /// Where the other differs from this, readably.
    pub(crate) fn difference(&self, other: &Told) -> String {
        let mut text = String::new();
        for (d, [a, b]) in self.both(other) {
            if a == b {
                continue;
            }
            let same = a.same(b);
            let _ = writeln!(text, "deferred {d}, after {same} events that are the same:");
            for (who, one) in [("expected", a), ("got", b)] {
                for event in &one.events[same..] {
                    let _ = writeln!(text, "  {who:8} {event}");
                }
                let _ = writeln!(text, "  {who:8} at the end {}", one.end);
            }
        }
        if self.loose != other.loose {
            let (a, b) = (&self.loose, &other.loose);
            let _ = writeln!(text, "errors that nobody took: expected {a:?}, got {b:?}");
        }
        text
    }
}

/// A program, an operation a line.
pub(crate) fn show(program: &Program) -> String {
    let mut text = format!("program {}\n", program.id);
    for (at, op) in program.ops.iter().enumerate() {
        let _ = writeln!(text, "  {at:2} {op}");
    }
    text
}
