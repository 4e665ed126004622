//! Boxes nested deeper than the stack is: from a depth on, they are taken one by one.
//!
//! Down to [`LIMIT`] a box polls, cancels, drops and draws what is inside as any chain
//! does. The box at the limit does it for all that are below it, from a list of its own:
//!
//! - **Polling**: a box that is polled below it *holds*: it says that it is pending. The
//!   driver then finds it through [`Chain::boxes`](crate::Chain::boxes), polls it, keeps the
//!   outcome in its node, and polls its parent again, which finds the outcome there. So
//!   every chain is polled in the order in which it would have been.
//! - **Cancelling, dropping**: innermost first, which is the order anyway.
//! - **Drawing**: a box is set aside and drawn when its turn has come.
//!
//! A box that is out of sight, inside somebody's own future, does not hold: the stack is
//! the limit there, as for every future. It is told by its waker, which is another's, or by
//! not being found.
//!
//! # Safety
//!
//! The list is what the stack would be: each box in it was found through the box below it,
//! which is borrowed, and is not touched while those above are used. Nothing found is kept
//! after the driver has returned.

use alloc::vec::Vec;
use core::cell::Cell;
use core::ptr::{NonNull, null};
use core::task::{Context, Poll};
use std::thread_local;

use super::head::{self, Head};
use super::{Aside, Boxes, Erased, Handle, Raw, Which, erased};
use crate::chain::Unwind;
use crate::plan::{Draw, Node};

/// How many boxes deep the stack is used. Few enough for small stacks; the 4,096 leaves
/// of a binary tree are twelve.
const LIMIT: usize = 16;

/// What is going on in this thread.
struct Now {
    /// How many boxes are polled, cancelled, dropped or drawn, one inside the other.
    depth: Cell<usize>,
    /// The innermost that is polled.
    current: Cell<*const Head>,
    /// Whether the boxes in it hold, and how many have.
    holds: Cell<bool>,
    held: Cell<usize>,
}

thread_local! {
    static NOW: Now = const {
        Now {
            depth: Cell::new(0),
            current: Cell::new(null()),
            holds: Cell::new(false),
            held: Cell::new(0),
        }
    };
}

/// Where a box is polled.
#[derive(Clone, Copy)]
pub(super) struct Place {
    depth: usize,
    holds: bool,
}

/// What was going on before; it goes on when this is dropped.
pub(super) struct Within {
    depth: usize,
    current: *const Head,
    holds: bool,
}

impl Place {
    /// One deeper than now.
    #[inline]
    fn below(depth: usize) -> Self {
        Place {
            depth: depth + 1,
            holds: false,
        }
    }

    #[inline]
    pub(super) fn enter(self, head: NonNull<Head>) -> Within {
        NOW.with(|now| Within {
            depth: now.depth.replace(self.depth),
            current: now.current.replace(head.as_ptr()),
            holds: now.holds.replace(self.holds),
        })
    }
}

impl Drop for Within {
    #[inline]
    fn drop(&mut self) {
        NOW.with(|now| {
            now.depth.set(self.depth);
            now.current.set(self.current);
            now.holds.set(self.holds);
        });
    }
}

#[inline]
fn depth() -> usize {
    NOW.with(|now| now.depth.get())
}

pub(super) fn poll<O>(
    raw: &mut Raw<'_, O>,
    cx: &mut Context<'_>,
    settles: bool,
) -> Poll<Option<O>> {
    let (depth, holds) = NOW.with(|now| {
        let holds = now.holds.get()
            && head::node_of(cx.waker()).is_some_and(|node| {
                // By its own parent, not by an executor of somebody's.
                core::ptr::eq(node.as_ptr(), now.current.get())
            });
        if holds {
            now.held.set(now.held.get() + 1);
        }
        (now.depth.get(), holds)
    });
    if holds {
        raw.own().held.set(Some(settles));
        return Poll::Pending;
    }
    if depth < LIMIT {
        return raw.turn(cx, settles, Place::below(depth));
    }
    if drive(erased(raw), cx, settles, depth + 1) {
        Poll::Ready(raw.take_stored())
    } else {
        Poll::Pending
    }
}

/// A box that held has gone where nobody looks for it.
pub(super) fn not_held() {
    NOW.with(|now| now.held.set(now.held.get().saturating_sub(1)));
}

/// A box on its way, and those that wait for it below.
struct Frame {
    handle: Erased,
    settles: bool,
    /// Whose place in the list.
    parent: Option<usize>,
    polled: bool,
    /// Something it waits for has its outcome: it is to be polled again.
    resumes: bool,
}

/// Poll a box, and all that hold in it; whether it has its outcome, which is stored.
fn drive(root: Erased, cx: &mut Context<'_>, settles: bool, depth: usize) -> bool {
    let _counted = Counted(NOW.with(|now| now.held.replace(0)));
    let panics = ClearedOnPanic(root);
    let ready = drive_all(root, cx, settles, depth);
    core::mem::forget(panics);
    ready
}

