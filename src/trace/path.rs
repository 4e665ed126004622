//! What the whole has waited for, and how much time the rest had.

use alloc::vec::Vec;
use core::time::Duration;

use super::record::{Outcome, Record};

/// A part of the [critical path](Record::critical_path).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step {
    /// The call whose own time this is, as a place among [`Record::calls`].
    pub call: usize,
    /// When it begins.
    pub from: Duration,
    /// When it ends.
    pub to: Duration,
}

/// A call around others, whose time is shared out from its end to its begin.
struct Around {
    /// `None`: all there is.
    call: Option<usize>,
    begin: Duration,
    /// What is later has been shared out.
    until: Duration,
    /// Those in it, the last to end at the end.
    inside: Vec<usize>,
}

impl Record {
    /// The calls that the whole has waited for, one after the other, each with the time that
    /// was its own.
    ///
    /// From the end backwards: a call has waited for the last call in it that ended, that one
    /// for the last one in it, and so on; and it began when the last call before it had ended.
    /// What was dropped kept nobody waiting. What is pending is waited for still. Time outside
    /// of all calls belongs to no step.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::trace::Recorder;
    /// use std::time::Duration;
    ///
    /// #[callback]
    /// async fn wait(ms: u64) -> u64 {
    ///     tokio::time::sleep(Duration::from_millis(ms)).await;
    ///     ms
    /// }
    /// #[callback]
    /// fn add(a: u64, b: u64) -> u64 { a + b }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let recorder = Recorder::start().expect("there is no other");
    /// add(wait(1), wait(30)).await;
    /// let record = recorder.record();
    /// let calls = record.calls();
    /// let longest = record.critical_path().into_iter().max_by_key(|step| step.to - step.from);
    /// // The second one of the two.
    /// assert_eq!(longest.unwrap().call, 2);
    /// assert_eq!(calls[2].slack, Some(Duration::ZERO));
    /// assert!(calls[1].slack > Some(Duration::ZERO));
    /// # }
    /// ```
    #[must_use]
    pub fn critical_path(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        let all = (0..self.calls().len()).filter(|place| self.calls()[*place].parent.is_none());
        let mut open = alloc::vec![Around {
            call: None,
            begin: Duration::ZERO,
            until: self.length(),
            inside: self.by_end(all),
        }];
        while let Some(around) = open.last_mut() {
            let until = around.until;
            // The last that ended before. What ends later has run beside that.
            let last = core::iter::from_fn(|| around.inside.pop())
                .find(|place| self.calls()[*place].end_in(self.length()) <= until);
            let from = match last {
                Some(place) => self.calls()[place].end_in(self.length()),
                None => around.begin,
            };
            let step = around.call.map(|call| Step {
                call,
                from,
                to: until,
            });
            steps.extend(step.filter(|step| step.from < step.to));
            let Some(place) = last else {
                open.pop();
                continue;
            };
            let call = &self.calls()[place];
            around.until = call.begin;
            open.push(Around {
                call: Some(place),
                begin: call.begin,
                until: from,
                inside: self.by_end(call.children.iter().copied()),
            });
        }
        steps.reverse();
        steps
    }

    /// Those that somebody waited for.
    fn by_end(&self, places: impl Iterator<Item = usize>) -> Vec<usize> {
        let mut places: Vec<usize> = places
            .filter(|place| self.calls()[*place].outcome != Outcome::Dropped)
            .collect();
        places.sort_by_key(|place| (self.calls()[*place].end_in(self.length()), *place));
        places
    }

    /// The slack of each call.
    pub(super) fn slacks(&self) -> Vec<Option<Duration>> {
        let mut slacks = alloc::vec![None; self.calls().len()];
        let all = (0..self.calls().len()).filter(|place| self.calls()[*place].parent.is_none());
        self.share_slack(
            self.by_end(all),
            self.length(),
            Some(Duration::ZERO),
            &mut slacks,
        );
        // Outermost first.
        for (place, call) in self.calls().iter().enumerate() {
            let inside = self.by_end(call.children.iter().copied());
            let slack = slacks[place];
            self.share_slack(inside, call.end_in(self.length()), slack, &mut slacks);
        }
        slacks
    }

