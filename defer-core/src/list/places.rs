//! What members came to, by their places.

use alloc::vec::{self, Vec};

/// Values at places of which it is not known how many there will be.
pub(super) struct Places<T>(Vec<Option<T>>);

impl<T> Places<T> {
    pub(super) const fn new() -> Self {
        Places(Vec::new())
    }

    pub(super) fn put(&mut self, place: usize, value: T) {
        if self.0.len() <= place {
            self.0.resize_with(place + 1, || None);
        }
        self.0[place] = Some(value);
    }

    pub(super) fn clear(&mut self) {
        self.0 = Vec::new();
    }
}

impl<T> Default for Places<T> {
    fn default() -> Self {
        Places::new()
    }
}

impl<T> IntoIterator for Places<T> {
    type Item = Option<T>;
    type IntoIter = vec::IntoIter<Option<T>>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
