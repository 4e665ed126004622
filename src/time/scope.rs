//! The deadline of what runs on this thread now.

use core::cell::Cell;

use tokio::time::Instant;

std::thread_local! {
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// The nearest deadline of the chain that is polled now.
pub(crate) fn deadline() -> Option<Instant> {
    DEADLINE.get()
}

/// A deadline for as long as this lives; a panic ends it too.
pub(crate) struct Scope {
    before: Option<Instant>,
}

impl Scope {
    /// This deadline, whatever was there.
    pub(crate) fn of(deadline: Option<Instant>) -> Self {
        Scope {
            before: DEADLINE.replace(deadline),
        }
    }

    /// This deadline, or a nearer one that is there.
    pub(crate) fn within(deadline: Instant) -> Self {
        let nearest = DEADLINE.get().map_or(deadline, |there| there.min(deadline));
        Scope::of(Some(nearest))
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        DEADLINE.set(self.before);
    }
}
