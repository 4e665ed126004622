//! From the first annotated function to the first errback, and on.
//!
//! Read in order; each chapter needs the ones before it. Every program here runs.
//!
//! 1. [`first_calls`]: annotate a function, nest the calls, await the result.
//! 2. [`arguments`]: what a parameter accepts, what a call yields, lists.
//! 3. [`failures`]: errbacks, error types that differ, `Failure` and its trail.
//! 4. [`bodies`]: asynchronous bodies, inline callbacks, methods, recursion.
//! 5. [`fluent`]: closures instead of annotated functions.
//! 6. [`by_hand`]: deferreds that you fire yourself.
//! 7. [`cancelling`]: from outside, and what an errback can do about it.
//! 8. `running`: starting, waiting, limits of time (with the feature `tokio`).
//! 9. [`compile_errors`]: what the compiler says, and what to write instead.
//!
//! More, each for itself (with the feature `tokio`):
//!
//! - `time`: later, and again and again.
//! - `cooperating`: long computations, a little at a time.

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
    /// 3. Failing: errbacks, error types that differ, `Failure` and its trail.
    failures = "failures.md";
    /// 4. Asynchronous bodies, inline callbacks, methods, recursion.
    bodies = "bodies.md";
    /// 5. Closures instead of annotated functions.
    fluent = "fluent.md";
    /// 6. Deferreds that you fire yourself.
    by_hand = "by_hand.md";
    /// 7. Cancelling from outside, and what an errback can do about it.
    cancelling = "cancelling.md";
    /// 8. Starting, waiting, limits of time.
    #[cfg(feature = "tokio")]
    running = "running.md";
    /// 9. What the compiler says, and what to write instead.
    compile_errors = "compile_errors.md";
    /// Later and again: calls that are made at a time, once or at every tick.
    #[cfg(feature = "tokio")]
    time = "time.md";
    /// A little at a time: long computations beside everything else.
    #[cfg(feature = "tokio")]
    cooperating = "cooperating.md";
}
