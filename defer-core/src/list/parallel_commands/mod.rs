//! Several functions that may know the same thing, asked at once.

mod command;
mod error;
mod execute;

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use self::command::Command;
pub use self::error::{CommandFailure, ParallelCommandError, Reason};
pub use self::execute::Execute;
use crate::fluent::Returned;
use crate::kind::Lift;
use crate::{Deferred, Failure};

/// Functions that find out the same thing in different ways: all are asked at once, and the
/// first to have it wins.
///
/// Register them once, with [`register`](Self::register) or
/// [`register_named`](Self::register_named), and [`execute`](Self::execute) them as often as
/// wanted, also several times at once. They take one argument of type `A`, cloned for each
/// (a reference, then, or something shared), and return a `T`, or fail with what becomes an
/// `E`. A clone has the same functions, and others are registered with it alone.
///
/// The types are written out: `ParallelCommandExecutor::<Url, Page>::new()` for functions that
/// fail with a [`Failure`].
///
/// ```
/// use defer_core::list::ParallelCommandExecutor;
/// use defer_core::{Failure, defer};
/// # futures::executor::block_on(async {
/// let mut pages = ParallelCommandExecutor::<&str, String>::new();
/// pages
///     .register_named("cache", |name| Err::<String, _>(Failure::msg(format!("no {name}"))))
///     .register_named("network", |name| defer(async move { format!("the page {name}") }));
/// let answer = pages.execute("home").await.unwrap();
/// assert_eq!((answer.index, answer.name), (1, Some("network")));
/// assert_eq!(answer.value, "the page home");
/// # });
/// ```
///
/// Source: `txdpce.DeferredParallelCommandExecutor`.
pub struct ParallelCommandExecutor<'a, A, T, E = Failure> {
    commands: Arc<Vec<Command<'a, A, T, E>>>,
}

/// The first success of several functions.
///
/// ```
/// use defer_core::list::ParallelCommandExecutor;
/// # futures::executor::block_on(async {
/// let mut sizes = ParallelCommandExecutor::<&str, usize>::new();
/// sizes.register_named("length", |text: &str| text.len());
/// let answer = sizes.execute("page").await.unwrap();
/// assert_eq!((answer.index, answer.name, answer.value), (0, Some("length"), 4));
/// # });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CommandAnswer<T> {
    /// Whose it is: its place in the order of registering, counted from 0.
    pub index: usize,
    /// The name of that function, if it was registered with one.
    pub name: Option<&'static str>,
    /// What it found out.
    pub value: T,
}

