//! The run of all commands on one argument.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use super::CommandAnswer;
use super::command::{Call, Command};
use super::error::{CommandFailure, ParallelCommandError};
use crate::call::finished;
use crate::chain::{Chain, Unwind, sealed};
use crate::list::parts::Given;
use crate::list::{FirstSuccess, first_success};
use crate::plan::{Draw, Node, leaf, node};

/// The chain of [`execute`](super::ParallelCommandExecutor::execute).
#[must_use = "a chain does nothing until it is polled"]
pub struct Execute<'a, A, T, E> {
    commands: Arc<Vec<Command<'a, A, T, E>>>,
    stage: Stage<'a, A, T, E>,
}

#[allow(clippy::large_enum_variant, reason = "it runs nearly all of its life")]
enum Stage<'a, A, T, E> {
    Asked(A),
    Runs(FirstSuccess<Given<Call<'a, T, E>>, T, E>),
    Done,
}

impl<A, T, E> Unpin for Execute<'_, A, T, E> {}

/// What the first success, or all the failures, are to the commands.
type Outcome<T, E> = Result<CommandAnswer<T>, ParallelCommandError<E>>;

impl<'a, A, T, E> Execute<'a, A, T, E> {
    pub(super) fn new(commands: Arc<Vec<Command<'a, A, T, E>>>, argument: A) -> Self {
        Execute {
            commands,
            stage: Stage::Asked(argument),
        }
    }

    fn outcome(&self, outcome: Result<(usize, T), Vec<E>>) -> Outcome<T, E> {
        let name = |index: usize| self.commands[index].name;
        match outcome {
            Ok((index, value)) => Ok(CommandAnswer {
                index,
                name: name(index),
                value,
            }),
            Err(errors) => {
                let failures = errors.into_iter().enumerate();
                let failures = failures.map(|(index, error)| CommandFailure {
                    index,
                    name: name(index),
                    error,
                });
                Err(ParallelCommandError::AllFailed(failures.collect()))
            }
        }
    }
}

impl<A: Clone, T, E> Execute<'_, A, T, E> {
    /// Call the functions. None is called for nothing: this is the first poll.
    fn begin(&mut self) {
        let Stage::Asked(argument) = core::mem::replace(&mut self.stage, Stage::Done) else {
            finished()
        };
        let mut argument = Some(argument);
        let last = self.commands.len() - 1;
        let calls = self.commands.iter().enumerate().map(|(place, command)| {
            // The last one needs no clone.
            let given = if place == last {
                argument.take()
            } else {
                argument.clone()
            };
            command.call(given.unwrap_or_else(|| finished()))
        });
        self.stage = Stage::Runs(first_success(calls).into_chain());
    }
}

impl<A: Clone, T, E> Future for Execute<'_, A, T, E> {
    type Output = Outcome<T, E>;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Only a cancellation leaves it without an outcome.
        self.poll_settle(cx)
            .map(|out| out.unwrap_or_else(|| finished()))
    }
}

impl<A, T, E> sealed::Sealed for Execute<'_, A, T, E> {}

impl<A: Clone, T, E> Chain for Execute<'_, A, T, E> {
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
        let Stage::Runs(running) = &mut self.stage else {
            return Unwind::Idle;
        };
        let unwind = Pin::new(running).cancel();
        unwind.map(|out| self.outcome(out))
    }
    fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        if self.commands.is_empty() && matches!(self.stage, Stage::Asked(_)) {
            self.stage = Stage::Done;
            return Poll::Ready(Some(Err(ParallelCommandError::NoCommands)));
        }
        if !matches!(self.stage, Stage::Runs(_)) {
            self.begin();
        }
        let Stage::Runs(running) = &mut self.stage else {
            finished()
        };
        let out = ready!(Pin::new(running).poll_settle(cx));
        self.stage = Stage::Done;
        Poll::Ready(out.map(|out| self.outcome(out)))
    }
    fn describe(&self, to: &mut dyn Draw) {
        node(to, Node::Named("execute"), |to| match &self.stage {
            Stage::Asked(_) => {
                for command in self.commands.iter() {
                    leaf(to, command.name.unwrap_or("command"));
                }
            }
            Stage::Runs(running) => running.describe(to),
            Stage::Done => {}
        });
    }
}

impl<A, T, E> fmt::Debug for Execute<'_, A, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Execute").finish_non_exhaustive()
    }
}