fn drive_all(root: Erased, cx: &mut Context<'_>, settles: bool, depth: usize) -> bool {
    let mut stack = alloc::vec![Frame {
        handle: root,
        settles,
        parent: None,
        polled: false,
        resumes: false,
    }];
    let mut found = Boxes {
        found: Vec::new(),
        which: Which::Held,
    };
    while let Some(frame) = stack.last_mut() {
        if frame.polled && !frame.resumes {
            stack.pop();
            continue;
        }
        frame.polled = true;
        frame.resumes = false;
        let (mut handle, settles, parent) = (frame.handle, frame.settles, frame.parent);
        // SAFETY: of a node that is in the list, below the one that is polled.
        let waker =
            parent.map(|parent| unsafe { head::waker(stack[parent].handle.as_ref().head_ptr()) });
        let mut cx = Context::from_waker(waker.as_deref().unwrap_or(cx.waker()));
        // SAFETY: the innermost of the list.
        let handle = unsafe { handle.as_mut() };
        NOW.with(|now| now.held.set(0));
        let mut place = Place { depth, holds: true };
        let mut ready = handle.turn(&mut cx, settles, place);
        if !ready {
            handle.boxes_inside(&mut found);
            if NOW.with(|now| now.held.get()) > found.found.len() {
                // Some hold out of sight. None does this time, those in sight included.
                found.found.clear();
                place.holds = false;
                ready = handle.turn(&mut cx, settles, place);
            }
        }
        if ready {
            stack.pop();
            match parent {
                Some(parent) => stack[parent].resumes = true,
                None => return true,
            }
            continue;
        }
        let parent = stack.len() - 1;
        // The first one on top.
        stack.extend(found.found.drain(..).rev().map(|(handle, settles)| Frame {
            handle,
            settles,
            parent: Some(parent),
            polled: false,
            resumes: false,
        }));
    }
    false
}

/// Counts on from where it was.
struct Counted(usize);

impl Drop for Counted {
    fn drop(&mut self) {
        NOW.with(|now| now.held.set(self.0));
    }
}

/// Drops the chain of the outermost box when a panic goes through a driver: what was stored
/// below it belongs to this thread.
struct ClearedOnPanic(Erased);

impl Drop for ClearedOnPanic {
    fn drop(&mut self) {
        // SAFETY: nothing of the list is used any more.
        unsafe { self.0.as_mut() }.clear();
    }
}

/// Do something to a box and to all that are in sight below it, the innermost first.
fn inside_out(root: Erased, act: impl Fn(&mut dyn Handle)) {
    let mut stack = alloc::vec![(root, false)];
    let mut found = Boxes {
        found: Vec::new(),
        which: Which::All,
    };
    while let Some((handle, seen)) = stack.last_mut() {
        // SAFETY: the innermost of the list.
        let handle = unsafe { handle.as_mut() };
        if core::mem::replace(seen, true) {
            stack.pop();
            act(handle);
            continue;
        }
        handle.boxes_inside(&mut found);
        stack.extend(
            found
                .found
                .drain(..)
                .rev()
                .map(|(handle, _)| (handle, false)),
        );
    }
}

pub(super) fn cancel<O>(raw: &mut Raw<'_, O>) -> Unwind<O> {
    let depth = depth();
    let _deeper = Deeper::than(depth);
    if depth < LIMIT {
        return raw.cancel_here();
    }
    let root = erased(raw);
    let panics = ClearedOnPanic(root);
    inside_out(root, |handle| handle.cancel());
    core::mem::forget(panics);
    raw.take_answer()
}

pub(super) fn clear<O>(raw: &mut Raw<'_, O>) {
    let depth = depth();
    let _deeper = Deeper::than(depth);
    if depth < LIMIT {
        Handle::clear(raw);
    } else {
        inside_out(erased(raw), |handle| handle.clear());
    }
}

/// The depth alone: nothing is polled.
struct Deeper(usize);

impl Deeper {
    #[inline]
    fn than(depth: usize) -> Self {
        NOW.with(|now| now.depth.set(depth + 1));
        Deeper(depth)
    }
}

impl Drop for Deeper {
    #[inline]
    fn drop(&mut self) {
        NOW.with(|now| now.depth.set(self.0));
    }
}

/// What a box has told, the boxes in it left out.
#[derive(Default)]
struct Told<'d>(Vec<Line<'d>>);

enum Line<'d> {
    Open(Node),
    Close,
    Box(&'d dyn Handle),
}

impl Draw for Told<'_> {
    fn open(&mut self, node: Node) {
        self.0.push(Line::Open(node));
    }
    fn close(&mut self) {
        self.0.push(Line::Close);
    }
    fn set_aside(&mut self, aside: Aside<'_>) -> bool {
        // SAFETY: it is in the box that is drawn, which is borrowed until all is drawn.
        let handle = unsafe { core::mem::transmute::<&dyn Handle, &dyn Handle>(aside.handle) };
        self.0.push(Line::Box(handle));
        true
    }
}

pub(super) fn describe<O>(raw: &Raw<'_, O>, to: &mut dyn Draw) {
    if to.set_aside(Aside { handle: raw }) {
        return;
    }
    let depth = depth();
    let _deeper = Deeper::than(depth);
    if depth < LIMIT {
        return raw.describe_inside(to);
    }
    let told = |handle: &dyn Handle| {
        let mut told = Told::default();
        handle.describe_inside(&mut told);
        told.0.into_iter()
    };
    let mut stack = alloc::vec![told(raw)];
    while let Some(lines) = stack.last_mut() {
        match lines.next() {
            Some(Line::Open(node)) => to.open(node),
            Some(Line::Close) => to.close(),
            Some(Line::Box(handle)) => stack.push(told(handle)),
            None => drop(stack.pop()),
        }
    }
}
