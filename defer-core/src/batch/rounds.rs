//! What the calls of a batch share, under one lock: the keys that were handed in, who asked
//! for them, and what came back.
//!
//! A *round* is the calls that are answered together, from the first key that is handed in
//! to the last answer that is taken.
//!
//! # When everything else has run
//!
//! No future can ask its executor whether anything else is ready. But a call that wakes
//! itself is polled again after what was ready before it, and so a round counts *passes*: a
//! pass is over when a call has been polled twice in it, and all the others at least once.
//! Every call wakes itself at every look. One that relied on another one's wake-up would
//! hang if that one is no longer polled, in a branch of a `select!` or held back.

use alloc::vec::Vec;
use core::hash::Hash;
use core::mem;
use core::task::{Context, Waker};
use std::collections::HashMap;

use super::{Answer, Asked};
use crate::lock::register;
use crate::{Deferred, Panicked};

/// So many passes in a row without a new key close a round. Each lets something go on that
/// takes one more turn of its task before it hands in a key: a task that sends to a task, say.
const QUIET: u32 = 3;

/// So many passes close a round in any case.
const MOST_PASSES: u32 = 64;

/// So often one call is polled in a pass, at most, before the others are not waited for any
/// more: those that are not polled at all would be waited for without end.
const PATIENCE: usize = 10_000;

/// Where a call stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ticket {
    pub(super) round: u64,
    call: usize,
    entry: usize,
}

pub(super) struct State<K, T, E> {
    /// The name of the batch function.
    pub(super) name: &'static str,
    /// The largest number of keys of a round.
    pub(super) max: usize,
    /// Keys that were handed in and not sent.
    known: HashMap<K, (u64, usize)>,
    /// The round that takes new keys.
    open: Option<u64>,
    rounds: HashMap<u64, Round<K, T, E>>,
    /// The name of the next round.
    next: u64,
}

pub(super) struct Round<K, T, E> {
    stage: Stage<T, E>,
    entries: Vec<Entry<K, T, E>>,
    /// Entries with somebody who asks, before they are sent.
    keys: usize,
    /// The entries that were sent, in the order of the keys.
    sent: Vec<usize>,
    calls: Vec<Option<Caller>>,
    /// The calls that are still there.
    here: usize,
    looks: Looks,
    /// What runs has woken since it was polled last.
    pub(super) woken: bool,
}

enum Stage<T, E> {
    Collects,
    /// In the hands of the call that polls it.
    Polled,
    Waits(Running<T, E>),
    Answered,
    Panicked(Panicked),
}

/// What was asked, for all the calls of a round.
pub(super) struct Running<T, E> {
    pub(super) run: Deferred<Vec<Answer<T, E>>>,
    pub(super) waker: Waker,
    /// It was cancelled.
    pub(super) settles: bool,
}

struct Entry<K, T, E> {
    /// Until it is sent.
    key: Option<K>,
    askers: usize,
    /// One for each of those who ask.
    answers: Answered<T, E>,
}

/// What a key got, for one who asks and for more of them. Not one behind an `Arc`: it would
/// have to be `Sync` to be cloned by each, and user code does not run under the lock.
pub(super) type Answered<T, E> = (Option<Answer<T, E>>, Vec<Answer<T, E>>);

struct Caller {
    waker: Option<Waker>,
    /// The pass that it was polled in last.
    pass: u32,
    /// How often since that pass began for it.
    again: usize,
}

/// The passes of a round.
#[derive(Default)]
struct Looks {
    pass: u32,
    /// Calls that have not been polled in this pass.
    behind: usize,
    /// A key was added in this pass.
    added: bool,
    /// Some are not polled at all: whoever is polled twice ends a pass.
    impatient: bool,
    /// Passes in a row without one.
    quiet: u32,
    /// It takes no more keys: it is full.
    full: bool,
}

/// What a call that was polled does next.
pub(super) enum Next<K, T, E> {
    /// Look again.
    Look,
    /// Nothing: it is woken.
    Wait,
    /// Call the batch function with these.
    Send(Vec<K>, Asked<K>),
    /// Poll what runs.
    Drive(Running<T, E>),
    Take(Answer<T, E>),
    Panic(Panicked),
}

/// What is to be dropped outside of the lock.
pub(super) struct Leavings<K, T, E> {
    _key: (Option<K>, Option<K>),
    _waker: Option<Waker>,
    _answers: Answered<T, E>,
    _round: Option<Round<K, T, E>>,
}

impl<K, T, E> State<K, T, E> {
    pub(super) fn new(name: &'static str) -> Self {
        State {
            name,
            max: usize::MAX,
            known: HashMap::new(),
            open: None,
            rounds: HashMap::new(),
            next: 0,
        }
    }

    /// Of a call that is there, and keeps it there.
    fn round(&mut self, ticket: Ticket) -> &mut Round<K, T, E> {
        match self.rounds.get_mut(&ticket.round) {
            Some(round) => round,
            None => crate::call::finished(),
        }
    }

    /// A call can be cancelled as the last of its round.
    pub(super) fn is_last(&mut self, ticket: Ticket) -> bool {
        self.round(ticket).here == 1
    }

