//! The promises of a `Memo` or a `SingleFlight`, by key.

use core::hash::Hash;
use core::mem;
use std::boxed::Box;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use defer_core::share::WeakShared;
use defer_core::{Deferred, Kind, OutOf};

use super::run::{Job, Promise, Run};

/// The function that runs for a key.
pub(super) type Function<K, O> = Arc<dyn Fn(K) -> Deferred<O> + Send + Sync>;

/// The outcome again, and whether it is a failure.
pub(super) type Judge<O> = fn(O) -> (O, bool);

/// As [`Judge`], where the kind of the function is known.
pub(super) fn judge<K: Kind, T>(outcome: OutOf<K, T>) -> (OutOf<K, T>, bool) {
    let outcome = K::outcome(outcome);
    let failed = outcome.is_err();
    (K::out(outcome), failed)
}

/// Where values go that are kept.
pub(super) enum Keeps<K, O> {
    Nowhere,
    InTheTable,
    /// Somewhere that forgets.
    #[cfg_attr(not(feature = "moka"), allow(dead_code, reason = "moka's caches"))]
    In(Box<dyn Store<K, O>>),
}

/// A store that forgets by itself. It may drop values whenever it is used: it is not used
/// under a lock.
pub(super) trait Store<K, O>: Send + Sync {
    fn get(&self, key: &K) -> Option<Promise<O>>;
    fn insert(&self, key: K, promise: Promise<O>);
    fn remove(&self, key: &K);
    fn clear(&self);
    fn len(&self) -> usize;
}

pub(super) struct Table<K, O> {
    promises: Mutex<Promises<K, O>>,
    keeps: Keeps<K, O>,
    judge: Judge<O>,
}

struct Promises<K, O> {
    /// Runs, with their numbers. They belong to those who wait for them.
    running: HashMap<K, (u64, WeakShared<Run<O>>)>,
    kept: HashMap<K, Promise<O>>,
    /// So many runs have begun, and ended.
    begun: u64,
    ended: u64,
}

impl<K, O> Table<K, O> {
    pub(super) fn new(keeps: Keeps<K, O>, judge: Judge<O>) -> Arc<Self> {
        Arc::new(Table {
            promises: Mutex::new(Promises {
                running: HashMap::new(),
                kept: HashMap::new(),
                begun: 0,
                ended: 0,
            }),
            keeps,
            judge,
        })
    }

    #[cfg(feature = "moka")]
    pub(super) fn judge(&self) -> Judge<O> {
        self.judge
    }

    /// A key whose `Hash` or `Eq` panics leaves the maps as they were.
    fn lock(&self) -> MutexGuard<'_, Promises<K, O>> {
        self.promises.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn store(&self) -> Option<&dyn Store<K, O>> {
        match &self.keeps {
            Keeps::In(store) => Some(&**store),
            Keeps::Nowhere | Keeps::InTheTable => None,
        }
    }
}

impl<K, O> Table<K, O>
where
    K: Clone + Eq + Hash + Send + 'static,
    O: Clone + Send + 'static,
{
    /// The promise of a key: one that is there, or one of a new run.
    pub(super) fn call(self: &Arc<Self>, key: K, function: &Function<K, O>) -> Promise<O> {
        let mut seen = None;
        loop {
            // Dropped after the lock is given back, also if a key panics: what it drops takes
            // the lock.
            let promise;
            let mut promises = self.lock();
            if let Some(promise) = promises.find(&key) {
                return promise;
            }
            // What ended since the store was asked may be in it now.
            let ended = promises.ended;
            if let Some(store) = self.store().filter(|_| seen != Some(ended)) {
                drop(promises);
                seen = Some(ended);
                match store.get(&key) {
                    Some(promise) => return promise,
                    None => continue,
                }
            }
            promises.begun += 1;
            let number = promises.begun;
            let call = Call {
                table: self.clone(),
                number,
                key: key.clone(),
                function: function.clone(),
            };
            promise = Deferred::from_chain(Run::new(Box::new(call))).shared();
            // What it replaces is a run that nobody waits for.
            let gone = promises.running.insert(key, (number, promise.downgrade()));
            drop(promises);
            drop(gone);
            return promise;
        }
    }

    /// The run has its value: it is kept, unless it was invalidated meanwhile.
    fn keep(&self, key: &K, number: u64) {
        let promise = {
            let promises = self.lock();
            let running = promises.running.get(key);
            running
                .filter(|(of, _)| *of == number)
                .and_then(|(_, promise)| promise.upgrade())
        };
        let (Some(promise), false) = (promise, matches!(self.keeps, Keeps::Nowhere)) else {
            self.forget(key, number);
            return;
        };
        if let Some(store) = self.store() {
            // Before it leaves the table, so that it is to be found at any time.
            store.insert(key.clone(), promise);
            if !self.forget(key, number) {
                store.remove(key);
            }
            return;
        }
        let mut promises = self.lock();
        let ours = promises.take(key, number);
        let old = ours.and_then(|(key, _)| promises.kept.insert(key, promise));
        drop(promises);
        drop(old);
    }

    /// The run leaves the table. Whether it was there.
    fn forget(&self, key: &K, number: u64) -> bool {
        let gone = self.lock().take(key, number);
        gone.is_some()
    }

    pub(super) fn invalidate(&self, key: &K) {
        let mut promises = self.lock();
        let running = promises.running.remove_entry(key);
        let kept = promises.kept.remove_entry(key);
        drop(promises);
        drop((running, kept));
        if let Some(store) = self.store() {
            store.remove(key);
        }
    }

    pub(super) fn clear(&self) {
        let mut promises = self.lock();
        let running = mem::take(&mut promises.running);
        let kept = mem::take(&mut promises.kept);
        drop(promises);
        drop((running, kept));
        if let Some(store) = self.store() {
            store.clear();
        }
    }

    pub(super) fn len(&self) -> usize {
        let stored = self.store().map_or(0, Store::len);
        let promises = self.lock();
        promises.running.len() + promises.kept.len() + stored
    }
}

impl<K: Eq + Hash, O: Clone> Promises<K, O> {
    fn find(&self, key: &K) -> Option<Promise<O>> {
        let running = self.running.get(key);
        running
            .and_then(|(_, promise)| promise.upgrade())
            .or_else(|| self.kept.get(key).cloned())
    }

    fn take(&mut self, key: &K, number: u64) -> Option<(K, WeakShared<Run<O>>)> {
        self.running.get(key).filter(|(of, _)| *of == number)?;
        self.ended += 1;
        let (key, (_, promise)) = self.running.remove_entry(key)?;
        Some((key, promise))
    }
}

/// One run, and its place in the table.
struct Call<K, O> {
    table: Arc<Table<K, O>>,
    number: u64,
    key: K,
    function: Function<K, O>,
}

impl<K, O> Job<O> for Call<K, O>
where
    K: Clone + Eq + Hash + Send + 'static,
    O: Clone + Send + 'static,
{
    fn begin(&mut self) -> Deferred<O> {
        (self.function)(self.key.clone())
    }
    fn ends(&mut self, outcome: O) -> O {
        let (outcome, failed) = (self.table.judge)(outcome);
        if failed {
            self.table.forget(&self.key, self.number);
        } else {
            self.table.keep(&self.key, self.number);
        }
        outcome
    }
    fn leaves(&mut self) {
        self.table.forget(&self.key, self.number);
    }
}
