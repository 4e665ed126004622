//! Driving what a round asked for, by whichever of its calls is polled.

use alloc::sync::{Arc, Weak};
use alloc::task::Wake;
use alloc::vec::Vec;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use super::collect::{Collects, Key, Turn};
use super::rounds::{Answered, Next, Running, State, Ticket};
use super::{Answer, Asked, WrongAnswers};
use crate::chain::Unwind;
use crate::lock::Lock;
use crate::panics::caught;
use crate::{Deferred, Panicked};

/// Call the batch function: with the keys, and with what they are matched by.
type Ask<K, T, E> = dyn Fn(Vec<K>, Asked<K>) -> Deferred<Vec<Answer<T, E>>> + Send + Sync;

/// A batch: its rounds and its function.
pub(super) struct Rounds<K, T, E> {
    state: Lock<State<K, T, E>>,
    ask: std::boxed::Box<Ask<K, T, E>>,
    turn: Turn,
    wrong: fn(WrongAnswers) -> E,
    /// For the wakers of what runs: the state holds what runs, which holds its wakers.
    this: Weak<Self>,
}

/// Wakes the calls of a round.
struct WakesRound<K, T, E> {
    rounds: Weak<Rounds<K, T, E>>,
    round: u64,
}

impl<K, T, E> Wake for WakesRound<K, T, E> {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }
    fn wake_by_ref(self: &Arc<Self>) {
        if let Some(rounds) = self.rounds.upgrade() {
            let wakers = rounds.state.with(|state| state.wake(self.round));
            wake_all(wakers);
        }
    }
}

/// Outside of the lock.
fn wake_all(wakers: Vec<Waker>) {
    for waker in wakers {
        waker.wake();
    }
}

/// An answer for each who asks.
fn copies<T: Clone, E: Clone>(answers: Vec<Answer<T, E>>, askers: &[usize]) -> Vec<Answered<T, E>> {
    let copy = |(answer, askers): (Answer<T, E>, &usize)| {
        let more = (1..*askers).map(|_| answer.clone()).collect();
        (Some(answer), more)
    };
    answers.into_iter().zip(askers).map(copy).collect()
}

impl<K: Key, T: Clone + Send + 'static, E: Clone + Send + 'static> Rounds<K, T, E> {
    pub(super) fn new(
        name: &'static str,
        turn: Turn,
        wrong: fn(WrongAnswers) -> E,
        ask: impl Fn(Vec<K>, Asked<K>) -> Deferred<Vec<Answer<T, E>>> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new_cyclic(|this| Rounds {
            state: Lock::new(State::new(name)),
            ask: std::boxed::Box::new(ask),
            turn,
            wrong,
            this: this.clone(),
        })
    }

    fn outcome(&self, answer: Answer<T, E>) -> Result<T, E> {
        match answer {
            Answer::Is(outcome) => outcome,
            Answer::Wrong(wrong) => Err((self.wrong)(wrong)),
        }
    }

    /// Call the batch function.
    fn send(&self, ticket: Ticket, keys: Vec<K>, asked: Asked<K>) -> Poll<Option<Result<T, E>>> {
        let waker = Waker::from(Arc::new(WakesRound {
            rounds: self.this.clone(),
            round: ticket.round,
        }));
        match caught(|| (self.ask)(keys, asked)) {
            Ok(run) => self.drive(
                ticket,
                Running {
                    run,
                    waker,
                    settles: false,
                },
            ),
            Err(panicked) => self.panic(ticket, panicked),
        }
    }

    /// Poll what runs, for all.
    fn drive(&self, ticket: Ticket, mut running: Running<T, E>) -> Poll<Option<Result<T, E>>> {
        let polled = caught(|| {
            let run = Pin::new(&mut running.run);
            let mut cx = Context::from_waker(&running.waker);
            if running.settles {
                crate::Chain::poll_settle(run, &mut cx)
            } else {
                run.poll(&mut cx).map(Some)
            }
        });
        match polled {
            Ok(Poll::Pending) => {
                wake_all(self.state.with(|state| state.put_back(ticket, running)));
                Poll::Pending
            }
            Ok(Poll::Ready(Some(answers))) => {
                drop(running);
                Poll::Ready(Some(self.answered(ticket, answers)))
            }
            Ok(Poll::Ready(None)) => {
                drop(running);
                self.leave(&ticket);
                Poll::Ready(None)
            }
            Err(panicked) => {
                // A second panic, of what is dropped, tells nothing more.
                let _ = caught(|| drop(running));
                self.panic(ticket, panicked)
            }
        }
    }

