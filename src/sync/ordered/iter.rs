//! Looking at all values in order.

use core::iter::Peekable;
use std::collections::{btree_map, btree_set};

use super::line::Line;
use super::slots::{NONE, Slots, Stands};
use super::{Key, Ordered};

/// Values with their keys and priorities, in order.
pub(crate) struct Iter<'o, P, V> {
    slots: &'o Slots<P, V>,
    lines: btree_map::Values<'o, P, Line>,
    /// What is left of the line that is being walked along.
    standing: u32,
    moved: Option<Peekable<btree_set::Iter<'o, (u64, u32)>>>,
    left: usize,
}

impl<'o, P, V> Iter<'o, P, V> {
    pub(super) fn new(of: &'o Ordered<P, V>) -> Self {
        Iter {
            slots: &of.slots,
            lines: of.lines.values(),
            standing: NONE,
            moved: None,
            left: of.len(),
        }
    }

    /// The next one of the line.
    fn of_line(&mut self) -> Option<u32> {
        let moved = self.moved.as_mut()?;
        if self.standing == NONE {
            return moved.next().map(|(_, slot)| *slot);
        }
        let standing = self.slots.at(self.standing);
        if let Some((_, slot)) = moved.next_if(|(number, _)| *number < standing.number) {
            return Some(*slot);
        }
        let after = match standing.stands {
            Stands::Between(_, after) => after,
            Stands::Beside => NONE,
        };
        Some(core::mem::replace(&mut self.standing, after))
    }
}

impl<'o, P, V> Iterator for Iter<'o, P, V> {
    type Item = (Key, &'o P, &'o V);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(slot) = self.of_line() {
                self.left = self.left.saturating_sub(1);
                let entry = self.slots.at(slot);
                let key = Key {
                    number: entry.number,
                    slot,
                };
                return Some((key, &entry.priority, &entry.value));
            }
            let line = self.lines.next()?;
            self.standing = line.first();
            self.moved = Some(line.moved.iter().peekable());
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<P, V> ExactSizeIterator for Iter<'_, P, V> {}