    /// Of calls in the same one, which ends at `end` and has this much slack itself.
    fn share_slack(
        &self,
        by_end: Vec<usize>,
        end: Duration,
        slack: Option<Duration>,
        slacks: &mut [Option<Duration>],
    ) {
        let Some(slack) = slack else { return };
        let ends: Vec<Duration> = by_end
            .iter()
            .map(|place| self.calls()[*place].end_in(self.length()))
            .collect();
        // What begins or ends then may have waited for what had ended last.
        let ended_by = |at: Duration| ends.partition_point(|end| *end <= at);
        let released = |count: usize, at: Duration| match count {
            0 => at,
            count => ends[count - 1],
        };
        // What ends as soon as it begins comes before what begins with it.
        let mut by_begin: Vec<(Duration, Duration, usize)> = (0..by_end.len())
            .map(|nth| (self.calls()[by_end[nth]].begin, ends[nth], nth))
            .collect();
        by_begin.sort_unstable();
        // For each of them and those that begin later: the latest time at which all that they
        // may wait for has to end.
        let mut latest = alloc::vec![released(ended_by(end), end) + slack; by_begin.len() + 1];
        for (nth, (begin, ends, nth_to_end)) in by_begin.iter().enumerate().rev() {
            let after = by_begin.partition_point(|(begin, ..)| begin < ends);
            let own = (*ends <= end).then(|| latest[after.max(nth + 1)].saturating_sub(*ends));
            slacks[by_end[*nth_to_end]] = own;
            latest[nth] = latest[nth + 1];
            if let Some(own) = own {
                // It has not waited for itself.
                let before = ended_by(*begin).min(*nth_to_end);
                latest[nth] = latest[nth].min(released(before, *begin) + own);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use alloc::vec::Vec;
    use proptest::prelude::*;

    use defer_core::__private::Adopts;
    use defer_core::Site;
    use defer_core::trace::Left;

    use super::super::record::Record;
    use super::super::store::Event;

    static SITE: Site = Site::new("call", file!(), line!(), &[], Adopts::known());

    /// Of calls, each with the number of the one around it, its begin and its end. Their numbers
    /// count from 1.
    fn record(length: u64, calls: &[(u32, u64, u64)]) -> Record {
        let mut events = Vec::new();
        for ((within, begin, end), call) in calls.iter().zip(1..) {
            for (from, to, left) in [
                (*begin, *begin, Left::Pending),
                (*end, *end, Left::Succeeded),
            ] {
                let event = Event {
                    site: &SITE,
                    from,
                    ran: None,
                    to,
                    call,
                    within: *within,
                    left,
                };
                events.push((event, 0));
            }
        }
        // Inner ones come before outer ones.
        events.reverse();
        Record::new(0, length, events, 0)
    }

    fn path(record: &Record) -> Vec<(usize, u128, u128)> {
        let steps = record.critical_path().into_iter();
        steps
            .map(|step| (step.call, step.from.as_nanos(), step.to.as_nanos()))
            .collect()
    }

    fn slacks(record: &Record) -> Vec<u128> {
        let slack = |call: &super::super::Call| call.slack.unwrap().as_nanos();
        record.calls().iter().map(slack).collect()
    }

    #[test]
    fn arguments_that_run_at_once_have_slack_but_for_the_last() {
        let record = record(120, &[(0, 10, 100), (1, 12, 50), (1, 14, 90), (3, 20, 30)]);
        assert_eq!(
            path(&record),
            [
                (0, 10, 14),
                (2, 14, 20),
                (3, 20, 30),
                (2, 30, 90),
                (0, 90, 100)
            ]
        );
        assert_eq!(slacks(&record), [0, 40, 0, 0]);
    }

    #[test]
    fn what_begins_later_may_have_waited() {
        // Two at once, then two at once.
        let calls = [
            (0, 0, 100),
            (1, 0, 20),
            (1, 0, 30),
            (1, 40, 60),
            (1, 40, 95),
        ];
        let record = record(100, &calls);
        assert_eq!(slacks(&record), [0, 10, 0, 35, 0]);
        assert_eq!(
            path(&record),
            [(2, 0, 30), (0, 30, 40), (4, 40, 95), (0, 95, 100)]
        );
    }

    #[test]
    fn slack_is_handed_down() {
        // The first has 50 itself, which those in it have too.
        let calls = [(0, 0, 100), (1, 0, 50), (2, 0, 20), (2, 0, 45), (1, 0, 100)];
        assert_eq!(slacks(&record(100, &calls)), [0, 50, 75, 50, 0]);
    }

    #[test]
    fn a_hundred_thousand_in_one_another_and_side_by_side() {
        let count = 100_000;
        let deep: Vec<_> = (0..count)
            .map(|n| (n, u64::from(n), 1_000_000 - u64::from(n)))
            .collect();
        let record_of_deep = record(1_000_000, &deep);
        assert_eq!(record_of_deep.critical_path().len(), 2 * count as usize - 1);
        let wide: Vec<_> = (0..count).map(|n| (0, u64::from(n), 500_000)).collect();
        let slacks = slacks(&record(1_000_000, &wide));
        assert!(slacks.iter().all(|slack| *slack == 0));
    }

    /// Calls in one another with any times.
    fn calls() -> impl Strategy<Value = Vec<(u32, u64, u64)>> {
        prop::collection::vec((any::<u32>(), 0..100_u64, 0..100_u64), 1..40).prop_map(|drawn| {
            let mut calls: Vec<(u32, u64, u64)> = Vec::new();
            for (within, a, b) in drawn {
                let within = within % (calls.len() as u32 + 1);
                let (low, high) = match within.checked_sub(1) {
                    Some(place) => (calls[place as usize].1, calls[place as usize].2),
                    None => (0, 1_000),
                };
                let (a, b) = (low + a * (high - low) / 100, low + b * (high - low) / 100);
                calls.push((within, a.min(b), a.max(b)));
            }
            calls
        })
    }

    proptest! {
        #[test]
        fn the_path_has_no_slack_and_no_overlap(calls in calls()) {
            let record = record(1_000, &calls);
            let mut last = Duration::ZERO;
            for step in record.critical_path() {
                prop_assert!(last <= step.from && step.from < step.to);
                last = step.to;
                let call = &record.calls()[step.call];
                prop_assert!(call.begin <= step.from && step.to <= call.end.unwrap());
                prop_assert_eq!(call.slack, Some(Duration::ZERO));
            }
            let end = record.calls().iter().filter_map(|call| call.end).max();
            prop_assert!(last <= end.unwrap());
        }

        #[test]
        fn nobody_has_more_slack_than_there_is_room_for(calls in calls()) {
            let record = record(1_000, &calls);
            for call in record.calls() {
                let (room, further) = match call.parent.map(|parent| &record.calls()[parent]) {
                    Some(around) => (around.end.unwrap(), around.slack.unwrap()),
                    None => (record.length(), Duration::ZERO),
                };
                prop_assert!(call.end.unwrap() + call.slack.unwrap() <= room + further);
            }
        }
    }
}
