//! The values of one priority, oldest first.

use std::collections::BTreeSet;

use super::slots::{NONE, Slots, Stands};

/// Who stands in the line, each of whom knows his neighbours, and who stands beside it.
pub(super) struct Line {
    first: u32,
    last: u32,
    /// Those that are older than the last one was when they came.
    pub(super) moved: BTreeSet<(u64, u32)>,
}

impl Line {
    pub(super) const fn new() -> Self {
        Line {
            first: NONE,
            last: NONE,
            moved: BTreeSet::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first == NONE && self.moved.is_empty()
    }

    /// The first one that does not stand beside it, or `NONE`.
    pub(super) fn first(&self) -> u32 {
        self.first
    }

    /// The oldest.
    pub(super) fn oldest<P, V>(&self, slots: &Slots<P, V>) -> Option<u32> {
        let moved = self.moved.first();
        if self.first == NONE {
            return moved.map(|(_, slot)| *slot);
        }
        let number = slots.at(self.first).number;
        Some(match moved {
            Some((older, slot)) if *older < number => *slot,
            _ => self.first,
        })
    }

    /// What is in this slot comes.
    pub(super) fn join<P, V>(&mut self, slots: &mut Slots<P, V>, slot: u32) {
        let number = slots.at(slot).number;
        let last = self.last;
        if last == NONE {
            self.first = slot;
        } else {
            let entry = slots.at_mut(last);
            if entry.number >= number {
                self.moved.insert((number, slot));
                slots.at_mut(slot).stands = Stands::Beside;
                return;
            }
            if let Stands::Between(_, after) = &mut entry.stands {
                *after = slot;
            }
        }
        self.last = slot;
        slots.at_mut(slot).stands = Stands::Between(last, NONE);
    }

    /// What is in this slot goes.
    pub(super) fn leave<P, V>(&mut self, slots: &mut Slots<P, V>, slot: u32) {
        let entry = slots.at(slot);
        let Stands::Between(before, after) = entry.stands else {
            self.moved.remove(&(entry.number, slot));
            return;
        };
        if before == NONE {
            self.first = after;
        } else if let Stands::Between(_, next) = &mut slots.at_mut(before).stands {
            *next = after;
        }
        if after == NONE {
            self.last = before;
        } else if let Stands::Between(previous, _) = &mut slots.at_mut(after).stands {
            *previous = before;
        }
    }
}
