//! The node of a boxed chain: the chain and its waker in one allocation.
//!
//! A box gives what is inside a waker of its own, so that it is polled inside only when
//! that was woken. A waker may outlive the box, on any thread; the chain may borrow, and
//! may belong to one thread. So the chain is dropped with the box, and what is left is
//! freed by the last to go.
//!
//! # Why this is not safe Rust
//!
//! A safe waker is an `Arc` of something `'static`, which a chain that borrows is not:
//! chain and waker are two allocations, then. What safe code costs is in
//! `benches/README.md`; the bar is one allocation and 40 ns.
//!
//! # Who may touch what
//!
//! - [`Head`]: atomics, for every waker. The box holds one reference, each waker one.
//! - [`Own`] and [`Content`]: for whoever has the box exclusively. Boxes inside are reached
//!   through the box they are in, never kept from one poll to the next (see `deep`): a box
//!   that was forgotten, or whose borrows have ended, is out of reach.

mod head;
mod inside;
#[cfg(all(test, loom))]
mod loom;
mod sync;

#[cfg(feature = "std")]
mod deep;
#[cfg(not(feature = "std"))]
#[path = "shallow.rs"]
mod deep;

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::alloc::Layout;
use core::cell::Cell;
use core::fmt;
use core::pin::Pin;
use core::ptr::NonNull;
use core::task::{Context, Poll, Waker};

use self::deep::Place;
use self::head::Head;
pub(crate) use self::inside::Adoption;
use self::inside::{Content, Inside};
use crate::call::finished;
use crate::chain::{Chain, Unwind};
use crate::plan::Draw;

/// `Head` first: a pointer to the node is one to its head.
#[repr(C)]
struct Node<C: ?Sized> {
    head: Head,
    own: Own,
    content: C,
}

/// What a box knows about itself.
struct Own {
    /// It was polled: its waker may be anywhere.
    begun: Cell<bool>,
    /// It was polled to its end; the chain says so if it is polled again.
    done: Cell<bool>,
    /// It told its head whom to wake.
    registered: Cell<bool>,
    /// It was asked for a poll and left it to somebody with more stack: by `poll_settle`?
    held: Cell<Option<bool>>,
    stored: Cell<Stored>,
}

/// What a box was driven to before it is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stored {
    Nothing,
    /// An outcome; it stands where the chain was.
    Outcome,
    /// An answer to `cancel`.
    Idle,
    Stays,
    Out,
    /// There is no chain any more.
    Gone,
}

/// A box: the only owner of its chain. Empty after [`tail`](Raw::take).
pub(crate) struct Raw<'a, O> {
    node: Option<NonNull<Node<dyn Inside<Output = O> + 'a>>>,
}

/// A box whose chain is `Send`.
pub(crate) struct Movable<'a, O>(Raw<'a, O>);

// SAFETY: made of a chain that is `Send`, and becomes only what was inside such a chain
// (see `Raw::become_tail`). An outcome is inside only while a poll or a cancellation is on
// the stack (see `deep`), so that it need not be `Send`. The head is made for every thread.
unsafe impl<O> Send for Movable<'_, O> {}

