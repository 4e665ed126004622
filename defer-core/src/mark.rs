//! What a call carries for those who look on while it runs.

/// The number of a call, once somebody has looked at it; nothing at all without the feature
/// `trace`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(#[cfg(feature = "trace")] pub(crate) u32);

impl Mark {
    /// Nobody has looked at it.
    pub(crate) const NEW: Self = Mark(
        #[cfg(feature = "trace")]
        0,
    );
}
