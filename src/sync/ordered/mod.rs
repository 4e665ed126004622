//! Values in the order of their priorities: what priority queues keep what waits in.
//!
//! Values of one priority stand in a line, oldest first; coming and going costs the same however
//! long it is. What comes into a line later than its age says, because its priority was changed,
//! stands beside it in a tree, and the two are merged when values are taken.

mod iter;
mod line;
mod slots;
#[cfg(test)]
mod tests;

use core::mem;
use std::collections::{BTreeMap, btree_map};

pub(crate) use self::iter::Iter;
use self::line::Line;
use self::slots::{Entry, Slots, Stands};

/// Lower priorities first, and the oldest first among equals.
///
/// A value keeps its age when its priority changes, and when it is put back: it stands among
/// its new equals where it would have stood if it had always been one of them.
///
/// | what | costs, with `p` different priorities and `m` values that were moved |
/// | --- | --- |
/// | `insert`, `put_back`, `pop`, `first`, `remove`, `reprioritise` | O(log p + log m) |
/// | `len`, `get`, `get_mut`, `take` | O(1) |
/// | `iter` | O(1) for each value |
///
/// Of the owner's code only `Ord` and `Clone` of priorities are called. Where comparisons panic
/// or contradict each other, values may be lost to the order.
pub(crate) struct Ordered<P, V> {
    slots: Slots<P, V>,
    /// Those in which somebody stands.
    lines: BTreeMap<P, Line>,
    /// The age of the next value.
    next: u64,
}

/// Finds a value again. What has come later never has the same one.
///
/// Keys are ordered as their values came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    number: u64,
    slot: u32,
}

impl<P, V> Ordered<P, V> {
    /// Nothing.
    pub(crate) const fn new() -> Self {
        Ordered {
            slots: Slots::new(),
            lines: BTreeMap::new(),
            next: 0,
        }
    }

    /// How many values there are.
    pub(crate) fn len(&self) -> usize {
        self.slots.taken()
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All values, with their keys and priorities, in the order in which `pop` would give them.
    pub(crate) fn iter(&self) -> Iter<'_, P, V> {
        Iter::new(self)
    }

    /// A value and its priority, if it is here.
    pub(crate) fn get(&self, key: Key) -> Option<(&P, &V)> {
        let entry = self.slots.find(key)?;
        Some((&entry.priority, &entry.value))
    }

    /// A value, to be changed in its place.
    pub(crate) fn get_mut(&mut self, key: Key) -> Option<&mut V> {
        self.slots.find_mut(key).map(|entry| &mut entry.value)
    }

    /// All values, and none stays. Keys that were given are of what goes.
    pub(crate) fn take(&mut self) -> Self {
        let next = self.next;
        let all = mem::replace(self, Ordered::new());
        self.next = next;
        all
    }
}

impl<P: Ord + Clone, V> Ordered<P, V> {
    /// A value comes, younger than all that came before.
    ///
    /// Panics if there are 4,294,967,295 values.
    pub(crate) fn insert(&mut self, priority: P, value: V) -> Key {
        let number = self.next;
        self.next += 1;
        self.keep(number, priority, value)
    }

    /// A value that was taken comes back, as old as it was. Its key is a new one.
    pub(crate) fn put_back(&mut self, was: Key, priority: P, value: V) -> Key {
        self.keep(was.number, priority, value)
    }

    fn keep(&mut self, number: u64, priority: P, value: V) -> Key {
        let line = self.lines.entry(priority.clone()).or_insert(Line::new());
        let slot = self.slots.put(Entry {
            number,
            priority,
            value,
            stands: Stands::Beside,
        });
        line.join(&mut self.slots, slot);
        Key { number, slot }
    }

    /// The value that `pop` would give.
    pub(crate) fn first(&self) -> Option<(Key, &P, &V)> {
        let (_, line) = self.lines.first_key_value()?;
        let slot = line.oldest(&self.slots)?;
        let entry = self.slots.at(slot);
        let key = Key {
            number: entry.number,
            slot,
        };
        Some((key, &entry.priority, &entry.value))
    }

    /// Take the oldest one of the lowest priority.
    pub(crate) fn pop(&mut self) -> Option<(Key, P, V)> {
        let mut lowest = self.lines.first_entry()?;
        let slot = lowest.get().oldest(&self.slots)?;
        lowest.get_mut().leave(&mut self.slots, slot);
        if lowest.get().is_empty() {
            lowest.remove();
        }
        let entry = self.slots.take(slot);
        let key = Key {
            number: entry.number,
            slot,
        };
        Some((key, entry.priority, entry.value))
    }

    /// Take this one, if it is here.
    pub(crate) fn remove(&mut self, key: Key) -> Option<(P, V)> {
        self.slots.find(key)?;
        self.leave(key.slot);
        let entry = self.slots.take(key.slot);
        Some((entry.priority, entry.value))
    }

    /// Change the priority of a value, if it is here. What comes back is the one it had.
    pub(crate) fn reprioritise(&mut self, key: Key, priority: P) -> Option<P> {
        let entry = self.slots.find(key)?;
        if entry.priority == priority {
            return Some(priority);
        }
        self.leave(key.slot);
        let entry = self.slots.at_mut(key.slot);
        let had = mem::replace(&mut entry.priority, priority.clone());
        let line = self.lines.entry(priority).or_insert(Line::new());
        line.join(&mut self.slots, key.slot);
        Some(had)
    }

    /// All values, in order.
    pub(crate) fn into_values(mut self) -> impl Iterator<Item = V> {
        core::iter::from_fn(move || self.pop().map(|(_, _, value)| value))
    }

    /// What is in this slot stands in its line no more.
    fn leave(&mut self, slot: u32) {
        let priority = self.slots.at(slot).priority.clone();
        let btree_map::Entry::Occupied(mut line) = self.lines.entry(priority) else {
            unreachable!("what is here stands in the line of its priority");
        };
        line.get_mut().leave(&mut self.slots, slot);
        if line.get().is_empty() {
            line.remove();
        }
    }
}
