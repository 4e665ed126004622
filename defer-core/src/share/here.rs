//! Which thread this is, to find out that shared work waits for itself.

/// A thread.
#[cfg(all(feature = "std", not(loom)))]
#[derive(Clone, Copy)]
pub(super) struct Here(usize);

/// This thread. An address of its own is cheaper to have than its id.
#[cfg(all(feature = "std", not(loom)))]
#[inline]
pub(super) fn here() -> Here {
    std::thread_local!(static HERE: u8 = const { 0 });
    Here(HERE.with(|here| core::ptr::from_ref(here).addr()))
}

#[cfg(all(feature = "std", not(loom)))]
impl Here {
    #[inline]
    pub(super) fn is_me(self) -> bool {
        self.0 == here().0
    }
}

/// A thread of loom's.
#[cfg(loom)]
#[derive(Clone, Copy)]
pub(super) struct Here(loom::thread::ThreadId);

#[cfg(loom)]
pub(super) fn here() -> Here {
    Here(loom::thread::current().id())
}

#[cfg(loom)]
impl Here {
    pub(super) fn is_me(self) -> bool {
        self.0 == here().0
    }
}

/// Without `std` there is nothing to tell threads apart by.
#[cfg(not(any(feature = "std", loom)))]
#[derive(Clone, Copy)]
pub(super) struct Here;

#[cfg(not(any(feature = "std", loom)))]
pub(super) fn here() -> Here {
    Here
}

#[cfg(not(any(feature = "std", loom)))]
impl Here {
    pub(super) fn is_me(self) -> bool {
        false
    }
}