impl<'a, O> Raw<'a, O> {
    pub(crate) fn new<F: Chain<Output = O> + 'a>(chain: F) -> Self {
        let node: Box<Node<Content<F>>> = Box::new(Node {
            head: Head::new(Layout::new::<Node<Content<F>>>()),
            own: Own {
                begun: Cell::new(false),
                done: Cell::new(false),
                registered: Cell::new(false),
                held: Cell::new(None),
                stored: Cell::new(Stored::Nothing),
            },
            content: Content::new(chain),
        });
        let node: Box<Node<dyn Inside<Output = O> + 'a>> = node;
        Raw {
            node: NonNull::new(Box::into_raw(node)),
        }
    }

    fn node(&self) -> NonNull<Node<dyn Inside<Output = O> + 'a>> {
        self.node.unwrap_or_else(|| finished())
    }

    fn head_ptr(&self) -> NonNull<Head> {
        self.node().cast()
    }

    fn head(&self) -> &Head {
        // SAFETY: the box has a reference: the node is alive, and `Head` is shared by all.
        unsafe { &(*self.node().as_ptr()).head }
    }

    fn own(&self) -> &Own {
        // SAFETY: as above; `Own` is used through boxes only, and shared.
        unsafe { &(*self.node().as_ptr()).own }
    }

    fn inside(&mut self) -> Pin<&mut (dyn Inside<Output = O> + 'a)> {
        // SAFETY: the box is the only one that reaches the content, which stays where it is
        // until the node is freed.
        unsafe { Pin::new_unchecked(&mut (*self.node().as_ptr()).content) }
    }

    fn inside_ref(&self) -> &(dyn Inside<Output = O> + 'a) {
        // SAFETY: as above, shared.
        unsafe { &(*self.node().as_ptr()).content }
    }

    /// `Ready(None)`: the cancellation has left the chain.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, settles: bool) -> Poll<Option<O>> {
        let own = self.own();
        match own.stored.get() {
            Stored::Outcome => return Poll::Ready(self.take_stored()),
            Stored::Gone => finished(),
            Stored::Nothing | Stored::Idle | Stored::Stays | Stored::Out => {}
        }
        let head = self.head();
        // Somebody else woke the parent; it may be another task now.
        if own.begun.get() && !own.done.get() && !head.is_woken() && self.waits(cx.waker()) {
            return Poll::Pending;
        }
        deep::poll(self, cx, settles)
    }

    /// Poll what is inside, with the waker of this node.
    fn turn(&mut self, cx: &mut Context<'_>, settles: bool, place: Place) -> Poll<Option<O>> {
        loop {
            let head = self.head_ptr();
            if self.own().begun.replace(true) {
                self.head().clear_woken();
            } else {
                self.head().clear_first();
            }
            {
                let _within = place.enter(head);
                // SAFETY: the node is alive as long as the box is borrowed here.
                let waker = unsafe { head::waker(head) };
                let panics = WokenOnPanic(&waker);
                let polled = self
                    .inside()
                    .poll(&mut Context::from_waker(&waker), settles);
                core::mem::forget(panics);
                if polled.is_ready() {
                    self.own().done.set(true);
                    return polled;
                }
            }
            let Some(tail) = self.inside().tail() else {
                break;
            };
            // SAFETY: the box was inside the chain, which may be used for all of `'a`, and
            // its lifetime was cut short on its way out of there.
            let tail = unsafe { core::mem::transmute::<Tail<'_, O>, Tail<'a, O>>(tail) };
            if !self.become_tail(tail) {
                break;
            }
        }
        if !self.waits(cx.waker()) {
            // Woken while it was polled. The flag stays, so that the next poll polls.
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }

    /// Whether the box may wait until it tells this waker.
    fn waits(&self, parent: &Waker) -> bool {
        self.own().registered.set(true);
        // SAFETY: this is the box.
        unsafe { self.head().register(parent) }
    }

    /// Be the box that the chain waits for last; whether it was never polled.
    ///
    /// A `Send` chain holds no box of another kind: its own box stays `Send`.
    fn become_tail(&mut self, tail: Tail<'a, O>) -> bool {
        let Tail { mut raw, adoption } = tail;
        let mine = self.inside().adoption().take();
        let inner = raw.inside().adoption();
        *inner = Adoption::merge(Adoption::merge(inner.take(), adoption), mine);
        let fresh = !raw.own().begun.get();
        drop(core::mem::replace(self, raw));
        fresh
    }

    /// Leave the box empty.
    pub(crate) fn take<'b>(&mut self) -> Option<Tail<'b, O>>
    where
        'a: 'b,
    {
        let own = self.own();
        if own.stored.get() != Stored::Nothing {
            return None;
        }
        if own.held.take().is_some() {
            deep::not_held();
        }
        let node = self.node.take();
        Some(Tail {
            raw: Raw {
                node: node.map(|node| node as NonNull<Node<dyn Inside<Output = O> + 'b>>),
            },
            adoption: None,
        })
    }

    pub(crate) fn cancel(&mut self) -> Unwind<O> {
        match self.own().stored.get() {
            Stored::Nothing => deep::cancel(self),
            _ => self.take_answer(),
        }
    }

    /// Cancel what is inside. What it did since counts as a wake: the box is polled next.
    fn cancel_here(&mut self) -> Unwind<O> {
        let unwind = self.inside().cancel();
        self.head().set_woken();
        unwind
    }

    fn take_stored(&mut self) -> Option<O> {
        self.own().stored.set(Stored::Gone);
        self.inside().take()
    }

    fn take_answer(&mut self) -> Unwind<O> {
        match self.own().stored.replace(Stored::Nothing) {
            Stored::Nothing | Stored::Idle => Unwind::Idle,
            Stored::Stays => Unwind::Stays,
            Stored::Out => Unwind::Out,
            Stored::Outcome => self.take_stored().map_or(Unwind::Out, Unwind::Is),
            Stored::Gone => {
                self.own().stored.set(Stored::Gone);
                Unwind::Idle
            }
        }
    }

    pub(crate) fn describe(&self, to: &mut dyn Draw) {
        deep::describe(self, to);
    }

    pub(crate) fn boxes(&mut self, to: &mut Boxes) {
        let Some(_) = self.node else { return };
        let own = self.own();
        let wanted = match to.which {
            Which::Held => own.held.take(),
            Which::All => (own.stored.get() == Stored::Nothing).then_some(false),
        };
        if let Some(settles) = wanted {
            to.found.push((erased(self), settles));
        }
    }
}

impl<O> Drop for Raw<'_, O> {
    fn drop(&mut self) {
        if self.node.is_none() {
            return;
        }
        // After the chain, even if dropping that panics.
        let _release = Release {
            head: self.head_ptr(),
            registered: self.own().registered.get(),
        };
        if self.own().stored.get() != Stored::Gone {
            deep::clear(self);
        }
    }
}

