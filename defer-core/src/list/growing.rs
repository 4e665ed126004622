//! Members that are added while their list runs.

use alloc::collections::VecDeque;
#[cfg(not(loom))]
use alloc::sync::Arc;
use core::fmt;
use core::iter;
use core::marker::PhantomData;
use core::task::{Context, Poll, Waker};
#[cfg(loom)]
use loom::sync::Arc;

use super::assemble::IntoVec;
use super::many::Many;
use super::source::Source;
use crate::Deferred;
use crate::boxed::Boxed;
use crate::chain::Chain;
use crate::lock::{Lock, register, wake};
use crate::markers::ByGrowing;

struct State<F> {
    // Those that the list has not taken in yet.
    queue: VecDeque<F>,
    // The place of the next one.
    next: usize,
    // How many handles there are; none when it was closed.
    handles: usize,
    // The list takes no more.
    done: bool,
    waker: Option<Waker>,
}

/// Adds members to a list while it runs: made by [`growing`].
///
/// Clones add to the same list, from any thread. The list ends when all of them are dropped,
/// or one was [closed](Handle::close), and its members have come to something.
pub struct Handle<O, F = Boxed<'static, O>> {
    state: Arc<Lock<State<F>>>,
    output: PhantomData<fn() -> O>,
}

impl<O, F> Handle<O, F> {
    /// Add a member; its place comes back.
    ///
    /// It begins when the list is polled next, to which the task of the list is woken, and
    /// when there is room, if there is a limit.
    ///
    /// # Errors
    ///
    /// The deferred comes back if nobody wants it: the list has its outcome, was cancelled or
    /// dropped, or a handle was closed.
    ///
    /// ```
    /// use defer_core::list::growing;
    /// use defer_core::succeed;
    /// # futures::executor::block_on(async {
    /// let (handle, members) = growing::<u8, _>();
    /// assert_eq!(handle.push(succeed(1)).unwrap(), 0);
    /// drop(members);
    /// let back = handle.push(succeed(2)).unwrap_err();
    /// assert_eq!(back.await, 2);
    /// # });
    /// ```
    pub fn push(&self, member: Deferred<O, F>) -> Result<usize, Deferred<O, F>> {
        let chain = member.into_chain();
        let pushed = self.state.with(|state| {
            if state.done || state.handles == 0 {
                return Err(chain);
            }
            state.queue.push_back(chain);
            let place = state.next;
            state.next += 1;
            Ok((place, state.waker.take()))
        });
        match pushed {
            Ok((place, waiting)) => {
                wake(waiting);
                Ok(place)
            }
            Err(chain) => Err(Deferred::from_chain(chain)),
        }
    }

    /// No more members: the list ends when those that it has have come to something. Other
    /// handles are closed with it.
    ///
    /// ```
    /// use defer_core::list::{deferred_list, growing};
    /// use defer_core::succeed;
    /// # futures::executor::block_on(async {
    /// let (handle, members) = growing();
    /// handle.push(succeed(1)).unwrap();
    /// handle.clone().close();
    /// assert!(handle.push(succeed(2)).is_err());
    /// assert_eq!(deferred_list(members).await, [1]);
    /// # });
    /// ```
    pub fn close(self) {
        let waiting = self.state.with(|state| {
            state.handles = 0;
            state.waker.take()
        });
        wake(waiting);
    }

    /// Whether the list takes no more members.
    ///
    /// ```
    /// use defer_core::list::growing;
    /// let (handle, members) = growing::<u8, defer_core::Value<u8>>();
    /// assert!(!handle.is_done());
    /// drop(members);
    /// assert!(handle.is_done());
    /// ```
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.state.with(|state| state.done || state.handles == 0)
    }
}

impl<O, F> Clone for Handle<O, F> {
    fn clone(&self) -> Self {
        self.state.with(|state| {
            // One that was closed stays closed.
            if state.handles > 0 {
                state.handles += 1;
            }
        });
        Handle {
            state: self.state.clone(),
            output: self.output,
        }
    }
}

