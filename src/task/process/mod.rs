//! Programs of the operating system.

mod failed;
mod running;

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::boxed::Box;
use std::process::Output;
use std::string::String;
use std::vec::Vec;

use defer_core::__private::{Sealed, finished, leaf_of};
use defer_core::{Chain, Deferred, Draw, Failure, Unwind};
use tokio::process::{Child, Command};

use self::failed::How;
pub use self::failed::ProcessFailed;
use self::running::{Running, poll_end};

/// Run a program, and wait for its output and its exit status, whatever that is.
///
/// `command` is a `Command` of tokio or of the standard library. Its standard output and
/// standard error are captured; its standard input is what the command says, the one of this
/// process if it says nothing. Nothing runs before the first poll.
///
/// # Errors
///
/// [`ProcessFailed`] if it cannot be started, or its output cannot be read.
///
/// # Panics
///
/// The first poll panics outside of a tokio runtime that has input and output enabled.
///
/// # Cancelling and dropping
///
/// Cancelled, the program is killed, and its end is waited for; then the cancellation goes
/// on. Dropped, it is killed, and the runtime looks after its end. What the program itself
/// has started is not killed.
///
/// Twisted: `getProcessOutputAndValue`.
///
/// ```
/// use defer::prelude::*;
/// use defer::task::defer_to_process;
/// use std::process::Command;
///
/// # #[cfg(unix)]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Failure> {
/// let mut command = Command::new("sh");
/// command.args(["-c", "echo out; echo err >&2; exit 3"]);
/// let ended = defer_to_process(command).await?;
/// assert_eq!(ended.status.code(), Some(3));
/// assert_eq!((&*ended.stdout, &*ended.stderr), (&b"out\n"[..], &b"err\n"[..]));
/// # Ok(())
/// # }
/// # #[cfg(not(unix))]
/// # fn main() {}
/// ```
pub fn defer_to_process(
    command: impl Into<Command>,
) -> Deferred<Result<Output, Failure>, Process<Output>> {
    Process::of(command.into(), |_, output| Ok(output))
}

/// Run a program, and wait for its standard output.
///
/// As [`defer_to_process`] otherwise.
///
/// # Errors
///
/// [`ProcessFailed`], with the end of what it wrote to its standard error, if it does not
/// end with success. What it writes there is no failure by itself, as it is for Twisted's
/// `getProcessOutput`.
///
/// ```
/// use defer::prelude::*;
/// use defer::task::{ProcessFailed, process_output};
/// use std::process::Command;
///
/// # #[cfg(unix)]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Failure> {
/// let mut command = Command::new("sh");
/// command.args(["-c", "echo hello"]);
/// assert_eq!(process_output(command).await?, b"hello\n");
///
/// let mut command = Command::new("sh");
/// command.args(["-c", "echo no bread >&2; exit 3"]);
/// let failure = process_output(command).await.unwrap_err();
/// let failed = failure.check::<ProcessFailed>().unwrap();
/// assert_eq!((failed.code(), failed.stderr()), (Some(3), "no bread"));
/// # Ok(())
/// # }
/// # #[cfg(not(unix))]
/// # fn main() {}
/// ```
pub fn process_output(
    command: impl Into<Command>,
) -> Deferred<Result<Vec<u8>, Failure>, Process<Vec<u8>>> {
    Process::of(command.into(), |program, output| {
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(ProcessFailed::ended(program, &output))
    })
}

/// Run a program, and wait for its exit code.
///
/// As [`defer_to_process`] otherwise; what it writes is read and forgotten.
///
/// # Errors
///
/// [`ProcessFailed`] if it ends without a code, as by a signal.
///
/// Twisted: `getProcessValue`.
///
/// ```
/// use defer::task::process_value;
/// use std::process::Command;
///
/// # #[cfg(unix)]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), defer::Failure> {
/// let mut command = Command::new("sh");
/// command.args(["-c", "exit 3"]);
/// assert_eq!(process_value(command).await?, 3);
/// # Ok(())
/// # }
/// # #[cfg(not(unix))]
/// # fn main() {}
/// ```
pub fn process_value(command: impl Into<Command>) -> Deferred<Result<i32, Failure>, Process<i32>> {
    Process::of(command.into(), |program, output| {
        let code = output.status.code();
        code.ok_or_else(|| ProcessFailed::ended(program, &output))
    })
}

/// The chain of a program, with what is made of its output.
#[must_use = "a chain does nothing until it is polled"]
pub struct Process<T> {
    program: String,
    state: State,
    settle: fn(String, Output) -> Result<T, ProcessFailed>,
}

enum State {
    Fresh(Box<Command>),
    Runs(Box<Running>),
    /// It was killed, and has not ended.
    Killed(Box<Child>),
    Done,
}

impl<T> Process<T> {
    fn of(
        command: Command,
        settle: fn(String, Output) -> Result<T, ProcessFailed>,
    ) -> Deferred<Result<T, Failure>, Process<T>> {
        let program = command.as_std().get_program();
        Deferred::from_chain(Process {
            program: program.to_string_lossy().into_owned(),
            state: State::Fresh(Box::new(command)),
            settle,
        })
    }

    fn failed(&self, how: How) -> Failure {
        let program = self.program.clone();
        ProcessFailed { program, how }.into()
    }
}

impl<T> Future for Process<T> {
    type Output = Result<T, Failure>;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Only a cancellation leaves it without an outcome.
        self.poll_settle(cx)
            .map(|out| out.unwrap_or_else(|| finished()))
    }
}

impl<T> Sealed for Process<T> {}

impl<T> Chain for Process<T> {
    fn cancel(mut self: Pin<&mut Self>) -> Unwind<Self::Output> {
        match core::mem::replace(&mut self.state, State::Done) {
            State::Runs(mut running) => {
                // It may have ended by itself; what it has started may hold its output open.
                let _ = running.child.start_kill();
                self.state = State::Killed(Box::new(running.child));
                Unwind::Stays
            }
            state @ State::Killed(_) => {
                self.state = state;
                Unwind::Stays
            }
            state => {
                self.state = state;
                Unwind::Idle
            }
        }
    }
    fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Output>> {
        if let State::Fresh(_) = self.state {
            if let State::Fresh(command) = core::mem::replace(&mut self.state, State::Done) {
                match Running::start(*command) {
                    Ok(running) => self.state = State::Runs(Box::new(running)),
                    Err(error) => {
                        return Poll::Ready(Some(Err(self.failed(How::NotStarted(error)))));
                    }
                }
            }
        }
        let ended = match &mut self.state {
            State::Runs(running) => ready!(running.poll(cx)),
            State::Killed(child) => {
                // If it cannot be waited for it is not to be had either.
                let _ = ready!(poll_end(child, cx));
                self.state = State::Done;
                return Poll::Ready(None);
            }
            State::Fresh(_) | State::Done => finished(),
        };
        self.state = State::Done;
        Poll::Ready(Some(match ended {
            Ok(output) => {
                let program = core::mem::take(&mut self.program);
                (self.settle)(program, output).map_err(Failure::from)
            }
            Err(error) => Err(self.failed(How::NotRead(error))),
        }))
    }
    fn describe(&self, to: &mut dyn Draw) {
        leaf_of::<Self::Output>(to, "process");
    }
}

impl<T> fmt::Debug for Process<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process")
            .field("program", &self.program)
            .finish_non_exhaustive()
    }
}