/// Lets a chain that has panicked say so when it is polled again.
struct WokenOnPanic<'w>(&'w Waker);

impl Drop for WokenOnPanic<'_> {
    #[cold]
    fn drop(&mut self) {
        self.0.wake_by_ref();
    }
}

/// Gives up the reference of a box.
struct Release {
    head: NonNull<Head>,
    registered: bool,
}

impl Drop for Release {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the box's own reference, given up here and nowhere else; its chain is gone.
        unsafe {
            if self.head.as_ref().is_alone() {
                return head::free(self.head);
            }
            // A waker that stays behind keeps nobody's task alive, nor the nodes above.
            if self.registered {
                self.head.as_ref().close();
            }
            head::release(self.head);
        }
    }
}

impl<'a, O> Movable<'a, O> {
    pub(crate) fn new<F: Chain<Output = O> + Send + 'a>(chain: F) -> Self {
        Movable(Raw::new(chain))
    }
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, settles: bool) -> Poll<Option<O>> {
        self.0.poll(cx, settles)
    }
    pub(crate) fn cancel(&mut self) -> Unwind<O> {
        self.0.cancel()
    }
    pub(crate) fn describe(&self, to: &mut dyn Draw) {
        self.0.describe(to);
    }
    pub(crate) fn take<'b>(&mut self) -> Option<Tail<'b, O>>
    where
        'a: 'b,
    {
        self.0.take()
    }
    pub(crate) fn boxes(&mut self, to: &mut Boxes) {
        self.0.boxes(to);
    }
}

/// What a chain waits for last and whose outcome is its own: a box that another can become.
pub struct Tail<'a, O> {
    raw: Raw<'a, O>,
    adoption: Option<Adoption<O>>,
}

impl<O> Tail<'_, O> {
    /// Through a call that would have taken a cancellation in.
    pub(crate) fn adopted(mut self, adoption: Adoption<O>) -> Self {
        self.adoption = Adoption::merge(self.adoption, Some(adoption));
        self
    }
}

impl<O> fmt::Debug for Tail<'_, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tail").finish_non_exhaustive()
    }
}

/// Collects the boxes that a chain waits for, as [`Chain::boxes`] finds them.
pub struct Boxes {
    found: Vec<(Erased, bool)>,
    which: Which,
}

enum Which {
    /// Those that have left their poll to somebody else.
    Held,
    /// All that have a chain.
    All,
}

impl fmt::Debug for Boxes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Boxes").finish_non_exhaustive()
    }
}

/// A box that a drawing has come to; see [`Draw::set_aside`].
pub struct Aside<'d> {
    handle: &'d dyn Handle,
}

impl fmt::Debug for Aside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aside").finish_non_exhaustive()
    }
}

/// A box of whatever outcome, without the lifetime of its chain. It may be used as long as
/// the box that it was found in is not touched.
type Erased = NonNull<dyn Handle>;

fn erased<O>(raw: &mut Raw<'_, O>) -> Erased {
    let handle: NonNull<dyn Handle + '_> = NonNull::from(raw);
    // SAFETY: the lifetime alone changes; see `Erased`.
    unsafe { core::mem::transmute::<NonNull<dyn Handle + '_>, Erased>(handle) }
}

/// What is done to boxes one by one where there are too many for the stack.
trait Handle {
    fn head_ptr(&self) -> NonNull<Head>;
    /// As [`Raw::turn`]; whether there is an outcome, which is stored.
    fn turn(&mut self, cx: &mut Context<'_>, settles: bool, place: Place) -> bool;
    /// As [`Raw::cancel_here`]; the answer is stored.
    fn cancel(&mut self);
    /// Drop the chain.
    fn clear(&mut self);
    fn boxes_inside(&mut self, to: &mut Boxes);
    fn describe_inside(&self, to: &mut dyn Draw);
}

impl<O> Handle for Raw<'_, O> {
    fn head_ptr(&self) -> NonNull<Head> {
        Raw::head_ptr(self)
    }
    fn turn(&mut self, cx: &mut Context<'_>, settles: bool, place: Place) -> bool {
        let Poll::Ready(outcome) = Raw::turn(self, cx, settles, place) else {
            return false;
        };
        self.inside().store(outcome);
        self.own().stored.set(Stored::Outcome);
        true
    }
    fn cancel(&mut self) {
        let stored = match self.cancel_here() {
            Unwind::Idle => Stored::Idle,
            Unwind::Stays => Stored::Stays,
            Unwind::Out => Stored::Out,
            Unwind::Is(outcome) => {
                self.inside().store(Some(outcome));
                Stored::Outcome
            }
        };
        self.own().stored.set(stored);
    }
    fn clear(&mut self) {
        self.own().stored.set(Stored::Gone);
        self.inside().clear();
    }
    fn boxes_inside(&mut self, to: &mut Boxes) {
        self.inside().boxes(to);
    }
    fn describe_inside(&self, to: &mut dyn Draw) {
        self.inside_ref().describe(to);
    }
}
