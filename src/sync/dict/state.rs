//! What the handles and the lookups of a dictionary share.

use core::hash::Hash;
use core::mem;
use core::task::{Context, Waker};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use super::error::InsertError;
use crate::sync::ordered::{Key as Place, Ordered};

/// What all who wait for one key are told: the value, once it has been inserted.
pub(super) struct Answer<V>(Mutex<Option<V>>);

impl<V: Clone> Answer<V> {
    /// The dictionary is not locked while the value is cloned.
    pub(super) fn get(&self) -> Option<V> {
        let value = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        value.clone()
    }
}

/// A key that somebody waits for.
struct Missing<V> {
    answer: Arc<Answer<V>>,
    /// In the order in which they came.
    wakers: Ordered<(), Waker>,
}

pub(super) struct State<K, V> {
    pub(super) present: HashMap<K, V>,
    missing: HashMap<K, Missing<V>>,
    pub(super) closed: bool,
}

/// Where somebody waits, and for what he will be told.
pub(super) struct Waits<V> {
    pub(super) answer: Arc<Answer<V>>,
    place: Place,
}

/// What a lookup has come to.
pub(super) enum Looked<V> {
    Found(V),
    Closed,
    Waits(Waits<V>),
}

pub(super) struct Shared<K, V>(Mutex<State<K, V>>);

impl<K, V> Shared<K, V> {
    pub(super) fn new(present: HashMap<K, V>) -> Self {
        Shared(Mutex::new(State {
            present,
            missing: HashMap::new(),
            closed: false,
        }))
    }

    /// No waker is called in here, and no value dropped.
    pub(super) fn with<R>(&self, change: impl FnOnce(&mut State<K, V>) -> R) -> R {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<K, V> State<K, V> {
    pub(super) fn waiting(&self) -> usize {
        let missing = self.missing.values();
        missing.map(|missing| missing.wakers.len()).sum()
    }

    pub(super) fn wanted(&self) -> impl Iterator<Item = &K> {
        self.missing.keys()
    }

    /// Nobody waits any more. Who did is to be woken; keys are dropped outside of the lock.
    pub(super) fn close(&mut self) -> impl Iterator<Item = Ordered<(), Waker>> + use<K, V> {
        self.closed = true;
        let missing = mem::take(&mut self.missing);
        missing.into_values().map(|missing| missing.wakers)
    }
}

impl<K: Eq + Hash + Clone, V: Clone> State<K, V> {
    /// What was there, and those who waited, who are to be woken outside of the lock.
    pub(super) fn insert(
        &mut self,
        key: K,
        value: V,
    ) -> Result<(Option<V>, impl Sized + use<K, V>, Ordered<(), Waker>), InsertError<K, V>> {
        if self.closed {
            return Err(InsertError { key, value });
        }
        // It may panic: nothing has changed yet.
        let told = self.missing.contains_key(&key).then(|| value.clone());
        let mut wakers = Ordered::new();
        let missing = self.missing.remove_entry(&key).map(|(key, mut missing)| {
            let answer = missing.answer.0.lock();
            *answer.unwrap_or_else(PoisonError::into_inner) = told;
            wakers = missing.wakers.take();
            (key, missing.answer)
        });
        let old = self.present.insert(key, value);
        Ok((old, missing, wakers))
    }

    /// Look a key up, and wait for it if it is missing.
    pub(super) fn look_up(&mut self, key: &K, cx: &Context<'_>) -> Looked<V> {
        if let Some(value) = self.present.get(key) {
            return Looked::Found(value.clone());
        }
        if self.closed {
            return Looked::Closed;
        }
        let missing = match self.missing.entry(key.clone()) {
            Entry::Occupied(missing) => missing.into_mut(),
            Entry::Vacant(place) => place.insert(Missing {
                answer: Arc::new(Answer(Mutex::new(None))),
                wakers: Ordered::new(),
            }),
        };
        Looked::Waits(Waits {
            answer: missing.answer.clone(),
            place: missing.wakers.insert((), cx.waker().clone()),
        })
    }
}

impl<K: Eq + Hash, V> State<K, V> {
    /// Wait on, unless it is over. The old waker is to be dropped outside of the lock.
    pub(super) fn wait(
        &mut self,
        key: &K,
        waits: &Waits<V>,
        cx: &Context<'_>,
    ) -> Result<Option<Waker>, ()> {
        let missing = self.missing.get_mut(key).ok_or(())?;
        let of_this = Arc::ptr_eq(&missing.answer, &waits.answer);
        let waker = missing.wakers.get_mut(waits.place).filter(|_| of_this);
        let waker = waker.ok_or(())?;
        Ok((!waker.will_wake(cx.waker())).then(|| mem::replace(waker, cx.waker().clone())))
    }

    /// Whether it is not over.
    pub(super) fn waits(&self, key: &K, waits: &Waits<V>) -> bool {
        let missing = self.missing.get(key);
        missing.is_some_and(|missing| Arc::ptr_eq(&missing.answer, &waits.answer))
    }

    /// Wait no longer. Nothing of it stays; what comes back is to be dropped outside of the lock.
    pub(super) fn leave(&mut self, key: &K, waits: &Waits<V>) -> impl Sized + use<K, V> {
        let waiting = self.waits(key, waits);
        let missing = self.missing.get_mut(key).filter(|_| waiting)?;
        let waker = missing.wakers.remove(waits.place);
        let nobody = missing.wakers.is_empty();
        let key = if nobody {
            self.missing.remove_entry(key)
        } else {
            None
        };
        Some((waker, key))
    }
}