    /// What is woken runs, in the round of this name: who is to be told.
    pub(super) fn wake(&mut self, round: u64) -> Vec<Waker> {
        self.rounds.get_mut(&round).map_or_else(Vec::new, |round| {
            round.woken = true;
            round.wakers()
        })
    }
}

impl<K: Clone + Eq + Hash, T, E> State<K, T, E> {
    /// Hand in a key, which comes twice: one for the batch function, one to know it by.
    pub(super) fn enter(
        &mut self,
        key: (K, K),
        cx: &Context<'_>,
    ) -> (Ticket, (Option<K>, Option<K>)) {
        let (key, again) = key;
        if let Some(&(name, entry)) = self.known.get(&key) {
            if let Some(round) = self.rounds.get_mut(&name) {
                round.entries[entry].askers += 1;
                let call = round.call(cx);
                let ticket = Ticket {
                    round: name,
                    call,
                    entry,
                };
                return (ticket, (Some(key), Some(again)));
            }
        }
        let name = match self.open {
            Some(open) => open,
            None => {
                let name = self.next;
                self.next += 1;
                self.rounds.insert(name, Round::new());
                self.open = Some(name);
                name
            }
        };
        let round = self
            .rounds
            .get_mut(&name)
            .unwrap_or_else(|| crate::call::finished());
        let entry = round.entries.len();
        round.entries.push(Entry {
            key: Some(key),
            askers: 1,
            answers: (None, Vec::new()),
        });
        round.keys += 1;
        round.looks.added = true;
        let call = round.call(cx);
        if round.keys >= self.max {
            round.looks.full = true;
            self.open = None;
        }
        let displaced = self.known.insert(again, (name, entry));
        debug_assert!(displaced.is_none(), "a known key is known by its round");
        (
            Ticket {
                round: name,
                call,
                entry,
            },
            (None, None),
        )
    }

    /// A call was polled. The waker that it had comes out.
    pub(super) fn step(
        &mut self,
        ticket: Ticket,
        cx: &Context<'_>,
    ) -> (Next<K, T, E>, Option<Waker>, Option<Leavings<K, T, E>>) {
        let round = self.round(ticket);
        let old = match &mut round.calls[ticket.call] {
            Some(caller) => register(&mut caller.waker, cx),
            None => crate::call::finished(),
        };
        let next = match mem::replace(&mut round.stage, Stage::Polled) {
            Stage::Collects => {
                if round.look(ticket.call) {
                    self.send(ticket.round)
                } else {
                    round.stage = Stage::Collects;
                    Next::Look
                }
            }
            Stage::Waits(running) if round.woken => {
                round.woken = false;
                Next::Drive(running)
            }
            Stage::Answered => {
                round.stage = Stage::Answered;
                let (answer, leavings) = self.take(ticket);
                return (Next::Take(answer), old, Some(leavings));
            }
            Stage::Panicked(panicked) => {
                round.stage = Stage::Panicked(panicked.clone());
                Next::Panic(panicked)
            }
            stage @ (Stage::Polled | Stage::Waits(_)) => {
                round.stage = stage;
                Next::Wait
            }
        };
        (next, old, None)
    }

    /// Close a round: its keys, which are known no more.
    fn send(&mut self, name: u64) -> Next<K, T, E> {
        if self.open == Some(name) {
            self.open = None;
        }
        let Some(round) = self.rounds.get_mut(&name) else {
            crate::call::finished()
        };
        let mut keys = Vec::with_capacity(round.keys);
        let mut asked = Vec::with_capacity(round.keys);
        for (place, entry) in round.entries.iter_mut().enumerate() {
            let Some(key) = entry.key.take() else {
                continue;
            };
            asked.extend(self.known.remove_entry(&key).map(|(key, _)| key));
            keys.push(key);
            round.sent.push(place);
        }
        let of = self.name;
        Next::Send(keys, Asked { keys: asked, of })
    }

    /// What runs waits; if it has woken in the meantime, who is to be told of it. Others may
    /// have looked for it while it was away, and do not come again by themselves.
    pub(super) fn put_back(&mut self, ticket: Ticket, running: Running<T, E>) -> Vec<Waker> {
        let round = self.round(ticket);
        round.stage = Stage::Waits(running);
        if round.woken {
            round.wakers()
        } else {
            Vec::new()
        }
    }

    /// What ran is a panic.
    pub(super) fn panicked(&mut self, ticket: Ticket, panicked: Panicked) -> Vec<Waker> {
        let round = self.round(ticket);
        round.stage = Stage::Panicked(panicked);
        round.wakers()
    }

    /// How many ask for each of the keys that were sent.
    pub(super) fn askers(&mut self, ticket: Ticket) -> Vec<usize> {
        let round = self.round(ticket);
        let sent = round.sent.iter();
        sent.map(|&place| round.entries[place].askers).collect()
    }

