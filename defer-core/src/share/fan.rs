//! The waker of shared work: it wakes everybody who waits for the work.

use alloc::sync::Arc;
use alloc::task::Wake;
use core::task::{Context, Waker};

use super::here::{Here, here};
use super::waiting::{Called, Place, Waiting};
use crate::lock::Lock;

/// Who waits for the work, whether it was woken, and whose turn it is.
///
/// While nobody has the turn and the work was woken, nobody is on the list: all were woken,
/// and each of them polls the work if it finds it woken still. So none of them may be needed
/// for the others to go on: a clone can be dropped at any time.
pub(super) struct Fan {
    state: Lock<State>,
}

struct State {
    turn: Turn,
    /// Since the work was last polled.
    woken: bool,
    waiting: Waiting,
}

#[derive(Clone, Copy)]
enum Turn {
    Nobody,
    /// The work is polled, or drawn.
    Somebody(Here),
    /// It is not polled any more.
    Over,
}

/// What a clone that is polled has to do.
pub(super) enum Entry {
    /// Poll the work: it has the turn.
    Turn,
    /// Wait: it is on the list.
    Wait,
    /// Look what has become of the work.
    Over,
    /// It is polled inside of the work that it waits for.
    Inside,
}

impl Fan {
    /// Before the first poll the work counts as woken.
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Fan {
            state: Lock::new(State {
                turn: Turn::Nobody,
                woken: true,
                waiting: Waiting::default(),
            }),
        })
    }

    /// A clone is polled.
    #[inline]
    pub(super) fn enter(&self, place: &mut Option<Place>, cx: &Context<'_>) -> Entry {
        let (entry, _old) = self.state.with(|state| match state.turn {
            Turn::Over => (Entry::Over, None),
            Turn::Somebody(who) if who.is_me() => (Entry::Inside, None),
            Turn::Nobody if state.woken => {
                state.woken = false;
                state.turn = Turn::Somebody(here());
                (Entry::Turn, None)
            }
            Turn::Nobody | Turn::Somebody(_) => (Entry::Wait, state.waiting.register(place, cx)),
        });
        entry
    }

    /// Take the turn without a poll, if nobody has it.
    pub(super) fn enter_to_look(&self) -> bool {
        self.state.with(|state| {
            let free = matches!(state.turn, Turn::Nobody);
            if free {
                state.turn = Turn::Somebody(here());
            }
            free
        })
    }

    /// The turn ends, and whoever had it waits.
    #[inline]
    pub(super) fn wait(&self, place: &mut Option<Place>, cx: &Context<'_>) {
        let (called, _old) = self.state.with(|state| {
            state.turn = Turn::Nobody;
            if state.woken {
                (Some(state.waiting.call()), None)
            } else {
                (None, state.waiting.register(place, cx))
            }
        });
        if let Some(called) = called {
            // Also if one of the others panics.
            let _me = WokenAfter(cx.waker());
            self.wake_all(called);
        }
    }

    /// The turn ends without a poll.
    pub(super) fn looked(&self) {
        let called = self.state.with(|state| {
            state.turn = Turn::Nobody;
            state.woken.then(|| state.waiting.call())
        });
        if let Some(called) = called {
            self.wake_all(called);
        }
    }

    /// The work is not polled any more: all look what has become of it.
    #[inline]
    pub(super) fn over(&self) {
        let mut called = self.state.with(|state| {
            state.turn = Turn::Over;
            state.waiting.call()
        });
        called.wake();
    }

    /// The next poll polls the work. Nobody else waits.
    pub(super) fn rouse(&self) {
        self.state.with(|state| state.woken = true);
    }

    /// Do not wait any more.
    pub(super) fn leave(&self, place: Place) {
        drop(self.state.with(|state| state.waiting.leave(place)));
    }

    fn wake_all(&self, mut called: Called) {
        called.wake();
        if called.had_any() {
            self.state.with(|state| state.waiting.reuse(called));
        }
    }
}

struct WokenAfter<'w>(&'w Waker);

impl Drop for WokenAfter<'_> {
    fn drop(&mut self) {
        self.0.wake_by_ref();
    }
}

impl Wake for Fan {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }
    fn wake_by_ref(self: &Arc<Self>) {
        let called = self.state.with(|state| {
            if state.woken {
                return None;
            }
            match state.turn {
                Turn::Over => None,
                // Whoever has the turn passes it on when it ends, and not before: nobody
                // could do anything until then.
                Turn::Somebody(_) => {
                    state.woken = true;
                    None
                }
                Turn::Nobody => {
                    state.woken = true;
                    Some(state.waiting.call())
                }
            }
        });
        if let Some(called) = called {
            self.wake_all(called);
        }
    }
}
