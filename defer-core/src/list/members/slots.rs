//! Where the chains of members are: pinned, many in one allocation.
//!
//! Safe Rust has no way from a pinned slice to a pinned element; a `Box` for each is what
//! there is instead (`benches/README.md` has the figures).

use alloc::vec::Vec;
use core::pin::Pin;

/// Values that stay where they are once they were seen pinned.
///
/// No vector among them grows: a new one is made as large as all before it.
pub(super) struct Slots<T> {
    /// Most lists are of one piece.
    first: Vec<T>,
    /// More, each with the index of its first one.
    more: Vec<(usize, Vec<T>)>,
    len: usize,
}

const LEAST: usize = 4;

impl<T> Slots<T> {
    pub(super) const fn new() -> Self {
        Slots {
            first: Vec::new(),
            more: Vec::new(),
            len: 0,
        }
    }

    /// These.
    pub(super) fn of(first: Vec<T>) -> Self {
        let len = first.len();
        Slots {
            first,
            more: Vec::new(),
            len,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Add one, at the end.
    pub(super) fn push(&mut self, value: T) {
        let last = match self.more.last_mut() {
            Some((_, last)) => last,
            None => &mut self.first,
        };
        if last.len() < last.capacity() {
            last.push(value);
        } else {
            let mut new = Vec::with_capacity(self.len.max(LEAST));
            new.push(value);
            if self.len == 0 {
                self.first = new;
            } else {
                self.more.push((self.len, new));
            }
        }
        self.len += 1;
    }

    /// The one at this index.
    #[inline]
    pub(super) fn at(&mut self, index: usize) -> Pin<&mut T> {
        let slot = match self.first.get_mut(index) {
            Some(slot) => slot,
            None => {
                let at = self.more.partition_point(|&(start, _)| start <= index) - 1;
                let (start, slots) = &mut self.more[at];
                &mut slots[index - *start]
            }
        };
        // SAFETY: it is moved neither by `push`, which fills what a vector has room for, nor
        // by anything else here: it stays until the vector is dropped, which drops it where
        // it is. Nobody gets it by `&mut` that is not pinned.
        unsafe { Pin::new_unchecked(slot) }
    }

    /// All, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        let more = self.more.iter().flat_map(|(_, slots)| slots);
        self.first.iter().chain(more)
    }
}
