//! As `deep`, where the thread has no place to count in: the stack is the limit.

use core::ptr::NonNull;
use core::task::{Context, Poll};

use super::head::Head;
use super::{Handle, Raw};
use crate::chain::Unwind;
use crate::plan::Draw;

/// Where a box is polled.
#[derive(Clone, Copy)]
pub(super) struct Place;

/// There is nothing to go back to.
pub(super) struct Within;

impl Place {
    pub(super) fn enter(self, _: NonNull<Head>) -> Within {
        Within
    }
}

pub(super) fn poll<O>(
    raw: &mut Raw<'_, O>,
    cx: &mut Context<'_>,
    settles: bool,
) -> Poll<Option<O>> {
    raw.turn(cx, settles, Place)
}

pub(super) fn not_held() {}

pub(super) fn cancel<O>(raw: &mut Raw<'_, O>) -> Unwind<O> {
    raw.cancel_here()
}

pub(super) fn clear<O>(raw: &mut Raw<'_, O>) {
    Handle::clear(raw);
}

pub(super) fn describe<O>(raw: &Raw<'_, O>, to: &mut dyn Draw) {
    raw.describe_inside(to);
}
