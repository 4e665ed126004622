//! What happened, deferred by deferred, and where two accounts of it differ.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Value, json};

use crate::program::{Program, index, items, text};

/// What happened to each deferred: its events, each with the index of the operation, and what
/// there is at the end.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Told {
    deferreds: BTreeMap<usize, (Vec<Value>, Value)>,
    /// Errors that left an operation, and those that were logged.
    pub(crate) loose: Vec<Value>,
}

impl Told {
    pub(crate) fn event(&mut self, d: usize, at: usize, event: Value) {
        let entry = self.deferreds.entry(d).or_default();
        entry.0.push(json!([at, event]));
    }

    /// A deviation has used up what the program goes on with: nothing can be said from here on.
    pub(crate) fn stops(&mut self, at: usize) {
        self.loose.push(json!([at, "stops"]));
    }

    pub(crate) fn end(&mut self, d: usize, state: Value) {
        self.deferreds.entry(d).or_default().1 = state;
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

    /// Where the other differs from this, readably; `None` if nowhere.
    pub(crate) fn differs(&self, other: &Told) -> Option<String> {
        if self == other {
            return None;
        }
        let mut text = String::new();
        let none = (Vec::new(), Value::Null);
        let of = |told: &'_ Told, d: &usize| told.deferreds.get(d).unwrap_or(&none).clone();
        let all = self.deferreds.keys().chain(other.deferreds.keys());
        let all: std::collections::BTreeSet<_> = all.collect();
        for d in all {
            let ((events, end), (other_events, other_end)) = (of(self, d), of(other, d));
            if (&events, &end) == (&other_events, &other_end) {
                continue;
            }
            let same = events.iter().zip(&other_events).take_while(|(a, b)| a == b);
            let same = same.count();
            let _ = writeln!(text, "deferred {d}, after {same} events that are the same:");
            for (who, events, end) in [("expected", events, end), ("got", other_events, other_end)]
            {
                for event in &events[same..] {
                    let _ = writeln!(text, "  {who:8} {event}");
                }
                let _ = writeln!(text, "  {who:8} at the end {end}");
            }
        }
        if self.loose != other.loose {
            let _ = writeln!(text, "errors: expected {:?}, got {:?}", self.loose, other.loose);
        }
        Some(text)
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
