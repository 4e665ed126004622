//! A semaphore: so many at a time.

use core::error::Error;
use core::fmt;
use core::marker::PhantomData;
use std::boxed::Box;
use std::sync::Arc;

use defer_core::__private::Sealed;
use defer_core::{Deferred, Plain, Returned};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::acquire::{Acquirable, Acquire, Later, Queue};
use super::run::{Alone, Run, RunOf};

/// A number of tokens; who has none waits, first come, first served.
///
/// A clone is the same semaphore. tokio's `Semaphore` is inside. What happens to a token when
/// its holder or a waiter goes is what happens to a [`DeferredLock`](super::DeferredLock): none is
/// lost. Each waiter costs one allocation, 160 bytes at most.
///
/// To do a bounded number of jobs at once from a list or an iterator,
/// [`parallel`](crate::task::parallel()) is simpler.
///
/// Twisted: `DeferredSemaphore`, which loses jobs when there are more than 124.
///
/// ```
/// use defer::prelude::*;
/// use defer::sync::DeferredSemaphore;
/// use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
///
/// static AT_ONCE: AtomicUsize = AtomicUsize::new(0);
///
/// #[callback]
/// async fn fetch(#[value] page: u32) -> u32 {
///     let others = AT_ONCE.fetch_add(1, SeqCst);
///     tokio::task::yield_now().await;
///     AT_ONCE.fetch_sub(1, SeqCst);
///     assert!(others < 2, "never more than two");
///     page
/// }
///
/// #[callback]
/// fn sum(pages: Vec<u32>) -> u32 { pages.into_iter().sum() }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let two = DeferredSemaphore::new(2).unwrap();
/// let pages: Vec<_> = (1..=10).map(|page| two.run(move || fetch(page))).collect();
/// assert_eq!(sum(pages).await, 55);
/// # }
/// ```
pub struct DeferredSemaphore {
    shared: Arc<Shared>,
}

struct Shared {
    semaphore: Arc<Semaphore>,
    limit: usize,
    queue: Queue,
}

impl DeferredSemaphore {
    /// A semaphore with so many tokens.
    ///
    /// # Errors
    ///
    /// [`InvalidTokens`], if there are none, as nobody would ever get one, or more than tokio's
    /// semaphore can count. Twisted: `ValueError`.
    ///
    /// ```
    /// use defer::sync::DeferredSemaphore;
    ///
    /// assert_eq!(DeferredSemaphore::new(3).unwrap().tokens(), 3);
    /// let why = DeferredSemaphore::new(0).unwrap_err();
    /// assert_eq!(why.to_string(), "a semaphore of 0 tokens would let nobody in");
    /// ```
    pub fn new(tokens: usize) -> Result<Self, InvalidTokens> {
        if !(1..=Semaphore::MAX_PERMITS).contains(&tokens) {
            return Err(InvalidTokens { tokens });
        }
        let shared = Arc::new(Shared {
            semaphore: Arc::new(Semaphore::new(tokens)),
            limit: tokens,
            queue: Queue::default(),
        });
        Ok(DeferredSemaphore { shared })
    }

    /// A deferred of a token. It cannot fail.
    ///
    /// It stands in the queue from its first poll on. Dropping or cancelling it leaves the
    /// queue. Twisted: `DeferredSemaphore.acquire`.
    ///
    /// ```
    /// use defer::sync::DeferredSemaphore;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let semaphore = DeferredSemaphore::new(2).unwrap();
    /// let token = semaphore.acquire().await;
    /// assert_eq!(semaphore.tokens(), 1);
    /// drop(token);
    /// assert_eq!(semaphore.tokens(), 2);
    /// # }
    /// ```
    pub fn acquire(&self) -> Deferred<Token, Acquire<Self>> {
        Deferred::from_chain(Acquire::new(self.clone()))
    }

    /// A token, if there is one.
    ///
    /// ```
    /// use defer::sync::DeferredSemaphore;
    ///
    /// let semaphore = DeferredSemaphore::new(1).unwrap();
    /// let token = semaphore.try_acquire();
    /// assert!(token.is_some());
    /// assert!(semaphore.try_acquire().is_none());
    /// ```
    #[must_use]
    pub fn try_acquire(&self) -> Option<Token> {
        let permit = self.shared.semaphore.clone().try_acquire_owned().ok()?;
        Some(Token { permit })
    }

    /// Acquire, call `work`, and release when what it gave has its outcome, whatever that is.
    ///
    /// `work` returns a [`Plain`] value, a `Result`, or a deferred, which is waited for with the
    /// token in hand.
    ///
    /// Cancelled while it waits, it leaves the queue, and `work` never runs. Cancelled
    /// afterwards, what `work` gave is cancelled: its errbacks run, and when they have cleaned up
    /// the next waiter goes on. Dropped, it drops what there is, then releases. A panic of `work`
    /// releases, too.
    ///
    /// Twisted: `DeferredSemaphore.run`.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::sync::DeferredSemaphore;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let semaphore = DeferredSemaphore::new(1).unwrap();
    /// let failed = semaphore.run(|| fail::<u8, _>("no such page"));
    /// assert_eq!(failed.await, Err("no such page"));
    /// assert_eq!(semaphore.tokens(), 1);
    /// # }
    /// ```
    pub fn run<C, R, M>(&self, work: C) -> RunOf<Self, Alone<C, M>, R, M>
    where
        C: FnOnce() -> R,
        R: Returned<M>,
    {
        let call = Alone(work, PhantomData);
        Deferred::from_chain(Run::new(self.clone(), call))
    }