impl<O, F> Drop for Handle<O, F> {
    fn drop(&mut self) {
        let waiting = self.state.with(|state| {
            state.handles = state.handles.saturating_sub(1);
            if state.handles == 0 {
                state.waker.take()
            } else {
                None
            }
        });
        wake(waiting);
    }
}

impl<O, F> fmt::Debug for Handle<O, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("done", &self.is_done())
            .finish_non_exhaustive()
    }
}

/// The members that are added through a [`Handle`]: made by [`growing`].
///
/// All functions of [`list`](super) take it. Dropping it, or the list that has taken it, drops
/// the members, and the handle gives back what comes later.
#[must_use = "members that are added run in the list that takes this"]
pub struct Growing<O, F = Boxed<'static, O>> {
    state: Arc<Lock<State<F>>>,
    output: PhantomData<fn() -> O>,
}

impl<O, F: Chain<Output = O>> Source for Growing<O, F> {
    type Member = F;
    fn poll_member(&mut self, cx: &mut Context<'_>) -> Poll<Option<F>> {
        let (polled, _old) = self.state.with(|state| match state.queue.pop_front() {
            Some(member) => (Poll::Ready(Some(member)), None),
            None if state.handles == 0 => (Poll::Ready(None), None),
            None => (Poll::Pending, register(&mut state.waker, cx)),
        });
        polled
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.state.with(|state| {
            let queued = state.queue.len();
            (queued, (state.handles == 0).then_some(queued))
        })
    }
    fn leaves_out(&self) -> bool {
        // What might still be added is not there.
        self.state.with(|state| !state.queue.is_empty())
    }
}

impl<O, F> Drop for Growing<O, F> {
    fn drop(&mut self) {
        // What it drops may have a handle of its own.
        let _dropped = self.state.with(|state| {
            state.done = true;
            (core::mem::take(&mut state.queue), state.waker.take())
        });
    }
}

impl<O, F> fmt::Debug for Growing<O, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Growing").finish_non_exhaustive()
    }
}

#[diagnostic::do_not_recommend]
impl<O, F: Chain<Output = O>> Many<ByGrowing<()>> for Growing<O, F> {
    type Output = O;
    type Chain = F;
    type Now = iter::Empty<F>;
    type Later = Self;
    type Into = IntoVec;
    fn into_parts(self) -> (Self::Now, Self, IntoVec) {
        (iter::empty(), self, IntoVec)
    }
}

/// A list whose members are added while it runs, and the handle that adds them.
///
/// Give the members to any function of [`list`](super): to [`deferred_list`](super::deferred_list())
/// or [`select_all`](super::select_all()), say, or through [`with`](super::with). Its members
/// have the places that [`push`](Handle::push) tells. It waits for more as long as a handle
/// is left that was not closed; a handle that is kept by whoever awaits the list keeps
/// it waiting.
///
/// Cancelling the list closes it, with what has been taken in until then as its members; if any
/// that was added had not been taken in, the cancellation goes on outward.
///
/// The type of the members comes from what is pushed; members of different types are boxed:
/// `growing::<Result<Page, Failure>, Boxed<_>>()`.
///
/// From Terry Jones' txdlo, where deferreds are appended at any time.
///
/// ```
/// use defer_core::list::{deferred_list, growing};
/// use defer_core::succeed;
/// # futures::executor::block_on(async {
/// let (handle, members) = growing::<u8, _>();
/// let list = deferred_list(members);
/// let fills = async move {
///     assert_eq!(handle.push(succeed(1)).unwrap(), 0);
///     // … whenever there is something more to do …
///     assert_eq!(handle.push(succeed(2)).unwrap(), 1);
///     // The handle is dropped here: the list is complete.
/// };
/// let (list, ()) = futures::future::join(list, fills).await;
/// assert_eq!(list, [1, 2]);
/// # });
/// ```
pub fn growing<O, F: Chain<Output = O>>() -> (Handle<O, F>, Growing<O, F>) {
    let state = Arc::new(Lock::new(State {
        queue: VecDeque::new(),
        next: 0,
        handles: 1,
        done: false,
        waker: None,
    }));
    let handle = Handle {
        state: state.clone(),
        output: PhantomData,
    };
    let members = Growing {
        state,
        output: PhantomData,
    };
    (handle, members)
}
