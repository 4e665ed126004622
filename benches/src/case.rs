//! A case: one expression, written one way.

use std::hint::black_box;

use crate::leaf::Out;

/// One expression, written one way.
pub struct Case {
    /// The expression.
    pub what: &'static str,
    /// The way it is written.
    pub way: &'static str,
    /// Make it, drive it and drop it. The first argument seeds the leaves, the second one
    /// tells whether they are pending once.
    pub run: fn(u64, bool) -> Out,
}

/// Every case of every expression.
pub fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    cases.extend(crate::expression::cases());
    cases.extend(crate::chain::cases());
    cases.extend(crate::tree::cases());
    cases.extend(crate::list::cases());
    cases.extend(crate::by_hand::cases());
    cases.extend(crate::failing::cases());
    cases.extend(crate::share::cases());
    cases
}

/// Nothing is known about what it calls and with what.
#[inline(never)]
#[unsafe(no_mangle)]
pub fn measured(run: fn(u64, bool) -> Out, pending: bool) {
    let _ = black_box(black_box(run)(black_box(7), pending));
}

/// What `measured` itself costs.
#[inline(never)]
pub fn nothing(seed: u64, _: bool) -> Out {
    Ok(seed)
}