    /// The answers are there, one for each who asks: that of the call that brought them, and
    /// who else is to be told. What nobody wants any more comes back.
    pub(super) fn answered(
        &mut self,
        ticket: Ticket,
        answers: &mut [Answered<T, E>],
    ) -> (Answer<T, E>, Vec<Waker>, Leavings<K, T, E>) {
        let round = self.round(ticket);
        for (place, answers) in mem::take(&mut round.sent).into_iter().zip(answers) {
            let entry = &mut round.entries[place];
            if entry.askers > 0 {
                mem::swap(&mut entry.answers, answers);
            }
        }
        round.stage = Stage::Answered;
        let wakers = round.wakers();
        let (answer, leavings) = self.take(ticket);
        (answer, wakers, leavings)
    }

    fn take(&mut self, ticket: Ticket) -> (Answer<T, E>, Leavings<K, T, E>) {
        let (one, more) = &mut self.round(ticket).entries[ticket.entry].answers;
        let Some(answer) = more.pop().or_else(|| one.take()) else {
            crate::call::finished()
        };
        (answer, self.leave(ticket))
    }

    /// A call goes.
    pub(super) fn leave(&mut self, ticket: Ticket) -> Leavings<K, T, E> {
        let mut leavings = Leavings {
            _key: (None, None),
            _waker: None,
            _answers: (None, Vec::new()),
            _round: None,
        };
        let round = self.round(ticket);
        let Some(caller) = round.calls[ticket.call].take() else {
            crate::call::finished()
        };
        leavings._waker = caller.waker;
        round.here -= 1;
        if caller.pass != round.looks.pass {
            round.looks.behind -= 1;
        }
        let here = round.here;
        let entry = &mut round.entries[ticket.entry];
        entry.askers -= 1;
        if entry.askers == 0 {
            leavings._answers = mem::take(&mut entry.answers);
            if let Some(key) = entry.key.take() {
                round.keys -= 1;
                let known = self.known.remove_entry(&key).map(|(key, _)| key);
                leavings._key = (Some(key), known);
            }
        }
        if here == 0 {
            leavings._round = self.rounds.remove(&ticket.round);
            if self.open == Some(ticket.round) {
                self.open = None;
            }
        }
        leavings
    }

    /// What runs, for the last call, which cancels it.
    pub(super) fn take_running(&mut self, ticket: Ticket) -> Option<Running<T, E>> {
        let round = self.round(ticket);
        match mem::replace(&mut round.stage, Stage::Polled) {
            Stage::Waits(running) => Some(running),
            stage => {
                round.stage = stage;
                None
            }
        }
    }

    /// Whether the answers, or a panic, are there.
    pub(super) fn is_done(&mut self, ticket: Ticket) -> bool {
        matches!(
            self.round(ticket).stage,
            Stage::Answered | Stage::Panicked(_)
        )
    }

    /// As [`put_back`](State::put_back), of what was cancelled and has to be polled.
    pub(super) fn put_back_cancelled(&mut self, ticket: Ticket, running: Running<T, E>) {
        let round = self.round(ticket);
        round.stage = Stage::Waits(running);
        round.woken = true;
    }
}

impl<K, T, E> Round<K, T, E> {
    fn new() -> Self {
        Round {
            stage: Stage::Collects,
            entries: Vec::new(),
            keys: 0,
            sent: Vec::new(),
            calls: Vec::new(),
            here: 0,
            looks: Looks::default(),
            woken: false,
        }
    }

    /// One more call.
    fn call(&mut self, cx: &Context<'_>) -> usize {
        let place = self.calls.len();
        self.calls.push(Some(Caller {
            waker: Some(cx.waker().clone()),
            pass: self.looks.pass,
            again: 0,
        }));
        self.here += 1;
        place
    }

    /// A call looks whether keys were added: whether the round is to be closed.
    fn look(&mut self, call: usize) -> bool {
        let looks = &mut self.looks;
        let Some(caller) = &mut self.calls[call] else {
            crate::call::finished()
        };
        if looks.full {
            return true;
        }
        if caller.pass != looks.pass {
            caller.pass = looks.pass;
            caller.again = 0;
            looks.behind -= 1;
            return false;
        }
        caller.again += 1;
        if looks.behind > 0 && !looks.impatient {
            // A list has only two of its members polled in each turn of its task, when they
            // wake themselves; a call beside it is polled in each.
            if caller.again < (8 + self.here / 4 * 3).min(PATIENCE) {
                return false;
            }
            looks.impatient = true;
        }
        looks.quiet = if looks.added { 0 } else { looks.quiet + 1 };
        looks.added = false;
        if looks.quiet >= QUIET || looks.pass >= MOST_PASSES {
            return true;
        }
        looks.pass += 1;
        looks.behind = self.here - 1;
        caller.pass = looks.pass;
        caller.again = 0;
        false
    }

    /// Of all the calls, to be woken outside of the lock.
    fn wakers(&mut self) -> Vec<Waker> {
        let mut wakers: Vec<Waker> = Vec::new();
        for waker in self
            .calls
            .iter_mut()
            .flatten()
            .filter_map(|caller| caller.waker.take())
        {
            // Calls in one task, one beside the other, wake it once.
            if wakers.last().is_none_or(|last| !last.will_wake(&waker)) {
                wakers.push(waker);
            }
        }
        wakers
    }
}