    fn answered(&self, ticket: Ticket, answers: Vec<Answer<T, E>>) -> Result<T, E> {
        // Nobody new asks for what was sent, and who goes leaves a copy too many.
        let askers = self.state.with(|state| state.askers(ticket));
        let copied = caught(|| copies(answers, &askers));
        let mut answers = match copied {
            Ok(answers) => answers,
            Err(panicked) => self.panic(ticket, panicked),
        };
        let (answer, wakers, _leavings) = self
            .state
            .with(|state| state.answered(ticket, &mut answers));
        wake_all(wakers);
        self.outcome(answer)
    }

    fn panic<R>(&self, ticket: Ticket, panicked: Panicked) -> R {
        let told = panicked.clone();
        wake_all(self.state.with(|state| state.panicked(ticket, told)));
        panicked.resume()
    }
}

impl<K: Key, T: Clone + Send + 'static, E: Clone + Send + 'static> Collects<K, T, E>
    for Rounds<K, T, E>
{
    fn enter(&self, key: K, cx: &mut Context<'_>) -> Ticket {
        let key = (key.clone(), key);
        let (ticket, _known) = self.state.with(|state| state.enter(key, cx));
        (self.turn)(cx);
        ticket
    }

    fn poll(&self, ticket: Ticket, cx: &mut Context<'_>) -> Poll<Option<Result<T, E>>> {
        let (next, _old, _leavings) = self.state.with(|state| state.step(ticket, cx));
        match next {
            Next::Look => {
                (self.turn)(cx);
                Poll::Pending
            }
            Next::Wait => Poll::Pending,
            Next::Send(keys, asked) => self.send(ticket, keys, asked),
            Next::Drive(running) => self.drive(ticket, running),
            Next::Take(answer) => Poll::Ready(Some(self.outcome(answer))),
            Next::Panic(panicked) => panicked.resume(),
        }
    }

    fn cancel(&self, ticket: &Ticket) -> Unwind<Result<T, E>> {
        let ticket = *ticket;
        // One lock for all of it: of two calls that are cancelled at the same time, the
        // second one has to find itself the last.
        enum Found<T, E, L> {
            Done,
            Left(L),
            Last(Running<T, E>),
        }
        let found = self.state.with(|state| {
            if state.is_done(ticket) {
                return Found::Done;
            }
            if state.is_last(ticket) {
                if let Some(running) = state.take_running(ticket) {
                    return Found::Last(running);
                }
            }
            Found::Left(state.leave(ticket))
        });
        let mut running = match found {
            Found::Done => return Unwind::Idle,
            Found::Left(_leavings) => return Unwind::Out,
            Found::Last(running) => running,
        };
        let cancelled = caught(|| crate::Chain::cancel(Pin::new(&mut running.run)));
        match cancelled {
            Ok(Unwind::Idle) => {
                self.state
                    .with(|state| state.put_back_cancelled(ticket, running));
                Unwind::Idle
            }
            Ok(Unwind::Stays) => {
                running.settles = true;
                self.state
                    .with(|state| state.put_back_cancelled(ticket, running));
                Unwind::Stays
            }
            Ok(Unwind::Is(answers)) => {
                drop(running);
                Unwind::Is(self.answered(ticket, answers))
            }
            Ok(Unwind::Out) => {
                drop(running);
                self.leave(&ticket);
                Unwind::Out
            }
            Err(panicked) => {
                let _ = caught(|| drop(running));
                self.panic(ticket, panicked)
            }
        }
    }

    fn leave(&self, ticket: &Ticket) {
        let _leavings = self.state.with(|state| state.leave(*ticket));
    }

    fn name(&self) -> &'static str {
        self.state.with(|state| state.name)
    }

    fn set_name(&self, name: &'static str) {
        self.state.with(|state| state.name = name);
    }

    fn set_max(&self, max: usize) {
        assert!(max > 0, "a batch of at most 0 keys would never be sent");
        self.state.with(|state| state.max = max);
    }
}
