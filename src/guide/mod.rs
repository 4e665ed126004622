//! From the first annotated function to the first errback, and on.
//!
//! Read in order; each chapter needs the ones before it. Every program here runs.
//!
//! 1. [`first_calls`]: annotate a function, nest the calls, await the result.
//! 2. [`arguments`]: what a parameter accepts, what a call yields, lists.
//! 3. [`failures`]: how failures travel, errbacks, error types that differ.
//! 4. [`bodies`]: asynchronous bodies, inline callbacks, methods, recursion.
//! 5. [`by_hand`]: deferreds without an attribute: the fluent form, firing by hand.
//! 6. [`cancelling`]: from outside, and what an errback can do about it.
//! 7. `running`: starting, waiting, limits of time (with the feature `tokio`).
//! 8. [`compile_errors`]: what the compiler says, and what to write instead.

macro_rules! chapters {
    ($($(#[$meta:meta])+ $name:ident = $file:literal;)+) => {$(
        $(#[$meta])+
        ///
        #[doc = include_str!($file)]
        pub mod $name {}
    )+};
}

chapters! {
    /// 1. Annotate a function, nest the calls, await the result.
    first_calls = "first_calls.md";
    /// 2. What a parameter accepts, what a call yields, lists.
    arguments = "arguments.md";
    /// 3. How failures travel, errbacks, error types that differ.
    failures = "failures.md";
    /// 4. Asynchronous bodies, inline callbacks, methods, recursion.
    bodies = "bodies.md";
    /// 5. Deferreds without an attribute: the fluent form, firing by hand.
    by_hand = "by_hand.md";
    /// 6. Cancelling from outside, and what an errback can do about it.
    cancelling = "cancelling.md";
    /// 7. Starting, waiting, limits of time.
    #[cfg(feature = "tokio")]
    running = "running.md";
    /// 8. What the compiler says, and what to write instead.
    compile_errors = "compile_errors.md";
}
