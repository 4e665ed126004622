//! Names that are never given twice.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;

/// So many names are reserved in the file at once. After a crash the next process begins behind
/// them: names that were given, and whose jobs were not put yet, do not come again.
const BLOCK: u64 = 1 << 20;

pub(super) struct Names {
    last: AtomicU64,
    /// Names from here on are not reserved.
    end: AtomicU64,
}

impl Names {
    pub(super) fn new() -> Self {
        Names {
            last: AtomicU64::new(0),
            end: AtomicU64::new(0),
        }
    }

    /// Go on with this one.
    pub(super) fn begin(&self, next: u64) {
        self.last.store(next.saturating_sub(1), SeqCst);
    }

    /// A new name, and whether it is time to reserve more.
    pub(super) fn give(&self) -> (u64, bool) {
        let name = self.last.fetch_add(1, SeqCst).wrapping_add(1);
        (name, self.end.load(SeqCst).wrapping_sub(name) == BLOCK / 2)
    }

    /// A job of this name is there, whoever gave it.
    pub(super) fn is_taken(&self, name: u64) {
        self.last.fetch_max(name, SeqCst);
    }

    pub(super) fn last(&self) -> u64 {
        self.last.load(SeqCst)
    }

    /// Up to which name to reserve now, if it is time.
    pub(super) fn to_reserve(&self) -> Option<u64> {
        let last = self.last();
        (last.saturating_add(BLOCK / 2) >= self.end.load(SeqCst))
            .then(|| last.saturating_add(1 + BLOCK))
    }

    /// That is in the file now.
    pub(super) fn reserved(&self, end: Option<u64>) {
        if let Some(end) = end {
            self.end.store(end, SeqCst);
        }
    }
}