    /// How many tokens are free. Twisted: `DeferredSemaphore.tokens`.
    ///
    /// ```
    /// use defer::sync::DeferredSemaphore;
    /// assert_eq!(DeferredSemaphore::new(3).unwrap().tokens(), 3);
    /// ```
    #[must_use]
    pub fn tokens(&self) -> usize {
        self.shared.semaphore.available_permits()
    }

    /// How many tokens there are in all. Twisted: `DeferredSemaphore.limit`.
    ///
    /// ```
    /// use defer::sync::DeferredSemaphore;
    ///
    /// let semaphore = DeferredSemaphore::new(3).unwrap();
    /// let _token = semaphore.try_acquire();
    /// assert_eq!(semaphore.limit(), 3);
    /// ```
    #[must_use]
    pub fn limit(&self) -> usize {
        self.shared.limit
    }

    /// How many wait, with those that were granted a token and have not run since. Twisted:
    /// the length of `DeferredSemaphore.waiting`.
    ///
    /// ```
    /// use defer::sync::DeferredSemaphore;
    /// assert_eq!(DeferredSemaphore::new(3).unwrap().waiting(), 0);
    /// ```
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.shared.queue.waiting()
    }
}

impl Sealed for DeferredSemaphore {}

impl Acquirable for DeferredSemaphore {
    type Guard = Token;
    fn now(&self) -> Option<Token> {
        self.try_acquire()
    }
    fn later(&self) -> Later<Token> {
        let semaphore = self.shared.semaphore.clone();
        Box::pin(async move {
            match semaphore.acquire_owned().await {
                Ok(permit) => Token { permit },
                // Nobody closes it.
                Err(_) => core::future::pending().await,
            }
        })
    }
    fn queue(&self) -> Queue {
        self.shared.queue.clone()
    }
    const NAME: &'static str = "semaphore";
}

impl Clone for DeferredSemaphore {
    fn clone(&self) -> Self {
        DeferredSemaphore {
            shared: self.shared.clone(),
        }
    }
}

impl fmt::Debug for DeferredSemaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeferredSemaphore")
            .field("tokens", &self.tokens())
            .field("limit", &self.limit())
            .field("waiting", &self.waiting())
            .finish()
    }
}

/// One of the tokens of a [`DeferredSemaphore`]; dropping it gives it back.
///
/// It is owned: it may go where it likes, into a task, a field, a list.
///
/// ```
/// use defer::sync::{DeferredSemaphore, Token};
///
/// let semaphore = DeferredSemaphore::new(1).unwrap();
/// let token: Token = semaphore.try_acquire().unwrap();
/// assert_eq!(semaphore.tokens(), 0);
/// # drop(token);
/// ```
#[must_use = "the token is given back when this is dropped"]
pub struct Token {
    #[allow(dead_code, reason = "it is held")]
    permit: OwnedSemaphorePermit,
}

impl Token {
    /// Give it back: the same as dropping it. Twisted: `DeferredSemaphore.release`.
    ///
    /// ```
    /// use defer::sync::DeferredSemaphore;
    ///
    /// let semaphore = DeferredSemaphore::new(1).unwrap();
    /// semaphore.try_acquire().unwrap().release();
    /// assert_eq!(semaphore.tokens(), 1);
    /// ```
    pub fn release(self) {}
}

// A closure of the fluent form may return it, or a deferred of it.
impl Plain for Token {}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").finish_non_exhaustive()
    }
}

/// The error of a [`DeferredSemaphore`] of no tokens, or of too many.
///
/// ```
/// use defer::sync::DeferredSemaphore;
/// assert_eq!(DeferredSemaphore::new(0).unwrap_err().tokens(), 0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InvalidTokens {
    tokens: usize,
}

impl InvalidTokens {
    /// How many were asked for.
    ///
    /// ```
    /// use defer::sync::DeferredSemaphore;
    /// assert_eq!(DeferredSemaphore::new(usize::MAX).unwrap_err().tokens(), usize::MAX);
    /// ```
    #[must_use]
    pub const fn tokens(&self) -> usize {
        self.tokens
    }
}

impl fmt::Display for InvalidTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tokens {
            0 => f.write_str("a semaphore of 0 tokens would let nobody in"),
            tokens => write!(
                f,
                "a semaphore cannot count {tokens} tokens: {} are the most",
                Semaphore::MAX_PERMITS
            ),
        }
    }
}

impl Error for InvalidTokens {}