impl<'a, A, T, E> ParallelCommandExecutor<'a, A, T, E> {
    /// Without any functions, yet.
    ///
    /// ```
    /// use defer_core::list::ParallelCommandExecutor;
    /// let pages = ParallelCommandExecutor::<u32, String>::new();
    /// assert!(pages.is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        ParallelCommandExecutor {
            commands: Arc::default(),
        }
    }

    /// Add a function to those that [`execute`](Self::execute) runs. Its index is the number
    /// of those that were registered before.
    ///
    /// It returns a deferred, a `Result`, or a [`Plain`](crate::Plain) value; its error is `E`
    /// or one that becomes an `E`. An annotated function can be registered as it is, if it
    /// takes the argument as it is. A plain future is wrapped: `defer(future)`.
    ///
    /// ```
    /// use defer_core::list::ParallelCommandExecutor;
    /// # futures::executor::block_on(async {
    /// let mut numbers = ParallelCommandExecutor::<&str, u32>::new();
    /// numbers.register(|text| text.parse::<u32>()).register(|text| text.len() as u32);
    /// assert_eq!(numbers.execute("7").await.unwrap().value, 7);
    /// assert_eq!(numbers.execute("seven").await.unwrap().value, 5);
    /// # });
    /// ```
    pub fn register<C, R, M>(&mut self, function: C) -> &mut Self
    where
        C: Fn(A) -> R + Send + Sync + 'a,
        R: Returned<M, Value = T>,
        R::Kind: Lift<E>,
        R::Chain: Send + 'a,
        T: 'a,
        E: 'static,
    {
        self.add(Command::new(None, function))
    }

    /// As [`register`](Self::register), with a name: in answers, in errors, in plans and in
    /// the trail of a [`Failure`].
    ///
    /// ```
    /// use defer_core::list::ParallelCommandExecutor;
    /// use defer_core::{Failure, fail};
    /// # futures::executor::block_on(async {
    /// let mut pages = ParallelCommandExecutor::<u32, String>::new();
    /// pages.register_named("cache", |_| fail::<String, _>(Failure::msg("no entry")));
    /// assert_eq!(pages.execute(7).plan().to_string(), "execute\n  cache\n");
    /// let error = pages.execute(7).await.unwrap_err();
    /// assert_eq!(error.to_string(), "the only command failed: cache: no entry");
    /// # });
    /// ```
    pub fn register_named<C, R, M>(&mut self, name: &'static str, function: C) -> &mut Self
    where
        C: Fn(A) -> R + Send + Sync + 'a,
        R: Returned<M, Value = T>,
        R::Kind: Lift<E>,
        R::Chain: Send + 'a,
        T: 'a,
        E: 'static,
    {
        self.add(Command::new(Some(name), function))
    }

    fn add(&mut self, command: Command<'a, A, T, E>) -> &mut Self {
        Arc::make_mut(&mut self.commands).push(command);
        self
    }

    /// How many functions there are.
    ///
    /// ```
    /// # use defer_core::list::ParallelCommandExecutor;
    /// let mut numbers = ParallelCommandExecutor::<u32, u32>::new();
    /// numbers.register(|n| n + 1);
    /// assert_eq!(numbers.len(), 1);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.commands.len()
    }

    /// Whether there is none: then `execute` fails.
    ///
    /// ```
    /// # use defer_core::list::ParallelCommandExecutor;
    /// assert!(ParallelCommandExecutor::<u32, u32>::new().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    /// Run all functions on this argument: the first success of them, and whose it is.
    ///
    /// The functions are called when the deferred is polled first, in order; what they return
    /// runs at once. When the first has succeeded the others are cancelled, and clean up,
    /// before its answer is yielded; those that have not begun, because one before them had
    /// its value at once, do not begin. It is [`first_success`](super::first_success()) that runs
    /// them. What is registered later is not among them.
    ///
    /// Cancelling it cancels all that are pending. If one of them succeeds all the same, it
    /// is the answer; if one of them has been left by the cancellation it is an error,
    /// [`Stopped`](ParallelCommandError::Stopped), where it is taken. Dropping it drops them.
    ///
    /// # Errors
    ///
    /// [`ParallelCommandError::AllFailed`] with every failure, in order; at once
    /// [`NoCommands`](ParallelCommandError::NoCommands) if there are no functions.
    ///
    /// # Panics
    ///
    /// As a function or what it returned does: a panic is no failure, and goes through the
    /// poll. See [`catch_panics`](Deferred::catch_panics).
    ///
    /// ```
    /// use defer_core::list::{ParallelCommandError, ParallelCommandExecutor};
    /// # futures::executor::block_on(async {
    /// let mut halves = ParallelCommandExecutor::<u32, u32, &str>::new();
    /// assert_eq!(halves.execute(8).await, Err(ParallelCommandError::NoCommands));
    /// halves.register(|n| if n % 2 == 0 { Ok(n / 2) } else { Err("odd") });
    /// let (even, odd) = (halves.execute(8), halves.execute(7));
    /// assert!(odd.await.is_err());
    /// assert_eq!(even.await.unwrap().value, 4);
    /// # });
    /// ```
    pub fn execute(
        &self,
        argument: A,
    ) -> Deferred<Result<CommandAnswer<T>, ParallelCommandError<E>>, Execute<'a, A, T, E>>
    where
        A: Clone,
    {
        Deferred::from_chain(Execute::new(self.commands.clone(), argument))
    }
}

impl<A, T, E> Default for ParallelCommandExecutor<'_, A, T, E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<A, T, E> Clone for ParallelCommandExecutor<'_, A, T, E> {
    fn clone(&self) -> Self {
        ParallelCommandExecutor {
            commands: self.commands.clone(),
        }
    }
}

impl<A, T, E> fmt::Debug for ParallelCommandExecutor<'_, A, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.commands.iter().map(|command| command.name);
        f.debug_struct("ParallelCommandExecutor")
            .field("commands", &names.collect::<Vec<_>>())
            .finish()
    }
}
