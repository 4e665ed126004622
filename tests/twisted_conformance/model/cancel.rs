//! Cancelling, and the timers that do it.

use serde_json::{Value, json};

use super::lists::Fires;
use super::{Entry, Holds, Model, Raised};
use crate::behave::Gives;
use crate::program::{Outcome, cancelled, text};

/// A timer of `addTimeout`.
pub(super) struct Timer {
    pub(super) d: usize,
    pub(super) step: Value,
    pub(super) end: usize,
    pub(super) after: usize,
    pub(super) instead: Value,
    pub(super) active: bool,
    pub(super) rang: bool,
    /// A cancellation from outside has removed it.
    pub(super) removed: bool,
    /// It was to ring while its deferred was paused.
    pub(super) late: bool,
}

impl Model {
    pub(super) fn limit(&mut self, d: usize, timer: usize, given: &Outcome) -> Gives {
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

    pub(super) fn advance(&mut self, by: usize) {
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
    pub(super) fn ring_late(&mut self, d: usize) -> Raised {
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
    pub(super) fn remove_timers(&mut self, d: usize, from: Option<usize>) {
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

    pub(super) fn cancel(&mut self, d: usize, from: Option<usize>) -> Raised {
        let one = &self.ones[d];
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

    pub(super) fn cancel_list(&mut self, d: usize) -> Raised {
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
    pub(super) fn in_order(&mut self, of: Vec<usize>) -> Vec<(usize, usize)> {
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
    pub(super) fn depth(&self, d: usize) -> usize {
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
}
