//! What was recorded: calls with their times, in place of events.

use alloc::vec::Vec;
use core::time::Duration;
use std::collections::HashMap;

use defer_core::Site;
use defer_core::trace::Left;

use super::store::Event;

/// What the calls of a process did while a [`Recorder`](super::Recorder) was there.
///
/// All times are counted from when the recorder was started. A record is a copy: it does not
/// change any more, and keeps nothing alive.
///
/// A poll is known when it has ended. So a call that is polled for the first time while the
/// record is made is not in it, and calls in it seem to be in none.
///
/// Its `Display` is a summary for the terminal: the slowest calls, and where the time went.
///
/// ```
/// use defer::prelude::*;
/// use defer::trace::{Outcome, Recorder};
///
/// #[callback]
/// fn half(n: u32) -> Result<u32, String> {
///     if n % 2 == 0 { Ok(n / 2) } else { Err(format!("{n} is odd")) }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let recorder = Recorder::start().expect("there is no other");
/// let outcome = half(half(half(6))).await;
/// assert!(outcome.is_err());
/// let record = recorder.record();
/// let outcomes: Vec<_> = record.calls().iter().map(|call| call.outcome).collect();
/// assert_eq!(outcomes, [Outcome::Failed, Outcome::Failed, Outcome::Succeeded]);
/// // The outermost had no argument, so its body has not run.
/// assert!(record.calls()[0].ran.is_none());
/// assert!(record.to_string().contains("3 calls of 1 function"));
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Record {
    calls: Vec<Call>,
    length: Duration,
    lost: u64,
}

/// One call of an annotated function.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Call {
    /// The function.
    pub site: &'static Site,
    /// The call that it was polled in first, as a place among [`Record::calls`]. Where many boxed
    /// deferreds are in one another, the inner ones are polled from one further out, and so
    /// are in the call there.
    pub parent: Option<usize>,
    /// The calls that were first polled in it, in the order in which they began.
    pub children: Vec<usize>,
    /// When it was polled for the first time.
    pub begin: Duration,
    /// When its arguments were there and its body began: after the last call among them, if one
    /// ended then. `None`: it has not.
    pub ran: Option<Duration>,
    /// When it had its outcome, or was dropped. `None`: it runs still.
    pub end: Option<Duration>,
    /// What became of it.
    pub outcome: Outcome,
    /// When it was polled, in order: what is in between it waited.
    pub polls: Vec<Poll>,
    /// How much longer it could have taken with the whole as long as it was, as far as calls are
    /// known: what began after its end may have waited for it. 0 on the critical path. `None`:
    /// nothing waited for it; it was dropped, or a call in one that was, or it has outlived the
    /// call that it was in.
    pub slack: Option<Duration>,
}

/// One poll of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Poll {
    /// When it began.
    pub from: Duration,
    /// When it ended.
    pub to: Duration,
    /// The thread, as a number of the recorder's: from 65 threads on some share one.
    pub thread: usize,
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// It has its value.
    Succeeded,
    /// It has failed, or an argument of it has.
    Failed,
    /// A cancellation has left it.
    Cancelled,
    /// It had no outcome when the call around it ended: that has dropped it.
    Dropped,
    /// It has panicked.
    Panicked,
    /// It waits, or is polled now. Or it was dropped, and no call around it has ended.
    Pending,
}

impl Outcome {
    /// In one word, as pictures and summaries have it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Outcome::Succeeded => "succeeded",
            Outcome::Failed => "failed",
            Outcome::Cancelled => "cancelled",
            Outcome::Dropped => "dropped",
            Outcome::Panicked => "panicked",
            Outcome::Pending => "pending",
        }
    }
}

impl Call {
    /// The name of the function.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.site.name
    }

    /// From its begin to its end, or to the end of the record.
    #[must_use]
    pub fn length(&self, record: &Record) -> Duration {
        self.end_in(record.length).saturating_sub(self.begin)
    }

    /// How long it was polled, with all that is in it.
    #[must_use]
    pub fn busy(&self) -> Duration {
        let polls = self.polls.iter();
        polls.map(|poll| poll.to.saturating_sub(poll.from)).sum()
    }

    /// What runs still is as long as the record.
    pub(super) fn end_in(&self, length: Duration) -> Duration {
        self.end.unwrap_or(length)
    }
}

impl Record {
    /// From events in any order. `since` and `now` are of the clock of the events.
    pub(super) fn new(since: u64, now: u64, mut events: Vec<(Event, usize)>, lost: u64) -> Self {
        let after = |at: u64| Duration::from_nanos(at.saturating_sub(since));
        // A number is given when a call begins, and to the outer one first. A poll that ends no
        // call ends before the one that does.
        events.sort_by_key(|(event, _)| (event.call, event.from, event.to));
        let mut calls: Vec<Call> = Vec::new();
        let mut places: HashMap<u32, usize> = HashMap::new();
        let mut last = None;
        for (event, thread) in &events {
            if last.replace(event.call) != Some(event.call) {
                let place = calls.len();
                places.insert(event.call, place);
                let parent = places.get(&event.within).copied();
                if let Some(parent) = parent {
                    calls[parent].children.push(place);
                }
                calls.push(Call {
                    site: event.site,
                    parent,
                    children: Vec::new(),
                    begin: after(event.from),
                    ran: None,
                    end: None,
                    outcome: Outcome::Pending,
                    polls: Vec::new(),
                    slack: None,
                });
            }
            let Some(call) = calls.last_mut() else {
                continue;
            };
            call.polls.push(Poll {
                from: after(event.from),
                to: after(event.to),
                thread: *thread,
            });
            call.ran = call.ran.or(event.ran.map(after));
            call.outcome = match event.left {
                Left::Pending => continue,
                Left::Succeeded => Outcome::Succeeded,
                Left::Failed => Outcome::Failed,
                Left::Cancelled => Outcome::Cancelled,
                _ => Outcome::Panicked,
            };
            call.end = Some(after(event.to));
        }
        // Outermost first: what has no end when the call around it ends was dropped there, if
        // nobody has polled it afterwards.
        for place in 0..calls.len() {
            let around = calls[place].parent.and_then(|parent| calls[parent].end);
            let call = &mut calls[place];
            let polled = call.polls.last().map_or(call.begin, |poll| poll.to);
            let dropped = around.filter(|end| call.end.is_none() && polled <= *end);
            if let Some(end) = dropped {
                call.end = Some(end);
                call.outcome = Outcome::Dropped;
            }
        }
        let mut record = Record {
            calls,
            length: after(now),
            lost,
        };
        let slack = record.slacks();
        for (call, slack) in record.calls.iter_mut().zip(slack) {
            call.slack = slack;
        }
        record
    }

    /// The calls, in the order in which they began: each stands after the one that it is in.
    #[must_use]
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// From the start of the recorder until the record was made.
    #[must_use]
    pub fn length(&self) -> Duration {
        self.length
    }

    /// How many polls there was no room for. They were the oldest: a call of which no poll is
    /// left is missing.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.lost
    }
}
