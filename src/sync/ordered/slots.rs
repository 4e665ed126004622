//! Where values are, whatever their order.

use core::mem;
use std::vec::Vec;

use super::Key;

/// No slot.
pub(super) const NONE: u32 = u32::MAX;

/// A value, and where it stands.
pub(super) struct Entry<P, V> {
    pub(super) number: u64,
    pub(super) priority: P,
    pub(super) value: V,
    pub(super) stands: Stands,
}

/// Where in its line a value stands.
#[derive(Clone, Copy)]
pub(super) enum Stands {
    /// Between these two; `NONE` at an end.
    Between(u32, u32),
    /// With those that were moved.
    Beside,
}

enum Slot<P, V> {
    Taken(Entry<P, V>),
    /// It knows the next one that is free.
    Free(u32),
}

/// Values in slots, which are used again.
pub(super) struct Slots<P, V> {
    slots: Vec<Slot<P, V>>,
    /// The first one that is free.
    free: u32,
    taken: usize,
}

impl<P, V> Slots<P, V> {
    pub(super) const fn new() -> Self {
        Slots {
            slots: Vec::new(),
            free: NONE,
            taken: 0,
        }
    }

    pub(super) fn taken(&self) -> usize {
        self.taken
    }

    pub(super) fn put(&mut self, entry: Entry<P, V>) -> u32 {
        let slot = self.free;
        if let Some(place) = self.slots.get_mut(slot as usize) {
            if let Slot::Free(next) = mem::replace(place, Slot::Taken(entry)) {
                self.free = next;
            }
            self.taken += 1;
            return slot;
        }
        let slot = u32::try_from(self.slots.len()).unwrap_or(NONE);
        assert!(
            slot != NONE,
            "4,294,967,295 values wait: there is no room for more"
        );
        self.slots.push(Slot::Taken(entry));
        self.taken += 1;
        slot
    }

    pub(super) fn take(&mut self, slot: u32) -> Entry<P, V> {
        let place = &mut self.slots[slot as usize];
        let Slot::Taken(entry) = mem::replace(place, Slot::Free(self.free)) else {
            gone()
        };
        self.free = slot;
        self.taken -= 1;
        if self.taken == 0 {
            // From the first one on again, so that neighbours in time are neighbours in memory.
            self.slots.clear();
            self.free = NONE;
        }
        entry
    }

    pub(super) fn at(&self, slot: u32) -> &Entry<P, V> {
        match &self.slots[slot as usize] {
            Slot::Taken(entry) => entry,
            Slot::Free(_) => gone(),
        }
    }

    pub(super) fn at_mut(&mut self, slot: u32) -> &mut Entry<P, V> {
        match &mut self.slots[slot as usize] {
            Slot::Taken(entry) => entry,
            Slot::Free(_) => gone(),
        }
    }

    /// What a key is for, if it is here still.
    pub(super) fn find(&self, key: Key) -> Option<&Entry<P, V>> {
        match self.slots.get(key.slot as usize) {
            Some(Slot::Taken(entry)) if entry.number == key.number => Some(entry),
            _ => None,
        }
    }

    pub(super) fn find_mut(&mut self, key: Key) -> Option<&mut Entry<P, V>> {
        match self.slots.get_mut(key.slot as usize) {
            Some(Slot::Taken(entry)) if entry.number == key.number => Some(entry),
            _ => None,
        }
    }
}

#[cold]
fn gone() -> ! {
    unreachable!("in a line stands only what is there")
}
